//! What turns batches into better weights: the trainer's view of a model in work.

mod tensors;

pub(crate) use tensors::TensorEngine;

use crate::{Moments, TrainError, mixing::Mix};
use art_losses::Loss;
use candle_core::Tensor;

/// All that changes in a model and its optimiser while training, tensors in the model's order.
#[derive(Clone, Debug)]
pub(crate) struct Snapshot {
    /// Optimiser steps taken.
    pub(crate) steps: u64,
    pub(crate) weights: Vec<Tensor>,
    /// The weights that were kept last.
    pub(crate) kept: Vec<Tensor>,
    pub(crate) moments: Vec<Moments>,
}

/// A model in training.
pub(crate) trait Engine {
    /// Names the arithmetic: runs that differ in it agree to rounding, not to the bit. A version that
    /// changes any bit has another name.
    fn arithmetic(&self) -> &'static str;

    /// One optimiser step on these rows of the training set, mixed as `mix` says; returns their loss. A loss that is not finite
    /// leaves the weights as they were.
    fn step(
        &mut self,
        rows: &[u32],
        mix: Option<&Mix>,
        loss: &dyn Loss,
        learning_rate: f64,
    ) -> Result<f64, TrainError>;

    /// Optimiser steps taken.
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
