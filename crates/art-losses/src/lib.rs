//! Classification losses on candle tensors, with one value a row and explicit reductions.
//!
//! A [`Loss`] says what each row costs, how rows are reduced, and which [`Head`] it is made for; a
//! [`LossSchedule`] says which loss an epoch uses. This crate knows tensors and losses; it knows no
//! data sets, models or files.
//!
//! # Features
//! - `cuda`: forwarded to candle.

#![warn(clippy::unwrap_used)]

mod cross_entropy;
mod error;
mod loss;
mod schedule;

pub use cross_entropy::CrossEntropy;
pub use error::LossError;
pub use loss::{Head, Loss, Reduction, check_batch};
pub use schedule::{Deferred, LossSchedule};
