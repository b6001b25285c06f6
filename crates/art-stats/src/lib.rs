//! Paired tests, ranks and corrections for comparing classifiers over many runs.
//!
//! Scores in, typed outcomes out; two-sided p-values come from survival functions, so that small
//! ones stay exact. This crate stands alone: it knows nothing of data sets, models or samplers.

#![warn(clippy::unwrap_used)]
#![allow(
    clippy::disallowed_methods,
    reason = "statistics are computed from records and never become part of one"
)]

mod across;
mod average_precision;
mod correction;
mod differences;
mod effect;
mod error;
mod friedman;
mod gain;
mod interval;
mod paired_t;
mod ranks;
mod share;
mod student;
mod summary;
mod symmetric;
mod wilcoxon;

pub use across::{AcrossSets, MeanOutcome, PairedSet, difference_across};
pub use average_precision::average_precision_interval;
pub use correction::{benjamini_hochberg, holm};
pub use differences::Differences;
pub use effect::{bootstrap_interval, cohen_dz, equivalence_test, non_inferiority_test};
pub use error::StatsError;
pub use friedman::{FriedmanOutcome, friedman_test, nemenyi_critical_difference, nemenyi_p_value};
pub use gain::{GainPrior, Gains};
pub use interval::Interval;
pub use paired_t::{
    PairedOutcome, corrected_t_test, detectable_difference, mean_interval, paired_t_test,
};
pub use ranks::{ScoreTable, ranks};
pub use share::share_interval;
pub use summary::Summary;
pub use wilcoxon::{NullDistribution, SignedRankOutcome, Zeros, wilcoxon_test};

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
