//! Libraries speak of themselves: what an option of a program is called is known to the program alone.

use crate::modules::{code, sources};
use std::{fs, path::Path};

/// What is a program, or writes a page about one.
const PROGRAMS: [&str; 3] = [
    "crates/art-cli/src",
    "crates/art-bench/src/program",
    "crates/art-methods/src/index.rs",
];

/// Texts of the libraries below `crates` that name an option of a program.
pub(crate) fn faults(crates: &Path) -> Vec<String> {
    let mut files = vec![];
    let Ok(entries) = fs::read_dir(crates) else {
        return vec![format!("{} cannot be read", crates.display())];
    };
    for entry in entries.flatten() {
        sources(&entry.path().join("src"), &mut files);
    }
    files.sort();
    files.retain(|file| !PROGRAMS.iter().any(|program| file.starts_with(program)));
    let mut faults = vec![];
    for file in files {
        let text = fs::read_to_string(&file).unwrap_or_default();
        for flag in flags(&code(&text)) {
            faults.push(format!(
                "{}: a text of a library names the option {flag}; say what is wrong, and let the program name its options",
                file.display()
            ));
        }
    }
    faults
}

/// The options inside the text literals of a source without comments.
fn flags(code: &str) -> Vec<String> {
    let mut flags = vec![];
    let mut rest = code;
    // A quote in a character, or behind a backslash, begins no text.
    while let Some(start) = rest.find('"') {
        let is_char = rest[..start].ends_with('\'') && rest[start + 1..].starts_with('\'');
        rest = &rest[start + 1..];
        if is_char || rest.is_empty() {
            continue;
        }
        let mut is_escaped = false;
        let ends = |c: char| {
            let is_end = c == '"' && !is_escaped;
            is_escaped = c == '\\' && !is_escaped;
            is_end
        };
        let end = rest.find(ends).unwrap_or(rest.len());
        flags.extend(named(&rest[..end]));
        rest = rest.get(end + 1..).unwrap_or_default();
    }
    flags
}

/// The options that a text names: two hyphens and a letter, with nothing but a space or a bracket in front.
fn named(text: &str) -> impl Iterator<Item = String> {
    text.match_indices("--").filter_map(|(at, _)| {
        let is_start = |c: char| c.is_whitespace() || "(`'".contains(c);
        let name = text[at + 2..].chars();
        let name: String = name
            .take_while(|c| c.is_ascii_lowercase() || *c == '-')
            .collect();
        let begins = text[..at].chars().next_back().is_none_or(is_start);
        (begins && name.starts_with(|c: char| c.is_ascii_lowercase())).then(|| format!("--{name}"))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn options_are_found_in_texts_alone() {
        let code = |text: &str| flags(&code(text));
        assert_eq!(code(r#"error("leave it out (--ignore x)")"#), ["--ignore"]);
        assert_eq!(code("\"one \\\n  two --not-missing\""), ["--not-missing"]);
        assert_eq!(
            code(r#"format!("--seeds {n} \" `--out`")"#),
            ["--seeds", "--out"]
        );
        for text in [
            "// \"--ignore\"",
            "i --x; \"a\"",
            r#"f('"'); a --b; f('"')"#,
            r#""a -- b --- c, a--b, --1""#,
            "#[cfg(test)]\nmod tests { \"--ignore\" }",
        ] {
            assert!(code(text).is_empty(), "{text}");
        }
    }
}
