//! One weight a class, from how many rows it has.

use art_core::{
    ClassCounts, ParamError,
    elementary::{exp_m1, ln, powf},
};

/// `(N / (K n_c))^exponent`, scaled so that the mean over rows is 1 (`Σ n_c v_c = N`).
///
/// Exponent 1 is inverse frequency ("balanced"), 0 gives all ones. A class without rows counts as one
/// row.
///
/// # Errors
/// [`ParamError`] when the exponent is not finite, or so large that a weight is 0 or infinite.
pub fn inverse_frequency(counts: &ClassCounts, exponent: f64) -> Result<Vec<f64>, ParamError> {
    let refused = |expected| Err(ParamError::new("exponent", exponent, expected));
    if !exponent.is_finite() {
        return refused("a finite number, usually 0 to 1.5");
    }
    let n = counts.as_slice().iter().map(|&n| n.max(1) as f64);
    let total = counts.n_rows() as f64;
    let n_classes = counts.n_classes() as f64;
    let raw: Vec<f64> = n.map(|n| powf(total / (n_classes * n), exponent)).collect();
    let over_rows: f64 = raw
        .iter()
        .zip(counts.as_slice())
        .map(|(v, &n)| v * n as f64)
        .sum();
    let weights: Vec<f64> = raw.into_iter().map(|v| v * total / over_rows).collect();
    if weights
        .iter()
        .all(|weight| *weight > 0.0 && weight.is_finite())
    {
        Ok(weights)
    } else {
        refused("one with which no weight is 0 or infinite, usually 0 to 1.5")
    }
}

/// The inverse of the effective number of rows, `(1 − β) / (1 − β^n_c)`, scaled to sum to K.
///
/// β = 0 gives all ones; β towards 1 gives inverse frequency. A class without rows counts as one row.
///
/// # Errors
/// [`ParamError`] when β is outside [0, 1).
///
/// # References
/// Cui, Jia, Lin, Song and Belongie (2019), "Class-balanced loss based on effective number of samples",
/// CVPR, doi 10.1109/CVPR.2019.00949.
pub fn effective_number(counts: &ClassCounts, beta: f64) -> Result<Vec<f64>, ParamError> {
    if !(0.0..1.0).contains(&beta) {
        return Err(ParamError::new("beta", beta, "at least 0 and below 1"));
    }
    let weight = |&n: &usize| {
        // 1 − βⁿ without cancellation; ln 0 = −∞ gives 1.
        (1.0 - beta) / -exp_m1(n.max(1) as f64 * ln(beta))
    };
    let raw: Vec<f64> = counts.as_slice().iter().map(weight).collect();
    let sum: f64 = raw.iter().sum();
    Ok(raw.iter().map(|v| v * raw.len() as f64 / sum).collect())
}

/// Makes sure that weights are finite and positive.
pub(crate) fn check_weights(field: &'static str, weights: &[f64]) -> Result<(), ParamError> {
    match weights.iter().find(|v| !(v.is_finite() && **v > 0.0)) {
        Some(value) => Err(ParamError::new(
            field,
            value,
            "finite numbers above 0, one a class",
        )),
        None if weights.is_empty() => Err(ParamError::new(field, "an empty list", "one a class")),
        None => Ok(()),
    }
}
