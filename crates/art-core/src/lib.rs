//! Adaptive resampling for imbalanced classification: the sampler's mathematics, for any training
//! loop.
//!
//! Every few epochs the per-class F1 on validation data becomes a difficulty, the difficulty is
//! blended with the class prior, and the rows of the next epochs are drawn from the blend
//! (ART, arXiv 2509.00955). This crate holds that and nothing else: it knows no files, clocks,
//! threads or tensors, and every draw is a pure function of a seed.
//!
//! # A loop of one's own, with feedback
//!
//! Break-even feedback moves the class shares until no class is predicted more often than it occurs. Here it drives a
//! hand-written loop: a linear scorer on one feature, trained by the perceptron rule.
//!
//! ```
//! use art_core::{BreakEven, BreakEvenParams, ClassIndex, ConfusionMatrix, EpochSampler, Seed};
//!
//! // 95 rows of class 0 around -1, 5 rows of class 1 around +1.
//! let labels: Vec<u8> = (0..100).map(|row| u8::from(row % 20 == 0)).collect();
//! let features: Vec<f64> = (0..100_i32)
//!     .map(|row| f64::from(row % 7 - 3) * 0.4 + if row % 20 == 0 { 1.0 } else { -1.0 })
//!     .collect();
//! let predict = |model: [f64; 2], x: f64| u8::from(model[0] * x + model[1] > 0.0);
//!
//! let config = BreakEvenParams::new().check()?;
//! let mut sampler = BreakEven::new(config, ClassIndex::new(&labels, 2)?, Seed::new(1834));
//! let mut model = [0.0, 0.0];
//! for epoch in 1..=10 {
//!     for row in sampler.draw(epoch) {
//!         let (x, y) = (features[row as usize], labels[row as usize]);
//!         let error = f64::from(y) - f64::from(predict(model, x));
//!         model = [model[0] + 0.1 * error * x, model[1] + 0.1 * error];
//!     }
//!     // Use validation rows here; the example has only its training rows.
//!     let predicted: Vec<u8> = features.iter().map(|&x| predict(model, x)).collect();
//!     let validation = ConfusionMatrix::from_labels(2, &labels, &predicted)?;
//!     if let Some(refresh) = sampler.observe(epoch, &validation)? {
//!         println!("after epoch {epoch} draw from {:?}", refresh.distribution.as_slice());
//!     }
//! }
//! # Ok::<(), art_core::CoreError>(())
//! ```
//!
//! # Saved, restored, and shared by workers
//!
//! A draw is a pure function of the state and the epoch. Workers need not talk: each takes its shard of one exact epoch, and
//! a state that was saved goes on with the same rows, under another number of workers as well.
//!
//! ```
//! use art_core::{ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, EpochSampler, Seed, Shard};
//!
//! let labels: Vec<i64> = (0..100).map(|row| i64::from(row % 20 == 0)).collect();
//! let make = || {
//!     let config = ArtParams::new().boost_frequency(1).check()?;
//!     ArtSampler::new(config, ClassIndex::new(&labels, 2)?, Seed::new(1834))
//! };
//! let mut sampler = make()?;
//! let none_found = ConfusionMatrix::from_labels(2, &labels, &[0; 100])?;
//! sampler.observe(1, &none_found)?;
//! // With the feature `serde` the state goes into a file.
//! let state = sampler.state();
//!
//! let mut elsewhere = make()?;
//! elsewhere.restore(&state)?;
//! let mut rows = vec![];
//! for rank in 0..4 {
//!     rows.extend(elsewhere.draw(2).shard(Shard::new(rank, 4)?));
//! }
//! let mut whole = sampler.draw(2).to_vec();
//! rows.sort_unstable();
//! whole.sort_unstable();
//! assert_eq!(rows, whole);
//! # Ok::<(), art_core::CoreError>(())
//! ```
//!
//! # What there is
//!
//! | for | take |
//! |---|---|
//! | any training loop | [`EpochSampler`]: what every sampler does; [`EpochDraw`], the rows of an epoch; [`Shard`]; [`DrawnShares`] |
//! | labels and validation results | [`ClassIndex`], [`ClassCounts`], [`ConfusionMatrix`], [`Tallies`], [`RowRanking`], [`Label`] |
//! | **samplers to use**: what to try first | [`PowerSampler`], which needs no validation rows; [`BreakEven`] |
//! | the paper's | [`ArtSampler`] with [`ArtParams`] and a [`Difficulty`] |
//! | others' | [`ClassBalanced`], [`Shuffle`], [`Curriculum`], [`LossSampler`], [`ForgettingArt`] |
//! | validation rows that take turns | [`RotatingArt`] |
//! | **schedules** | [`BoostSchedule`], [`PowerSchedule`], [`BlendRule`], [`BlendConstant`] |
//! | **controls**, to find out whether feedback is what helps | [`FeedbackControl`], [`ShuffledFactors`], [`Replay`], [`ShrunkF1`] |
//! | randomness as a value | [`Seed`], [`Stream`], [`Permutation`], [`apportion`], [`elementary`] |
//! | a sampler of your own | [`RowList`], [`Basics`], [`Feedback`], [`Saved`], `conformance` |
//!
//! # Errors
//!
//! [`ParamError`] names a setting, its value and what was expected; [`CoreError`] has everything else, with rows and numbers. Nothing
//! panics on data.
//!
//! # Features
//! - `serde`: [`SamplerState`], [`ConfusionMatrix`] and [`Seed`] can be stored in any format that says what is what.
//! - `conformance`: the checks that any [`EpochSampler`] can run on itself.

#![warn(clippy::unwrap_used)]

pub mod apportion;
mod classes;
#[cfg(feature = "conformance")]
pub mod conformance;
mod confusion;
mod difficulty;
mod distribution;
mod draw;
mod drawn;
pub mod elementary;
mod error;
mod label;
mod metrics;
mod permutation;
mod ranking;
mod sampler;
mod saved;
mod seed;
mod shrinkage;
mod tallies;

pub use classes::{ClassCounts, ClassIndex};
pub use confusion::ConfusionMatrix;
pub use difficulty::{
    AbsentClass, ClassWiseDifficulty, Difficulty, OneMinusF1, OneMinusPrecision, OneMinusRecall,
};
pub use distribution::{BlendConstant, ClassDistribution};
pub use draw::{DrawMode, EpochDraw, RowList, Shard, package_sizes};
pub use drawn::DrawnShares;
pub use error::{CoreError, ParamError};
pub use label::Label;
pub use permutation::Permutation;
pub use ranking::{Cut, RowRanking};
pub use sampler::{
    ArtConfig, ArtParams, ArtSampler, Basics, BlendBase, BlendRule, BoostSchedule, Bounds,
    BoundsParams, BreakEven, BreakEvenConfig, BreakEvenParams, ClassBalanced, Curriculum,
    EpochSampler, Feedback, FeedbackControl, ForgettingArt, LossRule, LossSampler, PowerSampler,
    PowerSchedule, Refresh, Replay, RotatingArt, RowSignals, SamplerState, Shuffle,
    ShuffledFactors,
};
pub use saved::{Saved, SavedList};
pub use seed::{Seed, Stream};
pub use shrinkage::ShrunkF1;
pub use tallies::Tallies;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
