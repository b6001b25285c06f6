//! Ctrl-C: the first one asks to stop, the second one stops.

use crate::{error::BenchError, terminal::say};
use std::sync::{
    Arc, Mutex, OnceLock, PoisonError,
    atomic::{AtomicBool, Ordering},
};

/// Exit code of a run that was interrupted: 128 + SIGINT.
pub const INTERRUPTED: u8 = 130;

/// The one handler of this process: what it sets, and what is then in work.
struct Handler {
    cancel: Arc<AtomicBool>,
    pieces: Mutex<&'static str>,
}

static HANDLER: OnceLock<Handler> = OnceLock::new();

/// A flag that the first interrupt sets, once the `pieces` in work are done; the second one ends the process. A later call
/// begins anew with pieces of its own, and has the same flag.
///
/// # Errors
/// [`BenchError::Interrupt`] when this process has a handler of another kind already.
pub fn cancel_on_interrupt(pieces: &'static str) -> Result<Arc<AtomicBool>, BenchError> {
    let mut is_new = false;
    let handler = HANDLER.get_or_init(|| {
        is_new = true;
        Handler {
            cancel: Arc::new(AtomicBool::new(false)),
            pieces: Mutex::new(pieces),
        }
    });
    *handler
        .pieces
        .lock()
        .unwrap_or_else(PoisonError::into_inner) = pieces;
    handler.cancel.store(false, Ordering::Relaxed);
    if is_new {
        ctrlc::set_handler(move || {
            if handler.cancel.swap(true, Ordering::Relaxed) {
                std::process::exit(i32::from(INTERRUPTED));
            }
            let pieces = handler
                .pieces
                .lock()
                .unwrap_or_else(PoisonError::into_inner);
            say(format_args!(
                "\nstopping after the {pieces} in work; interrupt again to stop at once"
            ));
        })
        .map_err(|error| BenchError::Interrupt {
            reason: error.to_string(),
        })?;
    }
    Ok(Arc::clone(&handler.cancel))
}
