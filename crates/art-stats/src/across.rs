//! Do two methods differ over several data sets: over exactly these, or over data sets like these?

use crate::{
    error::{StatsError, check_margin, check_overlap, check_share},
    interval::Interval,
    paired_t::paired_summary,
    student::{p_above, t_point, two_sided},
    summary::Summary,
    wilcoxon::ZERO,
};

/// Paired scores of two methods on one data set, an entry a seed.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PairedSet {
    differences: Summary,
    test_over_train: f64,
}

impl PairedSet {
    /// The scores of both methods on one data set.
    ///
    /// `test_over_train` is the number of test rows over the number of training rows where the seeds split the same
    /// finite data again and again (see [`corrected_t_test`](crate::corrected_t_test)); 0 where every seed draws sets
    /// of its own from a known population.
    ///
    /// # Errors
    /// [`StatsError`] for lists of different length, fewer than two seeds (one tells nothing of its own error),
    /// non-finite scores, or a ratio that is negative or not finite.
    pub fn new(first: &[f64], second: &[f64], test_over_train: f64) -> Result<Self, StatsError> {
        check_overlap(test_over_train)?;
        Ok(Self {
            differences: paired_summary(first, second)?,
            test_over_train,
        })
    }

    /// The differences over the seeds, first minus second.
    pub fn differences(&self) -> Summary {
        self.differences
    }

    /// Test rows over training rows.
    pub fn test_over_train(&self) -> f64 {
        self.test_over_train
    }

    /// The standard error of the mean difference, `sd · √(1/n + test_over_train)`.
    pub fn seed_error(&self) -> f64 {
        self.differences.widened_error(self.test_over_train)
    }
}

/// A mean difference, and a two-sided test of it against 0 by Student's t.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanOutcome {
    /// The mean difference, first minus second.
    pub mean_difference: f64,
    /// Its standard error.
    pub error: f64,
    /// Degrees of freedom of the error.
    pub degrees_of_freedom: f64,
    /// The mean over its error; 0 without any difference, infinite when only the error is 0.
    pub statistic: f64,
    /// Two-sided p-value, from the survival function; none for an error of 0 and a mean that is not.
    pub p_value: Option<f64>,
    /// The interval of the level asked for; none for an error of 0.
    pub interval: Option<Interval>,
}

impl MeanOutcome {
    fn new(mean: f64, error: f64, degrees_of_freedom: f64, level: f64) -> Self {
        let (statistic, p_value) = two_sided(mean, error, degrees_of_freedom);
        let half = t_point((1.0 - level) / 2.0, degrees_of_freedom) * error;
        Self {
            mean_difference: mean,
            error,
            degrees_of_freedom,
            statistic,
            p_value,
            interval: (half > 0.0).then_some(Interval {
                low: mean - half,
                high: mean + half,
            }),
        }
    }

    /// The one-sided p-value of the claim that the first method is worse than the second by less than `margin`,
    /// `P(T > (mean + margin) / error)`; none for an error of 0.
    ///
    /// # Errors
    /// [`StatsError::OutOfRange`] for a margin that is not positive.
    ///
    /// # References
    /// Blackwelder (1982), doi 10.1016/0197-2456(82)90024-1.
    pub fn non_inferiority(&self, margin: f64) -> Result<Option<f64>, StatsError> {
        check_margin(margin)?;
        Ok(p_above(
            -margin,
            self.mean_difference,
            self.error,
            self.degrees_of_freedom,
        ))
    }
}

/// The outcome of a comparison over several data sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct AcrossSets {
    /// Number of data sets.
    pub n_sets: usize,
    /// Data sets on which the first method's mean is higher, by at least 1e-12.
    pub n_ahead: usize,
    /// The error from the seeds alone, were all of them independent: `√(Σ sd²/n) / m`.
    pub plain_seed_error: f64,
    /// Exactly these data sets, with the corrected error from the seeds: what would other seeds give on them?
    pub these_sets: MeanOutcome,
    /// Data sets like these, with the error between them: what would other data sets give? None for one data set,
    /// which tells nothing of others.
    pub like_these: Option<MeanOutcome>,
}

impl AcrossSets {
    /// The mean over the data sets of the mean difference, first minus second.
    pub fn mean_difference(&self) -> f64 {
        self.these_sets.mean_difference
    }

    /// The error from the seeds alone, corrected: `√(Σ se²) / m` with `se` of [`PairedSet::seed_error`].
    pub fn seed_error(&self) -> f64 {
        self.these_sets.error
    }

    /// The error between data sets, `sd of their means (ddof 1) / √m`; none for one data set.
    pub fn between_error(&self) -> Option<f64> {
        self.like_these.map(|outcome| outcome.error)
    }
}

/// The mean difference of two methods over m data sets, each of which counts alike, with intervals of `level`.
///
/// Two questions have two errors, and a claim must say which it answers:
///
/// - *These sets*: `t = mean / (√(Σ se²) / m)`, `se = sd · √(1/n + test_over_train)` in each. The errors are estimates
///   from a few seeds each, so a normal z would find too much; t has Welch and Satterthwaite's degrees of freedom,
///   `(Σ se²)² / Σ (se⁴ / (n − 1))`. For one data set this is the corrected (or plain) t-test.
/// - *Sets like these*: `t = mean / (sd of the m means / √m)` with m − 1 degrees of freedom. The spread between the
///   means holds the seeds' part of it already. The data sets are taken for a sample of those meant.
///
/// Both take the data sets for independent: no two of them share rows.
///
/// Edge cases: data sets without any spread add nothing to the error of these sets; without spread in any of them, that
/// error is 0 with Σ (n − 1) degrees of freedom, and equal means have a between-set error of 0. An error of 0 gives
/// p = 1 for a mean of 0, else none: scores that did not vary are no evidence.
///
/// # Errors
/// [`StatsError::TooFew`] without any data set, [`StatsError::OutOfRange`] for a level outside (0, 1).
///
/// # References
/// Nadeau and Bengio (2003), doi 10.1023/A:1024068626366; Satterthwaite (1946), "An approximate distribution of
/// estimates of variance components", doi 10.2307/3002019; Welch (1947), doi 10.1093/biomet/34.1-2.28. Demšar (2006),
/// JMLR 7, on when differences on unlike data sets should rather be ranked.
///
/// ```
/// use art_stats::{PairedSet, difference_across};
/// let split = PairedSet::new(&[0.76, 0.74, 0.80], &[0.74, 0.75, 0.77], 0.15 / 0.70)?;
/// let drawn = PairedSet::new(&[0.91, 0.92, 0.90], &[0.89, 0.91, 0.89], 0.0)?;
/// let outcome = difference_across(&[split, drawn], 0.95)?;
/// assert_eq!((outcome.n_sets, outcome.n_ahead), (2, 2));
/// assert!((outcome.mean_difference() - 0.04 / 3.0).abs() < 1e-12);
/// assert!(outcome.plain_seed_error < outcome.seed_error());
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn difference_across(sets: &[PairedSet], level: f64) -> Result<AcrossSets, StatsError> {
    check_share("level", level)?;
    if sets.is_empty() {
        return Err(StatsError::TooFew {
            what: "a comparison over data sets",
            needed: 1,
            found: 0,
        });
    }
    let n_sets = sets.len();
    let means: Vec<f64> = sets.iter().map(|set| set.differences.mean).collect();
    let over_sets = Summary::of(&means)?;
    let combined = |squares: f64| squares.sqrt() / n_sets as f64;
    let plain = sets.iter().map(|set| set.differences.widened_error(0.0));
    let corrected: Vec<f64> = sets.iter().map(|set| set.seed_error().powi(2)).collect();
    Ok(AcrossSets {
        n_sets,
        n_ahead: means.iter().filter(|&&mean| mean >= ZERO).count(),
        plain_seed_error: combined(plain.map(|error| error.powi(2)).sum()),
        these_sets: MeanOutcome::new(
            over_sets.mean,
            combined(corrected.iter().sum()),
            satterthwaite(sets, &corrected),
            level,
        ),
        like_these: (n_sets > 1).then(|| {
            let error = over_sets.standard_error();
            MeanOutcome::new(over_sets.mean, error, (n_sets - 1) as f64, level)
        }),
    })
}

/// Degrees of freedom of the sum of the squared errors.
fn satterthwaite(sets: &[PairedSet], squared_errors: &[f64]) -> f64 {
    let own = |set: &PairedSet| (set.differences.n - 1) as f64;
    let total: f64 = squared_errors.iter().sum();
    if total == 0.0 || total.is_infinite() {
        return sets.iter().map(own).sum();
    }
    // By shares of the total, whose squares do not leave the range of numbers.
    let shares = squared_errors.iter().map(|square| square / total);
    let weighted: f64 = shares
        .zip(sets)
        .map(|(share, set)| share * share / own(set))
        .sum();
    1.0 / weighted
}
