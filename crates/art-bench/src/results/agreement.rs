//! How far our numbers agree with those that the paper prints.

use super::{Comparison, DatasetResults, MethodResults, ReportedBeside, Results, SUBJECT};
use crate::paper::{ByCell, PrintedScore, Reported, printed};
use art_stats::ranks;
use std::collections::BTreeMap;

/// How far our numbers agree with the paper's.
#[derive(Clone, Debug)]
pub struct Agreement {
    /// Its tables of scores, then its p-values.
    pub tables: Vec<TableAgreement>,
    /// The order of methods by macro F1 on each data set.
    pub orders: Vec<OrderAgreement>,
}

/// Tables of the paper.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PrintedTable {
    /// Macro F1: Table 1.
    MacroF1,
    /// Tables 2 to 6: the p-values of both tests against ART.
    PValues,
    /// Table 7.
    Accuracy,
    /// Table 8.
    Precision,
    /// Table 9.
    Recall,
}

/// How many entries of a printed table there are, how many have a result of ours beside them, and how many agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableAgreement {
    /// The table.
    pub table: PrintedTable,
    /// Entries that are printed.
    pub printed: usize,
    /// Those with a result of ours beside them.
    pub beside: usize,
    /// Those of them that agree: scores within twice the standard error of the difference, p-values on the same side of 0.05,
    /// ours without any correction as the paper's are.
    pub agree: usize,
}

/// How far the order of methods agrees.
#[derive(Clone, Debug)]
pub struct OrderAgreement {
    /// Title of the data set.
    pub title: String,
    /// Methods that are printed.
    pub printed: usize,
    /// Those with a result of ours.
    pub beside: usize,
    /// Spearman's rank correlation of both means; none for fewer than three, or where one side does not vary.
    pub rank_correlation: Option<f64>,
}

impl Agreement {
    /// That of the results of methods tuned on the paper's data sets; none of other results.
    pub(super) fn of(results: &Results) -> Option<Self> {
        let has_subject = results.matrix.methods.iter().any(|m| m.id == SUBJECT);
        let is_like_it = results.is_of_paper() && results.matrix.tuning.is_some() && has_subject;
        is_like_it.then(|| Self {
            tables: tables(results),
            orders: results.datasets.iter().map(OrderAgreement::of).collect(),
        })
    }

    /// The sum of these tables.
    pub fn sum(&self, of: &[PrintedTable]) -> [usize; 3] {
        let tables = self.tables.iter().filter(|table| of.contains(&table.table));
        tables.fold([0; 3], |sum, table| {
            let of_table = [table.printed, table.beside, table.agree];
            [0, 1, 2].map(|k| sum[k] + of_table[k])
        })
    }
}

/// What is printed of a method in a table.
type Of = fn(&Reported) -> Option<PrintedScore>;

fn tables(results: &Results) -> Vec<TableAgreement> {
    let all = printed();
    let scores: [(PrintedTable, usize, &str, Of); 4] = [
        (PrintedTable::MacroF1, count(&all.macro_f1), "", |r| {
            r.macro_f1
        }),
        (
            PrintedTable::Accuracy,
            count(&all.accuracy),
            "accuracy",
            |r| r.accuracy,
        ),
        (
            PrintedTable::Precision,
            count(&all.macro_precision),
            "macro precision",
            |r| r.precision,
        ),
        (
            PrintedTable::Recall,
            count(&all.macro_recall),
            "macro recall",
            |r| r.recall,
        ),
    ];
    let of_scores = scores.map(|(table, printed, score, of)| {
        let methods = results.datasets.iter().flat_map(|d| &d.methods);
        let beside = |method: &MethodResults| {
            of(&method.reported)?;
            let mut scores = method.paper_scores.iter();
            let beside = match score {
                "" => method.paper,
                name => scores.find(|(of, _)| *of == name).map(|(_, of)| *of),
            };
            beside.filter(|beside| beside.difference.is_some())
        };
        let beside: Vec<ReportedBeside> = methods.filter_map(beside).collect();
        TableAgreement {
            table,
            printed,
            beside: beside.len(),
            agree: beside.iter().filter(|beside| beside.within_noise).count(),
        }
    });
    of_scores.into_iter().chain([p_values(results)]).collect()
}

fn count<V>(table: &ByCell<V>) -> usize {
    table.values().map(BTreeMap::len).sum()
}

/// Whether a difference is beyond chance, by the paper's p-value and by ours without any correction.
fn p_values(results: &Results) -> TableAgreement {
    let mut all = TableAgreement {
        table: PrintedTable::PValues,
        printed: 2 * count(&printed().p_values),
        beside: 0,
        agree: 0,
    };
    for dataset in &results.datasets {
        for comparison in &dataset.comparisons {
            for [theirs, ours] in of_both_tests(dataset, comparison) {
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
fn of_both_tests(dataset: &DatasetResults, comparison: &Comparison) -> [[Option<f64>; 2]; 2] {
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

impl OrderAgreement {
    fn of(dataset: &DatasetResults) -> Self {
        let both = |method: &MethodResults| {
            let ours = method.summaries.as_ref()?.macro_f1.mean;
            Some((method.reported.macro_f1?.mean, ours))
        };
        let pairs: Vec<(f64, f64)> = dataset.methods.iter().filter_map(both).collect();
        let printed = printed().macro_f1.get(&dataset.id);
        Self {
            title: dataset.title.clone(),
            printed: printed.map_or(0, BTreeMap::len),
            beside: pairs.len(),
            rank_correlation: rank_correlation(&pairs),
        }
    }
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
