//! What records hold of the cells of a pair.

use super::{Tuned, divisions::FirstSeeds};
use crate::metric::Metric;
use crate::{
    cell::{CellId, CellSpec},
    outcome::{Evaluation, Measured, Outcome},
    record_lines::Records,
};

/// How a pair of data set and method was tuned, and its runs.
pub(super) struct PairRuns<'a> {
    pub(super) tuned: Option<Tuned>,
    pub(super) runs: Vec<Run<'a>>,
    /// Its first and its second initialisation.
    pub(super) twins: [Vec<Run<'a>>; 2],
}

/// A run that was evaluated.
#[derive(Clone, Copy)]
pub(super) struct Run<'a> {
    pub(super) cell: &'a CellId,
    pub(super) seed: u64,
    /// The first seed with the same test rows.
    pub(super) first_seed: u64,
    pub(super) initialisation: u32,
    pub(super) evaluation: &'a Evaluation,
    pub(super) measured: &'a Measured,
}

impl Run<'_> {
    /// Macro F1 as it was recorded where the test rows have every class, else over those that they have.
    pub(super) fn score(&self, metric: Metric) -> f64 {
        let confusion = &self.evaluation.confusion;
        match metric {
            Metric::MacroF1 if confusion.classes_without_rows().is_empty() => {
                self.evaluation.macro_f1
            }
            other => other.of(confusion),
        }
    }

    /// Whether the test rows have the class.
    pub(super) fn tests(&self, class: usize) -> bool {
        self.evaluation.confusion.support(class) > 0
    }
}

/// The mean of a value over the runs of each seed, in the order of the seeds' first runs.
pub(super) fn by_seed(runs: &[Run<'_>], value: impl Fn(&Run<'_>) -> f64) -> Vec<(u64, f64)> {
    by_seed_at(runs, |place| value(&runs[place]))
}

/// The same of values that go by the place of the run.
pub(super) fn by_seed_at(runs: &[Run<'_>], value: impl Fn(usize) -> f64) -> Vec<(u64, f64)> {
    let mut sums: Vec<(u64, f64, u32)> = vec![];
    for (place, run) in runs.iter().enumerate() {
        match sums.iter_mut().find(|(seed, ..)| *seed == run.seed) {
            Some((_, sum, n)) => {
                *sum += value(place);
                *n += 1;
            }
            None => sums.push((run.seed, value(place), 1)),
        }
    }
    let mean = |(seed, sum, n)| (seed, if n == 1 { sum } else { sum / f64::from(n) });
    sums.into_iter().map(mean).collect()
}

/// What `records` hold of a list of cells.
pub(super) struct Found<'a> {
    /// Those that were evaluated.
    pub(super) runs: Vec<Run<'a>>,
    /// Those that failed, with the reason.
    pub(super) failed: Vec<(String, &'a str)>,
    /// How many there is nothing of.
    pub(super) missing: usize,
}

impl<'a> Found<'a> {
    pub(super) fn of(
        cells: &[CellSpec],
        records: &'a Records,
        first_seeds: &FirstSeeds<'_>,
    ) -> Self {
        let mut found = Self {
            runs: vec![],
            failed: vec![],
            missing: 0,
        };
        for spec in cells {
            let record = records.get(&spec.id());
            match record.map(|record| (record, &record.result.outcome)) {
                Some((record, Outcome::Evaluated(evaluation))) => found.runs.push(Run {
                    cell: &record.result.id,
                    seed: spec.seed,
                    first_seed: first_seeds.first(spec.seed),
                    initialisation: spec.initialisation,
                    evaluation,
                    measured: &record.measured,
                }),
                Some((_, Outcome::Failed { error })) => {
                    found.failed.push((spec.to_string(), error));
                }
                Some((_, Outcome::Validated(_))) | None => found.missing += 1,
            }
        }
        found
    }
}
