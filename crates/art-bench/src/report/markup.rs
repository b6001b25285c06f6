//! Pieces of a page as HTML: lists, legends, figures with their captions.

use super::{
    place::{Place, heading},
    table::escape,
};
use std::fmt::Write as _;

/// A list under a heading; nothing for an empty list.
pub(super) fn list_section(class: &str, title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "<section class=\"{class}\"><h2>{title}</h2>{}</section>\n",
        list(lines)
    )
}

/// A list of sentences.
pub(super) fn list(lines: &[String]) -> String {
    let items = lines
        .iter()
        .map(|line| format!("<li>{}</li>", escape(line)));
    format!("<ul>{}</ul>", items.collect::<String>())
}

/// Sentences, a paragraph each.
pub(super) fn paragraphs(lines: &[String]) -> String {
    let items = lines.iter().map(|line| format!("<p>{}</p>", escape(line)));
    items.collect()
}

/// Colors with their names.
pub(super) fn legend(lines: &[(String, String)]) -> String {
    let mut list = String::from("<ul class=\"legend\">");
    for (color, name) in lines {
        let _ = write!(
            list,
            "<li><span style=\"background:{color}\"></span>{}</li>",
            escape(name)
        );
    }
    list + "</ul>"
}

/// A bar from nothing to all, as long as a share of it.
pub(super) fn share_bar(share: f64, class: &str) -> String {
    let percent = 100.0 * share.clamp(0.0, 1.0);
    format!("<span class=\"share {class}\"><span style=\"width:{percent:.0}%\"></span></span>")
}

/// Figures that belong together.
pub(super) struct Figures {
    pub(super) id: &'static str,
    pub(super) title: &'static str,
    /// Where the paper has such figures.
    pub(super) place: Option<Place>,
    pub(super) caption: &'static str,
    /// Drawing and what stands under it, as HTML.
    pub(super) drawings: Vec<(String, String)>,
}

impl Figures {
    /// The title with the place in the paper.
    pub(super) fn heading(&self) -> String {
        heading(self.title, self.place)
    }

    /// Caption and drawings.
    pub(super) fn body(&self) -> String {
        figures_body(self.caption, &self.drawings)
    }
}

/// Drawings, each with what stands under it as HTML, below a sentence or none.
pub(super) fn figures_body(caption: &str, drawings: &[(String, String)]) -> String {
    let mut body = match caption {
        "" => String::new(),
        caption => format!("<p>{caption}</p>"),
    };
    body += "<div class=\"figures\">";
    for (drawing, caption) in drawings {
        let _ = write!(
            body,
            "<figure>{drawing}<figcaption>{caption}</figcaption></figure>"
        );
    }
    body + "</div>"
}
