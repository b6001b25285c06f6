use super::{Run, by_seed};
use crate::{error::BenchError, outcome::Evaluation};
use art_core::elementary::{ln, powi};
use art_stats::Summary;

/// How even the errors of each class came out, and how far what was drawn lay from the training set's shares.
#[derive(Clone, Copy, Debug)]
pub struct Balance {
    /// Mean over classes of `|FN − FP| / (TP + FN + FP)` on test rows: 0 where each class is missed as often as others are
    /// taken for it.
    pub imbalance: Summary,
    /// Slope of ln p on ln π over classes, of the shares p that the evaluated weights were trained under and those of the
    /// training set before any resampling: 1 for its shares, 0 for equal ones. Over the runs that have one: none where classes
    /// have equally many rows, or where the counts are not known.
    pub slope: Option<Summary>,
}

impl Balance {
    /// Over seeds; none without a run. `plain` are runs of plain training on the same splits, whose rows are as they were.
    pub(super) fn of(runs: &[Run<'_>], plain: &[Run<'_>]) -> Result<Option<Self>, BenchError> {
        if runs.is_empty() {
            return Ok(None);
        }
        let slope_of = |run: &Run<'_>| {
            let plain = plain.iter().find(|plain| plain.seed == run.seed)?;
            slope(run.evaluation, &plain.evaluation.train_counts)
        };
        let sloped = runs.iter().filter(|run| slope_of(run).is_some());
        let sloped: Vec<Run<'_>> = sloped.copied().collect();
        let over = |runs: &[Run<'_>], value: &dyn Fn(&Run<'_>) -> f64| {
            let of_seeds = by_seed(runs, value).into_iter();
            Summary::of(&of_seeds.map(|(_, value)| value).collect::<Vec<_>>())
        };
        let slope = (!sloped.is_empty())
            .then(|| over(&sloped, &|run| slope_of(run).unwrap_or_default()))
            .transpose()?;
        Ok(Some(Self {
            imbalance: over(runs, &|run| imbalance(run.evaluation))?,
            slope,
        }))
    }
}

fn imbalance(evaluation: &Evaluation) -> f64 {
    let tallies = evaluation.confusion.tallies();
    let share = |class: usize| {
        let difference = tallies.false_negatives(class) - tallies.false_positives(class);
        match tallies.union(class) {
            0.0 => 0.0,
            union => difference.abs() / union,
        }
    };
    let n_classes = tallies.n_classes();
    (0..n_classes).map(share).sum::<f64>() / n_classes as f64
}

fn slope(evaluation: &Evaluation, natural: &[usize]) -> Option<f64> {
    let drawn = evaluation.kept_shares();
    let total: usize = natural.iter().sum();
    let points = natural.iter().zip(drawn);
    let points = points.filter(|&(&n, p)| n > 0 && p > 0.0);
    let points: Vec<(f64, f64)> = points
        .map(|(&n, p)| (ln(n as f64 / total as f64), ln(p)))
        .collect();
    let n = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|p| powi(p.0 - x, 2)).sum();
    let shared: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    (spread > 1e-9).then(|| shared / spread)
}
