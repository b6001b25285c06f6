use super::{Trial, Tuner, best_trial};
use crate::{
    cell::{CellId, CellRecord, CellSpec},
    matrix::{MatrixMethod, Pair, Tuning, tuning_space},
    outcome::Outcome,
    record_lines::Records,
};
use art_core::Seed;
use art_methods::{Method, Registry, Setting, Settings};
use art_train::Training;
use std::collections::BTreeMap;

/// The tuning of a method on a data set: trial after trial, each scored by its mean macro F1 on the
/// validation rows of a few splits.
///
/// It is a function of the records: a trial that is in the store is taken as it is, the next one is proposed
/// from those before it. So it resumes anywhere, on any number of workers, to the same trials; and what it chose is known
/// without the tuner.
pub(crate) struct TuningRun {
    dataset: String,
    method: MatrixMethod,
    training: Training,
    space: Vec<Setting>,
    seeds: Vec<u64>,
    n_trials: u32,
    finished: Vec<Trial>,
    /// The cells of the trial in work.
    current: Vec<(CellId, CellSpec)>,
    /// What stored trials tried, whatever would be proposed in their place today.
    stored: BTreeMap<u32, Settings>,
    /// Scores of the cells that have a record.
    scores: BTreeMap<CellId, Score>,
    /// Why a cell failed, the first one's reason.
    failure: Option<String>,
}

/// What proposes the trials of a run, from what the methods of a registry have to tune.
#[derive(Clone, Copy)]
pub(crate) struct Proposals<'a> {
    pub(crate) tuner: &'a dyn Tuner,
    pub(crate) registry: &'a Registry,
}

/// Score of a cell; `None` for one that failed.
type Score = Option<f64>;

impl TuningRun {
    /// The tuning of `pair` as far as `records` go, and one trial further where there are `proposals`.
    pub(crate) fn new(
        pair: &Pair<'_>,
        tuning: &Tuning,
        records: &TrialRecords<'_>,
        proposals: Option<Proposals<'_>>,
    ) -> Self {
        let method = proposals.and_then(|p| p.registry.get(&pair.method.id).ok());
        let space = tuning_space(method.as_ref().map_or(&[], Method::declared));
        // The number that the matrix was resolved with counts, should the method have changed since.
        let n_settings = pair.method.n_settings.unwrap_or(space.len());
        let mut run = Self {
            dataset: pair.dataset.to_owned(),
            method: pair.method.clone(),
            training: pair.training.clone(),
            seeds: tuning.seeds.clone(),
            n_trials: tuning.trials(pair.dataset, n_settings),
            finished: vec![],
            current: vec![],
            stored: BTreeMap::new(),
            scores: BTreeMap::new(),
            failure: None,
            space,
        };
        for trial in 0..run.n_trials {
            let key = (pair.dataset, &*pair.method.id, trial);
            for record in records.trials.get(&key).into_iter().flatten() {
                let spec = &record.result.spec;
                if run.is_own(spec) {
                    run.stored.entry(trial).or_insert_with(|| proposal(spec));
                    run.note(record);
                }
            }
        }
        run.go_on(proposals.map(|p| p.tuner));
        run
    }

    /// Whether a trial's cell differs from the pair's in what tuning chooses alone, and has the settings that the method has now.
    fn is_own(&self, spec: &CellSpec) -> bool {
        let Training {
            learning_rate,
            weight_decay,
            ..
        } = spec.training;
        let training = Training {
            learning_rate,
            weight_decay,
            ..self.training.clone()
        };
        let names = |settings: &Settings| settings.iter().map(|(n, _)| n.to_owned()).collect();
        let [found, expected]: [Vec<String>; 2] =
            [&spec.settings, &self.method.settings].map(names);
        training == spec.training && self.seeds.contains(&spec.seed) && found == expected
    }

    fn note(&mut self, record: &CellRecord) {
        let score = match &record.result.outcome {
            Outcome::Validated(validation) => Some(validation.macro_f1),
            Outcome::Failed { error } => {
                self.failure.get_or_insert_with(|| error.clone());
                None
            }
            Outcome::Evaluated(_) => None,
        };
        self.scores.insert(record.result.id.clone(), score);
    }

    fn pair(&self) -> Pair<'_> {
        Pair {
            dataset: &self.dataset,
            method: &self.method,
            training: &self.training,
        }
    }

    /// The cells of a trial with these settings.
    fn cells(&self, trial: u32, settings: &Settings) -> Vec<(CellId, CellSpec)> {
        let cell = |&seed: &u64| {
            let spec = CellSpec {
                trial: Some(trial),
                ..self.pair().cell(seed).tuned(settings)
            };
            (spec.id(), spec)
        };
        self.seeds.iter().map(cell).collect()
    }

    /// Takes up finished trials, and has `tuner` propose the one after them.
    fn go_on(&mut self, tuner: Option<&dyn Tuner>) {
        loop {
            let trial = self.finished.len() as u32;
            if !self.current.is_empty() {
                let scores = self
                    .current
                    .iter()
                    .map(|(id, _)| self.scores.get(id).copied());
                let Some(scores) = scores.collect::<Option<Vec<Score>>>() else {
                    return;
                };
                let scores: Option<Vec<f64>> = scores.into_iter().collect();
                let n = self.seeds.len() as f64;
                self.finished.push(Trial {
                    settings: self.stored.remove(&trial).unwrap_or_default(),
                    score: scores.map(|scores| scores.iter().sum::<f64>() / n),
                });
                self.current.clear();
                continue;
            }
            if trial == self.n_trials {
                return;
            }
            let settings = match (self.stored.get(&trial), tuner) {
                (Some(settings), _) => settings.clone(),
                (None, Some(tuner)) => {
                    let seed = Seed::new(self.seeds[0]);
                    let name = format!("{}/{}", self.dataset, self.method.id);
                    tuner.propose(&self.space, &self.finished, seed.derive(&name, 0))
                }
                (None, None) => return,
            };
            self.stored.insert(trial, settings.clone());
            self.current = self.cells(trial, &settings);
        }
    }

    /// Takes note of the record of a trial's cell.
    pub(crate) fn take(&mut self, record: &CellRecord, tuner: &dyn Tuner) {
        self.note(record);
        self.go_on(Some(tuner));
    }

    /// Cells of the trial in work that have no record.
    pub(crate) fn pending(&self) -> impl Iterator<Item = (&CellId, &CellSpec)> {
        let open = self
            .current
            .iter()
            .filter(|(id, _)| !self.scores.contains_key(id));
        open.map(|(id, spec)| (id, spec))
    }

    /// Why a cell failed, where one did.
    pub(crate) fn failure(&self) -> Option<&str> {
        self.failure.as_deref()
    }

    /// Trials planned.
    pub(crate) fn n_trials(&self) -> u32 {
        self.n_trials
    }

    /// Trials finished, the first one first.
    pub(crate) fn finished(&self) -> &[Trial] {
        &self.finished
    }

    /// Whether the trials of the one that plans fewer are the first ones of the other.
    pub(crate) fn shares_trials_with(&self, other: &Self) -> bool {
        (&self.dataset, &self.method.id) == (&other.dataset, &other.method.id)
            && (&self.training, &self.seeds) == (&other.training, &other.seeds)
    }

    /// Cells without a record, those of trials to come included.
    pub(crate) fn cells_left(&self) -> usize {
        let to_come = self.finished.len() as u32 + 1..self.n_trials;
        let of_trial = |trial: u32| match self.stored.get(&trial) {
            Some(settings) => {
                let cells = self.cells(trial, settings);
                cells
                    .iter()
                    .filter(|(id, _)| !self.scores.contains_key(id))
                    .count()
            }
            None => self.seeds.len(),
        };
        self.pending().count() + to_come.map(of_trial).sum::<usize>()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.finished.len() as u32 == self.n_trials
    }

    /// The best trial, once all are finished; none when all of them failed.
    pub(crate) fn chosen(&self) -> Option<&Trial> {
        best_trial(&self.finished).filter(|_| self.is_done())
    }
}

/// The settings that a trial's cell tried.
fn proposal(spec: &CellSpec) -> Settings {
    let mut proposal = spec.settings.clone();
    proposal.insert("learning_rate", spec.training.learning_rate);
    proposal.insert("weight_decay", spec.training.weight_decay);
    proposal
}

/// The trials of a store by data set, method and number.
pub(crate) struct TrialRecords<'r> {
    trials: BTreeMap<(&'r str, &'r str, u32), Vec<&'r CellRecord>>,
}

impl<'r> TrialRecords<'r> {
    pub(crate) fn new(records: &'r Records) -> Self {
        let mut trials: BTreeMap<_, Vec<&CellRecord>> = BTreeMap::new();
        for record in records.values() {
            let spec = &record.result.spec;
            if let Some(trial) = spec.trial {
                let key = (&*spec.dataset, &*spec.method, trial);
                trials.entry(key).or_default().push(record);
            }
        }
        Self { trials }
    }
}
