//! Distances by matrix products: `‖q‖² + ‖p‖² − 2 q·p`, a tile of queries and points at a time.
//!
//! The product is in f32 and only rules pairs out ([`slack`]). The few others are measured exactly.

use super::{
    Best,
    candidates::{Candidates, begin},
    measured::{Measured, slack},
};
use art_linalg::{Onto, multiply};
use pulp::{Simd, WithSimd};
use std::cell::RefCell;

/// Queries of a tile.
pub(super) const QUERIES: usize = 256;
/// Points of a tile; 256 × 512 products of four bytes are 512 KiB.
const POINTS: usize = 512;
/// Products that are compared with the bound at once.
const LANES: usize = 16;

/// Buffers of one thread, used for block after block.
#[derive(Debug, Default)]
struct Room {
    candidates: Vec<Candidates>,
    products: Vec<f32>,
    lower: Vec<f32>,
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
    let slack = slack(points.n_features());
    begin(&mut room.candidates, found, queries);
    let simd = pulp::Arch::new();
    room.products.resize(QUERIES * POINTS, 0.0);
    for start in (0..points.len()).step_by(POINTS) {
        let tile = points.part(start, POINTS.min(points.len() - start));
        let n = tile.len();
        let largest_norm = tile.squared_norms().iter().copied().fold(0.0, f32::max);
        room.lower.clear();
        room.lower
            .extend(tile.squared_norms().iter().map(|norm| norm * (1.0 - slack)));
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
            if candidates.reach() == f32::INFINITY {
                candidates.tighten(simd.dispatch(LaneMinima(bounds)), largest_norm);
            }
            let mut first = 0;
            while let Some(group) = simd.dispatch(NextNear {
                bounds,
                first,
                reach: candidates.reach(),
            }) {
                if !candidates.has_room(LANES) {
                    candidates.flush(points, queries.row(query), best);
                }
                let row = (start + group * LANES) as u32;
                for (row, bound) in (row..).zip(bounds.of_group(group)) {
                    candidates.offer(bound, row, points);
                }
                first = group + 1;
            }
            let row = (start + groups.len() * LANES) as u32;
            for (row, (product, lower)) in (row..).zip(rest.iter().zip(lower_rest)) {
                candidates.offer(lower - 2.0 * product, row, points);
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
