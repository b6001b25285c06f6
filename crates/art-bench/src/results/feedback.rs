//! Whether feedback had a part in the weights that a run kept.

use super::Run;

/// Runs that kept weights from before the first refresh, and all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeRefresh {
    /// Runs whose weights are from before the first refresh: the feedback had no part in them.
    pub kept_before: usize,
    /// All evaluated runs.
    pub runs: usize,
}

impl BeforeRefresh {
    /// None without a run, and for a method without feedback, which is also seen in its runs.
    pub(super) fn of(has_feedback: bool, runs: &[Run<'_>]) -> Option<Self> {
        let first_refresh = |run: &Run<'_>| run.evaluation.course.first_refresh();
        let has_feedback = has_feedback || runs.iter().any(|run| first_refresh(run).is_some());
        let is_before = |run: &&Run<'_>| {
            // A refresh follows its epoch.
            first_refresh(run).is_none_or(|first| run.evaluation.best_epoch <= first)
        };
        (has_feedback && !runs.is_empty()).then(|| Self {
            kept_before: runs.iter().filter(is_before).count(),
            runs: runs.len(),
        })
    }
}
