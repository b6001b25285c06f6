//! Early stopping: which epoch was best, and when to give up waiting for a better one.

use crate::{evaluate::Predictions, logit_prior::LogitPrior};
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
    /// `prior` is that of the logits, `natural` the class distribution before resampling. An epoch whose score is not a
    /// number is never the best.
    pub fn observe(
        &mut self,
        epoch: u32,
        predictions: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> Verdict {
        let score = match self.criterion {
            StopCriterion::Native => (predictions.cross_entropy(), 0.0),
            StopCriterion::PriorCorrected => (
                predictions.prior_corrected_cross_entropy(prior, natural),
                0.0,
            ),
            StopCriterion::Balanced => (predictions.balanced_cross_entropy(prior), 0.0),
            StopCriterion::MacroF1 => {
                let f1 = predictions.confusion().macro_f1();
                let smoothed = self.smoothed_f1.map_or(f1, |s| f64::midpoint(s, f1));
                self.smoothed_f1 = Some(smoothed);
                let tie = predictions.prior_corrected_cross_entropy(prior, natural);
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

#[cfg(test)]
mod tests {
    use super::*;

    /// Nine rows of class 0 and one of class 1, all with these logits.
    fn alike(first: f32) -> Predictions {
        let mut labels = vec![0; 9];
        labels.push(1);
        Predictions::from_logits(2, [first, 0.0].repeat(10), labels)
    }

    /// The same rows, all of them right by a hair.
    fn right() -> Predictions {
        let mut labels = vec![0; 9];
        labels.push(1);
        let mut logits = [0.01, 0.0].repeat(9);
        logits.extend([0.0, 0.01]);
        Predictions::from_logits(2, logits, labels)
    }

    /// The best of these epochs for a model that saw equal proportions.
    fn best(criterion: StopCriterion, epochs: &[Predictions]) -> u32 {
        let natural = ClassDistribution::new(vec![0.9, 0.1]).unwrap();
        let prior = ClassDistribution::uniform(2).unwrap().into();
        let mut stopping = EarlyStopping::new(criterion, None);
        for (epoch, predictions) in (1..).zip(epochs) {
            stopping.observe(epoch, predictions, &prior, &natural);
        }
        stopping.best_epoch()
    }

    #[test]
    fn each_criterion_has_its_own_best_epoch() {
        use StopCriterion::{Balanced, LastEpoch, MacroF1, Native, PriorCorrected};
        // Plain losses 0.351 and 0.693, corrected ones 0.394 and 0.325, balanced ones 0.951 and 0.693; the same macro F1.
        let sure_of_the_first = [alike(1.5), alike(0.0)];
        // Corrected losses 0.338 and 0.337, balanced ones 0.724 and 0.731.
        let close = [alike(-0.5), alike(0.55)];
        // The plain loss of a model that is always right by a hair is no better than 0.69.
        let barely_right = [alike(1.5), right()];
        for (criterion, expected) in [
            (Native, [1, 2, 1]),
            (PriorCorrected, [2, 2, 2]),
            (Balanced, [2, 1, 2]),
            (MacroF1, [2, 2, 2]),
            (LastEpoch, [2, 2, 2]),
        ] {
            let found = [&sure_of_the_first, &close, &barely_right].map(|e| best(criterion, e));
            assert_eq!(found, expected, "{criterion:?}");
        }
    }

    #[test]
    fn macro_f1_is_smoothed_over_epochs() {
        // Macro F1 0.47, 1, 0.47, 1, smoothed 0.47, 0.74, 0.61, 0.80: by single epochs the second would tie with the last.
        let epochs = [alike(0.0), right(), alike(0.0), right()];
        assert_eq!(best(StopCriterion::MacroF1, &epochs), 4);
    }

    #[test]
    fn patience_counts_from_the_best_epoch() {
        let natural = ClassDistribution::uniform(2).unwrap();
        let prior = natural.clone().into();
        let mut stopping = EarlyStopping::new(StopCriterion::Native, Some(2));
        let verdicts = [0.0, 1.5, 0.0, 0.0].map(alike);
        let verdicts = (1..).zip(&verdicts);
        let verdicts: Vec<Verdict> = verdicts
            .map(|(epoch, p)| stopping.observe(epoch, p, &prior, &natural))
            .collect();
        let expected = [Verdict::Improved, Verdict::Improved, Verdict::Waiting];
        assert_eq!(verdicts[..3], expected);
        assert_eq!(verdicts[3], Verdict::GaveUp);
    }
}
