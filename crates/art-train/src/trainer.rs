//! The trainer: a run of training and what stands around it.

use crate::{
    callback::Callback,
    checkpoint::Checkpoint,
    config::TrainConfig,
    error::TrainError,
    history::{History, StopReason},
    logit_prior::LogitPrior,
    mixing::Remix,
    model::Model,
    post_hoc::{Adjustment, PostHoc},
    run::RunOptions,
    stage::{SecondStage, StageReport},
    together::{Course, Surroundings, Trained, train_together},
};
use art_core::{ClassDistribution, EpochSampler, Seed};
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

impl<M> Fitted<M> {
    /// The same with what `wrap` makes of the model.
    pub(crate) fn map_model<N>(self, wrap: impl FnOnce(M) -> N) -> Fitted<N> {
        Fitted {
            model: wrap(self.model),
            best_epoch: self.best_epoch,
            history: self.history,
            stopped: self.stopped,
            logit_prior: self.logit_prior,
            logit_scale: self.logit_scale,
            second_stage: self.second_stage,
            adjustment: self.adjustment,
            sampler: self.sampler,
        }
    }
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
        let course = Course {
            options: self.options.clone(),
            model: &model,
            loss,
            sampler,
            train,
            valid,
            second_stage: self.second_stage,
        };
        let natural = train.natural_counts().prior();
        let Trained {
            best_epoch,
            stopped,
            history,
            mut networks,
            adjustment,
            ..
        } = train_together(vec![course], self.surroundings(natural))?;
        let network = networks.remove(0);
        let scale = network.logit_scale;
        Ok(Fitted {
            model,
            best_epoch,
            history,
            stopped,
            logit_prior: network.logit_prior,
            logit_scale: scale,
            second_stage: network.second_stage,
            adjustment: adjustment.map(|adjustment| adjustment.for_unscaled(scale)),
            sampler: network.sampler,
        })
    }

    /// What stands around the epochs of training on rows with these class proportions.
    pub(crate) fn surroundings(self, natural: ClassDistribution) -> Surroundings<'a> {
        Surroundings {
            callbacks: self.callbacks,
            checkpoint: self.checkpoint,
            resume: self.resume,
            post_hoc: self.post_hoc,
            natural,
        }
    }

    /// Whether networks are trained by tensor operations where there is a faster form.
    pub(crate) fn has_tensor_operations(&self) -> bool {
        self.options.tensor_operations
    }
}
