//! Tables as text, and what is read of them.

#![allow(dead_code, reason = "no test file calls everything")]

use art_data::{ColumnKind, Frame, ReadOptions, Values, read_frame};
use std::{fs, path::Path};

pub(crate) fn with_file<T>(bytes: &[u8], see: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, bytes).unwrap();
    see(&path)
}

pub(crate) fn read(bytes: &[u8], options: &ReadOptions) -> Result<Frame, String> {
    with_file(bytes, |path| read_frame(path, options)).map_err(|error| error.to_string())
}

pub(crate) fn plain(text: &str) -> Result<Frame, String> {
    read(text.as_bytes(), &ReadOptions::default())
}

pub(crate) fn kind(frame: &Frame, name: &str) -> ColumnKind {
    frame.column(name).unwrap().kind
}

pub(crate) fn numbers(frame: &Frame, name: &str) -> Vec<f64> {
    match &frame.column(name).unwrap().values {
        Values::Numbers(numbers) => numbers.clone(),
        Values::Words { .. } => panic!("{name} is one of words"),
    }
}

pub(crate) fn levels(frame: &Frame, name: &str) -> Vec<String> {
    match &frame.column(name).unwrap().values {
        Values::Words { levels, .. } => levels.clone(),
        Values::Numbers(_) => panic!("{name} is one of numbers"),
    }
}

pub(crate) fn list(names: &[&str]) -> Vec<String> {
    names.iter().map(|&name| name.to_owned()).collect()
}

/// A table with one column `v` of these fields, and one more.
pub(crate) fn column(fields: &[&str]) -> String {
    let rows = fields.iter().map(|field| format!("{field};1\n"));
    "v;w\n".to_owned() + &rows.collect::<String>()
}
