//! What the docs of an item say, as a part of a page.

use super::sources;
use std::{fs, path::Path};

/// What stands where an item has no docs.
pub(super) const NONE: &str = "(no docs)";

/// Sections of docs that are for callers alone.
const FOR_CALLERS: [&str; 3] = ["Errors", "Panics", "Examples"];

/// The sources of the libraries.
pub(super) struct Docs {
    /// Crate, as code names it, and text.
    sources: Vec<(String, String)>,
}

impl Docs {
    pub(super) fn read() -> Self {
        let mut found = vec![];
        for entry in fs::read_dir("crates").into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().replace('-', "_");
            let mut files = vec![];
            sources(&entry.path().join(Path::new("src")), &mut files);
            let text = |file| (name.clone(), fs::read_to_string(file).unwrap_or_default());
            found.extend(files.iter().map(text));
        }
        Self { sources: found }
    }

    /// The docs of `crate::Type` or `crate::Type::function`, without examples, as Markdown below a heading of the third level.
    pub(super) fn of(&self, path: &str) -> String {
        let mut parts = path.split("::");
        let (name, item, function) = (parts.next(), parts.next(), parts.next());
        let of_crate = self.sources.iter().filter(|(of, _)| Some(&**of) == name);
        let found = of_crate.filter_map(|(_, text)| {
            let at = declared(text, item?, &["struct", "enum", "fn"])?;
            Some(match function {
                None => (text, at),
                Some(function) => (text, declared(text, function, &["fn"])?),
            })
        });
        let docs = found
            .map(|(text, at)| prose(&text[..at]))
            .find(|docs| !docs.is_empty());
        docs.unwrap_or_else(|| NONE.to_owned())
    }
}

/// Where the line begins that declares a public item.
fn declared(text: &str, item: &str, kinds: &[&str]) -> Option<usize> {
    let mut at = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start();
        let declares = kinds.iter().any(|kind| {
            let rest = bare.strip_prefix("pub ").and_then(|rest| {
                let rest = rest.strip_prefix("const ").unwrap_or(rest);
                rest.strip_prefix(kind)?
                    .strip_prefix(' ')?
                    .strip_prefix(item)
            });
            rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_alphanumeric() || c == '_'))
        });
        if declares {
            return Some(at);
        }
        at += line.len();
    }
    None
}

/// The docs that stand at the end of `text`, in front of attributes.
fn prose(text: &str) -> String {
    let lines = text.lines().rev().map(str::trim);
    let lines = lines.skip_while(|line| line.starts_with("#[") || line.ends_with(")]"));
    let mut docs: Vec<&str> = lines.map_while(|line| line.strip_prefix("///")).collect();
    docs.reverse();
    let mut kept: Vec<String> = vec![];
    let (mut is_code, mut is_for_callers, mut is_table) = (false, false, false);
    for line in docs {
        let line = line.strip_prefix(' ').unwrap_or(line);
        if line.starts_with("```") {
            is_code = !is_code;
            continue;
        }
        if let Some(heading) = line.strip_prefix("# ") {
            is_for_callers = FOR_CALLERS.contains(&heading);
        }
        // The settings of the method stand above.
        is_table = line.starts_with('|') && (is_table || line.starts_with("| parameter"));
        if is_code || is_for_callers || is_table {
            continue;
        }
        let line = line
            .strip_prefix("# ")
            .map_or(line.to_owned(), |heading| format!("**{heading}**\n"));
        let is_gap = line.is_empty() && kept.last().is_none_or(String::is_empty);
        if !is_gap {
            kept.push(line);
        }
    }
    without_links(kept.join("\n").trim_end())
}

/// Links to items become their text: they lead nowhere outside the docs of the crate.
fn without_links(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('[') {
        kept.push_str(&rest[..start]);
        rest = &rest[start..];
        let Some(end) = rest.find(']') else { break };
        // An interval that is open on the right.
        if rest[1..end].contains('[') {
            kept.push('[');
            rest = &rest[1..];
            continue;
        }
        let (shown, behind) = (&rest[1..end], &rest[end + 1..]);
        let target = behind
            .strip_prefix('(')
            .and_then(|target| Some(&target[..target.find(')')?]));
        match target {
            Some(target) if target.starts_with("http") => {
                kept.push_str(&rest[..end + 3 + target.len()]);
            }
            Some(_) => kept.push_str(shown),
            None if shown.starts_with('`') && shown.ends_with('`') => kept.push_str(shown),
            None => kept.push_str(&rest[..=end]),
        }
        rest = &behind[target.map_or(0, |target| target.len() + 2)..];
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn docs_become_prose_without_examples_and_links() {
        let text = "/// Not this.\nstruct Other;\n\n/// One [`A`](b::A) of `[0, 1)` and [`C`].\n///\n/// | parameter | x |\n/// |---|---|\n///\n/// ```\n/// code\n/// ```\n///\n\
                    /// # Errors\n/// None.\n///\n/// # References\n/// A [link](https://x).\n#[derive(Clone)]\npub struct Item<T> {";
        let at = declared(text, "Item", &["struct"]).expect("it is there");
        assert_eq!(
            prose(&text[..at]),
            "One `A` of `[0, 1)` and `C`.\n\n**References**\n\nA [link](https://x)."
        );
        assert_eq!(declared(text, "Ite", &["struct"]), None);
    }
}
