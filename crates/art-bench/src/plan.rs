//! The plan: which cells of a matrix are to be run, and which of them may be run now.

use crate::{
    BenchError, CellId, CellRecord, CellSpec, Matrix, Method, Pair, Records, Registry, Tpe, Tuner,
    tune::{TrialRecords, TuningRun},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    num::NonZeroUsize,
    str::FromStr,
};

/// A pair of a matrix with its cells.
pub(crate) struct PairCells<'a> {
    pub(crate) pair: Pair<'a>,
    /// How its settings are or were chosen, where they are tuned.
    pub(crate) tuning: Option<TuningRun>,
    /// One cell a seed; none while the settings are not chosen.
    pub(crate) cells: Option<Vec<CellSpec>>,
}

/// The cells of every pair of a resolved matrix, as far as `records` go. A method that is not in `registry`
/// has no settings of its own.
pub(crate) fn pair_cells<'a>(
    matrix: &'a Matrix,
    registry: &Registry,
    tuner: &dyn Tuner,
    records: &Records,
) -> Vec<PairCells<'a>> {
    let trials = TrialRecords::new(records);
    let pairs = matrix.pairs().into_iter().map(|pair| {
        let tuning = matrix.tuning.as_ref().map(|tuning| {
            let own = registry.get(&pair.method.id).map_or(&[][..], Method::settings);
            TuningRun::new(&pair, own, tuning, tuner, &trials)
        });
        let cells = matrix.seeds.iter().map(|&seed| pair.cell(seed));
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

/// A part of a plan that a machine takes: every `count`-th pair of data set and method, and every `count`-th
/// point of the ablations, starting at `index`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PlanShard {
    index: usize,
    count: NonZeroUsize,
}

impl PlanShard {
    fn has(self, position: usize) -> bool {
        position % self.count == self.index
    }
}

/// `INDEX/COUNT`, counted from 0.
impl FromStr for PlanShard {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let parts = text.split_once('/');
        let parsed = parts.and_then(|(i, n)| Some((i.parse().ok()?, n.parse().ok()?)));
        let (index, count): (usize, NonZeroUsize) =
            parsed.ok_or("expected INDEX/COUNT, for example 0/3")?;
        if index >= count.get() {
            return Err(format!("the last of {count} shards is {}/{count}", count.get() - 1));
        }
        Ok(Self { index, count })
    }
}

impl fmt::Display for PlanShard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.index, self.count)
    }
}

/// Which cells of a matrix to plan.
#[derive(Default)]
pub struct Selection<'a> {
    /// Whether a cell is wanted, by its name: `dataset/method/seed`, with the ablation's name in the place of
    /// the data set for a cell of an ablation.
    pub wanted: Option<&'a dyn Fn(&str) -> bool>,
    /// The part that this machine takes.
    pub shard: Option<PlanShard>,
    /// Data sets that cannot be had.
    pub unavailable: BTreeSet<String>,
}

impl Selection<'_> {
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_none_or(|wanted| wanted(name))
    }
}

/// The cells of a matrix in the order in which they are run.
///
/// Trials come first; the cells of a pair follow once its settings are chosen, seed by seed, so that an
/// interrupted run has every method on the seeds that it finished; ablations come last.
pub struct Plan {
    tuner: Box<dyn Tuner>,
    tunings: Vec<(TuningRun, Vec<CellSpec>)>,
    /// Cells whose settings are known, by the position of their seed.
    cells: BTreeMap<usize, Vec<CellSpec>>,
    /// Where to look for the next cell at each position.
    places: BTreeMap<usize, usize>,
    seeds: Vec<u64>,
    started: BTreeSet<CellId>,
    done: BTreeSet<CellId>,
}

impl Plan {
    /// The plan of a resolved matrix, as far as `records` go.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for a method that is not in `registry`.
    pub fn new(
        matrix: &Matrix,
        registry: &Registry,
        records: &Records,
        selection: &Selection<'_>,
    ) -> Result<Self, BenchError> {
        let mut plan = Self::of_cells(vec![], &matrix.seeds);
        let in_shard = |position| selection.shard.is_none_or(|shard| shard.has(position));
        let pairs = pair_cells(matrix, registry, &*plan.tuner, records);
        let mut position = pairs.len();
        for (position, entry) in pairs.into_iter().enumerate() {
            let pair = entry.pair;
            if !in_shard(position) || selection.unavailable.contains(pair.dataset) {
                continue;
            }
            let seeds = matrix.seeds.iter().copied();
            let wanted = |&seed: &u64| selection.wants(&pair.cell(seed).to_string());
            let wanted: BTreeSet<u64> = seeds.filter(wanted).collect();
            if wanted.is_empty() {
                continue;
            }
            match (entry.cells, entry.tuning) {
                (Some(cells), _) => {
                    plan.add(cells.into_iter().filter(|c| wanted.contains(&c.seed)).collect());
                }
                (None, Some(run)) if !run.is_done() => {
                    let cells = wanted.iter().map(|&seed| pair.cell(seed)).collect();
                    plan.tunings.push((run, cells));
                }
                // Every trial failed, so there is nothing to run with.
                (None, _) => {}
            }
        }
        for ablation in &matrix.ablations {
            for point in matrix.points(ablation, registry)? {
                position += 1;
                if in_shard(position - 1) && !selection.unavailable.contains(&ablation.dataset) {
                    let cells = point.cells.into_iter();
                    let name = |c: &CellSpec| format!("{}/{}/{}", ablation.name, c.method, c.seed);
                    plan.add_last(cells.filter(|c| selection.wants(&name(c))).collect());
                }
            }
        }
        plan.done = records.keys().cloned().collect();
        Ok(plan)
    }

    /// The plan of these cells alone.
    pub fn of_cells(cells: Vec<CellSpec>, seeds: &[u64]) -> Self {
        let mut plan = Self {
            tuner: Box::new(Tpe),
            tunings: vec![],
            cells: BTreeMap::new(),
            places: BTreeMap::new(),
            seeds: seeds.to_vec(),
            started: BTreeSet::new(),
            done: BTreeSet::new(),
        };
        plan.add(cells);
        plan
    }

    fn add(&mut self, cells: Vec<CellSpec>) {
        for cell in cells {
            let position = self.seeds.iter().position(|&seed| seed == cell.seed);
            let position = position.unwrap_or(self.seeds.len());
            self.cells.entry(position).or_default().push(cell);
        }
    }

    fn add_last(&mut self, cells: Vec<CellSpec>) {
        self.cells.entry(usize::MAX).or_default().extend(cells);
    }

    /// Adds the cells of a pair whose tuning is done, with the settings that it chose.
    fn add_tuned(&mut self, tuning: usize) {
        let (run, cells) = &mut self.tunings[tuning];
        if run.is_done() {
            let cells = std::mem::take(cells);
            let chosen = run.chosen();
            let tuned = chosen.map(|trial| cells.into_iter().map(|c| c.tuned(&trial.settings)).collect());
            self.add(tuned.unwrap_or_default());
        }
    }

    /// The next cell that may be run now; it counts as started.
    pub fn next(&mut self) -> Option<CellSpec> {
        let trials = self.tunings.iter().flat_map(|(run, _)| run.pending());
        let cells = self.cells.iter().flat_map(|(position, cells)| {
            let place = self.places.get(position).copied().unwrap_or(0);
            &cells[place..]
        });
        let is_open = |cell: &&CellSpec| {
            let id = cell.id();
            !self.started.contains(&id) && !self.done.contains(&id)
        };
        let found = trials.chain(cells).find(is_open)?.clone();
        self.started.insert(found.id());
        // Cells before this one need not be looked at again.
        for (position, cells) in &self.cells {
            if let Some(at) = cells.iter().position(|cell| *cell == found) {
                self.places.insert(*position, at + 1);
                break;
            }
        }
        Some(found)
    }

    /// Takes note of the record of a cell; cells that waited for it may then be run.
    pub fn take(&mut self, record: &CellRecord) {
        self.done.insert(record.result.id.clone());
        let spec = &record.result.spec;
        if spec.trial.is_none() {
            return;
        }
        for tuning in 0..self.tunings.len() {
            let (run, _) = &mut self.tunings[tuning];
            if run.pending().any(|cell| cell == spec) {
                run.take(record, &*self.tuner);
                self.add_tuned(tuning);
                return;
            }
        }
    }

    /// Cells whose settings are known.
    pub(crate) fn known_cells(&self) -> impl Iterator<Item = &CellSpec> {
        self.cells.values().flatten()
    }

    /// Cells without a record by data set and method, those included whose settings are not chosen yet.
    pub fn left(&self) -> BTreeMap<(String, String), usize> {
        let mut left: BTreeMap<(String, String), usize> = BTreeMap::new();
        let mut add = |cell: &CellSpec, n: usize| {
            let key = (cell.dataset.clone(), cell.method.clone());
            *left.entry(key).or_default() += n;
        };
        for (run, cells) in &self.tunings {
            if let Some(cell) = cells.first() {
                add(cell, run.cells_left() + cells.len());
            }
        }
        let mut counted = BTreeSet::new();
        for cell in self.known_cells() {
            let id = cell.id();
            if !self.done.contains(&id) && counted.insert(id) {
                add(cell, 1);
            }
        }
        left
    }

    /// Number of cells without a record.
    pub fn n_left(&self) -> usize {
        self.left().values().sum()
    }
}

