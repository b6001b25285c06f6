//! From records to the numbers of a report. Everything is computed here; the report only shows it.

use crate::paper::REPORTED;
use crate::{
    BenchError, CellId, CellRecord, Environment, Evaluation, Matrix, MatrixMethod, Measured, Outcome,
    Records, Registry, RunInfo, Tpe, dataset_title, plan::pair_cells,
};
use art_core::ConfusionMatrix;
use art_stats::{Summary, corrected_t_test, holm, paired_t_test};
use std::collections::{BTreeMap, BTreeSet};

/// The method that the others are compared with.
const SUBJECT: &str = "art";

/// All numbers of a report.
#[derive(Clone, Debug)]
pub struct Results {
    /// The matrix.
    pub matrix: Matrix,
    /// One entry a data set, in matrix order.
    pub datasets: Vec<DatasetResults>,
    /// Cells that failed, with the reason.
    pub failed: Vec<(String, String)>,
    /// What resamplers could not do, with the number of seeds it happened to.
    pub warnings: BTreeMap<String, usize>,
    /// Data set and method, and the seeds of their cells without a record.
    pub missing: Vec<(String, Vec<u64>)>,
    /// Machines and programs that the records come from.
    pub environments: Vec<Environment>,
    /// Records in the folder that belong to no cell of the matrix.
    pub others: usize,
}

/// The numbers of one data set.
#[derive(Clone, Debug)]
pub struct DatasetResults {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Names of its classes.
    pub class_names: Vec<String>,
    /// One entry a method, in matrix order.
    pub methods: Vec<MethodResults>,
    /// ART against each other method.
    pub comparisons: Vec<Comparison>,
    /// How ART's class distribution moved; none without an ART run.
    pub curve: Option<Curve>,
}

/// The numbers of one method on one data set.
#[derive(Clone, Debug)]
pub struct MethodResults {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Runs that were planned.
    pub planned: usize,
    /// Macro F1 of each evaluated seed.
    pub scores: Vec<(u64, f64)>,
    /// The summaries, unless no run was evaluated.
    pub summaries: Option<Summaries>,
    /// Whether its mean macro F1 is the largest on the data set.
    pub is_best: bool,
    /// What the `PyTorch` run of the same protocol found.
    pub reference: Option<Elsewhere>,
    /// What the paper reports.
    pub paper: Option<Elsewhere>,
}

/// A mean macro F1 from elsewhere, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Elsewhere {
    /// The mean.
    pub mean: f64,
    /// Our mean less this one; `None` where no run was evaluated.
    pub difference: Option<f64>,
}

impl Elsewhere {
    fn new(mean: f64, ours: Option<&Summaries>) -> Self {
        Self {
            mean,
            difference: ours.map(|ours| 100.0 * ours.macro_f1.mean - mean),
        }
    }
}

/// Summaries over the evaluated seeds.
#[derive(Clone, Debug)]
pub struct Summaries {
    /// Macro F1.
    pub macro_f1: Summary,
    /// Other scores, by name.
    pub scores: Vec<(&'static str, Summary)>,
    /// F1 of each class.
    pub per_class_f1: Vec<Summary>,
    /// Epoch whose weights were evaluated.
    pub best_epoch: Summary,
    /// Epochs trained.
    pub epochs: Summary,
    /// Optimiser steps.
    pub steps: Summary,
    /// Seconds of a cell.
    pub seconds: Summary,
    /// Share of the epochs' time spent on drawing rows.
    pub draw_share: Summary,
    /// Share spent on the validation forward pass, which early stopping needs too.
    pub forward_share: Summary,
    /// Share spent on the confusion matrix and its scores.
    pub score_share: Summary,
    /// Share spent on refreshes, validation predictions being reused.
    pub refresh_share: Summary,
}

/// ART against one other method, over the seeds that both have.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// Title of the other method.
    pub other: String,
    /// Number of seeds.
    pub n: usize,
    /// Mean difference in macro F1, ART minus other.
    pub difference: f64,
    /// p of the plain paired t-test.
    pub plain_p: f64,
    /// p of the t-test corrected for overlapping training sets.
    pub corrected_p: f64,
    /// The corrected p after Holm's adjustment over the methods of the data set.
    pub holm_p: f64,
}

/// Class distribution and validation F1 by epoch, as means over the seeds still training.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Share of each class in what an epoch draws, `[epoch][class]`.
    pub distribution: Vec<Vec<f64>>,
    /// Validation F1 of each class, `[epoch][class]`.
    pub f1: Vec<Vec<f64>>,
    /// Number of seeds at the first epoch; the curve ends when fewer than half are left.
    pub n_seeds: usize,
}

impl Results {
    /// The numbers of `records` for the matrix of `info`; a method that is not in `registry` goes by
    /// its id.
    ///
    /// # Errors
    /// [`BenchError::Stats`] when a record holds a number that is not finite.
    pub fn new(
        info: &RunInfo,
        records: &Records,
        registry: &Registry,
    ) -> Result<Self, BenchError> {
        let matrix = &info.matrix;
        let mut results = Self {
            matrix: matrix.clone(),
            datasets: vec![],
            failed: vec![],
            warnings: BTreeMap::new(),
            missing: vec![],
            environments: vec![],
            others: 0,
        };
        let mut evaluated: BTreeMap<(String, String), Vec<Run<'_>>> = BTreeMap::new();
        let mut environments = BTreeSet::new();
        let mut planned: BTreeSet<CellId> = BTreeSet::new();
        for entry in pair_cells(matrix, registry, &Tpe, records) {
            let pair = entry.pair;
            let key = (pair.dataset.to_owned(), pair.method.id.clone());
            if info.unavailable.contains_key(pair.dataset) {
                continue;
            }
            let mut missing = vec![];
            for spec in entry.cells.into_iter().flatten() {
                let id = spec.id();
                planned.insert(id.clone());
                let Some(record) = records.get(&id) else {
                    missing.push(spec.seed);
                    continue;
                };
                let environment = &record.measured.environment;
                environments.insert(serde_json::to_string(environment).expect("plain data"));
                match &record.result.outcome {
                    Outcome::Evaluated(evaluation) => {
                        for warning in &evaluation.warnings {
                            let text = format!("{}/{}, {warning}", spec.dataset, spec.method);
                            *results.warnings.entry(text).or_default() += 1;
                        }
                        let runs = evaluated.entry(key.clone()).or_default();
                        runs.push(Run {
                            seed: spec.seed,
                            evaluation,
                            measured: &record.measured,
                        });
                    }
                    Outcome::Validated(_) => missing.push(spec.seed),
                    Outcome::Failed { error } => {
                        results.failed.push((spec.to_string(), error.clone()));
                    }
                }
            }
            if !missing.is_empty() {
                results.missing.push((format!("{}/{}", key.0, key.1), missing));
            }
        }
        let is_other = |record: &&CellRecord| {
            record.result.spec.trial.is_none() && !planned.contains(&record.result.id)
        };
        results.others = records.values().filter(is_other).count();
        results.environments = environments
            .iter()
            .map(|text| serde_json::from_str(text).expect("it was just written"))
            .collect();
        for dataset in &matrix.datasets {
            let runs_of = |method: &str| -> &[Run<'_>] {
                let key = (dataset.clone(), method.to_owned());
                evaluated.get(&key).map_or(&[], Vec::as_slice)
            };
            let title = |id: &str| {
                registry
                    .get(id)
                    .map_or_else(|_| id.to_owned(), |method| method.title().to_owned())
            };
            let mut methods = vec![];
            let mut comparisons = vec![];
            for MatrixMethod { id: method, .. } in &matrix.methods {
                let runs = runs_of(method);
                let summaries = Summaries::of(runs)?;
                let mut known = REPORTED.iter();
                let known = known.find(|r| r.dataset == *dataset && r.method == *method);
                let elsewhere = |mean: Option<f64>| Some(Elsewhere::new(mean?, summaries.as_ref()));
                methods.push(MethodResults {
                    reference: known.and_then(|known| elsewhere(known.reference)),
                    paper: known.and_then(|known| elsewhere(known.paper)),
                    id: method.clone(),
                    title: title(method),
                    planned: matrix.seeds.len(),
                    scores: runs
                        .iter()
                        .map(|run| (run.seed, run.evaluation.macro_f1))
                        .collect(),
                    summaries,
                    is_best: false,
                });
                if method != SUBJECT {
                    comparisons.extend(compare(title(method), runs_of(SUBJECT), runs)?);
                }
            }
            let mean = |method: &MethodResults| Some(method.summaries.as_ref()?.macro_f1.mean);
            let best = methods.iter().filter_map(mean).max_by(f64::total_cmp);
            for method in &mut methods {
                method.is_best = best.is_some() && mean(method) == best;
            }
            let corrected: Vec<f64> = comparisons.iter().map(|c| c.corrected_p).collect();
            for (comparison, adjusted) in comparisons.iter_mut().zip(holm(&corrected)?) {
                comparison.holm_p = adjusted;
            }
            results.datasets.push(DatasetResults {
                title: dataset_title(dataset).to_owned(),
                class_names: info.class_names.get(dataset).cloned().unwrap_or_default(),
                id: dataset.clone(),
                methods,
                comparisons,
                curve: curve(runs_of(SUBJECT)),
            });
        }
        Ok(results)
    }

    /// Number of cells with a result.
    pub fn n_evaluated(&self) -> usize {
        self.datasets
            .iter()
            .flat_map(|d| &d.methods)
            .map(|m| m.scores.len())
            .sum()
    }
}

struct Run<'a> {
    seed: u64,
    evaluation: &'a Evaluation,
    measured: &'a Measured,
}

impl Summaries {
    fn of(runs: &[Run<'_>]) -> Result<Option<Self>, BenchError> {
        let Some(first) = runs.first() else {
            return Ok(None);
        };
        let over = |value: &dyn Fn(&Run<'_>) -> f64| {
            Summary::of(&runs.iter().map(value).collect::<Vec<_>>())
        };
        let metric =
            |score: fn(&ConfusionMatrix) -> f64| over(&|run| score(&run.evaluation.confusion));
        let share = |part: fn(&Measured) -> std::time::Duration| {
            over(&|run| {
                let Measured {
                    draw,
                    train,
                    forward,
                    score,
                    refresh,
                    ..
                } = run.measured;
                let all = *draw + *train + *forward + *score + *refresh;
                part(run.measured).as_secs_f64() / all.as_secs_f64().max(1e-9)
            })
        };
        Ok(Some(Self {
            macro_f1: over(&|run| run.evaluation.macro_f1)?,
            scores: vec![
                ("accuracy", metric(ConfusionMatrix::accuracy)?),
                ("macro precision", metric(ConfusionMatrix::macro_precision)?),
                ("macro recall", metric(ConfusionMatrix::macro_recall)?),
                (
                    "balanced accuracy",
                    metric(ConfusionMatrix::balanced_accuracy)?,
                ),
                ("G-mean", metric(ConfusionMatrix::g_mean)?),
                ("MCC", metric(ConfusionMatrix::mcc)?),
            ],
            per_class_f1: (0..first.evaluation.per_class_f1.len())
                .map(|class| over(&|run| run.evaluation.per_class_f1[class]))
                .collect::<Result<_, _>>()?,
            best_epoch: over(&|run| f64::from(run.evaluation.best_epoch))?,
            epochs: over(&|run| f64::from(run.evaluation.epochs))?,
            steps: over(&|run| run.evaluation.steps as f64)?,
            seconds: over(&|run| run.measured.total.as_secs_f64())?,
            draw_share: share(|measured| measured.draw)?,
            forward_share: share(|measured| measured.forward)?,
            score_share: share(|measured| measured.score)?,
            refresh_share: share(|measured| measured.refresh)?,
        }))
    }
}

/// ART against another method; none when they share fewer than two seeds.
fn compare(
    other: String,
    art: &[Run<'_>],
    runs: &[Run<'_>],
) -> Result<Option<Comparison>, BenchError> {
    let pairs: Vec<(&Run<'_>, &Run<'_>)> = art
        .iter()
        .filter_map(|art| Some((art, runs.iter().find(|run| run.seed == art.seed)?)))
        .collect();
    if pairs.len() < 2 {
        return Ok(None);
    }
    let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs
        .iter()
        .map(|(art, other)| (art.evaluation.macro_f1, other.evaluation.macro_f1))
        .unzip();
    let plain = paired_t_test(&ours, &theirs)?;
    let corrected = corrected_t_test(&ours, &theirs, pairs[0].0.evaluation.test_over_train)?;
    Ok(Some(Comparison {
        other,
        n: plain.n,
        difference: plain.mean_difference,
        plain_p: plain.p_value,
        corrected_p: corrected.p_value,
        holm_p: corrected.p_value,
    }))
}

/// Means over the seeds that still trained at each epoch, while at least half of them did.
fn curve(runs: &[Run<'_>]) -> Option<Curve> {
    let longest = runs.iter().map(|run| run.evaluation.epochs).max()?;
    let mut curve = Curve {
        distribution: vec![],
        f1: vec![],
        n_seeds: runs.len(),
    };
    for epoch in 1..=longest {
        let training: Vec<&Run<'_>> = runs
            .iter()
            .filter(|run| run.evaluation.epochs >= epoch)
            .collect();
        if 2 * training.len() < runs.len() {
            break;
        }
        let mean = |value: &dyn Fn(&Run<'_>, usize) -> f64| {
            let n_classes = runs[0].evaluation.initial_distribution.len();
            (0..n_classes)
                .map(|class| {
                    let sum: f64 = training.iter().map(|run| value(run, class)).sum();
                    sum / training.len() as f64
                })
                .collect()
        };
        curve.distribution.push(mean(&|run, class| {
            let evaluation = run.evaluation;
            let drawn_before = |at: &&crate::RefreshAt| at.epoch < epoch;
            let latest = evaluation.refreshes.iter().rev().find(drawn_before);
            latest.map_or(evaluation.initial_distribution[class], |at| {
                at.refresh.distribution[class]
            })
        }));
        curve.f1.push(mean(&|run, class| {
            run.evaluation.validation_f1[epoch as usize - 1][class]
        }));
    }
    Some(curve)
}
