//! Ctrl-C: the first one asks to stop, the second one stops.

use crate::{error::BenchError, terminal::say};
use std::sync::{
    Arc,
    atomic::{AtomicBool, Ordering},
};

/// Exit code of a run that was interrupted: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;

/// A flag that the first interrupt sets, once the `pieces` in work are done; the second one ends the process.
///
/// # Errors
/// [`BenchError::Interrupt`] when this process has a handler already.
pub fn cancel_on_interrupt(pieces: &'static str) -> Result<Arc<AtomicBool>, BenchError> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        say(format_args!(
            "\nstopping after the {pieces} in work; interrupt again to stop at once"
        ));
    })
    .map_err(|error| BenchError::Interrupt {
        reason: error.to_string(),
    })?;
    Ok(cancel)
}
