//! Classification losses on candle tensors, with one value a row and explicit reductions.
//!
//! A [`Loss`] says what each row costs, how rows are weighted, selected and reduced, and which [`Head`]
//! it is made for; a [`LossSchedule`] says which loss an epoch uses. Each comes in two forms that agree:
//! candle operations for any device, and a CPU kernel with its own gradient. This crate knows tensors and
//! losses; it knows no data sets, models or files.
//!
//! | method | type |
//! |---|---|
//! | plain training | [`CrossEntropy`] |
//! | cost-sensitive | [`CostSensitive`], [`ExpectedCost`], [`CostMatrix`] for decisions |
//! | focal | [`Focal`] |
//! | online hard example mining | [`Ohem`] |
//! | LDAM, LDAM-DRW | [`Ldam`], with [`Deferred`] weights |
//! | balanced softmax, logit adjustment | [`BalancedSoftmax`] |
//! | VS loss | [`VectorScaling`] |
//! | CDB-CE | [`ClassDifficulty`] |
//! | contrastive learning with hard negatives | [`HardNegatives`], on the features of a batch |
//! | dynamic curriculum learning | [`Triplets`], on the features of a batch |
//!
//! Signatures name types of [`candle_core`], which is here under its name, so that a caller's version is ours.
//!
//! # Features
//! - `cuda`: forwarded to candle.
//! - `conformance`: the checks that any [`Loss`] can run on itself.

#![warn(clippy::unwrap_used)]

mod balanced_softmax;
mod class_difficulty;
pub mod class_weight;
#[cfg(feature = "conformance")]
pub mod conformance;
mod cost_sensitive;
mod cross_entropy;
mod error;
mod feature;
mod focal;
mod hard_negatives;
mod kernel;
mod ldam;
mod loss;
mod ohem;
mod reduction;
mod row_terms;
mod schedule;
mod triplets;
mod vector_scaling;

pub use balanced_softmax::BalancedSoftmax;
pub use candle_core;
pub use class_difficulty::ClassDifficulty;
pub use cost_sensitive::{CostMatrix, CostSensitive, ExpectedCost};
pub use cross_entropy::CrossEntropy;
pub use error::LossError;
pub use feature::{FeatureBatch, FeatureLoss};
pub use focal::Focal;
pub use hard_negatives::{HardNegatives, HardNegativesParams};
pub use kernel::RowKernel;
pub use ldam::Ldam;
pub use loss::{Head, Loss, check_batch};
pub use ohem::Ohem;
pub use reduction::Reduction;
pub use row_terms::RowTerms;
pub use schedule::{Deferred, LossSchedule};
pub use triplets::Triplets;
pub use vector_scaling::VectorScaling;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
