//! What the tests of the program share.

#![allow(dead_code, reason = "no test file calls everything")]

pub(crate) mod bench;

use assert_cmd::Command;
use std::{
    fmt::Write as _,
    fs,
    path::{Path, PathBuf},
};

/// The program with these arguments.
pub(crate) fn art(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_art"));
    command.args(arguments);
    command
}

/// A file of the project's data.
pub(crate) fn data(name: &str) -> String {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data");
    folder.join(name).display().to_string()
}

/// What a run that succeeds says.
pub(crate) fn stdout(arguments: &[&str]) -> String {
    let output = art(arguments)
        .assert()
        .success()
        .get_output()
        .stdout
        .clone();
    String::from_utf8(output).unwrap()
}

/// What a run says that is refused.
pub(crate) fn stderr(arguments: &[&str]) -> String {
    let output = art(arguments).assert().code(2).get_output().clone();
    assert!(output.stdout.is_empty(), "{arguments:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Writes a file and returns its path.
pub(crate) fn file(folder: &Path, name: &str, text: impl AsRef<[u8]>) -> String {
    let path = folder.join(name);
    fs::write(&path, text).unwrap();
    path.display().to_string()
}

/// 90 and 30 rows of two classes that overlap, with a column of words and holes in both columns.
pub(crate) fn people(folder: &Path) -> String {
    let mut text = String::from("id,age,town,left\n");
    for row in 0..120_u32 {
        let rare = row % 4 == 0;
        let age = 30 + (row * 37) % 25 + if rare { 12 } else { 0 };
        let town = ["Bonn", "Ulm", "Kiel"][(row as usize * 7 + usize::from(rare)) % 3];
        let age = if row % 17 == 3 {
            String::new()
        } else {
            age.to_string()
        };
        let town = if row % 23 == 5 { "" } else { town };
        let left = if rare { "yes" } else { "no" };
        let _ = writeln!(text, "p{row},{age},{town},{left}");
    }
    file(folder, "people.csv", text)
}

/// A model of [`people`], trained with these options besides; returns its file.
pub(crate) fn train(folder: &Path, name: &str, more: &[&str]) -> String {
    let (table, model) = (people(folder), folder.join(name).display().to_string());
    let mut arguments = vec![
        "train", &table, "--target", "left", "--ignore", "id", "--out", &model,
    ];
    arguments.extend(more);
    stdout(&arguments);
    model
}

/// 160 rows of two classes in the fields that `row` makes of a number, its class and its own place.
pub(crate) fn table(header: &str, row: impl Fn(f64, bool, usize) -> String) -> String {
    let mut text = header.to_owned();
    for place in 0..160_usize {
        let rare = place % 5 == 0;
        let spread = ((place * 37) % 101) as f64 / 20.0;
        let value = (10.0 * (spread + if rare { 3.0 } else { 0.0 })).round() / 10.0;
        writeln!(text, "{}", row(value, rare, place)).unwrap();
    }
    text
}

pub(crate) fn class(rare: bool) -> &'static str {
    if rare { "ill" } else { "well" }
}
