use super::Run;
use crate::outcome::RefreshAt;

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
                let drawn_before = |at: &&RefreshAt| at.epoch < epoch;
                let latest = evaluation.refreshes.iter().rev().find(drawn_before);
                latest.map_or(evaluation.initial_distribution[class], |at| {
                    f64::from(at.distribution[class])
                })
            }));
            curve.f1.push(mean(&|run, class| {
                f64::from(run.evaluation.validation_f1[epoch as usize - 1][class])
            }));
        }
        Some(curve)
    }
}
