//! What comes out of a cell, and what of it is measured.

use crate::course::Course;
use art_core::ConfusionMatrix;
use art_train::{AffineRule, Calibration, StageReport, StopReason};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// What came out of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every outcome is the large one"
)]
pub enum Outcome {
    /// The run ended and was evaluated on the test rows.
    Evaluated(Evaluation),
    /// The run was a trial and was scored on the validation rows.
    Validated(Validation),
    /// The run failed; it is shown as such, and run again only on request.
    Failed {
        /// Why.
        error: String,
    },
}

/// What tuning learns from a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Macro F1 on the validation rows, 0 to 1, of the weights that early stopping kept.
    pub macro_f1: f64,
    /// Epoch that they are from.
    pub best_epoch: u32,
    /// Epochs trained.
    pub epochs: u32,
    /// Optimizer steps taken, in both stages where there are two.
    pub steps: u64,
}

/// The one look at the test set, and how training got there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Macro F1 on the test rows, 0 to 1.
    pub macro_f1: f64,
    /// F1 of each class on the test rows.
    pub per_class_f1: Vec<f64>,
    /// Test rows, truth against prediction.
    pub confusion: ConfusionMatrix,
    /// Rows of each class that an epoch draws from, after static resampling.
    pub train_counts: Vec<usize>,
    /// Test rows over training rows before resampling, for the corrected t-test; 0 where each seed draws rows of its own
    /// from a known population.
    pub test_over_train: f64,
    /// Epoch whose weights were evaluated.
    pub best_epoch: u32,
    /// Epochs trained.
    pub epochs: u32,
    /// Optimizer steps taken, in both stages where there are two.
    pub steps: u64,
    /// Why training ended.
    pub stopped: StopReason,
    /// The class distribution before the first refresh.
    pub initial_distribution: Vec<f64>,
    /// Classes that a resampler could not bring to their target, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What was added to each class's logit, for a method that chooses it on validation rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offsets: Vec<f64>,
    /// What decided in the place of the largest logit, for a method that chooses it on validation rows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub affine: Option<AffineRule>,
    /// What logits, corrected to the natural shares, are to be divided by for probabilities; where it was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// How well probabilities corrected to the natural class shares agree with the test rows; for tables of
    /// users' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The second stage, for a method that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_stage: Option<StageReport>,
    /// How training went, epoch by epoch.
    #[serde(flatten)]
    pub course: Course,
}

impl Evaluation {
    /// Share of each class in what the kept epoch drew from.
    pub fn kept_shares(&self) -> Vec<f64> {
        let refreshed = self.course.kept_shares(self.best_epoch);
        refreshed.map_or_else(
            || self.initial_distribution.clone(),
            |shares| shares.iter().copied().map(f64::from).collect(),
        )
    }

    /// The same with what is left of the course.
    pub(crate) fn digested(mut self) -> Self {
        self.course = Course::Digest(self.course.digest(self.best_epoch));
        self
    }
}

/// Times of a cell, and where it was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The whole cell.
    pub total: Duration,
    /// Drawing rows, over all epochs.
    pub draw: Duration,
    /// Training on them.
    pub train: Duration,
    /// Forward passes over validation rows.
    pub forward: Duration,
    /// Confusion matrices and their scores.
    pub score: Duration,
    /// Refreshes.
    pub refresh: Duration,
    /// Machine and program.
    pub environment: crate::environment::Environment,
}
