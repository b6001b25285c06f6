//! The table of this run beside other measurements of the same cells.

use super::{
    entries::{points, remarks},
    place::Place,
    table::{Entry, Table, words},
};
use crate::{
    paper::Table as PaperTable,
    results::{ReportedBeside, Results},
};

pub(super) fn beside_others(results: &Results) -> Option<Table> {
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
                points(summaries.macro_f1, method.runs),
            ];
            for other in [reference, method.paper]
                .into_iter()
                .skip(usize::from(!has_reference))
            {
                let number = |value: f64| Entry::number(format!("{value:.1}"), value);
                row.push(other.map_or_else(|| Entry::word("—"), |other| number(other.mean)));
                let difference = |other: ReportedBeside| {
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
        title: "Beside other measurements".into(),
        caption: format!(
            "Macro F1 × 100 of this run, {reference}of the paper's Table 1, where each method was tuned on \
             ranges that the paper does not state. Within noise: the difference is at most twice its \
             standard error, with our spread taken for both sides. Cells of Table 1 that the project does \
             not hold are left out."
        ),
        header,
        rows,
        place: Some(Place::Table(1)),
        is_detail: false,
    })
}
