//! The plan: which cells of a matrix are to be run, and which of them may be run now.

use crate::{
    cell::{CellId, CellRecord, CellSpec},
    error::BenchError,
    matrix::Matrix,
    record_lines::Records,
    tune::{Proposals, Tpe, Tuner, TuningRun, pair_cells},
    unit::{Unit, Units},
};
use art_methods::Registry;
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt,
    num::NonZeroUsize,
    str::FromStr,
};

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
            return Err(format!(
                "the last of {count} shards is {}/{count}",
                count.get() - 1
            ));
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
    /// The units that this task of an array takes.
    pub task: Option<&'a Units>,
    /// Data sets that cannot be had.
    pub unavailable: BTreeSet<String>,
}

impl Selection<'_> {
    fn wants(&self, name: &str) -> bool {
        self.wanted.is_none_or(|wanted| wanted(name))
    }

    /// Whether the unit is one of the task, where there is one.
    fn has(&self, unit: &Unit) -> bool {
        self.task.is_none_or(|units| units.contains_key(unit))
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
    cells: BTreeMap<usize, Vec<(CellId, CellSpec)>>,
    /// Where to look for the next cell at each position.
    places: BTreeMap<usize, usize>,
    seeds: Vec<u64>,
    started: BTreeSet<CellId>,
    done: BTreeSet<CellId>,
    /// Cells without a record by data set and method.
    left: Left,
    /// Cells that cannot be run since every trial of their pair failed.
    hopeless: usize,
    /// Whether the settings of pairs are tuned.
    is_tuned: bool,
}

/// Numbers of cells by data set and method.
pub type Left = BTreeMap<(String, String), usize>;

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
        let mut plan = Self::empty(&matrix.seeds);
        let is_tuned = matrix.tuning.is_some();
        plan.is_tuned = is_tuned;
        plan.done = records.keys().cloned().collect();
        let in_shard = |position| selection.shard.is_none_or(|shard| shard.has(position));
        let proposals = Proposals {
            tuner: &*plan.tuner,
            registry,
        };
        let pairs = pair_cells(matrix, records, Some(proposals));
        let mut position = pairs.len();
        for (position, entry) in pairs.into_iter().enumerate() {
            let pair = entry.pair;
            if !in_shard(position) || selection.unavailable.contains(pair.dataset) {
                continue;
            }
            let seeds = matrix.seeds_on(pair.dataset).iter().copied();
            let wanted = |&seed: &u64| selection.wants(&pair.cell(seed).to_string());
            let wanted: BTreeSet<u64> = seeds.filter(wanted).collect();
            let unit = Unit::of_pair(pair.dataset, &pair.method.id);
            if wanted.is_empty() || (is_tuned && !selection.has(&unit)) {
                continue;
            }
            let is_own = |c: &CellSpec| is_tuned || selection.has(&Unit::of_cell(c));
            match (entry.cells, entry.tuning) {
                (Some(cells), _) => {
                    let is_wanted = |c: &CellSpec| wanted.contains(&c.seed) && is_own(c);
                    let cells = cells.into_iter().filter(is_wanted).collect();
                    plan.add(cells);
                }
                (None, Some(run)) if !run.is_done() => {
                    let cells = matrix.cells(&pair);
                    let cells: Vec<_> = cells.filter(|c| wanted.contains(&c.seed)).collect();
                    let key = (pair.dataset.to_owned(), pair.method.id.clone());
                    *plan.left.entry(key).or_default() += run.cells_left() + cells.len();
                    plan.tunings.push((run, cells));
                }
                // Every trial failed, so there is nothing to run with.
                (None, _) => {
                    let cells = matrix.cells(&pair);
                    plan.hopeless += cells.filter(|c| wanted.contains(&c.seed)).count();
                }
            }
        }
        for ablation in &matrix.ablations {
            for point in matrix.points(ablation, registry)? {
                position += 1;
                if in_shard(position - 1) && !selection.unavailable.contains(&ablation.dataset) {
                    let cells = point.cells.into_iter();
                    let name = |c: &CellSpec| format!("{}/{}/{}", ablation.name, c.method, c.seed);
                    let is_own = |c: &CellSpec| {
                        selection.wants(&name(c)) && selection.has(&Unit::of_cell(c))
                    };
                    plan.add_last(cells.filter(is_own).collect());
                }
            }
        }
        Ok(plan)
    }

    /// The plan of these cells alone.
    pub fn of_cells(cells: Vec<CellSpec>) -> Self {
        let mut plan = Self::empty(&[]);
        plan.add(cells);
        plan
    }

    fn empty(seeds: &[u64]) -> Self {
        Self {
            tuner: Box::new(Tpe),
            tunings: vec![],
            cells: BTreeMap::new(),
            places: BTreeMap::new(),
            seeds: seeds.to_vec(),
            started: BTreeSet::new(),
            done: BTreeSet::new(),
            left: Left::new(),
            hopeless: 0,
            is_tuned: false,
        }
    }

    fn add(&mut self, cells: Vec<CellSpec>) {
        for cell in cells {
            let position = self.seeds.iter().position(|&seed| seed == cell.seed);
            self.add_at(position.unwrap_or(self.seeds.len()), vec![cell]);
        }
    }

    fn add_last(&mut self, cells: Vec<CellSpec>) {
        self.add_at(usize::MAX, cells);
    }

    fn add_at(&mut self, position: usize, cells: Vec<CellSpec>) {
        for cell in cells {
            let id = cell.id();
            let mut known = self.cells.values().flatten().map(|(id, _)| id);
            // Two ablations may have a cell in common.
            if position == usize::MAX && known.any(|other| *other == id) {
                continue;
            }
            if !self.done.contains(&id) {
                *self.left.entry(key(&cell)).or_default() += 1;
            }
            self.cells.entry(position).or_default().push((id, cell));
        }
    }

    /// Adds the cells of a pair whose tuning is done, with the settings that it chose.
    fn add_tuned(&mut self, tuning: usize) {
        let (run, cells) = &mut self.tunings[tuning];
        if !run.is_done() {
            return;
        }
        let cells = std::mem::take(cells);
        if let Some(left) = cells.first().and_then(|cell| self.left.get_mut(&key(cell))) {
            *left -= cells.len();
        }
        match run.chosen() {
            Some(trial) => {
                let settings = trial.settings.clone();
                self.add(cells.into_iter().map(|c| c.tuned(&settings)).collect());
            }
            // Every trial failed, so there is nothing to run with.
            None => self.hopeless += cells.len(),
        }
    }

    /// The next cell that may be run now; it counts as started.
    pub fn next_cell(&mut self) -> Option<CellSpec> {
        let is_open = |id: &CellId| !self.started.contains(id) && !self.done.contains(id);
        let mut trials = self.tunings.iter().flat_map(|(run, _)| run.pending());
        let found = trials.find(|(id, _)| is_open(id));
        let mut found = found.map(|(id, cell)| (id.clone(), cell.clone()));
        for (position, cells) in &self.cells {
            if found.is_some() {
                break;
            }
            let place = self.places.entry(*position).or_default();
            while let Some((id, cell)) = cells.get(*place) {
                *place += 1;
                if is_open(id) {
                    found = Some((id.clone(), cell.clone()));
                    break;
                }
            }
        }
        let (id, cell) = found?;
        self.started.insert(id);
        Some(cell)
    }

    /// Takes note of the record of a cell; cells that waited for it may then be run.
    pub fn take(&mut self, record: &CellRecord) {
        let spec = &record.result.spec;
        if self.done.insert(record.result.id.clone())
            && let Some(left) = self.left.get_mut(&key(spec))
        {
            *left = left.saturating_sub(1);
        }
        let waits =
            |(run, _): &(TuningRun, _)| run.pending().any(|(id, _)| *id == record.result.id);
        if spec.trial.is_some()
            && let Some(tuning) = self.tunings.iter().position(waits)
        {
            self.tunings[tuning].0.take(record, &*self.tuner);
            self.add_tuned(tuning);
        }
    }

    /// Cells that cannot be run since every trial of their pair failed.
    pub fn n_hopeless(&self) -> usize {
        self.hopeless
    }

    /// Cells whose settings are known.
    pub(crate) fn known_cells(&self) -> impl Iterator<Item = (&CellId, &CellSpec)> {
        self.cells.values().flatten().map(|(id, cell)| (id, cell))
    }

    /// Cells without a record by the unit that they belong to, those included whose settings are not chosen yet.
    pub fn units(&self) -> Units {
        let mut units = Units::new();
        for (run, cells) in &self.tunings {
            if let Some(cell) = cells.first() {
                let unit = Unit::of_pair(&cell.dataset, &cell.method);
                *units.entry(unit).or_default() += run.cells_left() + cells.len();
            }
        }
        for (position, cells) in &self.cells {
            let of_pairs = self.is_tuned && *position != usize::MAX;
            for (_, cell) in cells.iter().filter(|(id, _)| !self.done.contains(id)) {
                let unit = if of_pairs {
                    Unit::of_pair(&cell.dataset, &cell.method)
                } else {
                    Unit::of_cell(cell)
                };
                *units.entry(unit).or_default() += 1;
            }
        }
        units
    }

    /// Cells without a record by data set and method, those included whose settings are not chosen yet.
    pub fn left(&self) -> &Left {
        &self.left
    }

    /// Number of cells without a record.
    pub fn n_left(&self) -> usize {
        self.left.values().sum()
    }
}

fn key(cell: &CellSpec) -> (String, String) {
    (cell.dataset.clone(), cell.method.clone())
}
