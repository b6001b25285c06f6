//! What turns batches into better weights: the trainer's view of a model in work.

#[cfg(feature = "cuda")]
mod card;
mod evaluation;
mod flat;
mod fused;
mod tensors;
#[cfg(test)]
mod tests;

#[cfg(feature = "cuda")]
pub(crate) use card::CardEngine;
pub(crate) use evaluation::fused_logits;
pub(crate) use fused::FusedEngine;
pub(crate) use tensors::TensorEngine;

use crate::{error::TrainError, mixing::Mix, optim::Moments};
use art_losses::{FeatureLoss, Loss, RowTerms};
use candle_core::Tensor;

/// All that changes in a model and its optimizer while training, tensors in the model's order.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// Optimizer steps taken.
    pub(crate) steps: u64,
    pub(crate) weights: Vec<Tensor>,
    /// The weights that were kept last.
    pub(crate) kept: Vec<Tensor>,
    pub(crate) moments: Vec<Moments>,
}

/// What a step does beside the loss of its rows.
#[derive(Clone, Copy, Default)]
pub(crate) struct Extras<'a> {
    /// How the rows are mixed.
    pub(crate) mix: Option<&'a Mix>,
    /// How much each row of the batch counts; empty where all count alike.
    pub(crate) weights: &'a [f64],
    /// A loss on features, and its factor.
    pub(crate) on_features: Option<(&'a dyn FeatureLoss, f64)>,
}

impl Extras<'_> {
    /// The loss of a batch by its logits, and its gradients with respect to them.
    pub(crate) fn value_and_gradient(
        &self,
        loss: &dyn Loss,
        (labels, of_rows): (&[u32], &[u32]),
        logits: &[f64],
        gradients: &mut [f64],
    ) -> Result<f64, TrainError> {
        match self.terms(labels, of_rows) {
            None => Ok(loss.value_and_gradient(logits, labels, gradients)?),
            Some(terms) => {
                terms.with(|terms| Ok(terms.value_and_gradient(loss, logits, gradients)?))
            }
        }
    }

    /// Labels and their shares, term by term, where rows do not simply count for their label: `labels` are those of the
    /// batch, `of_rows` those of the training set.
    pub(crate) fn terms(&self, labels: &[u32], of_rows: &[u32]) -> Option<Terms> {
        let weight = |row: usize| self.weights.get(row).copied().unwrap_or(1.0);
        match self.mix {
            None if self.weights.is_empty() => None,
            None => Some(Terms(vec![(labels.to_vec(), self.weights.to_vec())])),
            Some(mix) => {
                let partners = mix.partners.iter();
                let second = partners.map(|&row| of_rows[row as usize]).collect();
                let shares = |of: fn(f64) -> f64| {
                    let shares = mix.label_shares.iter().enumerate();
                    shares.map(|(row, &s)| weight(row) * of(s)).collect()
                };
                let first = (labels.to_vec(), shares(|share| share));
                Some(Terms(vec![first, (second, shares(|share| 1.0 - share))]))
            }
        }
    }
}

/// Labels of rows and how much each counts.
pub(crate) struct Terms(Vec<(Vec<u32>, Vec<f64>)>);

impl Terms {
    /// What `of` makes of them.
    pub(crate) fn with<T>(
        &self,
        of: impl FnOnce(RowTerms<'_>) -> Result<T, TrainError>,
    ) -> Result<T, TrainError> {
        let terms: Vec<_> = self.0.iter().map(|(l, w)| (&l[..], &w[..])).collect();
        of(RowTerms::new(&terms)?)
    }
}

/// The arithmetic of fused networks: from the second version on the same bits on every processor. A version that changes any
/// bit has another name, here and below.
pub(crate) const FUSED: &str = "fused-2";
/// That of tensor operations on the processor.
pub(crate) const TENSORS: &str = "tensors-3";
/// That of an accelerator, which is its own.
pub(crate) const ON_AN_ACCELERATOR: &str = "accelerator-1";

/// A model in training.
pub(crate) trait Engine: Send {
    /// Names the arithmetic: runs that differ in it agree to rounding, not to the bit.
    fn arithmetic(&self) -> &'static str;

    /// One optimizer step on these rows of the training set; returns their loss. A loss that is not finite leaves the
    /// weights as they were.
    fn step(
        &mut self,
        rows: &[u32],
        extras: Extras<'_>,
        loss: &dyn Loss,
        learning_rate: f64,
    ) -> Result<f64, TrainError>;

    /// Optimizer steps taken.
    fn steps(&self) -> u64;

    /// The logits of every validation row.
    fn validation_logits(&mut self) -> Result<Vec<f32>, TrainError>;

    /// The logits of every training row, without dropout.
    fn training_logits(&mut self) -> Result<Vec<f32>, TrainError>;

    /// Remembers the weights as they are now.
    fn keep(&mut self) -> Result<(), TrainError>;

    fn snapshot(&self) -> Result<Snapshot, TrainError>;

    /// Goes on from a snapshot of the same model.
    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), TrainError>;

    /// Gives the model the weights that were kept.
    fn finish(&mut self) -> Result<(), TrainError>;
}
