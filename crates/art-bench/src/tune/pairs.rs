//! The cells of every pair of a matrix, as far as its records go.

use super::{Proposals, TrialRecords, TuningRun};
use crate::{
    cell::CellSpec,
    matrix::{Matrix, Pair},
    record_lines::Records,
};

/// A pair of a matrix with its cells.
pub(crate) struct PairCells<'a> {
    pub(crate) pair: Pair<'a>,
    /// How its settings are or were chosen, where they are tuned.
    pub(crate) tuning: Option<TuningRun>,
    /// One cell a seed; none while the settings are not chosen.
    pub(crate) cells: Option<Vec<CellSpec>>,
}

/// The cells of every pair of a resolved matrix. What was chosen is a function of the records of trials; `proposals` add the trial
/// that comes next, for whoever runs it.
pub(crate) fn pair_cells<'a>(
    matrix: &'a Matrix,
    records: &Records,
    proposals: Option<Proposals<'_>>,
) -> Vec<PairCells<'a>> {
    let trials = TrialRecords::new(records);
    let pairs = matrix.pairs().into_iter().map(|pair| {
        let tuning = matrix.tuning.as_ref();
        let tuning = tuning.map(|tuning| TuningRun::new(&pair, tuning, &trials, proposals));
        let cells = matrix.cells(&pair);
        let cells = match &tuning {
            None => Some(cells.collect()),
            Some(tuning) => {
                let chosen = tuning.chosen();
                chosen.map(|trial| cells.map(|c| c.tuned(&trial.settings)).collect())
            }
        };
        PairCells {
            pair,
            tuning,
            cells,
        }
    });
    pairs.collect()
}
