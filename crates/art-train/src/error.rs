//! What can go wrong in training, with the epoch, step or file it went wrong at.

use art_core::{CoreError, ParamError};
use art_data::DataError;
use art_losses::LossError;
use std::path::PathBuf;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TrainError {
    /// A setting outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// Model, data and sampler do not belong together.
    #[error("{what} is {found}, expected {expected}")]
    Mismatch {
        /// What was compared.
        what: &'static str,
        /// What it should be.
        expected: String,
        /// What it is.
        found: String,
    },
    /// The loss is NaN or infinite.
    #[error(
        "the {what} loss is {loss} in epoch {epoch}, step {step}; usual causes are a learning rate that \
         is too large (here {learning_rate}) or features that were not scaled"
    )]
    NonFiniteLoss {
        /// Training or validation.
        what: &'static str,
        /// The loss.
        loss: f64,
        /// Epoch, counted from 1.
        epoch: u32,
        /// Step since the start of training, counted from 1.
        step: u64,
        /// Learning rate of the epoch.
        learning_rate: f64,
    },
    /// A network has no answer for a row.
    #[error(
        "the network has no finite answer for row {row} of {of}; the usual cause is a number that stands for a missing \
         value, such as -3.4e38"
    )]
    NonFiniteAnswer {
        /// The row, counted from 1.
        row: usize,
        /// The rows among which it was counted.
        of: &'static str,
    },
    /// A checkpoint or a model could not be read or written.
    #[error("cannot {action} {what} {}: {reason}", .path.display())]
    File {
        /// Which of the two.
        what: &'static str,
        /// What was being done, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed, and what to do.
        reason: String,
    },
    /// A device cannot be used.
    #[error("{device} cannot be used: {reason}")]
    Device {
        /// Its name.
        device: String,
        /// Why.
        reason: String,
    },
    /// Training was given up before it had a result.
    #[error("given up before there was a result")]
    Cancelled,
    /// The sampler refused something.
    #[error(transparent)]
    Core(#[from] CoreError),
    /// The data refused something.
    #[error(transparent)]
    Data(#[from] DataError),
    /// The loss refused something.
    #[error(transparent)]
    Loss(#[from] LossError),
    /// linfa refused something.
    #[error(transparent)]
    Linfa(#[from] linfa::Error),
    /// An operation of the tensor library failed.
    #[error("tensor operation failed: {0}")]
    Tensor(#[from] candle_core::Error),
}

impl TrainError {
    /// The setting outside its range, where that is what it says, whoever refused it.
    pub fn param_mut(&mut self) -> Option<&mut ParamError> {
        match self {
            Self::Param(error)
            | Self::Core(CoreError::Param(error))
            | Self::Data(DataError::Param(error))
            | Self::Loss(LossError::Param(error)) => Some(error),
            _ => None,
        }
    }
}
