//! The report: tables and figures of a [`Results`], as CSV, Markdown, JSON and one HTML page.

mod across;
mod agreement;
mod beside;
mod card;
mod caveats;
mod chapters;
mod claims;
mod csv_form;
mod decision;
mod details;
mod entries;
mod figure_sets;
mod figures;
mod glossary;
mod highlight;
mod html;
mod markdown;
mod markup;
mod model;
mod model_words;
mod own;
mod page;
mod place;
mod prose;
mod scores;
mod significance;
mod table;
mod thresholds;
mod titles;

pub use caveats::caveats;
pub use decision::{decision_in_words, decision_text};
pub use figures::critical_difference;
pub use model::model_page;
pub use model_words::training_caveats;
pub use prose::{advice_text, changes_text, p_in_words};

use crate::{
    error::BenchError,
    plain_name::check_plain,
    results::{DatasetResults, Results},
};
use art_data::write_atomically;
use chapters::notes_in_use;
use prose::{gaps, in_short, preamble};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// How a program is told to train what is advised on a data set, to be copied: the libraries know no command line.
pub type HowTo = fn(&DatasetResults) -> Option<String>;

/// [`write_report_for`] where no program is there to be told anything.
///
/// # Errors
/// Those of [`write_report_for`].
pub fn write_report(results: &Results, folder: &Path) -> Result<Vec<PathBuf>, BenchError> {
    write_report_for(results, folder, |_| None)
}

/// Writes `tables/*.csv`, `report.json`, `report.md` and `report.html` into `folder` and returns their
/// paths.
///
/// Each file is replaced only by a complete one.
///
/// # Errors
/// [`BenchError::Io`] or [`BenchError::Figure`]; [`BenchError::NoPlainName`] for an id that would lead out of the folder.
pub fn write_report_for(
    results: &Results,
    folder: &Path,
    how_to: HowTo,
) -> Result<Vec<PathBuf>, BenchError> {
    for dataset in &results.datasets {
        check_plain("data set", &dataset.id)?;
        let mut methods = dataset.methods.iter();
        methods.try_for_each(|method| check_plain("method", &method.id))?;
    }
    for ablation in &results.ablations {
        check_plain("ablation", &ablation.ablation.name)?;
    }
    let chapters = chapters::chapters(results);
    let csv_folder = folder.join("tables");
    fs::create_dir_all(&csv_folder).map_err(BenchError::io("make the folder", &csv_folder))?;
    let all = || chapters.iter().flat_map(|chapter| &chapter.tables);
    let csv = |table: &table::Table| {
        // Settings behind a method's name have colons, which not every system allows in a file's.
        let path = csv_folder.join(format!("{}.csv", table.name.replace(':', "-")));
        (path, table.to_csv())
    };
    let mut files: Vec<(PathBuf, String)> = all().map(csv).collect();
    files.extend(results.datasets.iter().filter_map(|dataset| {
        let name = format!("by_seed_{}.csv", dataset.id);
        Some((csv_folder.join(name), scores::by_seed(dataset)?))
    }));
    let mut json = serde_json::json!({
        "version": 1,
        "matrix": results.matrix,
        "about": preamble(results),
        "in_short": in_short(results),
        "to_keep_in_mind": caveats::of_results(results),
        "missing": gaps(results),
        "tables": all().map(table::Table::to_json).collect::<Vec<_>>(),
        "notes": notes_in_use(&chapters),
    });
    if !results.notes.is_empty() {
        json["of_table"] = serde_json::json!(results.notes);
    }
    files.push((folder.join("report.json"), format!("{json:#}\n")));
    files.push((
        folder.join("report.md"),
        markdown::render(results, &chapters),
    ));
    files.push((
        folder.join("report.html"),
        html::render(results, &chapters, how_to)?,
    ));
    for (path, text) in &files {
        write_atomically(path, text.as_bytes()).map_err(BenchError::io("write", path))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The table of macro F1 for a terminal.
pub fn macro_f1_text(results: &Results) -> String {
    scores::macro_f1(results).to_text()
}
