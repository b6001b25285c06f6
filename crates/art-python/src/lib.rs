//! The compiled part of the Python package `imbalanced-art`: glue alone.
//!
//! What arrays, settings and exceptions are in Python becomes what they are in the libraries, and back. Nothing is computed
//! here; defaults, names and documents are those of the package in `python/imbalanced_art`. Long work is done with the
//! interpreter's lock released.

#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
#![allow(
    clippy::needless_pass_by_value,
    reason = "what comes from Python is made for the call, and handed over"
)]

mod advice;
mod classifier;
mod decisions;
mod error;
mod interrupt;
mod resampler;
mod sampler;
mod settings;
mod statistics;
mod table;

use pyo3::prelude::*;

#[pymodule(gil_used = false)]
fn _core(module: &Bound<'_, PyModule>) -> PyResult<()> {
    interrupt::loaded_here();
    module.add("__version__", env!("CARGO_PKG_VERSION"))?;
    error::register(module)?;
    decisions::register(module)?;
    module.add_class::<sampler::Sampler>()?;
    module.add_class::<sampler::Draw>()?;
    module.add_class::<table::Table>()?;
    module.add_class::<classifier::Classifier>()?;
    module.add_function(wrap_pyfunction!(resampler::resample, module)?)?;
    advice::register(module)?;
    statistics::register(module)
}
