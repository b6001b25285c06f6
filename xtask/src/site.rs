//! The documentation site: the repository's Markdown as a book.

use crate::{
    complain,
    links::{self, SUMMARY, chapters, is_foreign, resolved},
    markdown::links,
    pages, prose, say, snippets,
};
use std::{
    collections::BTreeSet,
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

/// Where the book's sources are put together, and where it is built.
const SOURCE: &str = "target/site-source";
const BUILT: &str = "target/site";

/// How mdBook comes to be in the project's own folder. It stays there, so it is built once.
const INSTALL: &str = "cargo install --locked --root target/tools --no-default-features --features search mdbook@0.5.4";

/// Checks the documents, and builds the site.
pub(crate) fn run() -> ExitCode {
    let faults = faults();
    if faults.is_empty() {
        build_and_check()
    } else {
        report(&faults)
    }
}

/// Builds the site where mdBook is at hand, and checks the links of what was built.
pub(crate) fn build_and_check() -> ExitCode {
    let faults = match build() {
        Ok(true) => broken_pages(Path::new(BUILT)),
        Ok(false) => {
            say(format_args!(
                "== site: SKIPPED, mdBook is not installed; install it by: {INSTALL}"
            ));
            vec![]
        }
        Err(error) => vec![error.to_string()],
    };
    report(&faults)
}

fn report(faults: &[String]) -> ExitCode {
    for fault in faults {
        complain(format_args!("error: {fault}"));
    }
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// What is wrong in the documents.
pub(crate) fn faults() -> Vec<String> {
    let mut faults = pages::faults();
    faults.extend(links::faults());
    faults.extend(snippets::faults());
    faults.extend(prose::faults());
    faults
}

/// Whether there was an mdBook to build the site with.
fn build() -> io::Result<bool> {
    let own = Path::new("target/tools/bin").join(format!("mdbook{}", env::consts::EXE_SUFFIX));
    let program = if own.exists() {
        own
    } else {
        PathBuf::from("mdbook")
    };
    if Command::new(&program).arg("--version").output().is_err() {
        return Ok(false);
    }
    put_together()?;
    let status = Command::new(program).arg("build").arg(".").status()?;
    if !status.success() {
        return Err(io::Error::other("mdBook failed"));
    }
    say(format_args!("== site: {BUILT}/index.html"));
    Ok(true)
}

/// Copies the chapters and what they show into one folder, at their places in the repository.
fn put_together() -> io::Result<()> {
    let source = Path::new(SOURCE);
    if source.exists() {
        fs::remove_dir_all(source)?;
    }
    let summary = fs::read_to_string(SUMMARY)?;
    let chapters = chapters(&summary);
    let mut shown = BTreeSet::new();
    for path in &chapters {
        let text = with_links_inside(path, &fs::read_to_string(path)?, &chapters, &mut shown);
        write(&source.join(path), text)?;
    }
    // The book takes its contents from the root of its sources.
    let at_root = |target: &str| match target {
        "" => String::new(),
        target => resolved(Path::new(SUMMARY), target)
            .to_string_lossy()
            .into_owned(),
    };
    write(
        &source.join("SUMMARY.md"),
        replaced(&summary, |target| Some(at_root(target))),
    )?;
    for path in shown {
        let to = source.join(&path);
        fs::create_dir_all(to.parent().unwrap_or(source))?;
        fs::copy(path, to)?;
    }
    Ok(())
}

fn write(path: &Path, text: String) -> io::Result<()> {
    fs::create_dir_all(path.parent().unwrap_or(Path::new("")))?;
    fs::write(path, text)
}

/// A document whose links lead to chapters and figures alone: what else of the repository it names is shown as its path.
fn with_links_inside(
    path: &Path,
    text: &str,
    chapters: &[PathBuf],
    shown: &mut BTreeSet<PathBuf>,
) -> String {
    replaced(text, |target| {
        if is_foreign(target) || target.starts_with('#') {
            return Some(target.to_owned());
        }
        let file = resolved(path, target.split('#').next().unwrap_or_default());
        let is_figure = file
            .extension()
            .is_some_and(|ending| ["png", "svg"].iter().any(|figure| ending == *figure));
        if is_figure {
            shown.insert(file.clone());
        }
        (is_figure || chapters.contains(&file)).then(|| target.to_owned())
    })
}

/// A document with other targets of links; where there is none the text stays, with the path behind it.
fn replaced(text: &str, mut new: impl FnMut(&str) -> Option<String>) -> String {
    let found = links(text);
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    // From the end, so that places in front stay.
    for (number, at, target) in found.into_iter().rev() {
        let line = &mut lines[number - 1];
        let end = at + target.len();
        if let Some(target) = new(target) {
            line.replace_range(at..end, &target);
        } else {
            let start = line[..at].rfind('[').unwrap_or(at);
            let shown = line[start + 1..at - 2].trim_matches('`').to_owned();
            let path = if target.ends_with(&shown) {
                format!("`{target}`")
            } else {
                format!("{shown} (`{target}`)")
            };
            line.replace_range(start..=end, &path);
        }
    }
    lines.join("\n") + "\n"
}

/// Links inside the built site that lead nowhere.
fn broken_pages(folder: &Path) -> Vec<String> {
    let mut faults = vec![];
    for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            faults.extend(broken_pages(&path));
            continue;
        }
        let is_page = path.extension().is_some_and(|ending| ending == "html");
        if !is_page || path.ends_with("404.html") {
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for mark in ["href=\"", "src=\""] {
            for (at, _) in text.match_indices(mark) {
                let target = text[at + mark.len()..]
                    .split(['"', '#'])
                    .next()
                    .unwrap_or_default();
                let is_inside =
                    !target.is_empty() && !is_foreign(target) && !target.starts_with("data:");
                if is_inside && !resolved(&path, target).exists() {
                    faults.push(format!("{}: nothing is at {target}", path.display()));
                }
            }
        }
    }
    faults
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_out_of_the_book_become_paths() {
        let text = "a [b](c.rs) [`d.rs`](x/d.rs) [e](f.md#g)\n";
        let new = replaced(text, |target| {
            target.contains(".md").then(|| target.to_owned())
        });
        assert_eq!(new, "a b (`c.rs`) `x/d.rs` [e](f.md#g)\n");
    }
}
