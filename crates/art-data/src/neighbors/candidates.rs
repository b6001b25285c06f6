//! Points that bounds have not ruled out, until they are measured.

use super::{
    Best, measure,
    measured::{Measured, slack},
};

/// Most candidates of a query that wait to be measured.
const WAITING: usize = 256;

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

/// One for each query, with none found yet; `largest_norm` is the largest squared length of a point.
pub(super) fn start(
    candidates: &mut Vec<Candidates>,
    found: &[Best],
    queries: &Measured<'_>,
    largest_norm: f32,
) {
    let slack = slack(queries.n_features());
    candidates.resize_with(found.len(), Candidates::default);
    let of_queries = found.iter().zip(queries.squared_norms());
    for (candidates, (best, norm)) in candidates.iter_mut().zip(of_queries) {
        candidates.start(best, 2.0 * slack * (largest_norm + norm));
    }
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
    pub(super) fn tighten<const N: usize>(&mut self, mut bounds: [f32; N]) {
        // The query itself may be one of them.
        let others = self.k + usize::from(self.own_row.is_some());
        if others <= N {
            bounds.sort_unstable_by(f32::total_cmp);
            self.reach = self.reach.min(bounds[others - 1] + self.slack);
        }
    }

    /// Lower bound beyond which no point can be among the nearest.
    pub(super) fn reach(&self) -> f32 {
        self.reach
    }

    /// Keeps a point unless its lower bound rules it out.
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
