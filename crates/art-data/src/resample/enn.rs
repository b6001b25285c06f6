use super::{
    CleaningScope, Resampled, Resampler,
    over::{check_k, same_class},
};
use crate::{dataset::Dataset, error::DataError, neighbors::NeighborSearch, roles::TrainSet};
use art_core::{ClassCounts, Seed};

/// When a row goes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum EnnRule {
    /// More than half of its neighbors are of other classes.
    #[default]
    Vote,
    /// One of its neighbors is of another class.
    Any,
}

/// Edited nearest neighbors (ENN): leaves out rows that their neighbors contradict.
///
/// For each row in scope its k nearest among all rows decide, all on the set as it was.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `k` | 3 | 1, 3, 5, 7 |
/// | `rule` | vote | both |
/// | `scope` | all but the smallest class | |
/// | `repeat` | no | |
///
/// Nothing is random. A class of which no row would be left keeps its rows, with a warning.
///
/// *Choice.* imbalanced-learn's default is any disagreement, which takes many more rows. Its vote keeps a row whose
/// label is the smallest of the most frequent ones; with three classes and one neighbor of each, this one takes the
/// row, since two of three contradict it.
///
/// # References
/// Wilson (1972), "Asymptotic properties of nearest neighbor rules using edited data", IEEE Transactions on Systems,
/// Man, and Cybernetics 2, 408-421, doi 10.1109/TSMC.1972.4309137; Tomek (1976), "An experiment with the edited
/// nearest-neighbor rule" (repeated), doi 10.1109/TSMC.1976.4309523.
#[derive(Clone, Debug)]
#[must_use]
pub struct EditedNearestNeighbors {
    k: usize,
    rule: EnnRule,
    scope: CleaningScope,
    repeat: bool,
}

impl Default for EditedNearestNeighbors {
    fn default() -> Self {
        Self::new()
    }
}

impl EditedNearestNeighbors {
    /// k = 3, by vote, all but the smallest class, once.
    pub fn new() -> Self {
        Self {
            k: 3,
            rule: EnnRule::Vote,
            scope: CleaningScope::NotMinority,
            repeat: false,
        }
    }

    /// Neighbors of each row, at least 1.
    pub fn k(mut self, k: usize) -> Self {
        self.k = k;
        self
    }

    /// When a row goes.
    pub fn rule(mut self, rule: EnnRule) -> Self {
        self.rule = rule;
        self
    }

    /// Which classes lose rows.
    pub fn scope(mut self, scope: CleaningScope) -> Self {
        self.scope = scope;
        self
    }

    /// Whether to begin again until no row goes, at most 100 times.
    pub fn repeat(mut self, repeat: bool) -> Self {
        self.repeat = repeat;
        self
    }

    /// Whether each row of the set stays.
    fn keep(&self, data: &Dataset, in_scope: &[bool]) -> Vec<bool> {
        let rows: Vec<u32> = (0..data.n_rows() as u32)
            .filter(|&row| in_scope[data.labels()[row as usize] as usize])
            .collect();
        let neighbors = NeighborSearch::new(data.features()).of_rows(&rows, self.k);
        let k = neighbors.k();
        let mut keep = vec![true; data.n_rows()];
        for (&row, same) in rows
            .iter()
            .zip(same_class(&neighbors, &rows, data.labels()))
        {
            keep[row as usize] = match self.rule {
                EnnRule::Vote => 2 * (k - same) <= k,
                EnnRule::Any => same == k,
            };
        }
        keep
    }

    /// The rows of a resampled set that stay.
    pub(super) fn clean(&self, mut set: Resampled) -> Result<Resampled, DataError> {
        const MOST_PASSES: usize = 100;
        check_k("k", self.k)?;
        // The smallest class of the first pass stays it, whatever becomes of the others.
        let in_scope = self.scope.classes(&set.train.data().class_counts());
        for _ in 0..if self.repeat { MOST_PASSES } else { 1 } {
            let before = set.origins.len();
            let keep = self.keep(set.train.data(), &in_scope);
            set = set.retain(&keep)?;
            if set.origins.len() == before {
                break;
            }
        }
        Ok(set)
    }
}

impl Resampler for EditedNearestNeighbors {
    fn name(&self) -> &'static str {
        "enn"
    }

    fn targets(&self, _: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        Ok(None)
    }

    fn resample(&self, train: &TrainSet, _: Seed) -> Result<Resampled, DataError> {
        self.clean(Resampled::unchanged(train))
    }
}
