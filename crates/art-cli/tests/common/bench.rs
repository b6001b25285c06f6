//! What the tests of `art bench` share.

use super::data;
use art_bench::read_records;
use assert_cmd::Command;
use std::{fs, path::Path};

/// ART, Baseline, balanced softmax, BALMS, ROS and RUS on Pima.
pub(crate) const PIMA: &str = "pima/[abr]*";

/// `art bench` with these arguments and the project's data.
pub(crate) fn bench(arguments: &[&str]) -> Command {
    let mut command = super::art(&["bench"]);
    command.args(arguments).env("ART_DATA", data(""));
    command
}

/// The same as a process that can be watched and killed; the tensor library has one thread.
pub(crate) fn bench_process(arguments: &[&str], path: &Path) -> std::process::Command {
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_art"));
    command.arg("bench").args(arguments).arg(path);
    command.env("ART_DATA", data(""));
    command.env("RAYON_NUM_THREADS", "1");
    command
}

/// What is said by a command that ends with `code`.
pub(crate) fn stderr_of(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    String::from_utf8(output.stderr).unwrap()
}

/// The reproducible parts of a folder's records.
pub(crate) fn results(out: &Path) -> Vec<String> {
    let records = read_records(out).unwrap();
    records
        .values()
        .map(|record| record.result.canonical())
        .collect()
}

/// Number of complete records so far.
pub(crate) fn lines(out: &Path) -> usize {
    fs::read_to_string(out.join("records.jsonl")).map_or(0, |text| text.matches('\n').count())
}

/// Tunes and trains three methods and varies a setting; 56 cells.
pub(crate) const TUNED: &str = r#"
name = "small"
purpose = "A test."
datasets = ["pima", "imdb"]
methods = ["baseline", "ros", "art"]
seeds = [11, 12]

[training]
hidden = [8]
dropout = 0.2
learning_rate = 1e-3
weight_decay = 1e-2
batch_size = 64
max_epochs = 6
patience = 3
criterion = "native"

[tuning]
seeds = [1, 2, 3]
trials_per_setting = 2
most_settings = 2

[[ablations]]
name = "blend"
title = "Blending constant"
dataset = "pima"
methods = ["art", "baseline"]
vary = [{ setting = "c", values = [0.1, 0.3, 0.5, 0.7, 0.9] }]
"#;
