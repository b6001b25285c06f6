//! The report on a matrix as one HTML page that needs nothing else.

use super::{
    HowTo,
    card::{all_confusions, confusions, verdict_card},
    caveats::of_results,
    chapters::{Chapter, ChapterTables, notes_in_use},
    figure_sets::figures_of,
    figures,
    markup::{Figures, figures_body, list, list_section, paragraphs},
    page::{Page, Shown},
    place::Place,
    prose::{OF_TABLE, gaps, in_short, preamble, warnings},
    table::{Table, escape},
    titles::in_words,
};
use crate::{
    counted::counted,
    error::BenchError,
    results::{DatasetResults, Results},
};
use std::fmt::Write as _;

/// Most rows that are open to be read before the rest of a page.
const MOST_ROWS: usize = 30;

pub(super) fn render(
    results: &Results,
    chapters: &[ChapterTables],
    how_to: HowTo,
) -> Result<String, BenchError> {
    if results.is_of_paper() {
        of_paper(results, chapters)
    } else {
        of_own_table(results, chapters, how_to)
    }
}

/// The page of a matrix of the project: how ART stands, then the paper's tables, then the rest.
fn of_paper(results: &Results, chapters: &[ChapterTables]) -> Result<String, BenchError> {
    let mut page = Page::new(&format!("Results of the matrix {}", results.matrix.name));
    page.add(&list_section("short", "In short", &in_short(results)));
    warn(&mut page, results);
    let is_of_claims = |chapter: &&ChapterTables| chapter.chapter == Chapter::Claims;
    for ChapterTables { chapter, tables } in chapters.iter().filter(is_of_claims) {
        page.chapter(chapter.title());
        for table in tables {
            page.table(table, Shown::Open);
        }
    }
    let all = chapters.iter().flat_map(|chapter| &chapter.tables);
    let of_paper = all.filter_map(|table| Some((number_in_paper(table)?, table)));
    let mut of_paper: Vec<(usize, &Table)> = of_paper.collect();
    of_paper.sort_by_key(|(number, _)| *number);
    page.chapter("The paper's tables");
    for (_, table) in of_paper {
        page.table(
            table,
            folded_if(table.is_detail || table.rows.len() > MOST_ROWS),
        );
    }
    for ChapterTables { chapter, tables } in chapters.iter().filter(|c| !is_of_claims(c)) {
        page.chapter(chapter.title());
        for figures in figures_of(results, *chapter)? {
            page.figures(&figures, Shown::Open);
        }
        let others = tables.iter();
        for table in others.filter(|table| number_in_paper(table).is_none()) {
            page.table(table, folded_if(table.is_detail));
        }
    }
    let notes = notes_in_use(chapters);
    page.chapter("About the run");
    if !notes.is_empty() {
        let title = "Where the paper contradicts itself";
        page.section("notes", title, &notes_list(&notes), Shown::Open);
    }
    provenance(&mut page, results, Shown::Open);
    Ok(page.finish())
}

/// The page of a table of the user's own: what to do, why, and what to look up behind it.
fn of_own_table(
    results: &Results,
    chapters: &[ChapterTables],
    how_to: HowTo,
) -> Result<String, BenchError> {
    let titles: Vec<&str> = results.datasets.iter().map(|d| &*d.title).collect();
    let mut page = Page::new(&format!("What helps on {}?", titles.join(", ")));
    for dataset in &results.datasets {
        page.add(&lede(dataset, results));
        let command = how_to(dataset);
        page.add(&verdict_card(dataset, command.as_deref()).unwrap_or_default());
    }
    warn(&mut page, results);
    if results.datasets.iter().any(|d| d.verdict.is_some()) {
        page.chapter("Why");
    }
    for dataset in &results.datasets {
        why(&mut page, dataset);
    }
    for ChapterTables { chapter, tables } in chapters {
        page.chapter(chapter.title());
        let is_first = *chapter == Chapter::Scores;
        let figures = figures_of(results, *chapter)?;
        let tables = tables.iter().filter(|table| is_wanted(table));
        for (position, table) in tables.enumerate() {
            let table = if is_first {
                table.clone().sorted_by(1)
            } else {
                table.clone()
            };
            page.table(&table, folded_if(!is_first || position > 0));
            if position == 0 {
                for figures in &figures {
                    page.figures(figures, folded_if(!is_first || figures.id != "seeds"));
                }
            }
        }
    }
    for dataset in &results.datasets {
        let id = format!("confusions_{}", dataset.id);
        let title = "Truth against prediction by each method";
        let body = figures_body("", &all_confusions(dataset));
        page.section(&id, title, &body, Shown::Folded);
    }
    page.chapter("About the run");
    provenance(&mut page, results, Shown::Folded);
    Ok(page.finish())
}

/// The number of a table in the paper.
fn number_in_paper(table: &Table) -> Option<usize> {
    match table.place? {
        Place::Table(number) => Some(number),
        _ => None,
    }
}

/// What to know before the results are believed, and what is missing of them.
fn warn(page: &mut Page, results: &Results) {
    let methods = results.datasets.first().map_or(&[][..], |d| &d.methods);
    let caveats: Vec<String> = of_results(results)
        .iter()
        .map(|line| in_words(line, methods))
        .collect();
    page.add(&list_section("warning", OF_TABLE, &results.notes));
    page.add(&list_section("warning", "To keep in mind", &caveats));
    page.add(&list_section("warning", "Missing", &gaps(results)));
}

/// Whether a page of a table of the user's own has use for a table: ART is no more to its reader than the other methods, and
/// what rows were taken for is shown as heat maps.
fn is_wanted(table: &Table) -> bool {
    let unwanted = ["comparisons_", "confusion_"];
    !unwanted.iter().any(|of| table.name.starts_with(of))
}

fn folded_if(is_folded: bool) -> Shown {
    if is_folded {
        Shown::Folded
    } else {
        Shown::Open
    }
}

/// What was compared, in a line.
fn lede(dataset: &DatasetResults, results: &Results) -> String {
    let by = dataset.verdict.as_ref();
    let by = by.map_or(results.matrix.metric, |verdict| verdict.metric);
    format!(
        "<p class=\"lede\">{} on {}, judged by {}.</p>",
        counted(dataset.methods.len(), "method"),
        counted(dataset.divisions.different, "split"),
        by.name()
    )
}

/// What the verdict is seen in: differences from plain training, and what became of each class.
fn why(page: &mut Page, dataset: &DatasetResults) {
    let Some(verdict) = &dataset.verdict else {
        return;
    };
    if let Some(forest) = figures::forest(dataset) {
        let caption = format!(
            "<p>Each method's mean {} less that of plain training, in points over the same splits (dot), with its 95 % interval \
             adjusted for the other methods (line). An interval that leaves out 0 is a difference beyond chance. The \
             recommended method is in color. What is to be expected, above, lies nearer to what other tables showed.</p>",
            verdict.metric.name()
        );
        let id = format!("forest_{}", dataset.id);
        let title = "Difference from plain training";
        page.section(&id, title, &(caption + &forest), Shown::Open);
    }
    if let Some(drawings) = confusions(dataset) {
        page.figures(
            &Figures {
                id: "confusions",
                title: "What became of the rows of each class",
                place: None,
                caption: "Test rows of all seeds together: a row of the table may be a test row more than once. Shading and per \
                          cent are shares of the true class.",
                drawings,
            },
            Shown::Open,
        );
    }
}

/// How the results came to be.
fn provenance(page: &mut Page, results: &Results, shown: Shown) {
    let title = "How it was made";
    page.section("provenance", title, &paragraphs(&preamble(results)), shown);
    let warnings = warnings(results);
    if !warnings.is_empty() {
        let title = "Notes on resampling";
        page.section("resampling", title, &list(&warnings), Shown::Folded);
    }
}

fn notes_list(notes: &[(usize, &str)]) -> String {
    let mut list = String::from("<ol>");
    for (number, note) in notes {
        let _ = write!(
            list,
            "<li id=\"note-{number}\" value=\"{number}\">{}</li>",
            escape(note)
        );
    }
    list + "</ol>"
}
