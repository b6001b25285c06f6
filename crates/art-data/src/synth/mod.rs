//! Generated data for tests, benches and stand-ins, and populations whose truth is known.

mod classes;
mod population;
mod squares;

pub use classes::GaussianClasses;
pub use population::{Cloud, Population};
pub use squares::SquarePairs;
