//! What is printed in the paper.

use serde::Deserialize;
use std::{collections::BTreeMap, sync::LazyLock};

/// Seeds behind each printed mean.
const SEEDS: f64 = 20.0;

/// A value for each method by data set.
pub(crate) type ByCell<V> = BTreeMap<String, BTreeMap<String, V>>;

/// The printed tables; scores are fractions.
#[derive(Deserialize)]
pub(crate) struct Printed {
    /// Table 1: mean and standard deviation.
    pub(crate) macro_f1: ByCell<[f64; 2]>,
    /// Table 7.
    pub(crate) accuracy: ByCell<[f64; 2]>,
    /// Table 8.
    pub(crate) macro_precision: ByCell<[f64; 2]>,
    /// Table 9.
    pub(crate) macro_recall: ByCell<[f64; 2]>,
    /// Tables 2 to 6: of the paired t-test and of the signed-rank test.
    pub(crate) p_values: ByCell<[f64; 2]>,
    /// Figure 7: ART's and plain training's score at an imbalance ratio of ten, as the text says it.
    pub(crate) ratio_ten: [f64; 2],
    /// Means of a `PyTorch` run of this protocol with fixed hyper-parameters.
    pytorch_macro_f1: ByCell<f64>,
}

pub(crate) fn printed() -> &'static Printed {
    static PRINTED: LazyLock<Printed> = LazyLock::new(|| {
        serde_json::from_str(include_str!("printed.json")).expect("the file belongs to the program")
    });
    &PRINTED
}

/// A mean from elsewhere, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PrintedScore {
    /// The mean.
    pub mean: f64,
    /// The standard deviation over seeds, where it is known.
    pub sd: Option<f64>,
}

impl PrintedScore {
    /// The standard error of the mean, where the deviation is known.
    pub fn standard_error(&self) -> Option<f64> {
        self.sd.map(|sd| sd / SEEDS.sqrt())
    }
}

/// Standard error of the difference of two means with these.
pub(crate) fn of_difference(one: f64, other: f64) -> f64 {
    (one * one + other * other).sqrt()
}

/// What others report of a method on a data set.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Reported {
    /// Macro F1 in Table 1 of the paper (arXiv 2509.00955), where every method was tuned.
    pub macro_f1: Option<PrintedScore>,
    /// Macro F1 of a `PyTorch` run of this protocol with fixed hyper-parameters.
    pub reference: Option<PrintedScore>,
    /// Accuracy in Table 7 of the paper.
    pub accuracy: Option<PrintedScore>,
    /// Macro precision in its Table 8.
    pub precision: Option<PrintedScore>,
    /// Macro recall in its Table 9.
    pub recall: Option<PrintedScore>,
    /// p-value of its paired t-test against ART.
    pub t_p: Option<f64>,
    /// p-value of its signed-rank test against ART.
    pub signed_rank_p: Option<f64>,
}

/// What others report of `method` on `dataset`.
pub(crate) fn reported(dataset: &str, method: &str) -> Reported {
    fn cell<V: Copy>(table: &ByCell<V>, dataset: &str, method: &str) -> Option<V> {
        table.get(dataset)?.get(method).copied()
    }
    let printed = printed();
    let score = |table: &ByCell<[f64; 2]>| {
        let [mean, sd] = cell(table, dataset, method)?;
        Some(PrintedScore {
            mean: 100.0 * mean,
            sd: Some(100.0 * sd),
        })
    };
    let reference = cell(&printed.pytorch_macro_f1, dataset, method);
    let p_values = cell(&printed.p_values, dataset, method);
    Reported {
        macro_f1: score(&printed.macro_f1),
        reference: reference.map(|mean| PrintedScore {
            mean: 100.0 * mean,
            sd: None,
        }),
        accuracy: score(&printed.accuracy),
        precision: score(&printed.macro_precision),
        recall: score(&printed.macro_recall),
        t_p: p_values.map(|[t, _]| t),
        signed_rank_p: p_values.map(|[_, signed_rank]| signed_rank),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::datasets::DATASETS;
    use art_methods::Registry;
    use art_stats::holm;

    #[test]
    fn every_printed_entry_is_there_under_a_name_that_is_known() {
        let printed = printed();
        let count = |table: &ByCell<[f64; 2]>| table.values().map(BTreeMap::len).sum::<usize>();
        let tables = [
            (&printed.macro_f1, 54),
            (&printed.accuracy, 49),
            (&printed.macro_precision, 49),
            (&printed.macro_recall, 54),
            (&printed.p_values, 46),
        ];
        let registry = Registry::standard();
        for (table, n) in tables {
            assert_eq!(count(table), n);
            for (dataset, methods) in table {
                assert!(DATASETS.iter().any(|(id, _)| id == dataset), "{dataset}");
                for (method, numbers) in methods {
                    // LDAM without deferred weights has a row of Table 9 and is no method here.
                    assert!(method == "ldam" || registry.get(method).is_ok(), "{method}");
                    assert!(numbers.iter().all(|x| (0.0..=1.0).contains(x)));
                }
            }
        }
    }

    #[test]
    fn five_of_eleven_comparisons_on_pima_remain_after_holm() {
        let p: Vec<f64> = printed().p_values["pima"].values().map(|p| p[0]).collect();
        assert_eq!(p.len(), 11);
        assert_eq!(p.iter().filter(|&&p| p < 0.05).count(), 8);
        let adjusted = holm(&p).unwrap();
        assert_eq!(adjusted.iter().filter(|&&p| p < 0.05).count(), 5);
    }

    #[test]
    fn of_46_comparisons_30_are_below_and_22_remain_after_holm() {
        let tables = printed().p_values.values();
        let both = |p: &&[f64; 2]| p.iter().all(|p| *p < 0.05);
        let below = tables.clone().flat_map(BTreeMap::values).filter(both);
        assert_eq!(below.count(), 30);
        let remain = tables.map(|methods| {
            let p: Vec<f64> = methods.values().map(|p| p[0]).collect();
            holm(&p).unwrap().into_iter().filter(|p| *p < 0.05).count()
        });
        assert_eq!(remain.sum::<usize>(), 22);
    }

    #[test]
    fn the_gains_over_baseline_and_over_the_best_competitor_are_those_of_the_notes() {
        let all = &printed().macro_f1;
        let score = |dataset: &str, method: &str| 100.0 * all[dataset][method][0];
        let tables = [("pima", "nearmiss"), ("yeast", "baseline"), ("wine", "ros")];
        let mean = |lead: &dyn Fn(&(&str, &str)) -> f64| tables.iter().map(lead).sum::<f64>() / 3.0;
        let over_baseline = mean(&|(d, _)| score(d, "art") - score(d, "baseline"));
        let over_best = mean(&|(d, m)| score(d, "art") - score(d, m));
        assert!((over_baseline - 2.64).abs() < 0.01, "{over_baseline}");
        assert!((over_best - 1.41).abs() < 0.01, "{over_best}");
        for (dataset, best) in tables {
            let rivals = all[dataset].keys().filter(|method| *method != "art");
            for rival in rivals {
                assert!(score(dataset, rival) <= score(dataset, best), "{rival}");
            }
        }
    }
}
