//! Paired tests and corrections for comparing classifiers over many runs.
//!
//! Scores in, typed outcomes out; two-sided p-values come from survival functions, so that small
//! ones stay exact. This crate stands alone: it knows nothing of data sets, models or samplers.

#![warn(clippy::unwrap_used)]

mod correction;
mod error;
mod paired_t;
mod summary;

pub use correction::holm;
pub use error::StatsError;
pub use paired_t::{PairedOutcome, corrected_t_test, paired_t_test};
pub use summary::Summary;
