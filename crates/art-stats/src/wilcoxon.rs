//! The signed-rank test: exact with ties and zeros, or by the normal distribution.

use crate::{
    error::StatsError,
    ranks::{ranks, tie_term},
};
use statrs::distribution::{ContinuousCDF, Normal};

/// What becomes of pairs without a difference (below 1e-12).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Zeros {
    /// They are dropped (Wilcoxon).
    #[default]
    Drop,
    /// They take part in the ranking, then their ranks are dropped (Pratt 1959).
    Pratt,
    /// They take part in the ranking, and half of their ranks goes to each side.
    Split,
}

/// Where the p-value comes from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum NullDistribution {
    /// Exact for at most 50 differences, else normal without continuity correction.
    #[default]
    Auto,
    /// Every assignment of signs to the ranks there are, ties included.
    Exact,
    /// Normal, corrected for ties.
    Normal {
        /// Whether the statistic is moved by one half towards its mean.
        continuity: bool,
    },
}

/// The outcome of a two-sided signed-rank test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SignedRankOutcome {
    /// Pairs with a difference.
    pub n_nonzero: usize,
    /// Sum of the ranks of positive differences.
    pub w_plus: f64,
    /// Sum of the ranks of negative differences.
    pub w_minus: f64,
    /// Two-sided p-value.
    pub p_value: f64,
}

impl SignedRankOutcome {
    /// The smaller of both sums.
    pub fn statistic(&self) -> f64 {
        self.w_plus.min(self.w_minus)
    }

    /// `(W⁺ − W⁻) / (W⁺ + W⁻)`, the rank-biserial correlation: 1 when every difference is positive; 0
    /// without any difference.
    pub fn rank_biserial(&self) -> f64 {
        let total = self.w_plus + self.w_minus;
        if total == 0.0 {
            0.0
        } else {
            (self.w_plus - self.w_minus) / total
        }
    }
}

/// Differences up to here count as none.
pub(crate) const ZERO: f64 = 1e-12;
/// Most differences whose null distribution is counted out unasked.
const EXACT_UP_TO: usize = 50;

/// Wilcoxon's signed-rank test of paired scores.
///
/// The absolute differences are ranked, equal ones (to 12 significant digits) sharing the mean of their
/// ranks. The exact p-value counts the assignments of signs by dynamic programming over doubled ranks, which
/// are whole numbers, so ties and zeros are exact as well; libraries that fall back to the normal
/// distribution there give other values. No difference at all gives p = 1.
///
/// # Errors
/// [`StatsError`] for lists of different length, no pair, or non-finite scores.
///
/// # References
/// Wilcoxon (1945), "Individual comparisons by ranking methods", doi 10.2307/3001968; Pratt (1959), "Remarks
/// on zeros and ties in the Wilcoxon signed rank procedures", doi 10.1080/01621459.1959.10501526.
///
/// ```
/// use art_stats::{NullDistribution, Zeros, wilcoxon_test};
/// let (a, b) = ([0.76, 0.74, 0.80, 0.71, 0.69], [0.74, 0.75, 0.77, 0.70, 0.69]);
/// let outcome = wilcoxon_test(&a, &b, Zeros::Drop, NullDistribution::Auto)?;
/// assert_eq!((outcome.w_plus, outcome.w_minus), (8.5, 1.5));
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn wilcoxon_test(
    first: &[f64],
    second: &[f64],
    zeros: Zeros,
    null: NullDistribution,
) -> Result<SignedRankOutcome, StatsError> {
    let differences = crate::paired_t::differences(first, second, 1)?;
    let is_zero = |d: f64| d.abs() < ZERO;
    let ranked: Vec<f64> = match zeros {
        Zeros::Drop => differences
            .iter()
            .copied()
            .filter(|&d| !is_zero(d))
            .collect(),
        Zeros::Pratt | Zeros::Split => differences.clone(),
    };
    let sizes: Vec<f64> = ranked
        .iter()
        .map(|&d| {
            if is_zero(d) {
                0.0
            } else {
                to_12_digits(d.abs())
            }
        })
        .collect();
    let all_ranks = ranks(&sizes);
    let signed: Vec<(f64, f64)> = ranked.into_iter().zip(all_ranks.iter().copied()).collect();
    let sum = |keep: &dyn Fn(f64) -> bool| {
        signed
            .iter()
            .filter(|&&(d, _)| keep(d))
            .map(|&(_, rank)| rank)
            .sum::<f64>()
    };
    let of_zeros = sum(&is_zero);
    let half = if zeros == Zeros::Split {
        of_zeros / 2.0
    } else {
        0.0
    };
    let w_plus = sum(&|d| !is_zero(d) && d > 0.0) + half;
    let w_minus = sum(&|d| !is_zero(d) && d < 0.0) + half;
    let nonzero: Vec<f64> = signed
        .iter()
        .filter(|&&(d, _)| !is_zero(d))
        .map(|&(_, rank)| rank)
        .collect();
    let n_nonzero = nonzero.len();
    let p_value = if n_nonzero == 0 {
        1.0
    } else {
        let smaller = w_plus.min(w_minus);
        match null {
            NullDistribution::Exact => exact_p(&nonzero, smaller - half),
            NullDistribution::Auto if n_nonzero <= EXACT_UP_TO => exact_p(&nonzero, smaller - half),
            NullDistribution::Auto => normal_p(&sizes, zeros, smaller, 0.0),
            NullDistribution::Normal { continuity } => {
                normal_p(&sizes, zeros, smaller, if continuity { 0.5 } else { 0.0 })
            }
        }
    };
    Ok(SignedRankOutcome {
        n_nonzero,
        w_plus,
        w_minus,
        p_value,
    })
}

/// `x` to 12 significant digits, so that differences that are equal but for rounding tie.
fn to_12_digits(x: f64) -> f64 {
    format!("{x:.11e}").parse().expect("a number was printed")
}

/// Twice the chance that ranks with random signs have a positive sum of at most `smaller`.
fn exact_p(ranks: &[f64], smaller: f64) -> f64 {
    // Ranks are halves, so doubled they are whole.
    let doubled: Vec<usize> = ranks
        .iter()
        .map(|rank| (2.0 * rank).round() as usize)
        .collect();
    let total: usize = doubled.iter().sum();
    let mut chance = vec![0.0; total + 1];
    chance[0] = 1.0;
    let mut reached = 0;
    for rank in doubled {
        for sum in (0..=reached).rev() {
            chance[sum] /= 2.0;
            chance[sum + rank] += chance[sum];
        }
        reached += rank;
    }
    let limit = (2.0 * smaller).round() as usize;
    (2.0 * chance[..=limit].iter().sum::<f64>()).min(1.0)
}

fn normal_p(sizes: &[f64], zeros: Zeros, smaller: f64, continuity: f64) -> f64 {
    let of = |n: f64| (n * (n + 1.0) / 4.0, n * (n + 1.0) * (2.0 * n + 1.0) / 24.0);
    let (mut mean, mut variance) = of(sizes.len() as f64);
    let mut ties = tie_term(sizes);
    if zeros == Zeros::Pratt {
        let n_zeros = sizes.iter().filter(|&&size| size == 0.0).count() as f64;
        let (zero_mean, zero_variance) = of(n_zeros);
        mean -= zero_mean;
        variance -= zero_variance;
        ties -= n_zeros.powi(3) - n_zeros;
    }
    variance -= ties / 48.0;
    let z = (smaller - mean + continuity).min(0.0) / variance.sqrt();
    let normal = Normal::new(0.0, 1.0).expect("the standard normal");
    (2.0 * normal.sf(-z)).min(1.0)
}
