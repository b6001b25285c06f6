use super::{Run, by_seed, method::quantile, runs::by_seed_at};
use crate::metric::Metric;
use crate::{error::BenchError, outcome::Measured};
use art_core::ConfusionMatrix;
use art_stats::Summary;
use art_train::{Calibration, ReliabilityBin};
use std::time::Duration;

/// Summaries over the evaluated seeds.
#[derive(Clone, Debug)]
pub struct Summaries {
    /// Macro F1.
    pub macro_f1: Summary,
    /// Other scores, by name.
    pub scores: Vec<(&'static str, Summary)>,
    /// F1 of each class, over the seeds whose test rows have it; none where no seed's have.
    pub per_class_f1: Vec<Option<Summary>>,
    /// Precision of each class, over the same seeds.
    pub per_class_precision: Vec<Option<Summary>>,
    /// Recall of each class, over the same seeds.
    pub per_class_recall: Vec<Option<Summary>>,
    /// Test rows of all seeds, truth against prediction.
    pub confusion: ConfusionMatrix,
    /// How well probabilities agree with the test rows; where runs say it.
    pub calibration: Option<CalibrationSummaries>,
    /// Epoch whose weights were evaluated.
    pub best_epoch: Summary,
    /// Epochs trained.
    pub epochs: Summary,
    /// Optimizer steps.
    pub steps: Summary,
    /// Seconds of a cell.
    pub seconds: Summary,
    /// What an epoch takes.
    pub cost: EpochCost,
}

/// What an epoch takes, in milliseconds: of each run the mean over its epochs, of these the median over seeds (section 3.5 of
/// the paper).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct EpochCost {
    /// Training (`T_base`).
    pub train: f64,
    /// The validation forward pass, which early stopping needs too (`T_fwd`).
    pub forward: f64,
    /// The confusion matrix and its scores (`T_F1`).
    pub score: f64,
    /// Drawing rows, refreshes of the class distribution included (`T_idx`).
    pub draw: f64,
    /// Share of the epochs' time that scores, draws and refreshes take; the median too.
    pub overhead: f64,
}

/// How well probabilities agree with test rows, over seeds.
#[derive(Clone, Debug)]
pub struct CalibrationSummaries {
    /// Mean of `−ln p` of the true class.
    pub log_loss: Summary,
    /// Mean of `Σ_j (p_j − y_j)²`.
    pub brier: Summary,
    /// Expected calibration error.
    pub expected_error: Summary,
    /// Rows of all seeds by the probability of their most probable class.
    pub bins: Vec<ReliabilityBin>,
}

impl CalibrationSummaries {
    fn of(runs: &[Run<'_>]) -> Result<Option<Self>, BenchError> {
        let all = runs.iter().map(|run| run.evaluation.calibration.as_ref());
        let Some(all) = all.collect::<Option<Vec<&Calibration>>>() else {
            return Ok(None);
        };
        let over = |value: fn(&Calibration) -> f64| {
            Summary::of(&all.iter().map(|c| value(c)).collect::<Vec<_>>())
        };
        let mut bins: Vec<ReliabilityBin> = vec![];
        for calibration in &all {
            bins.resize(
                calibration.bins.len().max(bins.len()),
                ReliabilityBin::default(),
            );
            for (sum, bin) in bins.iter_mut().zip(&calibration.bins) {
                sum.rows += bin.rows;
                sum.confidence += bin.confidence;
                sum.correct += bin.correct;
            }
        }
        Ok(Some(Self {
            log_loss: over(|c| c.log_loss)?,
            brier: over(|c| c.brier)?,
            expected_error: over(Calibration::expected_error)?,
            bins,
        }))
    }
}

impl Summaries {
    /// The score called `name`.
    pub fn score(&self, name: &str) -> Option<Summary> {
        if name == Metric::MacroF1.name() {
            return Some(self.macro_f1);
        }
        let found = self.scores.iter().find(|(known, _)| *known == name);
        found.map(|(_, summary)| *summary)
    }

    pub(super) fn of(runs: &[Run<'_>]) -> Result<Option<Self>, BenchError> {
        let Some(first) = runs.first() else {
            return Ok(None);
        };
        let over = |value: &dyn Fn(&Run<'_>) -> f64| {
            let of_seeds = by_seed(runs, value).into_iter();
            Summary::of(&of_seeds.map(|(_, value)| value).collect::<Vec<_>>())
        };
        let metric =
            |score: fn(&ConfusionMatrix) -> f64| over(&|run| score(&run.evaluation.confusion));
        let measured = |by: Metric| {
            Ok::<_, BenchError>((by.name(), over(&|run| by.of(&run.evaluation.confusion))?))
        };
        // Scores of all classes are had at once, so they are taken once a run.
        let of_class = |class: usize, score: &dyn Fn(usize) -> f64| {
            let judged = (0..runs.len()).filter(|&place| runs[place].tests(class));
            let judged: Vec<usize> = judged.collect();
            let of_judged: Vec<Run<'_>> = judged.iter().map(|&place| runs[place]).collect();
            let of_seeds = by_seed_at(&of_judged, |at| score(judged[at])).into_iter();
            let scores: Vec<f64> = of_seeds.map(|(_, value)| value).collect();
            (!scores.is_empty())
                .then(|| Summary::of(&scores))
                .transpose()
        };
        let n_classes = first.evaluation.per_class_f1.len();
        let per_class = |score: fn(&ConfusionMatrix) -> Vec<f64>| {
            let of_runs = runs.iter().map(|run| score(&run.evaluation.confusion));
            let of_runs: Vec<Vec<f64>> = of_runs.collect();
            (0..n_classes)
                .map(|class| of_class(class, &|place| of_runs[place][class]))
                .collect::<Result<Vec<_>, _>>()
        };
        let median = |value: &dyn Fn(&Run<'_>) -> f64| quantile(&by_seed(runs, value), 0.5);
        let per_epoch = |part: fn(&Measured) -> Duration| {
            median(&|run| {
                let seconds = part(run.measured).as_secs_f64();
                1e3 * seconds / f64::from(run.evaluation.epochs.max(1))
            })
        };
        let overhead = |run: &Run<'_>| {
            let Measured {
                draw,
                train,
                forward,
                score,
                refresh,
                ..
            } = run.measured;
            let extra = *score + *draw + *refresh;
            extra.as_secs_f64() / (extra + *train + *forward).as_secs_f64().max(1e-9)
        };
        Ok(Some(Self {
            macro_f1: over(&|run| run.score(Metric::MacroF1))?,
            scores: vec![
                measured(Metric::Accuracy)?,
                (
                    "macro precision",
                    metric(ConfusionMatrix::present_macro_precision)?,
                ),
                ("macro recall", metric(ConfusionMatrix::balanced_accuracy)?),
                measured(Metric::BalancedAccuracy)?,
                measured(Metric::GMean)?,
                measured(Metric::Mcc)?,
            ],
            per_class_f1: (0..n_classes)
                .map(|class| of_class(class, &|place| runs[place].evaluation.per_class_f1[class]))
                .collect::<Result<_, _>>()?,
            per_class_precision: per_class(ConfusionMatrix::per_class_precision)?,
            per_class_recall: per_class(ConfusionMatrix::per_class_recall)?,
            confusion: runs[1..].iter().try_fold(
                first.evaluation.confusion.clone(),
                |mut sum, run| {
                    sum.merge(&run.evaluation.confusion)?;
                    Ok::<_, BenchError>(sum)
                },
            )?,
            calibration: CalibrationSummaries::of(runs)?,
            best_epoch: over(&|run| f64::from(run.evaluation.best_epoch))?,
            epochs: over(&|run| f64::from(run.evaluation.epochs))?,
            steps: over(&|run| run.evaluation.steps as f64)?,
            seconds: over(&|run| run.measured.total.as_secs_f64())?,
            cost: EpochCost {
                train: per_epoch(|measured| measured.train),
                forward: per_epoch(|measured| measured.forward),
                score: per_epoch(|measured| measured.score),
                draw: per_epoch(|measured| measured.draw + measured.refresh),
                overhead: median(&overhead),
            },
        }))
    }
}
