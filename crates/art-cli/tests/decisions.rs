//! How `predict` decides, and what is said of it.

mod common;

use common::{art, file, people, stderr, stdout, train};
use std::{fmt::Write as _, fs, path::Path};

/// A model of the people's table, and the command that answers the table.
fn trained(folder: &Path) -> (String, Vec<String>) {
    let table = people(folder);
    let model = folder.join("m.art").display().to_string();
    let train = [
        "train", &table, "--target", "left", "--ignore", "id", "--out", &model,
    ];
    let said = stdout(&[&train[..], &["--method", "baseline+tau-e"]].concat());
    let predict = ["predict", &model, &table, "--ignore", "id", "--overwrite"];
    let answers = folder.join("answers.csv").display().to_string();
    let mut predict = predict.map(str::to_owned).to_vec();
    predict.extend(["--out".to_owned(), answers]);
    (said, predict)
}

fn with<'c>(command: &'c [String], more: &[&'c str]) -> Vec<&'c str> {
    command
        .iter()
        .map(String::as_str)
        .chain(more.iter().copied())
        .collect()
}

/// The answers, each with the probability of the second class.
fn answers(folder: &Path) -> Vec<(String, f64)> {
    let text = fs::read_to_string(folder.join("answers.csv")).unwrap();
    let rows = text.lines().skip(1);
    let answer = |row: &str| {
        let fields: Vec<&str> = row.split(',').collect();
        (fields[0].to_owned(), fields[2].parse().unwrap())
    };
    rows.map(answer).collect()
}

/// The threshold in percent that `text` tells of "yes".
fn threshold(text: &str) -> f64 {
    let (_, rest) = text.split_once("Says \"yes\" from ").unwrap();
    rest.split_once(' ').unwrap().0.parse().unwrap()
}

#[test]
fn the_threshold_that_is_told_parts_the_answers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (said, predict) = trained(folder);
    let told = threshold(&said);
    let summary = stdout(&with(&predict, &[]));
    assert_eq!(threshold(&summary), told, "{summary}");
    for (answer, p) in answers(folder) {
        let percent = 100.0 * p;
        if (percent - told).abs() > 1.0 {
            assert_eq!(answer == "yes", percent > told, "{percent}");
        }
    }
    // A missed yes that is as bad as four false alarms is avoided from 20 % on.
    let summary = stdout(&with(&predict, &["--cost", "yes:no=4"]));
    assert!(
        summary.contains("Decided otherwise than the model does."),
        "{summary}"
    );
    assert_eq!(threshold(&summary), 20.0);
    for (answer, p) in answers(folder) {
        if (p - 0.2).abs() > 1e-5 {
            assert_eq!(answer == "yes", p > 0.2, "{p}");
        }
    }
    let costs = file(folder, "costs.csv", "truth,yes,no\nno,1,0\nyes,0,4\n");
    let by_file = stdout(&with(&predict, &["--costs", &costs]));
    assert_eq!(by_file, summary);
    assert_eq!(stdout(&with(&predict, &["--threshold", "0.2"])), summary);
}

#[test]
fn at_most_takes_the_likeliest() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_, predict) = trained(folder);
    for typed in ["7", "yes=7"] {
        let summary = stdout(&with(&predict, &["--at-most", typed]));
        assert!(
            summary.contains("The 7 rows likeliest to be \"yes\" are"),
            "{summary}"
        );
        let mut rows = answers(folder);
        rows.sort_by(|a, b| b.1.total_cmp(&a.1));
        let (taken, others) = rows.split_at(7);
        assert!(taken.iter().all(|(answer, _)| answer == "yes"));
        assert!(others.iter().all(|(answer, _)| answer == "no"));
    }
}

#[test]
fn what_is_no_cost_and_no_number_of_rows_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (_, predict) = trained(folder);
    let short = file(folder, "short.csv", "truth,yes,no\nno,1,0\n");
    let twice = file(folder, "twice.csv", "truth,yes,no\nno,1,0\nno,1,0\n");
    for (more, expected) in [
        (
            ["--cost", "yes=5"],
            "what errors cost is written TRUTH:DECISION=COST",
        ),
        (["--cost", "yes:no=much"], "what errors cost is written"),
        (
            ["--cost", "yess:no=5"],
            "no class \"yess\", did you mean \"yes\"?",
        ),
        (["--cost", "yes:no=-1"], "an error costs more than 0"),
        (["--cost", "yes:yes=5"], "\"yes\" is taken for itself"),
        (["--at-most", "0"], "at least one row"),
        (
            ["--costs", &short],
            "it has no line, or no column, of \"yes\"",
        ),
        (["--costs", &twice], "\"no\" has two lines"),
        (["--threshold", "1.5"], "a probability between 0 and 1"),
        (["--at-most", "few"], "\"few\" is no number of rows"),
        (["--at-most", "maybe=3"], "no class \"maybe\""),
    ] {
        let error = stderr(&with(&predict, &more));
        assert!(error.contains(expected), "{more:?}: {error}");
    }
    let both = ["--cost", "yes:no=5", "--cost", "yes:no=4"];
    let error = stderr(&with(&predict, &both));
    assert!(error.contains("is given twice"), "{error}");
    let all = stdout(&with(&predict, &["--at-most", "1000000"]));
    assert!(
        all.contains("there are no more than were asked for"),
        "{all}"
    );
}

#[test]
fn several_problems_are_told_at_once_with_the_command_that_settles_them() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut text = String::from("name,note,x,class\n");
    for row in 0..4000_u32 {
        let class = if row == 0 {
            "lone"
        } else {
            ["a", "b"][row as usize % 2]
        };
        writeln!(text, "n{row},word {row},{},{class}", row % 7).unwrap();
    }
    let table = file(folder, "t.csv", text);
    let model = folder.join("m.art").display().to_string();
    let train = [
        "train", &table, "--target", "class", "--out", &model, "--epochs", "2",
    ];
    let error = stderr(&train);
    let command = error.lines().last().unwrap().trim();
    assert!(error.contains("3 things in the way:"), "{error}");
    let remedies = "--ignore name --ignore note --small-classes leave-out";
    assert!(
        command.starts_with("art train ") && command.ends_with(remedies),
        "{command}"
    );
    let words: Vec<&str> = command.split(' ').skip(1).collect();
    stdout(&words);
    // The command that comes next after looking at the table leaves the same columns out.
    let inspected = art(&["inspect", &table, "--target", "class"])
        .assert()
        .success();
    let said = String::from_utf8(inspected.get_output().stderr.clone()).unwrap();
    let next = said.lines().last().unwrap();
    assert!(next.starts_with("next: art compare "), "{said}");
    assert!(next.ends_with("--ignore name --ignore note"), "{said}");
}

#[test]
fn a_decision_rule_may_follow_any_method_and_is_kept_in_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| art_train::Classifier::load(Path::new(name)).unwrap();
    let plain = load(&train(
        folder.path(),
        "plain.art",
        &["--method", "power-sampling"],
    ));
    assert_eq!(
        (plain.offsets(), plain.temperature()),
        (&[0.0, 0.0][..], None)
    );
    let moved = ["--method", "power-sampling+tau-e"];
    let moved = load(&train(folder.path(), "moved.art", &moved));
    assert_ne!(moved.offsets()[0], moved.offsets()[1]);
    assert!(
        moved
            .temperature()
            .is_some_and(|t| (0.6..=2.1).contains(&t))
    );
    let table = people(folder.path());
    let refused = |method: &str| {
        let out = folder.path().join("x.art").display().to_string();
        stderr(&[
            "train", &table, "--target", "left", "--out", &out, "--method", method,
        ])
    };
    let message = refused("art+tau");
    assert!(
        message.contains("unknown decision rule \"tau\", did you mean \"tau-e\""),
        "{message}"
    );
    assert!(refused("baseline-la+tau-e").contains("does not move its decision already"));
    assert!(refused("arty+tau-e").contains("unknown method \"arty\""));
}
