//! Numbers in units of their own spread.

use art_core::elementary::powi;
use serde::{Deserialize, Serialize};

/// A deviation of at most this part of the mean is taken for rounding, and the column for a constant one, which is only centered.
const CONSTANT: f64 = 1e-12;

/// Center and scale of numbers, and what missing ones become.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct Scale {
    median: f64,
    mean: f64,
    deviation: f64,
}

impl Scale {
    /// That of `n_rows` numbers, of which these are `present` and the others filled; none where none is there.
    pub(super) fn of(mut present: Vec<f64>, n_rows: usize) -> Option<Self> {
        // Equal in this order are equal bits.
        present.sort_unstable_by(f64::total_cmp);
        let n_present = present.len();
        let middle = n_present / 2;
        let median = match n_present {
            0 => return None,
            n if n % 2 == 1 => present[middle],
            _ => f64::midpoint(present[middle - 1], present[middle]),
        };
        // The filled rows take part in the scale, as they do in training.
        let n = n_rows as f64;
        let filled = (n_rows - n_present) as f64;
        let moments = |unit: f64| {
            let median = median / unit;
            let present = || present.iter().map(|x| x / unit);
            let mean = (present().sum::<f64>() + filled * median) / n;
            let squares: f64 = present().map(|x| powi(x - mean, 2)).sum();
            (
                mean,
                ((squares + filled * powi(median - mean, 2)) / n).sqrt(),
            )
        };
        let (mut mean, mut deviation) = moments(1.0);
        let (low, high) = (present[0], present[n_present - 1]);
        if !deviation.is_finite() || deviation == 0.0 && low != high {
            // Squares of such numbers are beyond what a double holds.
            let unit = low.abs().max(high.abs());
            let scaled = moments(unit);
            (mean, deviation) = (scaled.0 * unit, scaled.1 * unit);
        }
        if deviation <= CONSTANT * mean.abs() {
            deviation = 1.0;
        }
        Some(Self {
            median,
            mean,
            deviation,
        })
    }

    /// What no scale of numbers has.
    pub(super) fn problem(&self) -> Option<String> {
        let Self {
            median,
            mean,
            deviation,
        } = self;
        if !(median.is_finite() && mean.is_finite() && deviation.is_finite() && *deviation > 0.0) {
            return Some(format!(
                "median {median}, mean {mean}, deviation {deviation} are no scale"
            ));
        }
        None
    }

    /// The feature of a number, and what it was taken for.
    pub(super) fn apply(&self, value: f64) -> (f32, f64) {
        let filled = if value.is_nan() { self.median } else { value };
        // Differences of large numbers of both signs are beyond what a double holds.
        let scaled = (filled - self.mean) / self.deviation;
        let scaled = if scaled.is_finite() {
            scaled
        } else {
            filled / self.deviation - self.mean / self.deviation
        };
        (scaled as f32, filled)
    }
}
