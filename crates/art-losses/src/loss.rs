//! What a loss is: one value a row, how the values are reduced, and which head it needs.

use crate::LossError;
use candle_core::{DType, Tensor};

/// How per-row losses `l_i = v_i · ℓ_i` become one number.
///
/// The two differ for weighted losses: under [`WeightedMean`](Self::WeightedMean) a batch of one
/// class has no weighting at all, under [`BatchMean`](Self::BatchMean) the size of the gradient
/// follows the composition of the batch.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Reduction {
    /// `Σ v_i ℓ_i / Σ v_i`, as `PyTorch`'s cross-entropy with class weights.
    #[default]
    WeightedMean,
    /// `Σ v_i ℓ_i / B`.
    BatchMean,
}

/// The last layer that a loss is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Head {
    /// `z = W x + b`.
    #[default]
    Linear,
    /// `z_j = ⟨x/‖x‖, W_j/‖W_j‖⟩`, no bias.
    Normalized,
}

/// A classification loss.
///
/// Only [`per_sample`](Self::per_sample) has to be written; the defaults give an unweighted mean
/// on a linear head.
pub trait Loss: Send + Sync {
    /// A short name for records and reports.
    fn name(&self) -> &str;

    /// The name with every setting that decides a value. The default is the name alone.
    fn describe(&self) -> String {
        self.name().to_owned()
    }

    /// The unweighted loss ℓ of each row: `logits` `(batch, n_classes)` in f32 or f64 and `targets`
    /// `(batch)` in u32 give `(batch)`.
    ///
    /// # Errors
    /// [`LossError`] when shapes or types do not fit.
    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError>;

    /// The weight v of each row, `(batch)`; `None` for all ones.
    ///
    /// # Errors
    /// [`LossError`] when a target has no weight.
    fn weights(&self, targets: &Tensor) -> Result<Option<Tensor>, LossError> {
        let _ = targets;
        Ok(None)
    }

    /// How rows are reduced to one number.
    fn reduction(&self) -> Reduction {
        Reduction::default()
    }

    /// The head that this loss is made for.
    fn head(&self) -> Head {
        Head::default()
    }

    /// The loss of a batch, a scalar to differentiate; 0 for an empty batch.
    ///
    /// # Errors
    /// As [`per_sample`](Self::per_sample).
    fn forward(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        if targets.elem_count() == 0 {
            check_batch(logits, targets)?;
            return Ok(Tensor::zeros((), logits.dtype(), logits.device())?);
        }
        let per_sample = self.per_sample(logits, targets)?;
        let Some(weights) = self.weights(targets)? else {
            return Ok(per_sample.mean_all()?);
        };
        let total = (per_sample * &weights)?.sum_all()?;
        Ok(match self.reduction() {
            Reduction::WeightedMean => (total / weights.sum_all()?)?,
            Reduction::BatchMean => (total / targets.elem_count() as f64)?,
        })
    }
}

/// Makes sure that logits are `(batch, n_classes)` floats and targets `(batch)` u32.
///
/// # Errors
/// [`LossError::Shape`] or [`LossError::DType`].
pub fn check_batch(logits: &Tensor, targets: &Tensor) -> Result<(), LossError> {
    let fits = logits.rank() == 2 && targets.rank() == 1 && logits.dims()[0] == targets.dims()[0];
    if !fits {
        return Err(LossError::Shape {
            logits: logits.shape().clone(),
            targets: targets.shape().clone(),
        });
    }
    if !matches!(logits.dtype(), DType::F32 | DType::F64) {
        return Err(LossError::DType {
            what: "logits",
            found: logits.dtype(),
            expected: "f32 or f64",
        });
    }
    if targets.dtype() != DType::U32 {
        return Err(LossError::DType {
            what: "targets",
            found: targets.dtype(),
            expected: "u32",
        });
    }
    Ok(())
}
