//! One cell, start to end: split, scale, prepare, train, and one look at the test set.

use crate::{
    cell::{CellRecord, CellResult, CellSpec, SCHEMA},
    course::{Course, Epochs, RefreshAt, in_single_precision},
    datasets::{DataSets, DatasetKind},
    environment::Environment,
    error::BenchError,
    kept_logits::KeptLogits,
    outcome::{Evaluation, Measured, Outcome, Validation},
};
use art_core::Seed;
use art_data::{FoldedSplit, Split, TestSet, TrainSet, ValidSet};
use art_methods::Registry;
use art_train::{
    Device, DeviceName, EpochReport, Fitted, FoldInputs, Predictions, RecipeRun, RunInputs,
    StopReason, TrainError, Trainer, stop_when,
};
use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    path::PathBuf,
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
    /// The results folder beside whose records logits are kept.
    keep_logits: Option<PathBuf>,
}

/// The rows of a cell.
struct CellRows {
    train: TrainSet,
    /// None where training rows are held out in turn.
    valid: Option<ValidSet>,
    test: TestSet,
}

/// A cell whose networks are trained.
struct Trained {
    run: RecipeRun,
    rows: CellRows,
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
            keep_logits: None,
        })
    }

    /// The same, keeping the logits of each cell beside the records of the results folder `folder` ([`KeptLogits`]).
    #[must_use]
    pub fn keep_logits(self, folder: PathBuf) -> Self {
        Self {
            keep_logits: Some(folder),
            ..self
        }
    }

    /// Where its records say that they are from.
    pub fn environment(&self) -> &Environment {
        &self.environment
    }

    /// Trains the network of a cell, or those of its folds; `None` when it was given up.
    fn train(&self, spec: &CellSpec, cancel: &AtomicBool) -> Result<Option<Trained>, BenchError> {
        let (seed, training_seed) = (Seed::new(spec.seed), spec.training_seed());
        let method = self.registry.get(&spec.method)?;
        let training = &spec.training;
        let trainer = Trainer::new(training.train_config()?, training_seed);
        let trainer = trainer.callback(stop_when(cancel));
        let (run, rows) = match spec.settings.folds()? {
            1 => {
                let Split { train, valid, test } = self.data.split(&spec.dataset, seed)?;
                let inputs = RunInputs::new(&train, &valid, training, training_seed)
                    .device(&self.device)
                    .cancel(cancel);
                let run = method.fit(&spec.settings, &inputs, trainer);
                let valid = Some(valid);
                (run, CellRows { train, valid, test })
            }
            n_folds => {
                let FoldedSplit { train, folds, test } =
                    self.data.split_folds(&spec.dataset, n_folds, seed)?;
                let inputs = FoldInputs {
                    device: &self.device,
                    cancel: Some(cancel),
                    ..FoldInputs::new(&train, &folds, training, training_seed)
                };
                let run = method.fit_folds(&spec.settings, &inputs, trainer);
                let valid = None;
                (run, CellRows { train, valid, test })
            }
        };
        Ok(match run {
            Err(TrainError::Cancelled) => None,
            run => Some(Trained { run: run?, rows }),
        }
        .filter(|trained| trained.run.fitted.stopped != StopReason::Requested))
    }

    /// What comes out of a cell; `None` when it was given up.
    fn evaluate(
        &self,
        spec: &CellSpec,
        cancel: &AtomicBool,
        measured: &mut Measured,
    ) -> Result<Option<Outcome>, BenchError> {
        let Some(Trained { run, rows }) = self.train(spec, cancel)? else {
            return Ok(None);
        };
        let RecipeRun {
            fitted,
            out_of_fold,
            train_counts,
            initial_distribution,
            warnings,
            ..
        } = run;
        add_times(measured, &fitted);

        let steps = fitted.history.steps() + fitted.second_stage.as_ref().map_or(0, |s| s.steps);
        let epochs = &fitted.history.epochs;
        let adjustment = fitted.adjustment.as_ref();
        let confusion = |predictions: &Predictions| match adjustment {
            Some(adjustment) => predictions.confusion_by(adjustment),
            None => predictions.confusion(),
        };
        let steering = || match (&rows.valid, &out_of_fold) {
            (_, Some(out_of_fold)) => Ok(out_of_fold.clone()),
            (Some(valid), None) => Predictions::of(&fitted.model, valid.data()),
            (None, None) => unreachable!("rows are in folds or held out"),
        };
        if spec.trial.is_some() {
            return Ok(Some(Outcome::Validated(Validation {
                macro_f1: confusion(&steering()?).macro_f1(),
                best_epoch: fitted.best_epoch,
                epochs: epochs.len() as u32,
                steps,
            })));
        }
        let predictions = Predictions::of(&fitted.model, rows.test.data())?;
        predictions.check_finite("the test part of this split")?;
        let confusion = confusion(&predictions);
        let natural = rows.train.natural_counts().prior();
        if let Some(folder) = &self.keep_logits {
            let kept = KeptLogits {
                validation: steering()?.scaled(fitted.logit_scale),
                test: predictions.clone().scaled(fitted.logit_scale),
                prior: fitted.logit_prior.clone(),
                natural: natural.clone(),
            };
            kept.write(folder, &spec.id())?;
        }
        let kind = DatasetKind::of(&spec.dataset);
        let calibration = (kind == DatasetKind::Own).then(|| {
            let temperature = adjustment.and_then(|a| a.temperature).unwrap_or(1.0);
            let scaled = predictions.clone().scaled(fitted.logit_scale);
            scaled.calibration(&fitted.logit_prior, &natural, temperature)
        });
        let natural_rows = rows.train.data().n_rows() as f64;
        Ok(Some(Outcome::Evaluated(Evaluation {
            macro_f1: confusion.macro_f1(),
            per_class_f1: confusion.per_class_f1(),
            confusion,
            train_counts,
            test_over_train: if kind == DatasetKind::Synthetic {
                0.0
            } else {
                rows.test.data().n_rows() as f64 / natural_rows
            },
            best_epoch: fitted.best_epoch,
            epochs: epochs.len() as u32,
            steps,
            stopped: fitted.stopped,
            initial_distribution,
            warnings,
            offsets: adjustment.map_or_else(Vec::new, |a| a.offsets.clone()),
            affine: adjustment.and_then(|a| a.affine.clone()),
            temperature: adjustment.and_then(|a| a.temperature),
            calibration,
            second_stage: fitted.second_stage,
            course: Course::Whole(course(epochs)),
        })))
    }
}

fn course(epochs: &[EpochReport]) -> Epochs {
    let refresh = |report: &EpochReport| {
        let refresh = report.refresh.as_ref()?;
        Some(RefreshAt {
            epoch: report.epoch,
            distribution: in_single_precision(&refresh.distribution),
        })
    };
    let scores = |report: &EpochReport| in_single_precision(&report.confusion.per_class_f1());
    Epochs {
        refreshes: epochs.iter().filter_map(refresh).collect(),
        validation_f1: epochs.iter().map(scores).collect(),
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
