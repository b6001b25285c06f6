//! Exact nearest neighbours: which rows lie closest, with ties broken by row number.
//!
//! The distance is squared Euclidean, f32 values widened to f64 and summed in feature order. Rows are
//! ordered by (distance, row), and a row is never its own neighbour: it is left out by its number,
//! not by its distance, so a twin of it counts.
//!
//! Two algorithms give the same answer, bit for bit, for any number of threads: a kd-tree for few
//! features, and tiles of products for many, whose survivors are measured exactly. A plain scan
//! ([`Algorithm::Scan`]) is the reference that tests hold them against.

mod best;
mod candidates;
mod kdtree;
mod measured;
mod panels;
mod tiles;
mod within;

use crate::gather::gather;
use best::Best;
use kdtree::KdTree;
use measured::Measured;
use ndarray::ArrayView2;
use rayon::prelude::*;
use std::borrow::Cow;

/// The faster algorithm for this many points, by the bench `knn` (`cargo bench -p art-data --bench knn`):
/// a tile takes the same few microseconds whatever it holds, a tree's walk grows slowly with the number of
/// points and quickly with that of features.
fn faster_algorithm(n_points: usize, n_features: usize) -> Algorithm {
    let fewest_for_tree = match n_features {
        0..=4 => 0,
        5 | 6 => 16_000,
        7 | 8 => 256_000,
        _ => usize::MAX,
    };
    if n_points >= fewest_for_tree {
        Algorithm::KdTree
    } else {
        Algorithm::Tiles
    }
}

/// How neighbours are found. All give the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// Measures every pair: the reference.
    Scan,
    /// A tree of boxes, for few features.
    KdTree,
    /// Tiles of products rule out most pairs; more than 32 features need a tile of 512 KiB a thread.
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
    /// The points, row after row.
    values: Cow<'a, [f32]>,
    tree: Option<KdTree>,
    /// Squared length of each point, where tiles are used.
    norms: Option<Vec<f32>>,
}

impl<'a> NeighborSearch<'a> {
    /// Prepares a search among `points`, one a row, by the faster algorithm.
    pub fn new(points: ArrayView2<'a, f32>) -> Self {
        Self::with_algorithm(points, faster_algorithm(points.nrows(), points.ncols()))
    }

    /// Prepares a search by `algorithm`.
    pub fn with_algorithm(points: ArrayView2<'a, f32>, algorithm: Algorithm) -> Self {
        // Rows without features are all equal; the tree has one leaf for them.
        let algorithm = if points.ncols() == 0 {
            Algorithm::KdTree
        } else {
            algorithm
        };
        let values = row_after_row(points);
        let norms = (algorithm == Algorithm::Tiles)
            .then(|| measured::squared_norms(&values, points.ncols()));
        Self {
            points,
            tree: (algorithm == Algorithm::KdTree).then(|| KdTree::new(points)),
            // Lengths near the ends of f32 cannot be multiplied; such points are scanned.
            norms: norms.filter(|norms| measured::can_be_multiplied(norms)),
            values,
        }
    }

    /// The `k` nearest other points of the points with these numbers.
    ///
    /// # Panics
    /// If a row does not exist.
    pub fn of_rows(&self, rows: &[u32], k: usize) -> Neighbors {
        let queries = gather(self.points, rows);
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
        let n_features = queries.ncols();
        let query_values = row_after_row(queries);
        let search_block = |first: usize, found: &mut [Best]| {
            if let Some(tree) = &self.tree {
                for (offset, best) in found.iter_mut().enumerate() {
                    tree.search(queries.row(first + offset), best);
                }
                return;
            }
            let values = &query_values[first * n_features..][..found.len() * n_features];
            if let Some(norms) = &self.norms {
                let query_norms = measured::squared_norms(values, n_features);
                if measured::can_be_multiplied(&query_norms) {
                    let points = Measured::new(&self.values, norms, n_features);
                    let queries = Measured::new(values, &query_norms, n_features);
                    tiles::search(&points, &queries, found);
                    return;
                }
            }
            let point = |row: u32| &self.values[row as usize * n_features..][..n_features];
            for (best, query) in found.iter_mut().zip(values.chunks_exact(n_features)) {
                measure(query, 0..self.points.nrows() as u32, point, best);
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

/// The values of `points`, row after row.
fn row_after_row(points: ArrayView2<'_, f32>) -> Cow<'_, [f32]> {
    match points.to_slice() {
        Some(values) => Cow::Borrowed(values),
        None => Cow::Owned(points.iter().copied().collect()),
    }
}

/// Offers `best` the points `rows` with their squared distances from `query`, summed in feature order in
/// f64.
fn measure<'a>(
    query: &[f32],
    rows: impl Iterator<Item = u32>,
    point: impl Fn(u32) -> &'a [f32],
    best: &mut Best,
) {
    /// Sums that are taken side by side: each waits for its own last addition alone.
    const ABREAST: usize = 4;
    let mut rows = rows.fuse();
    loop {
        let mut group = [0_u32; ABREAST];
        let mut n = 0;
        while n < ABREAST
            && let Some(row) = rows.next()
        {
            group[n] = row;
            n += 1;
        }
        if n == 0 {
            return;
        }
        // Places without a row repeat the first one.
        let [a, b, c, d] = std::array::from_fn(|i| point(group[if i < n { i } else { 0 }]));
        let mut squared = [0.0_f64; ABREAST];
        let points = a.iter().zip(b).zip(c).zip(d);
        for (&x, (((&a, &b), &c), &d)) in query.iter().zip(points) {
            for (sum, value) in squared.iter_mut().zip([a, b, c, d]) {
                let difference = f64::from(x) - f64::from(value);
                *sum += difference * difference;
            }
        }
        for (&row, &squared) in group.iter().zip(&squared).take(n) {
            best.offer(squared, row);
        }
    }
}
