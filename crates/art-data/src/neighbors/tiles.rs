//! Distances by matrix products: `‖q‖² + ‖p‖² − 2 q·p`, a tile of queries and points at a time.
//!
//! The product is in f32 and only rules pairs out: a pair is measured exactly unless even its lower
//! bound, with all rounding errors of the product allowed for, lies beyond the worst neighbour.

use super::{Best, squared_distance};
use ndarray::{Array2, ArrayView1, ArrayView2, Axis, Slice, linalg::general_mat_mul};

/// Queries of a tile.
pub(super) const QUERIES: usize = 128;
/// Points of a tile; 128 × 512 products of four bytes are 256 KiB.
const POINTS: usize = 512;

/// Largest squared length whose products stay clear of f32's overflow.
const LARGEST: f32 = 1e37;

/// Whether rows of these squared lengths can go through a product in f32.
pub(super) fn can_be_multiplied(squared_norms: &[f32]) -> bool {
    squared_norms.iter().all(|&norm| norm < LARGEST)
}

/// Squared length of each row.
pub(super) fn squared_norms(points: ArrayView2<'_, f32>) -> Vec<f32> {
    let norm = |row: ArrayView1<'_, f32>| {
        row.iter()
            .map(|&x| f64::from(x) * f64::from(x))
            .sum::<f64>() as f32
    };
    points.rows().into_iter().map(norm).collect()
}

/// Rows with their squared lengths.
type Measured<'a, 'b> = (ArrayView2<'a, f32>, &'b [f32]);

/// Offers each query, one for each of `found`, its nearest points.
pub(super) fn search(
    (points, point_norms): Measured<'_, '_>,
    (queries, query_norms): Measured<'_, '_>,
    found: &mut [Best],
) {
    // A product of d terms in f32 is off by at most d · 2⁻²⁴ of ‖q‖ ‖p‖, which is at most half the sum
    // of the squares; the norms, sums and the comparison add a few more units. Twice that is allowed.
    let slack = (points.ncols() + 8) as f32 * f32::EPSILON;
    let mut products = Array2::<f32>::zeros((found.len(), POINTS));
    for start in (0..points.nrows()).step_by(POINTS) {
        let end = points.nrows().min(start + POINTS);
        let of_tile = points.slice_axis(Axis(0), Slice::from(start..end));
        let mut tile = products.slice_axis_mut(Axis(1), Slice::from(..end - start));
        general_mat_mul(1.0, &queries, &of_tile.t(), 0.0, &mut tile);
        let norms = &point_norms[start..end];
        for ((products, best), (query, query_norm)) in tile
            .axis_iter(Axis(0))
            .zip(found.iter_mut())
            .zip(queries.rows().into_iter().zip(query_norms))
        {
            let products = products.to_slice().expect("rows of a tile are contiguous");
            // The bound ‖q‖² + ‖p‖² − 2 q·p − slack (‖q‖² + ‖p‖²) ≤ worst, with what depends on the
            // query alone moved to the right.
            let limit = |best: &Best| (best.worst() - f64::from(query_norm * (1.0 - slack))) as f32;
            let mut reach = limit(best);
            for (chunk, (products, norms)) in products.chunks(16).zip(norms.chunks(16)).enumerate()
            {
                let may_be_near =
                    |(&product, &norm): (&f32, &f32)| norm * (1.0 - slack) - 2.0 * product <= reach;
                if !products
                    .iter()
                    .zip(norms)
                    .map(may_be_near)
                    .fold(false, |any, near| any | near)
                {
                    continue;
                }
                for (offset, (&product, &norm)) in products.iter().zip(norms).enumerate() {
                    if norm * (1.0 - slack) - 2.0 * product > reach {
                        continue;
                    }
                    let row = start + chunk * 16 + offset;
                    best.offer(
                        squared_distance(query.iter(), points.row(row).iter()),
                        row as u32,
                    );
                    reach = limit(best);
                }
            }
        }
    }
}
