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
    #[error("value {index} is {value}; scores must be finite")]
    NonFinite {
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
