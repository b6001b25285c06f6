//! The report as Markdown.

use super::{
    chapters::{Chapter, notes_in_use},
    prose::{OF_TABLE, gaps, in_short, preamble, warnings},
};
use crate::Results;

pub(super) fn render(results: &Results, chapters: &[Chapter]) -> String {
    let mut text = format!("# Results of the matrix `{}`\n\n", results.matrix.name);
    text += &preamble(results).join("\n\n");
    text += "\n\n";
    text += &list_section("In short", &in_short(results));
    text += &list_section(OF_TABLE, &results.notes);
    text += &list_section("Missing", &gaps(results));
    for table in chapters.iter().flat_map(|chapter| &chapter.tables) {
        text += &table.to_markdown();
        text += "\n";
    }
    let notes = notes_in_use(chapters).into_iter();
    let notes: Vec<String> = notes
        .map(|(number, note)| format!("[{number}] {note}"))
        .collect();
    text += &list_section("Where the paper contradicts itself", &notes);
    text += &list_section("Notes on resampling", &warnings(results));
    text + "The figures are in `report.html`, the exact numbers in `tables/` and `report.json`.\n"
}

/// A list under a heading; nothing for an empty list.
fn list_section(title: &str, lines: &[String]) -> String {
    if lines.is_empty() {
        return String::new();
    }
    let items: Vec<String> = lines.iter().map(|line| format!("- {line}\n")).collect();
    format!("## {title}\n\n{}\n", items.concat())
}
