//! Sentence embeddings of film reviews.
//!
//! [`Embed`] is anything that turns texts into rows of numbers. `SentenceEmbedder` (feature `model`) is the
//! real one: all-MiniLM-L6-v2, read from a folder, on the CPU. [`write_pool`] embeds the 15,000 reviews of the pool and
//! goes on where it was after an interrupt; [`read_review_pool`] reads what it wrote.
//!
//! ```
//! use art_embed::{Embed, EmbedError};
//!
//! /// The length of a text and its number of words.
//! struct Lengths;
//!
//! impl Embed for Lengths {
//!     fn columns(&self) -> usize {
//!         2
//!     }
//!     fn digest(&self) -> String {
//!         "lengths-1".to_owned()
//!     }
//!     fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError> {
//!         let row = |text: &&str| [text.len() as f32, text.split(' ').count() as f32];
//!         Ok(texts.iter().flat_map(row).collect())
//!     }
//! }
//!
//! assert_eq!(Lengths.embed(&["a film", "fun"])?, [6.0, 2.0, 3.0, 1.0]);
//! # Ok::<(), EmbedError>(())
//! ```
//!
//! # Features
//! - `model`: `SentenceEmbedder` and `make_review_pool`. Off by default, because the libraries behind it take
//!   minutes to build.

#![warn(clippy::unwrap_used)]

mod embed;
mod error;
#[cfg(feature = "model")]
mod model;
mod part;
mod pool;
mod pool_file;
mod reviews;
#[cfg(feature = "model")]
mod side_by_side;

pub use embed::Embed;
pub use error::EmbedError;
#[cfg(feature = "model")]
pub use model::SentenceEmbedder;
#[cfg(feature = "model")]
pub use pool::make_review_pool;
pub use pool::write_pool;
pub use pool_file::{POOL_FILE, read_review_pool, write_review_pool};
pub use reviews::{Review, pool_reviews};

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
