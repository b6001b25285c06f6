//! Distances by matrix products: `‖q‖² + ‖p‖² − 2 q·p`, a tile of queries and points at a time.
//!
//! The product is in f32 and only rules pairs out. With `e` the bound of its rounding error,
//! `‖p‖² − 2 q·p ∓ e` bounds what a point's distance adds to `‖q‖²` from below and above: a point whose lower
//! bound lies beyond the k-th smallest upper bound cannot be a neighbour. The few others are measured
//! exactly.

use super::{
    Best, measure,
    panels::{self, Panels},
};
use art_linalg::{Mat, Onto, multiply};
use pulp::{Simd, WithSimd};
use std::cell::RefCell;

/// Queries of a tile.
pub(super) const QUERIES: usize = 256;
/// Points of a tile; 256 × 512 products of four bytes are 512 KiB.
const POINTS: usize = 512;
/// Most candidates of a query that wait to be measured.
const WAITING: usize = 256;
/// Products that are compared with the bound at once.
const LANES: usize = 16;

/// Largest squared length whose products stay clear of f32's overflow.
const LARGEST: f32 = 1e37;

/// Rows of equally many features, row after row, and the squared length of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured<'a> {
    values: &'a [f32],
    squared_norms: &'a [f32],
    n_features: usize,
}

impl<'a> Measured<'a> {
    pub(super) fn new(values: &'a [f32], squared_norms: &'a [f32], n_features: usize) -> Self {
        Self {
            values,
            squared_norms,
            n_features,
        }
    }

    /// The rows `first..first + n`.
    pub(super) fn part(&self, first: usize, n: usize) -> Self {
        let values = &self.values[first * self.n_features..][..n * self.n_features];
        Self::new(
            values,
            &self.squared_norms[first..first + n],
            self.n_features,
        )
    }

    pub(super) fn row(&self, row: usize) -> &'a [f32] {
        &self.values[row * self.n_features..][..self.n_features]
    }

    pub(super) fn len(&self) -> usize {
        self.squared_norms.len()
    }

    pub(super) fn n_features(&self) -> usize {
        self.n_features
    }

    pub(super) fn as_matrix(&self) -> Mat<'a> {
        Mat::new(self.values, self.len(), self.n_features)
    }
}

/// Smallest squared length of the longest row whose products stay clear of f32's underflow.
const SMALLEST: f32 = 1e-30;

/// Whether rows of these squared lengths can go through a product in f32.
pub(super) fn can_be_multiplied(squared_norms: &[f32]) -> bool {
    let longest = squared_norms.iter().copied().fold(0.0, f32::max);
    (SMALLEST..LARGEST).contains(&longest)
}

/// Squared length of each of the rows of `n_features` values.
pub(super) fn squared_norms(values: &[f32], n_features: usize) -> Vec<f32> {
    // Sums side by side: their order is covered by the error that is allowed for.
    const LANES: usize = 8;
    let norm = |row: &[f32]| {
        let (groups, rest) = row.as_chunks::<LANES>();
        let mut sums = [0.0_f64; LANES];
        for group in groups {
            for (sum, &x) in sums.iter_mut().zip(group) {
                *sum += f64::from(x) * f64::from(x);
            }
        }
        let rest = rest.iter().map(|&x| f64::from(x) * f64::from(x));
        (sums.iter().sum::<f64>() + rest.sum::<f64>()) as f32
    };
    values.chunks_exact(n_features).map(norm).collect()
}

/// Buffers of one thread, used for block after block.
#[derive(Debug, Default)]
pub(super) struct Room {
    candidates: Vec<Candidates>,
    products: Vec<f32>,
    lower: Vec<f32>,
    turned: Vec<panels::Group>,
    panel: Vec<f32>,
}

/// The points of one query that may be among its nearest.
#[derive(Debug, Default)]
pub(super) struct Candidates {
    k: usize,
    own_row: Option<u32>,
    /// Rounding error of a product, doubled, with all that depends on the query.
    slack: f32,
    /// The k smallest lower bounds so far, ascending.
    lowest: Vec<f32>,
    /// Lower bound beyond which no point can be among the nearest.
    reach: f32,
    waiting: Vec<(f32, u32)>,
}

impl Candidates {
    fn start(&mut self, best: &Best, slack: f32) {
        self.k = best.k();
        self.own_row = best.own_row();
        self.slack = slack;
        self.lowest.clear();
        self.reach = f32::INFINITY;
        self.waiting.clear();
    }

    /// Takes note that there are points with these lower bounds.
    fn tighten(&mut self, mut bounds: [f32; LANES]) {
        // The query itself may be one of them.
        let others = self.k + usize::from(self.own_row.is_some());
        if others <= LANES {
            bounds.sort_unstable_by(f32::total_cmp);
            self.reach = self.reach.min(bounds[others - 1] + self.slack);
        }
    }

    /// Lower bound beyond which no point can be among the nearest.
    pub(super) fn reach(&self) -> f32 {
        self.reach
    }

    pub(super) fn offer(&mut self, bound: f32, row: u32) {
        if bound > self.reach || self.own_row == Some(row) {
            return;
        }
        self.waiting.push((bound, row));
        let place = self.lowest.partition_point(|&other| other <= bound);
        if place < self.k {
            self.lowest.insert(place, bound);
            self.lowest.truncate(self.k);
            if let Some(&worst) = self.lowest.get(self.k - 1) {
                self.reach = self.reach.min(worst + self.slack);
            }
        }
    }

    /// Measures those that still may be among the nearest, once there are many or at the end.
    pub(super) fn flush(&mut self, points: &Measured<'_>, query: &[f32], best: &mut Best) {
        let reach = self.reach;
        self.waiting.retain(|&(bound, _)| bound <= reach);
        measure(
            query,
            self.waiting.drain(..).map(|(_, row)| row),
            |row| points.row(row as usize),
            best,
        );
    }

    /// Whether `n` more can wait.
    pub(super) fn has_room(&mut self, n: usize) -> bool {
        if self.waiting.len() + n > WAITING {
            let reach = self.reach;
            self.waiting.retain(|&(bound, _)| bound <= reach);
        }
        self.waiting.len() + n <= WAITING
    }
}

/// The lower bounds `lower − 2 product` of a query's points in a tile, as many at a time as the processor
/// has lanes for.
#[derive(Clone, Copy)]
struct Bounds<'a> {
    products: &'a [[f32; LANES]],
    lower: &'a [[f32; LANES]],
}

impl Bounds<'_> {
    #[inline(always)]
    fn of_group(&self, group: usize) -> [f32; LANES] {
        let (products, lower) = (&self.products[group], &self.lower[group]);
        std::array::from_fn(|lane| lower[lane] - 2.0 * products[lane])
    }
}

/// The smallest bound of each lane. Lanes are disjoint, so the k-th smallest of these is no smaller than
/// the k-th smallest of all bounds.
struct LaneMinima<'a>(Bounds<'a>);

impl WithSimd for LaneMinima<'_> {
    type Output = [f32; LANES];

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> [f32; LANES] {
        let mut minima = [f32::INFINITY; LANES];
        for group in 0..self.0.products.len() {
            let bounds = self.0.of_group(group);
            for lane in 0..LANES {
                minima[lane] = if bounds[lane] < minima[lane] {
                    bounds[lane]
                } else {
                    minima[lane]
                };
            }
        }
        minima
    }
}

/// The first group, from `first` on, with a bound within `reach`.
struct NextNear<'a> {
    bounds: Bounds<'a>,
    first: usize,
    reach: f32,
}

impl WithSimd for NextNear<'_> {
    type Output = Option<usize>;

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) -> Option<usize> {
        (self.first..self.bounds.products.len()).find(|&group| {
            let bounds = self.bounds.of_group(group);
            let mut any = false;
            for bound in bounds {
                any |= bound <= self.reach;
            }
            any
        })
    }
}

thread_local! {
    /// Kept from block to block: fresh memory costs more than the search of a small set.
    static ROOM: RefCell<Room> = RefCell::default();
}

/// Offers each query, one for each of `found`, its nearest points.
pub(super) fn search(points: &Measured<'_>, queries: &Measured<'_>, found: &mut [Best]) {
    ROOM.with_borrow_mut(|room| search_in(room, points, queries, found));
}

fn search_in(room: &mut Room, points: &Measured<'_>, queries: &Measured<'_>, found: &mut [Best]) {
    // A product of d terms in f32 is off by at most d · 2⁻²⁴ of ‖q‖ ‖p‖, which is at most half the sum
    // of the squares; the norms, sums and the comparison add a few more units. Twice that is allowed.
    let slack = (points.n_features + 8) as f32 * f32::EPSILON;
    let largest_norm = points.squared_norms.iter().copied().fold(0.0, f32::max);
    room.candidates
        .resize_with(found.len(), Candidates::default);
    let of_queries = found.iter().zip(queries.squared_norms);
    for (candidates, (best, norm)) in room.candidates.iter_mut().zip(of_queries) {
        candidates.start(best, 2.0 * slack * (largest_norm + norm));
    }
    let simd = pulp::Arch::new();
    let has_few_features = points.n_features <= panels::MOST_FEATURES;
    if has_few_features {
        panels::turn(queries, &mut room.turned);
    } else {
        room.products.resize(QUERIES * POINTS, 0.0);
    }
    for start in (0..points.len()).step_by(POINTS) {
        let tile = points.part(start, POINTS.min(points.len() - start));
        let n = tile.len();
        room.lower.clear();
        room.lower
            .extend(tile.squared_norms.iter().map(|norm| norm * (1.0 - slack)));
        if has_few_features {
            simd.dispatch(Panels {
                points,
                tile: start..start + n,
                lower: &room.lower,
                queries,
                turned: &room.turned,
                panel: &mut room.panel,
                candidates: &mut room.candidates,
                found,
            });
            continue;
        }
        let products = &mut room.products[..found.len() * n];
        multiply(
            products,
            queries.as_matrix(),
            tile.as_matrix().transposed(),
            Onto::Fresh,
        );
        let (lower_groups, lower_rest) = room.lower.as_chunks::<LANES>();
        let rows = products
            .chunks_exact(n)
            .zip(&mut room.candidates)
            .zip(found.iter_mut());
        for (query, ((products, candidates), best)) in rows.enumerate() {
            let (groups, rest) = products.as_chunks::<LANES>();
            let bounds = Bounds {
                products: groups,
                lower: lower_groups,
            };
            if candidates.reach == f32::INFINITY {
                candidates.tighten(simd.dispatch(LaneMinima(bounds)));
            }
            let mut first = 0;
            while let Some(group) = simd.dispatch(NextNear {
                bounds,
                first,
                reach: candidates.reach,
            }) {
                if !candidates.has_room(LANES) {
                    candidates.flush(points, queries.row(query), best);
                }
                let row = (start + group * LANES) as u32;
                for (row, bound) in (row..).zip(bounds.of_group(group)) {
                    candidates.offer(bound, row);
                }
                first = group + 1;
            }
            let row = (start + groups.len() * LANES) as u32;
            for (row, (product, lower)) in (row..).zip(rest.iter().zip(lower_rest)) {
                candidates.offer(lower - 2.0 * product, row);
            }
            if !candidates.has_room(LANES) {
                candidates.flush(points, queries.row(query), best);
            }
        }
    }
    for (query, (candidates, best)) in room.candidates.iter_mut().zip(found).enumerate() {
        candidates.flush(points, queries.row(query), best);
    }
}
