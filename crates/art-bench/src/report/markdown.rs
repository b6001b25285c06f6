//! The report as Markdown.

use super::{gaps, preamble, table::Table};
use crate::Results;

pub(super) fn render(results: &Results, tables: &[Table]) -> String {
    let mut text = format!("# Results of the matrix `{}`\n\n", results.matrix.name);
    text += &preamble(results).join("\n\n");
    text += "\n\n";
    let gaps = gaps(results);
    if !gaps.is_empty() {
        text += "## Missing\n\n";
        for gap in &gaps {
            text.extend(["- ", gap, "\n"]);
        }
        text += "\n";
    }
    for table in tables {
        text += &table.to_markdown();
        text += "\n";
    }
    text + "The figures are in `report.html`, the exact numbers in `tables/`.\n"
}
