//! Results folders that somebody changed: nothing in them is trusted, nothing in them makes a report panic.

use art_bench::{
    BenchError, CellRecord, CellResult, CellSpec, Course, Epochs, Evaluation, Matrix, MatrixMethod,
    Measured, Outcome, RECORDS, RefreshAt, Results, RunInfo, SCHEMA, Store, Validation,
    read_folders, write_report,
};
use art_core::ConfusionMatrix;
use art_methods::Registry;
use art_train::{Calibration, ReliabilityBin, StageReport, StopReason};
use serde_json::{Value, json};
use std::{
    fs,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

/// An evaluation in which nothing is left out.
fn evaluation(right: u64) -> Evaluation {
    let rows = [vec![right, 10 - right], vec![10 - right, right]];
    let confusion = ConfusionMatrix::from_rows(&rows).unwrap();
    Evaluation {
        macro_f1: confusion.macro_f1(),
        per_class_f1: confusion.per_class_f1(),
        confusion,
        train_counts: vec![90, 10],
        test_over_train: 0.2,
        best_epoch: 2,
        epochs: 3,
        steps: 4,
        stopped: StopReason::MaxEpochs,
        initial_distribution: vec![0.7, 0.3],
        warnings: vec!["rare: too few".into()],
        offsets: vec![0.0, -0.5],
        affine: None,
        temperature: Some(1.5),
        calibration: Some(Calibration {
            log_loss: 0.5,
            brier: 0.4,
            bins: vec![ReliabilityBin {
                rows: 20,
                confidence: 15.0,
                correct: 14,
            }],
        }),
        second_stage: Some(StageReport {
            epochs: 2,
            best_epoch: 1,
            steps: 9,
            distribution: vec![0.5, 0.5],
        }),
        course: Course::Whole(Epochs {
            refreshes: vec![
                RefreshAt {
                    epoch: 1,
                    distribution: vec![0.6, 0.4],
                },
                RefreshAt {
                    epoch: 2,
                    distribution: vec![0.55, 0.45],
                },
            ],
            validation_f1: vec![vec![0.5, 0.25]; 3],
        }),
    }
}

/// Plain training and ART on a table of one's own with two seeds, tuned by one trial, with an ablation.
fn matrix() -> Matrix {
    let mut matrix = Matrix::quick();
    matrix.datasets = vec!["own-table-0a1b2c3d".into()];
    matrix.methods = ["baseline", "art"]
        .map(MatrixMethod::with_defaults)
        .to_vec();
    matrix.seeds = vec![1, 2];
    matrix.tuning = Some(art_bench::Tuning {
        seeds: vec![3],
        trials_per_setting: 1,
        most_settings: 1,
        trials_on: [].into(),
    });
    matrix.ablations = vec![art_bench::Ablation {
        name: "blend".into(),
        title: "Blending constant".into(),
        dataset: "own-table-0a1b2c3d".into(),
        methods: vec!["art".into()],
        vary: vec![art_bench::Vary {
            setting: "c".into(),
            values: vec![0.1.into(), 0.5.into()],
        }],
        remark: None,
    }];
    matrix.resolved(&Registry::standard()).unwrap()
}

fn record(spec: CellSpec, right: u64) -> CellRecord {
    let outcome = match spec.trial {
        Some(_) => Outcome::Validated(Validation {
            macro_f1: 0.75,
            best_epoch: 1,
            epochs: 2,
            steps: 3,
        }),
        None => Outcome::Evaluated(evaluation(right)),
    };
    CellRecord {
        result: CellResult {
            schema: SCHEMA,
            id: spec.id(),
            spec,
            outcome,
        },
        measured: Measured::default(),
    }
}

/// A folder with a record of every cell.
fn fill(folder: &Path) {
    let matrix = matrix();
    let names = vec!["common".to_owned(), "rare".to_owned()];
    let names = [(matrix.datasets[0].clone(), names)].into();
    let info = RunInfo::new(matrix, names, [].into());
    info.save(folder).unwrap();
    let mut store = Store::open(folder).unwrap();
    let selection = art_bench::Selection::default();
    let (registry, mut right) = (Registry::standard(), 5);
    loop {
        let mut plan =
            art_bench::Plan::new(&info.matrix, &registry, store.records(), &selection).unwrap();
        let Some(spec) = plan.next_cell() else { break };
        right = 5 + (right + 1) % 5;
        store.append(record(spec, right)).unwrap();
    }
    // 2 trials, 2 · 2 cells of plain training, 2 of ART, 2 · 2 of the ablation.
    assert_eq!(store.records().len(), 2 + 4 + 2 + 4);
}

/// What `report` does.
fn report(folder: &Path, out: &Path) -> Result<(), BenchError> {
    let (info, records) = read_folders(&[folder.to_owned()])?;
    let results = Results::new(&info, &records, &Registry::standard())?;
    fs::create_dir_all(out).unwrap();
    write_report(&results, out).map(drop)
}

/// The lines of a folder's records.
fn lines(folder: &Path) -> Vec<Value> {
    let text = fs::read_to_string(folder.join(RECORDS)).unwrap();
    let lines = text.lines();
    lines.map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn write_lines(folder: &Path, lines: &[Value]) {
    let text: Vec<String> = lines.iter().map(|line| format!("{line}\n")).collect();
    fs::write(folder.join(RECORDS), text.concat()).unwrap();
}

/// The place of a line with an evaluated cell.
fn evaluated(lines: &[Value]) -> usize {
    let is = |line: &Value| line["outcome"]["status"] == "evaluated";
    lines.iter().position(is).unwrap()
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table of cases")]
fn a_record_that_contradicts_itself_is_named_with_its_line() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let whole = lines(folder.path());
    report(folder.path(), &folder.path().join("out")).unwrap();
    let place = evaluated(&whole);
    let error = |change: &dyn Fn(&mut Value)| {
        let mut lines = whole.clone();
        change(&mut lines[place]);
        write_lines(folder.path(), &lines);
        let error = report(folder.path(), &folder.path().join("out")).unwrap_err();
        assert!(matches!(error, BenchError::BadRecord { .. }), "{error}");
        let opened = Store::open(folder.path()).unwrap_err().to_string();
        assert_eq!(opened, error.to_string());
        let line = format!("{RECORDS}, line {}: ", place + 1);
        assert!(opened.contains(&line), "{opened}");
        opened
    };
    let outcome = |key: &'static str, value: Value| {
        error(&|line: &mut Value| line["outcome"][key] = value.clone())
    };
    for (key, value, expected) in [
        (
            "per_class_f1",
            json!([]),
            "per_class_f1 has 0 entries, expected 2",
        ),
        (
            "confusion",
            json!([[1]]),
            "per_class_f1 has 2 entries, expected 1",
        ),
        ("confusion", json!([[1, 2], [3]]), "confusion row"),
        (
            "confusion",
            json!([[10, 0], [0, 10]]),
            "that of its confusion matrix 1",
        ),
        (
            "confusion",
            json!([[u64::MAX, 1], [0, 10]]),
            "confusion counts more than",
        ),
        (
            "macro_f1",
            json!(77.0),
            "macro_f1 is 77, that of its confusion matrix",
        ),
        ("macro_f1", json!(null), "null"),
        (
            "train_counts",
            json!([1, 2, 3]),
            "train_counts has 3 entries",
        ),
        (
            "train_counts",
            json!([1, u64::MAX]),
            "train_counts counts more than",
        ),
        (
            "initial_distribution",
            json!([0.7]),
            "initial_distribution has 1 entries",
        ),
        ("initial_distribution", json!([0.7, 0.7]), "add up to 1.4"),
        (
            "initial_distribution",
            json!([1.5, -0.5]),
            "expected 0 to 1",
        ),
        ("offsets", json!([1.0]), "offsets has 1 entries"),
        ("temperature", json!(0.0), "temperature is 0"),
        ("best_epoch", json!(4), "best_epoch is 4, of 3 epochs"),
        (
            "validation_f1",
            json!([]),
            "validation_f1 has 0 entries, expected 3",
        ),
        (
            "validation_f1",
            json!([[0.5, 0.5], [0.5], [0.5, 0.5]]),
            "validation_f1 of an epoch",
        ),
        (
            "refreshes",
            json!([{"epoch": 1, "distribution": [1.0]}]),
            "a refresh has 1 entries",
        ),
        (
            "refreshes",
            json!([{"epoch": 9, "distribution": [0.5, 0.5]}]),
            "is 9, of 3 epochs",
        ),
        ("refreshes", json!(null), "missing field `refreshes`"),
        (
            "course",
            json!({"sha256": "0123456789abcdef"}),
            "it has `course` and epochs as well",
        ),
    ] {
        let error = outcome(key, value.clone());
        assert!(error.contains(expected), "{key} {value}: {error}");
    }
    for (digest, expected) in [
        (json!({"sha256": "0123"}), "is no digest of a course"),
        (json!({"sha256": "0123456789ABCDEF"}), "is no digest"),
        (
            json!({"sha256": "0123456789abcdef", "first_refresh": 9}),
            "is 9, of 3 epochs",
        ),
        (
            json!({"sha256": "0123456789abcdef", "first_refresh": 1, "kept_shares": [1.0]}),
            "kept_shares has 1 entries",
        ),
        (
            json!({"sha256": "0123456789abcdef", "kept_shares": [0.5, 0.5]}),
            "there was none",
        ),
    ] {
        let text = error(&|line| {
            let outcome = line["outcome"].as_object_mut().unwrap();
            outcome.remove("refreshes");
            outcome.remove("validation_f1");
            outcome.insert("course".into(), digest.clone());
        });
        assert!(text.contains(expected), "{digest}: {text}");
    }
    let text = error(&|line| line["spec"]["seed"] = json!(99));
    assert!(
        text.contains("is not that of its cell own-table-0a1b2c3d/"),
        "{text}"
    );
    let text = error(&|line| line["id"] = json!("0123456789abcdef"));
    assert!(text.contains("its id 0123456789abcdef is not"), "{text}");
    let text = error(&|line| {
        line["outcome"] =
            whole.iter().find(|l| l["spec"]["trial"] == 0).unwrap()["outcome"].clone();
    });
    assert!(text.contains("is no trial"), "{text}");
    let text = error(&|line| line["measured"]["total"]["secs"] = json!(u64::MAX));
    assert!(text.contains("a part of it took"), "{text}");
}

#[test]
fn classes_are_as_many_as_the_folder_names() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let path = folder.path().join("matrix.json");
    let whole: Value = serde_json::from_str(&fs::read_to_string(&path).unwrap()).unwrap();
    for (names, expected) in [
        (
            json!({"own-table-0a1b2c3d": ["a", "b", "c"]}),
            "it has 2 classes, and matrix.json names 3",
        ),
        (
            json!({}),
            "matrix.json names no class of own-table-0a1b2c3d",
        ),
    ] {
        let mut info = whole.clone();
        info["class_names"] = names;
        fs::write(&path, info.to_string()).unwrap();
        let error = report(folder.path(), folder.path())
            .unwrap_err()
            .to_string();
        assert!(error.contains(expected), "{error}");
    }
    // Two folders of the same matrix that name the classes otherwise.
    let other = tempfile::tempdir().unwrap();
    fill(other.path());
    let mut info = whole.clone();
    info["class_names"]["own-table-0a1b2c3d"] = json!(["x", "y"]);
    fs::write(&path, info.to_string()).unwrap();
    let folders = [folder.path().to_owned(), other.path().to_owned()];
    assert!(matches!(
        read_folders(&folders),
        Err(BenchError::OtherMatrix { .. })
    ));
}

#[test]
fn ids_that_lead_out_of_the_folder_are_refused() {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("results");
    fs::create_dir(&folder).unwrap();
    fill(&folder);
    let path = folder.join("matrix.json");
    let whole = fs::read_to_string(&path).unwrap();
    let before = fs::read_dir(outside.path()).unwrap().count();
    for (from, to) in [
        ("own-table-0a1b2c3d", "own-../../../../X"),
        ("own-table-0a1b2c3d", "own-a\\\\b"),
        ("\"blend\"", "\"../blend\""),
        ("\"baseline\"", "\"../baseline\""),
        ("\"quick\"", "\"../../quick\""),
        ("\"quick\"", "\"a\\u001b[2J\""),
    ] {
        fs::write(&path, whole.replace(from, to)).unwrap();
        let error = report(&folder, &folder.join("out")).unwrap_err();
        assert!(matches!(error, BenchError::Format { .. }), "{to}: {error}");
        assert!(error.to_string().contains("matrix.json: "), "{error}");
        assert!(!error.to_string().contains('\u{1b}'), "{error}");
        assert!(!folder.join("out").exists());
        assert_eq!(fs::read_dir(outside.path()).unwrap().count(), before);
    }
    // A matrix of one's own is held to the same.
    let mut matrix = matrix();
    matrix.name = "../x".into();
    let error = matrix.resolved(&Registry::standard()).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("the matrix \"../x\" is no plain name"),
        "{error}"
    );
}

/// Every place in a JSON value.
fn places(value: &Value, place: &str, all: &mut Vec<String>) {
    all.push(place.to_owned());
    match value {
        Value::Object(map) => {
            for (key, value) in map {
                let key = key.replace('~', "~0").replace('/', "~1");
                places(value, &format!("{place}/{key}"), all);
            }
        }
        Value::Array(list) => {
            for (at, value) in list.iter().enumerate() {
                places(value, &format!("{place}/{at}"), all);
            }
        }
        _ => {}
    }
}

/// What stands in the place of a value.
fn others() -> Vec<Value> {
    let numbers = [
        json!(-1),
        json!(0),
        json!(1),
        json!(2.5),
        json!(1e300),
        json!(u64::MAX),
    ];
    let lists = [json!([]), json!([[1]]), json!([0.5, 0.5, 0.5]), json!({})];
    let words = [
        json!(""),
        json!("../../x"),
        json!("a|b<c>\n\u{1b}[2J"),
        json!(true),
        Value::Null,
    ];
    numbers.into_iter().chain(lists).chain(words).collect()
}

/// Every change of one value of a file; each makes a report or an error, and writes nothing outside of its folder.
fn alter_everywhere(value: &Value, write: &dyn Fn(&Path, Value)) {
    let outside = tempfile::tempdir().unwrap();
    let folder = outside.path().join("results");
    fs::create_dir(&folder).unwrap();
    fill(&folder);
    let mut all = vec![];
    places(value, "", &mut all);
    let (mut refused, mut reported) = (0, 0);
    for place in &all {
        for other in others() {
            let mut altered = value.clone();
            *altered.pointer_mut(place).unwrap() = other.clone();
            write(&folder, altered);
            let out = folder.join("out");
            match catch_unwind(AssertUnwindSafe(|| report(&folder, &out))) {
                Ok(Ok(())) => reported += 1,
                Ok(Err(_)) => refused += 1,
                Err(panic) => panic!("{place} = {other} makes the report panic: {panic:?}"),
            }
            let entries = fs::read_dir(outside.path()).unwrap().count();
            assert_eq!(entries, 1, "{place} = {other} writes outside of the folder");
        }
    }
    assert!(refused > 5 * all.len(), "{refused} of {}", all.len());
    assert!(reported > 0);
}

#[test]
fn no_altered_record_makes_a_report_panic() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let whole = lines(folder.path());
    let place = evaluated(&whole);
    alter_everywhere(&whole[place], &|folder, altered| {
        let mut lines = whole.clone();
        lines[place] = altered;
        write_lines(folder, &lines);
    });
}

#[test]
fn no_altered_trial_with_a_fitting_id_makes_a_report_panic() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let whole = lines(folder.path());
    let place = whole.iter().position(|l| l["spec"]["trial"] == 0).unwrap();
    alter_everywhere(&whole[place], &|folder, altered| {
        let mut lines = whole.clone();
        lines[place] = altered.clone();
        if let Ok(record) = serde_json::from_value::<CellRecord>(altered) {
            lines[place]["id"] = json!(record.result.spec.id());
        }
        write_lines(folder, &lines);
    });
}

#[test]
fn no_altered_matrix_makes_a_report_panic() {
    let folder = tempfile::tempdir().unwrap();
    fill(folder.path());
    let text = fs::read_to_string(folder.path().join("matrix.json")).unwrap();
    let whole: Value = serde_json::from_str(&text).unwrap();
    alter_everywhere(&whole, &|folder, altered| {
        fs::write(folder.join("matrix.json"), altered.to_string()).unwrap();
    });
}

/// The records that the project holds are as they were written, by this program or an older one.
#[test]
fn the_committed_records_open() {
    let results = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/results");
    for (name, expected) in [("fixed", 840), ("paper", 38_880)] {
        let (info, records) = read_folders(&[results.join(name)]).unwrap();
        assert_eq!(records.len(), expected, "{name}");
        assert!(!info.class_names.is_empty());
    }
}
