//! Ctrl-C: the first one asks to stop, the second one stops.

use anyhow::Result;
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Exit code of a run that was interrupted: 128 + SIGINT.
pub(crate) const INTERRUPTED: u8 = 130;

/// A flag that the first interrupt sets, once the `pieces` in work are done; the second one ends the process.
pub(crate) fn cancel_on_interrupt(pieces: &'static str) -> Result<Arc<AtomicBool>> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        eprintln!("\nstopping after the {pieces} in work; interrupt again to stop at once");
    })?;
    Ok(cancel)
}
