//! Paired tests, ranks and corrections.

use crate::{error::Refused, settings::unknown};
use art_stats::{
    Interval, NullDistribution, PairedOutcome, ScoreTable, Zeros, benjamini_hochberg,
    corrected_t_test, friedman_test, holm, mean_interval, paired_t_test, wilcoxon_test,
};
use pyo3::prelude::*;

/// Mean ranks, chi-squared with its p-value, F with its p-value.
type Ranked = (Vec<f64>, f64, f64, f64, Option<f64>);
/// Number of pairs, mean difference, statistic and p-value.
type Paired = (usize, f64, f64, Option<f64>);

pub(crate) fn register(module: &Bound<'_, PyModule>) -> PyResult<()> {
    module.add_function(wrap_pyfunction!(t_test, module)?)?;
    module.add_function(wrap_pyfunction!(t_interval, module)?)?;
    module.add_function(wrap_pyfunction!(wilcoxon, module)?)?;
    module.add_function(wrap_pyfunction!(friedman, module)?)?;
    module.add_function(wrap_pyfunction!(adjust, module)?)
}

/// Student's paired t-test; corrected where `test_over_train` is above 0.
#[pyfunction]
fn t_test(first: Vec<f64>, second: Vec<f64>, test_over_train: f64) -> PyResult<Paired> {
    let outcome = if test_over_train == 0.0 {
        paired_t_test(&first, &second)
    } else {
        corrected_t_test(&first, &second, test_over_train)
    };
    let PairedOutcome {
        n,
        mean_difference,
        statistic,
        p_value,
    } = outcome.map_err(Refused::from)?;
    Ok((n, mean_difference, statistic, p_value))
}

#[pyfunction]
fn t_interval(
    first: Vec<f64>,
    second: Vec<f64>,
    test_over_train: f64,
    confidence: f64,
) -> PyResult<Option<(f64, f64)>> {
    let interval = mean_interval(&first, &second, test_over_train, confidence);
    let interval = interval.map_err(Refused::from)?;
    Ok(interval.map(|Interval { low, high }| (low, high)))
}

/// Pairs that were used, the sums of positive and negative ranks, the p-value and the rank-biserial correlation.
#[pyfunction]
fn wilcoxon(
    py: Python<'_>,
    first: Vec<f64>,
    second: Vec<f64>,
    zeros: &str,
    null: &str,
) -> PyResult<(usize, f64, f64, f64, f64)> {
    let zeros = match zeros {
        "drop" => Zeros::Drop,
        "pratt" => Zeros::Pratt,
        "split" => Zeros::Split,
        other => return Err(unknown("zeros", other, "'drop', 'pratt' or 'split'")),
    };
    let null = match null {
        "auto" => NullDistribution::Auto,
        "exact" => NullDistribution::Exact,
        "normal" => NullDistribution::Normal { continuity: false },
        other => return Err(unknown("null", other, "'auto', 'exact' or 'normal'")),
    };
    let outcome = py.detach(|| wilcoxon_test(&first, &second, zeros, null));
    let outcome = outcome.map_err(Refused::from)?;
    Ok((
        outcome.n_nonzero,
        outcome.w_plus,
        outcome.w_minus,
        outcome.p_value,
        outcome.rank_biserial(),
    ))
}

/// Friedman's test of a table with a row of scores for each data set.
#[pyfunction]
fn friedman(methods: Vec<String>, rows: Vec<Vec<f64>>) -> PyResult<Ranked> {
    let table = ScoreTable::new(methods, rows).map_err(Refused::from)?;
    let outcome = friedman_test(&table).map_err(Refused::from)?;
    Ok((
        outcome.mean_ranks,
        outcome.chi_squared,
        outcome.p_value,
        outcome.f,
        outcome.f_p_value,
    ))
}

/// p-values adjusted for how many there are.
#[pyfunction]
fn adjust(p_values: Vec<f64>, method: &str) -> PyResult<Vec<f64>> {
    let adjusted = match method {
        "holm" => holm(&p_values),
        "benjamini-hochberg" => benjamini_hochberg(&p_values),
        other => return Err(unknown("method", other, "'holm' or 'benjamini-hochberg'")),
    };
    Ok(adjusted.map_err(Refused::from)?)
}
