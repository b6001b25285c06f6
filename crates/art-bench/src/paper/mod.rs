//! What others measured, to stand beside our numbers, and where the paper contradicts itself.
//!
//! The numbers are data: `printed.json` holds every entry of Tables 1 to 9 of the paper as it is printed, and the means of a
//! `PyTorch` run. What is not printed is a dash and never guessed.

mod notes;
mod printed;

pub(crate) use notes::{NOTES, Table};
pub(crate) use printed::{ByCell, of_difference, printed, reported};
pub use printed::{PrintedScore, Reported};
