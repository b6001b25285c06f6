use super::Run;
use crate::{cell::CellId, course::Epochs, outcome::Evaluation};
use art_core::DrawnShares;

/// Runs that a curve is the mean of, at most: more of them would not be seen, and each must be kept epoch by epoch.
const RUNS: usize = 20;

/// What came out of a run, how it went, and what it drew from.
type OfRun<'a> = (&'a Evaluation, &'a Epochs, DrawnShares<Vec<f64>>);

/// Class distribution and validation F1 by epoch, as means over the runs still training; it ends when fewer than half of them are.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Share of each class in what an epoch draws, `[epoch][class]`.
    pub distribution: Vec<Vec<f64>>,
    /// Validation F1 of each class, `[epoch][class]`.
    pub f1: Vec<Vec<f64>>,
}

/// A curve of some runs of a method.
#[derive(Clone, Debug)]
pub struct CurveOfRuns {
    /// What it is of, in words.
    pub of: String,
    /// The cells of the runs.
    pub cells: Vec<CellId>,
    /// Their curve.
    pub curve: Curve,
}

/// Those of ART, of its first run, and of break-even feedback, each with what it is of: the first runs that were kept epoch by
/// epoch.
pub(super) fn of_feedback(art: &[Run<'_>], break_even: &[Run<'_>]) -> Vec<CurveOfRuns> {
    let [art, break_even] = [art, break_even].map(|runs| {
        let whole = runs
            .iter()
            .filter(|run| run.evaluation.course.whole().is_some());
        whole.take(RUNS).copied().collect::<Vec<Run<'_>>>()
    });
    let all = [
        ("ART", &art[..]),
        ("ART", &art[..art.len().min(1)]),
        ("Break-even feedback", &break_even),
    ];
    let named = all.into_iter().filter_map(|(name, runs)| {
        let n = match runs.len() {
            1 => "one run".to_owned(),
            n => format!("{n} runs"),
        };
        Some(CurveOfRuns {
            of: format!("{name}, {n}"),
            cells: runs.iter().map(|run| run.cell.clone()).collect(),
            curve: Curve::of(runs)?,
        })
    });
    named.collect()
}

impl Curve {
    /// Means over the runs that still trained at each epoch, while at least half of them did.
    pub(super) fn of<'a>(runs: &[Run<'a>]) -> Option<Self> {
        let longest = runs.iter().map(|run| run.evaluation.epochs).max()?;
        let mut curve = Self {
            distribution: vec![],
            f1: vec![],
        };
        let of_run = |run: &Run<'a>| {
            let epochs = run.evaluation.course.whole()?;
            let drawn = epochs.drawn(&run.evaluation.initial_distribution);
            Some((run.evaluation, epochs, drawn))
        };
        let runs: Vec<OfRun<'_>> = runs.iter().filter_map(of_run).collect();
        for epoch in 1..=longest {
            let training: Vec<_> = runs
                .iter()
                .filter(|(evaluation, ..)| evaluation.epochs >= epoch)
                .collect();
            if 2 * training.len() < runs.len() {
                break;
            }
            let mean = |value: &dyn Fn(&OfRun<'_>, usize) -> f64| {
                let n_classes = runs[0].0.initial_distribution.len();
                (0..n_classes)
                    .map(|class| {
                        let sum: f64 = training.iter().map(|run| value(run, class)).sum();
                        sum / training.len() as f64
                    })
                    .collect()
            };
            curve
                .distribution
                .push(mean(&|(.., drawn), class| drawn.in_epoch(epoch)[class]));
            curve.f1.push(mean(&|(_, epochs, _), class| {
                f64::from(epochs.validation_f1[epoch as usize - 1][class])
            }));
        }
        Some(curve)
    }
}
