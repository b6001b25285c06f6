use art_core::ParamError;
use candle_core::{DType, Shape};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LossError {
    /// Logits and targets do not belong together.
    #[error(
        "logits have shape {logits:?} and targets {targets:?}; expected (batch, n_classes) and (batch)"
    )]
    Shape {
        /// Shape of the logits.
        logits: Shape,
        /// Shape of the targets.
        targets: Shape,
    },
    /// A tensor of the wrong type.
    #[error("{what} are {found:?}, expected {expected}")]
    DType {
        /// Which tensor.
        what: &'static str,
        /// Its type.
        found: DType,
        /// The types that are accepted.
        expected: &'static str,
    },
    /// Flat lists that do not fit together.
    #[error(
        "{logits} logits, {targets} targets and {gradient} gradient entries do not fit; expected \
         batch × n_classes logits and as many gradient entries"
    )]
    Lengths {
        /// Number of logits.
        logits: usize,
        /// Number of targets.
        targets: usize,
        /// Number of gradient entries.
        gradient: usize,
    },
    /// A target that is no class.
    #[error("row {row} has target {target}, but there are {n_classes} classes")]
    Target {
        /// The row.
        row: usize,
        /// Its target.
        target: u32,
        /// Number of classes.
        n_classes: usize,
    },
    /// A logit that is NaN or infinite.
    #[error("the logit of row {row}, class {class} is {value}; logits must be finite")]
    NonFinite {
        /// The row.
        row: usize,
        /// The class.
        class: usize,
        /// The logit.
        value: f64,
    },
    /// A feature that is NaN or infinite.
    #[error("feature {feature} of row {row} of the batch is {value}; features must be finite")]
    NonFiniteFeature {
        /// The row of the batch.
        row: usize,
        /// The feature.
        feature: usize,
        /// Its value.
        value: f64,
    },
    /// Constants for another number of classes.
    #[error("the loss was made for {found} classes, the logits have {expected}")]
    Classes {
        /// Classes of the logits.
        expected: usize,
        /// Classes of the loss.
        found: usize,
    },
    /// A list that is too short or too long.
    #[error("{what}: length {found}, expected {expected}")]
    Length {
        /// The list.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A weight of a row that is negative or not finite.
    #[error("the weight of row {row} is {value}, expected a finite number that is not negative")]
    RowWeight {
        /// The row of the batch.
        row: usize,
        /// Its weight.
        value: f64,
    },
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// An operation of the tensor library failed.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
