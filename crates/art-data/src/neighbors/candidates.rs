//! Points that bounds have not ruled out, until they are measured.

use super::{
    Best, measure,
    measured::{Measured, slack},
};

/// Most candidates of a query that wait to be measured.
const WAITING: usize = 256;

/// The points of one query that may be among its nearest. Bounds are those of [`slack`].
#[derive(Debug, Default)]
pub(super) struct Candidates {
    k: usize,
    own_row: Option<u32>,
    /// Twice the share that is allowed for rounding.
    share: f32,
    /// What is allowed for the query.
    slack: f32,
    /// The k smallest `b + 2 s ‖p‖²` so far, ascending.
    lowest: Vec<f32>,
    /// `b` beyond which no point can be among the nearest.
    reach: f32,
    waiting: Vec<(f32, u32)>,
}

/// One for each query, with none found yet.
pub(super) fn begin(candidates: &mut Vec<Candidates>, found: &[Best], queries: &Measured<'_>) {
    let share = 2.0 * slack(queries.n_features());
    candidates.resize_with(found.len(), Candidates::default);
    let of_queries = found.iter().zip(queries.squared_norms());
    for (candidates, (best, norm)) in candidates.iter_mut().zip(of_queries) {
        candidates.k = best.k();
        candidates.own_row = best.own_row();
        candidates.share = share;
        // Products that are too small for f32 are off by less than its smallest normal number.
        candidates.slack = share * norm + f32::MIN_POSITIVE;
        candidates.lowest.clear();
        candidates.reach = f32::INFINITY;
        candidates.waiting.clear();
    }
}

impl Candidates {
    /// Takes note that there are points with these bounds and squared lengths of at most `largest_norm`.
    pub(super) fn tighten<const N: usize>(&mut self, mut bounds: [f32; N], largest_norm: f32) {
        // The query itself may be one of them.
        let others = self.k + usize::from(self.own_row.is_some());
        if others <= N {
            bounds.sort_unstable_by(f32::total_cmp);
            let highest = bounds[others - 1] + self.share * largest_norm;
            self.reach = self.reach.min(highest + self.slack);
        }
    }

    /// Bound beyond which no point can be among the nearest.
    pub(super) fn reach(&self) -> f32 {
        self.reach
    }

    /// Keeps a point unless its bound rules it out.
    pub(super) fn offer(&mut self, bound: f32, row: u32, points: &Measured<'_>) {
        if bound > self.reach || self.own_row == Some(row) {
            return;
        }
        self.waiting.push((bound, row));
        let highest = bound + self.share * points.squared_norms()[row as usize];
        let place = self.lowest.partition_point(|&other| other <= highest);
        if place < self.k {
            self.lowest.insert(place, highest);
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
