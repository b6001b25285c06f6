//! What must take any bytes: an error or what the bytes say, never a panic and nothing that contradicts itself.
//!
//! A fuzzer runs a target with bytes of its own making (see `README.md`); the tests of this crate run each with its seeds and
//! with all that fuzzers found.

mod checkpoint;
mod images;
mod matrix;
mod method;
mod model;
mod mutation;
mod packed;
mod records;
mod rows;
mod sampler;
mod scratch;
mod sealed;
mod seed;
mod table;
mod target;

pub use mutation::mutate_json;
pub use seed::Seed;
pub use target::{TARGETS, Target, run_for_fuzzer, target};
