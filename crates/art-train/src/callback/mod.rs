//! Watching a run: a callback sees each epoch and may ask to stop; it changes nothing.

#[cfg(feature = "progress")]
mod progress;

#[cfg(feature = "progress")]
pub use progress::Progress;

use crate::{
    config::TrainConfig,
    error::TrainError,
    history::{EpochReport, History},
};
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Control {
    /// Train the next epoch.
    Continue,
    /// Stop after this epoch; with a checkpoint, the run can be resumed.
    Stop,
}

/// Sees a training run. Each method does nothing by default.
pub trait Callback: Send {
    /// Before the first epoch; `resumed_at` epochs are already done.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_fit_start(&mut self, config: &TrainConfig, resumed_at: u32) -> Result<(), TrainError> {
        let _ = (config, resumed_at);
        Ok(())
    }

    /// After each epoch.
    ///
    /// # Errors
    /// An error ends the run.
    fn on_epoch_end(&mut self, report: &EpochReport) -> Result<Control, TrainError> {
        let _ = report;
        Ok(Control::Continue)
    }

    /// After the last epoch and, where there is one, the second stage.
    ///
    /// # Errors
    /// An error is returned in place of the result.
    fn on_fit_end(&mut self, history: &History) -> Result<(), TrainError> {
        let _ = history;
        Ok(())
    }
}

/// A callback that stops training after the epoch in which `cancel` was set.
///
/// ```
/// use art_train::{Callback, stop_when};
/// use std::sync::atomic::AtomicBool;
/// let cancel = AtomicBool::new(true);
/// let callback: Box<dyn Callback + '_> = Box::new(stop_when(&cancel));
/// # drop(callback);
/// ```
pub fn stop_when(cancel: &AtomicBool) -> impl Fn(&EpochReport) -> Control {
    |_| {
        if cancel.load(Ordering::Relaxed) {
            Control::Stop
        } else {
            Control::Continue
        }
    }
}

/// A closure that sees each epoch.
impl<F: FnMut(&EpochReport) -> Control + Send> Callback for F {
    fn on_epoch_end(&mut self, report: &EpochReport) -> Result<Control, TrainError> {
        Ok(self(report))
    }
}
