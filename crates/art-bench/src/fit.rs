//! One training run of a method: what cells and single models share.

use crate::{BenchError, Context, Method, Training};
use art_data::ValidSet;
use art_train::{Fitted, Model, Trainer};

/// What came out of a training run of a method.
pub struct MethodRun {
    /// The network, its epochs and how its decision is moved.
    pub fitted: Fitted<Box<dyn Model>>,
    /// Rows of each class that an epoch drew from, after static resampling.
    pub train_counts: Vec<usize>,
    /// The class distribution of the first epoch.
    pub initial_distribution: Vec<f64>,
    /// Classes that a resampler could not bring to their target, with the reason.
    pub warnings: Vec<String>,
}

impl Method {
    /// Trains a fresh network as `training` says on the rows of `context`, steered by `valid`. `trainer` has
    /// the configuration, callbacks and checkpoints; the method adds its stages to it.
    ///
    /// # Errors
    /// Whatever the method or training refuses.
    pub fn fit(
        &self,
        context: &Context<'_>,
        training: &Training,
        valid: &ValidSet,
        trainer: Trainer<'_>,
    ) -> Result<MethodRun, BenchError> {
        let prepared = self.prepare(context)?;
        let initial_distribution = prepared.sampler.distribution().as_slice().to_vec();
        let data = context.train.data();
        let head = prepared.loss.loss_at(1).head();
        let model = training.network(data, head, context.seed)?;
        let mut trainer = trainer;
        if let Some(stage) = &prepared.second_stage {
            trainer = trainer.second_stage(&**stage);
        }
        if let Some(rule) = &prepared.post_hoc {
            trainer = trainer.post_hoc(&**rule);
        }
        let loss = &*prepared.loss;
        let fitted = trainer.fit(model, loss, prepared.sampler, &prepared.train, valid)?;
        let warnings = prepared.warnings.iter();
        let warnings = warnings.map(|w| format!("{}: {}", data.class_names()[w.class], w.message));
        Ok(MethodRun {
            fitted,
            train_counts: prepared.train.data().class_counts().as_slice().to_vec(),
            initial_distribution,
            warnings: warnings.collect(),
        })
    }
}
