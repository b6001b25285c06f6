//! One training run of a method: what cells and single models share.

use crate::{BenchError, Context, Method, Training};
use art_core::Shuffle;
use art_data::{TrainSet, ValidSet};
use art_losses::{CrossEntropy, Head};
use art_train::{Fitted, Model, Predictions, Trainer};

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
        let mut prepared = self.prepare(context)?;
        if let Some(rehearsal) = &prepared.rehearsal {
            let rehearse = |rows: &TrainSet| reference_losses(context, rows, training, valid);
            (prepared.train, prepared.sampler) = rehearsal(&rehearse)?;
        }
        let initial_distribution = prepared.sampler.distribution().as_slice().to_vec();
        let data = context.train.data();
        let head = prepared.loss.loss_at(1).head();
        let model = training.network(data, head, context.seed)?;
        let mut trainer = trainer;
        if let Some(stage) = &prepared.second_stage {
            trainer = trainer.second_stage(&**stage);
        }
        if let Some(remix) = prepared.mixing {
            trainer = trainer.mixing(remix);
        }
        if let Some(loss) = &prepared.feature_loss {
            trainer = trainer.feature_loss(&**loss);
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

/// The loss of each training row under a network that is trained plainly on `rows`, with the settings of the run.
fn reference_losses(
    context: &Context<'_>,
    rows: &TrainSet,
    training: &Training,
    valid: &ValidSet,
) -> Result<Vec<f64>, BenchError> {
    let data = context.train.data();
    let model = training.network(data, Head::Linear, context.seed)?;
    let sampler = Shuffle::new(rows.data().class_counts(), context.seed);
    let fitted = Trainer::new(training.train_config()?, context.seed).fit(
        model,
        &CrossEntropy,
        Box::new(sampler),
        rows,
        valid,
    )?;
    Ok(Predictions::of(&fitted.model, data)?.row_losses())
}
