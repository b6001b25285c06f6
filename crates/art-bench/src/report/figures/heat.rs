//! Tables in which shading shows what is large.

use crate::{
    report::{
        entries::rounded,
        table::{Table, escape},
    },
    results::{DatasetResults, Results},
};
use art_core::ConfusionMatrix;
use std::fmt::Write as _;

/// Most classes that are shown one against the other.
const MOST_CLASSES: usize = 12;
/// The strongest shading, in percent: text stays readable on it.
const FULL: f64 = 45.0;

/// A cell that is shaded by a share from 0 to 1 in one of the page's colors.
fn shaded(text: &str, share: f64, color: &str) -> String {
    format!(
        "<td style=\"background:color-mix(in srgb,var(--{color}) {:.0}%,transparent)\">{text}</td>",
        FULL * share.clamp(0.0, 1.0)
    )
}

/// Truth against prediction: counts, each shaded by its share of the rows of the true class.
pub(in crate::report) fn heat(classes: &[String], confusion: &ConfusionMatrix) -> String {
    if classes.len() > MOST_CLASSES {
        let [name, title] = [String::new(), String::new()];
        let table = Table::of_confusion(name, title, String::new(), classes, confusion);
        return table.grid("truth against prediction");
    }
    let mut text = String::from(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"truth against prediction\">\
         <table class=\"heat\"><thead><tr><th scope=\"col\">truth</th>",
    );
    for class in classes {
        let _ = write!(text, "<th scope=\"col\">as {}</th>", escape(class));
    }
    text += "</tr></thead><tbody>";
    for (truth, class) in classes.iter().enumerate() {
        let _ = write!(text, "<tr><th scope=\"row\">{}</th>", escape(class));
        let rows = confusion.support(truth);
        for predicted in 0..classes.len() {
            let count = confusion.count(truth, predicted);
            let share = count as f64 / rows.max(1) as f64;
            let color = if truth == predicted { "accent" } else { "warn" };
            let words = format!("{count}<br><small>{:.0} %</small>", 100.0 * share);
            text += &shaded(&words, share, color);
        }
        text += "</tr>";
    }
    text + "</tbody></table></div>"
}

/// ART minus each method in points, a row a method and a column a data set (the paper's Fig. 3): one color where ART is
/// ahead, another where it is behind, starred where the corrected t-test stays below 0.05 after Holm.
pub(in crate::report) fn deltas(results: &Results) -> Option<String> {
    /// Points at which a color is full.
    const MOST_POINTS: f64 = 10.0;
    let mut titles: Vec<&str> = vec![];
    for comparison in results.datasets.iter().flat_map(|d| &d.comparisons) {
        if !titles.contains(&&*comparison.title) {
            titles.push(&comparison.title);
        }
    }
    if titles.is_empty() {
        return None;
    }
    let mut text = String::from(
        "<div class=\"scroll\" tabindex=\"0\" role=\"region\" aria-label=\"ART minus each method\">\
         <table class=\"heat\"><thead><tr><th scope=\"col\">ART minus</th>",
    );
    for dataset in &results.datasets {
        let _ = write!(text, "<th scope=\"col\">{}</th>", escape(&dataset.title));
    }
    text += "</tr></thead><tbody>";
    let cell = |dataset: &DatasetResults, title: &str| {
        let found = dataset.comparisons.iter().find(|c| c.title == title);
        let Some(c) = found else {
            return "<td>—</td>".to_owned();
        };
        let difference = rounded(100.0 * c.difference, 1);
        let color = if difference > 0.0 { "warm" } else { "accent" };
        let star = if c.is_beyond_chance() { " *" } else { "" };
        let value = format!("{difference:+.1}{star}");
        shaded(&value, difference.abs() / MOST_POINTS, color)
    };
    for title in titles {
        let _ = write!(text, "<tr><th scope=\"row\">{}</th>", escape(title));
        let cells = results.datasets.iter().map(|dataset| cell(dataset, title));
        text.extend(cells);
        text += "</tr>";
    }
    Some(text + "</tbody></table></div>")
}
