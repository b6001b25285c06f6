//! Which tables a report has, in which order.

use super::{
    across::{across, again, balance, before_refresh},
    agreement::agreement,
    beside::beside_others,
    claims::claims,
    details::{ablation, cost, per_class, readings, tuning},
    own::{against_plain, calibration, confusion, precision_and_recall},
    scores::{controls, macro_f1, score_tables, scores_beside_macro_f1},
    significance::{comparisons, ranks},
    table::Table,
};
use crate::{
    paper::NOTES,
    results::{DatasetResults, Results},
};
use std::collections::BTreeSet;

/// A chapter of a report.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Chapter {
    Claims,
    Scores,
    Significance,
    BesideOthers,
    Ablations,
    Details,
}

impl Chapter {
    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Claims => "The paper's claims",
            Self::Scores => "Scores",
            Self::Significance => "Significance",
            Self::BesideOthers => "Beside others",
            Self::Ablations => "Ablations",
            Self::Details => "Details",
        }
    }
}

/// The tables of a chapter.
pub(super) struct ChapterTables {
    pub(super) chapter: Chapter,
    pub(super) tables: Vec<Table>,
}

pub(super) fn chapters(results: &Results) -> Vec<ChapterTables> {
    let mut scores = vec![macro_f1(results)];
    scores.extend(controls(results));
    scores.extend(score_tables(results));
    scores.push(scores_beside_macro_f1(results));
    scores.extend(balance(results));
    scores.extend(before_refresh(results));
    let per_dataset = |table: &dyn Fn(&DatasetResults) -> Option<Table>| {
        results
            .datasets
            .iter()
            .filter_map(table)
            .collect::<Vec<_>>()
    };
    let mut significance = per_dataset(&against_plain);
    significance.extend(per_dataset(&comparisons));
    significance.extend(ranks(results));
    significance.extend(results.across.iter().map(across));
    significance.extend(again(results));
    let mut details: Vec<Table> = tuning(results).into_iter().collect();
    details.extend(per_dataset(&|dataset| Some(per_class(dataset))));
    for dataset in results.datasets.iter().filter(|d| d.verdict.is_some()) {
        details.push(precision_and_recall(dataset));
        details.extend(dataset.methods.iter().filter_map(|m| confusion(dataset, m)));
    }
    scores.extend(per_dataset(&calibration));
    details.push(cost(results));
    let claims = claims(results).into_iter().chain(agreement(results));
    let chapters = [
        (Chapter::Claims, claims.collect()),
        (Chapter::Scores, scores),
        (Chapter::Significance, significance),
        (
            Chapter::BesideOthers,
            beside_others(results).into_iter().collect(),
        ),
        (
            Chapter::Ablations,
            readings(results)
                .into_iter()
                .chain(results.ablations.iter().map(ablation))
                .collect(),
        ),
        (Chapter::Details, details),
    ];
    let chapters = chapters.into_iter().map(|(chapter, mut tables)| {
        if !results.is_of_paper() {
            tables.iter_mut().for_each(Table::forget_paper);
        }
        ChapterTables { chapter, tables }
    });
    chapters.filter(|c| !c.tables.is_empty()).collect()
}

/// The notes on the paper that the tables refer to, with their numbers.
pub(super) fn notes_in_use(chapters: &[ChapterTables]) -> Vec<(usize, &'static str)> {
    let tables = chapters.iter().flat_map(|chapter| &chapter.tables);
    let entries = tables.flat_map(|table| table.rows.iter().flatten());
    let numbers: BTreeSet<usize> = entries
        .flat_map(|entry| entry.notes.iter().copied())
        .collect();
    numbers
        .into_iter()
        .map(|number| (number, NOTES[number - 1].text))
        .collect()
}
