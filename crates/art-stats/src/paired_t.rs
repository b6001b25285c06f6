//! Are two methods' mean scores over the same runs different?

use crate::{
    error::{StatsError, check, check_finite, check_overlap, check_share},
    interval::Interval,
    student::{t_point, two_sided},
    summary::Summary,
};

/// The outcome of a two-sided paired test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedOutcome {
    /// Number of pairs.
    pub n: usize,
    /// Mean of the differences, first minus second.
    pub mean_difference: f64,
    /// The test statistic; infinite when all differences are equal and not zero.
    pub statistic: f64,
    /// Two-sided p-value, from the survival function; none where all differences are equal and not zero. What does not vary
    /// cannot be told from chance: it is no evidence, however few the pairs.
    pub p_value: Option<f64>,
}

/// Student's paired t-test.
///
/// `t = mean / (sd / √n)` with n − 1 degrees of freedom. All differences zero give t = 0, p = 1;
/// all equal and not zero give no p-value, since t has no denominator.
///
/// # Errors
/// [`StatsError`] for lists of different length, fewer than two pairs, or non-finite scores.
///
/// # References
/// Student (1908), "The probable error of a mean", doi 10.2307/2331554.
pub fn paired_t_test(first: &[f64], second: &[f64]) -> Result<PairedOutcome, StatsError> {
    t_test(first, second, 0.0)
}

/// The paired t-test corrected for runs that split the same finite data again and again.
///
/// `t = mean / (sd · √(1/n + n_test/n_train))`: the training sets of two runs overlap, so their
/// scores are not independent and the plain test finds differences that are not there.
///
/// # Errors
/// As [`paired_t_test`], and [`StatsError::OutOfRange`] for a ratio that is not positive.
///
/// # References
/// Nadeau and Bengio (2003), "Inference for the generalization error", Machine Learning 52, doi
/// 10.1023/A:1024068626366.
pub fn corrected_t_test(
    first: &[f64],
    second: &[f64],
    test_over_train: f64,
) -> Result<PairedOutcome, StatsError> {
    check(
        "test_over_train",
        test_over_train,
        |ratio| ratio > 0.0 && ratio.is_finite(),
        "a finite number above 0: test rows over training rows",
    )?;
    t_test(first, second, test_over_train)
}

/// The smallest mean difference that a two-sided paired t-test at level `alpha` finds with the chance `power`.
///
/// `(t_(1 − alpha/2) + t_power) · sd · √(1/n + test_over_train)`, both points of Student's t with n − 1
/// degrees of freedom, for differences of deviation `sd` (ddof 1) over `n` runs. With `test_over_train` 0 it belongs to
/// [`paired_t_test`], otherwise to [`corrected_t_test`]; then no number of runs gets below
/// `(z_(1 − alpha/2) + z_power) · sd · √test_over_train`: the data set is finite. A deviation of 0 gives 0.
///
/// # Choice
/// The sum of two points stands for the exact power, which follows from the noncentral t: for a power of 80 or
/// 90 % at a level of 5 % the exact one differs from the one asked for by at most 0.2 points from ten pairs on, 5 from three on.
///
/// # Errors
/// [`StatsError`] for fewer than two runs, a deviation or ratio that is negative or not finite, a level outside
/// (0, 1), or a power that is not between the level and 1.
///
/// # References
/// Bloom (1995), "Minimum detectable effects", doi 10.1177/0193841X9501900504; Nadeau and Bengio (2003), doi
/// 10.1023/A:1024068626366.
///
/// ```
/// use art_stats::detectable_difference;
/// let plain = detectable_difference(0.024, 20, 0.0, 0.05, 0.8)?;
/// let corrected = detectable_difference(0.024, 20, 0.15 / 0.70, 0.05, 0.8)?;
/// assert!((plain - 0.016).abs() < 5e-4 && (corrected - 0.036).abs() < 5e-4);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn detectable_difference(
    sd: f64,
    n: usize,
    test_over_train: f64,
    alpha: f64,
    power: f64,
) -> Result<f64, StatsError> {
    check(
        "sd",
        sd,
        |sd| sd >= 0.0 && sd.is_finite(),
        "a finite number that is not negative",
    )?;
    if n < 2 {
        return Err(StatsError::TooFew {
            what: "a paired test",
            needed: 2,
            found: n,
        });
    }
    check_overlap(test_over_train)?;
    check_share("alpha", alpha)?;
    check(
        "power",
        power,
        |power| power > alpha && power < 1.0,
        "a number above alpha and below 1",
    )?;
    let point = |tail| t_point(tail, (n - 1) as f64);
    let differences = Summary { n, mean: 0.0, sd };
    Ok((point(alpha / 2.0) + point(1.0 - power)) * differences.widened_error(test_over_train))
}

/// First minus second, for at least `needed` pairs.
pub(crate) fn differences(
    first: &[f64],
    second: &[f64],
    needed: usize,
) -> Result<Vec<f64>, StatsError> {
    if first.len() != second.len() {
        return Err(StatsError::Unpaired {
            left: first.len(),
            right: second.len(),
        });
    }
    if first.len() < needed {
        return Err(StatsError::TooFew {
            what: "a paired test",
            needed,
            found: first.len(),
        });
    }
    check_finite("the first list", first)?;
    check_finite("the second list", second)?;
    Ok(first.iter().zip(second).map(|(a, b)| a - b).collect())
}

/// The summary of at least two paired differences; a deviation that rounding alone accounts for is none, nor is such a mean.
pub(crate) fn paired_summary(first: &[f64], second: &[f64]) -> Result<Summary, StatsError> {
    let mut summary = Summary::of(&differences(first, second, 2)?)?;
    let scores = first.iter().chain(second);
    let largest = scores.fold(0.0_f64, |largest, score| largest.max(score.abs()));
    let rounding = 4.0 * f64::EPSILON * largest;
    if summary.sd <= rounding {
        summary.sd = 0.0;
        if summary.mean.abs() <= rounding {
            summary.mean = 0.0;
        }
    }
    Ok(summary)
}

/// The interval that the mean paired difference lies in with this confidence, by Student's t:
/// `mean ± t · sd · √(1/n + test_over_train)`.
///
/// `test_over_train` widens it as in [`corrected_t_test`]; 0 takes the pairs for independent. It holds 0 exactly where the
/// test's p-value is above 1 − `confidence`. Differences that do not vary have none: a point would claim to be certain.
///
/// # Errors
/// [`StatsError`] for lists of different length, fewer than two pairs, non-finite scores, a negative `test_over_train`, or a
/// confidence outside (0, 1).
///
/// # References
/// Nadeau and Bengio (2003), doi 10.1023/A:1024068626366.
///
/// ```
/// let (a, b) = ([0.80, 0.71, 0.90, 0.74], [0.70, 0.72, 0.80, 0.70]);
/// let interval = art_stats::mean_interval(&a, &b, 0.0, 0.95)?.expect("they vary");
/// assert!((interval.low + 0.027_07).abs() < 1e-4 && (interval.high - 0.142_07).abs() < 1e-4);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn mean_interval(
    first: &[f64],
    second: &[f64],
    test_over_train: f64,
    confidence: f64,
) -> Result<Option<Interval>, StatsError> {
    check_overlap(test_over_train)?;
    check_share("confidence", confidence)?;
    let differences = paired_summary(first, second)?;
    let point = t_point((1.0 - confidence) / 2.0, (differences.n - 1) as f64);
    let reach = point * differences.widened_error(test_over_train);
    Ok((reach > 0.0).then_some(Interval {
        low: differences.mean - reach,
        high: differences.mean + reach,
    }))
}

fn t_test(first: &[f64], second: &[f64], overlap: f64) -> Result<PairedOutcome, StatsError> {
    let differences = paired_summary(first, second)?;
    let Summary { n, mean, .. } = differences;
    let error = differences.widened_error(overlap);
    let (statistic, p_value) = two_sided(mean, error, (n - 1) as f64);
    Ok(PairedOutcome {
        n,
        mean_difference: mean,
        statistic,
        p_value,
    })
}
