//! Losses on the features of a batch, beside the loss on its logits.

use crate::error::LossError;
use art_core::elementary::powi;

/// A batch as a loss on features sees it: row after row, in f64.
#[derive(Clone, Copy, Debug)]
pub struct FeatureBatch<'a> {
    features: &'a [f64],
    logits: &'a [f64],
    targets: &'a [u32],
}

impl<'a> FeatureBatch<'a> {
    /// `features` `(batch, width)`: what the last layer is applied to; `logits` `(batch, n_classes)`; `targets` one class a
    /// row.
    ///
    /// # Errors
    /// [`LossError::Length`] when the lists do not fit, [`LossError::Target`] for a target that is no class,
    /// [`LossError::NonFiniteFeature`].
    pub fn new(
        features: &'a [f64],
        logits: &'a [f64],
        targets: &'a [u32],
    ) -> Result<Self, LossError> {
        let n_rows = targets.len();
        for (what, list) in [("list of features", features), ("list of logits", logits)] {
            if !list.len().is_multiple_of(n_rows.max(1)) || (n_rows == 0 && !list.is_empty()) {
                let expected = list.len() / n_rows.max(1) * n_rows;
                let found = list.len();
                return Err(LossError::Length {
                    what,
                    expected,
                    found,
                });
            }
        }
        let batch = Self {
            features,
            logits,
            targets,
        };
        let n_classes = batch.n_classes();
        let foreign = targets.iter().position(|&t| t as usize >= n_classes);
        if let Some(row) = foreign {
            let target = targets[row];
            return Err(LossError::Target {
                row,
                target,
                n_classes,
            });
        }
        match features.iter().position(|x| !x.is_finite()) {
            Some(place) => Err(LossError::NonFiniteFeature {
                row: place / batch.width(),
                feature: place % batch.width(),
                value: features[place],
            }),
            None => Ok(batch),
        }
    }

    /// Rows of the batch.
    pub fn n_rows(&self) -> usize {
        self.targets.len()
    }

    /// Features of a row.
    pub fn width(&self) -> usize {
        self.features.len() / self.n_rows().max(1)
    }

    /// Logits of a row.
    pub fn n_classes(&self) -> usize {
        self.logits.len() / self.n_rows().max(1)
    }

    /// The class of each row.
    pub fn targets(&self) -> &'a [u32] {
        self.targets
    }

    /// The logits of a row.
    pub fn logits(&self, row: usize) -> &'a [f64] {
        let k = self.n_classes();
        &self.logits[row * k..][..k]
    }
}

/// A loss on the features of a batch that is added to the loss on its logits, with a factor that may change with the epoch.
///
/// The features are what the last layer is applied to, in training with dropout. Logits are there to look at: no gradient
/// flows through them.
pub trait FeatureLoss: Send + Sync {
    /// The name with every setting that decides a value; a checkpoint fits only a loss whose description is equal.
    fn describe(&self) -> String;

    /// What the loss is multiplied by in epoch `epoch`, counted from 1.
    fn factor_at(&self, epoch: u32) -> f64;

    /// The loss of a batch; writes its gradient with respect to the features, `(batch, width)`, to `gradient`.
    ///
    /// # Errors
    /// [`LossError::Length`] when `gradient` has another length than the features.
    fn value_and_gradient(
        &self,
        batch: &FeatureBatch<'_>,
        gradient: &mut [f64],
    ) -> Result<f64, LossError>;
}

/// The rows of a batch scaled to length 1; a row of zeros stays one.
pub(crate) struct UnitRows {
    width: usize,
    rows: Vec<f64>,
    lengths: Vec<f64>,
}

impl UnitRows {
    /// Those of `batch`, once `gradient` fits them.
    pub(crate) fn new(batch: &FeatureBatch<'_>, gradient: &[f64]) -> Result<Self, LossError> {
        if gradient.len() != batch.features.len() {
            return Err(LossError::Length {
                what: "gradient of the features",
                expected: batch.features.len(),
                found: gradient.len(),
            });
        }
        let width = batch.width();
        let mut rows = batch.features.to_vec();
        let scale = |row: &mut [f64]| {
            // By the largest entry first, so that no square overflows or vanishes.
            let largest = row.iter().fold(0.0_f64, |most, x| most.max(x.abs()));
            if largest == 0.0 {
                return 0.0;
            }
            let squares = row.iter().map(|x| powi(x / largest, 2)).sum::<f64>();
            let length = largest * squares.sqrt();
            for x in row {
                *x /= length;
            }
            length
        };
        let lengths = rows.chunks_exact_mut(width.max(1)).map(scale).collect();
        Ok(Self {
            width,
            rows,
            lengths,
        })
    }

    /// A row of length 1, or of zeros.
    pub(crate) fn row(&self, row: usize) -> &[f64] {
        &self.rows[row * self.width..][..self.width]
    }

    /// Turns the gradients with respect to the unit rows, `(batch, width)`, into those of the features. None go through a
    /// row of zeros.
    pub(crate) fn pull_back(&self, gradients: &mut [f64]) {
        let rows = self.rows.chunks_exact(self.width.max(1));
        let of_rows = gradients.chunks_exact_mut(self.width.max(1)).zip(rows);
        for ((gradients, unit), &length) in of_rows.zip(&self.lengths) {
            let along = dot(gradients, unit);
            for (gradient, u) in gradients.iter_mut().zip(unit) {
                *gradient = if length > 0.0 {
                    (*gradient - along * u) / length
                } else {
                    0.0
                };
            }
        }
    }
}

pub(crate) fn dot(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}
