//! Links of documents, and whether the book has a place for each document.

use crate::{
    documents,
    markdown::{anchors, links},
};
use std::{
    fs,
    path::{Component, Path, PathBuf},
};

/// The book's table of contents.
pub(crate) const SUMMARY: &str = "docs/SUMMARY.md";

/// What the book leaves out: notes of tests beside their files.
const BESIDE_TESTS: &str = "/tests/golden/";

/// Links that lead nowhere, and documents without a place in the book or with two.
pub(crate) fn faults() -> Vec<String> {
    let mut faults = vec![];
    for path in documents::all() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (line, _, target) in links(&text) {
            if let Some(why) = why_broken(&path, &text, target) {
                faults.push(format!(
                    "{}:{line}: the link to {target} {why}",
                    path.display()
                ));
            }
        }
    }
    faults.extend(summary_faults());
    faults
}

fn why_broken(path: &Path, text: &str, target: &str) -> Option<&'static str> {
    if is_foreign(target) {
        return None;
    }
    let (file, anchor) = target
        .split_once('#')
        .map_or((target, None), |(f, a)| (f, Some(a)));
    let file = resolved(path, file);
    if file != path && !file.exists() {
        return Some("has no file");
    }
    let anchor = anchor?;
    let is_here = if file == path {
        anchors(text).iter().any(|known| known == anchor)
    } else {
        let text = fs::read_to_string(&file).unwrap_or_default();
        anchors(&text).iter().any(|known| known == anchor)
    };
    (!is_here).then_some("has no such heading")
}

/// Whether a target is outside the repository.
pub(crate) fn is_foreign(target: &str) -> bool {
    ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| target.starts_with(scheme))
}

/// The file, from the repository's root, that `target` names inside the document `path`.
pub(crate) fn resolved(path: &Path, target: &str) -> PathBuf {
    if target.is_empty() {
        return path.to_owned();
    }
    let mut file = path.parent().unwrap_or(Path::new("")).to_owned();
    for part in Path::new(target).components() {
        match part {
            Component::ParentDir => drop(file.pop()),
            Component::CurDir => {}
            part => file.push(part),
        }
    }
    file
}

/// The documents of the book, in order, from the repository's root.
pub(crate) fn chapters(summary: &str) -> Vec<PathBuf> {
    let targets = links(summary).into_iter().map(|(_, _, target)| target);
    // A part of the book has no page of its own.
    let targets = targets.filter(|target| !target.is_empty());
    targets
        .map(|target| resolved(Path::new(SUMMARY), target))
        .collect()
}

fn summary_faults() -> Vec<String> {
    let Ok(summary) = fs::read_to_string(SUMMARY) else {
        return vec![format!("{SUMMARY} cannot be read")];
    };
    let chapters = chapters(&summary);
    let mut faults = vec![];
    for path in documents::all() {
        let shown = path.to_string_lossy().replace('\\', "/");
        let n = chapters.iter().filter(|chapter| **chapter == path).count();
        let is_left_out = shown == SUMMARY || shown.contains(BESIDE_TESTS);
        if n == 0 && !is_left_out {
            faults.push(format!("{SUMMARY} has no place for {shown}"));
        }
        if n > 1 {
            faults.push(format!("{SUMMARY} names {shown} {n} times"));
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn targets_are_seen_from_their_document() {
        let of = |path: &str, target: &str| resolved(Path::new(path), target);
        assert_eq!(of("docs/a/b.md", "../../README.md"), Path::new("README.md"));
        assert_eq!(of("docs/a.md", ""), Path::new("docs/a.md"));
        assert!(is_foreign("https://doi.org/10.1") && !is_foreign("docs/a.md"));
    }

    #[test]
    fn a_heading_that_is_not_there_breaks_a_link() {
        let text = "# One\n";
        let why = |target| why_broken(Path::new("a.md"), text, target);
        assert_eq!(why("#two"), Some("has no such heading"));
        assert_eq!(why("no-such-file.md"), Some("has no file"));
    }
}
