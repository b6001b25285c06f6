//! Which tables a report has.

use super::{
    across::{across, again, balance},
    own::{against_plain, calibration, confusion, precision_and_recall},
    remarks,
    significance::{comparisons, p_text, ranks},
    table::{Entry, Table},
};
use crate::{
    AblationResults, DatasetResults, Elsewhere, MethodResults, PointResults, Results, Role,
    Settings, Summaries, paper::Table as PaperTable,
};
use art_stats::Summary;
use std::fmt::Write as _;

/// The tables of a chapter.
pub(super) struct Chapter {
    pub(super) title: &'static str,
    pub(super) tables: Vec<Table>,
}

pub(super) fn chapters(results: &Results) -> Vec<Chapter> {
    let mut scores = vec![macro_f1(results)];
    scores.extend(controls(results));
    scores.extend(score_tables(results));
    scores.push(scores_beside_macro_f1(results));
    scores.extend(balance(results));
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
    let chapters = [
        ("Scores", scores),
        ("Significance", significance),
        (
            "Beside others",
            beside_others(results).into_iter().collect(),
        ),
        (
            "Ablations",
            results.ablations.iter().map(ablation).collect(),
        ),
        ("Details", details),
    ];
    let chapters = chapters.into_iter().map(|(title, mut tables)| {
        if !results.is_of_paper() {
            tables.iter_mut().for_each(Table::forget_paper);
        }
        Chapter { title, tables }
    });
    chapters.filter(|c| !c.tables.is_empty()).collect()
}

/// A title without the place in the paper that stands in brackets behind it.
pub(super) fn without_place(title: &str) -> &str {
    let places = [" (Table", " (Fig", " (section"];
    let cut = places
        .into_iter()
        .filter_map(|place| title.find(place))
        .min();
    &title[..cut.unwrap_or(title.len())]
}

pub(super) fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

/// Mean ± deviation in points, with the number of runs where some are missing.
pub(super) fn points(summary: Summary, planned: usize) -> Entry {
    let mut text = format!("{:.2} ± {:.2}", 100.0 * summary.mean, 100.0 * summary.sd);
    if summary.n < planned {
        let _ = write!(text, " ({} of {planned})", summary.n);
    }
    Entry {
        values: vec![summary.mean, summary.sd, summary.n as f64],
        ..Entry::word(text)
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

pub(super) fn macro_f1(results: &Results) -> Table {
    let (header, rows) = by_dataset(
        results,
        |m| m.role == Role::Compared,
        |_, method| {
            summarized(method, |s| points(s.macro_f1, method.planned)).strong_if(method.is_best)
        },
    );
    Table {
        name: "macro_f1".into(),
        title: "Macro F1 (Table 1)".into(),
        caption: format!(
            "Test macro F1 × 100, mean ± standard deviation (ddof 1) over {} seeds; the largest mean \
             of a column is bold, which does not make the difference significant.",
            results.matrix.seeds.len()
        ),
        header,
        rows,
        is_detail: false,
    }
}

fn controls(results: &Results) -> Option<Table> {
    let (header, rows) = by_dataset(
        results,
        |m| m.role != Role::Compared,
        |dataset, method| {
            let comparison = dataset.comparisons.iter().find(|c| c.other == method.id);
            summarized(method, |s| points(s.macro_f1, method.planned))
                .aside(comparison.map(|c| {
                    let difference = 100.0 * c.difference;
                    format!("ART {difference:+.2}, p {}", p_text(c.corrected_t.p))
                }))
                .strong_if(comparison.is_some_and(|c| c.corrected_t.holm < 0.05))
        },
    );
    (!rows.is_empty()).then(|| Table {
        name: "controls".into(),
        title: "Controls and additions".into(),
        caption: "Test macro F1 × 100 of methods that the paper does not have: what is left of ART without \
                  its feedback (static blend: never refreshed; frozen w: the first refresh for ever; shuffled \
                  w: feedback about the wrong classes), class-priority sampling, and plain training with a \
                  decision moved on the validation rows. Where methods are tuned, these are tuned by the same \
                  rule; one with fewer settings gets fewer trials on tables, as the tuning table shows. Below \
                  each, ART's mean less this one and p of the corrected t-test; bold where it stays \
                  below 0.05 after Holm's adjustment over these rows of a data set. If ART is not ahead of \
                  them, its feedback is not what helped."
            .into(),
        header,
        rows,
        is_detail: false,
    })
}

/// Accuracy, precision and recall: the paper's Tables 7 to 9.
fn score_tables(results: &Results) -> Vec<Table> {
    let tables = [
        ("accuracy", "Accuracy (Table 7)", PaperTable::Accuracy),
        (
            "macro precision",
            "Macro precision (Table 8)",
            PaperTable::Precision,
        ),
        ("macro recall", "Macro recall (Table 9)", PaperTable::Recall),
    ];
    let table = |(score, title, of): (&str, &str, PaperTable)| {
        let (header, rows) = by_dataset(
            results,
            |_| true,
            |dataset, method| {
                let theirs = method.paper_scores.iter().find(|(name, _)| *name == score);
                let aside = theirs
                    .map(|(_, other)| format!("paper {:.2}{}", other.mean, difference_text(other)));
                summarized(method, |s| {
                    s.score(score)
                        .map_or_else(|| Entry::word("—"), |s| points(s, method.planned))
                })
                .aside(aside)
                .notes(remarks(of, &dataset.id, &method.id))
            },
        );
        Table {
            name: score.replace(' ', "_"),
            title: title.into(),
            caption: "Test score × 100, mean ± standard deviation. Below it the paper's, where the project \
                      holds it, and our mean less that one."
                .into(),
            header,
            rows,
            is_detail: true,
        }
    };
    tables.into_iter().map(table).collect()
}

/// `, −1.2` and whether that is within noise; nothing where there is no difference.
fn difference_text(other: &Elsewhere) -> String {
    let noise = if other.within_noise {
        ", within noise"
    } else {
        ""
    };
    let text = |difference: f64| format!(" ({difference:+.1}{noise})");
    other.difference.map(text).unwrap_or_default()
}

fn scores_beside_macro_f1(results: &Results) -> Table {
    const SCORES: [&str; 3] = ["balanced accuracy", "G-mean", "MCC"];
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(summaries) = &method.summaries else {
                continue;
            };
            let label = Entry::word(format!("{}: {}", dataset.title, method.title));
            let entries = SCORES.iter().filter_map(|name| summaries.score(name));
            let entries = entries.map(|summary| points(summary, method.planned));
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
        is_detail: true,
    }
}

fn beside_others(results: &Results) -> Option<Table> {
    let mut rows = vec![];
    let has_reference = results.matrix.tuning.is_none();
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(summaries) = &method.summaries else {
                continue;
            };
            let reference = method.reference.filter(|_| has_reference);
            if reference.is_none() && method.paper.is_none() {
                continue;
            }
            let label = format!("{}: {}", dataset.title, method.title);
            let notes = remarks(PaperTable::MacroF1, &dataset.id, &method.id);
            let mut row = vec![
                Entry::word(label).notes(notes),
                points(summaries.macro_f1, method.planned),
            ];
            for other in [reference, method.paper]
                .into_iter()
                .skip(usize::from(!has_reference))
            {
                let number = |value: f64| Entry::number(format!("{value:.1}"), value);
                row.push(other.map_or_else(|| Entry::word("—"), |other| number(other.mean)));
                let difference = |other: Elsewhere| {
                    let value = other.difference?;
                    let noise = if other.within_noise {
                        "within noise"
                    } else {
                        ""
                    };
                    Some(Entry::number(
                        format!("{value:+.1} {noise}").trim_end().to_owned(),
                        value,
                    ))
                };
                row.push(
                    other
                        .and_then(difference)
                        .unwrap_or_else(|| Entry::word("")),
                );
            }
            rows.push(row);
        }
    }
    let mut header = words(&["cell", "ours"]);
    if has_reference {
        header.extend(words(&["PyTorch", "ours − PyTorch"]));
    }
    header.extend(words(&["paper", "ours − paper"]));
    let reference = if has_reference {
        "of a PyTorch run of the same protocol with the same fixed hyper-parameters (20 seeds), and "
    } else {
        "and "
    };
    (!rows.is_empty()).then(|| Table {
        name: "beside_others".into(),
        title: "Beside other measurements (Table 1)".into(),
        caption: format!(
            "Macro F1 × 100 of this run, {reference}of the paper's Table 1, where each method was tuned on \
             ranges that the paper does not state. Within noise: the difference is at most twice its \
             standard error, with our spread taken for both sides. Cells of Table 1 that the project does \
             not hold are left out."
        ),
        header,
        rows,
        is_detail: false,
    })
}

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

fn ablation(results: &AblationResults) -> Table {
    /// With fewer test rows of a class than this, one row moves its F1 by a fifth.
    const FEW: u64 = 5;
    let rows = results.points.iter().map(|point| {
        let score = match point.macro_f1 {
            Some(summary) => points(summary, point.planned),
            None => Entry::word("no result"),
        };
        let failures = point
            .failures
            .iter()
            .map(|(error, n)| format!("{n} failed: {error}"));
        let few = point.fewest_test_rows.filter(|&n| n < FEW);
        let few = few.map(|n| format!("{n} test rows of a class: unreliable"));
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
            crate::dataset_title(&results.ablation.dataset),
            results
                .ablation
                .remark
                .as_ref()
                .map(|remark| format!(" {remark}"))
                .unwrap_or_default()
        ),
        header: words(&["point", "macro F1", "remarks"]),
        rows: rows.collect(),
        is_detail: true,
    }
}

fn settings_text(settings: &Settings) -> String {
    let number = |value: &crate::Value| match value {
        crate::Value::Number(n) if n.fract() != 0.0 && n.abs() < 0.01 => format!("{n:.2e}"),
        crate::Value::Number(n) if n.fract() != 0.0 => format!("{n:.3}"),
        other => other.to_string(),
    };
    let texts = settings
        .iter()
        .map(|(name, value)| format!("{name} {}", number(value)));
    texts.collect::<Vec<_>>().join(", ")
}

fn tuning(results: &Results) -> Option<Table> {
    let seeds = &results.matrix.tuning.as_ref()?.seeds;
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(tuned) = &method.tuned else { continue };
            let settings = tuned.settings.as_ref();
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
             tuning seed is a test seed and no trial reads the test part of its split; but every seed splits \
             the same rows anew, so most test rows of the other seeds took part in tuning. The score is that \
             of the best of many and therefore too high.",
            seeds
                .iter()
                .map(u64::to_string)
                .collect::<Vec<_>>()
                .join(", ")
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
        is_detail: true,
    })
}

fn per_class(dataset: &DatasetResults) -> Table {
    let rows = dataset.class_names.iter().enumerate().map(|(class, name)| {
        let entry = |method: &MethodResults| {
            summarized(method, |s| points(s.per_class_f1[class], method.planned))
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
        is_detail: true,
    }
}

fn cost(results: &Results) -> Table {
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
        title: "Cost (section 3.5)".into(),
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
        is_detail: true,
    }
}
