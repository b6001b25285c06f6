use crate::{cross_entropy::CrossEntropy, error::LossError, kernel::RowKernel, loss::Loss};
use art_core::{ParamError, elementary::exp};
use candle_core::Tensor;

/// Which rows of a batch are hard.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Hard {
    Share(f64),
    BelowProbability(f64),
}

/// Online hard example mining: cross-entropy over the hardest rows of each batch.
///
/// Keeps `max(1, min_kept, ceil(r B))` rows with the largest loss (ties: the lower row), or all rows
/// whose probability of the truth is below a threshold; the mean is over the kept rows, the others get
/// no gradient.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `share` r | 0.7 | 0.2 to 1 |
/// | `min_kept` | 1 | |
///
/// r = 1 is cross-entropy. The choice of rows is not differentiated.
///
/// *Choice.* The source runs its network twice, once to choose and once to learn; leaving out rows of one
/// pass is the same except for batch statistics.
///
/// # References
/// Shrivastava, Gupta and Girshick (2016), "Training region-based object detectors with online hard
/// example mining", CVPR, doi 10.1109/CVPR.2016.89.
#[derive(Clone, Debug)]
#[must_use]
pub struct Ohem {
    hard: Hard,
    min_kept: usize,
}

impl Ohem {
    /// Keeps this share of each batch.
    ///
    /// # Errors
    /// [`ParamError`] when the share is not in (0, 1].
    pub fn share(share: f64) -> Result<Self, ParamError> {
        if !(share > 0.0 && share <= 1.0) {
            return Err(ParamError::new(
                "share",
                share,
                "a number above 0 and at most 1",
            ));
        }
        Ok(Self {
            hard: Hard::Share(share),
            min_kept: 1,
        })
    }

    /// Keeps the rows whose probability of the truth is below `threshold`.
    ///
    /// # Errors
    /// [`ParamError`] when the threshold is not in (0, 1].
    pub fn below_probability(threshold: f64) -> Result<Self, ParamError> {
        if !(threshold > 0.0 && threshold <= 1.0) {
            return Err(ParamError::new(
                "threshold",
                threshold,
                "a number above 0 and at most 1",
            ));
        }
        Ok(Self {
            hard: Hard::BelowProbability(threshold),
            min_kept: 1,
        })
    }

    /// Fewest rows to keep of a batch that has as many.
    pub fn min_kept(mut self, rows: usize) -> Self {
        self.min_kept = rows.max(1);
        self
    }
}

impl Loss for Ohem {
    fn name(&self) -> &'static str {
        "ohem"
    }

    fn describe(&self) -> String {
        format!("ohem({:?}, min_kept={})", self.hard, self.min_kept)
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        CrossEntropy.per_sample(logits, targets)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(&CrossEntropy)
    }

    fn select(&self, losses: &[f64]) -> Option<Vec<usize>> {
        let n_hard = match self.hard {
            Hard::Share(share) => (share * losses.len() as f64 - 1e-9).ceil() as usize,
            Hard::BelowProbability(threshold) => losses
                .iter()
                .filter(|loss| exp(-**loss) < threshold)
                .count(),
        };
        let n_kept = n_hard.max(self.min_kept).min(losses.len());
        let mut hardest: Vec<usize> = (0..losses.len()).collect();
        hardest.sort_by(|&a, &b| losses[b].total_cmp(&losses[a]));
        hardest.truncate(n_kept);
        hardest.sort_unstable();
        Some(hardest)
    }
}
