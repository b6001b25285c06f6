//! Code in documents: what is shown in Rust stands in a source that is compiled, and commands are commands.

use crate::{HELP, documents, markdown::blocks, modules::sources};
use std::{fs, path::Path};

/// Code of documents that no source has, and commands of `cargo xtask` that there are not. The options of `art` are held to the
/// program by its own test `documents`, Python by the package's.
pub(crate) fn faults() -> Vec<String> {
    let mut files = vec![];
    for entry in fs::read_dir("crates").into_iter().flatten().flatten() {
        for folder in ["src", "tests", "examples"] {
            sources(&entry.path().join(folder), &mut files);
        }
    }
    let read = |file| fs::read_to_string(file).unwrap_or_default();
    let sources: Vec<String> = files.iter().map(|file| bare(&read(file))).collect();
    let mut faults = vec![];
    for path in documents::all() {
        let text = fs::read_to_string(&path).unwrap_or_default();
        // That of a crate is a doctest of it (`cargo xtask package --test` runs it as a program).
        let is_doctest = path.ends_with("README.md") && includes_readme(&path);
        let path = path.display();
        for (line, code) in blocks(&text, "rust").into_iter().filter(|_| !is_doctest) {
            if !sources.iter().any(|source| source.contains(&bare(&code))) {
                faults.push(format!(
                    "{path}:{line}: no source of a crate, its tests or examples has this code, so nothing compiles it"
                ));
            }
        }
        for (line, code) in blocks(&text, "sh") {
            for word in unknown_commands(&code) {
                faults.push(format!("{path}:{line}: there is no `cargo xtask {word}`"));
            }
        }
    }
    faults
}

/// Whether the library beside this README has its examples among its doctests.
fn includes_readme(readme: &Path) -> bool {
    let source = readme.with_file_name("src/lib.rs");
    fs::read_to_string(source).is_ok_and(|text| text.contains("include_str!(\"../README.md\")"))
}

/// Code without indentation, comments and empty lines.
fn bare(code: &str) -> String {
    let lines = code.lines().map(|line| {
        let comment = if line.trim_start().starts_with("//") {
            Some(0)
        } else {
            line.find(" //")
        };
        line[..comment.unwrap_or(line.len())].trim()
    });
    let lines: Vec<&str> = lines.filter(|line| !line.is_empty()).collect();
    lines.join("\n")
}

fn unknown_commands(code: &str) -> Vec<&str> {
    let words = code
        .match_indices("cargo xtask ")
        .filter_map(|(at, start)| code[at + start.len()..].split_whitespace().next());
    let is_known = |word: &&str| {
        HELP.lines()
            .any(|line| line.trim_start().split(' ').next() == Some(*word))
    };
    words.filter(|word| !is_known(word)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_is_compared_without_comments_and_indentation() {
        assert_eq!(
            bare("  // why\n  a();   // what\n\n  b(); \n"),
            "a();\nb();"
        );
        assert_eq!(bare("let url = \"https://x\";"), "let url = \"https://x\";");
    }

    #[test]
    fn commands_are_held_to_the_help() {
        assert_eq!(
            unknown_commands("cargo xtask ci\ncargo xtask no-such --x"),
            ["no-such"]
        );
    }
}
