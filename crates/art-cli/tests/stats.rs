//! Tests of scores of one's own.

mod common;

use common::{file, stderr, stdout};
use std::fs;

#[test]
fn scores_are_tested_and_ranked() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "seed,art,base,worse\na,0.80,0.70,0.5\nb,0.82,0.75,0.4\nc,0.78,0.79,0.5\nd,0.85,0.71,0.6\n";
    let path = file(folder.path(), "scores.csv", text);
    let json = stdout(&["stats", &path, "--test-over-train", "0.2", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["subject"], "art");
    assert_eq!(value["ranks"][0]["mean_rank"], 1.25);
    let first = &value["comparisons"][0];
    assert!((first["difference"].as_f64().unwrap() - 0.075).abs() < 1e-12);
    assert!(first["p_corrected_t"].as_f64() > first["p_t"].as_f64());
    let plot = folder.path().join("ranks.svg").display().to_string();
    assert!(stdout(&["stats", &path, "--plot", &plot]).contains("--test-over-train"));
    assert!(fs::read_to_string(plot).unwrap().contains("worse 3.00"));
    let error = stderr(&["stats", &path, "--against", "artt"]);
    assert!(error.contains("did you mean \"art\"?"), "{error}");
}

#[test]
fn a_column_of_seeds_is_no_method_and_a_reader_may_leave() {
    let folder = tempfile::tempdir().unwrap();
    let scores = "seed,a,b\n1834,0.5,0.7\n1835,0.4,0.8\n1836,0.5,0.6\n";
    let scores = file(folder.path(), "scores.csv", scores);
    let said = stdout(&["stats", &scores]);
    assert!(said.starts_with("2 methods, 3 rows"), "{said}");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_art"))
        .args(["stats", &scores])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn intervals_agree_with_the_test_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = "repeat,fold,a,b,c\n1,1,0.80,0.70,0.7\n1,2,0.82,0.75,0.72\n2,1,0.78,0.74,0.68\n2,2,0.85,0.71,0.75\n";
    let path = file(folder.path(), "scores.csv", text);
    let json = stdout(&["stats", &path, "--test-over-train", "1", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["ranks"].as_array().unwrap().len(), 3, "{json}");
    let b = &value["comparisons"][0];
    assert!(b["p_corrected_t"].as_f64().unwrap() > 0.05);
    assert!(b["interval_95"][0].as_f64().unwrap() < 0.0, "{b}");
    let tabs = file(folder.path(), "scores.tsv", text.replace(',', "\t"));
    assert_eq!(
        stdout(&["stats", &tabs, "--test-over-train", "1", "--json"]),
        json
    );
    // c is a less a constant, but for rounding: the difference has no scale.
    let said = stdout(&["stats", &path]);
    let line = said
        .lines()
        .find(|line| line.starts_with("c ") && line.contains('+'));
    let line = line.unwrap();
    // No interval, no d_z, no t-test; the signed-rank test asks for no scale.
    assert!(
        line.matches('—').count() == 3 && line.contains("0.125"),
        "{line}"
    );
}
