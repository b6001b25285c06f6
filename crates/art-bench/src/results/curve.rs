use super::Run;
use crate::outcome::Evaluation;
use art_core::DrawnShares;

/// What came out of a run, and what it drew from.
type OfRun<'a> = (&'a Evaluation, DrawnShares<Vec<f64>>);

/// Class distribution and validation F1 by epoch, as means over the runs still training; it ends when fewer than half of them are.
#[derive(Clone, Debug)]
pub struct Curve {
    /// Share of each class in what an epoch draws, `[epoch][class]`.
    pub distribution: Vec<Vec<f64>>,
    /// Validation F1 of each class, `[epoch][class]`.
    pub f1: Vec<Vec<f64>>,
}

/// Those of ART, of its first run, and of break-even feedback, each with what it is of.
pub(super) fn of_feedback(art: &[Run<'_>], break_even: &[Run<'_>]) -> Vec<(String, Curve)> {
    let all = [
        ("ART", art),
        ("ART", &art[..art.len().min(1)]),
        ("Break-even feedback", break_even),
    ];
    let named = all.into_iter().filter_map(|(name, runs)| {
        let n = match runs.len() {
            1 => "one run".to_owned(),
            n => format!("{n} runs"),
        };
        Some((format!("{name}, {n}"), Curve::of(runs)?))
    });
    named.collect()
}

impl Curve {
    /// Means over the runs that still trained at each epoch, while at least half of them did.
    pub(super) fn of(runs: &[Run<'_>]) -> Option<Self> {
        let longest = runs.iter().map(|run| run.evaluation.epochs).max()?;
        let mut curve = Self {
            distribution: vec![],
            f1: vec![],
        };
        let runs: Vec<OfRun<'_>> = runs
            .iter()
            .map(|run| (run.evaluation, run.evaluation.drawn()))
            .collect();
        for epoch in 1..=longest {
            let training: Vec<_> = runs
                .iter()
                .filter(|(evaluation, _)| evaluation.epochs >= epoch)
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
                .push(mean(&|(_, drawn), class| drawn.in_epoch(epoch)[class]));
            curve.f1.push(mean(&|(evaluation, _), class| {
                f64::from(evaluation.validation_f1[epoch as usize - 1][class])
            }));
        }
        Some(curve)
    }
}
