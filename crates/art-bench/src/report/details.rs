//! Tables to look something up in: ablations, tuning, classes, cost.

use super::{
    entries::{points, remarks, summarized},
    place::Place,
    table::{Entry, Table, words},
};
use crate::{
    counted::counted,
    paper::Table as PaperTable,
    results::{AblationResults, DatasetResults, MethodResults, PointResults, Results},
    splits::Division,
};
use art_methods::Settings;
use art_stats::Summary;

/// What a point of an ablation was, for its row.
fn point_text(ablation: &AblationResults, point: &PointResults) -> String {
    let varied = ablation.ablation.vary.iter().zip(&point.values);
    let texts = varied.filter_map(|(vary, value)| Some(format!("{} {}", vary.setting, (*value)?)));
    let texts: Vec<String> = texts.collect();
    if texts.is_empty() {
        point.title.clone()
    } else {
        format!("{}, {}", point.title, texts.join(", "))
    }
}

pub(super) fn ablation(results: &AblationResults) -> Table {
    /// With fewer test rows of a class than this, one row moves its F1 by a fifth.
    const FEW: u64 = 5;
    let rows = results.points.iter().map(|point| {
        let score = match point.macro_f1 {
            Some(summary) => points(summary, [summary.n, point.planned]),
            None => Entry::word("no result"),
        };
        let failures = point
            .failures
            .iter()
            .map(|(error, n)| format!("{n} failed: {error}"));
        let few = point.fewest_test_rows.filter(|&n| n < FEW);
        let few =
            few.map(|n| format!("{} of a class: unreliable", counted(n as usize, "test row")));
        let remarks: Vec<String> = failures.chain(few).collect();
        vec![
            Entry::word(point_text(results, point)),
            score,
            Entry::word(remarks.join("; ")),
        ]
    });
    Table {
        name: format!("ablation_{}", results.ablation.name),
        title: results.ablation.title.clone(),
        caption: format!(
            "Test macro F1 × 100 on {}, mean ± standard deviation; every setting that is not varied has its \
             fixed value, nothing is tuned.{}",
            crate::datasets::dataset_title(&results.ablation.dataset),
            results
                .ablation
                .remark
                .as_ref()
                .map(|remark| format!(" {remark}"))
                .unwrap_or_default()
        ),
        header: words(&["point", "macro F1", "remarks"]),
        rows: rows.collect(),
        place: None,
        is_detail: true,
    }
}

fn settings_text(settings: &Settings) -> String {
    let number = |value: &art_methods::Value| match value {
        art_methods::Value::Number(n) if n.fract() != 0.0 && n.abs() < 0.01 => format!("{n:.2e}"),
        art_methods::Value::Number(n) if n.fract() != 0.0 => format!("{n:.3}"),
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
            rows.push(vec![
                Entry::word(format!("{}: {}", dataset.title, method.title)),
                mean(s.epochs, 1),
                mean(s.best_epoch, 1),
                mean(s.steps, 0),
                mean(s.seconds, 3),
                mean(s.train_ms, 3),
                mean(s.forward_ms, 3),
                mean(s.score_ms, 4),
                mean(s.draw_ms, 4),
                Entry::number(format!("{:.2} %", 100.0 * s.overhead.mean), s.overhead.mean),
            ]);
        }
    }
    Table {
        name: "cost".into(),
        title: "Cost".into(),
        caption: "Means over seeds. Methods take different numbers of steps an epoch: over-sampling \
                  lengthens it, under-sampling shortens it. Milliseconds of an epoch: T_base is training, \
                  T_fwd the validation forward pass, which early stopping needs for every method, T_F1 its \
                  confusion matrix and scores, T_idx drawing the epoch's rows and, for ART, the refresh of \
                  the class distribution. The overhead is the share of T_F1 and T_idx. Cells run side by \
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
