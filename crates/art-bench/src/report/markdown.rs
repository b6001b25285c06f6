//! The report as Markdown.

use super::{
    caveats::of_results,
    chapters::{ChapterTables, notes_in_use},
    prose::{OF_TABLE, gaps, in_short, preamble, warnings},
    table::markdown_line,
};
use crate::results::Results;

pub(super) fn render(results: &Results, chapters: &[ChapterTables]) -> String {
    let name = markdown_line(&results.matrix.name.replace('`', "'"));
    let mut text = format!("# Results of the matrix `{name}`\n\n");
    let preamble: Vec<String> = preamble(results).iter().map(|l| markdown_line(l)).collect();
    text += &preamble.join("\n\n");
    text += "\n\n";
    text += &list_section("In short", &in_short(results));
    text += &list_section(OF_TABLE, &results.notes);
    text += &list_section("To keep in mind", &of_results(results));
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
    let item = |line: &String| format!("- {}\n", markdown_line(line));
    let items: Vec<String> = lines.iter().map(item).collect();
    format!("## {title}\n\n{}\n", items.concat())
}
