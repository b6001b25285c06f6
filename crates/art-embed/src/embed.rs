//! What turns texts into numbers.

use crate::error::EmbedError;

/// Something that gives a text a row of numbers.
///
/// A row depends on its text alone, up to the rounding of the last bits; the same list of texts gives the same
/// bits on the same machine.
pub trait Embed {
    /// Numbers in a row.
    fn columns(&self) -> usize;

    /// A name of one line for this embedder: two that share it give the same rows. Rows of different embedders
    /// are never mixed in one pool.
    fn digest(&self) -> String;

    /// The rows of `texts`, one after the other in the order given: `texts.len()` × [`columns`](Self::columns).
    ///
    /// # Errors
    /// [`EmbedError::Batch`] when a text cannot be embedded.
    fn embed(&self, texts: &[&str]) -> Result<Vec<f32>, EmbedError>;
}
