//! One cell, start to end: split, scale, prepare, train, and one look at the test set.

use crate::{
    cell::{CellRecord, CellResult, CellSpec, SCHEMA},
    datasets::{DataSets, DatasetKind},
    environment::Environment,
    error::BenchError,
    outcome::{Evaluation, Measured, Outcome, RefreshAt, Validation, in_single_precision},
};
use art_core::Seed;
use art_methods::Registry;
use art_train::{
    Device, DeviceName, Fitted, Predictions, RecipeRun, RunInputs, StopReason, TrainError, Trainer,
    stop_when,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    sync::atomic::AtomicBool,
    time::{Duration, Instant},
};

/// Runs cells. The experiment has one; tests have simpler ones.
pub trait CellRunner: Sync {
    /// The record of a cell; `None` when `cancel` was set before it was done.
    fn run(&self, spec: &CellSpec, cancel: &AtomicBool) -> Option<CellRecord>;
}

/// Runs cells for real.
pub struct Experiment {
    /// The data sets that cells may name.
    pub data: DataSets,
    /// The methods that cells may name.
    pub registry: Registry,
    /// Where networks are trained.
    device: Device,
    /// Goes into every record.
    environment: Environment,
}

impl CellRunner for Experiment {
    fn run(&self, spec: &CellSpec, cancel: &AtomicBool) -> Option<CellRecord> {
        let start = Instant::now();
        let mut measured = Measured::default();
        let attempt = catch_unwind(AssertUnwindSafe(|| {
            self.evaluate(spec, cancel, &mut measured)
        }));
        let outcome = match attempt {
            Ok(Ok(None)) => return None,
            Ok(Ok(Some(outcome))) => outcome,
            Ok(Err(error)) => Outcome::Failed {
                error: error.to_string(),
            },
            Err(panic) => Outcome::Failed {
                error: format!("the cell panicked: {}", panic_message(&*panic)),
            },
        };
        measured.total = start.elapsed();
        measured.environment = self.environment.clone();
        Some(CellRecord {
            result: CellResult {
                schema: SCHEMA,
                id: spec.id(),
                spec: spec.clone(),
                outcome,
            },
            measured,
        })
    }
}

impl Experiment {
    /// Runs cells of `data` by the methods of `registry`, `jobs` at a time as records say, with networks on `device`.
    ///
    /// # Errors
    /// [`BenchError::Train`] where there is no such device.
    pub fn new(
        data: DataSets,
        registry: Registry,
        jobs: usize,
        device: DeviceName,
    ) -> Result<Self, BenchError> {
        Ok(Self {
            data,
            registry,
            device: device.open()?,
            environment: Environment::current(jobs, device),
        })
    }

    /// Where its records say that they are from.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// What comes out of a cell; `None` when it was given up.
    fn evaluate(
        &self,
        spec: &CellSpec,
        cancel: &AtomicBool,
        measured: &mut Measured,
    ) -> Result<Option<Outcome>, BenchError> {
        let seed = Seed::new(spec.seed);
        let split = self.data.split(&spec.dataset, seed)?;
        let seed = spec.training_seed();
        let method = self.registry.get(&spec.method)?;
        let inputs = RunInputs::new(&split.train, &split.valid, &spec.training, seed)
            .device(&self.device)
            .cancel(cancel);
        let trainer = Trainer::new(spec.training.train_config()?, seed).callback(stop_when(cancel));
        let run = match method.fit(&spec.settings, &inputs, trainer) {
            Err(TrainError::Cancelled) => return Ok(None),
            run => run?,
        };
        let RecipeRun {
            fitted,
            train_counts,
            initial_distribution,
            warnings,
            ..
        } = run;
        if fitted.stopped == StopReason::Requested {
            return Ok(None);
        }
        add_times(measured, &fitted);

        let steps = fitted.history.steps() + fitted.second_stage.as_ref().map_or(0, |s| s.steps);
        let epochs = &fitted.history.epochs;
        let adjustment = fitted.adjustment.as_ref();
        let confusion = |predictions: &Predictions| match adjustment {
            Some(adjustment) => predictions.confusion_with(&adjustment.offsets),
            None => predictions.confusion(),
        };
        if spec.trial.is_some() {
            return Ok(Some(Outcome::Validated(Validation {
                macro_f1: confusion(&Predictions::of(&fitted.model, split.valid.data())?)
                    .macro_f1(),
                best_epoch: fitted.best_epoch,
                epochs: epochs.len() as u32,
                steps,
            })));
        }
        let predictions = Predictions::of(&fitted.model, split.test.data())?;
        predictions.check_finite("the test part of this split")?;
        let confusion = confusion(&predictions);
        let natural = split.train.natural_counts().prior();
        let kind = DatasetKind::of(&spec.dataset);
        let calibration = (kind == DatasetKind::Own).then(|| {
            let temperature = adjustment.and_then(|a| a.temperature).unwrap_or(1.0);
            let scaled = predictions.clone().scaled(fitted.logit_scale);
            scaled.calibration(&fitted.logit_prior, &natural, temperature)
        });
        let natural_rows = split.train.data().n_rows() as f64;
        Ok(Some(Outcome::Evaluated(Evaluation {
            macro_f1: confusion.macro_f1(),
            per_class_f1: confusion.per_class_f1(),
            confusion,
            train_counts,
            test_over_train: if kind == DatasetKind::Synthetic {
                0.0
            } else {
                split.test.data().n_rows() as f64 / natural_rows
            },
            best_epoch: fitted.best_epoch,
            epochs: epochs.len() as u32,
            steps,
            stopped: fitted.stopped,
            initial_distribution,
            warnings,
            offsets: adjustment.map_or_else(Vec::new, |a| a.offsets.clone()),
            temperature: adjustment.and_then(|a| a.temperature),
            calibration,
            second_stage: fitted.second_stage,
            refreshes: epochs
                .iter()
                .filter_map(|report| {
                    let refresh = report.refresh.as_ref()?;
                    Some(RefreshAt {
                        epoch: report.epoch,
                        distribution: in_single_precision(&refresh.distribution),
                    })
                })
                .collect(),
            validation_f1: epochs
                .iter()
                .map(|report| in_single_precision(&report.confusion.per_class_f1()))
                .collect(),
        })))
    }
}

fn add_times<M>(measured: &mut Measured, fitted: &Fitted<M>) {
    let timing = &fitted.history.timing;
    let sum = |term: fn(&art_train::EpochTiming) -> Duration| timing.iter().map(term).sum();
    measured.draw = sum(|t| t.draw);
    measured.train = sum(|t| t.train);
    measured.forward = sum(|t| t.forward);
    measured.score = sum(|t| t.score);
    measured.refresh = sum(|t| t.refresh);
}

fn panic_message(panic: &(dyn std::any::Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().map(|text| (*text).to_owned());
    text.or_else(|| panic.downcast_ref::<String>().cloned())
        .unwrap_or_default()
}
