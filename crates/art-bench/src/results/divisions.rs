//! How many different divisions into parts the seeds of a data set stand for.

use super::Run;
use crate::{datasets::DatasetKind, run_info::RunInfo, splits::Division};
use std::collections::{BTreeMap, BTreeSet};

/// Fewest different divisions that anything is advised from; below it a test's p-value hangs on a row or two.
pub(crate) const FEWEST_DIVISIONS: usize = 5;

/// The first seed of each seed's test rows: seeds with the same test rows are runs of one division.
pub(super) struct FirstSeeds<'i> {
    repeats: Option<&'i BTreeMap<u64, u64>>,
    is_one: bool,
}

impl<'i> FirstSeeds<'i> {
    pub(super) fn of(info: &'i RunInfo, dataset: &str) -> Self {
        let facts = info.splits.get(dataset);
        // Folders of older programs do not say it, and those dealt out groups alike for nearly every seed.
        let is_unknown = facts.is_none() && info.division == Division::Grouped;
        Self {
            repeats: facts.map(|facts| &facts.repeats),
            is_one: DatasetKind::of(dataset) == DatasetKind::Own
                && (info.division == Division::Given || is_unknown),
        }
    }

    pub(super) fn first(&self, seed: u64) -> u64 {
        if self.is_one {
            return 0;
        }
        let first = self.repeats.and_then(|repeats| repeats.get(&seed));
        first.copied().unwrap_or(seed)
    }
}

/// Seeds with a result, and the different divisions among them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Divisions {
    /// Seeds that a method has a result of.
    pub seeds: usize,
    /// Different test parts among them.
    pub different: usize,
}

impl Divisions {
    pub(super) fn of(runs: &[&Run<'_>]) -> Self {
        let seeds: BTreeSet<u64> = runs.iter().map(|run| run.seed).collect();
        let different: BTreeSet<u64> = runs.iter().map(|run| run.first_seed).collect();
        Self {
            seeds: seeds.len(),
            different: different.len(),
        }
    }

    /// Whether several seeds share one division, so that their differences say nothing about other rows.
    pub fn is_one(self) -> bool {
        self.seeds > 1 && self.different == 1
    }
}
