use super::{Trial, Tuner, best_trial};
use crate::{
    CellId, CellRecord, CellSpec, MatrixMethod, Outcome, Pair, Records, Setting, Settings,
    Training, Tuning, Value, matrix::tuning_space,
};
use art_core::Seed;
use std::collections::BTreeMap;

/// The tuning of a method on a data set: trial after trial, each scored by its mean macro F1 on the
/// validation rows of a few splits.
///
/// It is a function of the records: a trial that is in the store is taken as it is, the next one is proposed
/// from those before it. So it resumes anywhere, on any number of workers, to the same trials.
pub(crate) struct TuningRun {
    dataset: String,
    method: MatrixMethod,
    training: Training,
    space: Vec<Setting>,
    seeds: Vec<u64>,
    n_trials: u32,
    finished: Vec<Trial>,
    /// The cells of the trial in work.
    current: Vec<TrialCell>,
    /// What stored trials beyond the first ones tried.
    stored: BTreeMap<u32, Settings>,
}

/// Score of a cell; `None` for one that failed.
type Score = Option<f64>;

/// A cell of a trial, with its score once it is done.
struct TrialCell {
    id: CellId,
    spec: CellSpec,
    score: Option<Score>,
}

impl TuningRun {
    /// The tuning of `pair`, whose method has the settings `own`, as far as `records` go.
    pub(crate) fn new(
        pair: &Pair<'_>,
        own: &[Setting],
        tuning: &Tuning,
        tuner: &dyn Tuner,
        records: &TrialRecords<'_>,
    ) -> Self {
        let space = tuning_space(own);
        let n_trials = tuning.trials(pair.dataset, space.len());
        let mut run = Self {
            dataset: pair.dataset.to_owned(),
            method: pair.method.clone(),
            training: pair.training.clone(),
            seeds: tuning.seeds.clone(),
            n_trials,
            finished: vec![],
            current: vec![],
            stored: BTreeMap::new(),
            space,
        };
        for trial in 0..n_trials {
            let key = (pair.dataset, &*pair.method.id, trial);
            let specs = records.trials.get(&key).into_iter().flatten();
            let mut specs = specs.map(|record| &record.result.spec);
            let of_this_run = |spec: &&CellSpec| run.is_own(spec);
            if let Some(spec) = specs.find(of_this_run) {
                run.stored.insert(trial, run.proposal(spec));
            }
        }
        run.go_on(tuner, &|id| records.all.get(id));
        run
    }

    /// Whether a trial's cell differs from the pair's in what tuning chooses alone.
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
        training == spec.training && self.seeds.contains(&spec.seed)
    }

    /// The settings that a cell tried.
    fn proposal(&self, spec: &CellSpec) -> Settings {
        let mut proposal = Settings::default();
        for setting in &self.space {
            let value = match setting.name() {
                "learning_rate" => Some(Value::Number(spec.training.learning_rate)),
                "weight_decay" => Some(Value::Number(spec.training.weight_decay)),
                own => spec.settings.get(own).cloned(),
            };
            proposal.insert(
                setting.name(),
                value.unwrap_or_else(|| setting.default().clone()),
            );
        }
        proposal
    }

    fn pair(&self) -> Pair<'_> {
        Pair {
            dataset: &self.dataset,
            method: &self.method,
            training: &self.training,
        }
    }

    /// Takes up finished trials from `records` and proposes the one after them.
    fn go_on<'r>(
        &mut self,
        tuner: &dyn Tuner,
        records: &dyn Fn(&CellId) -> Option<&'r CellRecord>,
    ) {
        loop {
            if !self.current.is_empty() {
                if self.current.iter().any(|cell| cell.score.is_none()) {
                    return;
                }
                let trial = self.finished.len() as u32;
                let scores: Option<Vec<f64>> =
                    self.current.iter().filter_map(|cell| cell.score).collect();
                let n = self.seeds.len() as f64;
                self.finished.push(Trial {
                    settings: self.stored.remove(&trial).unwrap_or_default(),
                    score: scores.map(|scores| scores.iter().sum::<f64>() / n),
                });
                self.current.clear();
            }
            let trial = self.finished.len() as u32;
            if trial == self.n_trials {
                return;
            }
            let settings = self.stored.entry(trial).or_insert_with(|| {
                let seed = Seed::new(self.seeds[0]);
                let name = format!("{}/{}", self.dataset, self.method.id);
                tuner.propose(&self.space, &self.finished, seed.derive(&name, 0))
            });
            let settings = settings.clone();
            let cell = |&seed: &u64| CellSpec {
                trial: Some(trial),
                ..self.pair().cell(seed).tuned(&settings)
            };
            let cells: Vec<CellSpec> = self.seeds.iter().map(cell).collect();
            self.current = cells
                .into_iter()
                .map(|spec| {
                    let id = spec.id();
                    let score = records(&id).map(score);
                    TrialCell { id, spec, score }
                })
                .collect();
        }
    }

    /// Takes note of a cell of the trial in work.
    pub(crate) fn take(&mut self, record: &CellRecord, tuner: &dyn Tuner) {
        let cell = self
            .current
            .iter_mut()
            .find(|cell| cell.id == record.result.id);
        if let Some(cell) = cell {
            cell.score = Some(score(record));
            self.go_on(tuner, &|_| None);
        }
    }

    /// Cells of the trial in work that have no record.
    pub(crate) fn pending(&self) -> impl Iterator<Item = (&CellId, &CellSpec)> {
        let open = self.current.iter().filter(|cell| cell.score.is_none());
        open.map(|cell| (&cell.id, &cell.spec))
    }

    /// Trials planned.
    pub(crate) fn n_trials(&self) -> u32 {
        self.n_trials
    }

    /// Trials finished, the first one first.
    pub(crate) fn finished(&self) -> &[Trial] {
        &self.finished
    }

    /// Cells without a record, those of trials to come included.
    pub(crate) fn cells_left(&self) -> usize {
        let to_come = (self.n_trials as usize).saturating_sub(self.finished.len() + 1);
        self.pending().count() + to_come * self.seeds.len()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.finished.len() as u32 == self.n_trials
    }

    /// The best trial, once all are finished; none when all of them failed.
    pub(crate) fn chosen(&self) -> Option<&Trial> {
        best_trial(&self.finished).filter(|_| self.is_done())
    }
}

fn score(record: &CellRecord) -> Score {
    match &record.result.outcome {
        Outcome::Validated(validation) => Some(validation.macro_f1),
        Outcome::Evaluated(_) | Outcome::Failed { .. } => None,
    }
}

/// The records of a store with its trials by data set, method and number.
pub(crate) struct TrialRecords<'r> {
    all: &'r Records,
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
        Self {
            all: records,
            trials,
        }
    }
}
