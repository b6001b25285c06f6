//! Every method that is compared, with its settings, and the registry that finds them by name.
//!
//! A [`Method`] says once what it is called, what kind it is, what it asks of whoever uses it, where it comes from and which
//! settings it has; [`Method::recipe`] makes what a training run needs of it. Lists of methods, errors for wrong settings,
//! what tuning may try, the index in `docs/methods.md` and the order of advice are all derived from that.
//!
//! [`Registry::standard`] has the methods of the project. One of your own is a value like theirs:
//!
//! ```
//! use art_core::ClassBalanced;
//! use art_methods::{Kind, Method, Registry};
//! use art_train::Recipe;
//!
//! let balanced = Method::new("balanced", "Class-balanced sampling", Kind::Sampler, |_, inputs| {
//!     let sampler = ClassBalanced::new(inputs.class_index()?, inputs.seed);
//!     Ok(Recipe::drawn_by(inputs, sampler))
//! });
//! let registry = Registry::standard().with(balanced)?;
//! assert!(registry.get("balanced+tau-e").is_ok());
//! # Ok::<(), art_methods::MethodError>(())
//! ```
//!
//! This crate knows no files, no experiment and no test rows.

#![warn(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod catalog;
mod chosen;
mod decision;
mod error;
mod index;
mod key;
mod method;
mod name;
mod recommended;
mod registry;
mod setting;
mod training_space;
mod value;

pub use chosen::ChosenMethod;
pub use decision::{DECISION_RULES, DecisionRule};
pub use error::{MethodError, UnknownName};
pub use index::method_index;
pub use key::{Key, OneOf, Real, Typed, Whole};
pub use method::{Asks, Kind, Method, PLAIN, Source};
pub use name::MethodName;
pub use recommended::recommended;
pub use registry::Registry;
pub use setting::{Domain, Setting};
pub use training_space::{FOLDS, common_settings, training_space};
pub use value::{Settings, Value};

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
