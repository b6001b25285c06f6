//! Agreement with scipy and statsmodels, and with the specification's vectors.

use approx::assert_abs_diff_eq;
use art_stats::{
    Interval, MeanOutcome, NullDistribution, PairedSet, ScoreTable, StatsError, Zeros,
    benjamini_hochberg, bootstrap_interval, cohen_dz, corrected_t_test, detectable_difference,
    difference_across, equivalence_test, friedman_test, holm, mean_interval,
    nemenyi_critical_difference, nemenyi_p_value, non_inferiority_test, paired_t_test, ranks,
    wilcoxon_test,
};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/stats.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value
        .as_array()
        .unwrap()
        .iter()
        .map(|v| v.as_f64().unwrap())
        .collect()
}

#[test]
fn paired_t_matches_scipy() {
    let golden = golden();
    let mut compared = 0;
    for pair in golden["pairs"].as_array().unwrap() {
        let (x, y) = (numbers(&pair["x"]), numbers(&pair["y"]));
        let name = pair["name"].as_str().unwrap();
        if name == "n1" {
            assert!(matches!(
                paired_t_test(&x, &y),
                Err(StatsError::TooFew { .. })
            ));
            continue;
        }
        let outcome = paired_t_test(&x, &y).unwrap();
        match (
            &pair["ttest_rel"]["statistic"],
            &pair["ttest_rel"]["pvalue"],
        ) {
            // Where all differences are zero scipy has no answer; ours is "no difference".
            (Value::String(nan), _) if nan == "NaN" => {
                assert_eq!(
                    (outcome.statistic, outcome.p_value),
                    (0.0, Some(1.0)),
                    "{name}"
                );
            }
            // Where they are equal and not zero scipy is certain; ours says that there is no test.
            (Value::String(infinity), p) if infinity == "Infinity" => {
                assert_eq!(
                    (outcome.statistic, outcome.p_value),
                    (f64::INFINITY, None),
                    "{name}"
                );
                assert_eq!(p.as_f64(), Some(0.0));
            }
            (t, p) => {
                let (t, p) = (t.as_f64().unwrap(), p.as_f64().unwrap());
                assert!(
                    (outcome.statistic / t - 1.0).abs() < 1e-9,
                    "{name}: {outcome:?}"
                );
                assert!(
                    (outcome.p_value.unwrap() / p - 1.0).abs() < 1e-8,
                    "{name}: {outcome:?}"
                );
            }
        }
        compared += 1;
    }
    assert_eq!(compared, 13);
}

#[test]
fn holm_matches_statsmodels() {
    for case in golden()["p_adjustment"].as_array().unwrap() {
        let adjusted = holm(&numbers(&case["p"])).unwrap();
        for (found, expected) in adjusted.iter().zip(numbers(&case["holm"])) {
            assert_abs_diff_eq!(*found, expected, epsilon = 1e-12);
        }
    }
}

#[test]
fn the_specifications_example_comes_out() {
    let a = [0.76, 0.74, 0.80, 0.71, 0.69, 0.78, 0.77, 0.73, 0.75, 0.72];
    let b = [0.74, 0.75, 0.77, 0.70, 0.69, 0.74, 0.76, 0.70, 0.71, 0.74];
    let plain = paired_t_test(&a, &b).unwrap();
    assert_abs_diff_eq!(plain.statistic, 2.293_412_361_5, epsilon = 1e-9);
    assert_abs_diff_eq!(plain.p_value.unwrap(), 0.047_508_703_2, epsilon = 1e-9);
    let corrected = corrected_t_test(&a, &b, 0.15 / 0.70).unwrap();
    let shrunk = (0.1_f64 / (0.1 + 0.15 / 0.70)).sqrt();
    assert_abs_diff_eq!(
        corrected.statistic,
        plain.statistic * shrunk,
        epsilon = 1e-12
    );
}

#[test]
fn what_cannot_be_tested_is_refused() {
    assert!(matches!(
        paired_t_test(&[1.0], &[1.0, 2.0]),
        Err(StatsError::Unpaired { .. })
    ));
    let error = paired_t_test(&[1.0, f64::NAN], &[1.0, 2.0]).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the first list: value 1 is NaN"),
        "{error}"
    );
    assert!(corrected_t_test(&[1.0, 2.0], &[0.0, 0.0], 0.0).is_err());
    assert!(holm(&[0.5, 1.2]).is_err() && holm(&[]).unwrap().is_empty());
}

fn close(found: f64, expected: f64, what: &str) {
    let error = (found - expected).abs();
    assert!(
        error <= 1e-9 * expected.abs().max(1e-3),
        "{what}: {found}, expected {expected}"
    );
}

const RULES: [(&str, Zeros); 3] = [
    ("wilcox", Zeros::Drop),
    ("pratt", Zeros::Pratt),
    ("zsplit", Zeros::Split),
];

#[test]
fn signed_ranks_match_scipy_and_the_exact_distribution() {
    let golden = golden();
    let mut compared = 0;
    for pair in golden["pairs"].as_array().unwrap() {
        let (x, y) = (numbers(&pair["x"]), numbers(&pair["y"]));
        let name = pair["name"].as_str().unwrap();
        // scipy takes differences that are equal but for rounding as different; ours tie.
        let mut sizes: Vec<f64> = x.iter().zip(&y).map(|(a, b)| (a - b).abs()).collect();
        sizes.sort_by(f64::total_cmp);
        let is_noisy = sizes
            .windows(2)
            .any(|w| w[0] != w[1] && w[1] - w[0] < 1e-12);
        let has_zeros = x.iter().zip(&y).any(|(a, b)| (a - b).abs() < 1e-12);
        for (rule, zeros) in RULES {
            let test = |null| wilcoxon_test(&x, &y, zeros, null).unwrap();
            for expected in pair["wilcoxon_two_sided"].as_array().unwrap() {
                if expected["zero_method"] != rule || expected["method"] != "asymptotic" || is_noisy
                {
                    continue;
                }
                // Without any difference scipy has no answer here; ours is "no difference".
                let Some(p) = expected["pvalue"].as_f64() else {
                    assert_eq!(test(NullDistribution::Auto).p_value, 1.0);
                    continue;
                };
                let continuity = expected["correction"].as_bool().unwrap();
                let outcome = test(NullDistribution::Normal { continuity });
                let what = format!("{name}, {rule}, continuity {continuity}");
                close(outcome.p_value, p, &what);
                close(
                    outcome.statistic(),
                    expected["statistic"].as_f64().unwrap(),
                    &what,
                );
                compared += 1;
            }
            let exact = &pair["exact_sign_flip_distribution_with_midranks"][rule];
            if let Some(p) = exact["pvalue"].as_f64() {
                let outcome = test(NullDistribution::Exact);
                let what = format!("{name}, {rule}, exact");
                close(outcome.p_value, p, &what);
                close(outcome.w_plus, exact["w_plus"].as_f64().unwrap(), &what);
                close(outcome.w_minus, exact["w_minus"].as_f64().unwrap(), &what);
                compared += 1;
            }
            if rule == "zsplit" && has_zeros {
                // Half of the zeros' ranks on each side changes neither order: the distribution is Pratt's.
                let pratt = wilcoxon_test(&x, &y, Zeros::Pratt, NullDistribution::Exact).unwrap();
                assert_eq!(test(NullDistribution::Exact).p_value, pratt.p_value);
            }
        }
    }
    assert!(compared > 80, "{compared}");
}

#[test]
fn ranks_and_friedman_match_scipy() {
    let golden = golden();
    for example in golden["average_ranks"]["rankdata_examples"]
        .as_array()
        .unwrap()
    {
        assert_eq!(ranks(&numbers(&example["x"])), numbers(&example["ranks"]));
    }
    let table = |value: &Value| {
        let rows: Vec<Vec<f64>> = value.as_array().unwrap().iter().map(numbers).collect();
        let names: Vec<String> = (0..rows[0].len()).map(|i| i.to_string()).collect();
        ScoreTable::new(names, rows).unwrap()
    };
    let example = &golden["average_ranks"];
    let scores = table(&example["scores_rows_are_runs"]);
    for (found, expected) in scores
        .mean_ranks()
        .iter()
        .zip(numbers(&example["mean_rank"]))
    {
        close(*found, expected, "mean rank");
    }
    for example in golden["friedman_nemenyi"].as_array().unwrap() {
        let scores = table(&example["scores_rows_are_runs"]);
        let outcome = friedman_test(&scores).unwrap();
        let number = |key: &str| example[key].as_f64().unwrap();
        close(
            outcome.chi_squared,
            number("friedman_chi2_tie_corrected"),
            "chi squared",
        );
        close(outcome.p_value, number("pvalue"), "its p");
        close(outcome.f, number("iman_davenport_f"), "F");
        close(
            outcome.f_p_value.unwrap(),
            number("iman_davenport_pvalue"),
            "its p",
        );
        let expected_ranks = numbers(&example["average_ranks_1_is_best"]);
        for (found, expected) in outcome.mean_ranks.iter().zip(&expected_ranks) {
            close(*found, *expected, "mean rank");
        }
        let (k, n) = (scores.methods().len(), scores.rows().len());
        for (alpha, key) in [(0.05, "nemenyi_alpha_0.05"), (0.1, "nemenyi_alpha_0.1")] {
            let found = nemenyi_critical_difference(k, n, alpha).unwrap();
            close(
                found,
                example[key]["critical_difference"].as_f64().unwrap(),
                key,
            );
        }
        for (i, row) in example["nemenyi_pairwise_pvalues"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
        {
            for (j, p) in numbers(row)
                .into_iter()
                .enumerate()
                .filter(|&(j, _)| j != i)
            {
                let difference = outcome.mean_ranks[i] - outcome.mean_ranks[j];
                let found = nemenyi_p_value(difference, k, n).unwrap();
                assert_abs_diff_eq!(found, p, epsilon = 1e-9);
            }
        }
    }
    for entry in golden["nemenyi_q_table"].as_array().unwrap() {
        let k = entry["k"].as_u64().unwrap() as usize;
        // CD = q √(k (k + 1) / (6 n)).
        let scale = ((k * (k + 1)) as f64 / 6.0).sqrt();
        for (alpha, key) in [(0.05, "q_0_05"), (0.1, "q_0_10")] {
            let q = nemenyi_critical_difference(k, 1, alpha).unwrap() / scale;
            close(q, entry[key].as_f64().unwrap(), key);
        }
    }
}

#[test]
fn adjusted_p_values_match_statsmodels() {
    for example in golden()["p_adjustment"].as_array().unwrap() {
        let p = numbers(&example["p"]);
        for (found, key) in [
            (holm(&p).unwrap(), "holm"),
            (benjamini_hochberg(&p).unwrap(), "benjamini_hochberg"),
        ] {
            for (found, expected) in found.iter().zip(numbers(&example[key])) {
                close(*found, expected, key);
            }
        }
    }
}

/// The specification's vectors for the signed ranks and Friedman's test.
#[test]
fn the_specifications_vectors_come_out() {
    let a = [0.76, 0.74, 0.80, 0.71, 0.69, 0.78, 0.77, 0.73, 0.75, 0.72];
    let b = [0.74, 0.75, 0.77, 0.70, 0.69, 0.74, 0.76, 0.70, 0.71, 0.74];
    let test = |zeros, null| wilcoxon_test(&a, &b, zeros, null).unwrap();
    let exact = test(Zeros::Drop, NullDistribution::Auto);
    assert_eq!(
        (exact.w_plus, exact.w_minus, exact.n_nonzero),
        (38.5, 6.5, 9)
    );
    close(exact.p_value, 0.070_312_5, "exact");
    let normal = |continuity| NullDistribution::Normal { continuity };
    for (zeros, continuity, expected) in [
        (Zeros::Drop, false, 0.056_486_428_1),
        (Zeros::Drop, true, 0.064_651_274_6),
        (Zeros::Pratt, false, 0.057_852_694_4),
        (Zeros::Split, false, 0.058_181_906_6),
    ] {
        let found = test(zeros, normal(continuity)).p_value;
        assert_abs_diff_eq!(found, expected, epsilon = 1e-9);
    }
    let rows = [
        vec![0.9, 0.8, 0.7],
        vec![0.8, 0.9, 0.7],
        vec![0.95, 0.85, 0.80],
        vec![0.7, 0.7, 0.6],
        vec![0.88, 0.82, 0.84],
    ];
    let outcome = friedman_test(&ScoreTable::new(["a", "b", "c"], rows.to_vec()).unwrap()).unwrap();
    assert_abs_diff_eq!(outcome.chi_squared, 6.0, epsilon = 1e-9);
    assert_abs_diff_eq!(outcome.p_value, 0.049_787_068_4, epsilon = 1e-9);
    for (found, expected) in outcome.mean_ranks.iter().zip([1.3, 1.9, 2.8]) {
        assert_abs_diff_eq!(*found, expected, epsilon = 1e-12);
    }
}

#[test]
fn degenerate_input_has_an_answer_or_a_typed_error() {
    let equal = [0.5; 4];
    let outcome = wilcoxon_test(&equal, &equal, Zeros::Pratt, NullDistribution::Auto).unwrap();
    assert_eq!(
        (outcome.p_value, outcome.rank_biserial(), outcome.n_nonzero),
        (1.0, 0.0, 0)
    );
    assert_eq!(cohen_dz(&equal, &equal).unwrap(), 0.0);
    // Three times 0.1 sums to a little more than 0.3, which must not become a spread.
    let outcome = paired_t_test(&[0.1; 3], &[0.0; 3]).unwrap();
    assert_eq!((outcome.mean_difference, outcome.p_value), (0.1, None));
    let ties = ScoreTable::new(["a", "b"], vec![vec![0.5, 0.5]; 3]).unwrap();
    assert_eq!(friedman_test(&ties).unwrap().p_value, 1.0);
    let order = ScoreTable::new(["a", "b"], vec![vec![0.6, 0.5]; 3]).unwrap();
    assert_eq!(friedman_test(&order).unwrap().f_p_value, None);

    assert!(matches!(
        ScoreTable::new(["a", "b"], vec![vec![0.5, 0.5], vec![0.5]]),
        Err(StatsError::Row {
            row: 1,
            expected: 2,
            found: 1
        })
    ));
    assert!(matches!(
        ScoreTable::new(["a"], vec![vec![0.5]]),
        Err(StatsError::TooFew { .. })
    ));
    assert!(matches!(
        wilcoxon_test(&[0.1], &[f64::NAN], Zeros::Drop, NullDistribution::Auto),
        Err(StatsError::NonFinite { index: 0, .. })
    ));
    assert!(nemenyi_critical_difference(1, 5, 0.05).is_err());
    assert!(nemenyi_critical_difference(3, 5, 0.0).is_err());
    assert!(bootstrap_interval(&equal, &equal, 0, 0.95, 1).is_err());
    assert!(equivalence_test(&equal, &equal, 0.0, 0.0).is_err());
}

#[test]
fn the_bootstrap_covers_the_mean_and_repeats() {
    let first: Vec<f64> = (0..40).map(|i| f64::from(i * 37 % 40) / 40.0).collect();
    let second = vec![0.3; 40];
    let interval = |seed| bootstrap_interval(&first, &second, 4000, 0.95, seed).unwrap();
    assert_eq!(interval(1), interval(1));
    assert_ne!(interval(1), interval(2));
    // The mean difference is 0.1875, its standard error 0.0462 (with n in the place of n − 1).
    let Interval { low, high } = interval(1);
    assert_abs_diff_eq!(low, 0.1875 - 1.96 * 0.0456, epsilon = 0.01);
    assert_abs_diff_eq!(high, 0.1875 + 1.96 * 0.0456, epsilon = 0.01);
}

#[test]
fn equivalence_follows_the_nearer_bound() {
    let first = [0.71, 0.69, 0.70, 0.72, 0.68, 0.70];
    let second = [0.70, 0.70, 0.70, 0.70, 0.70, 0.70];
    // The mean difference is 0, so both one-sided tests have t = margin / (sd / √n).
    let sd = (0.001_f64 / 5.0).sqrt();
    let margin = 2.571 * sd / 6.0_f64.sqrt();
    // 2.571 is the 97.5 % point of t with five degrees of freedom.
    let p = equivalence_test(&first, &second, margin, 0.0).unwrap();
    assert_abs_diff_eq!(p.unwrap(), 0.025, epsilon = 1e-4);
    assert!(equivalence_test(&first, &second, margin, 0.2).unwrap() > p);
}

/// Made by `golden/across.py` with scipy 1.17.1: for data sets of differences d,
/// `t = mean / (sqrt(sum(var(d, ddof=1) * (1/n + ratio))) / m)` with Satterthwaite's degrees of freedom, and
/// `scipy.stats.ttest_1samp(means, 0)`.
fn across() -> Value {
    serde_json::from_str(include_str!("golden/across.json")).unwrap()
}

fn sets_of(case: &Value) -> Vec<PairedSet> {
    let set = |set: &Value| {
        let ratio = set["test_over_train"].as_f64().unwrap();
        PairedSet::new(&numbers(&set["first"]), &numbers(&set["second"]), ratio).unwrap()
    };
    case["sets"].as_array().unwrap().iter().map(set).collect()
}

fn agrees(found: &MeanOutcome, expected: &Value, what: &str) {
    let number = |key: &str| expected[key].as_f64().unwrap();
    close(found.degrees_of_freedom, number("degrees_of_freedom"), what);
    close(found.statistic, number("statistic"), what);
    close(found.p_value.unwrap(), number("p_value"), what);
    let ends = numbers(&expected["interval"]);
    close(found.interval.unwrap().low, ends[0], what);
    close(found.interval.unwrap().high, ends[1], what);
}

#[test]
fn comparisons_over_data_sets_match_scipy() {
    let golden = across();
    for case in golden["cases"].as_array().unwrap() {
        let name = case["name"].as_str().unwrap();
        let outcome = difference_across(&sets_of(case), 0.95).unwrap();
        let number = |key: &str| case[key].as_f64().unwrap();
        close(outcome.mean_difference(), number("mean_difference"), name);
        close(outcome.plain_seed_error, number("plain_seed_error"), name);
        assert_eq!(
            outcome.n_ahead as u64,
            case["n_ahead"].as_u64().unwrap(),
            "{name}"
        );
        assert_eq!(
            outcome.like_these.is_none(),
            case["like_these"].is_null(),
            "{name}"
        );
        let both = [
            (Some(outcome.these_sets), "these_sets"),
            (outcome.like_these, "like_these"),
        ];
        for (found, key) in both {
            let Some(found) = found else { continue };
            let (expected, what) = (&case[key], format!("{name}, {key}"));
            agrees(&found, expected, &what);
            close(found.error, expected["error"].as_f64().unwrap(), &what);
            for pair in expected["non_inferiority"].as_array().unwrap() {
                let pair = numbers(pair);
                let p = found.non_inferiority(pair[0]).unwrap().unwrap();
                close(p, pair[1], &what);
            }
        }
    }
    // Two data sets without overlap are Welch's test of two samples, of which the second has changed its sign.
    let two = &golden["cases"][2];
    let outcome = difference_across(&sets_of(two), 0.95).unwrap();
    agrees(&outcome.these_sets, &golden["welch"], "Welch");
}

#[test]
fn non_inferiority_on_one_data_set_matches_scipy() {
    let golden = across();
    let set = &golden["cases"][3]["sets"][0];
    let (first, second) = (numbers(&set["first"]), numbers(&set["second"]));
    let of_sets = difference_across(&sets_of(&golden["cases"][3]), 0.95).unwrap();
    for expected in golden["one_set"].as_array().unwrap() {
        let number = |key: &str| expected[key].as_f64().unwrap();
        let p = |ratio| {
            let p = non_inferiority_test(&first, &second, number("margin"), ratio);
            p.unwrap().unwrap()
        };
        close(p(0.0), number("plain"), "plain");
        close(p(0.15 / 0.70), number("corrected"), "corrected");
        let over_one = of_sets.these_sets.non_inferiority(number("margin"));
        close(over_one.unwrap().unwrap(), p(0.15 / 0.70), "as one of one");
    }
}

#[test]
fn detectable_differences_match_scipy_and_the_specification() {
    for case in across()["power"].as_array().unwrap() {
        let number = |index: usize| case[index].as_f64().unwrap();
        // Without a number: infinitely many seeds.
        let n = case[1]
            .as_u64()
            .map_or(1_000_000_000_000, |n| usize::try_from(n).unwrap());
        let found = detectable_difference(number(0), n, number(2), number(3), number(4)).unwrap();
        if case[1].is_null() {
            assert_abs_diff_eq!(found, number(5), epsilon = 1e-6);
        } else {
            close(found, number(5), &case.to_string());
        }
    }
    // In points: Pima's and Wine's deviations, 20 seeds and very many.
    let points = |sd, n, ratio| 100.0 * detectable_difference(sd, n, ratio, 0.05, 0.8).unwrap();
    for (found, expected) in [
        (points(0.024, 20, 0.0), 1.6),
        (points(0.024, 20, 0.15 / 0.70), 3.6),
        (points(0.024, 1_000_000, 0.15 / 0.70), 3.1),
        (points(0.072, 20, 0.0), 4.7),
        (points(0.072, 20, 0.15 / 0.70), 10.9),
    ] {
        assert_abs_diff_eq!(found, expected, epsilon = 0.06);
    }
}

#[test]
fn differences_of_rounding_are_none() {
    let (a, b) = ([0.1 + 0.2, 0.3, 0.7], [0.3, 0.3, 0.7]);
    let outcome = paired_t_test(&a, &b).unwrap();
    assert_eq!((outcome.statistic, outcome.p_value), (0.0, Some(1.0)));
    assert_eq!(mean_interval(&a, &b, 0.2, 0.95).unwrap(), None);
}

#[test]
fn differences_that_do_not_vary_are_no_evidence() {
    let (a, b) = ([0.9, 0.8], [0.4, 0.3]);
    for outcome in [paired_t_test(&a, &b), corrected_t_test(&a, &b, 0.2)] {
        let outcome = outcome.unwrap();
        assert_eq!((outcome.n, outcome.p_value), (2, None));
        assert_abs_diff_eq!(outcome.mean_difference, 0.5, epsilon = 1e-12);
    }
    assert_eq!(mean_interval(&a, &b, 0.2, 0.95).unwrap(), None);
    assert_eq!(equivalence_test(&a, &b, 0.6, 0.0).unwrap(), None);
    assert_eq!(non_inferiority_test(&a, &b, 0.1, 0.0).unwrap(), None);
}
