//! From records to the numbers of a report. Everything is computed here; the report only shows it.

mod ablation;
mod across;
mod agreement;
mod balance;
mod claims;
mod comparison;
mod curve;
mod divisions;
mod feedback;
mod method;
mod missing_result;
mod ranking;
mod runs;
mod standing;
mod summaries;
mod verdict;

pub use ablation::{AblationResults, Grid, GridRow, PointResults, StandingAt};
pub use across::{Across, AcrossRow, SelfComparison};
pub use agreement::{Agreement, OrderAgreement, PrintedTable, TableAgreement};
pub use balance::Balance;
pub use claims::{Claim, Estimate, Held, SettingOfArt};
pub use comparison::{Adjusted, Comparison};
pub use curve::{Curve, CurveOfRuns};
pub use divisions::Divisions;
pub(crate) use divisions::FEWEST_DIVISIONS;
pub use feedback::BeforeRefresh;
pub use method::{MethodResults, ReportedBeside, Tuned};
pub use missing_result::{MissingResult, PairName};
pub use ranking::Ranking;
pub use standing::{RankAmong, Standing, Tally};
pub use summaries::{CalibrationSummaries, EpochCost, Summaries};
pub use verdict::{Advice, ExpectedGain, NoAdvice, Verdict};

use crate::{
    cell::{CellId, CellRecord, CellSpec},
    datasets::{DatasetKind, dataset_title},
    environment::Environment,
    error::BenchError,
    matrix::{Ablation, AblationPoint, Matrix, MatrixMethod, Role},
    metric::Metric,
    paper::{PrintedScore, reported},
    record_lines::Records,
    run_info::RunInfo,
    splits::Division,
    splits::{AbsentClass, Part},
    tune::{PairCells, TrialRecords, pair_cells, point_cells},
};
use art_methods::{PLAIN, Registry, Settings};
use divisions::FirstSeeds;
use method::quartiles;
use runs::{Found, PairRuns, Run, by_seed};
use std::collections::{BTreeMap, BTreeSet};

/// The method that the others are compared with.
pub(crate) const SUBJECT: &str = "art";
/// The other method with feedback.
const BREAK_EVEN: &str = "break-even";

/// All numbers of a report.
#[derive(Clone, Debug)]
pub struct Results {
    /// The matrix.
    pub matrix: Matrix,
    /// One entry a data set, in matrix order; those that could not be had are left out.
    pub datasets: Vec<DatasetResults>,
    /// How ART stands; none where it has no result.
    pub standing: Option<Standing>,
    /// Average ranks over the seeds of each data set, then over data sets.
    pub rankings: Vec<Ranking>,
    /// Every method against plain training and against ART, over data sets.
    pub across: Vec<Across>,
    /// One entry an ablation.
    pub ablations: Vec<AblationResults>,
    /// What the paper claims, where the results say something of it.
    pub claims: Vec<Claim>,
    /// How far our numbers agree with the paper's, where they are of its experiment.
    pub agreement: Option<Agreement>,
    /// What has no result, each with the reason.
    pub gaps: Vec<MissingResult>,
    /// What resamplers could not do, with the number of seeds it happened to and of those that were planned.
    pub warnings: BTreeMap<String, [usize; 2]>,
    /// How rows come into the parts.
    pub division: Division,
    /// Data sets of whose splits the folder says what is to be known.
    pub known_splits: BTreeSet<String>,
    /// What to know of a table of the user's own before its results are believed.
    pub notes: Vec<String>,
    /// Machines and programs that the records come from.
    pub environments: Vec<Environment>,
    /// Cells of the matrix that have a record.
    pub cells: usize,
    /// Those of them that were made by an older arithmetic than any that has a name.
    pub cells_of_older_arithmetic: usize,
    /// Records in the folder that belong to no cell of the matrix.
    pub others: usize,
}

/// The numbers of one data set.
#[derive(Clone, Debug)]
pub struct DatasetResults {
    /// Its id.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Names of its classes.
    pub class_names: Vec<String>,
    /// One entry a method, in matrix order.
    pub methods: Vec<MethodResults>,
    /// How many different divisions its seeds stand for.
    pub divisions: Divisions,
    /// Classes that a part of the splits has no row of.
    pub absent: Vec<AbsentClass>,
    /// ART against each other method; controls and additions are a family of their own.
    pub comparisons: Vec<Comparison>,
    /// Plain training against itself; none without a second initialisation.
    pub again: Option<SelfComparison>,
    /// What to do, where the data set is a table of the user's own.
    pub verdict: Option<Verdict>,
    /// How the class distributions of methods with feedback moved, each with what it is of: ART's as means over its runs and
    /// in the first one, break-even feedback's as means.
    pub curves: Vec<CurveOfRuns>,
}

impl DatasetResults {
    /// What it is.
    pub fn kind(&self) -> DatasetKind {
        DatasetKind::of(&self.id)
    }
}

impl Results {
    /// The numbers of `records` for the matrix of `info`; a method that is not in `registry` goes by
    /// its id.
    ///
    /// # Errors
    /// [`BenchError::Stats`] when a record holds a number that is not finite, [`BenchError::Unknown`] when an
    /// ablation names a method that is not in `registry`.
    pub fn new(info: &RunInfo, records: &Records, registry: &Registry) -> Result<Self, BenchError> {
        let matrix = &info.matrix;
        let mut results = Self {
            matrix: matrix.clone(),
            datasets: vec![],
            standing: None,
            rankings: vec![],
            across: vec![],
            ablations: vec![],
            claims: vec![],
            agreement: None,
            gaps: vec![],
            warnings: BTreeMap::new(),
            division: info.division,
            known_splits: info.splits.keys().cloned().collect(),
            notes: info.notes.clone(),
            environments: vec![],
            cells: 0,
            cells_of_older_arithmetic: 0,
            others: 0,
        };
        for (id, reason) in &info.unavailable {
            results.gaps.push(MissingResult::Unavailable {
                dataset: dataset_title(id).to_owned(),
                reason: reason.clone(),
            });
        }
        let is_of_paper = results.is_of_paper();
        let mut planned: BTreeSet<CellId> = BTreeSet::new();
        let mut pairs = BTreeMap::new();
        let trials = TrialRecords::new(records);
        for entry in pair_cells(matrix, &trials, None) {
            if !info.unavailable.contains_key(entry.pair.dataset) {
                planned.extend(entry.cells.iter().flatten().map(CellSpec::id));
                let first_seeds = FirstSeeds::of(info, entry.pair.dataset);
                let runs = results.runs_of(&entry, records, &first_seeds);
                let key = (entry.pair.dataset.to_owned(), entry.pair.method.id.clone());
                let chosen = |wanted: &dyn Fn(u32) -> bool| {
                    let runs = runs.iter().filter(|run| wanted(run.initialisation));
                    runs.copied().collect()
                };
                let shown = |settings: &Settings| match registry.get(&entry.pair.method.id) {
                    Ok(method) if !is_of_paper => method.named_settings(settings),
                    _ => settings.clone(),
                };
                let pair = PairRuns {
                    tuned: entry.tuning.as_ref().map(|run| Tuned::of(run, shown)),
                    runs: chosen(&|i| i < matrix.initialisations),
                    twins: [0, 1].map(|twin| chosen(&|i| i == twin)),
                };
                pairs.insert(key, pair);
            }
        }
        let available = matrix.datasets.iter();
        for dataset in available.filter(|id| !info.unavailable.contains_key(*id)) {
            let class_names = info.class_names.get(dataset).cloned().unwrap_or_default();
            let mut results_of = results.dataset(dataset, class_names, &pairs, registry)?;
            let of_dataset = pairs.iter().filter(|((id, _), _)| id == dataset);
            let runs: Vec<&Run<'_>> = of_dataset.flat_map(|(_, pair)| &pair.runs).collect();
            results_of.divisions = Divisions::of(&runs);
            results_of.absent = absent(info, dataset, &results_of.class_names, &runs);
            results.datasets.push(results_of);
        }
        results.rankings = ranking::over_seeds(&results.datasets)?;
        let over_datasets = ranking::over_datasets(&results.datasets)?;
        results.standing = Standing::of(&results.datasets, &over_datasets);
        results.rankings.extend(over_datasets);
        results.across = Across::of(&results.datasets)?;
        for ablation in &matrix.ablations {
            planned.extend(results.add_ablation(ablation, info, records, &trials, registry)?);
        }
        results.claims = Claim::all(&results);
        results.agreement = Agreement::of(&results);
        let is_other = |record: &&CellRecord| {
            record.result.spec.trial.is_none() && !planned.contains(&record.result.id)
        };
        results.others = records.values().filter(is_other).count();
        let planned = planned.iter().filter_map(|id| records.get(id));
        let environments: Vec<&Environment> =
            planned.map(|record| &record.measured.environment).collect();
        let is_older = |environment: &&&Environment| environment.arithmetic.is_empty();
        results.cells = environments.len();
        results.cells_of_older_arithmetic = environments.iter().filter(is_older).count();
        let environments: BTreeSet<&Environment> = environments.into_iter().collect();
        results.environments = environments.into_iter().cloned().collect();
        Ok(results)
    }

    /// Adds the numbers of an ablation; its cells are given back.
    fn add_ablation(
        &mut self,
        ablation: &Ablation,
        info: &RunInfo,
        records: &Records,
        trials: &TrialRecords<'_>,
        registry: &Registry,
    ) -> Result<Vec<CellId>, BenchError> {
        let points = self.matrix.points(ablation, registry)?.into_iter();
        let with_cells = points.map(|point| {
            let chosen = point_cells(&point, trials, None).map(|entry| entry.cells);
            let cells = chosen.unwrap_or_else(|| Some(point.cells.clone()));
            (point, cells)
        });
        let points: Vec<(AblationPoint, Option<Vec<CellSpec>>)> = with_cells.collect();
        let cells = points.iter().flat_map(|(_, cells)| cells).flatten();
        let ids: Vec<CellId> = cells.map(CellSpec::id).collect();
        let found = ids.iter().filter(|id| records.contains_key(id)).count();
        let wanted = points.iter().map(|(point, _)| point.cells.len()).sum();
        if found < wanted {
            self.gaps.push(MissingResult::MissingOfAblation {
                ablation: ablation.name.clone(),
                cells: wanted - found,
                planned: wanted,
            });
        }
        let first_seeds = FirstSeeds::of(info, &ablation.dataset);
        let of = AblationResults::of(ablation, points, registry, records, &first_seeds)?;
        self.ablations.push(of);
        Ok(ids)
    }

    /// The evaluated runs of a pair; what is missing of it becomes a gap.
    fn runs_of<'r>(
        &mut self,
        entry: &PairCells<'_>,
        records: &'r Records,
        first_seeds: &FirstSeeds<'_>,
    ) -> Vec<Run<'r>> {
        let pair = PairName {
            dataset: entry.pair.dataset.to_owned(),
            method: entry.pair.method.id.clone(),
        };
        let Some(cells) = &entry.cells else {
            if let Some(tuning) = &entry.tuning {
                let finished = tuning.finished().len();
                self.gaps.push(if tuning.is_done() {
                    MissingResult::Hopeless {
                        pair,
                        trials: finished,
                        error: tuning.failure().unwrap_or_default().to_owned(),
                    }
                } else {
                    MissingResult::Untuned {
                        pair,
                        finished,
                        planned: tuning.n_trials(),
                    }
                });
            }
            return vec![];
        };
        let found = Found::of(cells, records, first_seeds);
        let mut warned: BTreeMap<&str, BTreeSet<u64>> = BTreeMap::new();
        for run in &found.runs {
            for warning in &run.evaluation.warnings {
                warned.entry(warning).or_default().insert(run.seed);
            }
        }
        let planned = self.matrix.seeds_on(entry.pair.dataset).len();
        let warned = warned.into_iter();
        let warned =
            warned.map(|(text, seeds)| (format!("{pair}, {text}"), [seeds.len(), planned]));
        self.warnings.extend(warned);
        let failed = |(cell, error): (String, &str)| MissingResult::Failed {
            cell,
            error: error.to_owned(),
        };
        self.gaps.extend(found.failed.into_iter().map(failed));
        if found.missing > 0 {
            self.gaps.push(MissingResult::Missing {
                pair,
                cells: found.missing,
                planned: cells.len(),
            });
        }
        found.runs
    }

    /// The numbers of a method of the matrix on a data set, from its runs and those of plain training.
    fn method(
        &self,
        dataset: &str,
        entry: &MatrixMethod,
        pair: Option<&PairRuns<'_>>,
        plain: &[Run<'_>],
        registry: &Registry,
    ) -> Result<MethodResults, BenchError> {
        let MatrixMethod {
            id, title, role, ..
        } = entry;
        let runs = pair.map_or(&[][..], |pair| &pair.runs[..]);
        let summaries = Summaries::of(runs)?;
        let has_feedback = registry.has_feedback(id);
        let known = || registry.get(id).map(|method| method.title().to_owned());
        let title = title.clone().or_else(|| known().ok());
        let reported = reported(dataset, id);
        let ours = summaries.as_ref().map(|s| &s.macro_f1);
        let beside = |theirs: Option<PrintedScore>| theirs.map(|of| ReportedBeside::new(of, ours));
        let theirs = [
            ("accuracy", reported.accuracy),
            ("macro precision", reported.precision),
            ("macro recall", reported.recall),
        ];
        let by_name = |(name, theirs): (&'static str, Option<PrintedScore>)| {
            let ours = summaries.as_ref().and_then(|s| s.score(name));
            Some((name, ReportedBeside::new(theirs?, ours.as_ref())))
        };
        let scores = by_seed(runs, |run| run.score(Metric::MacroF1));
        let left_out = entry.left_out.get(dataset).cloned();
        let seeds = || self.matrix.seeds_on(dataset).len();
        let planned = left_out.as_ref().map_or_else(seeds, |_| 0);
        Ok(MethodResults {
            reference: beside(reported.reference),
            paper: beside(reported.macro_f1),
            paper_scores: theirs.into_iter().filter_map(by_name).collect(),
            reported,
            id: id.clone(),
            title: title.unwrap_or_else(|| id.clone()),
            role: *role,
            planned,
            runs: [runs.len(), planned * self.matrix.initialisations as usize],
            left_out,
            tuned: pair.and_then(|pair| pair.tuned.clone()),
            test_over_train: runs
                .first()
                .map_or(0.0, |run| run.evaluation.test_over_train),
            quartiles: quartiles(&scores),
            scores,
            before_refresh: BeforeRefresh::of(has_feedback, runs),
            has_feedback,
            balance: Balance::of(runs, plain)?,
            summaries,
            is_best: false,
        })
    }

    fn dataset(
        &mut self,
        dataset: &str,
        class_names: Vec<String>,
        pairs: &BTreeMap<(String, String), PairRuns<'_>>,
        registry: &Registry,
    ) -> Result<DatasetResults, BenchError> {
        let of_method = |method: &str| pairs.get(&(dataset.to_owned(), method.to_owned()));
        let runs_of = |method: &str| of_method(method).map_or(&[][..], |pair| &pair.runs[..]);
        let mut methods = vec![];
        let mut comparisons: Vec<(Role, Comparison)> = vec![];
        for entry in &self.matrix.methods {
            if let Some(reason) = entry.left_out.get(dataset) {
                self.gaps.push(MissingResult::LeftOut {
                    pair: PairName {
                        dataset: dataset.to_owned(),
                        method: entry.id.clone(),
                    },
                    reason: reason.clone(),
                });
            }
            let method = self.method(
                dataset,
                entry,
                of_method(&entry.id),
                runs_of(PLAIN),
                registry,
            )?;
            if entry.id != SUBJECT {
                let (title, runs) = (method.title.clone(), [SUBJECT, &entry.id].map(runs_of));
                let comparison =
                    Comparison::of(&entry.id, title, runs[0], runs[1], Metric::MacroF1)?;
                comparisons.extend(comparison.map(|comparison| (entry.role, comparison)));
            }
            methods.push(method);
        }
        let is_compared = |method: &&mut MethodResults| method.role == Role::Compared;
        let mean = |method: &MethodResults| Some(method.summaries.as_ref()?.macro_f1.mean);
        let of_table = methods.iter().filter(|m| m.role == Role::Compared);
        let best = of_table.filter_map(mean).max_by(f64::total_cmp);
        for method in methods.iter_mut().filter(is_compared) {
            method.is_best = best.is_some() && mean(method) == best;
        }
        for compared in [true, false] {
            let family = comparisons.iter_mut();
            let family = family.filter(|(role, _)| (*role == Role::Compared) == compared);
            let mut family: Vec<&mut Comparison> = family.map(|(_, c)| c).collect();
            if !family.is_empty() {
                comparison::adjust(&mut family)?;
            }
        }
        let art = runs_of(SUBJECT);
        let verdict = if DatasetKind::of(dataset) == DatasetKind::Own {
            Verdict::of(self.matrix.metric, &methods, runs_of, registry)?
        } else {
            None
        };
        let twins = of_method(PLAIN).map(|pair| [&pair.twins[0][..], &pair.twins[1]]);
        let plain = runs_of(PLAIN);
        let again = twins.map(|twins| SelfComparison::of(twins, art, plain));
        let again = again.transpose()?;
        Ok(DatasetResults {
            again: again.flatten(),
            divisions: Divisions::default(),
            absent: vec![],
            title: dataset_title(dataset).to_owned(),
            class_names,
            id: dataset.to_owned(),
            methods,
            comparisons: comparisons.into_iter().map(|(_, c)| c).collect(),
            verdict,
            curves: curve::of_feedback(art, runs_of(BREAK_EVEN)),
        })
    }

    /// Whether it is about the data sets of the paper, so that its places may be pointed to.
    pub fn is_of_paper(&self) -> bool {
        let mut kinds = self.matrix.datasets.iter().map(|id| DatasetKind::of(id));
        kinds.all(|kind| kind != DatasetKind::Own)
    }

    /// Number of cells of the comparison with a result.
    pub fn n_evaluated(&self) -> usize {
        self.datasets
            .iter()
            .flat_map(|d| &d.methods)
            .map(|m| m.runs[0])
            .sum()
    }

    /// Number of cells of the comparison that were planned.
    pub fn n_planned(&self) -> usize {
        let methods = self.datasets.iter().flat_map(|d| &d.methods);
        methods.map(|m| m.runs[1]).sum()
    }
}

/// Classes that a part has no row of: the validation part as the folder says, the test part as the runs found it.
fn absent(
    info: &RunInfo,
    dataset: &str,
    class_names: &[String],
    runs: &[&Run<'_>],
) -> Vec<AbsentClass> {
    let seeds: BTreeSet<u64> = runs.iter().map(|run| run.seed).collect();
    let facts = info.splits.get(dataset);
    let known = facts.into_iter().flat_map(|facts| &facts.absent);
    let known = known.filter(|absent| absent.part == Part::Validation);
    let mut all: Vec<AbsentClass> = known.cloned().collect();
    for absent in &mut all {
        absent.seeds.retain(|seed| seeds.contains(seed));
    }
    for (class, name) in class_names.iter().enumerate() {
        let without = runs.iter().filter(|run| !run.tests(class));
        let without: BTreeSet<u64> = without.map(|run| run.seed).collect();
        all.push(AbsentClass {
            class: name.clone(),
            part: Part::Test,
            seeds: without.into_iter().collect(),
        });
    }
    all.retain(|absent| !absent.seeds.is_empty());
    all
}
