//! Cross-fitting as users meet it: trained, resumed, kept, used, compared.

mod common;

use art_train::Classifier;
use common::{art, people, stderr, stdout, train};
use std::{fmt::Write as _, fs, path::Path};

const METHOD: [&str; 4] = ["--method", "power-sampling+plug-in", "--folds", "4"];

#[test]
fn a_model_of_folds_is_judged_out_of_fold_and_used_like_any_other() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(folder.path(), "folds.art", &METHOD);
    let classifier = Classifier::load(Path::new(&model)).unwrap();
    assert_eq!(classifier.model().members().len(), 4);
    let parts = &classifier.record().parts;
    let names: Vec<&str> = parts.iter().map(|part| &*part.name).collect();
    assert_eq!(names, ["training", "out of fold", "test"]);
    assert_eq!(parts[0].confusion.total(), parts[1].confusion.total());
    assert!(classifier.affine_rule().is_some());

    let again = train(folder.path(), "again.art", &METHOD);
    assert_eq!(fs::read(&model).unwrap(), fs::read(&again).unwrap());

    let table = people(folder.path());
    let answers = stdout(&["predict", &model, &table, "--ignore", "id"]);
    assert_eq!(answers.lines().count(), 121);
    let page = folder.path().join("page.html").display().to_string();
    stdout(&["report", &model, "--out", &page]);
    let page = fs::read_to_string(page).unwrap();
    assert!(
        page.contains("out of fold") && page.contains("mean of 4 networks"),
        "{page}"
    );
}

#[test]
fn folds_that_cannot_be_had_are_said() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = "visit,x,left\n".to_owned();
    for row in 0..120 {
        let left = if row % 3 == 0 { "yes" } else { "no" };
        writeln!(text, "v{},{},{left}", row / 20, (row * 37) % 25).unwrap();
    }
    let table = common::file(folder.path(), "visits.csv", text);
    let out = folder.path().join("m.art").display().to_string();
    let base = [
        "train", &table, "--target", "left", "--group", "visit", "--out", &out,
    ];
    let more = ["--folds", "20", "--epochs", "2"];
    let output = art(&[&base[..], &more].concat()).output().unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(output.status.success(), "{said}");
    assert!(said.contains("folds in the place of 20"), "{said}");
}

#[test]
fn the_rows_of_a_batch_are_decided_together_where_that_is_asked_for() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(folder.path(), "folds.art", &METHOD);
    let table = people(folder.path());
    let predict = |more: &[&str]| {
        let out = folder.path().join("answers.csv").display().to_string();
        let mut words = vec!["predict", &model, &table, "--ignore", "id", "--overwrite"];
        words.extend(["--out", &out]);
        words.extend(more);
        (stdout(&words), fs::read_to_string(&out).unwrap())
    };
    let (said, answers) = predict(&["--batch-shares"]);
    assert!(said.contains("decided together"), "{said}");
    let (said, alone) = predict(&[]);
    assert!(!said.contains("decided together"), "{said}");
    // Probabilities are the same.
    let shares = |text: &str| -> Vec<String> {
        let rest = |line: &str| line.split_once(',').map(|(_, rest)| rest.to_owned());
        text.lines().filter_map(rest).collect()
    };
    assert_eq!(shares(&answers), shares(&alone));

    let piped = art(&["predict", &model, "-", "--ignore", "id", "--batch-shares"])
        .write_stdin(fs::read_to_string(&table).unwrap())
        .assert()
        .code(2)
        .get_output()
        .clone();
    let message = String::from_utf8(piped.stderr).unwrap();
    assert!(message.contains("write them to a file"), "{message}");
    let other = train(folder.path(), "tau.art", &["--method", "art+tau-e"]);
    let message = stderr(&[
        "predict",
        &other,
        &table,
        "--ignore",
        "id",
        "--batch-shares",
    ]);
    assert!(message.contains("METHOD+plug-in"), "{message}");
}

#[test]
fn a_comparison_takes_folds_for_all_or_by_name() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let out = folder.path().join("results").display().to_string();
    let methods = "art,art:folds=2,rotating-art";
    let base = [
        "compare", &table, "--target", "left", "--ignore", "id", "--seeds", "2",
    ];
    let more = ["--methods", methods, "--folds", "3", "--out", &out];
    let said = stdout(&[&base[..], &more].concat());
    for title in ["folds=3", "folds=2", "cross_fit=3", "Baseline"] {
        assert!(said.contains(title), "{title}: {said}");
    }
    let message = stderr(
        &[
            &base[..],
            &["--methods", "art:folds=2.5", "--out", &out, "--overwrite"],
        ]
        .concat(),
    );
    assert!(
        message.contains("folds") && message.contains("whole number"),
        "{message}"
    );
    let message = stderr(&[&base[..], &["--folds", "0", "--out", &out]].concat());
    assert!(message.contains("--folds"), "{message}");
}
