use super::{Callback, Control};
use crate::{
    config::TrainConfig,
    error::TrainError,
    history::{EpochReport, History},
};
use indicatif::{ProgressBar, ProgressStyle};

/// A progress bar on standard error: epochs, losses and macro F1. Hidden where there is no terminal.
#[derive(Debug)]
pub struct Progress {
    bar: ProgressBar,
}

impl Default for Progress {
    fn default() -> Self {
        Self::new()
    }
}

impl Progress {
    /// A bar that appears when training starts.
    pub fn new() -> Self {
        let style = ProgressStyle::with_template("{bar:30} epoch {pos}/{len}  {msg}  {eta} left")
            .expect("the template is valid");
        Self {
            bar: ProgressBar::new(0).with_style(style),
        }
    }
}

impl Callback for Progress {
    fn on_fit_start(&mut self, config: &TrainConfig, resumed_at: u32) -> Result<(), TrainError> {
        self.bar.set_length(u64::from(config.max_epochs()));
        self.bar.set_position(u64::from(resumed_at));
        self.bar.reset_eta();
        Ok(())
    }

    fn on_epoch_end(&mut self, report: &EpochReport) -> Result<Control, TrainError> {
        self.bar.set_position(u64::from(report.epoch));
        self.bar.set_message(format!(
            "loss {:.4}  validation {:.4}  macro F1 {:.4}",
            report.train_loss,
            report.valid_loss,
            report.confusion.macro_f1()
        ));
        Ok(Control::Continue)
    }

    fn on_fit_end(&mut self, _: &History) -> Result<(), TrainError> {
        // Early stopping ends before the last epoch, and the bar should say so.
        self.bar.abandon();
        Ok(())
    }
}
