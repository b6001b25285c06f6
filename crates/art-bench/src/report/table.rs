//! A table that can be written as CSV, Markdown or HTML.

use super::place::{Place, heading};
use crate::terminal::{is_obeyed, terminal_field};
use art_core::ConfusionMatrix;
use std::{borrow::Cow, fmt::Write as _};

/// Most classes that are shown one against the other.
const MOST_CLASSES: usize = 50;
/// Most errors that are listed where there are more classes.
const MOST_ERRORS: usize = 50;

/// A named table.
#[derive(Clone)]
pub(super) struct Table {
    /// File name without ending.
    pub(super) name: String,
    /// What it is.
    pub(super) title: String,
    /// Where the paper has such a table.
    pub(super) place: Option<Place>,
    /// What the numbers are.
    pub(super) caption: String,
    /// Column heads.
    pub(super) header: Vec<String>,
    /// Rows, each as long as the header.
    pub(super) rows: Vec<Vec<Entry>>,
    /// Whether it is one to look something up in, not one to read.
    pub(super) is_detail: bool,
}

/// One entry: what a person reads, and the exact numbers behind it.
#[derive(Clone)]
pub(super) struct Entry {
    /// For people.
    pub(super) text: String,
    /// For programs; empty for words. What they are is told by how many there are: a number; an interval, or how many of
    /// how many; or mean, standard deviation and number of runs.
    pub(super) values: Vec<f64>,
    /// Whether two numbers are the ends of an interval.
    pub(super) is_interval: bool,
    /// Whether it stands out.
    pub(super) strong: bool,
    /// A second line for people, such as what others found.
    pub(super) aside: Option<String>,
    /// Numbers of the notes that touch it.
    pub(super) notes: Vec<usize>,
}

impl Entry {
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            values: vec![],
            is_interval: false,
            strong: false,
            aside: None,
            notes: vec![],
        }
    }

    /// Whether it is a sentence rather than a word.
    fn is_prose(&self) -> bool {
        const LONGEST_WORD: usize = 30;
        self.values.is_empty() && self.text.chars().count() > LONGEST_WORD
    }

    /// What its numbers are called.
    pub(super) fn names(&self) -> &'static [&'static str] {
        match (self.values.len(), self.is_interval) {
            (0, _) => &[],
            (1, _) => &["value"],
            (2, true) => &["low", "high"],
            (2, false) => &["n", "of"],
            _ => &["mean", "sd", "n"],
        }
    }

    pub(super) fn number(text: impl Into<String>, value: f64) -> Self {
        Self {
            values: vec![value],
            ..Self::word(text)
        }
    }

    pub(super) fn strong_if(mut self, strong: bool) -> Self {
        self.strong = strong;
        self
    }

    pub(super) fn aside(mut self, aside: Option<String>) -> Self {
        self.aside = aside;
        self
    }

    pub(super) fn notes(mut self, notes: Vec<usize>) -> Self {
        self.notes = notes;
        self
    }
}

impl Table {
    /// The title with the place in the paper.
    pub(super) fn heading(&self) -> String {
        heading(&self.title, self.place)
    }

    /// Takes away what points to the paper, for results on other data.
    pub(super) fn forget_paper(&mut self) {
        self.place = None;
        for entry in self.rows.iter_mut().flatten() {
            entry.notes.clear();
        }
    }

    /// Truth against prediction, a row a true class; of very many classes the most frequent errors alone.
    pub(super) fn of_confusion(
        name: String,
        title: String,
        caption: String,
        classes: &[String],
        confusion: &ConfusionMatrix,
    ) -> Self {
        if classes.len() > MOST_CLASSES {
            return Self::of_errors(name, title, &caption, classes, confusion);
        }
        let row = |(truth, class): (usize, &String)| {
            let count = |predicted: usize| {
                let count = confusion.count(truth, predicted);
                Entry::number(count.to_string(), count as f64).strong_if(predicted == truth)
            };
            let entries = (0..classes.len()).map(count);
            std::iter::once(Entry::word(class.clone()))
                .chain(entries)
                .collect()
        };
        let predicted = classes.iter().map(|name| format!("as {name}"));
        Self {
            name,
            title,
            caption,
            header: std::iter::once("truth".to_owned())
                .chain(predicted)
                .collect(),
            rows: classes.iter().enumerate().map(row).collect(),
            place: None,
            is_detail: true,
        }
    }

    /// The most frequent pairs of truth and another class as prediction.
    fn of_errors(
        name: String,
        title: String,
        caption: &str,
        classes: &[String],
        confusion: &ConfusionMatrix,
    ) -> Self {
        let pairs = confusion
            .pairs()
            .filter(|(truth, predicted, _)| truth != predicted);
        let mut pairs: Vec<(u64, usize, usize)> = pairs.map(|(t, p, n)| (n, t, p)).collect();
        pairs.sort_by_key(|&(n, truth, predicted)| (std::cmp::Reverse(n), truth, predicted));
        let n_pairs = pairs.len();
        let rows = pairs.into_iter().take(MOST_ERRORS);
        let row = |(n, truth, predicted): (u64, usize, usize)| {
            vec![
                Entry::word(classes[truth].clone()),
                Entry::word(classes[predicted].clone()),
                Entry::number(n.to_string(), n as f64),
            ]
        };
        let shown = n_pairs.min(MOST_ERRORS);
        let caption = format!(
            "{caption} The {shown} most frequent errors of {n_pairs}: a table of {} classes against one another would \
             be too large.",
            classes.len()
        );
        Self {
            name,
            title,
            caption: caption.trim_start().to_owned(),
            header: words(&["truth", "taken for", "rows"]),
            rows: rows.map(row).collect(),
            place: None,
            is_detail: true,
        }
    }

    /// Numbers in full; an entry of several numbers separates them by blanks.
    pub(super) fn to_markdown(&self) -> String {
        let mut text = format!(
            "## {}\n\n{}\n\n",
            markdown_line(&self.heading()),
            markdown_line(&self.caption)
        );
        let header: Vec<String> = self.header.iter().map(|head| markdown(head)).collect();
        let _ = writeln!(text, "| {} |", header.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(self.header.len()));
        for row in &self.rows {
            let entries: Vec<String> = row
                .iter()
                .map(|entry| {
                    let mut shown = markdown(&entry.text);
                    if entry.strong {
                        shown = format!("**{shown}**");
                    }
                    if let Some(aside) = &entry.aside {
                        let _ = write!(shown, "<br>{}", markdown(aside));
                    }
                    for note in &entry.notes {
                        let _ = write!(shown, " [{note}]");
                    }
                    shown
                })
                .collect();
            let _ = writeln!(text, "| {} |", entries.join(" | "));
        }
        text
    }

    /// Aligned columns for a terminal.
    pub(super) fn to_text(&self) -> String {
        let body = self.rows.iter().map(|row| {
            row.iter()
                .map(|entry| terminal_field(&entry.text))
                .collect()
        });
        let header = self.header.iter().map(|head| terminal_field(head));
        let lines: Vec<Vec<Cow<'_, str>>> = std::iter::once(header.collect()).chain(body).collect();
        let width = |column: usize| {
            let texts = lines.iter().map(|line| line[column].chars().count());
            texts.max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..self.header.len()).map(width).collect();
        let mut text = String::new();
        for line in &lines {
            let entries = line
                .iter()
                .zip(&widths)
                .map(|(entry, width)| format!("{entry:<width$}"));
            let _ = writeln!(
                text,
                "{}",
                entries.collect::<Vec<_>>().join("  ").trim_end()
            );
        }
        text
    }

    /// What a program reads: for each entry the text and the exact numbers.
    pub(super) fn to_json(&self) -> serde_json::Value {
        let entry = |entry: &Entry| {
            serde_json::json!({
                "text": entry.text,
                "values": entry.values,
                "beside": entry.aside,
                "notes": entry.notes,
            })
        };
        let row = |row: &Vec<Entry>| row.iter().map(entry).collect::<Vec<_>>();
        serde_json::json!({
            "name": self.name,
            "title": self.heading(),
            "caption": self.caption,
            "header": self.header,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    /// The table alone as HTML, in a box that scrolls sideways; `label` says to a screen reader what it is.
    pub(super) fn grid(&self, label: &str) -> String {
        let mut text = format!(
            "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table class=\"sortable\"><thead><tr>",
            escape(label)
        );
        let is_prose = |column: usize| {
            let mut entries = self.rows.iter().filter_map(|row| row.get(column));
            column > 0 && entries.any(Entry::is_prose)
        };
        let of_prose: Vec<bool> = (0..self.header.len()).map(is_prose).collect();
        for (head, is_prose) in self.header.iter().zip(&of_prose) {
            let class = if *is_prose { " class=\"prose\"" } else { "" };
            let _ = write!(text, "<th scope=\"col\"{class}>{}</th>", escape(head));
        }
        text.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            text.push_str("<tr>");
            for (column, entry) in row.iter().enumerate() {
                let tag = if column == 0 { "th" } else { "td" };
                let attribute = match column {
                    0 => " scope=\"row\"",
                    _ if of_prose.get(column) == Some(&true) => " class=\"prose\"",
                    _ => "",
                };
                let _ = write!(text, "<{tag}{attribute}>{}</{tag}>", entry.to_html());
            }
            text.push_str("</tr>");
        }
        text + "</tbody></table></div>"
    }

    /// The same table with the largest numbers of a column first; rows without one come last, in the order that they had.
    pub(super) fn sorted_by(mut self, column: usize) -> Self {
        let value = |row: &Vec<Entry>| {
            let values = row.get(column).map(|entry| &entry.values);
            values.and_then(|values| values.first().copied())
        };
        let order = |row: &Vec<Entry>| value(row).unwrap_or(f64::NEG_INFINITY);
        self.rows.sort_by(|a, b| order(b).total_cmp(&order(a)));
        self
    }
}

impl Entry {
    fn to_html(&self) -> String {
        let mut text = escape(&self.text);
        if self.strong {
            text = format!("<strong>{text}</strong>");
        }
        for note in &self.notes {
            let _ = write!(
                text,
                "<sup><a href=\"#note-{note}\" aria-label=\"note {note}\">{note}</a></sup>"
            );
        }
        if let Some(aside) = &self.aside {
            let _ = write!(text, "<br><small>{}</small>", escape(aside));
        }
        text
    }
}

/// Column heads.
pub(super) fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

/// Text that is safe inside HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Text inside a cell of a Markdown table: nothing in it ends the cell, begins a tag or changes how it is shown.
fn markdown(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' | '|' | '`' | '*' | '[' | ']' => safe.extend(['\\', c]),
            '<' => safe += "&lt;",
            '&' => safe += "&amp;",
            c if is_obeyed(c) => safe.push(' '),
            c => safe.push(c),
        }
    }
    safe
}

/// A sentence of a Markdown page on one line, without tags; what it marks as code stays so.
pub(super) fn markdown_line(text: &str) -> String {
    let text = text.replace(is_obeyed, " ");
    text.replace('<', "&lt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_break_no_markdown_table() {
        let table = Table {
            name: "t".into(),
            title: "of <b>a</b>\n# b".into(),
            caption: "As `code` says.".into(),
            header: vec!["class".into(), "a|b\n".into()],
            rows: vec![vec![
                Entry::word("<script> `x` *y* [z](u) \\|"),
                Entry::number("1\u{1b}[31m", 1.0).aside(Some("c|d".into())),
            ]],
            place: None,
            is_detail: false,
        };
        let expected = "## of &lt;b>a&lt;/b> # b\n\nAs `code` says.\n\n| class | a\\|b  |\n|---|---|\n| &lt;script> \
                        \\`x\\` \\*y\\* \\[z\\](u) \\\\\\| | 1 \\[31m<br>c\\|d |\n";
        assert_eq!(table.to_markdown(), expected);
        assert!(table.to_text().contains("1\\u001b[31m"));
    }

    #[test]
    fn of_many_classes_the_most_frequent_errors_are_shown() {
        let k = MOST_CLASSES + 10;
        let mut rows = vec![vec![0; k]; k];
        for class in 0..k {
            rows[class][class] = 9;
            rows[class][(class + 1) % k] = class as u64;
        }
        let confusion = ConfusionMatrix::from_rows(&rows).expect("it is square");
        let names: Vec<String> = (0..k).map(|class| format!("c{class}")).collect();
        let [name, title] = ["t", "T"].map(String::from);
        let table = Table::of_confusion(name, title, "Test rows.".into(), &names, &confusion);
        assert_eq!(table.rows.len(), MOST_ERRORS);
        assert_eq!(table.rows[0][0].text, format!("c{}", k - 1));
        assert_eq!(
            (&*table.rows[0][1].text, &*table.rows[0][2].text),
            ("c0", "59")
        );
        assert!(
            table
                .caption
                .starts_with("Test rows. The 50 most frequent errors of 59")
        );
    }
}
