//! What a model says about a set: predictions, confusion matrix and losses.

use crate::{
    device_set::{DeviceSet, check_columns, in_batches},
    engine::fused_logits,
    error::TrainError,
    logit_prior::LogitPrior,
    model::{Mode, Model},
};
use art_core::{
    ClassDistribution, ConfusionMatrix,
    elementary::{exp, ln},
};
use art_data::Dataset;

/// The logits of every row of a set, with the true labels.
#[derive(Clone, Debug, PartialEq)]
pub struct Predictions {
    n_classes: usize,
    logits: Vec<f32>,
    labels: Vec<u32>,
}

impl Predictions {
    /// These logits, `n_classes` for each of `labels`.
    ///
    /// # Panics
    /// If their numbers do not fit, or a label is no class.
    pub fn from_logits(n_classes: usize, logits: Vec<f32>, labels: Vec<u32>) -> Self {
        assert_eq!(logits.len(), labels.len() * n_classes, "logits");
        assert!(
            labels.iter().all(|&label| (label as usize) < n_classes),
            "labels"
        );
        Self {
            n_classes,
            logits,
            labels,
        }
    }

    /// The logits of `model` on the rows of `data`.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when the model was made for other columns or classes.
    pub fn of(model: &impl Model, data: &Dataset) -> Result<Self, TrainError> {
        check_columns(data, model)?;
        let logits = if let Some(logits) = model.answers(data)? {
            logits
        } else if let Some(logits) = fused_logits(model, data)? {
            logits
        } else {
            let set = DeviceSet::new(data, model)?;
            in_batches(&set, data.n_rows(), model.evaluation_batch(), |rows| {
                model.forward(rows, Mode::Eval)
            })?
        };
        Ok(Self::from_logits(
            model.n_classes(),
            logits,
            data.labels().to_vec(),
        ))
    }

    /// The logits and label of each row.
    pub(crate) fn rows(&self) -> impl Iterator<Item = (&[f32], u32)> {
        self.logits
            .chunks_exact(self.n_classes)
            .zip(self.labels.iter().copied())
    }

    /// The same with each logit times `factor`, where a loss takes that for granted
    /// ([`Loss::logit_scale`](art_losses::Loss::logit_scale)).
    #[must_use]
    pub fn scaled(mut self, factor: f64) -> Self {
        for logit in &mut self.logits {
            *logit *= factor as f32;
        }
        self
    }

    /// The same with `offsets` added to the logits of each row; nothing is rounded where all are 0.
    pub(crate) fn moved(mut self, offsets: &[f64]) -> Self {
        if offsets.iter().any(|&offset| offset != 0.0) {
            for logits in self.logits.chunks_exact_mut(self.n_classes) {
                for (logit, offset) in logits.iter_mut().zip(offsets) {
                    *logit = (f64::from(*logit) + offset) as f32;
                }
            }
        }
        self
    }

    /// The rows of all `parts`, one part after the other.
    ///
    /// # Panics
    /// If there is none, or they are of other classes.
    pub(crate) fn joined<'p>(parts: impl IntoIterator<Item = &'p Self>) -> Self {
        let mut parts = parts.into_iter();
        let mut all = parts.next().expect("there is a part").clone();
        for part in parts {
            assert_eq!(part.n_classes, all.n_classes, "classes");
            all.logits.extend_from_slice(&part.logits);
            all.labels.extend_from_slice(&part.labels);
        }
        all
    }

    /// Makes sure that every row has an answer.
    ///
    /// # Errors
    /// [`TrainError::NonFiniteAnswer`] with the first row of which a logit is not finite.
    pub fn check_finite(&self, of: &'static str) -> Result<(), TrainError> {
        self.unanswered().map_or(Ok(()), |row| {
            Err(TrainError::NonFiniteAnswer { row: row + 1, of })
        })
    }

    /// The first row, counted from 0, of which a logit is not finite.
    pub(crate) fn unanswered(&self) -> Option<usize> {
        let place = self.logits.iter().position(|z| !z.is_finite())?;
        Some(place / self.n_classes)
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The logits, row after row.
    pub fn logits(&self) -> &[f32] {
        &self.logits
    }

    /// The label of each row.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// Truth against the class with the largest logit; ties go to the lower class.
    pub fn confusion(&self) -> ConfusionMatrix {
        self.confusion_with(&vec![0.0; self.n_classes])
    }

    /// Truth against the class with the largest sum of logit and offset; ties go to the lower class. The
    /// offsets are what a [`PostHoc`](crate::PostHoc) rule chose, one for each class.
    ///
    /// # Panics
    /// If there is not one offset for each class.
    pub fn confusion_with(&self, offsets: &[f64]) -> ConfusionMatrix {
        assert_eq!(offsets.len(), self.n_classes, "offsets");
        let mut matrix = ConfusionMatrix::new(self.n_classes).expect("a model has classes");
        for (logits, label) in self.rows() {
            matrix
                .record(label, decision(logits, offsets))
                .expect("labels were checked with the set");
        }
        matrix
    }

    /// The cross-entropy of each row, of the logits as they are, in f64.
    pub fn row_losses(&self) -> Vec<f64> {
        let unmoved = vec![0.0; self.n_classes];
        let loss = |(logits, label)| {
            let loss = row_cross_entropy(logits, label, &unmoved);
            // Rounding may leave a tiny negative number; a loss that is no number stays none.
            if loss < 0.0 { 0.0 } else { loss }
        };
        self.rows().map(loss).collect()
    }

    /// The class with the largest logit of each row; ties go to the lower class.
    pub fn predicted(&self) -> Vec<u32> {
        let unmoved = vec![0.0; self.n_classes];
        let predicted = |(logits, _)| decision(logits, &unmoved);
        self.rows().map(predicted).collect()
    }

    /// Mean cross-entropy of the logits as they are, in f64.
    pub fn cross_entropy(&self) -> f64 {
        self.mean_cross_entropy(&vec![0.0; self.n_classes])
    }

    /// Mean cross-entropy of logits with the prior `prior`, corrected to the class distribution `natural`
    /// ([`LogitPrior::offsets_to`]).
    pub fn prior_corrected_cross_entropy(
        &self,
        prior: &LogitPrior,
        natural: &ClassDistribution,
    ) -> f64 {
        self.mean_cross_entropy(&prior.offsets_to(natural))
    }

    /// Cross-entropy averaged inside each class first, of logits corrected to a uniform prior.
    pub fn balanced_cross_entropy(&self, prior: &LogitPrior) -> f64 {
        let uniform = ClassDistribution::uniform(self.n_classes).expect("a model has classes");
        let offsets = prior.offsets_to(&uniform);
        let mut sums = vec![(0.0, 0_u32); self.n_classes];
        for (logits, label) in self.rows() {
            let (sum, n) = &mut sums[label as usize];
            *sum += row_cross_entropy(logits, label, &offsets);
            *n += 1;
        }
        let means: Vec<f64> = sums
            .into_iter()
            .filter(|&(_, n)| n > 0)
            .map(|(sum, n)| sum / f64::from(n))
            .collect();
        means.iter().sum::<f64>() / means.len() as f64
    }

    fn mean_cross_entropy(&self, offsets: &[f64]) -> f64 {
        self.cross_entropy_at(offsets, 1.0)
    }

    /// Mean cross-entropy of sums of logit and offset, divided by `temperature`.
    pub(crate) fn cross_entropy_at(&self, offsets: &[f64], temperature: f64) -> f64 {
        let sum: f64 = self
            .rows()
            .map(|(logits, label)| row_cross_entropy_at(logits, label, offsets, temperature))
            .sum();
        sum / self.labels.len() as f64
    }
}

/// The class with the largest sum of logit and offset; ties go to the lower class.
pub(crate) fn decision(logits: &[f32], offsets: &[f64]) -> u32 {
    let value = |class: usize| f64::from(logits[class]) + offsets[class];
    let mut best = 0;
    for class in 1..logits.len() {
        if value(class) > value(best) {
            best = class;
        }
    }
    best as u32
}

fn row_cross_entropy(logits: &[f32], label: u32, offsets: &[f64]) -> f64 {
    row_cross_entropy_at(logits, label, offsets, 1.0)
}

fn row_cross_entropy_at(logits: &[f32], label: u32, offsets: &[f64], temperature: f64) -> f64 {
    let shifted = || {
        logits
            .iter()
            .zip(offsets)
            .map(|(z, offset)| (f64::from(*z) + offset) / temperature)
    };
    let largest = shifted().fold(f64::NEG_INFINITY, f64::max);
    let log_sum = ln(shifted().map(|z| exp(z - largest)).sum());
    let label = label as usize;
    // In this order, so that without offsets and temperature nothing is rounded that was not.
    largest + log_sum - f64::from(logits[label]) / temperature - offsets[label] / temperature
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    fn predictions() -> Predictions {
        Predictions {
            n_classes: 3,
            logits: vec![2.0, 1.0, -1.0, 0.5, 0.5, 0.5, -1.0, 0.0, 4.0, 1.0, 3.0, 0.0],
            labels: vec![1, 2, 2, 0],
        }
    }

    #[test]
    fn ties_are_predicted_as_the_lower_class() {
        let rows = [[0, 1, 0], [1, 0, 0], [1, 0, 1]].map(|row| row.to_vec());
        assert_eq!(
            predictions().confusion(),
            ConfusionMatrix::from_rows(&rows).unwrap()
        );
    }

    #[test]
    fn correction_to_the_same_prior_changes_nothing() {
        let native = predictions().cross_entropy();
        for scores in [[0.7, 0.2, 0.1], [1.0, 5e-5, 0.0]] {
            let p = ClassDistribution::from_scores(&scores).unwrap();
            let corrected = predictions().prior_corrected_cross_entropy(&p.clone().into(), &p);
            assert_abs_diff_eq!(corrected, native, epsilon = 1e-12);
        }
        let p = ClassDistribution::from_scores(&[0.7, 0.2, 0.1]).unwrap();
        let equal = ClassDistribution::uniform(3).unwrap().into();
        let corrected = predictions().prior_corrected_cross_entropy(&equal, &p);
        assert!((corrected - native).abs() > 0.1);
    }

    #[test]
    fn balanced_loss_averages_inside_classes_first() {
        let one = |row: usize| {
            let logits = &predictions().logits[3 * row..3 * row + 3];
            row_cross_entropy(logits, predictions().labels[row], &[0.0; 3])
        };
        let equal = ClassDistribution::uniform(3).unwrap().into();
        let expected = (one(3) + one(0) + f64::midpoint(one(1), one(2))) / 3.0;
        assert_abs_diff_eq!(
            predictions().balanced_cross_entropy(&equal),
            expected,
            epsilon = 1e-12
        );
    }

    #[test]
    fn a_class_that_was_never_drawn_stays_finite() {
        let natural = ClassDistribution::uniform(3).unwrap();
        let never = ClassDistribution::from_scores(&[1.0, 1.0, 0.0]).unwrap();
        assert!(
            predictions()
                .prior_corrected_cross_entropy(&never.into(), &natural)
                .is_finite()
        );
    }
}
