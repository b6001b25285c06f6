//! The report as Markdown.

use super::{gaps, notes, preamble, table::Table};
use crate::Results;

pub(super) fn render(results: &Results, tables: &[Table]) -> String {
    let mut text = format!("# Results of the matrix `{}`\n\n", results.matrix.name);
    text += &preamble(results).join("\n\n");
    text += "\n\n";
    text += &list_section("Missing", &gaps(results));
    for table in tables {
        text += &table.to_markdown();
        text += "\n";
    }
    text += &list_section("Notes on resampling", &notes(results));
    text + "The figures are in `report.html`, the exact numbers in `tables/`.\n"
}

/// A list under a heading; nothing for an empty list.
fn list_section(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: Vec<String> = lines.iter().map(|line| format!("- {line}\n")).collect();
    format!("## {title}\n\n{}\n", items.concat())
}
