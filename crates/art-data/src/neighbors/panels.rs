//! The lower bounds of [`tiles`](super::tiles) for rows of few features, straight from registers: a product in memory
//! would be written and read for a handful of multiplications each.

use super::{Best, candidates::Candidates, measured::Measured};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Most features for which it was measured to be faster than a matrix product.
pub(super) const MOST_FEATURES: usize = 32;
/// Queries whose sums are in registers together; with [`VECTORS`] they fill those of AVX2.
const QUERIES: usize = 6;
/// Vectors of points whose sums are in registers together.
const VECTORS: usize = 2;
/// Most lanes of a vector.
const MOST_LANES: usize = 16;
/// A bound of lanes without a point: beyond what a point's can be, and still a number when a product is added to it or a
/// reach taken off.
const NO_POINT: f32 = f32::MAX / 2.0;

/// A value of each of the queries that are compared together.
pub(super) type Group = [f32; QUERIES];

/// `−2 q` of each query: of each group all values of the first feature, then of the second, and so on.
pub(super) fn turn(queries: &Measured<'_>, turned: &mut Vec<Group>) {
    let n_features = queries.n_features();
    turned.clear();
    turned.resize(queries.len().div_ceil(QUERIES) * n_features, [0.0; QUERIES]);
    for query in 0..queries.len() {
        let slots = &mut turned[query / QUERIES * n_features..][..n_features];
        for (slot, &value) in slots.iter_mut().zip(queries.row(query)) {
            slot[query % QUERIES] = -2.0 * value;
        }
    }
}

/// Offers each query those of a tile's points whose lower bound `lower − 2 q·p` is within its reach.
pub(super) struct Panels<'a> {
    pub(super) points: &'a Measured<'a>,
    /// The tile's rows, and the part of each one's bound that does not depend on the query.
    pub(super) tile: Range<usize>,
    pub(super) lower: &'a [f32],
    pub(super) queries: &'a Measured<'a>,
    /// They as [`turn`] has them.
    pub(super) turned: &'a [Group],
    /// Room for a panel.
    pub(super) panel: &'a mut Vec<f32>,
    pub(super) candidates: &'a mut [Candidates],
    pub(super) found: &'a mut [Best],
}

impl WithSimd for Panels<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n_features = self.points.n_features();
        let width = VECTORS * S::F32_LANES;
        self.panel.resize(n_features * width, 0.0);
        let panels = self.lower.chunks(width);
        for (first, of_points) in self.tile.clone().step_by(width).zip(panels) {
            // All values of the points' first feature, then of the second, and so on.
            for place in 0..of_points.len() {
                let slots = self.panel[place..].iter_mut().step_by(width);
                for (slot, &value) in slots.zip(self.points.row(first + place)) {
                    *slot = value;
                }
            }
            let mut lower = [NO_POINT; VECTORS * MOST_LANES];
            lower[..of_points.len()].copy_from_slice(of_points);
            let lower = pairs::<S>(&lower)[0];
            let panel = pairs::<S>(self.panel);
            let groups = self.turned.chunks_exact(n_features);
            let candidates = self.candidates.chunks_mut(QUERIES);
            for (group, (values, candidates)) in groups.zip(candidates).enumerate() {
                let mut reach = [f32::NEG_INFINITY; QUERIES];
                for (reach, candidates) in reach.iter_mut().zip(&*candidates) {
                    *reach = candidates.reach();
                }
                let bounds = bounds(simd, panel, values, lower);
                if !any_within(simd, &bounds, &reach) {
                    continue;
                }
                for (place, (candidates, bounds)) in candidates.iter_mut().zip(bounds).enumerate() {
                    let mut lanes = [0.0; VECTORS * MOST_LANES];
                    S::as_mut_simd_f32s(&mut lanes).0[..VECTORS].copy_from_slice(&bounds);
                    let lanes = &lanes[..of_points.len()];
                    if lanes.iter().all(|&bound| bound > reach[place]) {
                        continue;
                    }
                    if !candidates.has_room(width) {
                        let query = QUERIES * group + place;
                        let best = &mut self.found[query];
                        candidates.flush(self.points, self.queries.row(query), best);
                    }
                    for (row, &bound) in (first as u32..).zip(lanes) {
                        candidates.offer(bound, row);
                    }
                }
            }
        }
    }
}

/// Vectors two by two.
#[inline(always)]
fn pairs<S: Simd>(values: &[f32]) -> &[[S::f32s; VECTORS]] {
    S::as_simd_f32s(values).0.as_chunks().0
}

/// The bounds of the panel's points for a group of queries.
#[inline(always)]
fn bounds<S: Simd>(
    simd: S,
    panel: &[[S::f32s; VECTORS]],
    queries: &[Group],
    lower: [S::f32s; VECTORS],
) -> [[S::f32s; VECTORS]; QUERIES] {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; QUERIES];
    for (points, values) in panel.iter().zip(queries) {
        for (sums, &value) in sums.iter_mut().zip(values) {
            let value = simd.splat_f32s(value);
            for (sum, &points) in sums.iter_mut().zip(points) {
                *sum = simd.mul_add_e_f32s(value, points, *sum);
            }
        }
    }
    for sums in &mut sums {
        for (sum, lower) in sums.iter_mut().zip(lower) {
            *sum = simd.add_f32s(*sum, lower);
        }
    }
    sums
}

/// Whether any bound is within its query's reach.
#[inline(always)]
fn any_within<S: Simd>(
    simd: S,
    bounds: &[[S::f32s; VECTORS]; QUERIES],
    reach: &[f32; QUERIES],
) -> bool {
    let mut least = simd.splat_f32s(f32::INFINITY);
    for (bounds, &reach) in bounds.iter().zip(reach) {
        let reach = simd.splat_f32s(reach);
        for &bound in bounds {
            least = simd.min_f32s(least, simd.sub_f32s(bound, reach));
        }
    }
    let mut lanes = [f32::INFINITY; MOST_LANES];
    S::as_mut_simd_f32s(&mut lanes).0[0] = least;
    let mut any = false;
    for lane in &lanes[..S::F32_LANES] {
        any |= *lane <= 0.0;
    }
    any
}
