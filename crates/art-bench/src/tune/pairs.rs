//! The cells of every pair of a matrix, as far as its records go.

use super::{Proposals, TrialRecords, TuningRun};
use crate::{
    cell::CellSpec,
    matrix::{AblationPoint, Matrix, Pair, Tuning},
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
    trials: &TrialRecords<'_>,
    proposals: Option<Proposals<'_>>,
) -> Vec<PairCells<'a>> {
    let pairs = matrix.pairs().into_iter().map(|pair| {
        let cells = matrix.cells(&pair).collect();
        let tuning = matrix.tuning.as_ref();
        PairCells::of(pair, tuning, cells, trials, proposals)
    });
    pairs.collect()
}

/// The same of a point of an ablation whose settings trials choose; none for another one.
pub(crate) fn point_cells<'a>(
    point: &'a AblationPoint,
    trials: &TrialRecords<'_>,
    proposals: Option<Proposals<'_>>,
) -> Option<PairCells<'a>> {
    let (pair, tuning) = point.pair()?;
    let cells = point.cells.clone();
    Some(PairCells::of(pair, Some(tuning), cells, trials, proposals))
}

impl<'a> PairCells<'a> {
    fn of(
        pair: Pair<'a>,
        tuning: Option<&Tuning>,
        cells: Vec<CellSpec>,
        trials: &TrialRecords<'_>,
        proposals: Option<Proposals<'_>>,
    ) -> Self {
        let tuning = tuning.map(|tuning| TuningRun::new(&pair, tuning, trials, proposals));
        let cells = match &tuning {
            None => Some(cells),
            Some(tuning) => tuning.chosen().map(|trial| {
                let cells = cells.into_iter();
                cells.map(|cell| cell.tuned(&trial.settings)).collect()
            }),
        };
        Self {
            pair,
            tuning,
            cells,
        }
    }
}
