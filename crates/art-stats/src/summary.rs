use crate::error::{StatsError, check_finite};

/// Mean and spread of one method's scores.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Summary {
    /// Number of scores.
    pub n: usize,
    /// Their mean.
    pub mean: f64,
    /// Their sample standard deviation (ddof 1); 0 for a single score.
    pub sd: f64,
}

impl Summary {
    /// The summary of `scores`; equal scores have themselves as their mean and no deviation, to the last bit.
    ///
    /// # Errors
    /// [`StatsError::TooFew`] for an empty list, [`StatsError::NonFinite`].
    ///
    /// ```
    /// let summary = art_stats::Summary::of(&[0.7, 0.8, 0.9])?;
    /// assert!((summary.mean - 0.8).abs() < 1e-12 && (summary.sd - 0.1).abs() < 1e-12);
    /// # Ok::<(), art_stats::StatsError>(())
    /// ```
    pub fn of(scores: &[f64]) -> Result<Self, StatsError> {
        if scores.is_empty() {
            return Err(StatsError::TooFew {
                what: "a summary",
                needed: 1,
                found: 0,
            });
        }
        check_finite("the list", scores)?;
        let n = scores.len();
        if scores.iter().all(|&score| score == scores[0]) {
            let (mean, sd) = (scores[0], 0.0);
            return Ok(Self { n, mean, sd });
        }
        let mean = scores.iter().sum::<f64>() / n as f64;
        let squares: f64 = scores.iter().map(|s| (s - mean).powi(2)).sum();
        let sd = (squares / (n - 1) as f64).sqrt();
        Ok(Self { n, mean, sd })
    }

    /// The standard error of the mean: the deviation over √n.
    pub fn standard_error(&self) -> f64 {
        self.sd / (self.n as f64).sqrt()
    }

    /// Nadeau and Bengio's standard error of the mean, `sd · √(1/n + test_over_train)`.
    pub(crate) fn widened_error(&self, test_over_train: f64) -> f64 {
        self.sd * (1.0 / self.n as f64 + test_over_train).sqrt()
    }
}
