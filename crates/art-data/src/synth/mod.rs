//! Generated data for tests, benches and stand-ins, and populations whose truth is known, one file each.

mod classes;
mod family;
mod large;
mod many_classes;
mod opposites;
mod population;

pub use classes::GaussianClasses;
pub use family::SyntheticFamily;
pub use population::Population;
