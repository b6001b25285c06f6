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
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// An operation of the tensor library failed.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
}
