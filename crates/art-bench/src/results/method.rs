//! The numbers of a method on a data set.

use super::{Balance, BeforeRefresh, Summaries};
use crate::{
    matrix::Role,
    paper::{PrintedScore, Reported, of_difference},
    tune::TuningRun,
};
use art_methods::Settings;
use art_stats::Summary;

/// The numbers of one method on one data set.
#[derive(Clone, Debug)]
pub struct MethodResults {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Why it is in the matrix.
    pub role: Role,
    /// Why it is not run on the data set.
    pub left_out: Option<String>,
    /// How its settings were chosen.
    pub tuned: Option<Tuned>,
    /// Seeds that were planned.
    pub planned: usize,
    /// Runs that were evaluated, and those that were planned: one for each seed and initialisation.
    pub runs: [usize; 2],
    /// Macro F1 of each evaluated seed, the mean over its initialisations.
    pub scores: Vec<(u64, f64)>,
    /// Test rows over training rows, for tests that allow for overlapping splits; 0 where each seed draws rows of its own.
    pub test_over_train: f64,
    /// The summaries, unless no run was evaluated.
    pub summaries: Option<Summaries>,
    /// Whether its class shares follow what its runs learn of rows.
    pub has_feedback: bool,
    /// How many of its runs kept weights from before the first refresh; none for a method without feedback.
    pub before_refresh: Option<BeforeRefresh>,
    /// How even its errors are; none where no run was evaluated.
    pub balance: Option<Balance>,
    /// Whether its mean macro F1 is the largest of its table on the data set.
    pub is_best: bool,
    /// What others measured.
    pub reported: Reported,
    /// Our mean macro F1 beside that of a `PyTorch` run of the same protocol.
    pub reference: Option<ReportedBeside>,
    /// Our mean macro F1 beside that of the paper.
    pub paper: Option<ReportedBeside>,
    /// Our other scores beside the paper's, by name.
    pub paper_scores: Vec<(&'static str, ReportedBeside)>,
    /// Smallest, quartiles and largest macro F1; none for fewer than two seeds.
    pub quartiles: Option<[f64; 5]>,
}

impl MethodResults {
    /// Whether every run that was planned was evaluated.
    pub fn is_complete(&self) -> bool {
        self.planned > 0 && self.runs[0] == self.runs[1]
    }
}

/// How the settings of a method were chosen.
#[derive(Clone, Debug, PartialEq)]
pub struct Tuned {
    /// Trials planned.
    pub planned: u32,
    /// Trials done.
    pub finished: usize,
    /// Trials that failed.
    pub failed: usize,
    /// The settings of the best trial, once all are done, by the keys of records.
    pub settings: Option<Settings>,
    /// The same as people see them: by the names that they use, but by their keys in a matrix on data sets of the project,
    /// whose reports go by the symbols of the paper.
    pub shown: Option<Settings>,
    /// Its mean macro F1 on the validation rows of the tuning seeds.
    pub score: Option<f64>,
}

impl Tuned {
    /// How it went; `shown` is what the chosen settings are shown as.
    pub(super) fn of(run: &TuningRun, shown: impl FnOnce(&Settings) -> Settings) -> Self {
        let chosen = run.chosen();
        Self {
            planned: run.n_trials(),
            finished: run.finished().len(),
            failed: run
                .finished()
                .iter()
                .filter(|trial| trial.score.is_none())
                .count(),
            settings: chosen.map(|trial| trial.settings.clone()),
            shown: chosen.map(|trial| shown(&trial.settings)),
            score: chosen.and_then(|trial| trial.score),
        }
    }
}

/// A score from elsewhere, in points, beside ours.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ReportedBeside {
    /// What is reported.
    pub reported: PrintedScore,
    /// Our mean less the reported one; `None` where no run was evaluated.
    pub difference: Option<f64>,
    /// Whether the difference is at most twice its standard error, with our spread taken for theirs where that is not known.
    pub within_noise: bool,
}

impl ReportedBeside {
    /// What is reported beside ours.
    pub fn new(reported: PrintedScore, ours: Option<&Summary>) -> Self {
        let difference = ours.map(|ours| 100.0 * ours.mean - reported.mean);
        let error = ours.map_or(0.0, |ours| {
            let own = 100.0 * ours.standard_error();
            of_difference(own, reported.standard_error().unwrap_or(own))
        });
        Self {
            reported,
            difference,
            within_noise: difference.is_some_and(|difference| difference.abs() <= 2.0 * error),
        }
    }
}

/// Smallest, quartiles and largest of the scores; none for fewer than two.
pub(super) fn quartiles(scores: &[(u64, f64)]) -> Option<[f64; 5]> {
    (scores.len() > 1).then(|| [0.0, 0.25, 0.5, 0.75, 1.0].map(|share| quantile(scores, share)))
}

/// The value that `share` of the scores are below, by straight lines between neighbors; not a number for no scores.
pub(super) fn quantile(scores: &[(u64, f64)], share: f64) -> f64 {
    let mut sorted: Vec<f64> = scores.iter().map(|(_, score)| *score).collect();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return f64::NAN;
    };
    let place = share * last as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(last);
    sorted[below] + (place - below as f64) * (sorted[above] - sorted[below])
}
