//! A table that can be written as CSV, Markdown or HTML.

use art_core::ConfusionMatrix;
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
    /// Whether it is one to look something up in, not one to read.
    pub(super) is_detail: bool,
}

/// One entry: what a person reads, and the exact numbers behind it.
pub(super) struct Entry {
    /// For people.
    pub(super) text: String,
    /// For programs; empty for words.
    pub(super) values: Vec<f64>,
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
            strong: false,
            aside: None,
            notes: vec![],
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
    /// Takes away what points to the paper, for results on other data.
    pub(super) fn forget_paper(&mut self) {
        self.title = without_place(&self.title).to_owned();
        for entry in self.rows.iter_mut().flatten() {
            entry.notes.clear();
        }
    }

    /// Truth against prediction, a row a true class.
    pub(super) fn of_confusion(
        name: String,
        title: String,
        caption: String,
        classes: &[String],
        confusion: &ConfusionMatrix,
    ) -> Self {
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
            is_detail: true,
        }
    }

    /// Numbers in full; an entry of several numbers separates them by blanks.
    pub(super) fn to_csv(&self) -> String {
        let numbers = |entry: &Entry| {
            let numbers: Vec<String> = entry.values.iter().map(f64::to_string).collect();
            numbers.join(" ")
        };
        let field = |entry: &Entry| match &*entry.values {
            [] => entry.text.clone(),
            _ => numbers(entry),
        };
        let rows = self.rows.iter().map(|row| row.iter().map(field).collect());
        csv_text(std::iter::once(self.header.clone()).chain(rows))
    }

    pub(super) fn to_markdown(&self) -> String {
        let mut text = format!("## {}\n\n{}\n\n", self.title, self.caption);
        let _ = writeln!(text, "| {} |", self.header.join(" | "));
        let _ = writeln!(text, "|{}", "---|".repeat(self.header.len()));
        for row in &self.rows {
            let entries: Vec<String> = row
                .iter()
                .map(|entry| {
                    let bars = |text: &str| text.replace('|', "\\|").replace('\n', " ");
                    let mut shown = bars(&entry.text);
                    if entry.strong {
                        shown = format!("**{shown}**");
                    }
                    if let Some(aside) = &entry.aside {
                        let _ = write!(shown, "<br>{}", bars(aside));
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
            "title": self.title,
            "caption": self.caption,
            "header": self.header,
            "rows": self.rows.iter().map(row).collect::<Vec<_>>(),
        })
    }

    pub(super) fn to_html(&self) -> String {
        let (name, title) = (&self.name, escape(&self.title));
        let (open, close) = if self.is_detail {
            let open = format!("<details id=\"{name}\"><summary><h3>{title}</h3></summary>");
            (open, "</details>\n")
        } else {
            (
                format!("<section id=\"{name}\"><h3>{title}</h3>"),
                "</section>\n",
            )
        };
        let mut text = format!(
            "{open}<p>{}</p><div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"{title}\">\
             <table><thead><tr>",
            escape(&self.caption)
        );
        for head in &self.header {
            let _ = write!(text, "<th scope=\"col\">{}</th>", escape(head));
        }
        text.push_str("</tr></thead><tbody>");
        for row in &self.rows {
            text.push_str("<tr>");
            for (column, entry) in row.iter().enumerate() {
                let tag = if column == 0 { "th" } else { "td" };
                let scope = if column == 0 { " scope=\"row\"" } else { "" };
                let _ = write!(text, "<{tag}{scope}>{}</{tag}>", entry.to_html());
            }
            text.push_str("</tr>");
        }
        text.push_str("</tbody></table></div>");
        text + close
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

/// A title without the place in the paper that stands in brackets behind it.
pub(super) fn without_place(title: &str) -> &str {
    let places = [" (Table", " (Fig", " (section"];
    let cut = places
        .into_iter()
        .filter_map(|place| title.find(place))
        .min();
    &title[..cut.unwrap_or(title.len())]
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

/// Rows of fields as CSV.
pub(super) fn csv_text(rows: impl IntoIterator<Item = Vec<String>>) -> String {
    let mut writer = csv::Writer::from_writer(vec![]);
    for row in rows {
        writer
            .write_record(row)
            .expect("writing to memory cannot fail");
    }
    let bytes = writer.into_inner().expect("writing to memory cannot fail");
    String::from_utf8(bytes).expect("it was text")
}
