/// An error of this crate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum StatsError {
    /// Paired lists of different length.
    #[error("paired scores need lists of equal length, got {left} and {right}")]
    Unpaired {
        /// Length of the first list.
        left: usize,
        /// Length of the second list.
        right: usize,
    },
    /// Too few numbers.
    #[error("{what} needs at least {needed} values, got {found}")]
    TooFew {
        /// What was asked for.
        what: &'static str,
        /// Values it needs.
        needed: usize,
        /// Values it got.
        found: usize,
    },
    /// A row of a table that does not have a score a method.
    #[error("row {row} has {found} scores, but there are {expected} methods")]
    Row {
        /// Zero-based row.
        row: usize,
        /// Number of methods.
        expected: usize,
        /// Scores of the row.
        found: usize,
    },
    /// A number that is not finite.
    #[error("{of}: value {index} is {value}; scores must be finite")]
    NonFinite {
        /// The list that it is in.
        of: String,
        /// Zero-based position.
        index: usize,
        /// The value.
        value: f64,
    },
    /// A parameter outside its range.
    #[error("{what} is {value}, expected {expected}")]
    OutOfRange {
        /// The parameter.
        what: &'static str,
        /// Its value.
        value: f64,
        /// The accepted range.
        expected: &'static str,
    },
}

/// [`StatsError::NonFinite`] for the first of `scores` that is not finite.
pub(crate) fn check_finite(of: impl std::fmt::Display, scores: &[f64]) -> Result<(), StatsError> {
    let bad = scores.iter().position(|score| !score.is_finite());
    bad.map_or(Ok(()), |index| {
        Err(StatsError::NonFinite {
            of: of.to_string(),
            index,
            value: scores[index],
        })
    })
}

/// [`StatsError::OutOfRange`] where `value` is not right.
pub(crate) fn check(
    what: &'static str,
    value: f64,
    is_right: impl Fn(f64) -> bool,
    expected: &'static str,
) -> Result<(), StatsError> {
    if is_right(value) {
        return Ok(());
    }
    Err(StatsError::OutOfRange {
        what,
        value,
        expected,
    })
}

/// [`check`] of a share of all, neither nothing nor all.
pub(crate) fn check_share(what: &'static str, value: f64) -> Result<(), StatsError> {
    let is_share = |value| value > 0.0 && value < 1.0;
    check(what, value, is_share, "a number between 0 and 1")
}

/// [`check`] of test rows over training rows, 0 for independent runs.
pub(crate) fn check_overlap(value: f64) -> Result<(), StatsError> {
    check(
        "test_over_train",
        value,
        |value| value >= 0.0 && value.is_finite(),
        "a finite number that is not negative",
    )
}

/// [`check`] of a difference that still counts as none.
pub(crate) fn check_margin(value: f64) -> Result<(), StatsError> {
    check(
        "margin",
        value,
        |value| value > 0.0 && value.is_finite(),
        "a finite number above 0",
    )
}
