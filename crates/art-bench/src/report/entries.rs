//! What the entries of several tables have in common.

use super::table::Entry;
use crate::{
    paper::{NOTES, Table as PaperTable},
    results::{DatasetResults, MethodResults, Results, Summaries},
};
use art_core::elementary::powi;
use art_stats::Summary;
use std::fmt::Write as _;

/// Mean ± deviation in points, with the number of runs that were evaluated and planned where some are missing.
pub(super) fn points(summary: Summary, [evaluated, planned]: [usize; 2]) -> Entry {
    let mut text = format!("{:.2} ± {:.2}", 100.0 * summary.mean, 100.0 * summary.sd);
    if evaluated < planned {
        let _ = write!(text, " ({evaluated} of {planned})");
    }
    Entry {
        values: vec![summary.mean, summary.sd, summary.n as f64],
        ..Entry::word(text)
    }
}

/// To so many digits behind the point, without a minus before nothing.
pub(super) fn rounded(value: f64, digits: i32) -> f64 {
    let scale = powi(10.0_f64, digits);
    (scale * value).round() / scale + 0.0
}

/// Names, as a sentence lists them.
pub(super) fn listed(names: &[&str]) -> String {
    match names {
        [] => String::new(),
        [name] => (*name).to_owned(),
        [names @ .., last] => format!("{} and {last}", names.join(", ")),
    }
}

/// `entry` of the summaries, or why there are none.
pub(super) fn summarized(method: &MethodResults, entry: impl Fn(&Summaries) -> Entry) -> Entry {
    match (&method.summaries, &method.left_out) {
        (Some(summaries), _) => entry(summaries),
        (None, Some(_)) => Entry::word("left out"),
        (None, None) => Entry::word("no result"),
    }
}

/// A row for each method that `wanted` holds for and a column for each data set.
pub(super) fn by_dataset(
    results: &Results,
    wanted: impl Fn(&MethodResults) -> bool,
    entry: impl Fn(&DatasetResults, &MethodResults) -> Entry,
) -> (Vec<String>, Vec<Vec<Entry>>) {
    let titles = results.datasets.iter().map(|dataset| dataset.title.clone());
    let header = std::iter::once("method".to_owned()).chain(titles).collect();
    let Some(first) = results.datasets.first() else {
        return (header, vec![]);
    };
    let rows = first.methods.iter().enumerate().filter(|(_, m)| wanted(m));
    let row = |(index, method): (usize, &MethodResults)| {
        let entries = results.datasets.iter().map(|d| entry(d, &d.methods[index]));
        std::iter::once(Entry::word(method.title.clone()))
            .chain(entries)
            .collect()
    };
    (header, rows.map(row).collect())
}

/// Numbers of the notes on a cell of a table of the paper.
pub(super) fn remarks(table: PaperTable, dataset: &str, method: &str) -> Vec<usize> {
    let about = NOTES.iter().enumerate();
    let about = about.filter(|(_, note)| note.is_about(table, dataset, method));
    about.map(|(index, _)| index + 1).collect()
}
