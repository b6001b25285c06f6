//! The plan: which cells of a matrix are to be run, and which of them may be run now.

use crate::{
    cell::{CellId, CellRecord, CellSpec},
    error::BenchError,
    matrix::{Ablation, AblationPoint, Matrix},
    record_lines::Records,
    tune::{PairCells, Proposals, Tpe, TrialRecords, Tuner, TuningRun, pair_cells, point_cells},
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
    tunings: Vec<Waiting>,
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

/// The position of cells of ablations whose settings are tuned, behind every seed's.
const TUNED_POINTS: usize = usize::MAX - 1;
/// The position of other cells of ablations.
const UNTUNED_POINTS: usize = usize::MAX;

/// Cells that wait for their settings.
struct Waiting {
    run: TuningRun,
    cells: Vec<CellSpec>,
    /// Whether they come after those of the pairs.
    is_last: bool,
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
        let trials = TrialRecords::new(records);
        let pairs = pair_cells(matrix, &trials, Some(proposals));
        let mut points: Vec<(&Ablation, AblationPoint, usize)> = vec![];
        for ablation in &matrix.ablations {
            for point in matrix.points(ablation, registry)? {
                // What has trials in common belongs to one shard.
                let place = point.pair().and_then(|(own, _)| {
                    let of_pairs = pairs
                        .iter()
                        .position(|entry| entry.pair.has_trials_of(&own));
                    let shares = |other: &AblationPoint| {
                        let pair = other.pair();
                        pair.is_some_and(|(pair, _)| pair.has_trials_of(&own))
                    };
                    let mut before = points.iter().filter(|(_, other, _)| shares(other));
                    of_pairs.or_else(|| before.next().map(|(_, _, place)| *place))
                });
                let place = place.unwrap_or(pairs.len() + points.len());
                points.push((ablation, point, place));
            }
        }
        points.retain(|(ablation, _, place)| {
            in_shard(*place) && !selection.unavailable.contains(&ablation.dataset)
        });
        let mut entries = vec![];
        for (position, entry) in pairs.into_iter().enumerate() {
            let pair = entry.pair;
            let is_own = !is_tuned || selection.has(&Unit::of_pair(pair.dataset, &pair.method.id));
            if in_shard(position) && is_own && !selection.unavailable.contains(pair.dataset) {
                let wants = |cell: &CellSpec| {
                    selection.wants(&pair.cell(cell.seed).to_string())
                        && (is_tuned || selection.has(&Unit::of_cell(cell)))
                };
                let mut cells: Vec<CellSpec> = matrix.cells(&pair).collect();
                cells.retain(wants);
                entries.push((Some(entry), cells, false));
            }
        }
        for (ablation, point, _) in &points {
            let name = |c: &CellSpec| format!("{}/{}/{}", ablation.name, c.method, c.seed);
            let unit = |c: &CellSpec| match point.tuned {
                Some(_) => Unit::of_pair(&c.dataset, &c.method),
                None => Unit::of_cell(c),
            };
            let is_own = |c: &&CellSpec| selection.wants(&name(c)) && selection.has(&unit(c));
            let cells: Vec<CellSpec> = point.cells.iter().filter(is_own).cloned().collect();
            entries.push((point_cells(point, &trials, Some(proposals)), cells, true));
        }
        for (tuned, cells, is_last) in entries {
            match tuned {
                Some(entry) => plan.add_entry(entry, cells, is_last),
                None => plan.add_last(cells),
            }
        }
        Ok(plan)
    }

    /// Adds the cells of a pair that are wanted, or has them wait for what its trials choose.
    fn add_entry(&mut self, entry: PairCells<'_>, wanted: Vec<CellSpec>, is_last: bool) {
        if wanted.is_empty() {
            return;
        }
        let PairCells {
            pair,
            tuning,
            cells,
        } = entry;
        match (cells, tuning) {
            (Some(cells), _) => {
                let is_wanted = |cell: &CellSpec| {
                    let of_cell = |w: &CellSpec| (w.seed, w.initialisation);
                    wanted.iter().any(|w| of_cell(w) == of_cell(cell))
                };
                self.add_chosen(cells.into_iter().filter(is_wanted).collect(), is_last);
            }
            (None, Some(run)) if !run.is_done() => {
                let key = (pair.dataset.to_owned(), pair.method.id.clone());
                let trials = trials_left(&run, &self.tunings);
                *self.left.entry(key).or_default() += trials + wanted.len();
                self.tunings.push(Waiting {
                    run,
                    cells: wanted,
                    is_last,
                });
            }
            // Every trial failed, so there is nothing to run with.
            (None, _) => self.hopeless += wanted.len(),
        }
    }

    fn add_chosen(&mut self, cells: Vec<CellSpec>, is_last: bool) {
        if is_last {
            self.add_at(TUNED_POINTS, cells);
        } else {
            self.add(cells);
        }
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
        self.add_at(UNTUNED_POINTS, cells);
    }

    fn add_at(&mut self, position: usize, cells: Vec<CellSpec>) {
        for cell in cells {
            let id = cell.id();
            let mut known = self.cells.values().flatten().map(|(id, _)| id);
            // Two ablations may have a cell in common.
            if position >= TUNED_POINTS && known.any(|other| *other == id) {
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
        let Waiting {
            run,
            cells,
            is_last,
        } = &mut self.tunings[tuning];
        if !run.is_done() {
            return;
        }
        let (cells, is_last) = (std::mem::take(cells), *is_last);
        if let Some(left) = cells.first().and_then(|cell| self.left.get_mut(&key(cell))) {
            *left -= cells.len();
        }
        match run.chosen() {
            Some(trial) => {
                let settings = trial.settings.clone();
                let cells = cells.into_iter().map(|c| c.tuned(&settings));
                self.add_chosen(cells.collect(), is_last);
            }
            // Every trial failed, so there is nothing to run with.
            None => self.hopeless += cells.len(),
        }
    }

    /// The next cell that may be run now; it counts as started.
    pub fn next_cell(&mut self) -> Option<CellSpec> {
        let is_open = |id: &CellId| !self.started.contains(id) && !self.done.contains(id);
        let waiting = self.tunings.iter();
        let mut trials = waiting.flat_map(|waiting| waiting.run.pending());
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
        if spec.trial.is_none() {
            return;
        }
        // Several may wait for the trials of one pair.
        for tuning in 0..self.tunings.len() {
            let run = &mut self.tunings[tuning].run;
            if run.pending().any(|(id, _)| *id == record.result.id) {
                run.take(record, &*self.tuner);
                self.add_tuned(tuning);
            }
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
        for (place, Waiting { run, cells, .. }) in self.tunings.iter().enumerate() {
            if let Some(cell) = cells.first() {
                let unit = Unit::of_pair(&cell.dataset, &cell.method);
                let trials = trials_left(run, &self.tunings[..place]);
                *units.entry(unit).or_default() += trials + cells.len();
            }
        }
        for (position, cells) in &self.cells {
            let of_pairs = self.is_tuned && *position != UNTUNED_POINTS;
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

/// Cells of trials without a record, without those that runs `before` it have in common with it.
fn trials_left(run: &TuningRun, before: &[Waiting]) -> usize {
    let before = before.iter().map(|waiting| &waiting.run);
    let shared = before.filter(|other| run.shares_trials_with(other));
    let counted = shared.map(TuningRun::cells_left).max().unwrap_or(0);
    run.cells_left().saturating_sub(counted)
}

fn key(cell: &CellSpec) -> (String, String) {
    (cell.dataset.clone(), cell.method.clone())
}
