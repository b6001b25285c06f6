//! Exact nearest neighbors: which rows lie closest, with ties broken by row number.
//!
//! The distance is squared Euclidean, f32 values widened to f64 and summed in feature order. Rows are
//! ordered by (distance, row), and a row is never its own neighbor: it is left out by its number,
//! not by its distance, so a twin of it counts.
//!
//! Two algorithms give the same answer, bit for bit, for any number of threads: a tree of boxes for few
//! features, and tiles of products for many; in both f32 only rules pairs out, and what is left is measured exactly. A
//! plain scan ([`NeighborAlgorithm::Scan`]) is the reference that tests hold them against.

mod best;
mod blocks;
mod candidates;
mod measured;
mod order;
mod panels;
mod tiles;
mod tree;
mod within;

use crate::gather::gather;
use best::Best;
pub(crate) use blocks::BlockSearch;
use measured::Measured;
use ndarray::ArrayView2;
use panels::Panels;
use rayon::prelude::*;
use std::borrow::Cow;
use tree::Tree;

/// Most features for which the tree is chosen; the bench `knn` compares the two (`cargo bench -p art-data --bench knn`).
const MOST_FEATURES_OF_TREE: usize = 32;

/// How neighbors are found. All give the same answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NeighborAlgorithm {
    /// Measures every pair: the reference.
    Scan,
    /// A tree of boxes, with a copy of the points, for few features.
    Tree,
    /// Tiles of products, 512 KiB a thread, for many features.
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
    /// Neighbors of each query: what was asked for, or all rows there are.
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

    /// Of queries that were taken in this order, as they were before.
    fn back_from(&self, order: &[u32]) -> Self {
        let k = self.k;
        let mut back = Self {
            k,
            rows: vec![0; self.rows.len()],
            squared: vec![0.0; self.squared.len()],
        };
        for (place, &query) in order.iter().enumerate() {
            let slots = query as usize * k..(query as usize + 1) * k;
            back.rows[slots.clone()].copy_from_slice(self.rows(place));
            back.squared[slots].copy_from_slice(self.squared_distances(place));
        }
        back
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

/// Rows to search among, of finite numbers.
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
    /// Squared length of each point; none where every pair is measured.
    norms: Option<Vec<f32>>,
    tree: Option<Tree>,
}

impl<'a> NeighborSearch<'a> {
    /// Prepares a search among `points`, one a row, by the faster algorithm.
    pub fn new(points: ArrayView2<'a, f32>) -> Self {
        let algorithm = if points.ncols() <= MOST_FEATURES_OF_TREE {
            NeighborAlgorithm::Tree
        } else {
            NeighborAlgorithm::Tiles
        };
        Self::with_algorithm(points, algorithm)
    }

    /// Prepares a search by `algorithm`.
    pub fn with_algorithm(points: ArrayView2<'a, f32>, algorithm: NeighborAlgorithm) -> Self {
        let n_features = points.ncols();
        let values = row_after_row(points);
        let norms = (algorithm != NeighborAlgorithm::Scan && n_features > 0)
            .then(|| measured::squared_norms(&values, n_features))
            // Lengths near the end of f32 cannot be multiplied; such points are scanned.
            .filter(|norms| measured::can_be_multiplied(norms));
        let tree = norms
            .as_ref()
            .filter(|_| algorithm == NeighborAlgorithm::Tree)
            .map(|norms| Tree::new(&Measured::new(&values, norms, n_features)));
        Self {
            points,
            values,
            norms,
            tree,
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
        let n_features = queries.ncols();
        let query_values = row_after_row(queries);
        let rows = (0..self.points.nrows() as u32).collect();
        let points = Panels::new(&self.values, n_features, rows);
        let search = |first: usize, found: &mut [Best]| {
            for (query, best) in (first..).zip(found) {
                let query = &query_values[query * n_features..][..n_features];
                // Nearest by the negated distance is farthest.
                points.measure_all(query, |squared, row| best.offer(-squared, row));
            }
        };
        let k = k.min(self.points.nrows());
        collect(queries.nrows(), k, tiles::QUERIES, search, |_| None).negated()
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
        let n_queries = queries.nrows();
        let values = row_after_row(queries);
        let Some(tree) = &self.tree else {
            let own_row = |query: usize| own_rows.map(|rows| rows[query]);
            let search = |first: usize, found: &mut [Best]| {
                let values = &values[first * n_features..][..found.len() * n_features];
                self.search_block(values, found, tiles::search);
            };
            return collect(n_queries, k, tiles::QUERIES, search, own_row);
        };
        let order = tree::order_of_queries(&values, n_features, n_queries);
        let own_row = |place: usize| own_rows.map(|rows| rows[order[place] as usize]);
        let search = |first: usize, found: &mut [Best]| {
            let order = &order[first..][..found.len()];
            let row = |&query: &u32| &values[query as usize * n_features..][..n_features];
            let values: Vec<f32> = order.iter().flat_map(row).copied().collect();
            self.search_block(&values, found, |points, queries, found| {
                tree.search(points, queries, found);
            });
        };
        collect(n_queries, k, tree::QUERIES, search, own_row).back_from(&order)
    }

    /// Searches for a block of queries by `search`, or measures every pair where numbers are too large for it.
    fn search_block(
        &self,
        values: &[f32],
        found: &mut [Best],
        search: impl Fn(&Measured<'_>, &Measured<'_>, &mut [Best]),
    ) {
        let n_features = self.points.ncols();
        if let Some(norms) = &self.norms {
            let query_norms = measured::squared_norms(values, n_features);
            if measured::can_be_multiplied(&query_norms) {
                let points = Measured::new(&self.values, norms, n_features);
                let queries = Measured::new(values, &query_norms, n_features);
                search(&points, &queries, found);
                return;
            }
        }
        let point = |row: u32| &self.values[row as usize * n_features..][..n_features];
        for (query, best) in found.iter_mut().enumerate() {
            let query = &values[query * n_features..][..n_features];
            measure(query, 0..self.points.nrows() as u32, point, best);
        }
    }
}

/// Runs `search` on blocks of so many queries side by side and collects what it found.
///
/// `search` gets the number of a block's first query and one list of candidates a query.
fn collect(
    n_queries: usize,
    k: usize,
    block: usize,
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
