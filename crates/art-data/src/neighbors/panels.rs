//! Points in panels, feature by feature, so that many are compared with a few queries at once, in registers: products in
//! memory would be written and read for a handful of multiplications each.

use super::{Best, candidates::Candidates, measured::Measured};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Points of a panel.
pub(super) const WIDTH: usize = VECTORS * MOST_LANES;
/// Queries whose sums are in registers together; with [`VECTORS`] they fill those of AVX2.
pub(super) const ABREAST: usize = 6;
/// Vectors of points whose sums are in registers together.
const VECTORS: usize = 2;
/// Most lanes of a vector.
const MOST_LANES: usize = 16;
/// A bound of lanes without a point: beyond what a point's can be, and still a number when a product is added to it or a
/// reach taken off.
const NO_POINT: f32 = f32::MAX / 2.0;

/// A value of each of the queries that are compared together, in as many lanes as vectors have.
pub(super) type Group = [f32; ABREAST.next_power_of_two()];

/// Rows in some order, [`WIDTH`] at a time.
#[derive(Clone, Debug)]
pub(super) struct Panels {
    n_features: usize,
    rows: Vec<u32>,
    /// Of each panel all values of the first feature, then of the second, and so on; 0 where there is no row.
    values: Vec<f32>,
}

impl Panels {
    /// `rows` of `values`, each of `n_features` values.
    pub(super) fn new(values: &[f32], n_features: usize, rows: Vec<u32>) -> Self {
        let mut turned = vec![0.0; rows.len().div_ceil(WIDTH) * n_features * WIDTH];
        for (place, &row) in rows.iter().enumerate() {
            let row = &values[row as usize * n_features..][..n_features];
            let first = place / WIDTH * n_features * WIDTH + place % WIDTH;
            for (feature, &value) in row.iter().enumerate() {
                turned[first + feature * WIDTH] = value;
            }
        }
        Self {
            n_features,
            rows,
            values: turned,
        }
    }

    /// A value of each row, such as `of` says, in places of panels; rows that are none have a bound beyond all.
    pub(super) fn bounds(&self, of: impl Fn(u32) -> f32) -> Vec<f32> {
        let mut bounds: Vec<f32> = self.rows.iter().map(|&row| of(row)).collect();
        bounds.resize(bounds.len().next_multiple_of(WIDTH), NO_POINT);
        bounds
    }

    /// Values of each row.
    pub(super) fn n_features(&self) -> usize {
        self.n_features
    }

    /// The rows of a panel.
    fn rows(&self, panel: usize) -> &[u32] {
        let first = panel * WIDTH;
        &self.rows[first..self.rows.len().min(first + WIDTH)]
    }

    fn values(&self, panel: usize) -> &[f32] {
        let size = self.n_features * WIDTH;
        &self.values[panel * size..][..size]
    }

    /// Shows `visit` the squared distance of every row from `query`, summed in feature order in f64.
    pub(super) fn measure_all(&self, query: &[f32], mut visit: impl FnMut(f64, u32)) {
        for panel in 0..self.rows.len().div_ceil(WIDTH) {
            let mut squared = [0.0_f64; WIDTH];
            for (&x, of_feature) in query.iter().zip(self.values(panel).chunks_exact(WIDTH)) {
                for (sum, &value) in squared.iter_mut().zip(of_feature) {
                    let difference = f64::from(x) - f64::from(value);
                    *sum += difference * difference;
                }
            }
            for (&squared, &row) in squared.iter().zip(self.rows(panel)) {
                visit(squared, row);
            }
        }
    }
}

/// Queries with what was found for them.
pub(super) struct Block<'a> {
    pub(super) points: &'a Measured<'a>,
    pub(super) queries: &'a Measured<'a>,
    /// Of each group of [`ABREAST`] queries all values of the first feature, then of the second, and so on.
    pub(super) turned: &'a [Group],
    pub(super) candidates: &'a mut [Candidates],
    pub(super) found: &'a mut [Best],
}

/// The queries as a [`Block`] has them.
pub(super) fn turn(queries: &Measured<'_>, turned: &mut Vec<Group>) {
    let n_features = queries.n_features();
    turned.clear();
    turned.resize(
        queries.len().div_ceil(ABREAST) * n_features,
        Group::default(),
    );
    for query in 0..queries.len() {
        let slots = &mut turned[query / ABREAST * n_features..][..n_features];
        for (slot, &value) in slots.iter_mut().zip(queries.row(query)) {
            slot[query % ABREAST] = value;
        }
    }
}

/// Offers the queries of some groups those points of some panels whose bound `lower − 2 q·p` is within their reach.
pub(super) struct Compare<'a, 'b> {
    pub(super) panels: &'a Panels,
    /// The part of each point's bound that does not depend on the query, as [`Panels::bounds`] has it.
    pub(super) lower: &'a [f32],
    pub(super) which: Range<usize>,
    pub(super) block: &'a mut Block<'b>,
    pub(super) groups: &'a [u32],
}

impl WithSimd for Compare<'_, '_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let n_features = self.panels.n_features;
        let Block {
            points,
            queries,
            turned,
            candidates,
            found,
        } = self.block;
        for panel in self.which {
            let rows = self.panels.rows(panel);
            let values = pairs::<S>(self.panels.values(panel));
            let lower = pairs::<S>(&self.lower[panel * WIDTH..][..WIDTH]);
            for &group in self.groups {
                let first = group as usize * ABREAST;
                let last = candidates.len().min(first + ABREAST);
                let turned = &turned[group as usize * n_features..][..n_features];
                for (part, &lower) in lower.iter().enumerate() {
                    let candidates = &mut candidates[first..last];
                    let mut reach = [f32::NEG_INFINITY; ABREAST];
                    for (reach, candidates) in reach.iter_mut().zip(&*candidates) {
                        *reach = candidates.reach();
                    }
                    let bounds = bounds(simd, values, part, turned, lower);
                    if !any_within(simd, &bounds, &reach) {
                        continue;
                    }
                    let rows = rows.get(part * VECTORS * S::F32_LANES..).unwrap_or(&[]);
                    let of_queries = candidates.iter_mut().zip(bounds).zip(reach);
                    for (query, ((candidates, bounds), reach)) in (first..).zip(of_queries) {
                        let mut lanes = [0.0; WIDTH];
                        S::as_mut_simd_f32s(&mut lanes).0[..VECTORS].copy_from_slice(&bounds);
                        let lanes = &lanes[..VECTORS * S::F32_LANES];
                        if lanes.iter().all(|&bound| bound > reach) {
                            continue;
                        }
                        if !candidates.has_room(lanes.len()) {
                            candidates.flush(points, queries.row(query), &mut found[query]);
                        }
                        for (&row, &bound) in rows.iter().zip(lanes) {
                            candidates.offer(bound, row, points);
                        }
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

/// The bounds of a part of a panel's points for a group of queries.
#[inline(always)]
fn bounds<S: Simd>(
    simd: S,
    panel: &[[S::f32s; VECTORS]],
    part: usize,
    queries: &[Group],
    lower: [S::f32s; VECTORS],
) -> [[S::f32s; VECTORS]; ABREAST] {
    let mut sums = [[simd.splat_f32s(0.0); VECTORS]; ABREAST];
    let of_features = panel.chunks_exact(MOST_LANES / S::F32_LANES);
    for (points, values) in of_features.zip(queries) {
        for (sums, &value) in sums.iter_mut().zip(values) {
            let value = simd.splat_f32s(value);
            for (sum, &points) in sums.iter_mut().zip(&points[part]) {
                *sum = simd.mul_add_e_f32s(value, points, *sum);
            }
        }
    }
    let factor = simd.splat_f32s(-2.0);
    for sums in &mut sums {
        for (sum, lower) in sums.iter_mut().zip(lower) {
            *sum = simd.mul_add_e_f32s(factor, *sum, lower);
        }
    }
    sums
}

/// Whether any bound is within its query's reach.
#[inline(always)]
fn any_within<S: Simd>(
    simd: S,
    bounds: &[[S::f32s; VECTORS]; ABREAST],
    reach: &[f32; ABREAST],
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::neighbors::{
        candidates::begin,
        measured::{slack, squared_norms},
    };
    use art_core::Seed;

    const FEATURES: usize = 5;
    const QUERIES: usize = 2 * ABREAST + 1;

    fn nearest<S: Simd>(simd: S) -> Vec<(Vec<u32>, Vec<f64>)> {
        let mut stream = Seed::new(1).stream("values", 0);
        let mut values =
            |n: usize| -> Vec<f32> { (0..n * FEATURES).map(|_| stream.normal() as f32).collect() };
        let n = 2 * WIDTH + 7;
        let (points, queries) = (values(n), values(QUERIES));
        let norms = [&points, &queries].map(|values| squared_norms(values, FEATURES));
        let [points, queries] = [(&points, &norms[0]), (&queries, &norms[1])]
            .map(|(values, norms)| Measured::new(values, norms, FEATURES));
        let panels = Panels::new(points.values(), FEATURES, (0..n as u32).rev().collect());
        let mut turned = vec![];
        turn(&queries, &mut turned);
        let mut found = vec![Best::new(3, None); QUERIES];
        let mut candidates = vec![];
        begin(&mut candidates, &found, &queries);
        simd.vectorize(Compare {
            panels: &panels,
            lower: &panels.bounds(|row| norms[0][row as usize] * (1.0 - slack(FEATURES))),
            which: 0..n.div_ceil(WIDTH),
            block: &mut Block {
                points: &points,
                queries: &queries,
                turned: &turned,
                candidates: &mut candidates,
                found: &mut found,
            },
            groups: &[2, 0, 1],
        });
        let found = candidates.iter_mut().zip(&mut found).enumerate();
        let found = found.map(|(query, (candidates, best))| {
            candidates.flush(&points, queries.row(query), best);
            let (mut rows, mut squared) = (vec![0; 3], vec![0.0; 3]);
            best.write(&mut rows, &mut squared);
            let mut all = Best::new(3, None);
            panels.measure_all(queries.row(query), |squared, row| all.offer(squared, row));
            let (mut every, mut distance) = (vec![0; 3], vec![0.0; 3]);
            all.write(&mut every, &mut distance);
            assert_eq!((&rows, &squared), (&every, &distance), "query {query}");
            (rows, squared)
        });
        found.collect()
    }

    /// Runs for vectors of one lane and of as many as the processor has.
    struct Widest;

    impl WithSimd for Widest {
        type Output = Vec<(Vec<u32>, Vec<f64>)>;

        fn with_simd<S: Simd>(self, simd: S) -> Self::Output {
            nearest(simd)
        }
    }

    #[test]
    fn every_width_of_vectors_finds_the_nearest() {
        let expected = nearest(pulp::Scalar::new());
        assert_eq!(pulp::Arch::new().dispatch(Widest), expected);
    }
}
