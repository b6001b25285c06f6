//! What runs on splits of one table have shown.

use crate::{
    error::{StatsError, check_finite, check_overlap},
    symmetric::Symmetric,
};

/// Differences of runs on splits of one table: for each split, that of each method to the baseline.
#[derive(Clone, Debug, PartialEq)]
pub struct Differences {
    splits: Vec<Vec<f64>>,
    overlap: f64,
    resolution: f64,
}

impl Differences {
    /// Those of `splits`, as many for each; `test_over_train` is 0 for tables that were drawn anew.
    ///
    /// # Errors
    /// [`StatsError`] for fewer than two splits, lists of different length, numbers that are not finite.
    pub fn new(splits: Vec<Vec<f64>>, test_over_train: f64) -> Result<Self, StatsError> {
        if splits.len() < 2 {
            return Err(StatsError::TooFew {
                what: "the gains of a table",
                needed: 2,
                found: splits.len(),
            });
        }
        for (row, split) in splits.iter().enumerate() {
            check_finite(format_args!("split {row}"), split)?;
            if split.len() != splits[0].len() {
                return Err(StatsError::Row {
                    row,
                    expected: splits[0].len(),
                    found: split.len(),
                });
            }
        }
        check_overlap(test_over_train)?;
        Ok(Self {
            splits,
            overlap: test_over_train,
            resolution: 0.0,
        })
    }

    /// The same where scores go in steps: differences of a split deviate by at least so much, however equal a few of them are.
    #[must_use]
    pub fn with_resolution(mut self, step: f64) -> Self {
        self.resolution = step;
        self
    }

    /// Methods.
    pub fn n_methods(&self) -> usize {
        self.splits[0].len()
    }

    /// Splits.
    pub fn n_splits(&self) -> usize {
        self.splits.len()
    }

    /// The mean of each method.
    pub fn means(&self) -> Vec<f64> {
        let n = self.splits.len() as f64;
        let of = |method: usize| self.splits.iter().map(|split| split[method]).sum::<f64>() / n;
        (0..self.n_methods()).map(of).collect()
    }

    /// The covariance over splits.
    pub(crate) fn covariance(&self) -> Symmetric {
        let (means, n) = (self.means(), self.splits.len() as f64);
        Symmetric::from_fn(means.len(), |i, j| {
            let products = self.splits.iter();
            let products = products.map(|split| (split[i] - means[i]) * (split[j] - means[j]));
            products.sum::<f64>() / (n - 1.0)
        })
    }

    /// What the covariance of a split is multiplied by to be that of the mean of `n` of them.
    pub(crate) fn factor(&self, n: f64) -> f64 {
        1.0 / n + self.overlap
    }

    /// The least deviation that differences of a split have.
    pub(crate) fn resolution(&self) -> f64 {
        self.resolution
    }
}
