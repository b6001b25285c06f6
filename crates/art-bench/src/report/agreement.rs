//! How far our numbers agree with those that the paper prints, in words and as a table.

use super::{
    entries::rounded,
    place::Place,
    table::{Entry, Table, words},
};
use crate::results::{Agreement, PrintedTable, Results};

/// What a table of the paper is of, and where it stands.
fn named(table: PrintedTable) -> (&'static str, Place) {
    match table {
        PrintedTable::MacroF1 => ("macro F1", Place::Table(1)),
        PrintedTable::Accuracy => ("accuracy", Place::Table(7)),
        PrintedTable::Precision => ("macro precision", Place::Table(8)),
        PrintedTable::Recall => ("macro recall", Place::Table(9)),
        PrintedTable::PValues => ("p-values of both tests against ART", Place::Tables(2, 6)),
    }
}

/// What agrees, in three sentences; nothing for other experiments.
pub(super) fn in_short(results: &Results) -> Vec<String> {
    let Some(agreement) = &results.agreement else {
        return vec![];
    };
    let others = [
        PrintedTable::Accuracy,
        PrintedTable::Precision,
        PrintedTable::Recall,
    ];
    let sentence = |tables: &[PrintedTable], what: &str, agree: &str| {
        let [printed, beside, agreeing] = agreement.sum(tables);
        format!(
            "Of the {printed} {what} {beside} have ours beside them, and {agreeing} are {agree}."
        )
    };
    vec![
        sentence(
            &[PrintedTable::MacroF1],
            "entries of the paper's Table 1",
            "within noise",
        ),
        sentence(&others, "entries of its Tables 7 to 9", "within noise"),
        sentence(
            &[PrintedTable::PValues],
            "p-values",
            "on the same side of 0.05",
        ),
    ]
}

/// Entry by entry, table by table, and the order of the methods on each data set.
pub(super) fn agreement(results: &Results) -> Option<Table> {
    let Agreement { tables, orders } = results.agreement.as_ref()?;
    let number = |n: usize| Entry::number(n.to_string(), n as f64);
    let none = || Entry::word("—");
    let of_tables = tables.iter().map(|of| {
        let (what, place) = named(of.table);
        let label = Entry::word(format!("{what} ({place})"));
        let [printed, beside, agree] = [of.printed, of.beside, of.agree].map(number);
        vec![label, printed, beside, agree, none()]
    });
    let of_orders = orders.iter().map(|of| {
        let correlation = of.rank_correlation.map_or_else(none, |rho| {
            Entry::number(format!("{:.2}", rounded(rho, 2)), rho)
        });
        let label = Entry::word(format!("order of the methods on {}", of.title));
        vec![
            label,
            number(of.printed),
            number(of.beside),
            none(),
            correlation,
        ]
    });
    Some(Table {
        name: "agreement".into(),
        title: "Agreement with the paper".into(),
        caption: "Entries that the paper prints, those with a result of ours beside them, and those that agree. Scores agree within \
                  twice the standard error of the difference. p-values agree on the same side of 0.05, ours without any correction \
                  as the paper's are. Of the order of methods by macro F1 Spearman's rank correlation. What has no result of \
                  ours is a row for LDAM without deferred weights in Table 9."
            .into(),
        header: words(&["of", "printed", "ours beside", "agree", "rank correlation"]),
        rows: of_tables.chain(of_orders).collect(),
        place: None,
        is_detail: false,
    })
}
