//! Copies rows out of a table, side by side.

use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Rows that one thread copies at a time.
const BLOCK: usize = 512;

/// The rows of `table` with these numbers, in the order given.
///
/// # Panics
/// If a row does not exist.
pub(crate) fn gather(table: ArrayView2<'_, f32>, rows: &[u32]) -> Array2<f32> {
    let width = table.ncols();
    let mut values = vec![0.0_f32; rows.len() * width];
    if width > 0 {
        let blocks = values
            .par_chunks_mut(BLOCK * width)
            .zip(rows.par_chunks(BLOCK));
        blocks.for_each(|(slots, rows)| {
            for (slot, &row) in slots.chunks_exact_mut(width).zip(rows) {
                let source = table.row(row as usize);
                match source.to_slice() {
                    Some(source) => slot.copy_from_slice(source),
                    None => slot
                        .iter_mut()
                        .zip(source)
                        .for_each(|(slot, value)| *slot = *value),
                }
            }
        });
    }
    Array2::from_shape_vec((rows.len(), width), values).expect("a row's values each")
}
