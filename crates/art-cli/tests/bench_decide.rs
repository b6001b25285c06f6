//! `art bench decide`: other decisions from kept logits give the numbers of training with the rule.

mod common;

use common::bench::{bench, stderr_of};
use std::fs;

const MATRIX: &str = r#"
name = "rules"
purpose = "Rules of decision, with folds and without."
datasets = ["pima"]
methods = ["baseline", "baseline+tau-e", "art:folds=3", "art:folds=3+plug-in", "art:folds=3+thresholds"]
seeds = [1834, 8993]

[training]
hidden = [16]
dropout = 0.2
learning_rate = 5e-3
weight_decay = 1e-2
batch_size = 64
max_epochs = 12
patience = 4
criterion = "native"
"#;

#[test]
fn a_rule_that_is_applied_afterwards_gives_what_training_with_it_gave() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = folder.path().join("rules.toml");
    fs::write(&matrix, MATRIX).unwrap();
    let out = folder.path().join("out");
    let mut run = bench(&["run", "--keep-logits", "--matrix"]);
    run.arg(&matrix).arg("--out").arg(&out).assert().success();
    let output = bench(&["decide"]).arg(&out).assert().success();
    let said = String::from_utf8(output.get_output().stdout.clone()).unwrap();
    assert!(
        said.contains("pima/baseline") && said.contains("plug-in"),
        "{said}"
    );

    let table = fs::read_to_string(out.join("decided.csv")).unwrap();
    let decided = |method: &str, seed: u64, rule: &str| -> f64 {
        let head = format!("pima,{method},{seed},0,{rule},");
        let line = table.lines().find_map(|line| line.strip_prefix(&*head));
        line.unwrap_or_else(|| panic!("{head} in {table}"))
            .parse()
            .unwrap()
    };
    let records = art_bench::read_records(&out).unwrap();
    let mut compared = 0;
    for record in records.values() {
        let spec = &record.result.spec;
        let art_bench::Outcome::Evaluated(evaluation) = &record.result.outcome else {
            panic!("{spec} failed");
        };
        if spec.initialisation > 0 {
            continue;
        }
        let (method, rule) = spec
            .method
            .split_once('+')
            .unwrap_or((&spec.method, "none"));
        assert_eq!(
            decided(method, spec.seed, rule),
            evaluation.macro_f1,
            "{spec}"
        );
        compared += 1;
    }
    assert_eq!(compared, 10);

    let message = stderr_of(bench(&["decide", "--rules", "tau"]).arg(&out), 2);
    assert!(message.contains("did you mean"), "{message}");
    fs::remove_dir_all(out.join("logits")).unwrap();
    let message = stderr_of(bench(&["decide"]).arg(&out), 2);
    assert!(message.contains("--keep-logits"), "{message}");
}
