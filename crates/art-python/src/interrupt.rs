//! Work during which Ctrl-C is heard.

use pyo3::{exceptions::PyRuntimeError, prelude::*};
use std::{
    process,
    sync::{
        Arc, OnceLock,
        atomic::{AtomicBool, Ordering},
        mpsc::{RecvTimeoutError, channel},
    },
    thread,
    time::Duration,
};

/// How long a signal may wait.
const PAUSE: Duration = Duration::from_millis(50);
/// Work that is over by then needs no look at signals.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// What `work` returns, done in a thread of its own with the interpreter's lock released.
///
/// A signal whose handler raises ends the wait, not the work: that goes on unheard to its end.
pub(crate) fn heard<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    waited(py, None, work)
}

/// The same for work that looks whether it is to be given up: a signal whose handler raises sets that, and is raised once the work
/// has come to its end.
pub(crate) fn heard_or_cancelled<T: Send + 'static>(
    py: Python<'_>,
    work: impl FnOnce(&AtomicBool) -> T + Send + 'static,
) -> PyResult<T> {
    let cancel = Arc::new(AtomicBool::new(false));
    let seen = Arc::clone(&cancel);
    waited(py, Some(&cancel), move || work(&seen))
}

fn waited<T: Send + 'static>(
    py: Python<'_>,
    cancel: Option<&AtomicBool>,
    work: impl FnOnce() -> T + Send + 'static,
) -> PyResult<T> {
    let (sender, receiver) = channel();
    let thread = thread::Builder::new()
        .name("imbalanced-art".to_owned())
        .spawn(move || {
            // Nobody listens after a signal.
            let _ = sender.send(with_threads(work));
        })?;
    // A receiver belongs to one thread at a time, and is handed to the closure and back.
    let mut receiver = receiver;
    let mut pause = FIRST_PAUSE;
    loop {
        let (found, returned) = py.detach(move || (receiver.recv_timeout(pause), receiver));
        receiver = returned;
        match found {
            Ok(result) => return Ok(result),
            Err(RecvTimeoutError::Timeout) => {
                if let Err(raised) = py.check_signals() {
                    if let Some(cancel) = cancel {
                        cancel.store(true, Ordering::Relaxed);
                        // What it comes to is of no use.
                        let _ = py.detach(move || thread.join());
                    }
                    return Err(raised);
                }
            }
            Err(RecvTimeoutError::Disconnected) => {
                return Err(PyRuntimeError::new_err(
                    "the work ended before its time; this is a fault of imbalanced-art",
                ));
            }
        }
        pause = PAUSE;
    }
}

/// The process that loaded the module.
static OWNER: OnceLock<u32> = OnceLock::new();

/// Takes this process for the one that loads the module.
pub(crate) fn loaded_here() {
    OWNER.get_or_init(process::id);
}

/// Runs `work` where its parallel parts have threads: those of the process that loaded the module are not there in one that
/// was forked from it.
pub(crate) fn with_threads<T: Send>(work: impl FnOnce() -> T + Send) -> T {
    if OWNER.get() == Some(&process::id()) {
        return work();
    }
    match rayon::ThreadPoolBuilder::new().build() {
        Ok(pool) => pool.install(work),
        Err(_) => work(),
    }
}
