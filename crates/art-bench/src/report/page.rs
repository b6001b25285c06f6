//! A page that needs nothing else: what stands on it, its contents, and what its words mean.

use super::{
    glossary::{Explained, explained},
    markup::Figures,
    table::{Table, escape},
};
use std::fmt::Write as _;

const STYLE: &str = include_str!("report.css");
/// Sorts tables; the page is whole without it.
const SORT: &str = include_str!("sort.js");

/// Whether a section is open at first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shown {
    Open,
    Folded,
}

/// A page in the making.
pub(super) struct Page {
    title: String,
    main: String,
    /// Chapters, each with the ids and titles of its sections.
    contents: Vec<(String, Vec<(String, String)>)>,
}

impl Page {
    /// A page with its title as heading.
    pub(super) fn new(title: &str) -> Self {
        let title = escape(title);
        Self {
            main: format!("<h1>{title}</h1>\n"),
            title,
            contents: vec![],
        }
    }

    /// What stands on no list of contents.
    pub(super) fn add(&mut self, html: &str) {
        self.main += html;
    }

    /// Begins a chapter.
    pub(super) fn chapter(&mut self, title: &str) {
        let title = escape(title);
        let _ = writeln!(self.main, "<h2>{title}</h2>");
        self.contents.push((title, vec![]));
    }

    /// A section of the chapter. What is folded has its id inside: a browser that follows a link to it unfolds it.
    pub(super) fn section(&mut self, id: &str, title: &str, body: &str, shown: Shown) {
        let (id, title) = (escape(id), escape(title));
        let _ = match shown {
            Shown::Open => writeln!(
                self.main,
                "<section id=\"{id}\"><h3>{title}</h3>{body}</section>"
            ),
            Shown::Folded => writeln!(
                self.main,
                "<details><summary><h3>{title}</h3></summary><div id=\"{id}\">{body}</div></details>"
            ),
        };
        if let Some((_, sections)) = self.contents.last_mut() {
            sections.push((id, title));
        }
    }

    /// A table as a section.
    pub(super) fn table(&mut self, table: &Table, shown: Shown) {
        let title = table.heading();
        let caption = match &*table.caption {
            "" => String::new(),
            caption => format!("<p>{}</p>", escape(caption)),
        };
        self.section(&table.name, &title, &(caption + &table.grid(&title)), shown);
    }

    /// Figures as a section.
    pub(super) fn figures(&mut self, figures: &Figures, shown: Shown) {
        self.section(figures.id, &figures.heading(), &figures.body(), shown);
    }

    /// The whole page. Contents come behind what they are of, so that a narrow screen begins with the answer.
    pub(super) fn finish(mut self) -> String {
        let Explained { html, terms } = explained(&self.main);
        self.main = html;
        if !terms.is_empty() {
            let mut list = String::from("<dl>");
            for (word, meaning) in terms {
                let _ = write!(list, "<dt>{word}</dt><dd>{meaning}</dd>");
            }
            self.chapter("Words");
            self.section(
                "words",
                "What the words mean",
                &(list + "</dl>"),
                Shown::Folded,
            );
        }
        let mut nav = String::new();
        for (chapter, sections) in self.contents.iter().filter(|(_, s)| !s.is_empty()) {
            let _ = write!(nav, "<li>{chapter}<ul>");
            for (id, title) in sections {
                let _ = write!(nav, "<li><a href=\"#{id}\">{title}</a></li>");
            }
            nav += "</ul></li>";
        }
        let Self { title, main, .. } = self;
        format!(
            "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
             <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
             <title>{title}</title><style>{STYLE}</style></head>\n<body>\
             <a class=\"skip\" href=\"#content\">Skip to the results</a>\
             <a class=\"skip\" href=\"#contents\">Skip to the contents</a>\n\
             <main id=\"content\" tabindex=\"-1\">{main}</main>\n\
             <nav id=\"contents\" aria-label=\"Contents\"><ul>{nav}</ul></nav>\n<script>{SORT}</script></body></html>\n"
        )
    }
}
