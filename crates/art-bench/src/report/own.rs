//! Tables that only a report on a table of the user's own has.

use super::{
    details::of_class,
    entries::summarized,
    significance::p_or_dash,
    table::{Entry, Table, words},
};
use crate::results::{Comparison, DatasetResults, MethodResults, Summaries};
use art_stats::Summary;

/// Each method against plain training, on a table of the user's own.
pub(super) fn against_plain(dataset: &DatasetResults) -> Option<Table> {
    let verdict = dataset.verdict.as_ref()?;
    let row = |c: &Comparison| {
        let point = |x: f64| Entry::number(format!("{:+.2}", 100.0 * x), x);
        let none = || Entry::word("—");
        vec![
            Entry::word(c.title.clone()),
            point(c.difference),
            c.corrected_interval.map_or_else(none, |i| point(i.low)),
            c.corrected_interval.map_or_else(none, |i| point(i.high)),
            p_or_dash(c.corrected_t.map(|test| test.p)),
            p_or_dash(c.corrected_t.map(|test| test.holm)),
        ]
    };
    Some(Table {
        name: format!("against_plain_{}", dataset.id),
        title: format!("Each method against plain training on {}", dataset.title),
        caption: format!(
            "Difference of mean {} in points over the same seeds, with p of the t-test corrected for overlapping splits \
             (Nadeau and Bengio 2003), as it is and after Holm's adjustment, bold below 0.05; and with the 95 % interval that is \
             adjusted as p is. A dash: there is no test, since the differences do not vary or all seeds share one division.",
            verdict.metric.name()
        ),
        header: words(&["method", "difference", "from", "to", "p", "Holm"]),
        rows: verdict.against_plain.iter().map(row).collect(),
        place: None,
        is_detail: false,
    })
}

/// Precision and recall of each class, on a table of the user's own.
pub(super) fn precision_and_recall(dataset: &DatasetResults) -> Table {
    let mut rows = vec![];
    for method in &dataset.methods {
        for (name, of) in [
            (
                "precision",
                (|s| &s.per_class_precision) as fn(&Summaries) -> &Vec<Option<Summary>>,
            ),
            ("recall", |s| &s.per_class_recall),
        ] {
            let entries = (0..dataset.class_names.len()).map(|class| {
                let seeds = dataset.divisions.seeds;
                summarized(method, |s| of_class(of(s)[class], method, seeds))
            });
            let label = Entry::word(format!("{}: {name}", method.title));
            rows.push(std::iter::once(label).chain(entries).collect());
        }
    }
    let classes = dataset.class_names.iter().cloned();
    Table {
        name: format!("precision_recall_{}", dataset.id),
        title: format!("Precision and recall of each class: {}", dataset.title),
        caption: "Test scores × 100 of each class, mean ± standard deviation.".into(),
        header: std::iter::once("method".to_owned())
            .chain(classes)
            .collect(),
        rows,
        place: None,
        is_detail: true,
    }
}

/// What became of the test rows of each class.
pub(super) fn confusion(dataset: &DatasetResults, method: &MethodResults) -> Option<Table> {
    let confusion = &method.summaries.as_ref()?.confusion;
    Some(Table::of_confusion(
        format!("confusion_{}_{}", dataset.id, method.id),
        format!(
            "Truth against prediction: {}, {}",
            dataset.title, method.title
        ),
        "Test rows of all seeds together; a row of the table may be a test row more than once."
            .into(),
        &dataset.class_names,
        confusion,
    ))
}

/// Whether probabilities mean what they say, on a table of the user's own.
pub(super) fn calibration(dataset: &DatasetResults) -> Option<Table> {
    let row = |method: &MethodResults| {
        let calibration = method.summaries.as_ref()?.calibration.as_ref()?;
        let entry = |s: Summary| Entry {
            values: vec![s.mean, s.sd, s.n as f64],
            ..Entry::word(format!("{:.4} ± {:.4}", s.mean, s.sd))
        };
        Some(vec![
            Entry::word(method.title.clone()),
            entry(calibration.log_loss),
            entry(calibration.brier),
            entry(calibration.expected_error),
        ])
    };
    let rows: Vec<Vec<Entry>> = dataset.methods.iter().filter_map(row).collect();
    (!rows.is_empty()).then(|| Table {
        name: format!("calibration_{}", dataset.id),
        title: format!("Probabilities: {}", dataset.title),
        caption: "On test rows, mean ± standard deviation over seeds, lower is better: log-loss, Brier score (0 to 2) \
                  and expected calibration error (15 bins of equal width). Probabilities are corrected from the \
                  shares that logits stand for (those drawn, times what a loss that weighs or shifts classes made of \
                  them) to those of the training rows. Weights that validation decides, and factors of \
                  logits (VS loss) or of losses (focal loss), are not corrected for."
            .into(),
        header: words(&["method", "log-loss", "Brier", "calibration error"]),
        rows,
        place: None,
        is_detail: false,
    })
}
