//! The trainer: a run of training and what stands around it.

use crate::{
    callback::{Callback, Control},
    checkpoint::Checkpoint,
    config::TrainConfig,
    error::TrainError,
    evaluate::Predictions,
    history::{History, StopReason},
    logit_prior::LogitPrior,
    mixing::Remix,
    model::Model,
    post_hoc::{Adjustment, PostHoc},
    run::{Finished, Run, RunOptions},
    stage,
    stage::{SecondStage, StageReport},
};
use art_core::{EpochSampler, Seed};
use art_data::{TrainSet, ValidSet};
use art_losses::{FeatureLoss, LossSchedule};
use std::path::PathBuf;

/// Trains a model on the rows that a sampler draws, steered by a validation set.
///
/// Each epoch: draw the rows, train on them in batches, evaluate on validation once, and use those
/// predictions both for early stopping and for the sampler's refresh. There is no test set here:
/// it is read once, by whoever called.
///
/// A run is a pure function of (configuration, model, loss, sampler, rows, seed). With a checkpoint
/// it can be stopped after any epoch and resumed to the same bits.
///
/// ```
/// use art_core::{ArtParams, ArtSampler, Seed};
/// use art_data::{GaussianClasses, Split, SplitConfig, Standardizer};
/// use art_losses::CrossEntropy;
/// use art_train::{Mlp, MlpParams, Predictions, TrainParams, Trainer};
///
/// let seed = Seed::new(1834);
/// let data = GaussianClasses::new(vec![900, 90], 4).generate(seed)?;
/// let split = Standardizer::split(&Split::stratified(&data, &SplitConfig::default(), seed)?)?;
/// let model = Mlp::new(MlpParams::new(4, 2).hidden([16]).check()?, seed, &candle_core::Device::Cpu)?;
/// let sampler = ArtSampler::new(ArtParams::new().check()?, split.train.data().class_index()?, seed)?;
///
/// let config = TrainParams::new().learning_rate(5e-3).check()?;
/// let fitted = Trainer::new(config, seed)
///     .fit(model, &CrossEntropy, Box::new(sampler), &split.train, &split.valid)?;
/// let test = Predictions::of(&fitted.model, split.test.data())?.confusion();
/// assert!(test.macro_f1() > 0.5);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Trainer<'a> {
    options: RunOptions<'a>,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    checkpoint: Option<PathBuf>,
    resume: Option<Checkpoint>,
    second_stage: Option<&'a dyn SecondStage>,
    post_hoc: Option<&'a dyn PostHoc>,
}

/// A trained model with the weights of its best epoch.
#[derive(Debug)]
pub struct Fitted<M> {
    /// The model.
    pub model: M,
    /// The epoch that its weights are from.
    pub best_epoch: u32,
    /// Every epoch of the run.
    pub history: History,
    /// Why the run ended.
    pub stopped: StopReason,
    /// The class prior of its logits: that of the best epoch, or of the second stage where there was one.
    pub logit_prior: LogitPrior,
    /// What logits must be multiplied by to be those of probabilities
    /// ([`Loss::logit_scale`](art_losses::Loss::logit_scale)).
    pub logit_scale: f64,
    /// What came out of the second stage, where there was one.
    pub second_stage: Option<StageReport>,
    /// How answers are moved, as [`Trainer::post_hoc`] chose it.
    pub adjustment: Option<Adjustment>,
    /// The sampler as the last epoch left it.
    pub sampler: Box<dyn EpochSampler>,
}

impl<'a> Trainer<'a> {
    /// A trainer whose dropout masks, mixing and second stage draw from `seed`.
    pub fn new(config: TrainConfig, seed: Seed) -> Self {
        Self {
            options: RunOptions {
                config,
                seed,
                mixing: None,
                feature_loss: None,
                tensor_operations: false,
            },
            callbacks: vec![],
            checkpoint: None,
            resume: None,
            second_stage: None,
            post_hoc: None,
        }
    }

    /// Trains with this configuration in the place of the one before.
    pub fn config(mut self, config: TrainConfig) -> Self {
        self.options.config = config;
        self
    }

    /// Shows each epoch to `callback`; callbacks are called in the order they were added.
    pub fn callback(mut self, callback: impl Callback + 'a) -> Self {
        self.callbacks.push(Box::new(callback));
        self
    }

    /// Writes everything needed to resume to `path` after each epoch, replacing the last one
    /// atomically.
    pub fn checkpoint(mut self, path: impl Into<PathBuf>) -> Self {
        self.checkpoint = Some(path.into());
        self
    }

    /// Goes on from `checkpoint`. Model, loss, sampler, rows, configuration and seed must be made
    /// as for the run that wrote it.
    pub fn resume(mut self, checkpoint: Checkpoint) -> Self {
        self.resume = Some(checkpoint);
        self
    }

    /// Trains by tensor operations even where a model has a faster form for the CPU; the two differ by
    /// rounding alone.
    pub fn with_tensor_operations(mut self) -> Self {
        self.options.tensor_operations = true;
        self
    }

    /// Has `stage` make a new last layer once training has ended; a run that a callback stopped has
    /// none.
    pub fn second_stage(mut self, stage: &'a dyn SecondStage) -> Self {
        self.second_stage = Some(stage);
        self
    }

    /// Has `rule` move the decision on the validation rows once everything is trained; a run that a callback
    /// stopped has none.
    pub fn post_hoc(mut self, rule: &'a dyn PostHoc) -> Self {
        self.post_hoc = Some(rule);
        self
    }

    /// Mixes the rows of each batch.
    pub fn mixing(mut self, remix: Remix) -> Self {
        self.options.mixing = Some(remix);
        self
    }

    /// Adds a loss on the features of each batch. Where rows are mixed it takes the features of the mixed rows for those
    /// of their first labels.
    pub fn feature_loss(mut self, loss: &'a dyn FeatureLoss) -> Self {
        self.options.feature_loss = Some(loss);
        self
    }

    /// Trains `model` and returns it with the weights of its best epoch.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when model, sampler and rows do not belong together,
    /// [`TrainError::NonFiniteLoss`], or whatever a part of the run refuses. The last checkpoint
    /// stays.
    pub fn fit<M: Model>(
        self,
        model: M,
        loss: &dyn LossSchedule,
        sampler: Box<dyn EpochSampler>,
        train: &TrainSet,
        valid: &ValidSet,
    ) -> Result<Fitted<M>, TrainError> {
        // On a thread of the pool, handing a part of a batch to another thread costs next to nothing; from
        // outside, every step would wake the pool and wait for it.
        rayon::scope(|_| self.fit_here(model, loss, sampler, train, valid))
    }

    fn fit_here<M: Model>(
        mut self,
        model: M,
        loss: &dyn LossSchedule,
        sampler: Box<dyn EpochSampler>,
        train: &TrainSet,
        valid: &ValidSet,
    ) -> Result<Fitted<M>, TrainError> {
        let mut run = Run::new(self.options.clone(), &model, loss, sampler, train, valid)?;
        if let Some(checkpoint) = self.resume.take() {
            run.restore(&checkpoint)?;
        }
        for callback in &mut self.callbacks {
            callback.on_fit_start(&self.options.config, run.epochs_done())?;
        }
        while run.stopped.is_none() {
            run.epoch()?;
            let mut stop = false;
            for callback in &mut self.callbacks {
                let report = run
                    .history
                    .epochs
                    .last()
                    .expect("an epoch was just trained");
                stop |= callback.on_epoch_end(report)? == Control::Stop;
            }
            if let Some(path) = &self.checkpoint {
                run.checkpoint()?.save(path)?;
            }
            if stop && run.stopped.is_none() {
                run.stopped = Some(StopReason::Requested);
            }
        }
        let Finished {
            best_epoch,
            stopped,
            history,
            mut logit_prior,
            mut logit_scale,
            sampler,
        } = run.finish()?;
        let second_stage = match self.second_stage {
            Some(stage) if stopped != StopReason::Requested => Some(stage::run(
                stage,
                &model,
                train,
                valid,
                &logit_prior,
                &self.options.config,
                self.options.seed,
            )?),
            _ => None,
        };
        let second_stage = second_stage.map(|(report, prior)| {
            (logit_prior, logit_scale) = (prior, 1.0);
            report
        });
        let adjustment = match self.post_hoc {
            Some(rule) if stopped != StopReason::Requested => {
                let natural = train.natural_counts().prior();
                let predictions = Predictions::of(&model, valid.data())?.scaled(logit_scale);
                let mut adjustment = rule.adjust(&predictions, &logit_prior, &natural);
                // Offsets are for logits as they come out of the model.
                for offset in &mut adjustment.offsets {
                    *offset /= logit_scale;
                }
                Some(adjustment)
            }
            _ => None,
        };
        for callback in &mut self.callbacks {
            callback.on_fit_end(&history)?;
        }
        Ok(Fitted {
            model,
            best_epoch,
            history,
            stopped,
            logit_prior,
            logit_scale,
            second_stage,
            adjustment,
            sampler,
        })
    }
}
