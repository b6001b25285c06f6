//! One training run of a method: what cells and single models share.

use crate::{BenchError, Context, Method, Training, stop_when};
use art_core::{ClassDistribution, EpochSampler, Seed, Shuffle};
use art_data::{TrainSet, ValidSet};
use art_losses::{CrossEntropy, Head};
use art_train::{Fitted, Model, Predictions, StopReason, Trainer};
use std::{borrow::Cow, sync::atomic::AtomicBool};

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
    /// How it was trained; the hidden layers may be the method's own.
    pub training: Training,
}

impl Method {
    /// Trains a fresh network as `training` says on the rows of `context`, steered by `valid`. `trainer` has
    /// the configuration, callbacks and checkpoints; the method adds its stages to it.
    ///
    /// # Errors
    /// Whatever the method or training refuses; [`BenchError::Cancelled`] when training was given up before the run itself
    /// began.
    pub fn fit(
        &self,
        context: &Context<'_>,
        training: &Training,
        valid: &ValidSet,
        trainer: Trainer<'_>,
    ) -> Result<MethodRun, BenchError> {
        let mut prepared = self.prepare(context)?;
        let training = if prepared.is_linear {
            Cow::Owned(Training {
                hidden: vec![],
                learning_rate: 10.0 * training.learning_rate,
                ..training.clone()
            })
        } else {
            Cow::Borrowed(training)
        };
        if let Some(rehearsal) = &prepared.rehearsal {
            (prepared.train, prepared.sampler) = rehearsal(&Rehearsals {
                train: context.train,
                seed: context.seed,
                training: &training,
                valid,
                cancel: context.cancel,
            })?;
        }
        let initial_distribution = prepared.sampler.distribution().as_slice().to_vec();
        let data = context.train.data();
        let head = prepared.loss.loss_at(1).head();
        let model = training.network(data, head, context.seed)?;
        let mut trainer = trainer.config(training.train_config()?);
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
            training: training.into_owned(),
        })
    }
}

/// Trains networks before a run, with its settings.
pub struct Rehearsals<'a> {
    train: &'a TrainSet,
    seed: Seed,
    training: &'a Training,
    valid: &'a ValidSet,
    cancel: Option<&'a AtomicBool>,
}

impl Rehearsals<'_> {
    /// The loss of each row of the whole training set under a network that is trained plainly on `rows`.
    ///
    /// # Errors
    /// Whatever training refuses; [`BenchError::Cancelled`] when it was given up.
    pub fn losses(&self, rows: &TrainSet) -> Result<Vec<f64>, BenchError> {
        let sampler = Shuffle::new(rows.data().class_counts(), self.seed);
        let fitted = self.run(self.seed, Box::new(sampler), rows)?;
        Ok(Predictions::of(&fitted.model, self.train.data())?.row_losses())
    }

    /// Each change of the class distribution while a network with the weights and masks of `seed` is trained on what
    /// `sampler` draws, with the epoch that it followed; and the number of epochs that were trained.
    ///
    /// # Errors
    /// Whatever training refuses; [`BenchError::Cancelled`] when it was given up.
    pub fn refreshes(
        &self,
        seed: Seed,
        sampler: Box<dyn EpochSampler>,
    ) -> Result<(Vec<(u32, ClassDistribution)>, u32), BenchError> {
        let fitted = self.run(seed, sampler, self.train)?;
        let n_epochs = fitted.history.epochs.len() as u32;
        let mut refreshes = vec![];
        for report in fitted.history.epochs {
            if let Some(refresh) = report.refresh {
                refreshes.push((report.epoch, ClassDistribution::new(refresh.distribution)?));
            }
        }
        Ok((refreshes, n_epochs))
    }

    fn run(
        &self,
        seed: Seed,
        sampler: Box<dyn EpochSampler>,
        rows: &TrainSet,
    ) -> Result<Fitted<Box<dyn Model>>, BenchError> {
        let data = self.train.data();
        let model = self.training.network(data, Head::Linear, seed)?;
        let mut trainer = Trainer::new(self.training.train_config()?, seed);
        if let Some(cancel) = self.cancel {
            trainer = trainer.callback(stop_when(cancel));
        }
        let fitted = trainer.fit(model, &CrossEntropy, sampler, rows, self.valid)?;
        if fitted.stopped == StopReason::Requested {
            // What half a rehearsal says would steer another run than the one that was asked for.
            return Err(BenchError::Cancelled);
        }
        Ok(fitted)
    }
}
