//! Comparisons of methods on a table.

mod common;

use common::{people, stdout};
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
}
