//! How large a difference is, and how sure.

use crate::{
    error::{StatsError, check_margin, check_overlap, check_share},
    interval::Interval,
    paired_t::{differences, paired_summary},
    student::p_above,
    summary::Summary,
};
use rand_xoshiro::{
    Xoshiro256PlusPlus,
    rand_core::{RngCore, SeedableRng},
};

/// Cohen's `d_z`: the mean of the paired differences over their standard deviation (ddof 1); 0 without any
/// difference, infinite when all differences are equal.
///
/// # Errors
/// [`StatsError`] for lists of different length, fewer than two pairs, or non-finite scores.
///
/// # References
/// Cohen (1988), "Statistical power analysis for the behavioral sciences", chapter 2.
pub fn cohen_dz(first: &[f64], second: &[f64]) -> Result<f64, StatsError> {
    let Summary { mean, sd, .. } = paired_summary(first, second)?;
    Ok(if mean == 0.0 { 0.0 } else { mean / sd })
}

/// A percentile bootstrap interval of the mean paired difference: pairs are drawn with replacement
/// `resamples` times, and the middle `confidence` of the means is returned.
///
/// The same seed gives the same interval.
///
/// # Errors
/// [`StatsError`] for lists of different length, no pair, non-finite scores, no resample, or a confidence outside
/// (0, 1).
///
/// # References
/// Efron (1979), "Bootstrap methods: another look at the jackknife", doi 10.1214/aos/1176344552.
///
/// ```
/// let (a, b) = ([0.8, 0.7, 0.9, 0.75], [0.7, 0.72, 0.8, 0.7]);
/// let interval = art_stats::bootstrap_interval(&a, &b, 10_000, 0.95, 1)?;
/// assert!(interval.low < 0.0575 && 0.0575 < interval.high);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn bootstrap_interval(
    first: &[f64],
    second: &[f64],
    resamples: usize,
    confidence: f64,
    seed: u64,
) -> Result<Interval, StatsError> {
    let differences = differences(first, second, 1)?;
    if resamples == 0 {
        return Err(StatsError::TooFew {
            what: "a bootstrap (resamples)",
            needed: 1,
            found: 0,
        });
    }
    check_share("confidence", confidence)?;
    let n = differences.len();
    let mut generator = Xoshiro256PlusPlus::seed_from_u64(seed);
    let mut any = || {
        // The high word of a product: uniform to one part in 2⁶⁴ / n.
        let product = u128::from(generator.next_u64()) * n as u128;
        differences[(product >> 64) as usize]
    };
    let mut means: Vec<f64> = (0..resamples)
        .map(|_| (0..n).map(|_| any()).sum::<f64>() / n as f64)
        .collect();
    means.sort_by(f64::total_cmp);
    let tail = (1.0 - confidence) / 2.0;
    Ok(Interval {
        low: quantile(&means, tail),
        high: quantile(&means, 1.0 - tail),
    })
}

/// The quantile of ascending values, between neighbors by their distance.
fn quantile(ascending: &[f64], share: f64) -> f64 {
    let place = share * (ascending.len() - 1) as f64;
    let below = place.floor() as usize;
    let above = (below + 1).min(ascending.len() - 1);
    ascending[below] + (place - below as f64) * (ascending[above] - ascending[below])
}

/// Two one-sided tests: the p-value of the claim that the mean paired difference lies within ± `margin`.
///
/// `test_over_train` widens the standard error as in [`corrected_t_test`](crate::corrected_t_test); 0 takes
/// the pairs for independent. Differences that do not vary have none.
///
/// # Errors
/// [`StatsError`] for lists of different length, fewer than two pairs, non-finite scores, a margin that is
/// not positive, or a negative `test_over_train`.
///
/// # References
/// Schuirmann (1987), "A comparison of the two one-sided tests procedure and the power approach", doi
/// 10.1007/BF01068419.
pub fn equivalence_test(
    first: &[f64],
    second: &[f64],
    margin: f64,
    test_over_train: f64,
) -> Result<Option<f64>, StatsError> {
    let differences = compared(first, second, margin, test_over_train)?;
    // The larger of both one-sided p-values: the one at the nearer bound.
    Ok(p_above(
        -margin,
        -differences.mean.abs(),
        differences.widened_error(test_over_train),
        (differences.n - 1) as f64,
    ))
}

/// The one-sided p-value of the claim that the first method is worse than the second by less than `margin`:
/// a small one says that nothing that matters is lost.
///
/// `P(T > (mean + margin) / (sd · √(1/n + test_over_train)))` with n − 1 degrees of freedom.
/// `test_over_train` is as in [`corrected_t_test`](crate::corrected_t_test); 0 takes the pairs for independent.
/// Differences that do not vary have none: there is no spread to hold the mean against. The margin must be chosen before the scores are seen.
/// Over several data sets: [`MeanOutcome::non_inferiority`](crate::MeanOutcome::non_inferiority).
///
/// # Errors
/// [`StatsError`] for lists of different length, fewer than two pairs, non-finite scores, a margin that is
/// not positive, or a negative `test_over_train`.
///
/// # References
/// Blackwelder (1982), "'Proving the null hypothesis' in clinical trials", doi
/// 10.1016/0197-2456(82)90024-1; Nadeau and Bengio (2003), doi 10.1023/A:1024068626366.
///
/// ```
/// let (a, b) = ([0.80, 0.71, 0.90, 0.74], [0.80, 0.72, 0.89, 0.75]);
/// let p = |margin| art_stats::non_inferiority_test(&a, &b, margin, 0.15 / 0.70);
/// assert!(p(0.005)? > Some(0.05) && p(0.03)? < Some(0.05));
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn non_inferiority_test(
    first: &[f64],
    second: &[f64],
    margin: f64,
    test_over_train: f64,
) -> Result<Option<f64>, StatsError> {
    let differences = compared(first, second, margin, test_over_train)?;
    Ok(p_above(
        -margin,
        differences.mean,
        differences.widened_error(test_over_train),
        (differences.n - 1) as f64,
    ))
}

/// The paired differences, for a test against a margin.
fn compared(
    first: &[f64],
    second: &[f64],
    margin: f64,
    test_over_train: f64,
) -> Result<Summary, StatsError> {
    check_margin(margin)?;
    check_overlap(test_over_train)?;
    paired_summary(first, second)
}
