//! Which tables a report has.

use super::table::{Entry, Table};
use crate::{Comparison, DatasetResults, MethodResults, Results, Summaries};
use art_stats::Summary;
use std::fmt::Write as _;

pub(super) fn all(results: &Results) -> Vec<Table> {
    let mut tables = vec![
        macro_f1(results),
        comparisons(results),
        beside_others(results),
        scores(results),
    ];
    tables.extend(results.datasets.iter().map(per_class));
    tables.push(cost(results));
    tables
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

/// Mean ± deviation in points, with the number of runs where some are missing.
fn points(summary: Summary, planned: usize) -> Entry {
    let mut text = format!("{:.2} ± {:.2}", 100.0 * summary.mean, 100.0 * summary.sd);
    if summary.n < planned {
        let _ = write!(text, " ({} of {planned})", summary.n);
    }
    Entry {
        values: vec![summary.mean, summary.sd, summary.n as f64],
        ..Entry::word(text)
    }
}

/// `entry` of the summaries, or that there are none.
fn summarized(method: &MethodResults, entry: impl Fn(&Summaries) -> Entry) -> Entry {
    method
        .summaries
        .as_ref()
        .map_or_else(|| Entry::word("no result"), entry)
}

pub(super) fn macro_f1(results: &Results) -> Table {
    let rows = (0..results.matrix.methods.len()).map(|index| {
        let first = results
            .datasets
            .first()
            .map(|d| d.methods[index].title.clone());
        let mut row = vec![Entry::word(first.unwrap_or_default())];
        for dataset in &results.datasets {
            let method = &dataset.methods[index];
            let mut entry = summarized(method, |s| points(s.macro_f1, method.planned));
            entry.strong = method.is_best;
            row.push(entry);
        }
        row
    });
    let titles = results.datasets.iter().map(|dataset| dataset.title.clone());
    Table {
        name: "macro_f1".into(),
        title: "Macro F1".into(),
        caption: format!(
            "Test macro F1 × 100, mean ± standard deviation (ddof 1) over {} seeds; the largest mean \
             of a column is bold, which does not make the difference significant.",
            results.matrix.seeds.len()
        ),
        header: std::iter::once("method".to_owned()).chain(titles).collect(),
        rows: rows.collect(),
    }
}

fn p_value(p: f64) -> Entry {
    let text = if p >= 0.001 {
        format!("{p:.3}")
    } else {
        format!("{p:.1e}")
    };
    Entry::number(text, p)
}

fn comparisons(results: &Results) -> Table {
    let row = |dataset: &DatasetResults, c: &Comparison| {
        vec![
            Entry::word(format!("{}: ART − {}", dataset.title, c.other)),
            Entry::number(format!("{:+.2}", 100.0 * c.difference), c.difference),
            Entry::number(c.n.to_string(), c.n as f64),
            p_value(c.plain_p),
            p_value(c.corrected_p),
            Entry {
                strong: c.holm_p < 0.05,
                ..p_value(c.holm_p)
            },
        ]
    };
    let rows = results
        .datasets
        .iter()
        .flat_map(|d| d.comparisons.iter().map(move |c| row(d, c)));
    Table {
        name: "comparisons".into(),
        title: "ART against each method".into(),
        caption: "Difference of mean macro F1 in points over the same seeds. The plain paired t-test \
                  takes runs on overlapping splits for independent and is too easily impressed; the \
                  corrected one (Nadeau and Bengio 2003) is not. Holm adjusts the corrected p over the \
                  methods of a data set; bold where it is below 0.05."
            .into(),
        header: words(&["comparison", "difference", "seeds", "p, plain t", "p, corrected t", "p, Holm"]),
        rows: rows.collect(),
    }
}

fn beside_others(results: &Results) -> Table {
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(summaries) = &method.summaries else {
                continue;
            };
            if method.reference.is_none() && method.paper.is_none() {
                continue;
            }
            let mut row = vec![
                Entry::word(format!("{}: {}", dataset.title, method.title)),
                points(summaries.macro_f1, method.planned),
            ];
            for other in [method.reference, method.paper] {
                let mean = other.map(|other| other.mean);
                let number = |value: f64| Entry::number(format!("{value:.1}"), value);
                row.push(mean.map_or_else(|| Entry::word("—"), number));
                let signed = |value: f64| Entry::number(format!("{value:+.1}"), value);
                let difference = other.and_then(|other| other.difference);
                row.push(difference.map_or_else(|| Entry::word(""), signed));
            }
            rows.push(row);
        }
    }
    Table {
        name: "beside_others".into(),
        title: "Beside other measurements".into(),
        caption: "Macro F1 × 100 of this run, of a PyTorch run of the same protocol with the same fixed \
                  hyper-parameters (20 seeds), and of the paper's Table 1, where each method was tuned on \
                  ranges that the paper does not state."
            .into(),
        header: words(&["cell", "ours", "PyTorch", "ours − PyTorch", "paper", "ours − paper"]),
        rows,
    }
}

fn scores(results: &Results) -> Table {
    let mut header = words(&["cell"]);
    let mut rows = vec![];
    for dataset in &results.datasets {
        for method in &dataset.methods {
            let Some(summaries) = &method.summaries else {
                continue;
            };
            if header.len() == 1 {
                header.extend(summaries.scores.iter().map(|(name, _)| (*name).to_owned()));
            }
            let label = Entry::word(format!("{}: {}", dataset.title, method.title));
            let entries = summaries
                .scores
                .iter()
                .map(|(_, s)| points(*s, method.planned));
            rows.push(std::iter::once(label).chain(entries).collect());
        }
    }
    Table {
        name: "scores".into(),
        title: "Other scores".into(),
        caption: "Test scores × 100, mean ± standard deviation. G-mean is 0 whenever a class has recall 0."
            .into(),
        header,
        rows,
    }
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
            let percent = |summary: Summary| {
                Entry::number(format!("{:.3} %", 100.0 * summary.mean), summary.mean)
            };
            rows.push(vec![
                Entry::word(format!("{}: {}", dataset.title, method.title)),
                mean(s.epochs, 1),
                mean(s.best_epoch, 1),
                mean(s.steps, 0),
                mean(s.seconds, 3),
                percent(s.forward_share),
                percent(s.score_share),
                percent(s.draw_share),
                percent(s.refresh_share),
            ]);
        }
    }
    Table {
        name: "cost".into(),
        title: "Cost".into(),
        caption: "Means over seeds. Methods take different numbers of steps an epoch: over-sampling \
                  lengthens it, under-sampling shortens it. The last columns are shares of the epochs' \
                  time: the validation forward pass (T_fwd, which early stopping needs for every \
                  method), its confusion matrix (T_F1), drawing each epoch's rows and the refresh of \
                  the class distribution (together T_idx)."
            .into(),
        header: words(&[
            "cell", "epochs", "best epoch", "steps", "seconds", "validation", "scores", "drawing", "refresh",
        ]),
        rows,
    }
}
