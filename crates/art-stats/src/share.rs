use crate::{
    error::{StatsError, check_share},
    interval::Interval,
    student::upper_point,
};
use statrs::distribution::{ContinuousCDF, Normal};

/// The interval of a share of which `hits` of `n` were seen, by Wilson's score: it stays between 0 and 1 and is right for few
/// rows and for shares near the ends.
///
/// # Errors
/// [`StatsError`] for no rows, more hits than rows, or a level outside (0, 1).
///
/// # References
/// Wilson (1927), "Probable inference, the law of succession, and statistical inference", doi 10.1080/01621459.1927.10502953;
/// Brown, Cai and `DasGupta` (2001), doi 10.1214/ss/1009213286.
///
/// ```
/// let interval = art_stats::share_interval(8, 10, 0.95)?;
/// assert!((interval.low - 0.490).abs() < 1e-3 && (interval.high - 0.943).abs() < 1e-3);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn share_interval(hits: u64, n: u64, level: f64) -> Result<Interval, StatsError> {
    check_share("level", level)?;
    if n == 0 {
        return Err(StatsError::TooFew {
            what: "a share",
            needed: 1,
            found: 0,
        });
    }
    if hits > n {
        return Err(StatsError::OutOfRange {
            what: "hits",
            value: hits as f64,
            expected: "at most as many as there are rows",
        });
    }
    let normal = Normal::standard();
    let z = upper_point(|x| normal.sf(x), 0.5 * (1.0 - level));
    let (n, share) = (n as f64, hits as f64 / n as f64);
    let middle = (share + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let spread = (share * (1.0 - share) + z * z / (4.0 * n)) / n;
    let half = z * spread.sqrt() / (1.0 + z * z / n);
    Ok(Interval {
        low: (middle - half).max(0.0),
        high: (middle + half).min(1.0),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn none_and_all_have_an_end_at_the_border() {
        let none = share_interval(0, 20, 0.95).unwrap();
        assert_abs_diff_eq!(none.low, 0.0, epsilon = 1e-12);
        // z² / (n + z²)
        assert_abs_diff_eq!(
            none.high,
            3.841_458_820_694_124 / 23.841_458_820_694_124,
            epsilon = 1e-9
        );
        let all = share_interval(20, 20, 0.95).unwrap();
        assert_abs_diff_eq!(all.low, 1.0 - none.high, epsilon = 1e-12);
        assert_abs_diff_eq!(all.high, 1.0, epsilon = 1e-12);
    }

    #[test]
    fn what_is_no_share_is_refused() {
        assert!(share_interval(0, 0, 0.95).is_err());
        assert!(share_interval(3, 2, 0.95).is_err());
        assert!(share_interval(1, 2, 1.0).is_err());
    }
}
