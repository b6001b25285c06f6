//! Tuned matrices: trials are a function of the records, so jobs, interrupts and shards change nothing.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_bench::{
    BenchError, CellRecord, CellResult, CellRunner, CellSpec, Course, Epochs, Evaluation, Matrix,
    Measured, MissingResult, Outcome, PairName, Plan, PlanShard, Records, Results, RunInfo, SCHEMA,
    Selection, Store, Validation, execute, read_folders, read_records,
};
use art_core::ConfusionMatrix;
use art_methods::{Registry, Settings, Value};
use art_train::{StopCriterion, StopReason};
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

const MATRIX: &str = r#"
name = "small"
purpose = "A test."
datasets = ["pima", "wine"]
methods = ["baseline", "ros", { id = "art", left_out = { wine = "it is a test" } }]
seeds = [11, 12]

[training]
hidden = [8]
dropout = 0.0
learning_rate = 1e-3
weight_decay = 1e-2
batch_size = 64
max_epochs = 3
patience = 3
criterion = "native"

[tuning]
seeds = [1, 2]
trials_per_setting = 6
most_settings = 2
trials_on = { wine = 4 }

[[ablations]]
name = "width"
title = "Width"
dataset = "pima"
methods = ["baseline"]
vary = [{ setting = "width", values = [4.0, 8.0] }]

[[ablations]]
name = "trials"
title = "More trials, another criterion"
dataset = "pima"
methods = ["ros", "art"]
vary = [
    { setting = "criterion", values = ["native", "macro-f1"] },
    { setting = "trials", values = ["own", 15.0] },
]
"#;

/// Trials of Pima, trials of Red Wine, test cells with plain training twice on both, cells of the first ablation; of the second
/// one three further trials by the matrix's criterion and fifteen by the other, test cells by the other criterion, and test cells
/// by both for the one method that has a better trial among the further ones.
const CELLS: usize =
    3 * 12 * 2 + 2 * 4 * 2 + (5 + 2) * 2 + 2 * 2 + 2 * (3 + 15) * 2 + 2 * 2 + 2 * 2;

fn matrix() -> Matrix {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("small.toml");
    fs::write(&path, MATRIX).unwrap();
    Matrix::read(&path)
        .unwrap()
        .resolved(&Registry::standard())
        .unwrap()
}

/// A runner whose scores are best at a learning rate of 0.004 and that can be interrupted or fail.
#[derive(Default)]
struct Fake {
    runs: AtomicUsize,
    interrupt_after: Option<usize>,
    /// Trials of this method fail where the learning rate is above 0.002; with `always`, all of them.
    fail: Option<(&'static str, bool)>,
}

fn distance(spec: &CellSpec) -> f64 {
    (spec.training.learning_rate / 0.004).ln().abs()
}

impl CellRunner for Fake {
    fn run(&self, spec: &CellSpec, cancel: &AtomicBool) -> Option<CellRecord> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        if self.interrupt_after.is_some_and(|n| run >= n) {
            cancel.store(true, Ordering::SeqCst);
            return None;
        }
        let fails = self.fail.is_some_and(|(method, always)| {
            method == spec.method && (always || spec.training.learning_rate > 0.002)
        });
        let outcome = match spec.trial {
            Some(_) if fails => Outcome::Failed {
                error: "the loss is NaN".into(),
            },
            Some(_) => Outcome::Validated(Validation {
                macro_f1: 1.0 / (1.0 + distance(spec)) - spec.seed as f64 / 1000.0,
                best_epoch: 1,
                epochs: 1,
                steps: 1,
            }),
            None => Outcome::Evaluated(evaluation()),
        };
        Some(CellRecord {
            result: CellResult {
                schema: SCHEMA,
                id: spec.id(),
                spec: spec.clone(),
                outcome,
            },
            measured: Measured::default(),
        })
    }
}

fn evaluation() -> Evaluation {
    let confusion = ConfusionMatrix::from_rows(&[vec![3, 1], vec![0, 2]]).unwrap();
    Evaluation {
        macro_f1: confusion.macro_f1(),
        per_class_f1: confusion.per_class_f1(),
        confusion,
        train_counts: vec![5, 5],
        test_over_train: 0.2,
        best_epoch: 1,
        epochs: 1,
        steps: 4,
        stopped: StopReason::MaxEpochs,
        initial_distribution: vec![0.5, 0.5],
        warnings: vec![],
        offsets: vec![],
        affine: None,
        temperature: None,
        calibration: None,
        second_stage: None,
        course: Course::Whole(Epochs {
            refreshes: vec![],
            validation_f1: vec![vec![0.5, 0.5]],
        }),
    }
}

/// Number of cells run now and left.
fn run(folder: &Path, fake: &Fake, jobs: usize, shard: Option<PlanShard>) -> (usize, usize) {
    let (matrix, registry) = (matrix(), Registry::standard());
    let selection = Selection {
        shard,
        ..Selection::default()
    };
    let mut store = Store::open(folder).unwrap();
    let mut plan = Plan::new(&matrix, &registry, store.records(), &selection).unwrap();
    let executed = execute(&mut plan, fake, &mut store, jobs, &AtomicBool::new(false)).unwrap();
    let classes = |id: &String| (id.clone(), vec!["no".to_owned(), "yes".to_owned()]);
    let names = matrix.datasets.iter().map(classes).collect();
    RunInfo::new(matrix, names, [].into()).save(folder).unwrap();
    (executed.run, executed.left)
}

fn results(records: &Records) -> Vec<String> {
    records
        .values()
        .map(|record| record.result.canonical())
        .collect()
}

#[test]
fn jobs_and_interrupts_change_no_trial_and_tests_take_the_best_settings() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(run(&at("one"), &Fake::default(), 1, None), (CELLS, 0));
    assert_eq!(run(&at("eight"), &Fake::default(), 8, None), (CELLS, 0));
    let records = read_records(&at("one")).unwrap();
    assert_eq!(
        results(&records),
        results(&read_records(&at("eight")).unwrap())
    );

    for (part, after) in [1, 17, 30, 3, 25].into_iter().enumerate() {
        let interrupted = Fake {
            interrupt_after: Some(after),
            ..Fake::default()
        };
        let (now, left) = run(&at("parts"), &interrupted, 1 + part % 3, None);
        assert_eq!((now, left > 0), (after, true));
    }
    assert_eq!(
        run(&at("parts"), &Fake::default(), 2, None),
        (CELLS - 76, 0)
    );
    assert_eq!(
        results(&records),
        results(&read_records(&at("parts")).unwrap())
    );
    assert_eq!(run(&at("parts"), &Fake::default(), 2, None), (0, 0));

    let specs = || records.values().map(|record| &record.result.spec);
    let of =
        |method: &'static str| specs().filter(move |s| s.method == method && s.dataset == "pima");
    for method in ["baseline", "ros", "art"] {
        let of_native = || of(method).filter(|s| s.training.criterion == StopCriterion::Native);
        // The best of the comparison's trials, and of those of the ablation.
        let best = [12, 15].map(|n| {
            let trials = of_native().filter(|spec| spec.trial.is_some_and(|trial| trial < n));
            trials
                .min_by(|a, b| distance(a).total_cmp(&distance(b)))
                .unwrap()
        });
        let tested: Vec<_> = of_native()
            .filter(|spec| spec.trial.is_none() && spec.training.hidden == [8])
            .filter(|spec| spec.training.learning_rate != 1e-3)
            .collect();
        let with = |best: &CellSpec| {
            let of_best = |spec: &&&CellSpec| {
                (&spec.settings, &spec.training) == (&best.settings, &best.training)
            };
            tested.iter().filter(of_best).count()
        };
        // Plain training in two initialisations.
        let n = if method == "baseline" { 4 } else { 2 };
        assert_eq!(best.map(with), [n, n], "{method}");
        // A further trial of ART's is the best of fifteen.
        assert_eq!(tested.len(), if method == "art" { 4 } else { n });
        assert!(tested.iter().all(|spec| [11, 12].contains(&spec.seed)));
    }
    assert!(specs().all(|spec| spec.trial.is_none() || [1, 2].contains(&spec.seed)));
    assert!(of("ros").any(|spec| spec.settings.get("ratio") != Some(&Value::Number(1.0))));
}

#[test]
fn trials_from_before_a_method_had_a_setting_are_no_trials_of_it() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 2, None);
    let records = read_records(folder.path()).unwrap();
    let mut n_old = 0;
    let lines = records.into_values().map(|mut record| {
        let spec = &mut record.result.spec;
        if spec.method == "ros" && spec.trial.is_some() {
            n_old += 1;
            spec.settings = Settings::default();
            record.result.id = spec.id();
        }
        serde_json::to_string(&record).unwrap() + "\n"
    });
    let text: String = lines.collect();
    fs::write(folder.path().join("records.jsonl"), text).unwrap();
    assert!(n_old > 0);
    // The same trials again, and what they choose was tested before.
    assert_eq!(run(folder.path(), &Fake::default(), 2, None), (n_old, 0));
}

#[test]
fn shards_are_disjoint_and_together_are_the_whole() {
    let folder = tempfile::tempdir().unwrap();
    let whole = folder.path().join("whole");
    run(&whole, &Fake::default(), 2, None);
    let shards: Vec<PathBuf> = (0..3).map(|i| folder.path().join(i.to_string())).collect();
    let mut sum = 0;
    for (i, shard) in shards.iter().enumerate() {
        let part: PlanShard = format!("{i}/3").parse().unwrap();
        sum += run(shard, &Fake::default(), 2, Some(part)).0;
    }
    assert_eq!(sum, CELLS);
    let (info, merged) = read_folders(&shards).unwrap();
    assert_eq!(results(&merged), results(&read_records(&whole).unwrap()));
    let results = Results::new(&info, &merged, &Registry::standard()).unwrap();
    assert_eq!((results.n_evaluated(), results.n_planned()), (10, 10));

    for wrong in ["3/3", "0/0", "a/3", "1"] {
        assert!(wrong.parse::<PlanShard>().is_err(), "{wrong}");
    }
}

#[test]
fn folders_that_contradict_one_another_or_belong_to_other_matrices_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["first", "second"].map(|name| folder.path().join(name));
    run(&first, &Fake::default(), 2, None);
    fs::create_dir(&second).unwrap();
    for file in ["records.jsonl", "matrix.json"] {
        fs::copy(first.join(file), second.join(file)).unwrap();
    }
    let folders = [first, second.clone()];
    assert!(read_folders(&folders).is_ok());
    let records = second.join("records.jsonl");
    let text = fs::read_to_string(&records).unwrap();
    fs::write(&records, text.replacen("\"steps\":4", "\"steps\":5", 1)).unwrap();
    let error = read_folders(&folders).unwrap_err();
    assert!(matches!(error, BenchError::Contradiction { .. }), "{error}");

    let info = second.join("matrix.json");
    let text = fs::read_to_string(&info).unwrap();
    fs::write(
        &info,
        text.replacen("\"trials_per_setting\": 6", "\"trials_per_setting\": 7", 1),
    )
    .unwrap();
    let error = read_folders(&folders).unwrap_err();
    assert!(matches!(error, BenchError::OtherMatrix { .. }), "{error}");
}

#[test]
fn failed_trials_are_passed_over_and_a_method_without_any_trial_is_a_gap() {
    let folder = tempfile::tempdir().unwrap();
    let some = Fake {
        fail: Some(("ros", false)),
        ..Fake::default()
    };
    let at = folder.path().join("some");
    assert_eq!(run(&at, &some, 2, None), (CELLS, 0));
    let (info, records) = read_folders(&[at]).unwrap();
    let found = Results::new(&info, &records, &Registry::standard()).unwrap();
    let ros = found.datasets[0]
        .methods
        .iter()
        .find(|m| m.id == "ros")
        .unwrap();
    let tuned = ros.tuned.as_ref().unwrap();
    assert!(tuned.failed > 0 && tuned.finished == 12);
    let rate = tuned.settings.as_ref().unwrap().get("learning_rate");
    let is_low = |rate: &Value| matches!(rate, Value::Number(rate) if *rate <= 0.002);
    assert!(rate.is_some_and(is_low), "{rate:?}");

    let all = Fake {
        fail: Some(("ros", true)),
        ..Fake::default()
    };
    let at = folder.path().join("all");
    // Neither data set's two test cells of the method can be run, nor the two of the ablation.
    assert_eq!(run(&at, &all, 2, None), (CELLS - 6, 0));
    let (info, records) = read_folders(&[at]).unwrap();
    let found = Results::new(&info, &records, &Registry::standard()).unwrap();
    let gap = MissingResult::Hopeless {
        pair: PairName {
            dataset: "pima".into(),
            method: "ros".into(),
        },
        trials: 12,
        error: "the loss is NaN".into(),
    };
    assert!(found.gaps.contains(&gap), "{:?}", found.gaps);
}

#[test]
fn failed_trials_are_retried_and_the_stored_ones_after_them_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let fake = Fake {
        fail: Some(("ros", false)),
        ..Fake::default()
    };
    run(folder.path(), &fake, 2, None);
    let (matrix, registry) = (matrix(), Registry::standard());
    let mut store = Store::open(folder.path()).unwrap();
    let n_failed = store
        .records()
        .values()
        .filter(|record| record.is_failed())
        .count();
    assert!(n_failed > 0);
    let mut kept = store.records().clone();
    kept.retain(|_, record| !record.is_failed());
    let mut plan = Plan::new(&matrix, &registry, &kept, &Selection::default()).unwrap();
    let tested = |store: &Store| {
        let ros = store.records().values().map(|record| &record.result.spec);
        ros.filter(|spec| spec.method == "ros" && spec.trial.is_none())
            .count()
    };
    let before = tested(&store);
    // The failed cells, and the tests of a pair where another trial is the best now.
    let planned = plan.n_left();
    let cancel = AtomicBool::new(false);
    let executed = execute(&mut plan, &Fake::default(), &mut store, 2, &cancel).unwrap();
    assert_eq!((executed.left, executed.failed), (0, 0));
    let new_tests = tested(&store) - before;
    assert_eq!(executed.run, n_failed + new_tests);
    assert!(planned >= n_failed, "{planned} {n_failed}");
}
