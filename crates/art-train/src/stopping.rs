//! Early stopping: which epoch was best, and when to give up waiting for a better one.

use crate::Predictions;
use art_core::ClassDistribution;
use serde::{Deserialize, Serialize};

/// What counts as improvement on validation.
///
/// A model that was trained under another class distribution than the natural one is judged
/// unfairly by its plain validation loss, so the choice matters; it is the same for all methods of
/// one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum StopCriterion {
    /// Lower cross-entropy of the logits as they are; what the paper most likely used.
    #[default]
    Native,
    /// Lower cross-entropy after correcting from the training to the natural class distribution.
    PriorCorrected,
    /// Lower class-averaged cross-entropy after correcting to a uniform distribution.
    Balanced,
    /// Higher macro F1, smoothed over epochs (`s ← (s + F1) / 2`); ties by the prior-corrected
    /// loss.
    MacroF1,
    /// None: the last epoch is the best one, and patience never runs out.
    LastEpoch,
}

/// Which epoch was best so far. Scores are lower-is-better pairs, compared in order.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EarlyStopping {
    criterion: StopCriterion,
    patience: Option<u32>,
    best: Option<Best>,
    smoothed_f1: Option<f64>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
struct Best {
    epoch: u32,
    score: (f64, f64),
}

/// What an epoch means for early stopping.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The best epoch so far.
    Improved,
    /// Not better, but training goes on.
    Waiting,
    /// Patience has run out.
    GaveUp,
}

impl EarlyStopping {
    /// Nothing seen yet. Without patience it never gives up.
    pub fn new(criterion: StopCriterion, patience: Option<u32>) -> Self {
        Self {
            criterion,
            patience,
            best: None,
            smoothed_f1: None,
        }
    }

    /// The best epoch so far; 0 before the first.
    pub fn best_epoch(&self) -> u32 {
        self.best.as_ref().map_or(0, |best| best.epoch)
    }

    /// Takes note of the validation predictions after `epoch`.
    ///
    /// `natural` is the class distribution before resampling, `trained` the one that the logits stand for: what the
    /// epoch's rows followed, times what the loss made of it
    /// ([`Loss::prior_factors`](art_losses::Loss::prior_factors)). An epoch whose score is not a number is never the best.
    pub fn observe(
        &mut self,
        epoch: u32,
        predictions: &Predictions,
        natural: &ClassDistribution,
        trained: &ClassDistribution,
    ) -> Verdict {
        let score = match self.criterion {
            StopCriterion::Native => (predictions.cross_entropy(), 0.0),
            StopCriterion::PriorCorrected => (
                predictions.prior_corrected_cross_entropy(natural, trained),
                0.0,
            ),
            StopCriterion::Balanced => (predictions.balanced_cross_entropy(trained), 0.0),
            StopCriterion::MacroF1 => {
                let f1 = predictions.confusion().macro_f1();
                let smoothed = self.smoothed_f1.map_or(f1, |s| f64::midpoint(s, f1));
                self.smoothed_f1 = Some(smoothed);
                let tie = predictions.prior_corrected_cross_entropy(natural, trained);
                (-smoothed, tie)
            }
            StopCriterion::LastEpoch => (-f64::from(epoch), 0.0),
        };
        let improved = match &self.best {
            None => !score.0.is_nan(),
            Some(best) => score < best.score,
        };
        if improved {
            self.best = Some(Best { epoch, score });
            Verdict::Improved
        } else if self
            .patience
            .is_some_and(|n| epoch - self.best_epoch() >= n)
        {
            Verdict::GaveUp
        } else {
            Verdict::Waiting
        }
    }
}
