//! Optimizers whose state is public, so that a run can be resumed to the bit.

mod adamw;
mod flat;

pub use adamw::{AdamW, Moments};
pub use flat::FlatAdamW;
#[cfg(feature = "cuda")]
pub(crate) use flat::Scales;
