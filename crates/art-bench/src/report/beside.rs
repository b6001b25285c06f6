//! The table of this run beside another measurement of the same cells.

use super::{
    entries::points,
    table::{Entry, Table, words},
};
use crate::results::{MethodResults, Results};

/// Beside a `PyTorch` run with the same fixed hyper-parameters; none where methods were tuned, or nothing was measured there.
pub(super) fn beside_others(results: &Results) -> Option<Table> {
    if results.matrix.tuning.is_some() {
        return None;
    }
    let row = |title: &str, method: &MethodResults| {
        let (summaries, reference) = (method.summaries.as_ref()?, method.reference?);
        let number = |value: f64| Entry::number(format!("{value:.1}"), value);
        let difference = reference.difference.map(|value| {
            let noise = if reference.within_noise { " ≈" } else { "" };
            Entry::number(format!("{value:+.1}{noise}"), value)
        });
        Some(vec![
            Entry::word(format!("{title}: {}", method.title)),
            points(summaries.macro_f1, method.runs),
            number(reference.reported.mean),
            difference.unwrap_or_else(|| Entry::word("")),
        ])
    };
    let datasets = results.datasets.iter();
    let rows = datasets.flat_map(|d| d.methods.iter().filter_map(|m| row(&d.title, m)));
    let rows: Vec<Vec<Entry>> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        name: "beside_others".into(),
        title: "Beside a PyTorch run".into(),
        caption: "Macro F1 × 100 of this run and of a PyTorch run of the same protocol with the same fixed hyper-parameters (20 \
                  seeds). ≈: the difference is at most twice its standard error, with our spread taken for both sides."
            .into(),
        header: words(&["cell", "ours", "PyTorch", "ours − PyTorch"]),
        rows,
        place: None,
        is_detail: false,
    })
}
