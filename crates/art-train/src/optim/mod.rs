//! Optimisers whose state is public, so that a run can be resumed to the bit.

mod adamw;

pub use adamw::{AdamW, Moments};
