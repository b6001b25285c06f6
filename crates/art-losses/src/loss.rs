//! What a loss is: one value a row, how the values are reduced, and which head it needs.

use crate::{
    error::LossError,
    kernel::{self, RowKernel},
    reduction::Reduction,
};
use candle_core::{DType, Tensor};
use serde::{Deserialize, Serialize};

/// The last layer that a loss is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
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
/// Only [`name`](Self::name) and [`per_sample`](Self::per_sample) have to be written; the defaults give
/// an unweighted mean over all rows on a linear head, and gradients by automatic differentiation. Run
/// [`conformance::check_loss`](crate::conformance::check_loss) on a loss of your own.
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

    /// The same loss as a CPU kernel with its own gradient, where it has one.
    fn kernel(&self) -> Option<&dyn RowKernel> {
        None
    }

    /// The number of classes that the loss is made for, `None` for any. The default: that of the class weights.
    fn n_classes(&self) -> Option<usize> {
        self.class_weights().map(<[f64]>::len)
    }

    /// The weight v of each class; `None` for all ones.
    fn class_weights(&self) -> Option<&[f64]> {
        None
    }

    /// Factors, class 0 first, that turn the class proportions that are drawn into the prior that the logits encode, up to a
    /// constant; `None` where the two are the same. The default: the class weights.
    fn prior_factors(&self) -> Option<Vec<f64>> {
        self.class_weights().map(<[f64]>::to_vec)
    }

    /// The factor by which the loss multiplies logits before its softmax; 1 for most.
    fn logit_scale(&self) -> f64 {
        1.0
    }

    /// The rows to keep, given each row's loss; `None` for all. The others get no gradient.
    fn select(&self, losses: &[f64]) -> Option<Vec<usize>> {
        let _ = losses;
        None
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
    /// As [`per_sample`](Self::per_sample), and [`LossError::Classes`] when the loss is made for another number of
    /// classes.
    fn forward(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        if targets.elem_count() == 0 {
            check_batch(logits, targets)?;
            return Ok(Tensor::zeros((), logits.dtype(), logits.device())?);
        }
        let mut per_sample = self.per_sample(logits, targets)?;
        let mut targets = targets.clone();
        let values = || per_sample.to_dtype(DType::F64)?.to_vec1::<f64>();
        if let Some(kept) = self.select(&values()?) {
            let kept: Vec<u32> = kept.into_iter().map(|row| row as u32).collect();
            let kept = Tensor::new(kept, logits.device())?;
            per_sample = per_sample.index_select(&kept, 0)?;
            targets = targets.index_select(&kept, 0)?;
        }
        let Some(weights) = self.class_weights() else {
            return Ok(per_sample.mean_all()?);
        };
        let weights = per_class(weights, logits)?.index_select(&targets, 0)?;
        let total = (per_sample * &weights)?.sum_all()?;
        Ok(match self.reduction() {
            Reduction::WeightedMean => (total / weights.sum_all()?)?,
            Reduction::BatchMean => (total / targets.elem_count() as f64)?,
        })
    }

    /// The loss of a batch on the CPU in f64, with its gradient with respect to the logits.
    ///
    /// `logits` and `gradient` hold `(batch, n_classes)` row after row. Equal to
    /// [`forward`](Self::forward) and its derivative; 0 for an empty batch.
    ///
    /// # Errors
    /// [`LossError::Lengths`], [`LossError::Target`], [`LossError::NonFinite`] naming row and class, or
    /// [`LossError::Classes`].
    fn value_and_gradient(
        &self,
        logits: &[f64],
        targets: &[u32],
        gradient: &mut [f64],
    ) -> Result<f64, LossError> {
        let n_classes = kernel::check(logits, targets, gradient, self.n_classes())?;
        match self.kernel() {
            Some(rows) => Ok(kernel::reduce(
                rows,
                &kernel::Batch {
                    logits,
                    targets,
                    n_classes,
                    weights: self.class_weights(),
                    reduction: self.reduction(),
                },
                &|losses| self.select(losses),
                gradient,
            )),
            None => kernel::differentiate(
                &|logits, targets| self.forward(logits, targets),
                logits,
                targets,
                n_classes,
                gradient,
            ),
        }
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

/// One number a class as a tensor `(n_classes)` like `logits`.
pub(crate) fn per_class(values: &[f64], logits: &Tensor) -> Result<Tensor, LossError> {
    let n_classes = logits.dims()[1];
    if values.len() != n_classes {
        return Err(LossError::Classes {
            expected: n_classes,
            found: values.len(),
        });
    }
    Ok(Tensor::new(values, logits.device())?.to_dtype(logits.dtype())?)
}

/// A tensor like `logits` with `values[target]` at each row's target and 0 elsewhere.
pub(crate) fn at_targets(
    values: &[f64],
    logits: &Tensor,
    targets: &Tensor,
) -> Result<Tensor, LossError> {
    let n_classes = logits.dims()[1];
    // Row c of a diagonal matrix has its value at c: picking rows by target needs no scatter, whose
    // derivative the tensor library lacks.
    let diagonal = Tensor::eye(n_classes, logits.dtype(), logits.device())?;
    let diagonal = diagonal.broadcast_mul(&per_class(values, logits)?)?;
    Ok(diagonal.index_select(targets, 0)?)
}
