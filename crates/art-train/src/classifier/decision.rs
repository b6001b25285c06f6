//! How a classifier decides, in terms of the probabilities that it gives.

use super::Classifier;
use art_core::elementary::{exp, ln};

/// Offsets and thresholds nearer than this to nothing move no decision.
const ROUNDING: f64 = 1e-9;

/// How a classifier decides, in terms of its natural probabilities.
#[derive(Clone, Debug, PartialEq)]
pub enum Decision {
    /// For the likeliest class.
    Likeliest,
    /// Of two classes for the rarer one wherever its probability is at least this.
    Threshold {
        /// The rarer class in the training rows; of equally frequent ones the second.
        class: usize,
        /// The probability, 0 to 1.
        probability: f64,
    },
    /// For the class with the largest sum of the logarithm of its probability and its offset; the offsets have a mean of 0.
    Offsets(Vec<f64>),
    /// For the class with the largest `(2 p − F) / s` of its probability p ([`AffineRule`](crate::AffineRule)).
    Affine {
        /// The F1 that is expected of each class, F.
        f1: Vec<f64>,
        /// True and decided rows of each class as a share of all, s.
        sizes: Vec<f64>,
    },
}

impl Classifier {
    /// The class with the fewest training rows before any resampling; of equally rare ones the last.
    pub fn rarest_class(&self) -> usize {
        let shares = self.natural.as_slice().iter().enumerate().rev();
        let rarest = shares.min_by(|a, b| a.1.total_cmp(b.1));
        rarest.map_or(0, |(class, _)| class)
    }

    /// How it decides. Probabilities for the proportions of training, in the place of the natural ones, have other thresholds.
    pub fn decision(&self) -> Decision {
        let answers = self.answers_with(vec![]);
        let (scale, temperature) = (answers.logit_scale, answers.temperature);
        let offsets = &answers.adjustment.offsets;
        if let ([first, second], &[natural_0, natural_1]) = (&offsets[..], &answers.to_natural[..])
        {
            // The second class is decided for where its logit is ahead by more than this.
            let ahead = match &answers.adjustment.affine {
                None => first - second,
                Some(rule) => {
                    let odds = log_odds(threshold(&rule.f1, &rule.sizes));
                    rule.temperature * odds - (second - first)
                }
            };
            let log_odds = (scale * ahead + natural_1 - natural_0) / temperature;
            return of_two(log_odds, self.rarest_class());
        }
        if let Some(rule) = &answers.adjustment.affine {
            return Decision::Affine {
                f1: rule.f1.clone(),
                sizes: rule.sizes.clone(),
            };
        }
        let moved = offsets.iter().zip(&answers.to_natural);
        let moved = moved.map(|(offset, natural)| (scale * offset - natural) / temperature);
        let moved: Vec<f64> = moved.collect();
        let mean = moved.iter().sum::<f64>() / moved.len() as f64;
        let moved: Vec<f64> = moved.into_iter().map(|offset| offset - mean).collect();
        if moved.iter().all(|offset| offset.abs() <= ROUNDING) {
            return Decision::Likeliest;
        }
        Decision::Offsets(moved)
    }
}

/// The decision for the second of two classes from these log-odds on.
fn of_two(log_odds: f64, rarer: usize) -> Decision {
    if log_odds.abs() <= ROUNDING {
        return Decision::Likeliest;
    }
    let log_odds = if rarer == 1 { log_odds } else { -log_odds };
    Decision::Threshold {
        class: rarer,
        probability: 1.0 / (1.0 + exp(-log_odds)),
    }
}

/// The probability of the second class from which `(2 p − F) / s` is larger for it than for the first.
fn threshold(f1: &[f64], sizes: &[f64]) -> f64 {
    // A class without a size is never decided for.
    match (sizes[0] > 0.0, sizes[1] > 0.0) {
        (_, false) => 1.0,
        (false, true) => 0.0,
        (true, true) => {
            let border = (2.0 - f1[0]) / sizes[0] + f1[1] / sizes[1];
            let threshold = border / (2.0 / sizes[0] + 2.0 / sizes[1]);
            threshold.clamp(0.0, 1.0)
        }
    }
}

fn log_odds(p: f64) -> f64 {
    ln(p) - ln(1.0 - p)
}
