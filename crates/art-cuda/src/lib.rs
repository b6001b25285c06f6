//! Networks of few kinds of layers on an NVIDIA card, trained without a graph of operations.
//!
//! A `Network` keeps parameters, gradient, optimizer and the rows of its tables on the card. A step sends the numbers of its
//! rows, gets logits back, and is told the gradient by them: losses stay where they are defined. Kernels are few and fixed, so
//! that a step of a small network takes some twenty launches where tensor operations take hundreds.
//!
//! Dropout drops the same units as on the processor: a generator's state is moved to where a thread begins by matrices of bits
//! ([`Jumps`]).
//!
//! This crate knows numbers on a card. It knows no loss, no model, no data set and no file.
//!
//! # Features
//! - `cuda`: the card itself; without it there is only what is computed beforehand.

mod jumps;
mod layer;

#[cfg(feature = "cuda")]
mod driver;
#[cfg(feature = "cuda")]
mod launch;
#[cfg(feature = "cuda")]
mod network;

#[cfg(feature = "cuda")]
pub use driver::{Card, CardError};
pub use jumps::{Jumps, State, seeded};
pub use layer::Layer;
#[cfg(feature = "cuda")]
pub use network::{AdamW, Kept, Mixed, Network, Table};
