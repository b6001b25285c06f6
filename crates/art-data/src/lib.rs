//! Data sets with roles, stratified splits, scaling, imbalance generators and resamplers.
//!
//! A [`Dataset`] is a table of finite features with one label a row. A [`Split`] gives its rows
//! roles as types: a [`Standardizer`] or a [`Resampler`] takes a [`TrainSet`], so that fitting on
//! validation or test rows does not compile. This crate knows files and rows; it knows no tensors,
//! models or clocks.
//!
//! ```
//! use art_data::{GaussianClasses, RandomOverSampler, Resampler, Split, SplitConfig, Standardizer};
//! use art_core::Seed;
//!
//! let data = GaussianClasses::new(vec![200, 20], 4).generate(Seed::new(1))?;
//! let split = Split::stratified(&data, &SplitConfig::default(), Seed::new(1834))?;
//! let split = Standardizer::split(&split)?;
//! let balanced = RandomOverSampler::new().resample(&split.train, Seed::new(1834))?;
//! assert_eq!(split.train.data().class_counts().as_slice(), [140, 14]);
//! assert_eq!(balanced.train.data().class_counts().as_slice(), [140, 140]);
//! # Ok::<(), art_data::DataError>(())
//! ```
//!
//! Signatures name types of [`ndarray`] and [`linfa`], which are here under their names, so that a caller's version is ours.
//!
//! # Features
//! - `conformance`: the checks that any [`Resampler`] can run on itself.
//! - `parquet`: tables in Parquet files.

#![warn(clippy::unwrap_used)]

mod cluster;
#[cfg(feature = "conformance")]
pub mod conformance;
mod counted;
mod dataset;
mod digest;
mod distances;
mod error;
mod files;
mod folds;
mod frame;
mod gather;
mod groups;
mod hybrid;
mod imbalance;
mod names;
mod neighbors;
mod place;
mod problem;
mod remedy;
mod resample;
mod roles;
mod split;
mod standardize;
mod strategy;
mod streamed;
mod synth;
mod weights;

pub use cluster::{Clusters, KMeans};
pub use dataset::{Dataset, RESAMPLED_TARGET, RowShape};
pub use digest::sha256_hex;
pub use error::DataError;
pub use files::{followed, is_stream, sync_folder, write_atomically, write_file};
pub use folds::{FoldedSplit, Folds};
pub use frame::{
    Column, ColumnKind, DateOrder, Encoded, Encoder, FittedEncoder, Frame, Header, KeptRows,
    Kinship, LabelledFrame, Lookalike, LookalikeKind, MISSING, MISSING_MARKERS, MOST_LEVELS,
    Marker, NumberStyle, Prepared, ReadOptions, RepeatedRows, Steering, StreamedTable, TableSize,
    Telltale, TelltaleSign, Unseen, Values, alike_pairs, read_frame, read_frames, shown_alike,
    spelling_key, written_alike,
};
pub use hybrid::HybridSampler;
pub use imbalance::{ClassOrder, Imbalance};
pub use linfa;
pub use names::nearest_name;
pub use ndarray;
pub use neighbors::{NeighborAlgorithm, NeighborSearch, Neighbors};
pub use place::{Place, RowNumber};
pub use problem::{ColumnProblem, TableProblem};
pub use remedy::Remedy;
pub use resample::{
    AdaSampling, Adasyn, BorderPartner, BorderlineSmote, BorderlineVariant, BorderlineZone,
    CleaningScope, ClusterUnderSampler, CondensedNearestNeighbors, EditedNearestNeighbors, EnnRule,
    Fallback, KMeansSmote, MakesRows, Msmote, Msyn, NearMiss, NearMissReference, NearMissRule,
    NearestOfAll, OneSidedSelection, Origin, RandomOverSampler, RandomUnderSampler, Repeats,
    Replacement, ResampleWarning, Resampled, Resampler, RowKind, SafeLevelSmote, SeeMade,
    SmallRows, Smote, SmoteEnn, SmoteGap, SmoteTomek, Streamed, TomekLinks, TooFewNeighbors,
};
pub use roles::{Split, TestSet, TrainSet, ValidSet};
pub use split::{SplitConfig, SplitParams, SplitRows, UnsplittableClass};
pub use standardize::Standardizer;
pub use strategy::SamplingStrategy;
pub use streamed::StreamedResampling;
pub use synth::{Cloud, GaussianClasses, Population, SquarePairs};
pub use weights::copies_of_weights;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
