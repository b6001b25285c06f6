//! Exact nearest neighbours: which rows lie closest, with ties broken by row number.
//!
//! The distance is squared Euclidean, f32 values widened to f64 and summed in feature order. Rows are
//! ordered by (distance, row), and a row is never its own neighbour: it is left out by its number,
//! not by its distance, so a twin of it counts.
//!
//! Two algorithms give the same answer, bit for bit, for any number of threads: a kd-tree for few
//! features, and tiles of a matrix product for many, whose survivors are measured exactly. A plain scan
//! ([`Algorithm::Scan`]) is the reference that tests hold them against.

mod best;
mod kdtree;
mod tiles;

use best::Best;
use kdtree::KdTree;
use ndarray::{ArrayView2, Axis, Slice};
use rayon::prelude::*;

/// Up to this number of features the kd-tree is used. With 10,000 rows the two take equally long at 8
/// features (`cargo bench -p art-data --bench knn`); with more rows the tree gains on the tiles.
const KD_TREE_FEATURES: usize = 8;

/// How neighbours are found. All give the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Measures every pair: the reference.
    Scan,
    /// A tree of boxes, for few features.
    KdTree,
    /// Tiles of a matrix product rule out most pairs; needs one tile of 256 KiB a thread.
    Tiles,
}

/// The nearest rows of each query, nearest first.
#[derive(Clone, Debug, PartialEq)]
pub struct Neighbors {
    k: usize,
    rows: Vec<u32>,
    squared: Vec<f64>,
}

impl Neighbors {
    /// Neighbours of each query: what was asked for, or all rows there are.
    pub fn k(&self) -> usize {
        self.k
    }

    /// The nearest rows of query `query`, nearest first.
    ///
    /// # Panics
    /// If there is no such query.
    pub fn rows(&self, query: usize) -> &[u32] {
        &self.rows[query * self.k..][..self.k]
    }

    /// With the sign of every distance turned.
    fn negated(mut self) -> Self {
        for squared in &mut self.squared {
            *squared = -*squared;
        }
        self
    }

    /// Their squared distances.
    ///
    /// # Panics
    /// If there is no such query.
    pub fn squared_distances(&self, query: usize) -> &[f64] {
        &self.squared[query * self.k..][..self.k]
    }
}

/// Rows to search among.
///
/// ```
/// use art_data::NeighborSearch;
/// let points = ndarray::array![[0.0], [1.0], [2.1], [2.5], [9.0]];
/// let neighbors = NeighborSearch::new(points.view()).of_rows(&[3], 2);
/// assert_eq!(neighbors.rows(0), [2, 1]);
/// ```
#[derive(Clone, Debug)]
pub struct NeighborSearch<'a> {
    points: ArrayView2<'a, f32>,
    tree: Option<KdTree>,
    /// Squared length of each point, where tiles are used.
    norms: Option<Vec<f32>>,
}

impl<'a> NeighborSearch<'a> {
    /// Prepares a search among `points`, one a row, by the faster algorithm.
    pub fn new(points: ArrayView2<'a, f32>) -> Self {
        let algorithm = if points.ncols() <= KD_TREE_FEATURES {
            Algorithm::KdTree
        } else {
            Algorithm::Tiles
        };
        Self::with_algorithm(points, algorithm)
    }

    /// Prepares a search by `algorithm`.
    pub fn with_algorithm(points: ArrayView2<'a, f32>, algorithm: Algorithm) -> Self {
        let norms = (algorithm == Algorithm::Tiles).then(|| tiles::squared_norms(points));
        Self {
            points,
            tree: (algorithm == Algorithm::KdTree).then(|| KdTree::new(points)),
            // Lengths near the end of f32 cannot be multiplied; such points are scanned.
            norms: norms.filter(|norms| tiles::can_be_multiplied(norms)),
        }
    }

    /// The `k` nearest other points of the points with these numbers.
    ///
    /// # Panics
    /// If a row does not exist.
    pub fn of_rows(&self, rows: &[u32], k: usize) -> Neighbors {
        let indices: Vec<usize> = rows.iter().map(|&row| row as usize).collect();
        let queries = self.points.select(Axis(0), &indices);
        let others = self.points.nrows().saturating_sub(1);
        self.search(queries.view(), Some(rows), k.min(others))
    }

    /// The `k` nearest points of `queries`, which are no points themselves.
    ///
    /// # Panics
    /// If the queries have another number of features.
    pub fn of_queries(&self, queries: ArrayView2<'_, f32>, k: usize) -> Neighbors {
        self.search(queries, None, k.min(self.points.nrows()))
    }

    /// The `k` **farthest** points of `queries`, farthest first; ties go to the lower row.
    ///
    /// Every pair is measured, but only k distances a query are kept.
    ///
    /// # Panics
    /// If the queries have another number of features.
    pub fn farthest_of_queries(&self, queries: ArrayView2<'_, f32>, k: usize) -> Neighbors {
        assert_eq!(
            queries.ncols(),
            self.points.ncols(),
            "queries have other features"
        );
        let k = k.min(self.points.nrows());
        let blocks;
        let points = if let Some(tree) = &self.tree {
            tree
        } else {
            blocks = KdTree::new(self.points);
            &blocks
        };
        collect(
            queries.nrows(),
            k,
            |first, found| {
                for (offset, best) in found.iter_mut().enumerate() {
                    // Nearest by the negated distance is farthest.
                    points.measure_all(queries.row(first + offset), &mut |squared, row| {
                        best.offer(-squared, row);
                    });
                }
            },
            |_| None,
        )
        .negated()
    }

    fn search(
        &self,
        queries: ArrayView2<'_, f32>,
        own_rows: Option<&[u32]>,
        k: usize,
    ) -> Neighbors {
        assert_eq!(
            queries.ncols(),
            self.points.ncols(),
            "queries have other features"
        );
        let norms = self
            .norms
            .as_ref()
            .map(|norms| (norms, tiles::squared_norms(queries)));
        let norms = norms.filter(|(_, of_queries)| tiles::can_be_multiplied(of_queries));
        let search_block = |first: usize, found: &mut [Best]| match (&self.tree, &norms) {
            (Some(tree), _) => {
                for (offset, best) in found.iter_mut().enumerate() {
                    tree.search(queries.row(first + offset), best);
                }
            }
            (None, Some((point_norms, query_norms))) => {
                let of_block = &query_norms[first..first + found.len()];
                let block = Slice::from(first..first + found.len());
                let queries = queries.slice_axis(Axis(0), block);
                tiles::search((self.points, point_norms), (queries, of_block), found);
            }
            (None, None) => {
                for (offset, best) in found.iter_mut().enumerate() {
                    let query = queries.row(first + offset);
                    for (row, point) in self.points.rows().into_iter().enumerate() {
                        best.offer(squared_distance(query.iter(), point.iter()), row as u32);
                    }
                }
            }
        };
        let own_row = |query: usize| own_rows.map(|rows| rows[query]);
        collect(queries.nrows(), k, search_block, own_row)
    }
}

/// Runs `search` on blocks of queries side by side and collects what it found.
///
/// `search` gets the number of a block's first query and one list of candidates a query.
fn collect(
    n_queries: usize,
    k: usize,
    search: impl Fn(usize, &mut [Best]) + Sync,
    own_row: impl Fn(usize) -> Option<u32> + Sync,
) -> Neighbors {
    let mut neighbors = Neighbors {
        k,
        rows: vec![0; n_queries * k],
        squared: vec![0.0; n_queries * k],
    };
    if k == 0 {
        return neighbors;
    }
    let block = tiles::QUERIES;
    let blocks = neighbors
        .rows
        .par_chunks_mut(block * k)
        .zip(neighbors.squared.par_chunks_mut(block * k));
    blocks.enumerate().for_each(|(index, (rows, squared))| {
        let first = index * block;
        let queries = first..n_queries.min(first + block);
        let mut found: Vec<Best> = queries.map(|query| Best::new(k, own_row(query))).collect();
        search(first, &mut found);
        let slots = rows.chunks_exact_mut(k).zip(squared.chunks_exact_mut(k));
        for (best, (rows, squared)) in found.iter().zip(slots) {
            best.write(rows, squared);
        }
    });
    neighbors
}

/// Squared distance of two rows, summed in feature order in f64.
pub(crate) fn squared_distance<'a>(
    a: impl Iterator<Item = &'a f32>,
    b: impl Iterator<Item = &'a f32>,
) -> f64 {
    a.zip(b)
        .map(|(&a, &b)| {
            let difference = f64::from(a) - f64::from(b);
            difference * difference
        })
        .fold(0.0, |sum, square| sum + square)
}
