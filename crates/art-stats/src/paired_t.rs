//! Are two methods' mean scores over the same runs different?

use crate::{StatsError, Summary};
use statrs::distribution::{ContinuousCDF, StudentsT};

/// The outcome of a two-sided paired test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedOutcome {
    /// Number of pairs.
    pub n: usize,
    /// Mean of the differences, first minus second.
    pub mean_difference: f64,
    /// The test statistic; infinite when all differences are equal and not zero.
    pub statistic: f64,
    /// Two-sided p-value, from the survival function.
    pub p_value: f64,
}

/// Student's paired t-test.
///
/// `t = mean / (sd / √n)` with n − 1 degrees of freedom. All differences zero give t = 0, p = 1;
/// all equal and not zero give p = 0.
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
    if !(test_over_train > 0.0 && test_over_train.is_finite()) {
        return Err(StatsError::OutOfRange {
            what: "test_over_train",
            value: test_over_train,
            expected: "a finite number above 0: test rows over training rows",
        });
    }
    t_test(first, second, test_over_train)
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
    for scores in [first, second] {
        if let Some(index) = scores.iter().position(|score| !score.is_finite()) {
            return Err(StatsError::NonFinite {
                index,
                value: scores[index],
            });
        }
    }
    Ok(first.iter().zip(second).map(|(a, b)| a - b).collect())
}

fn t_test(first: &[f64], second: &[f64], overlap: f64) -> Result<PairedOutcome, StatsError> {
    let differences = differences(first, second, 2)?;
    let Summary { n, mean, sd } = Summary::of(&differences)?;
    let (statistic, p_value) = if sd == 0.0 && mean == 0.0 {
        (0.0, 1.0)
    } else if sd == 0.0 {
        (f64::INFINITY.copysign(mean), 0.0)
    } else {
        let t = mean / (sd * (1.0 / n as f64 + overlap).sqrt());
        let distribution =
            StudentsT::new(0.0, 1.0, (n - 1) as f64).expect("at least one degree of freedom");
        (t, (2.0 * distribution.sf(t.abs())).min(1.0))
    };
    Ok(PairedOutcome {
        n,
        mean_difference: mean,
        statistic,
        p_value,
    })
}
