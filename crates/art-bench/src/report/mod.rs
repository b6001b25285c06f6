//! The report: tables and figures of a [`Results`], as CSV, Markdown and one HTML page.

mod figures;
mod html;
mod markdown;
mod table;
mod tables;

use crate::{BenchError, Results};
use art_data::write_atomically;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Writes `tables/*.csv`, `report.md` and `report.html` into `folder` and returns their paths.
///
/// Each file is replaced only by a complete one.
///
/// # Errors
/// [`BenchError::Io`] or [`BenchError::Figure`].
pub fn write_report(results: &Results, folder: &Path) -> Result<Vec<PathBuf>, BenchError> {
    let tables = tables::all(results);
    let csv_folder = folder.join("tables");
    fs::create_dir_all(&csv_folder).map_err(BenchError::io("make the folder", &csv_folder))?;
    let mut files: Vec<(PathBuf, String)> = tables
        .iter()
        .map(|table| {
            (
                csv_folder.join(format!("{}.csv", table.name)),
                table.to_csv(),
            )
        })
        .collect();
    files.push((folder.join("report.md"), markdown::render(results, &tables)));
    files.push((folder.join("report.html"), html::render(results, &tables)?));
    for (path, text) in &files {
        write_atomically(path, text.as_bytes()).map_err(BenchError::io("write", path))?;
    }
    Ok(files.into_iter().map(|(path, _)| path).collect())
}

/// The table of macro F1 for a terminal.
pub fn macro_f1_text(results: &Results) -> String {
    tables::macro_f1(results).to_text()
}

/// What every report says about itself: what was run, what is missing, where.
fn preamble(results: &Results) -> Vec<String> {
    let matrix = &results.matrix;
    let training = &matrix.training;
    let planned = matrix.datasets.len() * matrix.methods.len() * matrix.seeds.len();
    let mut lines = vec![
        format!(
            "{} {} of {planned} cells evaluated.",
            matrix.purpose,
            results.n_evaluated()
        ),
        format!(
            "Network {}, dropout {}, AdamW, learning rate {} (cosine), weight decay {}, batches of \
             {}, at most {} epochs, patience {} on the {} validation loss, best epoch's weights; \
             stratified 70/15/15 split for each seed, shared by all methods.",
            training
                .hidden
                .iter()
                .map(usize::to_string)
                .collect::<Vec<_>>()
                .join("-"),
            training.dropout,
            training.learning_rate,
            training.weight_decay,
            training.batch_size,
            training.max_epochs,
            training.patience,
            serde_json::to_string(&training.criterion)
                .unwrap_or_default()
                .trim_matches('"'),
        ),
    ];
    if results.others > 0 {
        lines.push(format!(
            "The folder also holds {} records that belong to no cell of this matrix; they are not shown.",
            results.others
        ));
    }
    for environment in &results.environments {
        lines.push(format!(
            "Run by revision {} ({}) on {}, {}, {} cells at a time.",
            if environment.revision.is_empty() {
                "unknown"
            } else {
                &environment.revision
            },
            environment.rustc,
            environment.platform,
            if environment.cpu.is_empty() {
                "unknown processor"
            } else {
                &environment.cpu
            },
            environment.jobs
        ));
    }
    lines
}

/// What resamplers could not do, each with the number of seeds.
fn notes(results: &Results) -> Vec<String> {
    let seeds = results.matrix.seeds.len();
    let note = |(text, n): (&String, &usize)| format!("{text} ({n} of {seeds} seeds)");
    results.warnings.iter().map(note).collect()
}

/// Cells that have no result, each with the reason.
fn gaps(results: &Results) -> Vec<String> {
    let failed = results
        .failed
        .iter()
        .map(|(spec, error)| format!("{spec} failed: {error}"));
    let missing = results
        .missing
        .iter()
        .map(|(pair, seeds)| format!("{pair} was not run with {} seeds", seeds.len()));
    failed.chain(missing).collect()
}
