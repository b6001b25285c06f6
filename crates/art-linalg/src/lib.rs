//! Products of f32 matrices that lie in slices, with the same bits on every processor.
//!
//! Each element of a product is a fixed chain of operations: in blocks of [`BLOCK`] terms, fused multiply-adds from 0 in the
//! order of the terms, and the blocks' sums added one after the other. Vectors hold different elements, never terms of one,
//! so that their width changes no bit. A processor without fused multiply-adds computes the same chain in software,
//! which is slow.
//!
//! A product uses one thread; callers split their work themselves, so that results do not depend on the number of threads.
//!
//! ```
//! use art_linalg::{Mat, Onto, multiply};
//! let weights = Mat::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
//! let rows = Mat::new(&[1.0, 0.0, -1.0], 1, 3);
//! let mut logits = [0.5, 0.5];
//! multiply(&mut logits, rows, weights.transposed(), Onto::Sum);
//! assert_eq!(logits, [-1.5, -1.5]);
//! ```

mod mat;
mod product;

pub use mat::Mat;
pub use product::{BLOCK, Onto, multiply};

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
