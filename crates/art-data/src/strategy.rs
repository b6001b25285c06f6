//! How many rows each class should have after resampling.

use crate::error::DataError;
use art_core::{ClassCounts, ParamError};

/// A wish for class sizes, resolved once to one target count a class.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum SamplingStrategy {
    /// Minority over majority after resampling, in (0, 1]; 1 makes classes equal.
    Ratio(f64),
    /// The target count of each class, class 0 first.
    Counts(Vec<usize>),
}

impl Default for SamplingStrategy {
    fn default() -> Self {
        Self::Ratio(1.0)
    }
}

impl SamplingStrategy {
    /// Targets for over-sampling: `max(n_c, rint(ratio · n_max))`; empty classes stay empty.
    ///
    /// # Errors
    /// [`DataError::Param`] for a ratio out of range; [`DataError::Length`] for the wrong number
    /// of counts; [`DataError::Target`] for a count below the rows there are, or above zero for a
    /// class without rows.
    pub fn over(&self, counts: &ClassCounts) -> Result<Vec<usize>, DataError> {
        let rows = counts.as_slice();
        match self {
            Self::Ratio(ratio) => {
                let wanted =
                    (check_ratio(*ratio)? * counts.largest() as f64).round_ties_even() as usize;
                Ok(rows
                    .iter()
                    .map(|&n| if n == 0 { 0 } else { n.max(wanted) })
                    .collect())
            }
            Self::Counts(targets) => explicit(targets, rows, |target, n| {
                target >= n && (n > 0 || target == 0)
            }),
        }
    }

    /// Targets for under-sampling: `min(n_c, max(1, rint(n_min / ratio)))`.
    ///
    /// # Errors
    /// As [`over`](Self::over), but a count may not be above the rows there are.
    pub fn under(&self, counts: &ClassCounts) -> Result<Vec<usize>, DataError> {
        let rows = counts.as_slice();
        match self {
            Self::Ratio(ratio) => {
                let wanted = (counts.smallest() as f64 / check_ratio(*ratio)?).round_ties_even();
                Ok(rows
                    .iter()
                    .map(|&n| n.min((wanted as usize).max(1)))
                    .collect())
            }
            Self::Counts(targets) => explicit(targets, rows, |target, n| target <= n),
        }
    }
}

fn check_ratio(ratio: f64) -> Result<f64, ParamError> {
    if ratio > 0.0 && ratio <= 1.0 {
        Ok(ratio)
    } else {
        let expected = "a minority-to-majority ratio above 0 and at most 1";
        Err(ParamError::new("ratio", ratio, expected))
    }
}

fn explicit(
    targets: &[usize],
    rows: &[usize],
    can_reach: impl Fn(usize, usize) -> bool,
) -> Result<Vec<usize>, DataError> {
    if targets.len() != rows.len() {
        return Err(DataError::Length {
            what: "target counts, one a class",
            expected: rows.len(),
            found: targets.len(),
        });
    }
    for (class, (&target, &rows)) in targets.iter().zip(rows).enumerate() {
        if !can_reach(target, rows) {
            return Err(DataError::Target {
                class,
                target,
                rows,
            });
        }
    }
    Ok(targets.to_vec())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_resolve_to_rounded_targets() {
        let counts = ClassCounts::new(vec![101, 40, 0, 7]).unwrap();
        let ratio = SamplingStrategy::Ratio;
        assert_eq!(ratio(1.0).over(&counts).unwrap(), [101, 101, 0, 101]);
        // 50.5 rounds half to even.
        assert_eq!(ratio(0.5).over(&counts).unwrap(), [101, 50, 0, 50]);
        assert_eq!(ratio(1.0).under(&counts).unwrap(), [7, 7, 0, 7]);
        assert_eq!(ratio(0.25).under(&counts).unwrap(), [28, 28, 0, 7]);
        for bad in [0.0, 1.1, f64::NAN] {
            assert!(ratio(bad).over(&counts).is_err() && ratio(bad).under(&counts).is_err());
        }
    }

    #[test]
    fn explicit_targets_must_be_reachable() {
        let counts = ClassCounts::new(vec![10, 5, 0]).unwrap();
        let explicit = |targets: [usize; 3]| SamplingStrategy::Counts(targets.to_vec());
        assert_eq!(explicit([10, 8, 0]).over(&counts).unwrap(), [10, 8, 0]);
        let error = explicit([9, 8, 0]).over(&counts).unwrap_err();
        assert_eq!(
            error.to_string(),
            "class 0 has 10 rows, which this method cannot bring to 9"
        );
        assert!(explicit([10, 8, 1]).over(&counts).is_err());
        assert!(explicit([10, 6, 0]).under(&counts).is_err());
        assert!(SamplingStrategy::Counts(vec![1]).under(&counts).is_err());
    }
}
