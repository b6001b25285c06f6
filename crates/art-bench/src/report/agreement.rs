//! How far our numbers agree with those that the paper prints.

use super::{
    entries::rounded,
    place::Place,
    table::{Entry, Table, words},
};
use crate::{
    paper::{PrintedScore, Reported, printed},
    results::{Comparison, DatasetResults, MethodResults, ReportedBeside, Results, SUBJECT},
};
use art_stats::ranks;
use std::collections::BTreeMap;

/// How many entries of a printed table there are, how many have a result of ours beside them, and how many agree.
struct Agreement {
    what: &'static str,
    place: Place,
    printed: usize,
    beside: usize,
    agree: usize,
}

/// What is printed of a method in a table, and ours.
type Of = fn(&Reported) -> Option<PrintedScore>;

fn of_scores(results: &Results) -> Vec<Agreement> {
    let all = printed();
    let tables: [(&str, usize, usize, &str, Of); 4] = [
        ("macro F1", 1, count(&all.macro_f1), "", |r| r.macro_f1),
        ("accuracy", 7, count(&all.accuracy), "accuracy", |r| {
            r.accuracy
        }),
        (
            "macro precision",
            8,
            count(&all.macro_precision),
            "macro precision",
            |r| r.precision,
        ),
        (
            "macro recall",
            9,
            count(&all.macro_recall),
            "macro recall",
            |r| r.recall,
        ),
    ];
    let table = |(what, number, printed, score, of): (_, _, _, &str, Of)| {
        let methods = results.datasets.iter().flat_map(|d| &d.methods);
        let beside = |method: &MethodResults| {
            of(&method.reported)?;
            let beside = match score {
                "" => method.paper,
                name => {
                    let mut scores = method.paper_scores.iter();
                    scores
                        .find(|(of, _)| *of == name)
                        .map(|(_, beside)| *beside)
                }
            };
            beside.filter(|beside| beside.difference.is_some())
        };
        let beside: Vec<ReportedBeside> = methods.filter_map(beside).collect();
        Agreement {
            what,
            place: Place::Table(number),
            printed,
            beside: beside.len(),
            agree: beside.iter().filter(|beside| beside.within_noise).count(),
        }
    };
    tables.into_iter().map(table).collect()
}

fn count<V>(table: &crate::paper::ByCell<V>) -> usize {
    table.values().map(BTreeMap::len).sum()
}

/// Of both tests: whether a difference is beyond chance, by the paper's p-value and by ours without any correction.
fn of_p_values(results: &Results) -> Agreement {
    let mut all = Agreement {
        what: "p-values of both tests against ART",
        place: Place::Tables(2, 6),
        printed: 2 * count(&printed().p_values),
        beside: 0,
        agree: 0,
    };
    for dataset in &results.datasets {
        for comparison in &dataset.comparisons {
            for [theirs, ours] in p_values(dataset, comparison) {
                if let (Some(theirs), Some(ours)) = (theirs, ours) {
                    all.beside += 1;
                    all.agree += usize::from((theirs < 0.05) == (ours < 0.05));
                }
            }
        }
    }
    all
}

/// The paper's and ours, of the t-test and of the signed-rank test.
fn p_values(dataset: &DatasetResults, comparison: &Comparison) -> [[Option<f64>; 2]; 2] {
    let mut methods = dataset.methods.iter();
    let method = methods.find(|method| method.id == comparison.other);
    let reported = method.map(|method| method.reported).unwrap_or_default();
    [
        [reported.t_p, comparison.plain_t.map(|test| test.p)],
        [
            reported.signed_rank_p,
            comparison.signed_rank.map(|test| test.p),
        ],
    ]
}

/// Whether the folder has what the paper has: methods tuned on its data sets.
fn is_of_paper(results: &Results) -> bool {
    let has_subject = results.matrix.methods.iter().any(|m| m.id == SUBJECT);
    results.is_of_paper() && results.matrix.tuning.is_some() && has_subject
}

/// What agrees, in a sentence or two; nothing for other experiments.
pub(super) fn in_short(results: &Results) -> Vec<String> {
    if !is_of_paper(results) {
        return vec![];
    }
    let [first, others @ ..] = &of_scores(results)[..] else {
        return vec![];
    };
    let sum = |of: fn(&Agreement) -> usize| others.iter().map(of).sum::<usize>();
    let p = of_p_values(results);
    vec![format!(
        "Of the {} entries of the paper's Table 1 {} have ours beside them, {} of these within noise; of the {} of Tables 7 to \
         9 {}, {} within noise; of the {} p-values {}, {} on the same side of 0.05.",
        first.printed,
        first.beside,
        first.agree,
        sum(|a| a.printed),
        sum(|a| a.beside),
        sum(|a| a.agree),
        p.printed,
        p.beside,
        p.agree
    )]
}

/// Entry by entry, table by table, and the order of the methods on each data set.
pub(super) fn agreement(results: &Results) -> Option<Table> {
    if !is_of_paper(results) {
        return None;
    }
    let mut all = of_scores(results);
    all.push(of_p_values(results));
    let number = |n: usize| Entry::number(n.to_string(), n as f64);
    let mut rows: Vec<Vec<Entry>> = all
        .iter()
        .map(|of| {
            let label = Entry::word(format!("{} ({})", of.what, of.place));
            vec![
                label,
                number(of.printed),
                number(of.beside),
                number(of.agree),
                Entry::word("—"),
            ]
        })
        .collect();
    for dataset in &results.datasets {
        let both = |method: &MethodResults| {
            let ours = method.summaries.as_ref()?.macro_f1.mean;
            Some((method.reported.macro_f1?.mean, ours))
        };
        let pairs: Vec<(f64, f64)> = dataset.methods.iter().filter_map(both).collect();
        let printed = printed().macro_f1.get(&dataset.id);
        let printed = printed.map_or(0, BTreeMap::len);
        rows.push(vec![
            Entry::word(format!("order of the methods on {}", dataset.title)),
            number(printed),
            number(pairs.len()),
            Entry::word("—"),
            rank_correlation(&pairs).map_or_else(
                || Entry::word("—"),
                |rho| Entry::number(format!("{:.2}", rounded(rho, 2)), rho),
            ),
        ]);
    }
    Some(Table {
        name: "agreement".into(),
        title: "Agreement with the paper".into(),
        caption: "Entries that the paper prints, those with a result of ours beside them, and those that agree: scores within \
                  twice the standard error of the difference, p-values on the same side of 0.05, ours without any correction \
                  as the paper's are. Of the order of methods by macro F1 Spearman's rank correlation. What has no result of \
                  ours is a row for LDAM without deferred weights in Table 9."
            .into(),
        header: words(&["of", "printed", "ours beside", "agree", "rank correlation"]),
        rows,
        place: None,
        is_detail: false,
    })
}

/// Spearman's; none for fewer than three pairs or where one side does not vary.
fn rank_correlation(pairs: &[(f64, f64)]) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) = pairs.iter().copied().unzip();
    let [x, y] = [x, y].map(|values| ranks(&values));
    let n = pairs.len() as f64;
    let mean = f64::midpoint(n, 1.0);
    let product = |a: &[f64], b: &[f64]| {
        let pairs = a.iter().zip(b);
        pairs.map(|(a, b)| (a - mean) * (b - mean)).sum::<f64>()
    };
    let spread = (product(&x, &x) * product(&y, &y)).sqrt();
    (pairs.len() > 2 && spread > 0.0).then(|| product(&x, &y) / spread)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rank_correlation_is_one_minus_one_or_none() {
        let pairs = |sign: f64| (0..5_i32).map(move |k| (f64::from(k), sign * f64::from(k * k)));
        let same: Vec<_> = pairs(1.0).collect();
        assert!((rank_correlation(&same).unwrap() - 1.0).abs() < 1e-12);
        let reversed: Vec<_> = pairs(-1.0).collect();
        assert!((rank_correlation(&reversed).unwrap() + 1.0).abs() < 1e-12);
        assert_eq!(rank_correlation(&same[..2]), None);
        assert_eq!(rank_correlation(&[(1.0, 2.0); 4]), None);
    }
}
