//! The documents of the repository.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Folders of documents that a program prints. Those of methods are put together from sentences that people write.
const PRINTED: [&str; 1] = ["docs/results/"];

/// What a document says at its head that a program prints.
const MARK: &str = "Written by the command; do not edit.";

/// Of these folders, what is written by hand all the same.
const WRITTEN: [&str; 1] = ["docs/results/README.md"];

/// Every document, by path below the current folder.
pub(crate) fn all() -> Vec<PathBuf> {
    let mut found = vec![];
    collect(Path::new(""), &mut found);
    found.sort();
    found
}

/// Those whose sentences people write.
pub(crate) fn hand_written() -> Vec<PathBuf> {
    let mut documents = all();
    documents.retain(|path| {
        let path = path.to_string_lossy().replace('\\', "/");
        let text = fs::read_to_string(&*path).unwrap_or_default();
        // A part of a document may be printed too.
        let says_so = text.lines().take(5).any(|line| line.contains(MARK));
        let is_printed = says_so || PRINTED.iter().any(|printed| path.starts_with(printed));
        !is_printed || WRITTEN.contains(&&*path)
    });
    documents
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) {
    let here = if folder == Path::new("") {
        Path::new(".")
    } else {
        folder
    };
    for entry in fs::read_dir(here).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let name = name.to_string_lossy();
        let path = folder.join(&*name);
        let is_built = folder == Path::new("") && ["target", "results", "shared"].contains(&&*name);
        if entry.file_type().is_ok_and(|kind| kind.is_dir()) {
            if !is_built && !name.starts_with('.') {
                collect(&path, found);
            }
        } else if name.ends_with(".md") {
            found.push(path);
        }
    }
}
