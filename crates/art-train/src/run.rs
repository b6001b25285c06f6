//! One run of training, from epoch to epoch.

#[cfg(feature = "cuda")]
use crate::engine::CardEngine;
use crate::{
    checkpoint::{RunState, State},
    config::TrainConfig,
    device_set::check_columns,
    engine::{Engine, Extras, FusedEngine, Snapshot, TensorEngine},
    error::TrainError,
    evaluate::Predictions,
    history::{EpochReport, EpochTiming, History, StopReason},
    logit_prior::LogitPrior,
    mixing::Remix,
    model::Model,
    stopping::{EarlyStopping, Verdict},
    validation::{OwnValidation, Validation},
};
use art_core::{ClassDistribution, DrawnShares, EpochSampler, Feedback, Refresh, RowSignals, Seed};
use art_data::{Dataset, TrainSet, ValidSet};
use art_losses::{FeatureLoss, Loss, LossSchedule};
use std::time::Instant;

/// How the epochs of a run are trained.
#[derive(Clone)]
pub(crate) struct RunOptions<'a> {
    pub(crate) config: TrainConfig,
    pub(crate) seed: Seed,
    pub(crate) mixing: Option<Remix>,
    pub(crate) feature_loss: Option<&'a dyn FeatureLoss>,
    /// Whether to train by tensor operations where there is a faster form.
    pub(crate) tensor_operations: bool,
}

/// Makes sure that a loss is one of single rows, which is all that is left of it where rows are mixed or weighed.
fn check_rows_alone(loss: &dyn Loss, what: &'static str) -> Result<(), TrainError> {
    let ignored = if loss.class_weights().is_some() {
        "class weights"
    } else if loss.select(&[0.0]).is_some() {
        "a choice of rows"
    } else {
        return Ok(());
    };
    Err(TrainError::Mismatch {
        what: "the loss",
        expected: format!("one without {ignored}, which {what} would ignore"),
        found: loss.name().to_owned(),
    })
}

/// Of two descriptions of runs, the parts that differ.
fn differing(own: &serde_json::Value, other: &serde_json::Value) -> (String, String) {
    let parts = |of: &serde_json::Value, than: &serde_json::Value| {
        let parts = of.as_object().into_iter().flatten();
        let parts = parts.filter(|(name, value)| than.get(name) != Some(value));
        let parts: Vec<String> = parts
            .map(|(name, value)| format!("{name} {value}"))
            .collect();
        if parts.is_empty() {
            "none of these".to_owned()
        } else {
            parts.join(", ")
        }
    };
    (parts(own, other), parts(other, own))
}

/// An epoch that was trained, before validation has had its say.
pub(crate) struct TrainedEpoch {
    epoch: u32,
    steps: u64,
    train_loss: f64,
    timing: EpochTiming,
}

/// A run that came to its end.
pub(crate) struct Finished {
    /// The epoch whose weights the model has.
    pub(crate) best_epoch: u32,
    /// Why the run ended.
    pub(crate) stopped: StopReason,
    /// The class prior of the best epoch's logits.
    pub(crate) logit_prior: LogitPrior,
    /// The factor of the best epoch's loss on logits.
    pub(crate) logit_scale: f64,
    /// The sampler as the last epoch left it.
    pub(crate) sampler: Box<dyn EpochSampler>,
}

/// Everything that changes while training.
pub(crate) struct Run<'a, M> {
    options: RunOptions<'a>,
    loss: &'a dyn LossSchedule,
    train: &'a TrainSet,
    valid: &'a ValidSet,
    model: &'a M,
    engine: Box<dyn Engine + 'a>,
    sampler: Box<dyn EpochSampler>,
    /// The class distribution of the first epoch.
    initial: ClassDistribution,
    stopping: EarlyStopping,
    pub(crate) history: History,
    pub(crate) stopped: Option<StopReason>,
}

/// What trains `model`: the fastest form that there is of its network where it lives.
fn engine<'a, M: Model>(
    options: &RunOptions<'a>,
    model: &'a M,
    sets: (&'a Dataset, &'a Dataset),
) -> Result<Box<dyn Engine + 'a>, TrainError> {
    let (seed, config) = (options.seed, &options.config);
    let (batch, weight_decay) = (config.batch_size(), config.weight_decay());
    let has_other_forms = !options.tensor_operations;
    if has_other_forms
        && model.device().is_cpu()
        && let Some(network) = model.network()
    {
        let engine = FusedEngine::new(model, network, sets, seed, batch, weight_decay)?;
        return Ok(Box::new(engine));
    }
    // Features stay on a card.
    #[cfg(feature = "cuda")]
    if has_other_forms
        && options.feature_loss.is_none()
        && let Some(engine) = CardEngine::new(model, sets, seed, batch, weight_decay)?
    {
        return Ok(Box::new(engine));
    }
    Ok(Box::new(TensorEngine::new(
        model,
        sets,
        seed,
        weight_decay,
    )?))
}

impl<'a, M: Model> Run<'a, M> {
    pub(crate) fn new(
        options: RunOptions<'a>,
        model: &'a M,
        loss: &'a dyn LossSchedule,
        sampler: Box<dyn EpochSampler>,
        train: &'a TrainSet,
        valid: &'a ValidSet,
    ) -> Result<Self, TrainError> {
        let counts = train.data().class_counts();
        if *sampler.class_counts() != counts {
            return Err(TrainError::Mismatch {
                what: "the list of the sampler's rows of each class",
                expected: format!("{:?} (the training set's)", counts.as_slice()),
                found: format!("{:?}", sampler.class_counts().as_slice()),
            });
        }
        let config = &options.config;
        for epoch in [1, config.max_epochs()] {
            let wanted = loss.loss_at(epoch).head();
            if wanted != model.head() {
                return Err(TrainError::Mismatch {
                    what: "the model's head",
                    expected: format!("{wanted:?} (the loss's)"),
                    found: format!("{:?}", model.head()),
                });
            }
            if options.mixing.is_some() {
                check_rows_alone(loss.loss_at(epoch), "mixed rows")?;
            }
        }
        for data in [train.data(), valid.data()] {
            check_columns(data, model)?;
        }
        let sets = (train.data(), valid.data());
        let engine = engine(&options, model, sets)?;
        Ok(Self {
            stopping: EarlyStopping::new(config.criterion(), config.patience()),
            history: History::default(),
            stopped: None,
            options,
            loss,
            train,
            valid,
            model,
            engine,
            initial: sampler.distribution().clone(),
            sampler,
        })
    }

    pub(crate) fn epochs_done(&self) -> u32 {
        self.history.epochs.len() as u32
    }

    /// Trains an epoch and looks at the validation rows; what they say is for [`conclude`](Self::conclude).
    pub(crate) fn train(&mut self) -> Result<(TrainedEpoch, OwnValidation), TrainError> {
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
        let loss = self.loss.loss_at(epoch);
        let own = OwnValidation {
            predictions,
            prior: LogitPrior::of_training(self.sampler.distribution(), loss)?,
            logit_scale: loss.logit_scale(),
        };
        let epoch = TrainedEpoch {
            epoch,
            steps,
            train_loss,
            timing: EpochTiming {
                draw: drawn - start,
                train: trained - drawn,
                forward: forwarded - trained,
                ..EpochTiming::default()
            },
        };
        Ok((epoch, own))
    }

    /// Ends an epoch by what `validation` says of it: keeps the weights of the best one, stops, lets the sampler learn.
    pub(crate) fn conclude(
        &mut self,
        trained: &TrainedEpoch,
        validation: &Validation,
    ) -> Result<(), TrainError> {
        let TrainedEpoch { epoch, steps, .. } = *trained;
        let start = Instant::now();
        if !validation.loss.is_finite() {
            return Err(TrainError::NonFiniteLoss {
                what: "validation",
                loss: validation.loss,
                epoch,
                step: self.engine.steps(),
                learning_rate: self.options.config.learning_rate(epoch),
            });
        }
        let switch = self.loss.switch_after();
        if switch.is_some_and(|last_before| epoch == last_before + 1) {
            // Scores under the loss before say nothing about the loss after.
            self.stopping = EarlyStopping::new(
                self.options.config.criterion(),
                self.options.config.patience(),
            );
        }
        let verdict = self.stopping.observe(
            epoch,
            &validation.judged,
            &validation.prior,
            &validation.natural,
        );
        if verdict == Verdict::Improved {
            self.engine.keep()?;
        }
        if epoch == self.options.config.max_epochs() {
            self.stopped = Some(StopReason::MaxEpochs);
        } else if verdict == Verdict::GaveUp && switch.is_none_or(|last_before| epoch > last_before)
        {
            self.stopped = Some(StopReason::Patience);
        }
        let scored = Instant::now();
        // A refresh after the last epoch would never be used.
        let refresh = match self.stopped {
            None => {
                let by_validation = self.sampler.observe(epoch, &validation.confusion)?;
                self.show_rows(epoch)?.or(by_validation)
            }
            Some(_) => None,
        };
        self.history.timing.push(EpochTiming {
            score: validation.took + (scored - start),
            refresh: scored.elapsed(),
            ..trained.timing
        });
        self.history.epochs.push(EpochReport {
            epoch,
            learning_rate: self.options.config.learning_rate(epoch),
            steps,
            train_loss: trained.train_loss,
            valid_loss: validation.loss,
            confusion: validation.confusion.clone(),
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
        Ok(self.sampler.learn(epoch, Feedback::Rows(rows))?)
    }

    /// Steps taken and mean loss over the epoch's `rows`.
    fn train_epoch(&mut self, epoch: u32, rows: &[u32]) -> Result<(u64, f64), TrainError> {
        let last = self.history.epochs.last();
        let by_validation = last.and_then(|last| self.loss.loss_after(last.epoch, &last.confusion));
        let loss = match &by_validation {
            Some(loss) => &**loss,
            None => self.loss.loss_at(epoch),
        };
        let learning_rate = self.options.config.learning_rate(epoch);
        let counts = self.train.data().class_counts();
        if self.options.mixing.is_some() {
            check_rows_alone(loss, "mixed rows")?;
        }
        if self.sampler.row_weights().is_some() {
            check_rows_alone(loss, "rows of different weights")?;
        }
        let (mut total, mut weights) = (0.0, vec![]);
        for batch in rows.chunks(self.options.config.batch_size()) {
            let step = self.engine.steps() + 1;
            let mix = self.options.mixing.map(|remix| {
                let data = self.train.data();
                remix.mix(batch, data.labels(), &counts, self.options.seed, step)
            });
            weights.clear();
            if let Some(of_rows) = self.sampler.row_weights() {
                weights.extend(batch.iter().map(|&row| of_rows[row as usize]));
            }
            let extras = Extras {
                mix: mix.as_ref(),
                weights: &weights,
                on_features: self
                    .options
                    .feature_loss
                    .map(|loss| (loss, loss.factor_at(epoch))),
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
        let steps = rows.len().div_ceil(self.options.config.batch_size()) as u64;
        Ok((steps, total / rows.len() as f64))
    }

    /// What a checkpoint must agree on with the run that takes it up.
    fn fingerprint(&self) -> serde_json::Value {
        let mut fingerprint = serde_json::json!({
            "arithmetic": self.engine.arithmetic(),
            "config": self.options.config,
            "seed": self.options.seed,
            "model": self.model.describe(),
            "sampler": self.sampler.describe(),
            "loss": self.loss.describe(),
            "train": self.train.data().digest(),
            "valid": self.valid.data().digest(),
        });
        // Runs without it have the fingerprint that they had before it was there.
        if let Some(remix) = &self.options.mixing {
            fingerprint["mixing"] = format!("{remix:?}").into();
        }
        if let Some(loss) = self.options.feature_loss {
            fingerprint["feature_loss"] = loss.describe().into();
        }
        fingerprint
    }

    pub(crate) fn saved(&self) -> Result<RunState, TrainError> {
        let snapshot = self.engine.snapshot()?;
        Ok(RunState {
            state: State {
                fingerprint: self.fingerprint(),
                sampler: self.sampler.state(),
                stopping: self.stopping.clone(),
                history: self.history.clone(),
                stopped: self.stopped,
                steps: snapshot.steps,
                names: self.names(),
            },
            weights: snapshot.weights,
            best_weights: snapshot.kept,
            moments: snapshot.moments,
        })
    }

    pub(crate) fn restore(&mut self, saved: &RunState) -> Result<(), TrainError> {
        let names = self.names();
        let mismatch = |what, expected: String, found: String| {
            Err(TrainError::Mismatch {
                what,
                expected,
                found,
            })
        };
        let (own, state) = (self.fingerprint(), &saved.state);
        if state.fingerprint != own {
            let (expected, found) = differing(&own, &state.fingerprint);
            return mismatch("the checkpoint's run", expected, found);
        }
        if state.names != names {
            return mismatch(
                "the checkpoint's list of parameters",
                names.join(", "),
                state.names.join(", "),
            );
        }
        self.sampler.restore(&state.sampler)?;
        self.engine.restore(&Snapshot {
            steps: state.steps,
            weights: saved.weights.clone(),
            kept: saved.best_weights.clone(),
            moments: saved.moments.clone(),
        })?;
        self.stopping = state.stopping.clone();
        self.history = state.history.clone();
        self.stopped = state.stopped;
        Ok(())
    }

    /// Gives the model its best weights.
    pub(crate) fn finish(mut self) -> Result<Finished, TrainError> {
        self.engine.finish()?;
        let stopped = self.stopped.unwrap_or(StopReason::Requested);
        let best_epoch = self.stopping.best_epoch();
        let epochs = self.history.epochs.iter();
        let refreshes =
            epochs.filter_map(|report| Some((report.epoch, Some(report.refresh.as_ref()?))));
        let drawn = match DrawnShares::new(None, refreshes).in_epoch(best_epoch) {
            Some(refresh) => ClassDistribution::new(refresh.distribution.clone())?,
            None => self.initial,
        };
        let loss = self.loss.loss_at(best_epoch);
        Ok(Finished {
            best_epoch,
            stopped,
            logit_prior: LogitPrior::of_training(&drawn, loss)?,
            logit_scale: loss.logit_scale(),
            sampler: self.sampler,
        })
    }

    fn names(&self) -> Vec<String> {
        let parameters = self.model.parameters().iter();
        parameters.map(|p| p.name.clone()).collect()
    }
}
