//! Tables of ART against each method, and of average ranks.

use super::{
    entries::remarks,
    place::Place,
    table::{Entry, Table, words},
};
use crate::{
    datasets::DATASETS,
    paper::Table as PaperTable,
    results::{Comparison, DatasetResults, Results},
};
use art_stats::Interval;

/// A p-value in a table.
pub(super) fn p_text(p: f64) -> String {
    if p >= 0.001 {
        format!("{p:.3}")
    } else if p > 0.0 {
        format!("{p:.1e}")
    } else {
        "< 1e-300".to_owned()
    }
}

pub(super) fn p_value(p: f64) -> Entry {
    Entry::number(p_text(p), p).strong_if(p < 0.05)
}

/// A dash where there is no test.
pub(super) fn p_or_dash(p: Option<f64>) -> Entry {
    p.map_or_else(|| Entry::word("—"), p_value)
}

/// From and to, in points; a dash where the differences do not vary.
pub(super) fn interval(interval: Option<Interval>) -> Entry {
    interval.map_or_else(
        || Entry::word("—"),
        |Interval { low, high }| Entry {
            values: vec![low, high],
            is_interval: true,
            ..Entry::word(format!("{:+.2} to {:+.2}", 100.0 * low, 100.0 * high))
        },
    )
}

/// ART against each method on a data set: the paper's Tables 2 to 6.
pub(super) fn comparisons(dataset: &DatasetResults) -> Option<Table> {
    let rows: Vec<Vec<Entry>> = dataset
        .comparisons
        .iter()
        .map(|comparison| comparison_row(dataset, comparison))
        .collect();
    let untested = if dataset.comparisons.iter().any(|c| c.corrected_t.is_none()) {
        " A dash: the differences do not vary, or all seeds share one division, so that there is no test."
    } else {
        ""
    };
    let of_paper = DATASETS.iter().position(|(id, _)| *id == dataset.id);
    (!rows.is_empty()).then(|| Table {
        name: format!("comparisons_{}", dataset.id),
        title: format!("ART against each method on {}", dataset.title),
        caption: "Difference of mean macro F1 in points over the same seeds, with its 95 % bootstrap interval \
                  and d_z, the difference over its standard deviation. The p-values are of the paired t-test, of the \
                  signed-rank test and of the t-test corrected for overlapping splits (Nadeau and Bengio 2003). Each \
                  stands as it is and after Holm's adjustment over the compared methods; controls and additions are \
                  adjusted among themselves. Bold is below 0.05. The plain tests take runs on \
                  overlapping splits for independent and are too easily impressed. The last columns are the \
                  paper's own p-values, unadjusted, where it prints them."
            .to_owned()
            + untested,
        header: words(&[
            "ART −", "difference", "95 %", "seeds", "d_z", "t", "Holm", "signed rank", "Holm",
            "corrected t", "Holm", "paper: t", "paper: signed rank",
        ]),
        rows,
        place: of_paper.map(|position| Place::Table(2 + position)),
        is_detail: false,
    })
}

fn comparison_row(dataset: &DatasetResults, c: &Comparison) -> Vec<Entry> {
    let method = dataset.methods.iter().find(|method| method.id == c.other);
    let reported = method.map(|method| method.reported).unwrap_or_default();
    let signed = |value: f64| format!("{value:+.2}");
    let mut row = vec![
        Entry::word(c.title.clone()).notes(remarks(PaperTable::PValues, &dataset.id, &c.other)),
        Entry::number(signed(100.0 * c.difference), c.difference),
        interval(c.interval),
        Entry::number(c.n.to_string(), c.n as f64),
        c.effect
            .map_or_else(|| Entry::word("—"), |e| Entry::number(signed(e), e)),
    ];
    for test in [c.plain_t, c.signed_rank, c.corrected_t] {
        row.push(p_or_dash(test.map(|test| test.p)));
        row.push(p_or_dash(test.map(|test| test.holm)));
    }
    let theirs = [reported.t_p, reported.signed_rank_p];
    // As they are printed: four digits, of which all may be 0.
    let printed = |p: f64| Entry::number(format!("{p:.4}"), p).strong_if(p < 0.05);
    row.extend(theirs.map(|p| p.map_or_else(|| Entry::word("—"), printed)));
    row
}

pub(super) fn ranks(results: &Results) -> Option<Table> {
    let mut titles: Vec<&str> = vec![];
    for (title, _) in results.rankings.iter().flat_map(|ranking| &ranking.ranks) {
        if !titles.contains(&&**title) {
            titles.push(title);
        }
    }
    let columns = || results.rankings.iter();
    let decimals = |value: f64| Entry::number(format!("{value:.2}"), value);
    let mut rows: Vec<Vec<Entry>> = titles
        .iter()
        .map(|title| {
            let rank = |ranking: &crate::results::Ranking| {
                let found = ranking.ranks.iter().find(|(of, _)| of == title);
                found.map_or_else(|| Entry::word("—"), |(_, rank)| decimals(*rank))
            };
            std::iter::once(Entry::word(*title))
                .chain(columns().map(rank))
                .collect()
        })
        .collect();
    let mut last = |title: &str, entry: &dyn Fn(&crate::results::Ranking) -> Entry| {
        rows.push(
            std::iter::once(Entry::word(title))
                .chain(columns().map(entry))
                .collect(),
        );
    };
    last("critical difference (Nemenyi, 0.05)", &|r| {
        decimals(r.critical_difference)
    });
    last("p, Friedman", &|r| p_value(r.friedman.p_value));
    last("p, Iman and Davenport", &|r| {
        p_or_dash(r.friedman.f_p_value)
    });
    (!results.rankings.is_empty()).then(|| Table {
        name: "ranks".into(),
        title: "Average ranks".into(),
        caption: "Rank by macro F1 among the methods of a block, 1 the best, averaged over blocks: over the \
                  seeds of each data set, and over data sets by their means. A dash: the method is not on \
                  every data set of the column, or lacks a seed. Methods whose ranks differ by less than the critical \
                  difference cannot be told apart; with as few data sets as here that is most of them. Seeds \
                  re-split the same rows, so they are no independent blocks: differences over seeds look \
                  surer than they are."
            .into(),
        header: std::iter::once("method".to_owned())
            .chain(columns().map(|ranking| ranking.blocks.clone()))
            .collect(),
        rows,
        place: None,
        is_detail: false,
    })
}
