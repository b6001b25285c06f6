//! Tables of methods over data sets, and of plain training against itself.

use super::{
    entries::{by_dataset, rounded},
    significance::{interval, p_or_dash},
    table::{Entry, Table, words},
};
use crate::results::{Across, BeforeRefresh, Results};

/// Plain training against itself in another initialisation: what chance alone does.
pub(super) fn again(results: &Results) -> Option<Table> {
    let signed = |value: f64| Entry::number(format!("{:+.2}", 100.0 * value), value);
    let rows = results.datasets.iter().filter_map(|dataset| {
        let again = dataset.again.as_ref()?;
        let c = &again.comparison;
        let mut row = vec![
            Entry::word(dataset.title.clone()),
            signed(c.difference),
            interval(c.interval),
            Entry::number(c.n.to_string(), c.n as f64),
            p_or_dash(c.plain_t.map(|test| test.p)),
            p_or_dash(c.signed_rank.map(|test| test.p)),
            p_or_dash(c.corrected_t.map(|test| test.p)),
        ];
        let points = |value: f64| Entry::number(format!("{:.2}", 100.0 * value), value);
        row.extend(match again.detectable {
            Some(detectable) => detectable.map(points),
            None => [Entry::word("—"), Entry::word("—")],
        });
        Some(row)
    });
    let rows: Vec<Vec<Entry>> = rows.collect();
    (!rows.is_empty()).then(|| Table {
        name: "a_a".into(),
        title: "A/A: plain training against itself".into(),
        caption: "Mean difference of macro F1 in points between two initialisations of plain training on the same \
                  splits, with its 95 % bootstrap interval and p-values: there is nothing to find here, so that what \
                  is seen is chance. The last columns say which difference between ART and plain training four of \
                  five such experiments would find at 0.05, by the plain and by the corrected t-test; smaller ones \
                  are likely to be missed."
            .into(),
        header: words(&[
            "data set", "difference", "95 %", "seeds", "t", "signed rank", "corrected t",
            "to be found: t", "corrected t",
        ]),
        rows,
        place: None,
        is_detail: false,
    })
}

/// How even errors came out and how far from the training set's shares was drawn, a column a data set.
pub(super) fn balance(results: &Results) -> Option<Table> {
    let (header, rows) = by_dataset(
        results,
        |m| m.balance.is_some(),
        |_, method| {
            let Some(balance) = method.balance else {
                return Entry::word("—");
            };
            let slope = balance
                .slope
                .map(|slope| format!("slope {:.2}", rounded(slope.mean, 2)));
            let values = balance.slope.map(|slope| slope.mean);
            let mut entry = Entry::number(
                format!("{:.3}", balance.imbalance.mean),
                balance.imbalance.mean,
            );
            entry.values.extend(values);
            entry.aside(slope)
        },
    );
    (!rows.is_empty()).then(|| Table {
        name: "balance".into(),
        title: "Balance of errors".into(),
        caption: "Mean over classes of |FN − FP| / (TP + FN + FP) on test rows: 0 where each class is missed as often as \
                  others are taken for it. Below it the slope of ln p on ln π over classes, of what the evaluated \
                  weights were drawn from: 1 for the training set's shares, 0 for equal ones. Static resamplers are \
                  held against the rows before they changed them."
            .into(),
        header,
        rows,
        place: None,
        is_detail: true,
    })
}

/// How many runs of each method with feedback kept weights from before the first refresh, a column a data set.
pub(super) fn before_refresh(results: &Results) -> Option<Table> {
    let (header, rows) = by_dataset(
        results,
        |m| m.has_feedback || m.before_refresh.is_some(),
        |_, method| match method.before_refresh {
            None => Entry::word("—"),
            Some(BeforeRefresh { kept_before, runs }) => Entry {
                values: vec![kept_before as f64, runs as f64],
                ..Entry::word(format!("{kept_before} of {runs}"))
            },
        },
    );
    (!rows.is_empty()).then(|| Table {
        name: "before_refresh".into(),
        title: "Weights from before the first refresh".into(),
        caption: "Runs of methods with feedback whose best epoch, by validation, came before the first refresh of their \
                  shares. Such a run is the method's initial blend cut short: its feedback had no part in the weights that were \
                  evaluated.".into(),
        header,
        rows,
        place: None,
        is_detail: false,
    })
}

/// Every method against one over the data sets.
pub(super) fn across(across: &Across) -> Table {
    let signed = |value: f64| Entry::number(format!("{:+.2}", 100.0 * value), value);
    let points = |value: f64| Entry::number(format!("{:.2}", 100.0 * value), value);
    let none = || Entry::word("—");
    let row = |row: &crate::results::AcrossRow| {
        let d = &row.difference;
        let like = d.like_these;
        vec![
            Entry::word(row.title.clone()),
            signed(d.mean_difference()),
            points(d.seed_error()),
            d.between_error().map_or_else(none, points),
            Entry {
                values: vec![d.n_ahead as f64, d.n_sets as f64],
                ..Entry::word(format!("{} of {}", d.n_ahead, d.n_sets))
            },
            p_or_dash(d.these_sets.p_value),
            p_or_dash(like.and_then(|outcome| outcome.p_value)),
            p_or_dash(row.non_inferior),
        ]
    };
    let title = &across.title;
    Table {
        name: format!("across_{}", across.reference),
        title: format!("Over data sets, against {title}"),
        caption: format!(
            "Macro F1 in points, each method's mean less that of {title}, averaged over data sets of which each \
             counts alike (those without all seeds of both and made-up populations are left out). Two errors: that of the seeds on exactly these sets, \
             widened for overlapping splits, and that between sets, for others like them; p of each, not adjusted. \
             The last column is p of the claim that a method is worse by less than half a point on sets like these."
        ),
        header: words(&[
            "method",
            "difference",
            "error of seeds",
            "error between sets",
            "ahead on",
            "p, these sets",
            "p, sets like these",
            "not worse",
        ]),
        rows: across.rows.iter().map(row).collect(),
        place: None,
        is_detail: false,
    }
}
