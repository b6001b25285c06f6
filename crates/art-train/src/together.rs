//! Networks that are trained in step, one or several: each draws and learns by itself, and what their validation rows say
//! together stops them, chooses the epoch and is what their samplers learn from.

use crate::{
    callback::{Callback, Control},
    checkpoint::Checkpoint,
    error::TrainError,
    evaluate::Predictions,
    history::{EpochReport, EpochTiming, History, StopReason},
    logit_prior::LogitPrior,
    model::Model,
    post_hoc::{Adjustment, PostHoc},
    run::{Finished, Run, RunOptions},
    stage,
    stage::{SecondStage, StageReport},
    validation::{OwnValidation, Validation, in_common},
};
use art_core::{ClassDistribution, EpochSampler};
use art_data::{TrainSet, ValidSet};
use art_losses::LossSchedule;
use rayon::prelude::*;
use std::path::PathBuf;

/// A network that is to be trained, with all that it takes.
pub(crate) struct Course<'a, M> {
    pub(crate) options: RunOptions<'a>,
    pub(crate) model: &'a M,
    pub(crate) loss: &'a dyn LossSchedule,
    pub(crate) sampler: Box<dyn EpochSampler>,
    pub(crate) train: &'a TrainSet,
    pub(crate) valid: &'a ValidSet,
    pub(crate) second_stage: Option<&'a dyn SecondStage>,
}

/// What stands around the epochs.
pub(crate) struct Surroundings<'a> {
    pub(crate) callbacks: Vec<Box<dyn Callback + 'a>>,
    /// Where to write what resuming needs after each epoch.
    pub(crate) checkpoint: Option<PathBuf>,
    pub(crate) resume: Option<Checkpoint>,
    pub(crate) post_hoc: Option<&'a dyn PostHoc>,
    /// Class proportions of all training rows before any resampling.
    pub(crate) natural: ClassDistribution,
}

/// Networks that were trained in step.
pub(crate) struct Trained {
    pub(crate) best_epoch: u32,
    pub(crate) stopped: StopReason,
    pub(crate) history: History,
    /// In the order of their courses.
    pub(crate) networks: Vec<TrainedNetwork>,
    /// The class prior that their logits have once each is moved to it.
    pub(crate) common_prior: LogitPrior,
    /// How answers with that prior are moved.
    pub(crate) adjustment: Option<Adjustment>,
    /// The validation rows of all networks, with that prior; none where nobody asked for them.
    pub(crate) validation: Option<Predictions>,
}

/// One of them, beside its model.
pub(crate) struct TrainedNetwork {
    pub(crate) logit_prior: LogitPrior,
    pub(crate) logit_scale: f64,
    pub(crate) second_stage: Option<StageReport>,
    pub(crate) sampler: Box<dyn EpochSampler>,
}

/// Trains the networks of `courses`, which must be trained alike but for their rows and seeds.
pub(crate) fn train_together<M: Model>(
    courses: Vec<Course<'_, M>>,
    surroundings: Surroundings<'_>,
) -> Result<Trained, TrainError> {
    // On a thread of the pool, handing a part of a batch to another thread costs next to nothing; from
    // outside, every step would wake the pool and wait for it.
    rayon::scope(|_| train_here(courses, surroundings))
}

fn train_here<M: Model>(
    courses: Vec<Course<'_, M>>,
    mut surroundings: Surroundings<'_>,
) -> Result<Trained, TrainError> {
    let mut runs = vec![];
    let mut ends = vec![];
    for course in courses {
        let Course {
            options,
            model,
            loss,
            sampler,
            train,
            valid,
            second_stage,
        } = course;
        ends.push(End {
            options: options.clone(),
            model,
            train,
            valid,
            second_stage,
        });
        runs.push(Run::new(options, model, loss, sampler, train, valid)?);
    }
    let config = ends[0].options.config.clone();
    if let Some(Checkpoint { runs: saved }) = surroundings.resume.take() {
        if saved.len() != runs.len() {
            return Err(TrainError::Mismatch {
                what: "the checkpoint's run",
                expected: format!("one with {} networks", runs.len()),
                found: format!("one with {}", saved.len()),
            });
        }
        for (run, saved) in runs.iter_mut().zip(&saved) {
            run.restore(saved)?;
        }
    }
    for callback in &mut surroundings.callbacks {
        callback.on_fit_start(&config, runs[0].epochs_done())?;
    }
    while runs[0].stopped.is_none() {
        let trained = of_each(&mut runs, vec![(); ends.len()], |run, ()| run.train())?;
        let (epochs, own): (Vec<_>, Vec<_>) = trained.into_iter().unzip();
        let validation = Validation::of(own, &surroundings.natural, config.criterion())?;
        of_each(&mut runs, epochs, |run, epoch| {
            run.conclude(&epoch, &validation)
        })?;
        let mut stop = false;
        let report = last_report(&runs);
        for callback in &mut surroundings.callbacks {
            stop |= callback.on_epoch_end(&report)? == Control::Stop;
        }
        if let Some(path) = &surroundings.checkpoint {
            let saved = runs.iter().map(Run::saved).collect::<Result<_, _>>()?;
            Checkpoint { runs: saved }.save(path)?;
        }
        if stop && runs[0].stopped.is_none() {
            for run in &mut runs {
                run.stopped = Some(StopReason::Requested);
            }
        }
    }
    let trained = finish(runs, &ends, &surroundings)?;
    for callback in &mut surroundings.callbacks {
        callback.on_fit_end(&trained.history)?;
    }
    Ok(trained)
}

/// What is needed of a course once its epochs are over.
struct End<'a, M> {
    options: RunOptions<'a>,
    model: &'a M,
    train: &'a TrainSet,
    valid: &'a ValidSet,
    second_stage: Option<&'a dyn SecondStage>,
}

impl<M: Model> End<'_, M> {
    fn second_stage(
        &self,
        prior: &LogitPrior,
    ) -> Result<Option<(StageReport, LogitPrior)>, TrainError> {
        let run = |stage| {
            let RunOptions { config, seed, .. } = &self.options;
            stage::run(
                stage, self.model, self.train, self.valid, prior, config, *seed,
            )
        };
        self.second_stage.map(run).transpose()
    }
}

fn finish<M: Model>(
    runs: Vec<Run<'_, M>>,
    ends: &[End<'_, M>],
    surroundings: &Surroundings<'_>,
) -> Result<Trained, TrainError> {
    let history = joined_history(&runs);
    let (mut best_epoch, mut stopped) = (0, StopReason::Requested);
    let mut networks = vec![];
    for (run, end) in runs.into_iter().zip(ends) {
        let finished: Finished = run.finish()?;
        (best_epoch, stopped) = (finished.best_epoch, finished.stopped);
        let mut network = TrainedNetwork {
            logit_prior: finished.logit_prior,
            logit_scale: finished.logit_scale,
            second_stage: None,
            sampler: finished.sampler,
        };
        // A run that was given up has neither second stage nor moved decision.
        if stopped != StopReason::Requested
            && let Some((report, prior)) = end.second_stage(&network.logit_prior)?
        {
            (network.logit_prior, network.logit_scale) = (prior, 1.0);
            network.second_stage = Some(report);
        }
        networks.push(network);
    }
    let common_prior = LogitPrior::mean(networks.iter().map(|network| &network.logit_prior))?;
    let is_asked_for = surroundings.post_hoc.is_some() || networks.len() > 1;
    let validation = if stopped != StopReason::Requested && is_asked_for {
        let own = ends.iter().zip(&networks).map(|(end, network)| {
            Ok(OwnValidation {
                predictions: Predictions::of(end.model, end.valid.data())?,
                prior: network.logit_prior.clone(),
                logit_scale: network.logit_scale,
            })
        });
        let own = own.collect::<Result<_, TrainError>>()?;
        Some(in_common(own, &common_prior))
    } else {
        None
    };
    let adjustment = match (surroundings.post_hoc, &validation) {
        (Some(rule), Some(rows)) => Some(rule.adjust(rows, &common_prior, &surroundings.natural)),
        _ => None,
    };
    Ok(Trained {
        best_epoch,
        stopped,
        history,
        networks,
        common_prior,
        adjustment,
        validation,
    })
}

/// What `work` makes of each run and its own part of `parts`, side by side where there are several.
fn of_each<M: Model, P: Send, T: Send>(
    runs: &mut [Run<'_, M>],
    parts: Vec<P>,
    work: impl Fn(&mut Run<'_, M>, P) -> Result<T, TrainError> + Sync,
) -> Result<Vec<T>, TrainError> {
    let all: Vec<_> = runs
        .par_iter_mut()
        .zip(parts)
        .map(|(run, part)| work(run, part))
        .collect();
    all.into_iter().collect()
}

/// The last epoch of all runs.
fn last_report<M: Model>(runs: &[Run<'_, M>]) -> EpochReport {
    let last = runs[0].history.epochs.len() - 1;
    joined_report(runs, last)
}

/// An epoch of all runs as one: what validation says of it is the same in each.
fn joined_report<M: Model>(runs: &[Run<'_, M>], place: usize) -> EpochReport {
    let epochs = || runs.iter().map(|run| &run.history.epochs[place]);
    let first = epochs().next().expect("there is a run").clone();
    if runs.len() == 1 {
        return first;
    }
    EpochReport {
        steps: epochs().map(|epoch| epoch.steps).sum(),
        train_loss: epochs().map(|epoch| epoch.train_loss).sum::<f64>() / runs.len() as f64,
        ..first
    }
}

fn joined_history<M: Model>(runs: &[Run<'_, M>]) -> History {
    if let [run] = runs {
        return run.history.clone();
    }
    let n_epochs = runs[0].history.epochs.len();
    let n_timed = runs[0].history.timing.len();
    let timing = |place: usize| {
        let each = runs.iter().map(|run| run.history.timing[place]);
        each.fold(EpochTiming::default(), |sum, of| EpochTiming {
            draw: sum.draw + of.draw,
            train: sum.train + of.train,
            forward: sum.forward + of.forward,
            score: sum.score + of.score,
            refresh: sum.refresh + of.refresh,
        })
    };
    History {
        epochs: (0..n_epochs)
            .map(|place| joined_report(runs, place))
            .collect(),
        timing: (0..n_timed).map(timing).collect(),
    }
}
