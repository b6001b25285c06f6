//! Populations of the project's own, whose truth is known, one file each.

mod family;
mod large;
mod many_classes;
mod opposites;

pub use family::SyntheticFamily;
