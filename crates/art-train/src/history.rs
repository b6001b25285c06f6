//! What happened in each epoch.

use art_core::{ConfusionMatrix, Refresh};
use serde::{Deserialize, Serialize};
use std::time::Duration;

/// One change of the sampler's class distribution, as it is stored.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefreshRecord {
    /// Number of the refresh, counted from 1.
    pub number: u64,
    /// Difficulty d of each class.
    pub difficulty: Vec<f64>,
    /// Normalized difficulty w.
    pub weights: Vec<f64>,
    /// Blend p that the next rows are drawn from.
    pub distribution: Vec<f64>,
}

impl From<Refresh> for RefreshRecord {
    fn from(refresh: Refresh) -> Self {
        Self {
            number: refresh.number,
            weights: refresh.weights.as_slice().to_vec(),
            distribution: refresh.distribution.as_slice().to_vec(),
            difficulty: refresh.difficulty,
        }
    }
}

/// One epoch: everything in it but the times is reproducible to the bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EpochReport {
    /// Epoch, counted from 1.
    pub epoch: u32,
    /// Learning rate of the epoch.
    pub learning_rate: f64,
    /// Optimizer steps of the epoch.
    pub steps: u64,
    /// Mean training loss over the epoch's rows, with dropout.
    pub train_loss: f64,
    /// Cross-entropy of the validation rows.
    pub valid_loss: f64,
    /// Validation rows, truth against prediction.
    pub confusion: ConfusionMatrix,
    /// Whether this is the best epoch so far.
    pub improved: bool,
    /// The refresh that followed the epoch, if one was due.
    pub refresh: Option<RefreshRecord>,
}

/// Where the time of an epoch went (the terms of section 3.5 of the paper).
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct EpochTiming {
    /// Drawing the epoch's rows: part of `T_idx`, with or without a refresh.
    pub draw: Duration,
    /// Training on them.
    pub train: Duration,
    /// The forward pass over validation rows: `T_fwd`, shared with early stopping.
    pub forward: Duration,
    /// The confusion matrix and its scores: `T_F1`.
    pub score: Duration,
    /// The sampler's new distribution and quotas: the rest of `T_idx`; next to nothing where no refresh
    /// was due.
    pub refresh: Duration,
}

impl EpochTiming {
    /// The whole epoch.
    pub fn total(&self) -> Duration {
        self.draw + self.train + self.forward + self.score + self.refresh
    }
}

/// Why a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum StopReason {
    /// All epochs are done.
    MaxEpochs,
    /// Validation did not improve for `patience` epochs.
    Patience,
    /// A callback asked for it.
    Requested,
}

/// Every epoch of a run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct History {
    /// The epochs, first to last.
    pub epochs: Vec<EpochReport>,
    /// Their times, one each.
    pub timing: Vec<EpochTiming>,
}

impl History {
    /// Optimizer steps of the whole run.
    pub fn steps(&self) -> u64 {
        self.epochs.iter().map(|epoch| epoch.steps).sum()
    }
}
