//! What the tests of the program share.

#![allow(dead_code, reason = "no test file calls everything")]

use assert_cmd::Command;
use std::{
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
