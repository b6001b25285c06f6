//! Agreement with scipy and statsmodels, and with the specification's vectors.

use approx::assert_abs_diff_eq;
use art_stats::{StatsError, corrected_t_test, holm, paired_t_test};
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
                assert_eq!((outcome.statistic, outcome.p_value), (0.0, 1.0), "{name}");
            }
            (Value::String(infinity), p) if infinity == "Infinity" => {
                assert_eq!(
                    (outcome.statistic, outcome.p_value),
                    (f64::INFINITY, 0.0),
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
                    (outcome.p_value / p - 1.0).abs() < 1e-8,
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
    assert_abs_diff_eq!(plain.p_value, 0.047_508_703_2, epsilon = 1e-9);
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
    assert!(error.to_string().starts_with("value 1 is NaN"), "{error}");
    assert!(corrected_t_test(&[1.0, 2.0], &[0.0, 0.0], 0.0).is_err());
    assert!(holm(&[0.5, 1.2]).is_err() && holm(&[]).unwrap().is_empty());
}
