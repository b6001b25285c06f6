//! What to do with a table: what many tables have shown, what this one shows, and what that comes to.
//!
//! [`Experience`] is the prior of gains over plain training, [`weigh`] moves it by what a table has shown and [chooses](choose). Where
//! scores come from, and how an answer is told, is for others to know.
//!
//! ```
//! use art_advice::{Choice, Experience, weigh};
//! use art_methods::Asks;
//! use art_stats::Differences;
//!
//! // Points of macro F1 over plain training on three splits: of a moved decision, and of trees that somebody brought.
//! let shown = vec![vec![2.0, 9.0], vec![1.0, 11.0], vec![1.5, 10.0]];
//! let shown = Differences::new(shown, 0.15 / 0.85)?;
//! let prior = Experience::of_program().prior_with_models(&[Some("baseline+tau-e"), None])?;
//! let weighed = weigh(&prior, &shown, &[Asks::Decision, Asks::More], 40.0);
//! assert_eq!(weighed.choice, Choice::Do(1));
//! # Ok::<(), art_stats::StatsError>(())
//! ```

#![warn(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod decision;
mod experience;
mod weighed;

pub use decision::{Choice, INDIFFERENCE, LEVEL, LIKELY_HARM, WORTH_IT, WouldTell, choose};
pub use experience::Experience;
pub use weighed::{Expected, Weighed, weigh};

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
