//! Points that lie nearer than a limit of their own.

use super::{
    NeighborSearch,
    measured::{self, Measured, slack},
    row_after_row,
};
use art_linalg::{Mat, Onto, multiply};
use ndarray::ArrayView2;
use rayon::prelude::*;

/// Queries that share a product.
const QUERIES: usize = 64;
/// Points that share a product; 64 × 1024 products of four bytes are 256 KiB.
const POINTS: usize = 1024;
/// Products that are compared with their thresholds before any is looked at alone.
const ABREAST: usize = 16;

impl NeighborSearch<'_> {
    /// What `answer` makes of each query's points that lie nearer to it than their own limit, a squared distance; they
    /// come in row order with their squared distances, summed in feature order in f64.
    ///
    /// But for a plain scan, a product in f32 rules most pairs out, with an allowance for its rounding.
    ///
    /// # Panics
    /// If the queries have another number of features, or none, or there is not a limit for each point.
    pub(crate) fn map_within<T: Send>(
        &self,
        queries: ArrayView2<'_, f32>,
        limits: &[f64],
        answer: impl Fn(&[(u32, f64)]) -> T + Sync,
    ) -> Vec<T> {
        assert_eq!(limits.len(), self.points.nrows(), "a limit for each point");
        let width = queries.ncols();
        assert!(
            width > 0 && width == self.points.ncols(),
            "queries have the points' features"
        );
        let values = row_after_row(queries);
        let blocks = values.par_chunks(QUERIES * width);
        let of_block = |block: &[f32]| {
            let mut near = vec![vec![]; block.len() / width];
            self.visit_near(block, width, limits, |query, row, squared| {
                near[query].push((row, squared));
            });
            near.iter().map(|points| answer(points)).collect::<Vec<T>>()
        };
        blocks.flat_map_iter(of_block).collect()
    }

    fn visit_near(
        &self,
        block: &[f32],
        width: usize,
        limits: &[f64],
        mut visit: impl FnMut(usize, u32, f64),
    ) {
        let point = |row: usize| &self.values[row * width..][..width];
        let query = |query: usize| &block[query * width..][..width];
        let mut look = |place: usize, row: usize| {
            let squared = squared_distance(query(place), point(row));
            if squared < limits[row] {
                visit(place, row as u32, squared);
            }
        };
        let query_norms = measured::squared_norms(block, width);
        let can_multiply = measured::can_be_multiplied(&query_norms);
        let Some(norms) = self.norms.as_ref().filter(|_| can_multiply) else {
            for place in 0..query_norms.len() {
                (0..limits.len()).for_each(|row| look(place, row));
            }
            return;
        };
        // Some units more, for the limits.
        let slack = slack(width + 8);
        let points = Measured::new(&self.values, norms, width);
        let queries = Mat::new(block, query_norms.len(), width);
        let mut products = vec![0.0; query_norms.len() * POINTS];
        for start in (0..limits.len()).step_by(POINTS) {
            let n = POINTS.min(limits.len() - start);
            let products = &mut products[..query_norms.len() * n];
            let tile = points.part(start, n).as_matrix().transposed();
            multiply(products, queries, tile, Onto::Fresh);
            let thresholds: Vec<f32> = (start..start + n)
                .map(|row| {
                    let limit = limits[row] as f32 * (1.0 + slack);
                    // Products that are too small for f32 are off by less than its smallest normal number.
                    limit - norms[row] * (1.0 - slack) + f32::MIN_POSITIVE
                })
                .collect();
            for (place, products) in products.chunks_exact(n).enumerate() {
                let base = query_norms[place] * (1.0 - slack);
                let is_near = |product: f32, threshold: f32| base - 2.0 * product <= threshold;
                let groups = products.chunks(ABREAST).zip(thresholds.chunks(ABREAST));
                for (group, (products, thresholds)) in groups.enumerate() {
                    let pairs = || products.iter().zip(thresholds);
                    if pairs().fold(false, |any, (&p, &t)| any | is_near(p, t)) {
                        for (row, (&p, &t)) in (start + group * ABREAST..).zip(pairs()) {
                            if is_near(p, t) {
                                look(place, row);
                            }
                        }
                    }
                }
            }
        }
    }
}

/// In f64, summed in feature order.
fn squared_distance(one: &[f32], other: &[f32]) -> f64 {
    let squares = one.iter().zip(other).map(|(&a, &b)| {
        let difference = f64::from(a) - f64::from(b);
        difference * difference
    });
    squares.sum()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::NeighborAlgorithm;
    use art_core::Seed;
    use ndarray::Array2;

    #[test]
    fn points_within_their_limits_are_those_of_a_scan() {
        for (width, shift) in [(1, 0.0), (8, 0.0), (33, 100.0), (384, 0.0)] {
            let mut stream = Seed::new(width).stream("points", 0);
            let mut points = |n| {
                // On a grid, so that many distances are equal to limits.
                let value = || (stream.below(9) as f32 - 4.0) / 4.0 + shift;
                Array2::from_shape_simple_fn((n, width as usize), value)
            };
            let (rows, queries) = (points(1500), points(130));
            let limits: Vec<f64> = (0..1500)
                .map(|row| f64::from(width as u32) * 0.0625 * f64::from(row % 14))
                .collect();
            let found = |algorithm| {
                let search = NeighborSearch::with_algorithm(rows.view(), algorithm);
                search.map_within(queries.view(), &limits, <[_]>::to_vec)
            };
            let expected = found(NeighborAlgorithm::Scan);
            assert!(expected.iter().any(|near| !near.is_empty()), "{width}");
            assert!(expected.iter().flatten().count() < 100_000, "{width}");
            assert_eq!(found(NeighborAlgorithm::Tiles), expected, "{width}");
        }
    }
}
