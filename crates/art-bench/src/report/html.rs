//! The report as one HTML page that needs nothing else.

use super::{
    figures, gaps, notes, preamble,
    table::{Table, escape},
};
use crate::{BenchError, Results};
use std::fmt::Write as _;

const STYLE: &str = include_str!("report.css");

pub(super) fn render(results: &Results, tables: &[Table]) -> Result<String, BenchError> {
    let title = format!("Results of the matrix {}", escape(&results.matrix.name));
    let mut page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\"><head><meta charset=\"utf-8\">\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <title>{title}</title><style>{STYLE}</style></head>\n<body><main><h1>{title}</h1>\n"
    );
    for line in preamble(results) {
        let _ = writeln!(page, "<p>{}</p>", escape(&line));
    }
    page += &list_section("Missing", &gaps(results));
    page += "<nav aria-label=\"Contents\"><ul>";
    for table in tables {
        let _ = write!(
            page,
            "<li><a href=\"#{}\">{}</a></li>",
            table.name,
            escape(&table.title)
        );
    }
    page += "<li><a href=\"#distribution\">Class distribution over training</a></li></ul></nav>\n";
    for (position, table) in tables.iter().enumerate() {
        page += &table.to_html();
        if position == 0 {
            page += &score_section(results)?;
        }
    }
    page += &distribution_section(results)?;
    page += &list_section("Notes on resampling", &notes(results));
    page += "</main></body></html>\n";
    Ok(page)
}

/// A list under a heading; nothing for an empty list.
fn list_section(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let mut section = format!("<section class=\"warning\"><h2>{title}</h2><ul>");
    for line in lines {
        let _ = write!(section, "<li>{}</li>", escape(line));
    }
    section + "</ul></section>\n"
}

fn score_section(results: &Results) -> Result<String, BenchError> {
    let mut section = String::from(
        "<section id=\"seeds\"><h2>Every seed</h2><p>Test macro F1 × 100 of each seed (dots) with the mean (bar).</p><div class=\"figures\">",
    );
    for dataset in results
        .datasets
        .iter()
        .filter(|d| d.methods.iter().any(|m| !m.scores.is_empty()))
    {
        let _ = write!(
            section,
            "<figure>{}<figcaption>{}</figcaption></figure>",
            figures::scores(dataset)?,
            escape(&dataset.title)
        );
    }
    Ok(section + "</div></section>\n")
}

fn distribution_section(results: &Results) -> Result<String, BenchError> {
    let mut section = String::from(
        "<section id=\"distribution\"><h2>Class distribution over training</h2><p>What ART draws from \
         in each epoch (areas, as in the paper's Fig. 1) and the validation F1 of each class (lines), \
         means over the seeds still training; a curve ends when fewer than half of them are left. Until \
         the first refresh it draws from the initial blend.</p><div class=\"figures\">",
    );
    for dataset in &results.datasets {
        let Some(curve) = &dataset.curve else {
            continue;
        };
        let mut legend = String::new();
        for (class, name) in dataset.class_names.iter().enumerate() {
            let (color, name) = (figures::css_color(class), escape(name));
            let _ = write!(
                legend,
                "<li><span style=\"background:{color}\"></span>{name}</li>"
            );
        }
        let _ = write!(
            section,
            "<figure>{}{}<figcaption>{}, {} seeds<ul class=\"legend\">{legend}</ul></figcaption></figure>",
            figures::distribution(curve)?,
            figures::class_f1(curve)?,
            escape(&dataset.title),
            curve.n_seeds,
        );
    }
    Ok(section + "</div></section>\n")
}
