use crate::{
    error::{StatsError, check_share},
    interval::Interval,
    student::upper_point,
};
use statrs::distribution::{ContinuousCDF, Normal};

/// The interval of an average precision (the area under precision over recall) that was seen on `n` rows of the class: symmetric on
/// the scale of `ln a − ln (1 − a)`, so that it stays between 0 and 1.
///
/// The binomial error that it rests on counts the rows of the class alone.
///
/// # Errors
/// [`StatsError`] for a value outside [0, 1], no rows, or a level outside (0, 1).
///
/// # References
/// Boyd, Eng and Page (2013), "Area under the precision-recall curve: point estimates and confidence intervals", ECML PKDD,
/// doi `10.1007/978-3-642-40994-3_29`, equation 3.
///
/// ```
/// let interval = art_stats::average_precision_interval(0.5, 100, 0.95)?;
/// assert!((interval.low - 0.4033).abs() < 1e-4 && (interval.high - 0.5967).abs() < 1e-4);
/// # Ok::<(), art_stats::StatsError>(())
/// ```
pub fn average_precision_interval(value: f64, n: u64, level: f64) -> Result<Interval, StatsError> {
    check_share("level", level)?;
    if n == 0 {
        return Err(StatsError::TooFew {
            what: "an average precision",
            needed: 1,
            found: 0,
        });
    }
    if !(0.0..=1.0).contains(&value) {
        return Err(StatsError::OutOfRange {
            what: "average precision",
            value,
            expected: "0 to 1",
        });
    }
    // Half a row away from the ends, where the scale has none.
    let nearest = 0.5 / (n as f64 + 1.0);
    let value = value.clamp(nearest, 1.0 - nearest);
    let normal = Normal::standard();
    let z = upper_point(|x| normal.sf(x), 0.5 * (1.0 - level));
    let middle = (value / (1.0 - value)).ln();
    let half = z / (n as f64 * value * (1.0 - value)).sqrt();
    let share = |log_odds: f64| 1.0 / (1.0 + (-log_odds).exp());
    Ok(Interval {
        low: share(middle - half),
        high: share(middle + half),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_are_inside_and_nonsense_is_refused() {
        for value in [0.0, 1.0] {
            let Interval { low, high } = average_precision_interval(value, 20, 0.95).unwrap();
            assert!(0.0 < low && low < high && high < 1.0, "{low} {high}");
        }
        let narrow = average_precision_interval(0.3, 10_000, 0.95).unwrap();
        assert!(narrow.high - narrow.low < 0.02);
        assert!(average_precision_interval(0.5, 0, 0.95).is_err());
        assert!(average_precision_interval(1.5, 10, 0.95).is_err());
        assert!(average_precision_interval(f64::NAN, 10, 0.95).is_err());
        assert!(average_precision_interval(0.5, 10, 0.0).is_err());
    }
}
