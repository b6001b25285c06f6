//! A table that can be written as CSV, Markdown or HTML.

use std::fmt::Write as _;

/// A named table.
pub(super) struct Table {
    /// File name without ending.
    pub(super) name: String,
    /// Heading.
    pub(super) title: String,
    /// What the numbers are.
    pub(super) caption: String,
    /// Column heads.
    pub(super) header: Vec<String>,
    /// Rows, each as long as the header.
    pub(super) rows: Vec<Vec<Entry>>,
}

/// One entry: what a person reads, and the exact numbers behind it.
pub(super) struct Entry {
    /// For people.
    pub(super) text: String,
    /// For programs; empty for words.
    pub(super) values: Vec<f64>,
    /// Whether it stands out.
    pub(super) strong: bool,
}

impl Entry {
    pub(super) fn word(text: impl Into<String>) -> Self {
        Self {
            text: text.into(),
            values: vec![],
            strong: false,
        }
    }

    pub(super) fn number(text: impl Into<String>, value: f64) -> Self {
        Self {
            values: vec![value],
            ..Self::word(text)
        }
    }
}

impl Table {
    /// Numbers in full; an entry of several numbers separates them by blanks.
    pub(super) fn to_csv(&self) -> String {
        let mut writer = csv::Writer::from_writer(vec![]);
        let mut write = |fields: Vec<String>| {
            writer
                .write_record(fields)
                .expect("writing to memory cannot fail");
        };
        write(self.header.clone());
        for row in &self.rows {
            let numbers = |entry: &Entry| {
                entry
                    .values
                    .iter()
                    .map(f64::to_string)
                    .collect::<Vec<_>>()
                    .join(" ")
            };
            write(
                row.iter()
                    .map(|entry| {
                        if entry.values.is_empty() {
                            entry.text.clone()
                        } else {
                            numbers(entry)
                        }
                    })
                    .collect(),
            );
        }
        let bytes = writer.into_inner().expect("writing to memory cannot fail");
        String::from_utf8(bytes).expect("it was text")
    }

    pub(super) fn to_markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.caption);
        let _ = writeln!(text, "| {} |", self.header.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(self.header.len()));
        for row in &self.rows {
            let entries: Vec<String> = row
                .iter()
                .map(|entry| {
                    let shown = entry.text.replace('|', "\\|");
                    if entry.strong {
                        format!("**{shown}**")
                    } else {
                        shown
                    }
                })
                .collect();
            let _ = writeln!(text, "| {} |", entries.join(" | "));
        }
        text
    }

    /// Aligned columns for a terminal.
    pub(super) fn to_text(&self) -> String {
        let body = self
            .rows
            .iter()
            .map(|row| row.iter().map(|entry| &*entry.text).collect());
        let lines: Vec<Vec<&str>> =
            std::iter::once(self.header.iter().map(|head| &**head).collect())
                .chain(body)
                .collect();
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

    pub(super) fn to_html(&self) -> String {
        let mut text = format!(
            "<section id=\"{}\"><h2>{}</h2><p>{}</p><div class=\"scroll\" tabindex=\"0\"><table><thead><tr>",
            self.name,
            escape(&self.title),
            escape(&self.caption)
        );
        for head in &self.header {
            let _ = write!(text, "<th scope=\"col\">{}</th>", escape(head));
        }
        text.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            text.push_str("<tr>");
            for (column, entry) in row.iter().enumerate() {
                let (open, close) = match (column, entry.strong) {
                    (0, _) => ("<th scope=\"row\">", "</th>"),
                    (_, true) => ("<td><strong>", "</strong></td>"),
                    (_, false) => ("<td>", "</td>"),
                };
                let _ = write!(text, "{open}{}{close}", escape(&entry.text));
            }
            text.push_str("</tr>");
        }
        text.push_str("</tbody></table></div></section>\n");
        text
    }
}

/// Text that is safe inside HTML.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
