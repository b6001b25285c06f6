//! Tables to look something up in: ablations, tuning, classes, cost.

use super::{
    entries::{points, remarks, rounded, summarized},
    place::Place,
    significance::p_or_dash,
    table::{Entry, Table, words},
};
use crate::{
    counted::counted,
    matrix::{Ablation, Vary},
    paper::Table as PaperTable,
    results::{AblationResults, DatasetResults, Grid, MethodResults, PointResults, Results},
    splits::Division,
};
use art_methods::{Settings, Value};
use art_stats::Summary;

/// What a point of an ablation was, for its row.
fn point_text(vary: &[Vary], title: &str, values: &[Option<Value>]) -> String {
    let varied = vary.iter().zip(values);
    let texts = varied.filter_map(|(vary, value)| Some(varied_text(vary, value.as_ref()?)));
    let texts: Vec<String> = std::iter::once(title.to_owned()).chain(texts).collect();
    texts.join(", ")
}

fn varied_text(vary: &Vary, value: &Value) -> String {
    let named = match (vary.setting.as_str(), value) {
        ("trials", Value::Word(_)) => "trials as for the comparison",
        ("trials", Value::Number(trials)) => return format!("{trials} trials"),
        ("criterion", Value::Word(word)) => match word.as_str() {
            "native" => "stopped by the validation loss",
            "prior-corrected" => "stopped by the loss for natural proportions",
            "macro-f1" => "stopped by macro F1",
            "last-epoch" => "not stopped",
            other => return format!("stopped by {other}"),
        },
        ("draw", Value::Word(_)) => "rows drawn for each seed",
        ("draw", Value::Number(_)) => "one draw of rows",
        (setting, value) => return format!("{} {value}", setting.replace('-', " ")),
    };
    named.to_owned()
}

/// With fewer test rows of a class than this, one row moves its F1 by a fifth.
const FEW: u64 = 5;

fn point_remarks(point: &PointResults) -> String {
    let failures = point.failures.iter();
    let failures = failures.map(|(error, n)| format!("{n} failed: {error}"));
    let few = point.fewest_test_rows.filter(|&n| n < FEW);
    let few = few.map(|n| format!("{} of a class: unreliable", counted(n as usize, "test row")));
    let remarks: Vec<String> = failures.chain(few).collect();
    remarks.join("; ")
}

fn score(point: &PointResults) -> Entry {
    match point.macro_f1 {
        Some(summary) => points(summary, [summary.n, point.planned]),
        None => Entry::word("no result"),
    }
}

/// Whether what is varied last is no number on an axis: its values are columns.
fn is_of_words(ablation: &Ablation) -> bool {
    let is_word = |value: &Value| matches!(value, Value::Word(_));
    let last = ablation.vary.last();
    last.is_some_and(|vary| vary.values.iter().any(is_word))
}

pub(super) fn ablation(results: &AblationResults) -> Table {
    let Ablation {
        name,
        title,
        dataset,
        vary,
        remark,
        ..
    } = &results.ablation;
    let is_tuned = vary.iter().any(|vary| vary.setting == "trials");
    // Words do not lie on an axis: they are columns.
    let is_of_words = |vary: &Vary| {
        vary.values
            .iter()
            .any(|value| matches!(value, Value::Word(_)))
    };
    let grid = results
        .grid()
        .filter(|_| vary.last().is_some_and(is_of_words));
    let (header, rows) = match grid {
        Some(grid) => grid_rows(vary, &grid),
        None => (
            words(&["point", "macro F1", "remarks"]),
            results
                .points
                .iter()
                .map(|point| {
                    vec![
                        Entry::word(point_text(vary, &point.title, &point.values)),
                        score(point),
                        Entry::word(point_remarks(point)),
                    ]
                })
                .collect(),
        ),
    };
    let settings = if is_tuned {
        "settings are tuned for each column as in the comparison. The largest mean of a column is strong."
    } else {
        "every setting that is not varied has its fixed value, nothing is tuned."
    };
    let remark = remark.as_ref().map(|remark| format!(" {remark}"));
    Table {
        name: format!("ablation_{name}"),
        title: title.clone(),
        caption: format!(
            "Test macro F1 × 100 on {}, mean ± standard deviation; {settings}{}",
            crate::datasets::dataset_title(dataset),
            remark.unwrap_or_default()
        ),
        header,
        rows,
        place: None,
        is_detail: true,
    }
}

/// How ART stands where the paper's text can be read otherwise: a row for each value of what is varied.
pub(super) fn readings(results: &Results) -> Option<Table> {
    let mut rows = vec![];
    for of in results
        .ablations
        .iter()
        .filter(|of| is_of_words(&of.ablation))
    {
        let vary = of.ablation.vary.last()?;
        for standing in &of.standings {
            let gain = standing
                .against_plain
                .as_ref()
                .map(|c| 100.0 * c.difference);
            let p = standing
                .against_plain
                .as_ref()
                .and_then(|c| Some(c.corrected_t?.p));
            rows.push(vec![
                Entry::word(of.ablation.title.clone()),
                Entry::word(varied_text(vary, &standing.value)),
                Entry::number(
                    format!("{:.2}", 100.0 * standing.own.mean),
                    standing.own.mean,
                ),
                Entry {
                    values: vec![standing.rank as f64, standing.of as f64],
                    ..Entry::word(format!("{} of {}", standing.rank, standing.of))
                },
                Entry::word(format!(
                    "{}, {:.2}",
                    standing.best,
                    100.0 * standing.largest
                )),
                gain.map_or_else(
                    || Entry::word("—"),
                    |gain| Entry::number(format!("{:+.2}", rounded(gain, 2)), gain),
                ),
                p_or_dash(p),
            ]);
        }
    }
    (!rows.is_empty()).then(|| Table {
        name: "readings".into(),
        title: "ART where the paper can be read otherwise".into(),
        caption: "What the text leaves open, each time for all methods of the ablations below, the static blend included. \
                  Means of test macro F1 × 100. The gain is over plain training on the same seeds; its p-value is that of the \
                  t-test corrected for overlapping training sets, not adjusted for the number of rows."
            .into(),
        header: words(&["open", "read as", "ART", "its rank", "largest mean", "gain", "p"]),
        rows,
        place: None,
        is_detail: false,
    })
}

fn grid_rows(vary: &[Vary], grid: &Grid<'_>) -> (Vec<String>, Vec<Vec<Entry>>) {
    let (last, others) = vary.split_last().expect("a grid varies something");
    let columns = last.values.iter().map(|value| varied_text(last, value));
    let header = std::iter::once("method".to_owned()).chain(columns);
    let header = header.chain(["remarks".into()]).collect();
    let rows = grid.rows.iter().map(|row| {
        let entries = row
            .points
            .iter()
            .zip(&grid.best)
            .map(|(point, best)| match point {
                Some(point) => {
                    let mean = point.macro_f1.map(|summary| summary.mean);
                    score(point).strong_if(mean.is_some() && mean == *best)
                }
                None => Entry::word("—"),
            });
        let mut remarks: Vec<String> = row
            .points
            .iter()
            .flatten()
            .map(|point| point_remarks(point))
            .collect();
        remarks.retain(|remark| !remark.is_empty());
        remarks.dedup();
        let first = Entry::word(point_text(others, row.title, row.others));
        let last = Entry::word(remarks.join("; "));
        std::iter::once(first)
            .chain(entries)
            .chain([last])
            .collect()
    });
    (header, rows.collect())
}

fn settings_text(settings: &Settings) -> String {
    let number = |value: &Value| match value {
        Value::Number(n) if n.fract() != 0.0 && n.abs() < 0.01 => format!("{n:.2e}"),
        Value::Number(n) if n.fract() != 0.0 => format!("{n:.3}"),
        other => other.to_string(),
    };
    let texts = settings
        .iter()
        .map(|(name, value)| format!("{name} {}", number(value)));
    texts.collect::<Vec<_>>().join(", ")
}

pub(super) fn tuning(results: &Results) -> Option<Table> {
    let seeds = &results.matrix.tuning.as_ref()?.seeds;
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(tuned) = &method.tuned else { continue };
            let settings = tuned.shown.as_ref();
            let count = |n: usize| Entry::number(n.to_string(), n as f64);
            let score = |score: f64| Entry::number(format!("{:.2}", 100.0 * score), score);
            rows.push(vec![
                Entry::word(format!("{}: {}", dataset.title, method.title)).notes(remarks(
                    PaperTable::Tuning,
                    &dataset.id,
                    &method.id,
                )),
                count(tuned.planned as usize),
                count(tuned.finished),
                count(tuned.failed),
                tuned.score.map_or_else(|| Entry::word("—"), score),
                Entry::word(match settings {
                    Some(settings) => settings_text(settings),
                    None if tuned.finished == tuned.planned as usize => {
                        "none: all trials failed".to_owned()
                    }
                    None => "not chosen yet".to_owned(),
                }),
            ]);
        }
    }
    Some(Table {
        name: "tuning".into(),
        title: "Tuning".into(),
        caption: format!(
            "Trials of Parzen estimators (TPE, each setting on its own), each scored by the mean macro F1 on \
             the validation rows of the seeds {}; the best trial's settings are those of the test runs. No \
             tuning seed is a test seed and no trial reads the test part of its split{}. The score is that \
             of the best of many and therefore too high.",
            seeds
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(", "),
            match results.division {
                Division::Given => "",
                _ =>
                    "; but every seed splits the same rows anew, so most test rows of the other seeds took part in tuning",
            },
        ),
        header: words(&[
            "cell",
            "trials",
            "done",
            "failed",
            "validation macro F1",
            "settings",
        ]),
        rows,
        place: None,
        is_detail: true,
    })
}

/// The score of a class with the seeds that judge it where not all do; a dash where none does.
pub(super) fn of_class(summary: Option<Summary>, method: &MethodResults, seeds: usize) -> Entry {
    match summary {
        None => Entry::word("—"),
        Some(summary) if summary.n < method.scores.len() => {
            let mut entry = points(summary, method.runs);
            entry.text = format!("{} ({} of {seeds} seeds)", entry.text, summary.n);
            entry
        }
        Some(summary) => points(summary, method.runs),
    }
}

pub(super) fn per_class(dataset: &DatasetResults) -> Table {
    let rows = dataset.class_names.iter().enumerate().map(|(class, name)| {
        let entry = |method: &MethodResults| {
            summarized(method, |s| {
                of_class(s.per_class_f1[class], method, dataset.divisions.seeds)
            })
        };
        let entries = dataset.methods.iter().map(entry);
        std::iter::once(Entry::word(name.clone()))
            .chain(entries)
            .collect()
    });
    let titles = dataset.methods.iter().map(|method| method.title.clone());
    Table {
        name: format!("per_class_{}", dataset.id),
        title: format!("F1 of each class: {}", dataset.title),
        caption: "Test F1 × 100 of each class, mean ± standard deviation.".into(),
        header: std::iter::once("class".to_owned()).chain(titles).collect(),
        rows: rows.collect(),
        place: None,
        is_detail: true,
    }
}

pub(super) fn cost(results: &Results) -> Table {
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(s) = &method.summaries else { continue };
            let mean = |summary: Summary, decimals: usize| {
                Entry::number(format!("{:.decimals$}", summary.mean), summary.mean)
            };
            let median = |milliseconds: f64, decimals: usize| {
                Entry::number(format!("{milliseconds:.decimals$}"), milliseconds)
            };
            rows.push(vec![
                Entry::word(format!("{}: {}", dataset.title, method.title)),
                mean(s.epochs, 1),
                mean(s.best_epoch, 1),
                mean(s.steps, 0),
                mean(s.seconds, 3),
                median(s.cost.train, 3),
                median(s.cost.forward, 3),
                median(s.cost.score, 4),
                median(s.cost.draw, 4),
                Entry::number(format!("{:.2} %", 100.0 * s.cost.overhead), s.cost.overhead),
            ]);
        }
    }
    Table {
        name: "cost".into(),
        title: "Cost".into(),
        caption: "Epochs, steps and seconds are means over seeds, what an epoch takes in milliseconds and the overhead are \
                  medians over seeds. Methods take different numbers of steps an epoch: over-sampling lengthens it, \
                  under-sampling shortens it. T_base is training. T_fwd is the validation forward pass, which early stopping \
                  needs for every method. T_F1 is its confusion matrix and scores. T_idx is drawing the epoch's rows and, for \
                  ART, the refresh of the class distribution. The overhead is the share of T_F1 and T_idx. Cells run side by \
                  side, and times depend on whatever else the machine did."
            .into(),
        header: words(&[
            "cell", "epochs", "best epoch", "steps", "seconds", "T_base", "T_fwd", "T_F1", "T_idx",
            "overhead",
        ]),
        rows,
        place: Some(Place::Section("3.5")),
        is_detail: true,
    }
}
