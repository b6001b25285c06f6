//! Comparisons of methods on a table.

mod common;

use common::{art, file, people, stderr, stdout};
use std::fs;

#[test]
fn a_comparison_judges_goes_on_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (table, out) = (
        people(folder.path()),
        folder.path().join("out").display().to_string(),
    );
    let run = |seeds: &str, metric: &str| {
        stdout(&[
            "compare",
            &table,
            "--metric",
            metric,
            "--target",
            "left",
            "--ignore",
            "id",
            "--methods",
            "art,baseline-thresholds",
            "--seeds",
            seeds,
            "--out",
            &out,
            "--json",
        ])
    };
    let first: serde_json::Value = serde_json::from_str(&run("2", "macro-f1")).unwrap();
    let records = || fs::read_to_string(format!("{out}/records.jsonl")).unwrap();
    let before = records();
    assert_eq!(before.lines().count(), 8, "plain training twice");
    let more: serde_json::Value = serde_json::from_str(&run("4", "macro-f1")).unwrap();
    assert!(
        records().starts_with(&before),
        "what was stored is not run again"
    );
    assert_eq!(records().lines().count(), 16);
    let methods = more["methods"].as_array().unwrap();
    let ids: Vec<&str> = methods
        .iter()
        .map(|m| m["method"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["baseline", "art", "baseline-thresholds"]);
    assert_eq!(
        methods[1]["scores"].as_array().unwrap()[..2],
        first["methods"][1]["scores"].as_array().unwrap()[..]
    );
    assert!(more["advice"].as_str().unwrap().starts_with("people: "));
    // The scores by seed are a table that the program tests.
    let tables = fs::read_dir(format!("{out}/tables")).unwrap();
    let mut tables = tables.map(|entry| entry.unwrap().path().display().to_string());
    let by_seed = tables.find(|path| path.contains("by_seed_own-people"));
    let said = stdout(&["stats", &by_seed.unwrap(), "--against", "art"]);
    assert!(said.starts_with("3 methods, 4 rows"), "{said}");
    // By another score the same runs are judged again.
    let before = records();
    let again: serde_json::Value = serde_json::from_str(&run("4", "mcc")).unwrap();
    assert_eq!(records(), before);
    assert!(again["methods"][0]["score"].as_f64() < again["methods"][0]["macro_f1"].as_f64());
    assert!(again["advice"].as_str().unwrap().contains("MCC"));
    let report = fs::read_to_string(format!("{out}/report.md")).unwrap();
    for title in [
        "Difference of mean MCC",
        "against plain training on people",
        "Precision and recall",
        "Probabilities: people",
        "Truth against",
    ] {
        assert!(report.contains(title), "{title}");
    }
    assert!(!report.contains("(Table"), "no place of the paper");
    let tuned = stdout(&[
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "art",
        "--seeds",
        "2",
        "--tune",
        "2",
        "--out",
        &folder.path().join("tuned").display().to_string(),
    ]);
    assert!(tuned.contains("over plain"), "{tuned}");
    let report = fs::read_to_string(folder.path().join("tuned/report.md")).unwrap();
    let settings = report.split_once("## Tuning").unwrap().1;
    assert!(settings.contains(", boost_frequency "), "{settings}");
    assert!(
        !settings.contains("bf "),
        "records alone call it so: {settings}"
    );
    let records = fs::read_to_string(folder.path().join("tuned/records.jsonl")).unwrap();
    assert!(records.contains("\"bf\":"), "{records}");
}

#[test]
fn what_is_advised_is_trained_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).display().to_string();
    let (table, out, model) = (people(folder.path()), path("out"), path("people.art"));
    let compare = [
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "baseline+tau-e",
        "--seeds",
        "2",
        "--out",
        &out,
        "--train",
        &model,
    ];
    let said = stdout(&compare);
    let advised: serde_json::Value = {
        let before = &compare[..compare.len() - 2];
        serde_json::from_str(&stdout(&[before, &["--json"]].concat())).unwrap()
    };
    let method = advised["recommended"].as_str().unwrap_or("baseline");
    assert!(
        fs::metadata(&model).is_ok() && said.contains(method),
        "{said}"
    );
    let methods = advised["methods"].as_array().unwrap();
    let gain = &methods[1]["expected_gain"];
    assert!(gain["interval_95"][0].as_f64() < gain["gain"].as_f64());
    assert_eq!(gain["known_from_other_tables"], true);
    assert_eq!(methods[0]["per_class"][0]["class"], "no");
    // The model is there already, and is what was asked for.
    let refused = stderr(&[&compare[..], &["--json"]].concat());
    assert!(refused.contains("--json"), "{refused}");
}

#[test]
fn what_is_to_know_of_a_table_stands_in_the_report() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..160_usize).map(|row| {
        // Every second row is the one before again, and some of these have the other label.
        let own = row / 2;
        let ill = if row % 40 == 1 {
            1 - own % 3 / 2
        } else {
            own % 3 / 2
        };
        let told = if own % 3 == 2 { "late" } else { "" };
        format!("{},{told},{},{ill}\n", own * 29 % 61, 1 + own % 7)
    });
    let text = format!("age,treated,weight,ill\n{}", rows.collect::<String>());
    let table = file(folder.path(), "visits.csv", text);
    let out = folder.path().join("out").display().to_string();
    let command = [
        "compare",
        &table,
        "--target",
        "ill",
        "--methods",
        "ros",
        "--seeds",
        "2",
        "--out",
        &out,
    ];
    let output = art(&command).assert().success().get_output().clone();
    let said = String::from_utf8(output.stderr).unwrap();
    let page = fs::read_to_string(format!("{out}/report.html")).unwrap();
    let text = fs::read_to_string(format!("{out}/report.md")).unwrap();
    for expected in [
        "whether column \"treated\" has a value alone predicts \"ill\" almost perfectly",
        "column \"weight\" is a feature here",
        "8 rows cannot all be predicted",
        "76 rows repeat an earlier one, features and label; ",
        " % of the test rows of 2 splits stand among the training rows as well",
    ] {
        assert!(said.contains(expected), "{expected}: {said}");
        assert!(text.contains(expected), "{expected}");
        let expected = expected.replace('"', "&quot;");
        assert!(page.contains(&expected), "{expected}");
    }
    let json = stdout(&[&command[..], &["--json"]].concat());
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert!(json["warnings"].as_array().unwrap().len() >= 4, "{json}");
}

#[test]
fn a_larger_report_is_replaced_only_where_the_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (table, out) = (
        people(folder.path()),
        folder.path().join("out").display().to_string(),
    );
    let compare = [
        "compare", &table, "--target", "left", "--ignore", "id", "--out", &out,
    ];
    let command = |more: &[&'static str]| [&compare[..], more].concat();
    stdout(&command(&["--methods", "ros,cost", "--seeds", "3"]));
    let page = || fs::read_to_string(format!("{out}/report.html")).unwrap();
    let before = page();
    for (more, expected) in [
        (
            &["--methods", "ros", "--seeds", "3"],
            "covers the methods cost, which",
        ),
        (
            &["--methods", "ros,cost", "--seeds", "2"],
            "covers 3 seeds, which",
        ),
        (
            &["--methods", "ros", "--seeds", "2"],
            "the methods cost and 3 seeds, which",
        ),
    ] {
        let said = stderr(&command(more));
        assert!(said.contains(expected), "{said}");
        assert!(page() == before);
    }
    let other = stderr(
        &[
            &compare[..],
            &["--methods", "ros,cost", "--seeds", "3", "--ignore", "town"],
        ]
        .concat(),
    );
    assert!(
        other.contains("another table, or this one as it was before"),
        "{other}"
    );
    // The same and more is no loss; less is one that may be asked for, and the records stay.
    stdout(&command(&["--methods", "rus,cost,ros", "--seeds", "3"]));
    let records = fs::read_to_string(format!("{out}/records.jsonl")).unwrap();
    stdout(&command(&[
        "--methods",
        "ros",
        "--seeds",
        "2",
        "--overwrite",
    ]));
    assert!(page() != before);
    assert_eq!(
        fs::read_to_string(format!("{out}/records.jsonl")).unwrap(),
        records
    );
}
