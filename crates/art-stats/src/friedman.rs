//! Do several methods differ over many blocks, and which by more than chance?

use crate::{
    error::{StatsError, check_share},
    ranks::{ScoreTable, tie_term},
    student::upper_point,
};
use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, Normal};

/// The outcome of a Friedman test.
#[derive(Clone, Debug, PartialEq)]
pub struct FriedmanOutcome {
    /// Rows of the table.
    pub n_rows: usize,
    /// Mean rank of each method, 1 for the best.
    pub mean_ranks: Vec<f64>,
    /// The statistic, corrected for ties.
    pub chi_squared: f64,
    /// Its p-value with k − 1 degrees of freedom.
    pub p_value: f64,
    /// Iman and Davenport's F, which is less conservative; infinite when the methods never change places.
    pub f: f64,
    /// The p-value of F with k − 1 and (k − 1)(n − 1) degrees of freedom; none when the methods never change places.
    pub f_p_value: Option<f64>,
}

/// Friedman's test with Iman and Davenport's statistic.
///
/// When every row is all ties there is no difference: statistics 0, p-values 1.
///
/// # Errors
/// [`StatsError::TooFew`] for fewer than two rows.
///
/// # References
/// Friedman (1937), doi 10.1080/01621459.1937.10503522; Iman and Davenport (1980), doi
/// 10.1080/03610928008827904; Demšar (2006), "Statistical comparisons of classifiers over multiple data
/// sets", JMLR 7.
pub fn friedman_test(table: &ScoreTable) -> Result<FriedmanOutcome, StatsError> {
    let (rows, k) = (table.rows().len(), table.methods().len() as f64);
    if rows < 2 {
        return Err(StatsError::TooFew {
            what: "Friedman's test",
            needed: 2,
            found: rows,
        });
    }
    let n = rows as f64;
    let mean_ranks = table.mean_ranks();
    let spread: f64 = mean_ranks
        .iter()
        .map(|rank| (rank - f64::midpoint(k, 1.0)).powi(2))
        .sum();
    let ties: f64 = table.rows().iter().map(|row| tie_term(row)).sum();
    let correction = 1.0 - ties / (n * k * (k * k - 1.0));
    let mut outcome = FriedmanOutcome {
        n_rows: rows,
        mean_ranks,
        chi_squared: 0.0,
        p_value: 1.0,
        f: 0.0,
        f_p_value: Some(1.0),
    };
    if correction > 0.0 {
        let chi_squared = 12.0 * n / (k * (k + 1.0)) * spread / correction;
        let chi = ChiSquared::new(k - 1.0).expect("at least one degree of freedom");
        outcome.chi_squared = chi_squared;
        outcome.p_value = chi.sf(chi_squared);
        let rest = n * (k - 1.0) - chi_squared;
        // Rounding must not turn a perfect order into a large finite F.
        if rest <= 1e-9 * n * (k - 1.0) {
            (outcome.f, outcome.f_p_value) = (f64::INFINITY, None);
        } else {
            outcome.f = (n - 1.0) * chi_squared / rest;
            let f =
                FisherSnedecor::new(k - 1.0, (k - 1.0) * (n - 1.0)).expect("degrees of freedom");
            outcome.f_p_value = Some(f.sf(outcome.f));
        }
    }
    Ok(outcome)
}

/// The difference of mean ranks over `n_rows` rows from which two of `k` methods differ at level `alpha`
/// (Nemenyi): `q √(k (k + 1) / (6 n))`.
///
/// # Errors
/// [`StatsError`] for fewer than two methods, no row, or a level outside (0, 1).
///
/// # References
/// Nemenyi (1963), "Distribution-free multiple comparisons"; Demšar (2006).
///
/// ```
/// let difference = art_stats::nemenyi_critical_difference(5, 20, 0.05)?;
/// assert!((difference - 1.363887).abs() < 1e-6);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn nemenyi_critical_difference(k: usize, n_rows: usize, alpha: f64) -> Result<f64, StatsError> {
    check(k, n_rows)?;
    check_share("alpha", alpha)?;
    let q = upper_point(|q| studentised_range_sf(q, k), alpha);
    Ok(q / std::f64::consts::SQRT_2 * standard_error(k, n_rows))
}

/// The p-value of a difference of mean ranks over `n_rows` rows between two of `k` methods (Nemenyi).
///
/// # Errors
/// [`StatsError`] for fewer than two methods or no row.
pub fn nemenyi_p_value(difference: f64, k: usize, n_rows: usize) -> Result<f64, StatsError> {
    check(k, n_rows)?;
    let q = difference.abs() / standard_error(k, n_rows) * std::f64::consts::SQRT_2;
    Ok(studentised_range_sf(q, k))
}

fn check(k: usize, n_rows: usize) -> Result<(), StatsError> {
    for (what, needed, found) in [
        ("a comparison of ranks (methods)", 2, k),
        ("a comparison of ranks (rows)", 1, n_rows),
    ] {
        if found < needed {
            return Err(StatsError::TooFew {
                what,
                needed,
                found,
            });
        }
    }
    Ok(())
}

fn standard_error(k: usize, n_rows: usize) -> f64 {
    let k = k as f64;
    (k * (k + 1.0) / (6.0 * n_rows as f64)).sqrt()
}

/// The chance that the range of `k` standard normal numbers exceeds `q`.
fn studentised_range_sf(q: f64, k: usize) -> f64 {
    /// Beyond this the density is below 1e-30.
    const FAR: f64 = 12.0;
    const STEPS: usize = 4000;
    let normal = Normal::new(0.0, 1.0).expect("the standard normal");
    let density = |z: f64| (-0.5 * z * z).exp() / (2.0 * std::f64::consts::PI).sqrt();
    let others = (k - 1) as f64;
    // k ∫ φ(z) [Φ(z)^(k−1) − (Φ(z) − Φ(z − q))^(k−1)] dz, the difference taken without cancellation.
    let integrand = |z: f64| {
        let below = normal.cdf(z);
        if below <= 0.0 {
            return 0.0;
        }
        let out_of_reach = (normal.cdf(z - q) / below).min(1.0);
        let missed = -(others * (-out_of_reach).ln_1p()).exp_m1();
        density(z) * below.powf(others) * missed
    };
    // Simpson's rule.
    let step = 2.0 * FAR / STEPS as f64;
    let at = |i: usize| integrand(-FAR + step * i as f64);
    let inner: f64 = (1..STEPS)
        .map(|i| if i % 2 == 1 { 4.0 * at(i) } else { 2.0 * at(i) })
        .sum();
    (k as f64 * step / 3.0 * (at(0) + inner + at(STEPS))).clamp(0.0, 1.0)
}
