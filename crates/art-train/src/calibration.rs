//! Whether probabilities mean what they say.

use crate::{evaluate::Predictions, logit_prior::LogitPrior};
use art_core::{
    ClassDistribution,
    elementary::{exp, ln, powi},
};
use serde::{Deserialize, Serialize};

/// Number of bins of equal width that confidences are sorted into.
const BINS: usize = 15;

/// How well the probabilities of a set of rows agree with what was true.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Calibration {
    /// Mean of `−ln p` of the true class; natural logarithm.
    pub log_loss: f64,
    /// Mean over rows of `Σ_j (p_j − y_j)²`: 0 is perfect, 2 the worst.
    pub brier: f64,
    /// Rows by the probability of their most probable class, 15 bins of equal width from 0 to 1.
    pub bins: Vec<ReliabilityBin>,
}

/// Rows whose most probable class has a probability in the same bin.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ReliabilityBin {
    /// Number of rows.
    pub rows: u64,
    /// Sum of those probabilities.
    pub confidence: f64,
    /// Rows whose most probable class is the true one.
    pub correct: u64,
}

impl Calibration {
    /// From the probabilities of each row's classes and its class.
    pub(crate) fn of(rows: impl IntoIterator<Item = (Vec<f64>, u32)>) -> Self {
        /// Where a probability is rounded to nothing.
        const LEAST: f64 = 1e-300;
        let mut bins = vec![ReliabilityBin::default(); BINS];
        let (mut log_loss, mut brier, mut n_rows) = (0.0, 0.0, 0_u64);
        for (shares, label) in rows {
            let truth = |class: usize| f64::from(u8::from(class == label as usize));
            let squares = shares.iter().enumerate();
            brier += squares.map(|(j, p)| powi(p - truth(j), 2)).sum::<f64>();
            log_loss -= ln(shares[label as usize].max(LEAST));
            let mut top = 0;
            for class in 1..shares.len() {
                if shares[class] > shares[top] {
                    top = class;
                }
            }
            let bin = &mut bins[((shares[top] * BINS as f64) as usize).min(BINS - 1)];
            bin.rows += 1;
            bin.confidence += shares[top];
            bin.correct += u64::from(top == label as usize);
            n_rows += 1;
        }
        let n_rows = n_rows.max(1) as f64;
        Self {
            log_loss: log_loss / n_rows,
            brier: brier / n_rows,
            bins,
        }
    }

    /// Expected calibration error: the mean distance between confidence and share of correct rows over the
    /// bins, each weighed by its rows.
    ///
    /// # References
    /// Naeini, Cooper and Hauskrecht (2015), "Obtaining Well Calibrated Probabilities Using Bayesian Binning",
    /// AAAI.
    pub fn expected_error(&self) -> f64 {
        let rows: u64 = self.bins.iter().map(|bin| bin.rows).sum();
        let distance = |bin: &ReliabilityBin| (bin.confidence - bin.correct as f64).abs();
        self.bins.iter().map(distance).sum::<f64>() / rows.max(1) as f64
    }
}

impl Predictions {
    /// The probability of each class in each row, once logits are corrected from their prior to the class distribution
    /// `natural` and divided by the temperature; labels have no say.
    pub fn probabilities(
        &self,
        prior: &LogitPrior,
        natural: &ClassDistribution,
        temperature: f64,
    ) -> Vec<Vec<f64>> {
        let offsets = prior.offsets_to(natural);
        let rows = self.rows();
        rows.map(|(logits, _)| softmax_at(logits, &offsets, temperature))
            .collect()
    }

    /// How well the probabilities agree with the labels once they are corrected from the prior of the logits to the class
    /// distribution `natural`, and their logits divided by the temperature.
    ///
    /// ```
    /// use art_core::{ClassDistribution, elementary::{exp, powi}};
    /// use art_train::{LogitPrior, Predictions};
    /// let even = ClassDistribution::uniform(2)?;
    /// let prior = LogitPrior::from(even.clone());
    /// let sure_and_right = Predictions::from_logits(2, vec![30.0, 0.0, 0.0, 30.0], vec![0, 1]);
    /// assert!(sure_and_right.calibration(&prior, &even, 1.0).brier < 1e-12);
    /// let unsure = Predictions::from_logits(2, vec![0.0, 0.0, 0.0, 0.0], vec![0, 1]);
    /// let calibration = unsure.calibration(&prior, &even, 1.0);
    /// assert_eq!(calibration.brier, 0.5);
    /// assert!((calibration.log_loss - 2_f64.ln()).abs() < 1e-12);
    /// assert_eq!(calibration.expected_error(), 0.0);
    /// # Ok::<(), art_core::CoreError>(())
    /// ```
    pub fn calibration(
        &self,
        prior: &LogitPrior,
        natural: &ClassDistribution,
        temperature: f64,
    ) -> Calibration {
        let offsets = prior.offsets_to(natural);
        let rows = self.rows();
        Calibration {
            log_loss: self.cross_entropy_at(&offsets, temperature),
            ..Calibration::of(
                rows.map(|(logits, label)| (softmax_at(logits, &offsets, temperature), label)),
            )
        }
    }
}

/// Probabilities of sums of logit and offset, divided by `temperature`.
pub(crate) fn softmax_at(logits: &[f32], offsets: &[f64], temperature: f64) -> Vec<f64> {
    let shifted = logits.iter().zip(offsets);
    let shifted = shifted.map(|(z, o)| (f64::from(*z) + o) / temperature);
    let mut shares: Vec<f64> = shifted.collect();
    let largest = shares.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    for z in &mut shares {
        *z = exp(*z - largest);
    }
    let sum: f64 = shares.iter().sum();
    for p in &mut shares {
        *p /= sum;
    }
    shares
}
