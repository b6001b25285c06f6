//! Tables of test scores, a column a data set.

use super::{
    csv_form::csv_text,
    entries::{by_dataset, points, remarks, summarized},
    place::Place,
    significance::p_text,
    table::{Entry, Table},
};
use crate::{
    counted::counted,
    matrix::Role,
    paper::{PrintedScore, Table as PaperTable},
    results::{Comparison, DatasetResults, MethodResults, ReportedBeside, Results},
};

pub(super) fn macro_f1(results: &Results) -> Table {
    let (header, rows) = by_dataset(
        results,
        |m| m.role == Role::Compared,
        |dataset, method| {
            summarized(method, |s| points(s.macro_f1, method.runs))
                .strong_if(method.is_best)
                .aside(method.paper.as_ref().map(beside_text))
                .notes(remarks(PaperTable::MacroF1, &dataset.id, &method.id))
        },
    );
    Table {
        name: "macro_f1".into(),
        title: "Macro F1".into(),
        caption: format!(
            "Test macro F1 × 100, mean ± standard deviation (ddof 1) over {}{}; the largest mean \
             of a column is bold, which does not make the difference significant.{}",
            counted(results.matrix.seeds.len(), "seed"),
            fewer_seeds(results),
            if has_paper(results) {
                " Below it the paper's, and our mean less that one; ≈ where that is at most twice its standard error."
            } else {
                ""
            }
        ),
        header,
        rows,
        place: Some(Place::Table(1)),
        is_detail: false,
    }
}

/// Whether the paper prints anything of what is shown.
fn has_paper(results: &Results) -> bool {
    let mut methods = results.datasets.iter().flat_map(|d| &d.methods);
    methods.any(|method| method.paper.is_some())
}

/// On which data sets there are fewer seeds than elsewhere.
fn fewer_seeds(results: &Results) -> String {
    let of =
        |(id, n): (&String, &usize)| format!(", {n} on {}", crate::datasets::dataset_title(id));
    results.matrix.seeds_on.iter().map(of).collect()
}

pub(super) fn controls(results: &Results) -> Option<Table> {
    let (header, rows) = by_dataset(
        results,
        |m| m.role != Role::Compared,
        |dataset, method| {
            let comparison = dataset.comparisons.iter().find(|c| c.other == method.id);
            summarized(method, |s| points(s.macro_f1, method.runs))
                .aside(comparison.map(|c| {
                    let difference = 100.0 * c.difference;
                    let p = c
                        .corrected_t
                        .map_or_else(|| "—".into(), |test| p_text(test.p));
                    format!("ART {difference:+.2}, p {p}")
                }))
                .strong_if(comparison.is_some_and(Comparison::is_beyond_chance))
        },
    );
    (!rows.is_empty()).then(|| Table {
        name: "controls".into(),
        title: "Controls and additions".into(),
        caption: "Test macro F1 × 100 of methods that the paper does not have. Three are what is left of ART without its \
                  feedback: the static blend is never refreshed, frozen w keeps the first refresh, shuffled w is told about \
                  the wrong classes. The others are class-priority sampling, and plain training with a decision rule chosen \
                  on the validation rows. Where methods are tuned, these are tuned by the same rule; one with fewer settings \
                  gets fewer trials on tables, as the tuning table shows. Below each stand ART's mean less this one and p of \
                  the corrected t-test, bold where it stays below 0.05 after Holm's adjustment over these rows of a data set. \
                  If ART is not ahead of them, its feedback is not what helped."
            .into(),
        header,
        rows,
        place: None,
        is_detail: false,
    })
}

/// Accuracy, precision and recall: the paper's Tables 7 to 9.
pub(super) fn score_tables(results: &Results) -> Vec<Table> {
    let tables = [
        ("accuracy", "Accuracy", 7, PaperTable::Accuracy),
        (
            "macro precision",
            "Macro precision",
            8,
            PaperTable::Precision,
        ),
        ("macro recall", "Macro recall", 9, PaperTable::Recall),
    ];
    let table = |(score, title, number, of): (&str, &str, usize, PaperTable)| {
        let (header, rows) = by_dataset(
            results,
            |_| true,
            |dataset, method| {
                let theirs = method.paper_scores.iter().find(|(name, _)| *name == score);
                let aside = theirs.map(|(_, other)| beside_text(other));
                summarized(method, |s| {
                    s.score(score)
                        .map_or_else(|| Entry::word("—"), |s| points(s, method.runs))
                })
                .aside(aside)
                .notes(remarks(of, &dataset.id, &method.id))
            },
        );
        Table {
            name: score.replace(' ', "_"),
            title: title.into(),
            caption: format!(
                "Test score × 100, mean ± standard deviation.{}",
                if results.is_of_paper() {
                    " Below it the paper's, where it prints one, and our mean less that one."
                } else {
                    ""
                }
            ),
            header,
            rows,
            place: Some(Place::Table(number)),
            is_detail: true,
        }
    };
    tables.into_iter().map(table).collect()
}

/// What the paper has, and our mean less it; a ≈ where that is within noise.
fn beside_text(other: &ReportedBeside) -> String {
    let PrintedScore { mean, sd } = other.reported;
    let noise = if other.within_noise { " ≈" } else { "" };
    let spread = sd.map_or_else(String::new, |sd| format!(" ± {sd:.2}"));
    let text = |difference: f64| format!(": {difference:+.2}{noise}");
    let difference = other.difference.map(text).unwrap_or_default();
    format!("{mean:.2}{spread}{difference}")
}

pub(super) fn scores_beside_macro_f1(results: &Results) -> Table {
    const SCORES: [&str; 3] = ["balanced accuracy", "G-mean", "MCC"];
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(summaries) = &method.summaries else {
                continue;
            };
            let label = Entry::word(format!("{}: {}", dataset.title, method.title));
            let entries = SCORES.iter().filter_map(|name| summaries.score(name));
            let entries = entries.map(|summary| points(summary, method.runs));
            rows.push(std::iter::once(label).chain(entries).collect());
        }
    }
    Table {
        name: "scores".into(),
        title: "Other scores".into(),
        caption: "Test scores × 100, mean ± standard deviation. G-mean is 0 whenever a class has recall 0."
            .into(),
        header: ["cell"].iter().chain(&SCORES).map(|&s| s.to_owned()).collect(),
        rows,
        place: None,
        is_detail: true,
    }
}

/// Macro F1 of each seed as CSV, a column for each method that has all of them: what `art stats` reads. None without such a
/// method.
pub(super) fn by_seed(dataset: &DatasetResults) -> Option<String> {
    let methods = dataset.methods.iter();
    let methods: Vec<&MethodResults> = methods.filter(|method| method.is_complete()).collect();
    let seeds = &methods.first()?.scores;
    let header = methods.iter().map(|method| method.id.clone());
    let rows = seeds.iter().enumerate().map(|(row, (seed, _))| {
        let scores = methods
            .iter()
            .map(|method| method.scores[row].1.to_string());
        std::iter::once(seed.to_string()).chain(scores).collect()
    });
    let header = std::iter::once("seed".to_owned()).chain(header).collect();
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(rows).collect();
    Some(csv_text(rows))
}
