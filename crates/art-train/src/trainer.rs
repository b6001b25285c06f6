//! The training loop.

use crate::{
    Adjustment, Callback, Checkpoint, Control, EarlyStopping, EpochReport, EpochTiming, History,
    Model, PostHoc, Predictions, Remix, SecondStage, Shares, StageReport, StopReason, TrainConfig,
    TrainError, Verdict,
    engine::{Engine, Extras, Snapshot, TensorEngine},
    evaluate::check_columns,
    fused::FusedEngine,
    stage,
};
use art_core::{ClassDistribution, EpochSampler, Refresh, RowSignals, Seed};
use art_data::{TrainSet, ValidSet};
use art_losses::{FeatureLoss, LossSchedule};
use std::{path::PathBuf, time::Instant};

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
    config: TrainConfig,
    seed: Seed,
    callbacks: Vec<Box<dyn Callback + 'a>>,
    checkpoint: Option<PathBuf>,
    resume: Option<Checkpoint>,
    second_stage: Option<&'a dyn SecondStage>,
    post_hoc: Option<&'a dyn PostHoc>,
    mixing: Option<Remix>,
    feature_loss: Option<&'a dyn FeatureLoss>,
    tensor_operations: bool,
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
    /// The class distribution that the logits stand for: what was drawn in the best epoch, times what the loss made of it
    /// ([`Loss::prior_factors`](art_losses::Loss::prior_factors)), or that of the second stage where there was one. A loss
    /// that validation decides counts as if it weighed all classes alike.
    pub trained_under: ClassDistribution,
    /// What came out of the second stage, where there was one.
    pub second_stage: Option<StageReport>,
    /// How answers are moved, as [`Trainer::post_hoc`] chose it.
    pub adjustment: Option<Adjustment>,
}

impl<'a> Trainer<'a> {
    /// A trainer whose dropout masks come from `seed`.
    pub fn new(config: TrainConfig, seed: Seed) -> Self {
        Self {
            config,
            seed,
            callbacks: vec![],
            checkpoint: None,
            resume: None,
            second_stage: None,
            post_hoc: None,
            mixing: None,
            feature_loss: None,
            tensor_operations: false,
        }
    }

    /// Trains with this configuration in the place of the one before.
    pub fn config(mut self, config: TrainConfig) -> Self {
        self.config = config;
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
        self.tensor_operations = true;
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
        self.mixing = Some(remix);
        self
    }

    /// Adds a loss on the features of each batch. Where rows are mixed it takes the features of the mixed rows for those
    /// of their first labels.
    pub fn feature_loss(mut self, loss: &'a dyn FeatureLoss) -> Self {
        self.feature_loss = Some(loss);
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
        let mut run = Run::new(&self, &model, loss, sampler, train, valid)?;
        if let Some(checkpoint) = self.resume.take() {
            run.restore(&checkpoint)?;
        }
        for callback in &mut self.callbacks {
            callback.on_fit_start(&self.config, run.epochs_done())?;
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
        let (best_epoch, stopped, history, mut trained_under) = run.finish()?;
        if let Some(factors) = loss.loss_at(best_epoch).prior_factors() {
            let shares = trained_under.as_slice().iter().zip(factors);
            let shares: Vec<f64> = shares.map(|(share, factor)| share * factor).collect();
            trained_under = ClassDistribution::from_scores(&shares)?;
        }
        let second_stage = match self.second_stage {
            Some(stage) if stopped != StopReason::Requested => Some(stage::run(
                stage,
                &model,
                train,
                valid,
                &trained_under,
                &self.config,
                self.seed,
            )?),
            _ => None,
        };
        if let Some(report) = &second_stage {
            trained_under = ClassDistribution::new(report.distribution.clone())?;
        }
        let adjustment = match self.post_hoc {
            Some(rule) if stopped != StopReason::Requested => {
                let shares = Shares {
                    natural: &train.natural_counts().prior(),
                    trained: &trained_under,
                };
                Some(rule.adjust(&Predictions::of(&model, valid.data())?, shares))
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
            trained_under,
            second_stage,
            adjustment,
        })
    }
}

/// Everything that changes while training.
struct Run<'a, M> {
    config: TrainConfig,
    seed: Seed,
    loss: &'a dyn LossSchedule,
    mixing: Option<Remix>,
    feature_loss: Option<&'a dyn FeatureLoss>,
    train: &'a TrainSet,
    valid: &'a ValidSet,
    model: &'a M,
    engine: Box<dyn Engine + 'a>,
    sampler: Box<dyn EpochSampler>,
    /// The class distribution of the first epoch.
    initial: ClassDistribution,
    stopping: EarlyStopping,
    history: History,
    stopped: Option<StopReason>,
}

impl<'a, M: Model> Run<'a, M> {
    fn new(
        trainer: &Trainer<'a>,
        model: &'a M,
        loss: &'a dyn LossSchedule,
        sampler: Box<dyn EpochSampler>,
        train: &'a TrainSet,
        valid: &'a ValidSet,
    ) -> Result<Self, TrainError> {
        let counts = train.data().class_counts();
        if *sampler.class_counts() != counts {
            return Err(TrainError::Mismatch {
                what: "the sampler's rows of each class",
                expected: format!("{:?} (the training set's)", counts.as_slice()),
                found: format!("{:?}", sampler.class_counts().as_slice()),
            });
        }
        let config = trainer.config.clone();
        for epoch in [1, config.max_epochs()] {
            let wanted = loss.loss_at(epoch).head();
            if wanted != model.head() {
                return Err(TrainError::Mismatch {
                    what: "the model's head",
                    expected: format!("{wanted:?} (the loss's)"),
                    found: format!("{:?}", model.head()),
                });
            }
        }
        for data in [train.data(), valid.data()] {
            check_columns(data, model)?;
        }
        let sets = (train.data(), valid.data());
        let (seed, weight_decay) = (trainer.seed, config.weight_decay());
        let network = if trainer.tensor_operations || !model.device().is_cpu() {
            None
        } else {
            model.network()
        };
        let engine: Box<dyn Engine + 'a> = match network {
            Some(network) => {
                let batch = config.batch_size();
                Box::new(FusedEngine::new(
                    model,
                    network,
                    sets,
                    seed,
                    batch,
                    weight_decay,
                )?)
            }
            None => Box::new(TensorEngine::new(model, sets, seed, weight_decay)?),
        };
        Ok(Self {
            stopping: EarlyStopping::new(config.criterion(), config.patience()),
            seed,
            history: History::default(),
            stopped: None,
            config,
            loss,
            mixing: trainer.mixing,
            feature_loss: trainer.feature_loss,
            train,
            valid,
            model,
            engine,
            initial: sampler.distribution().clone(),
            sampler,
        })
    }

    fn epochs_done(&self) -> u32 {
        self.history.epochs.len() as u32
    }

    fn epoch(&mut self) -> Result<(), TrainError> {
        let epoch = self.epochs_done() + 1;
        let start = Instant::now();
        let rows = self.sampler.draw(epoch).to_vec();
        let drawn = Instant::now();
        let (steps, train_loss) = self.train_epoch(epoch, &rows)?;
        let trained = Instant::now();
        let labels = self.valid.data().labels().to_vec();
        let logits = self.engine.validation_logits()?;
        let predictions = Predictions::from_logits(self.model.n_classes(), logits, labels);
        let forwarded = Instant::now();
        let confusion = predictions.confusion();
        let scored = Instant::now();
        let valid_loss = predictions.cross_entropy();
        if !valid_loss.is_finite() {
            return Err(TrainError::NonFiniteLoss {
                what: "validation",
                loss: valid_loss,
                epoch,
                step: self.engine.steps(),
                learning_rate: self.config.learning_rate(epoch),
            });
        }

        let switch = self.loss.switch_after();
        if switch.is_some_and(|last_before| epoch == last_before + 1) {
            // Scores under the loss before say nothing about the loss after.
            self.stopping = EarlyStopping::new(self.config.criterion(), self.config.patience());
        }
        let natural = self.train.natural_counts().prior();
        let trained_on = self.sampler.distribution();
        let verdict = self
            .stopping
            .observe(epoch, &predictions, &natural, trained_on);
        if verdict == Verdict::Improved {
            self.engine.keep()?;
        }
        if epoch == self.config.max_epochs() {
            self.stopped = Some(StopReason::MaxEpochs);
        } else if verdict == Verdict::GaveUp && switch.is_none_or(|last_before| epoch > last_before)
        {
            self.stopped = Some(StopReason::Patience);
        }
        let before_refresh = Instant::now();
        // A refresh after the last epoch would never be used.
        let refresh = match self.stopped {
            None => {
                let by_validation = self.sampler.observe(epoch, &confusion)?;
                self.show_rows(epoch)?.or(by_validation)
            }
            Some(_) => None,
        };
        let refreshed = Instant::now();
        self.history.timing.push(EpochTiming {
            draw: drawn - start,
            train: trained - drawn,
            forward: forwarded - trained,
            score: scored - forwarded,
            refresh: refreshed - before_refresh,
        });
        self.history.epochs.push(EpochReport {
            epoch,
            learning_rate: self.config.learning_rate(epoch),
            steps,
            train_loss,
            valid_loss,
            confusion,
            improved: verdict == Verdict::Improved,
            refresh: refresh.map(Into::into),
        });
        Ok(())
    }

    /// Shows the sampler what the model makes of the training rows, if it wants to see it.
    fn show_rows(&mut self, epoch: u32) -> Result<Option<Refresh>, TrainError> {
        if !self.sampler.wants_rows() {
            return Ok(None);
        }
        let labels = self.train.data().labels().to_vec();
        let logits = self.engine.training_logits()?;
        let predictions = Predictions::from_logits(self.model.n_classes(), logits, labels);
        let (losses, predicted) = (predictions.row_losses(), predictions.predicted());
        let rows = RowSignals::new(&losses, &predicted)?;
        Ok(self.sampler.observe_rows(epoch, &rows)?)
    }

    /// Steps taken and mean loss over the epoch's `rows`.
    fn train_epoch(&mut self, epoch: u32, rows: &[u32]) -> Result<(u64, f64), TrainError> {
        let last = self.history.epochs.last();
        let by_validation = last.and_then(|last| self.loss.loss_after(last.epoch, &last.confusion));
        let loss = match &by_validation {
            Some(loss) => &**loss,
            None => self.loss.loss_at(epoch),
        };
        let learning_rate = self.config.learning_rate(epoch);
        let counts = self.train.data().class_counts();
        let (mut total, mut weights) = (0.0, vec![]);
        for batch in rows.chunks(self.config.batch_size()) {
            let step = self.engine.steps() + 1;
            let mix = self.mixing.map(|remix| {
                let data = self.train.data();
                remix.mix(batch, data.labels(), &counts, self.seed, step)
            });
            weights.clear();
            if let Some(of_rows) = self.sampler.row_weights() {
                weights.extend(batch.iter().map(|&row| of_rows[row as usize]));
            }
            let extras = Extras {
                mix: mix.as_ref(),
                weights: &weights,
                on_features: self.feature_loss.map(|loss| (loss, loss.factor_at(epoch))),
            };
            let value = self.engine.step(batch, extras, loss, learning_rate)?;
            if !value.is_finite() {
                return Err(TrainError::NonFiniteLoss {
                    what: "training",
                    loss: value,
                    epoch,
                    step: self.engine.steps() + 1,
                    learning_rate,
                });
            }
            total += value * batch.len() as f64;
        }
        let steps = rows.len().div_ceil(self.config.batch_size()) as u64;
        Ok((steps, total / rows.len() as f64))
    }

    /// What a checkpoint must agree on with the run that takes it up.
    fn fingerprint(&self) -> serde_json::Value {
        let mut fingerprint = serde_json::json!({
            "arithmetic": self.engine.arithmetic(),
            "config": self.config,
            "seed": self.seed,
            "model": self.model.describe(),
            "sampler": self.sampler.describe(),
            "loss": self.loss.describe(),
            "train": self.train.data().digest(),
            "valid": self.valid.data().digest(),
        });
        // Runs without it have the fingerprint that they had before it was there.
        if let Some(remix) = &self.mixing {
            fingerprint["mixing"] = format!("{remix:?}").into();
        }
        if let Some(loss) = self.feature_loss {
            fingerprint["feature_loss"] = loss.describe().into();
        }
        fingerprint
    }

    fn checkpoint(&self) -> Result<Checkpoint, TrainError> {
        let snapshot = self.engine.snapshot()?;
        Ok(Checkpoint {
            fingerprint: self.fingerprint(),
            sampler: self.sampler.state(),
            stopping: self.stopping.clone(),
            history: self.history.clone(),
            stopped: self.stopped,
            steps: snapshot.steps,
            names: self.names(),
            weights: snapshot.weights,
            best_weights: snapshot.kept,
            moments: snapshot.moments,
        })
    }

    fn restore(&mut self, checkpoint: &Checkpoint) -> Result<(), TrainError> {
        let names = self.names();
        let mismatch = |what, expected: String, found: String| {
            Err(TrainError::Mismatch {
                what,
                expected,
                found,
            })
        };
        if checkpoint.fingerprint != self.fingerprint() {
            return mismatch(
                "the checkpoint's run",
                self.fingerprint().to_string(),
                checkpoint.fingerprint.to_string(),
            );
        }
        if checkpoint.names != names {
            return mismatch(
                "the checkpoint's list of parameters",
                names.join(", "),
                checkpoint.names.join(", "),
            );
        }
        self.sampler.restore(&checkpoint.sampler)?;
        self.engine.restore(&Snapshot {
            steps: checkpoint.steps,
            weights: checkpoint.weights.clone(),
            kept: checkpoint.best_weights.clone(),
            moments: checkpoint.moments.clone(),
        })?;
        self.stopping = checkpoint.stopping.clone();
        self.history = checkpoint.history.clone();
        self.stopped = checkpoint.stopped;
        Ok(())
    }

    /// Gives the model its best weights; returns their epoch, why the run ended, its epochs, and the class
    /// distribution that the best one was trained under.
    fn finish(mut self) -> Result<(u32, StopReason, History, ClassDistribution), TrainError> {
        self.engine.finish()?;
        let stopped = self.stopped.unwrap_or(StopReason::Requested);
        let best_epoch = self.stopping.best_epoch();
        let epochs = self.history.epochs.iter().rev();
        let mut before = epochs.filter(|report| report.epoch < best_epoch);
        let trained_under = match before.find_map(|report| report.refresh.as_ref()) {
            Some(refresh) => ClassDistribution::new(refresh.distribution.clone())?,
            None => self.initial,
        };
        Ok((best_epoch, stopped, self.history, trained_under))
    }

    fn names(&self) -> Vec<String> {
        let parameters = self.model.parameters().iter();
        parameters.map(|p| p.name.clone()).collect()
    }
}
