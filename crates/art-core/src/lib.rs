//! Adaptive resampling for imbalanced classification: the sampler's mathematics, for any training
//! loop.
//!
//! Every few epochs the per-class F1 on validation data becomes a difficulty, the difficulty is
//! blended with the class prior, and the rows of the next epochs are drawn from the blend
//! (ART, arXiv 2509.00955). This crate holds that and nothing else: it knows no files, clocks,
//! threads or tensors, and every draw is a pure function of a seed.
//!
//! Here ART drives a hand-written training loop: a linear scorer on one feature, trained by the
//! perceptron rule.
//!
//! ```
//! use art_core::{ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, EpochSampler, Seed};
//!
//! // 95 rows of class 0 around -1, 5 rows of class 1 around +1.
//! let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 20 == 0)).collect();
//! let features: Vec<f64> = (0..100_i32)
//!     .map(|row| f64::from(row % 7 - 3) * 0.4 + if row % 20 == 0 { 1.0 } else { -1.0 })
//!     .collect();
//! let predict = |model: [f64; 2], x: f64| u32::from(model[0] * x + model[1] > 0.0);
//!
//! let config = ArtParams::new().blend_constant(0.5).boost_frequency(2).check()?;
//! let mut sampler = ArtSampler::new(config, ClassIndex::new(&labels, 2)?, Seed::new(1834))?;
//! let mut model = [0.0, 0.0];
//! for epoch in 1..=10 {
//!     for row in sampler.draw(epoch).to_vec() {
//!         let (x, y) = (features[row as usize], labels[row as usize]);
//!         let error = f64::from(y) - f64::from(predict(model, x));
//!         model = [model[0] + 0.1 * error * x, model[1] + 0.1 * error];
//!     }
//!     // Use held-out rows here; the example has only its training rows.
//!     let predicted: Vec<u32> = features.iter().map(|&x| predict(model, x)).collect();
//!     let validation = ConfusionMatrix::from_labels(2, &labels, &predicted)?;
//!     if let Some(refresh) = sampler.observe(epoch, &validation)? {
//!         println!("after epoch {epoch} draw from {:?}", refresh.distribution.as_slice());
//!     }
//! }
//! // Class 1 has 5 % of the rows and is now drawn more often than that.
//! assert!(sampler.distribution().as_slice()[1] > 0.05);
//! # Ok::<(), art_core::CoreError>(())
//! ```
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
