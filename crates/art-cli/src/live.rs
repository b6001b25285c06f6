//! A training run on a terminal, epoch by epoch.

use crate::text::bar;
use art_bench::terminal_field;
use art_train::{Callback, Control, EpochReport, History, TrainConfig, TrainError};
use indicatif::{ProgressBar, ProgressStyle};
use std::fmt::Write as _;

/// Losses and macro F1 beside a progress bar; below it the validation F1 of each class and its share of the
/// rows that are drawn. Hidden where standard error is no terminal.
pub(crate) struct Live {
    bar: ProgressBar,
    classes: Vec<String>,
    drawn: Option<Vec<f64>>,
}

/// Classes that are shown one by one.
const SHOWN: usize = 12;

impl Live {
    pub(crate) fn new(classes: &[String]) -> Self {
        let style = ProgressStyle::with_template("{bar:20} epoch {pos}/{len}  {msg}")
            .expect("the template is valid");
        Self {
            bar: ProgressBar::new(0).with_style(style),
            classes: classes
                .iter()
                .map(|name| terminal_field(name).into_owned())
                .collect(),
            drawn: None,
        }
    }
}

impl Callback for Live {
    fn on_fit_start(&mut self, config: &TrainConfig, resumed_at: u32) -> Result<(), TrainError> {
        self.bar.set_length(u64::from(config.max_epochs()));
        self.bar.set_position(u64::from(resumed_at));
        Ok(())
    }

    fn on_epoch_end(&mut self, report: &EpochReport) -> Result<Control, TrainError> {
        let mut text = format!(
            "loss {:.4}  validation {:.4}  macro F1 {:.4}",
            report.train_loss,
            report.valid_loss,
            report.confusion.present_macro_f1()
        );
        if let Some(refresh) = &report.refresh {
            self.drawn = Some(refresh.distribution.clone());
        }
        let width = self.classes.iter().map(|name| name.chars().count());
        let width = width.max().unwrap_or(0);
        let scores = report.confusion.per_class_f1();
        for (class, (name, f1)) in self.classes.iter().zip(&scores).enumerate().take(SHOWN) {
            let _ = write!(text, "\n  {name:<width$}  F1 {f1:.3} {:<20}", bar(*f1, 20));
            if let Some(drawn) = &self.drawn {
                let _ = write!(text, "  drawn {:>5.1} %", 100.0 * drawn[class]);
            }
        }
        self.bar.set_message(text);
        self.bar.set_position(u64::from(report.epoch));
        Ok(Control::Continue)
    }

    fn on_fit_end(&mut self, _: &History) -> Result<(), TrainError> {
        self.bar.finish_and_clear();
        Ok(())
    }
}
