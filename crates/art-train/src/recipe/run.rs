//! What a recipe is made for, and what comes out of it.

use super::Recipe;
use crate::{
    ensemble::Ensemble,
    error::TrainError,
    evaluate::Predictions,
    model::Model,
    trainer::{Fitted, Trainer},
    training::Training,
};
use art_core::{ClassIndex, Seed};
use art_data::{ResampleWarning, TrainSet, ValidSet};
use candle_core::Device;
use std::sync::atomic::AtomicBool;

/// What a recipe is made for.
#[derive(Clone, Copy)]
pub struct RunInputs<'a> {
    /// The training rows, scaled.
    pub train: &'a TrainSet,
    /// The validation rows, which steer training.
    pub valid: &'a ValidSet,
    /// The network and how it is trained.
    pub training: &'a Training,
    /// The seed of weights, masks and draws; a method draws from streams of its own.
    pub seed: Seed,
    /// Where networks are trained.
    pub device: &'a Device,
    /// Set once the run is to be given up after the epoch in work; networks that are trained beforehand stop as well.
    pub cancel: Option<&'a AtomicBool>,
}

impl<'a> RunInputs<'a> {
    /// Of a run on the processor that nothing can give up.
    pub fn new(
        train: &'a TrainSet,
        valid: &'a ValidSet,
        training: &'a Training,
        seed: Seed,
    ) -> Self {
        Self {
            train,
            valid,
            training,
            seed,
            device: &Device::Cpu,
            cancel: None,
        }
    }

    /// The same, given up after the epoch in which `cancel` is set.
    #[must_use]
    pub fn cancel(mut self, cancel: &'a AtomicBool) -> Self {
        self.cancel = Some(cancel);
        self
    }

    /// The same on another device.
    #[must_use]
    pub fn device(mut self, device: &'a Device) -> Self {
        self.device = device;
        self
    }

    /// The training rows by class.
    ///
    /// # Errors
    /// [`TrainError::Data`] where there is no row.
    pub fn class_index(&self) -> Result<ClassIndex, TrainError> {
        Ok(self.train.data().class_index()?)
    }
}

/// What came out of a recipe.
pub struct RecipeRun {
    /// The network, or one for each fold, the epochs and how the decision is moved.
    pub fitted: Fitted<Ensemble<Box<dyn Model>>>,
    /// The training rows as the networks answer them that were not trained on them, with the class prior
    /// [`Fitted::logit_prior`]; none where there are no folds.
    pub out_of_fold: Option<Predictions>,
    /// Rows of each class that an epoch drew from, after static resampling.
    pub train_counts: Vec<usize>,
    /// The class distribution of the first epoch.
    pub initial_distribution: Vec<f64>,
    /// Classes that a resampler could not bring to their target, with the reason.
    pub warnings: Vec<String>,
    /// The network and how it was trained.
    pub training: Training,
}

impl Recipe {
    /// A fresh network for the run: its own, or the one that its training describes.
    pub(super) fn network(&mut self, inputs: &RunInputs<'_>) -> Result<Box<dyn Model>, TrainError> {
        if let Some(model) = self.model.take() {
            return Ok(model);
        }
        let head = self.loss.loss_at(1).head();
        let data = inputs.train.data();
        self.training
            .network(data, head, inputs.seed, inputs.device)
    }

    /// Trains a fresh network. `trainer` has callbacks and checkpoints; configuration and stages are the recipe's.
    ///
    /// # Errors
    /// Whatever training refuses.
    pub fn fit(
        mut self,
        inputs: &RunInputs<'_>,
        trainer: Trainer<'_>,
    ) -> Result<RecipeRun, TrainError> {
        let initial_distribution = self.sampler.distribution().as_slice().to_vec();
        let data = inputs.train.data();
        let model = self.network(inputs)?;
        let mut trainer = trainer.config(self.training.train_config()?);
        if let Some(stage) = &self.second_stage {
            trainer = trainer.second_stage(&**stage);
        }
        if let Some(remix) = self.mixing {
            trainer = trainer.mixing(remix);
        }
        if let Some(loss) = &self.feature_loss {
            trainer = trainer.feature_loss(&**loss);
        }
        if let Some(rule) = &self.decision {
            trainer = trainer.post_hoc(&**rule);
        }
        let fitted = trainer.fit(model, &*self.loss, self.sampler, &self.train, inputs.valid)?;
        let fitted = fitted.map_model(Ensemble::of_one);
        let named = |warning: &ResampleWarning| warning.named(data.class_names());
        let warnings = self.warnings.iter().map(named);
        Ok(RecipeRun {
            fitted,
            out_of_fold: None,
            train_counts: self.train.data().class_counts().as_slice().to_vec(),
            initial_distribution,
            warnings: warnings.collect(),
            training: self.training,
        })
    }
}
