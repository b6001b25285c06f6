//! The report as Markdown.

use super::{gaps, notes, preamble, table::Table};
use crate::Results;

pub(super) fn render(results: &Results, tables: &[Table]) -> String {
    let mut text = format!("# Results of the matrix `{}`\n\n", results.matrix.name);
    text += &preamble(results).join("\n\n");
    text += "\n\n";
    for (title, lines) in [
        ("Missing", gaps(results)),
        ("Notes on resampling", notes(results)),
    ] {
        if !lines.is_empty() {
            text.extend(["## ", title, "\n\n"]);
            for line in &lines {
                text.extend(["- ", line, "\n"]);
            }
            text += "\n";
        }
    }
    for table in tables {
        text += &table.to_markdown();
        text += "\n";
    }
    text + "The figures are in `report.html`, the exact numbers in `tables/`.\n"
}
