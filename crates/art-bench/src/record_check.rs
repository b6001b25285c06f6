//! Whether a record can be what a run left behind: records are read from files that anybody may have changed.

use crate::{
    cell::CellRecord,
    course::{Course, CourseDigest, DIGITS, Epochs},
    outcome::{Evaluation, Measured, Outcome, Validation},
    plain_name::is_plain_name,
};
use art_core::ConfusionMatrix;
use art_train::{Calibration, StageReport};
use std::time::Duration;

/// Scores are computed again from the confusion matrix; they differ by this much at most.
const ROUNDING: f64 = 1e-9;
/// Shares add up to 1 but for this much; some are kept in single precision.
const OF_SHARES: f64 = 1e-3;
/// Rows of a table have numbers of 32 bits.
const MOST_ROWS: u64 = u32::MAX as u64;
/// No cell takes a thousand years.
const LONGEST: Duration = Duration::from_hours(1_000 * 366 * 24);

impl CellRecord {
    /// Makes sure that the parts of the record agree with one another and that its numbers are in their ranges.
    ///
    /// # Errors
    /// What contradicts what.
    pub(crate) fn check(&self) -> Result<(), String> {
        let spec = &self.result.spec;
        if !spec.has_id(&self.result.id) {
            return Err(format!(
                "its id {:.40} is not that of its cell {spec:.200}, {}",
                self.result.id.to_string(),
                spec.id()
            ));
        }
        for (what, name) in [("data set", &spec.dataset), ("method", &spec.method)] {
            if !is_plain_name(name) {
                return Err(format!("the {what} {name:.200?} is no plain name"));
            }
        }
        self.measured.check()?;
        match (&self.result.outcome, spec.trial) {
            (Outcome::Evaluated(evaluation), None) => evaluation.check(),
            (Outcome::Validated(validation), Some(_)) => validation.check(),
            (Outcome::Failed { .. }, _) => Ok(()),
            (Outcome::Evaluated(_), Some(_)) => {
                Err("it is a trial, and trials are scored on validation rows alone".into())
            }
            (Outcome::Validated(_), None) => {
                Err("it is scored on validation rows, and is no trial".into())
            }
        }
    }
}

impl Measured {
    fn check(&self) -> Result<(), String> {
        let Self {
            total,
            draw,
            train,
            forward,
            score,
            refresh,
            environment: _,
        } = self;
        let times = [total, draw, train, forward, score, refresh];
        match times.into_iter().find(|time| **time > LONGEST) {
            Some(time) => Err(format!("a part of it took {} s", time.as_secs())),
            None => Ok(()),
        }
    }
}

impl Validation {
    fn check(&self) -> Result<(), String> {
        in_range("macro_f1", self.macro_f1, 1.0)?;
        check_best(self.best_epoch, self.epochs)
    }
}

impl Evaluation {
    fn check(&self) -> Result<(), String> {
        let n_classes = self.confusion.n_classes();
        check_rows(&self.confusion)?;
        check_length("per_class_f1", self.per_class_f1.len(), n_classes)?;
        let scores = self.confusion.per_class_f1();
        let of_class = self.per_class_f1.iter().zip(&scores);
        for (class, (found, expected)) in of_class.enumerate() {
            check_score(&format!("per_class_f1[{class}]"), *found, *expected)?;
        }
        check_score("macro_f1", self.macro_f1, self.confusion.macro_f1())?;

        check_length("train_counts", self.train_counts.len(), n_classes)?;
        let counts = self.train_counts.iter().map(|&n| n as u64);
        check_total("train_counts", counts)?;
        in_range("test_over_train", self.test_over_train, f64::MAX)?;
        check_best(self.best_epoch, self.epochs)?;
        let initial = self.initial_distribution.iter().copied();
        check_shares("initial_distribution", initial, n_classes)?;
        if !self.offsets.is_empty() {
            check_length("offsets", self.offsets.len(), n_classes)?;
        }
        if let Some(offset) = self.offsets.iter().find(|offset| !offset.is_finite()) {
            return Err(format!("an offset is {offset}"));
        }
        if self
            .affine
            .as_ref()
            .is_some_and(|rule| !rule.is_for(n_classes))
        {
            return Err(format!("the affine rule is none for {n_classes} classes"));
        }
        if let Some(temperature) = self.temperature
            && !(temperature > 0.0 && temperature.is_finite())
        {
            return Err(format!("temperature is {temperature}"));
        }
        self.calibration
            .as_ref()
            .map_or(Ok(()), |calibration| check_calibration(calibration, self))?;
        if let Some(StageReport { distribution, .. }) = &self.second_stage {
            let shares = distribution.iter().copied();
            check_shares("the second stage's distribution", shares, n_classes)?;
        }

        match &self.course {
            Course::Whole(epochs) => epochs.check(self.epochs, n_classes),
            Course::Digest(digest) => digest.check(self.epochs, n_classes),
        }
    }
}

impl Epochs {
    fn check(&self, epochs: u32, n_classes: usize) -> Result<(), String> {
        let mut before = 0;
        for at in &self.refreshes {
            check_epochs("the epoch of a refresh", at.epoch, epochs)?;
            if at.epoch <= before {
                return Err(format!(
                    "a refresh follows epoch {} and one before it epoch {before}",
                    at.epoch
                ));
            }
            before = at.epoch;
            let shares = at.distribution.iter().copied().map(f64::from);
            check_shares("the distribution of a refresh", shares, n_classes)?;
        }
        check_length("validation_f1", self.validation_f1.len(), epochs as usize)?;
        for scores in &self.validation_f1 {
            check_length("validation_f1 of an epoch", scores.len(), n_classes)?;
            for &score in scores {
                in_range("a validation F1", f64::from(score), 1.0)?;
            }
        }
        Ok(())
    }
}

impl CourseDigest {
    fn check(&self, epochs: u32, n_classes: usize) -> Result<(), String> {
        let is_hex = |c: char| c.is_ascii_digit() || ('a'..='f').contains(&c);
        if self.sha256.len() != DIGITS || !self.sha256.chars().all(is_hex) {
            return Err(format!("{:.40?} is no digest of a course", self.sha256));
        }
        if let Some(first) = self.first_refresh {
            check_epochs("the epoch of the first refresh", first, epochs)?;
        }
        if let Some(shares) = &self.kept_shares {
            if self.first_refresh.is_none() {
                return Err("kept_shares follow a refresh, and there was none".into());
            }
            let shares = shares.iter().copied().map(f64::from);
            check_shares("kept_shares", shares, n_classes)?;
        }
        Ok(())
    }
}

/// Makes sure that the rows of a confusion matrix can be counted.
fn check_rows(confusion: &ConfusionMatrix) -> Result<(), String> {
    check_total("confusion", confusion.pairs().map(|(_, _, n)| n))
}

fn check_total(what: &str, counts: impl IntoIterator<Item = u64>) -> Result<(), String> {
    let mut counts = counts.into_iter();
    let total = counts.try_fold(0, u64::checked_add);
    match total {
        Some(total) if total <= MOST_ROWS => Ok(()),
        _ => Err(format!("{what} counts more than {MOST_ROWS} rows")),
    }
}

fn check_calibration(calibration: &Calibration, evaluation: &Evaluation) -> Result<(), String> {
    let Calibration {
        log_loss,
        brier,
        bins,
    } = calibration;
    in_range("log_loss", *log_loss, f64::MAX)?;
    in_range("brier", *brier, 2.0)?;
    let rows = evaluation.confusion.total();
    check_total("calibration", bins.iter().map(|bin| bin.rows))?;
    let counted: u64 = bins.iter().map(|bin| bin.rows).sum();
    if counted != rows {
        return Err(format!(
            "calibration counts {counted} rows, confusion {rows}"
        ));
    }
    for bin in bins {
        let most = bin.rows as f64;
        in_range("the confidence of a bin", bin.confidence, most)?;
        in_range("the right rows of a bin", bin.correct as f64, most)?;
    }
    Ok(())
}

fn check_length(what: &str, found: usize, expected: usize) -> Result<(), String> {
    if found == expected {
        return Ok(());
    }
    Err(format!("{what} has {found} entries, expected {expected}"))
}

/// Makes sure that a score is the one that the confusion matrix has.
fn check_score(what: &str, found: f64, expected: f64) -> Result<(), String> {
    if (found - expected).abs() <= ROUNDING {
        return Ok(());
    }
    Err(format!(
        "{what} is {found}, that of its confusion matrix {expected}"
    ))
}

/// The best epoch is 0 where no epoch had a score.
fn check_best(best: u32, epochs: u32) -> Result<(), String> {
    match best {
        0 => Ok(()),
        _ => check_epochs("best_epoch", best, epochs),
    }
}

fn check_epochs(what: &str, epoch: u32, epochs: u32) -> Result<(), String> {
    if (1..=epochs).contains(&epoch) {
        return Ok(());
    }
    Err(format!("{what} is {epoch}, of {epochs} epochs"))
}

fn in_range(what: &str, found: f64, most: f64) -> Result<(), String> {
    if found.is_finite() && (-ROUNDING..=most * (1.0 + ROUNDING)).contains(&found) {
        return Ok(());
    }
    Err(format!("{what} is {found}, expected 0 to {most}"))
}

fn check_shares(
    what: &str,
    shares: impl ExactSizeIterator<Item = f64>,
    n_classes: usize,
) -> Result<(), String> {
    check_length(what, shares.len(), n_classes)?;
    let mut sum = 0.0;
    for share in shares {
        in_range(what, share, 1.0)?;
        sum += share;
    }
    if (sum - 1.0).abs() <= OF_SHARES {
        return Ok(());
    }
    Err(format!("the shares of {what} add up to {sum}"))
}
