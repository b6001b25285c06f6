//! Nearest rows of a table that is shown block after block.

use super::{Best, NeighborSearch, Neighbors};
use ndarray::{Array2, ArrayView2};
use rayon::prelude::*;

/// Looks for the nearest rows of some rows of a table, in one block of its rows after the other. The answer is that of
/// [`NeighborSearch::of_rows`] over the whole table, bit for bit: distances are of two rows alone, and what is kept is the
/// first of all in the order (distance, row).
pub(crate) struct BlockSearch {
    queries: Array2<f32>,
    found: Vec<Best>,
    k: usize,
    /// Rows that were shown.
    n_seen: u32,
}

impl BlockSearch {
    /// For the `k` nearest rows of `queries`, which are the rows `rows` of the table.
    pub(crate) fn new(queries: Array2<f32>, rows: &[u32], k: usize) -> Self {
        Self {
            queries,
            found: rows.iter().map(|&row| Best::new(k, Some(row))).collect(),
            k,
            n_seen: 0,
        }
    }

    /// Looks among the next rows of the table.
    pub(crate) fn see(&mut self, block: ArrayView2<'_, f32>) {
        // A query may be one of them.
        let near = NeighborSearch::new(block).of_queries(self.queries.view(), self.k + 1);
        let first = self.n_seen;
        let found = self.found.par_iter_mut().enumerate();
        found.for_each(|(query, best)| {
            let own = near.rows(query).iter().zip(near.squared_distances(query));
            for (&row, &squared) in own {
                best.offer(squared, first + row);
            }
        });
        self.n_seen += block.nrows() as u32;
    }

    /// The nearest rows of each query among all rows that were shown.
    pub(crate) fn finish(self) -> Neighbors {
        let k = self.found.first().map_or(0, Best::n_found);
        let mut neighbors = Neighbors {
            k,
            rows: vec![0; self.found.len() * k],
            squared: vec![0.0; self.found.len() * k],
        };
        if k > 0 {
            let rows = neighbors.rows.chunks_exact_mut(k);
            let slots = rows.zip(neighbors.squared.chunks_exact_mut(k));
            for (best, (rows, squared)) in self.found.iter().zip(slots) {
                best.write(rows, squared);
            }
        }
        neighbors
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::Seed;
    use ndarray::Axis;

    #[test]
    fn blocks_have_the_neighbors_of_the_whole() {
        for (width, n, k) in [(1, 60, 5), (4, 300, 7), (40, 300, 7), (3, 6, 9)] {
            let mut stream = Seed::new(width as u64).stream("points", 0);
            // On a grid, so that many distances are equal, and rows too.
            let value = || (stream.below(5) as f32 - 2.0) / 4.0;
            let points = Array2::from_shape_simple_fn((n, width), value);
            let rows: Vec<u32> = (0..n as u32).filter(|row| row % 3 != 1).collect();
            let expected = NeighborSearch::new(points.view()).of_rows(&rows, k);
            for block in [1, 7, 64, n] {
                let queries = crate::gather::gather(points.view(), &rows);
                let mut search = BlockSearch::new(queries, &rows, k);
                for start in (0..n).step_by(block) {
                    let rows = start..n.min(start + block);
                    search.see(points.slice_axis(Axis(0), rows.into()));
                }
                assert_eq!(search.finish(), expected, "{width} {block}");
            }
        }
    }
}
