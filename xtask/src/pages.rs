//! A page for each method, from what is written elsewhere: the index of the registry says what there is, the docs of the code how
//! it works, and tables of committed results how it did.

use crate::{
    complain,
    links::SUMMARY,
    markdown::{Line, lines},
    modules::sources,
    say,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    fmt::Write as _,
    fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
};

mod docs;
mod evidence;

use docs::Docs;
use evidence::Evidence;

const INDEX: &str = "docs/methods.md";
const FOLDER: &str = "docs/methods";
const WRITE: &str = "writing to a string";

/// A method or a decision rule, as the index has it.
struct Entry {
    id: String,
    title: String,
    about: String,
    sources: String,
    code: Vec<String>,
    settings: Vec<String>,
    /// The heading that it stands below.
    kind: String,
}

impl Entry {
    /// The entries of the index.
    fn all(index: &str) -> Vec<Self> {
        let mut kind = String::new();
        let mut entries: Vec<Self> = vec![];
        for (_, line) in lines(index) {
            match line {
                Line::Text(line) => {
                    if let Some(heading) = line.strip_prefix("## ") {
                        heading.clone_into(&mut kind);
                    }
                }
                Line::Row(row) => {
                    let cells: Vec<&str> = row.split('|').map(str::trim).collect();
                    entries.extend(Self::of(&cells, &kind));
                    add_code(&mut entries, &cells);
                }
                Line::Code(_) => {}
            }
        }
        entries
    }

    fn of(cells: &[&str], kind: &str) -> Option<Self> {
        let [_, name, title, about, source, _] = cells else {
            return None;
        };
        let (_, page) = name.split_once("](methods/")?;
        Some(Self {
            id: page.trim_end_matches(".md)").to_owned(),
            title: (*title).to_owned(),
            about: (*about).to_owned(),
            sources: (*source).to_owned(),
            code: vec![],
            settings: vec![],
            kind: kind.to_owned(),
        })
    }

    fn is_rule(&self) -> bool {
        self.kind.starts_with("Decision rules")
    }

    fn is_control(&self) -> bool {
        self.about.starts_with("control:")
    }

    /// What it is.
    fn label(&self) -> &'static str {
        match self.kind.split([':', ' ']).next().unwrap_or_default() {
            _ if self.is_control() => "Control",
            "Plain" => "Plain training",
            "Resamplers" => "Resampler",
            "Samplers" => "Sampler",
            "Losses" => "Loss",
            "Second" => "Second stage",
            "Networks" => "Network",
            _ => "Decision rule",
        }
    }

    /// When to take it.
    fn when(&self) -> &'static str {
        if self.is_control() {
            return "It is a control: it shows which part of a method brings a gain. It is not meant for use.";
        }
        match self.kind.split([':', ' ']).next().unwrap_or_default() {
            "Plain" => "First, always: every other method is compared with it.",
            "Resamplers" => {
                "Where the rows are for a trainer that you cannot change, or for a classifier of any kind. \
                 Predicted probabilities then hold for the resampled class proportions, and need a correction."
            }
            "Samplers" => {
                "Where you own the training loop and it takes rows by index. Each epoch draws its rows anew. A sampler with \
                 feedback also needs a validation part that holds every class."
            }
            "Losses" => {
                "Where the loss can be exchanged and the order of rows cannot. Combine it with re-sampling only on purpose: \
                 both correct for the same class proportions."
            }
            "Second" => {
                "Where a trained network is kept and its last layer alone may be trained again."
            }
            "Networks" => {
                "Where the features are few or simple: it is what every larger network has to beat."
            }
            _ => {
                "After training, with any method: nothing is trained again, and the adjustment can be taken back. It needs \
                 validation rows of every class."
            }
        }
    }

    fn page(&self, docs: &Docs, evidence: &Evidence) -> String {
        let mut text = String::new();
        let mut line = |line: &str| {
            text.push_str(line);
            text.push('\n');
        };
        let name = if self.is_rule() {
            format!("METHOD+{}", self.id)
        } else {
            self.id.clone()
        };
        line(&format!("# {} (`{name}`)\n", self.title));
        line("<!-- Written by `cargo xtask site --pages`; do not edit. -->\n");
        line(&format!(
            "**{}.** {}.\n",
            self.label(),
            upper(self.about.trim_start_matches("control: "))
        ));
        match &*self.sources {
            "" => line("Source: this project.\n"),
            sources => line(&format!("Source: {sources}.\n")),
        }
        if !self.is_control() {
            let method = if self.is_rule() {
                format!("baseline+{}", self.id)
            } else {
                self.id.clone()
            };
            line(&format!(
                "```sh\nart train TABLE.csv --target COLUMN --method {method}\n```\n"
            ));
        }
        line(&format!("## When\n\n{}\n", self.when()));
        if !self.settings.is_empty() {
            line("## Settings\n\n| setting and default | what tuning may try |\n|---|---|");
            for setting in &self.settings {
                let (setting, domain) = split_setting(setting);
                line(&format!("| {setting} | {domain} |"));
            }
            line("");
        }
        line("## How it works\n");
        for path in &self.code {
            line(&format!("### `{path}`\n\n{}\n", docs.of(path)));
        }
        line("## Our evidence\n");
        line(&evidence.of(&self.id, self.is_rule()));
        line(
            "[All methods](../methods.md) · [which one to take](../guide.md) · [glossary](../glossary.md)",
        );
        text
    }
}

/// Gives the entry that a row of code and settings is of what the row says.
fn add_code(entries: &mut [Entry], cells: &[&str]) {
    let [_, name, code, settings, _] = cells else {
        return;
    };
    let id = name.trim_matches('`').trim_start_matches("METHOD+");
    let list = |cell: &str, between: &str| {
        let items = cell.split(between).filter(|item| !item.is_empty());
        items.map(str::to_owned).collect()
    };
    if let Some(entry) = entries.iter_mut().find(|entry| entry.id == id) {
        entry.code = list(&code.replace('`', ""), ", ");
        entry.settings = list(settings, "; ");
    }
}

/// `blend (c) 0.5 (0.05 to 0.95)` in two.
fn split_setting(setting: &str) -> (&str, &str) {
    let found = setting
        .strip_suffix(')')
        .and_then(|text| text.rsplit_once(" ("));
    // The brackets of a second name are followed by the default.
    found.unwrap_or((setting, "not tuned"))
}

fn upper(text: &str) -> String {
    let mut letters = text.chars();
    let first = letters.next().map(|c| c.to_uppercase().to_string());
    first.unwrap_or_default() + letters.as_str()
}

/// The pages, by path.
fn pages() -> Result<BTreeMap<PathBuf, String>, String> {
    let index = fs::read_to_string(INDEX).map_err(|error| format!("{INDEX}: {error}"))?;
    let entries = Entry::all(&index);
    let (docs, evidence) = (Docs::read(), Evidence::read(&entries)?);
    let page = |entry: &Entry| {
        let path = Path::new(FOLDER).join(format!("{}.md", entry.id));
        (path, entry.page(&docs, &evidence))
    };
    Ok(entries.iter().map(page).collect())
}

/// Pages that are missing, too many or out of date.
pub(crate) fn faults() -> Vec<String> {
    const REMEDY: &str = "write it by `cargo xtask site --pages`";
    let pages = match pages() {
        Ok(pages) => pages,
        Err(fault) => return vec![fault],
    };
    let mut faults = vec![];
    for (path, page) in &pages {
        if fs::read_to_string(path).ok().as_ref() != Some(page) {
            faults.push(format!("{} is out of date; {REMEDY}", path.display()));
        }
        if page.contains(docs::NONE) {
            faults.push(format!(
                "{}: a part of its code has no docs",
                path.display()
            ));
        }
    }
    for path in written() {
        if !pages.contains_key(&path) {
            faults.push(format!("{} is of no method; remove it", path.display()));
        }
    }
    faults
}

/// Whether a line of the table of contents is of methods, or of a kind of them.
fn is_of_methods(line: &str) -> bool {
    line.contains("](methods/") || line.ends_with("]()")
}

/// The table of contents with a place for each method below their index.
fn with_places(summary: &str, entries: &[Entry]) -> String {
    let mut text = String::new();
    for line in summary.lines().filter(|line| !is_of_methods(line)) {
        writeln!(text, "{line}").expect(WRITE);
        if !line.contains("](methods.md)") {
            continue;
        }
        let mut kind = "";
        for entry in entries {
            let of_entry = entry.kind.split([':', ',']).next().unwrap_or_default();
            if of_entry != kind {
                kind = of_entry;
                writeln!(text, "  - [{kind}]()").expect(WRITE);
            }
            let Entry { id, title, .. } = entry;
            writeln!(text, "    - [{title}](methods/{id}.md)").expect(WRITE);
        }
    }
    text
}

fn written() -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(FOLDER).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).collect()
}

/// Writes the pages, and their places in the book.
pub(crate) fn write() -> ExitCode {
    let write_all = |pages: BTreeMap<PathBuf, String>| {
        fs::create_dir_all(FOLDER)?;
        for (path, page) in &pages {
            fs::write(path, page)?;
        }
        let index = fs::read_to_string(INDEX)?;
        let summary = fs::read_to_string(SUMMARY)?;
        fs::write(SUMMARY, with_places(&summary, &Entry::all(&index)))?;
        Ok(pages.len())
    };
    let written = |pages| write_all(pages).map_err(|error: io::Error| error.to_string());
    match pages().and_then(written) {
        Ok(n) => {
            say(format_args!("{n} pages in {FOLDER}"));
            ExitCode::SUCCESS
        }
        Err(error) => {
            complain(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}
