//! Store and execution: nothing is lost, nothing is done twice, order and jobs change nothing.

use art_bench::{
    BenchError, CellRecord, CellResult, CellRunner, CellSpec, Course, Epochs, Evaluation, Executed,
    Matrix, MatrixMethod, Measured, Outcome, Plan, RECORDS, Records, RunInfo, SCHEMA, Selection,
    Store, execute, pack_records, read_records, verify,
};
use art_core::ConfusionMatrix;
use art_methods::Registry;
use art_train::StopReason;
use std::{
    fs,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
};

/// A runner whose result depends on the specification alone, and that can be told to misbehave.
#[derive(Default)]
struct Fake {
    runs: AtomicUsize,
    /// Called before this cell, counted from 0.
    before: Option<(usize, Box<dyn Fn() + Sync>)>,
    /// Sets the interrupt flag after this many cells.
    interrupt_after: Option<usize>,
    fail_method: Option<&'static str>,
    different: bool,
}

impl CellRunner for Fake {
    fn run(&self, spec: &CellSpec, cancel: &AtomicBool) -> Option<CellRecord> {
        let run = self.runs.fetch_add(1, Ordering::SeqCst);
        if self.interrupt_after.is_some_and(|n| run >= n) {
            cancel.store(true, Ordering::SeqCst);
            return None;
        }
        if let Some((_, act)) = self.before.as_ref().filter(|(at, _)| *at == run) {
            act();
        }
        let outcome = if self.fail_method == Some(&*spec.method) {
            Outcome::Failed {
                error: "as it should".into(),
            }
        } else {
            Outcome::Evaluated(evaluation(if self.different { 3 } else { 2 }))
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

fn evaluation(epochs: u32) -> Evaluation {
    let confusion = ConfusionMatrix::from_rows(&[vec![3, 1], vec![0, 2]]).unwrap();
    Evaluation {
        macro_f1: confusion.macro_f1(),
        per_class_f1: confusion.per_class_f1(),
        confusion,
        train_counts: vec![5, 5],
        test_over_train: 0.2,
        best_epoch: 1,
        epochs,
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
            validation_f1: vec![vec![0.5, 0.5]; epochs as usize],
        }),
    }
}

fn matrix() -> Matrix {
    Matrix::quick().resolved(&Registry::standard()).unwrap()
}

fn plan(records: &Records) -> Plan {
    Plan::new(
        &matrix(),
        &Registry::standard(),
        records,
        &Selection::default(),
    )
    .unwrap()
}

fn cells() -> Vec<CellSpec> {
    let matrix = matrix();
    let of_seed = |seed: &u64| {
        matrix
            .pairs()
            .iter()
            .map(|pair| pair.cell(*seed))
            .collect::<Vec<_>>()
    };
    matrix.seeds.iter().flat_map(of_seed).collect()
}

fn run(folder: &Path, fake: &Fake, jobs: usize) -> Executed {
    let mut store = Store::open(folder).unwrap();
    let mut plan = plan(store.records());
    execute(&mut plan, fake, &mut store, jobs, &AtomicBool::new(false)).unwrap()
}

/// The reproducible parts, sorted by cell.
fn results(folder: &Path) -> Vec<String> {
    let records = read_records(folder).unwrap();
    records
        .values()
        .map(|record| record.result.canonical())
        .collect()
}

#[test]
fn jobs_change_nothing_and_a_second_run_does_nothing() {
    let (one, eight) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    assert_eq!(run(one.path(), &Fake::default(), 1).run, 210);
    assert_eq!(run(eight.path(), &Fake::default(), 8).run, 210);
    assert_eq!(results(one.path()), results(eight.path()));
    let again = Fake::default();
    let executed = run(one.path(), &again, 2);
    assert_eq!((executed.run, executed.left), (0, 0));
    assert_eq!(again.runs.into_inner(), 0);
}

#[test]
fn an_interrupted_run_resumes_to_the_same_records() {
    let (whole, parts) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    run(whole.path(), &Fake::default(), 1);
    let interrupted = Fake {
        interrupt_after: Some(7),
        ..Fake::default()
    };
    let executed = run(parts.path(), &interrupted, 2);
    assert_eq!((executed.run, executed.left), (7, 203));
    assert_eq!(run(parts.path(), &Fake::default(), 2).run, 203);
    assert_eq!(results(parts.path()), results(whole.path()));
}

#[test]
fn failed_cells_are_kept_and_run_again_only_on_request() {
    let folder = tempfile::tempdir().unwrap();
    let failing = Fake {
        fail_method: Some("ros"),
        ..Fake::default()
    };
    let executed = run(folder.path(), &failing, 2);
    assert_eq!((executed.run, executed.failed), (210, 15));
    let executed = run(folder.path(), &Fake::default(), 2);
    assert_eq!((executed.run, executed.failed), (0, 15));
    let mut store = Store::open(folder.path()).unwrap();
    let mut kept = store.records().clone();
    kept.retain(|_, record| !record.is_failed());
    let (mut retry, cancel) = (plan(&kept), AtomicBool::new(false));
    let executed = execute(&mut retry, &Fake::default(), &mut store, 2, &cancel).unwrap();
    assert_eq!((executed.run, executed.failed), (15, 0));
    drop(store);
    assert_eq!(results(folder.path()).len(), 210);
}

#[test]
fn verification_finds_cells_that_differ() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 2);
    let records = read_records(folder.path()).unwrap();
    let cancel = AtomicBool::new(false);
    let cells = &cells()[..5];
    assert!(
        verify(cells, &Fake::default(), &records, 2, &cancel)
            .unwrap()
            .is_empty()
    );
    let other = Fake {
        different: true,
        ..Fake::default()
    };
    assert_eq!(verify(cells, &other, &records, 2, &cancel).unwrap(), cells);
}

#[test]
fn a_torn_last_line_is_cut_off_at_every_length() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 1);
    let path = folder.path().join(RECORDS);
    let whole = fs::read(&path).unwrap();
    let last_line = whole[..whole.len() - 1]
        .iter()
        .rposition(|&b| b == b'\n')
        .unwrap()
        + 1;
    for cut in last_line + 1..whole.len() {
        fs::write(&path, &whole[..cut]).unwrap();
        let mut store = Store::open(folder.path()).unwrap();
        assert_eq!(
            (store.records().len(), store.torn_bytes()),
            (209, cut - last_line)
        );
        let cancel = AtomicBool::new(false);
        let mut plan = plan(store.records());
        execute(&mut plan, &Fake::default(), &mut store, 1, &cancel).unwrap();
        drop(store);
        assert!(fs::read(&path).unwrap() == whole, "cut at {cut}");
    }
}

#[test]
fn a_damaged_or_newer_line_is_named_and_nothing_is_changed() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 1);
    let path = folder.path().join(RECORDS);
    let text = fs::read_to_string(&path).unwrap();
    let damaged = text.replacen(&format!("\"schema\":{SCHEMA}"), "\"schema\":", 1);
    fs::write(&path, &damaged).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    assert!(
        error.to_string().contains("line 1: this is no record"),
        "{error}"
    );
    assert_eq!(fs::read_to_string(&path).unwrap(), damaged);

    let second_line = text.find('\n').unwrap() + 1;
    let schema = |number: u32| format!("\"schema\":{number}");
    let newer = text[second_line..].replacen(&schema(SCHEMA), &schema(SCHEMA + 1), 1);
    fs::write(&path, text[..second_line].to_owned() + &newer).unwrap();
    let error = Store::open(folder.path()).unwrap_err();
    let expected = format!(
        "line 2: the record has schema {}, this program reads up to {SCHEMA}",
        SCHEMA + 1
    );
    assert!(error.to_string().contains(&expected), "{error}");
}

#[test]
fn a_folder_of_the_same_matrix_takes_new_methods_and_refuses_other_training() {
    let folder = tempfile::tempdir().unwrap();
    let info = |matrix: Matrix| RunInfo::new(matrix, [].into(), [].into());
    let mut matrix = Matrix::quick();
    matrix.methods.pop();
    info(matrix).save(folder.path()).unwrap();
    let mut larger = Matrix::quick();
    larger.methods.push(MatrixMethod::with_defaults("new"));
    info(larger.clone()).save(folder.path()).unwrap();
    assert_eq!(RunInfo::load(folder.path()).unwrap().matrix, larger);

    larger.training.max_epochs += 1;
    let error = info(larger).save(folder.path()).unwrap_err();
    assert!(matches!(error, BenchError::OtherMatrix { .. }));
    let path = folder.path().join("matrix.json");
    let text = fs::read_to_string(&path)
        .unwrap()
        .replacen("\"version\": 2", "\"version\": 4", 1);
    fs::write(&path, text).unwrap();
    assert!(matches!(
        RunInfo::load(folder.path()),
        Err(BenchError::NewerRecord { found: 4, .. })
    ));
}

#[test]
fn a_run_without_a_data_set_hides_none_of_the_results_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let classes = |id: &str| (id.to_owned(), vec!["a".to_owned(), "b".to_owned()]);
    let with = RunInfo::new(
        Matrix::quick(),
        [classes("pima"), classes("wine")].into(),
        [].into(),
    );
    with.save(folder.path()).unwrap();
    let missing = ("wine".to_owned(), "it is not there".to_owned());
    let without = RunInfo::new(Matrix::quick(), [classes("pima")].into(), [missing].into());
    without.save(folder.path()).unwrap();
    let kept = RunInfo::load(folder.path()).unwrap();
    assert!(kept.unavailable.is_empty() && kept.class_names.contains_key("wine"));
}

#[test]
fn a_record_that_could_not_be_read_again_is_kept_as_failed() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 1);
    let mut store = Store::open(folder.path()).unwrap();
    let spec = cells()[0].clone();
    let outcome = Outcome::Evaluated(Evaluation {
        macro_f1: f64::NAN,
        ..evaluation(1)
    });
    let result = CellResult {
        schema: SCHEMA,
        id: spec.id(),
        spec,
        outcome,
    };
    let record = CellRecord {
        result,
        measured: Measured::default(),
    };
    let id = record.result.id.clone();
    store.append(record).unwrap();
    drop(store);
    let records = read_records(folder.path()).unwrap();
    let Outcome::Failed { error } = &records[&id].result.outcome else {
        panic!("{:?}", records[&id].result.outcome);
    };
    assert!(error.contains("could not be read again"), "{error}");
}

#[test]
fn records_packed_by_gzip_as_once_are_read_and_added_to() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 2);
    let path = folder.path().join(RECORDS);
    let before = read_records(folder.path()).unwrap();
    let gzip = folder.path().join("records.jsonl.gz");
    let file = fs::File::create(&gzip).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    std::io::Write::write_all(&mut packed, &fs::read(&path).unwrap()).unwrap();
    packed.finish().unwrap();
    fs::remove_file(&path).unwrap();
    assert_eq!(read_records(folder.path()).unwrap(), before);
    assert_eq!(run(folder.path(), &Fake::default(), 2).run, 0);
    pack_records(folder.path(), |_| true).unwrap();
    assert!(!gzip.exists() && !path.exists());
    assert_eq!(read_records(folder.path()).unwrap(), before);
}

#[test]
fn one_process_writes_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let first = Store::open(folder.path()).unwrap();
    assert!(matches!(
        Store::open(folder.path()),
        Err(BenchError::Locked { .. })
    ));
    drop(first);
    assert!(Store::open(folder.path()).is_ok());
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let error = Store::open(&file.join("inside")).unwrap_err().to_string();
    assert!(
        error.contains("cannot make the folder") && error.contains("inside"),
        "{error}"
    );
}

/// A record as schema 1 was first written; it must stay readable. Its arithmetic was another one, so it is
/// not taken for a cell of today's.
#[test]
fn schema_one_stays_readable() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(
        folder.path().join(RECORDS),
        include_str!("golden/records-v1.jsonl"),
    )
    .unwrap();
    let records = read_records(folder.path()).unwrap();
    assert_eq!(records.len(), 2);
    for (id, record) in &records {
        assert_eq!(record.result.id, *id);
        assert_ne!(record.result.spec.id(), *id);
        assert!(matches!(record.result.outcome, Outcome::Evaluated(_)));
    }
}

/// A record of schema 2, which kept more of each refresh and more digits: it is read as this program would write it.
#[test]
fn schema_two_is_read_as_if_it_were_written_today() {
    let line = include_str!("golden/records-v2.jsonl");
    let stored: serde_json::Value = serde_json::from_str(line).unwrap();
    let record: CellRecord = serde_json::from_str(line).unwrap();
    assert_eq!(record.result.spec.id(), record.result.id);
    let Outcome::Evaluated(evaluation) = &record.result.outcome else {
        panic!("it was evaluated");
    };
    let of_stored = stored["outcome"]["refreshes"].as_array().unwrap();
    let epochs = evaluation.course.whole().unwrap();
    assert!(!of_stored.is_empty() && of_stored.len() == epochs.refreshes.len());
    for (found, stored) in epochs.refreshes.iter().zip(of_stored) {
        let shares = stored["distribution"].as_array().unwrap().iter();
        let shares: Vec<f32> = shares.map(|p| p.as_f64().unwrap() as f32).collect();
        assert_eq!(found.distribution, shares);
    }
    let of_stored = stored["outcome"]["validation_f1"].as_array().unwrap();
    assert_eq!(of_stored.len(), epochs.validation_f1.len());
    for (found, stored) in epochs.validation_f1.iter().zip(of_stored) {
        let stored = stored.as_array().unwrap().iter();
        let stored: Vec<f32> = stored.map(|f1| f1.as_f64().unwrap() as f32).collect();
        assert_eq!(found, &stored);
    }
    let written = serde_json::to_string(&record.result).unwrap();
    let mut before = stored;
    before.as_object_mut().unwrap().remove("measured");
    assert!(written.len() < before.to_string().len());
    let again: CellResult = serde_json::from_str(&written).unwrap();
    assert_eq!(again.canonical(), record.result.canonical());
}

/// All that is in a folder of packed records, by name.
fn packed_bytes(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let entries = fs::read_dir(folder.join("records")).unwrap();
    let paths = entries.map(|entry| entry.unwrap().path());
    let mut files: Vec<_> = paths
        .map(|path| (path.clone(), fs::read(path).unwrap()))
        .collect();
    files.sort();
    files
}

#[test]
fn packed_records_are_the_same_records() {
    let folder = tempfile::tempdir().unwrap();
    let pack = || pack_records(folder.path(), |_| true);
    assert!(pack_records(&folder.path().join("nowhere"), |_| true).is_err());
    assert!(!folder.path().join("nowhere").exists());
    run(folder.path(), &Fake::default(), 1);
    let plain = fs::read(folder.path().join(RECORDS)).unwrap();
    let before = read_records(folder.path()).unwrap();
    let running = Store::open(folder.path()).unwrap();
    assert!(matches!(pack().unwrap_err(), BenchError::Locked { .. }));
    drop(running);
    let packed = pack().unwrap();
    assert!(!folder.path().join(RECORDS).exists());
    assert_eq!(read_records(folder.path()).unwrap(), before);
    let bytes = packed_bytes(folder.path());
    let names: Vec<&PathBuf> = bytes.iter().map(|(path, _)| path).collect();
    assert_eq!(packed.iter().collect::<Vec<_>>(), names);
    let size: usize = bytes.iter().map(|(_, bytes)| bytes.len()).sum();
    assert!(10 * size < plain.len());
    // Packing what is packed, and the same records in another order, gives the same bytes.
    assert_eq!(pack().unwrap(), packed);
    assert_eq!(packed_bytes(folder.path()), bytes);
    let mut lines: Vec<&[u8]> = plain.split_inclusive(|&byte| byte == b'\n').collect();
    lines.reverse();
    // A plain file with a part of the records beside the packed one takes nothing away from it.
    for lines in [&lines[..], &lines[..2]] {
        fs::write(folder.path().join(RECORDS), lines.concat()).unwrap();
        pack().unwrap();
        assert_eq!(packed_bytes(folder.path()), bytes);
    }
    // A run adds to it.
    assert_eq!(run(folder.path(), &Fake::default(), 1).run, 0);
}

#[test]
fn what_a_packed_course_leaves_is_checked_like_a_course() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), &Fake::default(), 1);
    let before = read_records(folder.path()).unwrap();
    let canonical = results(folder.path());
    let kept = before.keys().next().unwrap();
    pack_records(folder.path(), |cell| cell == kept).unwrap();
    assert_eq!(results(folder.path()), canonical);
    for (id, record) in read_records(folder.path()).unwrap() {
        let (Outcome::Evaluated(packed), Outcome::Evaluated(whole)) =
            (&record.result.outcome, &before[&id].result.outcome)
        else {
            panic!("all were evaluated");
        };
        assert_eq!(packed.course.whole().is_some(), id == *kept);
        assert_eq!(packed.course.first_refresh(), whole.course.first_refresh());
        assert_eq!(packed.kept_shares(), whole.kept_shares());
        let mut other = before[&id].clone();
        let Outcome::Evaluated(evaluation) = &mut other.result.outcome else {
            panic!("it was evaluated");
        };
        evaluation.course = Course::Whole(Epochs {
            refreshes: vec![],
            validation_f1: vec![vec![0.25, 0.5]; evaluation.epochs as usize],
        });
        assert_ne!(other.result.canonical(), record.result.canonical());
    }
    let file = packed_bytes(folder.path()).remove(0).0;
    let mut bytes = fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    fs::write(&file, bytes).unwrap();
    let error = read_records(folder.path()).unwrap_err().to_string();
    assert!(
        error.contains("cannot unpack") && error.contains(".jsonl.xz"),
        "{error}"
    );
}

/// Where a file that is open does not hold its folder in place.
#[cfg(unix)]
#[test]
fn a_folder_that_is_moved_deleted_or_replaced_while_cells_run_is_noticed() {
    type Action = (&'static str, fn(&Path));
    let place = tempfile::tempdir().unwrap();
    let at = |name: &str| place.path().join(name);
    let actions: [Action; 3] = [
        ("moved", |folder| {
            fs::rename(folder, folder.with_extension("old")).unwrap();
        }),
        ("deleted", |folder| fs::remove_dir_all(folder).unwrap()),
        ("replaced", |folder| {
            fs::rename(folder, folder.with_extension("old")).unwrap();
            fs::create_dir(folder).unwrap();
            fs::copy(
                folder.with_extension("old").join(RECORDS),
                folder.join(RECORDS),
            )
            .unwrap();
        }),
    ];
    for (name, act) in actions {
        let folder = at(name);
        let mut store = Store::open(&folder).unwrap();
        let mut plan = plan(store.records());
        let acted_on = folder.clone();
        let fake = Fake {
            before: Some((3, Box::new(move || act(&acted_on)))),
            ..Fake::default()
        };
        let cancel = AtomicBool::new(false);
        let error = execute(&mut plan, &fake, &mut store, 1, &cancel).unwrap_err();
        assert!(matches!(error, BenchError::Moved { .. }), "{name}: {error}");
        assert_eq!(fake.runs.into_inner(), 4, "{name}: no further cell is run");
        assert!(store.check_place().is_err());
        assert_eq!(
            store.records().len(),
            3,
            "{name}: what is gone does not count"
        );
    }
    // What was moved away holds all that was written.
    assert_eq!(read_records(&at("moved.old")).unwrap().len(), 4);
}
