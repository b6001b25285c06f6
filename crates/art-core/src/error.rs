//! What can go wrong: every variant carries the numbers a person needs to mend it.

use std::borrow::Cow;

/// A parameter outside its range.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[error("{field} is {value}, expected {expected}")]
pub struct ParamError {
    /// The parameter's name, as in the builder.
    pub field: &'static str,
    /// The value that was given.
    pub value: String,
    /// The range that is accepted, and what to use instead where that helps.
    pub expected: Cow<'static, str>,
}

impl ParamError {
    /// An error for `field`, which was `value` and should have been `expected`.
    pub fn new(
        field: &'static str,
        value: impl std::fmt::Display,
        expected: impl Into<Cow<'static, str>>,
    ) -> Self {
        Self {
            field,
            value: format!("{value}"),
            expected: expected.into(),
        }
    }
}

/// An error of this crate.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum CoreError {
    /// Feedback of a kind that a sampler has no use for.
    #[error("{sampler} cannot learn from {feedback}")]
    Feedback {
        /// The sampler's name.
        sampler: String,
        /// What it was shown.
        feedback: &'static str,
    },
    /// A parameter is outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A label or a prediction is not one of the declared classes.
    #[error(
        "row {row} has {what} {label}, but {n_classes} classes are declared (labels 0 to {})",
        .n_classes.saturating_sub(1)
    )]
    LabelOutOfRange {
        /// A label, or a prediction.
        what: &'static str,
        /// Zero-based row of the label.
        row: usize,
        /// The offending label.
        label: i64,
        /// Declared number of classes K.
        n_classes: usize,
    },
    /// No class was declared.
    #[error("no class is declared; at least one is needed")]
    NoClasses,
    /// There are no rows to draw from.
    #[error("there are no rows to draw from; every one of the {n_classes} classes is empty")]
    NoRows {
        /// Declared number of classes K.
        n_classes: usize,
    },
    /// More rows than a row index can name.
    #[error("{rows} rows are more than the {max} that a 32-bit row index can name")]
    TooManyRows {
        /// Rows that were given.
        rows: usize,
        /// Largest supported number.
        max: usize,
    },
    /// Two lists that belong together differ in length.
    #[error("{what}: length {found}, expected {expected}")]
    Length {
        /// The list that is too short or too long.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A score, weight or target that is negative or not finite.
    #[error("{what} of class {class} is {value}, expected a finite number that is not negative")]
    BadValue {
        /// What the number stands for.
        what: &'static str,
        /// The class it belongs to.
        class: usize,
        /// The offending number.
        value: f64,
    },
    /// A number of a row that is outside its range.
    #[error("{what} of row {row} is {value}, expected {expected}")]
    BadRow {
        /// What the number stands for.
        what: &'static str,
        /// Zero-based row.
        row: usize,
        /// The offending number.
        value: f64,
        /// The range that is accepted.
        expected: &'static str,
    },
    /// Targets that should sum to a whole number of rows do not.
    #[error("targets sum to {sum}, expected a whole number of rows")]
    FractionalTotal {
        /// Sum of the targets.
        sum: f64,
    },
    /// Probabilities that do not sum to 1.
    #[error("probabilities sum to {sum}, expected 1; ClassDistribution::from_scores normalizes")]
    NotNormalized {
        /// Their sum.
        sum: f64,
    },
    /// An epoch that cannot be observed: it is 0, was observed already, or is before one that was.
    #[error(
        "epoch {epoch} cannot be observed{}; epochs are counted from 1 and observed once each, in order",
        if *.last > 0 { format!(" after epoch {last}") } else { String::new() }
    )]
    EpochOrder {
        /// The epoch that was given.
        epoch: u32,
        /// The last one that was observed; 0 for none.
        last: u32,
    },
    /// A validation matrix without a single row.
    #[error("the validation matrix counts no row, so it says nothing about any class")]
    NoObservations,
    /// A saved state from a newer version of this crate.
    #[error(
        "sampler state has version {found}, this program reads up to {supported}; use a newer program"
    )]
    StateVersion {
        /// Version in the state.
        found: u32,
        /// Newest version that this crate reads.
        supported: u32,
    },
    /// A saved state that belongs to something else.
    #[error("sampler state does not fit: its {field} is {found}, here it is {expected}")]
    StateMismatch {
        /// The part that differs.
        field: &'static str,
        /// What the sampler has.
        expected: String,
        /// What the state has.
        found: String,
    },
}
