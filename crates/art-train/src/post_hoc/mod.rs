//! Decisions moved after training: an offset for each class's logit, or an affine rule for its probability, and a temperature,
//! chosen on validation rows.

mod plug_in;
mod tau_e;

pub(crate) use plug_in::decisions_of_batch;
pub use plug_in::{AffineRule, PlugIn};
pub use tau_e::TauE;

use crate::{
    calibration::softmax_at,
    evaluate::{Predictions, decision},
    logit_prior::LogitPrior,
};
use art_core::{ClassDistribution, ConfusionMatrix, elementary::ln};

/// How answers are moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Adjustment {
    /// What is added to each class's logit before the largest is taken.
    pub offsets: Vec<f64>,
    /// What logits, corrected to the natural proportions, are divided by before they become probabilities; none where that was
    /// not fitted. Decisions do not depend on it.
    pub temperature: Option<f64>,
    /// What decides in the place of the largest logit; probabilities are then those of logits and offsets.
    pub affine: Option<AffineRule>,
}

impl From<Vec<f64>> for Adjustment {
    fn from(offsets: Vec<f64>) -> Self {
        Self {
            offsets,
            temperature: None,
            affine: None,
        }
    }
}

impl Adjustment {
    /// The class of a row with these logits; ties go to the lower class.
    pub(crate) fn decision(&self, logits: &[f32]) -> u32 {
        match &self.affine {
            None => decision(logits, &self.offsets),
            Some(rule) => rule.decision(&softmax_at(logits, &self.offsets, rule.temperature)),
        }
    }

    /// The same for logits that are still to be multiplied by `scale`.
    pub(crate) fn for_unscaled(mut self, scale: f64) -> Self {
        for offset in &mut self.offsets {
            *offset /= scale;
        }
        if let Some(rule) = &mut self.affine {
            rule.temperature /= scale;
        }
        self
    }
}

impl Predictions {
    /// The class that a moved decision gives each row; labels have no say.
    ///
    /// # Panics
    /// If it is one for another number of classes.
    pub fn decided_by(&self, adjustment: &Adjustment) -> Vec<u32> {
        assert_eq!(adjustment.offsets.len(), self.n_classes(), "offsets");
        self.rows()
            .map(|(logits, _)| adjustment.decision(logits))
            .collect()
    }

    /// Truth against the class that a moved decision gives each row.
    ///
    /// # Panics
    /// If it is one for another number of classes.
    pub fn confusion_by(&self, adjustment: &Adjustment) -> ConfusionMatrix {
        let mut matrix = ConfusionMatrix::new(self.n_classes()).expect("a model has classes");
        for (decided, &label) in self.decided_by(adjustment).into_iter().zip(self.labels()) {
            matrix
                .record(label, decided)
                .expect("labels were checked with the set");
        }
        matrix
    }
}

/// A rule that chooses how a trained model's answers are moved.
pub trait PostHoc: Send + Sync {
    /// The rule with every setting that decides its choice.
    fn describe(&self) -> String;

    /// The adjustment, from predictions on validation rows whose logits have the prior `prior`; `natural` are the class
    /// shares of the training rows before any resampling.
    fn adjust(
        &self,
        validation: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> Adjustment;
}

/// Offsets `−τ ln q_j` with the τ of {0, 0.1, …, 3} that has the highest macro F1 on validation rows; ties
/// go to the smaller τ. A class that was never trained on keeps its logit.
///
/// ```
/// use art_core::{ClassDistribution, elementary::ln};
/// use art_train::{LogitAdjustment, PostHoc, Predictions};
/// // The second class is right only once its logit is raised.
/// let logits = vec![2.0, 0.0, 2.0, 0.0, 1.0, 0.5];
/// let validation = Predictions::from_logits(2, logits, vec![0, 0, 1]);
/// let natural = ClassDistribution::new(vec![0.9, 0.1])?;
/// let moved = LogitAdjustment.adjust(&validation, &natural.clone().into(), &natural);
/// assert_eq!(validation.confusion_with(&moved.offsets).macro_f1(), 1.0);
/// # Ok::<(), art_core::CoreError>(())
/// ```
///
/// # References
/// Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021), "Long-tail learning via logit adjustment", ICLR,
/// arXiv 2007.07314.
#[derive(Clone, Copy, Debug, Default)]
pub struct LogitAdjustment;

impl PostHoc for LogitAdjustment {
    fn describe(&self) -> String {
        "logit-adjustment(tau of 0 to 3 by 0.1)".into()
    }

    fn adjust(
        &self,
        validation: &Predictions,
        prior: &LogitPrior,
        _: &ClassDistribution,
    ) -> Adjustment {
        let log_prior = prior.shares().iter();
        let log_prior = log_prior.map(|&q| if q > 0.0 { ln(q) } else { 0.0 });
        let log_prior: Vec<f64> = log_prior.collect();
        let candidates = (0..=30).map(|tenths| {
            let tau = f64::from(tenths) / 10.0;
            log_prior.iter().map(|ln_q| -tau * ln_q).collect()
        });
        best(validation, candidates).into()
    }
}

/// An offset for each class, searched class by class over {−3, −2.9, …, 3} for the highest macro F1 on
/// validation rows, twice through the classes; ties go to the offset nearest to that before. With few
/// validation rows it over-fits: that is what it is here to show.
#[derive(Clone, Copy, Debug, Default)]
pub struct ClassThresholds;

impl PostHoc for ClassThresholds {
    fn describe(&self) -> String {
        "class-thresholds(-3 to 3 by 0.1, two passes)".into()
    }

    fn adjust(
        &self,
        validation: &Predictions,
        _: &LogitPrior,
        _: &ClassDistribution,
    ) -> Adjustment {
        let mut offsets = vec![0.0; validation.n_classes()];
        for _ in 0..2 {
            for class in 0..offsets.len() {
                let before: f64 = offsets[class];
                let mut places: Vec<f64> = (-30..=30).map(|t| f64::from(t) / 10.0).collect();
                places.sort_by(|a, b| (a - before).abs().total_cmp(&(b - before).abs()));
                let candidates = places.into_iter().map(|place| {
                    let mut moved = offsets.clone();
                    moved[class] = place;
                    moved
                });
                offsets = best(validation, candidates);
            }
        }
        offsets.into()
    }
}

/// Logits as they would be for the natural class proportions ([`LogitPrior::offsets_to`]). What rebalancing did to the decision is
/// undone, what it did to the features stays.
///
/// # References
/// As [`LogitPrior`].
#[derive(Clone, Copy, Debug, Default)]
pub struct PriorCorrection;

impl PostHoc for PriorCorrection {
    fn describe(&self) -> String {
        "prior-correction".into()
    }

    fn adjust(
        &self,
        _: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> Adjustment {
        prior.offsets_to(natural).into()
    }
}

/// A temperature for probabilities and nothing else: the T of {0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.25, 1.4, 1.6, 1.8, 2.1} with the
/// least cross-entropy of `(z + ln π − ln q) / T` on validation rows. The decision stays.
///
/// # References
/// Guo, Pleiss, Sun and Weinberger (2017), "On calibration of modern neural networks", ICML, arXiv 1706.04599.
#[derive(Clone, Copy, Debug, Default)]
pub struct Temperature;

impl PostHoc for Temperature {
    fn describe(&self) -> String {
        "temperature(0.6 to 2.1)".into()
    }

    fn adjust(
        &self,
        validation: &Predictions,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> Adjustment {
        Adjustment {
            offsets: vec![0.0; validation.n_classes()],
            temperature: Some(temperature(validation, &prior.offsets_to(natural))),
            affine: None,
        }
    }
}

/// The candidate with the least cross-entropy; the first of equal ones.
fn temperature(validation: &Predictions, offsets: &[f64]) -> f64 {
    const CANDIDATES: [f64; 11] = [0.6, 0.7, 0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.1];
    let losses = CANDIDATES.map(|t| (validation.cross_entropy_at(offsets, t), t));
    let least = losses
        .into_iter()
        .reduce(|best, other| if other.0 < best.0 { other } else { best });
    least.expect("there are candidates").1
}

/// The first of the candidates with the highest macro F1.
fn best(validation: &Predictions, candidates: impl Iterator<Item = Vec<f64>>) -> Vec<f64> {
    let scored = candidates.map(|offsets| {
        let score = validation.confusion_with(&offsets).macro_f1();
        (score, offsets)
    });
    scored
        .reduce(|best, other| if other.0 > best.0 { other } else { best })
        .map(|(_, offsets)| offsets)
        .expect("there are candidates")
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::Seed;

    /// What `rule` does to logits that are for the natural proportions already.
    fn moved(
        rule: &dyn PostHoc,
        validation: &Predictions,
        natural: &ClassDistribution,
    ) -> Adjustment {
        rule.adjust(validation, &natural.clone().into(), natural)
    }

    #[test]
    fn nothing_is_moved_where_nothing_is_gained() {
        let validation = Predictions::from_logits(2, vec![2.0, 0.0, 0.0, 2.0], vec![0, 1]);
        let natural = ClassDistribution::new(vec![0.9, 0.1]).unwrap();
        let rules: [&dyn PostHoc; 3] = [&LogitAdjustment, &ClassThresholds, &PriorCorrection];
        for rule in rules {
            let moved = moved(rule, &validation, &natural);
            assert_eq!(moved.offsets, [0.0, 0.0], "{}", rule.describe());
        }
    }

    #[test]
    fn each_class_finds_a_threshold_of_its_own() {
        // Class 1 must be raised by more than 0.5, class 2 lowered by more than 1.
        let logits = vec![3.0, 0.0, 0.0, 1.0, 0.5, 0.0, 0.0, 0.0, 3.0, 2.0, 0.0, 3.0];
        let validation = Predictions::from_logits(3, logits, vec![0, 1, 2, 0]);
        let natural = ClassDistribution::uniform(3).unwrap();
        let moved = moved(&ClassThresholds, &validation, &natural);
        assert_eq!(validation.confusion_with(&moved.offsets).macro_f1(), 1.0);
        assert!(validation.confusion().macro_f1() < 1.0);
    }

    #[test]
    fn a_class_never_trained_on_keeps_its_logit() {
        let validation = Predictions::from_logits(2, vec![1.0, 0.9, 1.0, 0.0], vec![1, 0]);
        let natural = ClassDistribution::new(vec![1.0, 0.0]).unwrap();
        let rules: [&dyn PostHoc; 4] = [&LogitAdjustment, &PriorCorrection, &TauE, &Temperature];
        for rule in rules {
            let moved = moved(rule, &validation, &natural);
            assert_eq!(moved.offsets, [0.0, 0.0], "{}", rule.describe());
        }
    }

    /// Rows of two normal classes, 9 to 1, with the logits that are right for equal shares, times `sharpness`.
    pub(super) fn balanced_model(sharpness: f64) -> Predictions {
        let mut stream = Seed::new(3).stream("rows", 0);
        let (mut logits, mut labels) = (vec![], vec![]);
        for row in 0..4000 {
            let label = u32::from(row % 10 == 0);
            let x = stream.normal() + 2.0 * f64::from(label);
            // ln of the ratio of the densities of N(2, 1) and N(0, 1).
            logits.extend([0.0, (sharpness * (2.0 * x - 2.0)) as f32]);
            labels.push(label);
        }
        Predictions::from_logits(2, logits, labels)
    }

    #[test]
    fn the_temperature_makes_up_for_logits_that_are_too_sharp() {
        let natural = ClassDistribution::new(vec![0.9, 0.1]).unwrap();
        let of = |sharpness| {
            let moved = moved(&Temperature, &balanced_model(sharpness), &natural);
            assert_eq!(moved.offsets, [0.0, 0.0]);
            moved.temperature.unwrap()
        };
        // They are said to be for the natural proportions, so they stand as they are: for equal proportions.
        assert!(of(2.0) > of(1.0) && of(1.0) > of(0.6));
        let equal = ClassDistribution::uniform(2).unwrap().into();
        let right = Temperature.adjust(&balanced_model(1.0), &equal, &natural);
        assert!((right.temperature.unwrap() - 1.0).abs() < 0.15);
    }
}
