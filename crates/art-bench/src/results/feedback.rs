//! Whether feedback had a part in the weights that a run kept.

use super::Run;
use crate::MethodName;

/// Methods whose class shares follow validation or training rows.
const FEEDBACK: [&str; 14] = [
    "art",
    "frozen-art",
    "shuffled-art",
    "class-priority",
    "cdb-s",
    "forgetting-art",
    "break-even",
    "art-shrunk",
    "rotating-art",
    "hybrid-art",
    "hybrid-break-even",
    "shuffled-break-even",
    "logistic-art",
    "logistic-break-even",
];

/// Whether the class shares of a method, by its id, follow what its runs learn of rows.
///
/// ```
/// assert!(art_bench::has_feedback("art:c=0.3+tau-e") && !art_bench::has_feedback("static-blend"));
/// ```
pub fn has_feedback(id: &str) -> bool {
    let base = id.parse::<MethodName>().map(|name| name.base);
    base.is_ok_and(|base| FEEDBACK.contains(&&*base))
}

/// Runs that kept weights from before the first refresh, and all runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BeforeRefresh {
    /// Runs whose weights are from before the first refresh: the feedback had no part in them.
    pub kept_before: usize,
    /// All evaluated runs.
    pub runs: usize,
}

impl BeforeRefresh {
    /// None without a run, and for a method without feedback.
    pub(super) fn of(id: &str, runs: &[Run<'_>]) -> Option<Self> {
        let refreshes = |run: &Run<'_>| !run.evaluation.refreshes.is_empty();
        let has_feedback = has_feedback(id) || runs.iter().any(refreshes);
        let is_before = |run: &&Run<'_>| {
            // A refresh follows its epoch.
            let first = run.evaluation.refreshes.first();
            first.is_none_or(|first| run.evaluation.best_epoch <= first.epoch)
        };
        (has_feedback && !runs.is_empty()).then(|| Self {
            kept_before: runs.iter().filter(is_before).count(),
            runs: runs.len(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Registry;

    #[test]
    fn every_method_with_feedback_is_a_method() {
        let registry = Registry::standard();
        assert!(FEEDBACK.iter().all(|id| registry.get(id).is_ok()));
    }
}
