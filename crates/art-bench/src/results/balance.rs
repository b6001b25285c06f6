use super::{Run, by_seed};
use crate::{BenchError, Evaluation};
use art_stats::Summary;

/// How even the errors of each class came out, and how far what was drawn lay from the training set's shares.
#[derive(Clone, Copy, Debug)]
pub struct Balance {
    /// Mean over classes of `|FN − FP| / (TP + FN + FP)` on test rows: 0 where each class is missed as often as others are
    /// taken for it.
    pub imbalance: Summary,
    /// Slope of ln p on ln π over classes, of the shares p that the evaluated weights were trained under: 1 for the training
    /// set's shares, 0 for equal ones. None where classes have equally many rows.
    pub slope: Option<Summary>,
}

impl Balance {
    /// Over seeds; none without a run.
    pub(super) fn of(runs: &[Run<'_>]) -> Result<Option<Self>, BenchError> {
        if runs.is_empty() {
            return Ok(None);
        }
        let over = |value: &dyn Fn(&Evaluation) -> f64| {
            let of_seeds = by_seed(runs, |run| value(run.evaluation)).into_iter();
            Summary::of(&of_seeds.map(|(_, value)| value).collect::<Vec<_>>())
        };
        let has_slope = runs.iter().all(|run| slope(run.evaluation).is_some());
        let slope = has_slope.then(|| over(&|e| slope(e).unwrap_or_default()));
        Ok(Some(Self {
            imbalance: over(&imbalance)?,
            slope: slope.transpose()?,
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

fn slope(evaluation: &Evaluation) -> Option<f64> {
    let before = evaluation.refreshes.iter().rev();
    let mut before = before.filter(|at| at.epoch < evaluation.best_epoch);
    let drawn = match before.next() {
        Some(at) => at.distribution.iter().map(|&p| f64::from(p)).collect(),
        None => evaluation.initial_distribution.clone(),
    };
    let total: usize = evaluation.train_counts.iter().sum();
    let points = evaluation.train_counts.iter().zip(drawn);
    let points = points.filter(|&(&n, p)| n > 0 && p > 0.0);
    let points: Vec<(f64, f64)> = points
        .map(|(&n, p)| ((n as f64 / total as f64).ln(), p.ln()))
        .collect();
    let n = points.len() as f64;
    let mean = |value: fn(&(f64, f64)) -> f64| points.iter().map(value).sum::<f64>() / n;
    let (x, y) = (mean(|p| p.0), mean(|p| p.1));
    let spread: f64 = points.iter().map(|p| (p.0 - x).powi(2)).sum();
    let shared: f64 = points.iter().map(|p| (p.0 - x) * (p.1 - y)).sum();
    (spread > 1e-9).then(|| shared / spread)
}
