use crate::{
    error::LossError,
    kernel::RowKernel,
    kernel::softmax,
    loss::{Loss, check_batch},
};
use candle_core::{D, Tensor};
use candle_nn::ops::log_softmax;

/// `ℓ_i = −log softmax(z_i)[y_i]`, the loss of plain training.
///
/// Computed from log-softmax with the largest logit subtracted, so logits of any finite size give
/// finite values and gradients. Gradient: `softmax(z)_j − [j = y]`.
///
/// ```
/// use art_losses::{CrossEntropy, Loss};
/// let mut gradient = [0.0; 3];
/// let loss = CrossEntropy.value_and_gradient(&[2.0, 1.0, -1.0], &[1], &mut gradient)?;
/// assert!((loss - 1.349_012_216_8).abs() < 1e-9);
/// # Ok::<(), art_losses::LossError>(())
/// ```
#[derive(Clone, Copy, Debug, Default)]
pub struct CrossEntropy;

impl Loss for CrossEntropy {
    fn name(&self) -> &'static str {
        "cross-entropy"
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        check_batch(logits, targets)?;
        let log_probabilities = log_softmax(logits, D::Minus1)?;
        let of_target = log_probabilities.gather(&targets.unsqueeze(1)?, 1)?;
        Ok(of_target.squeeze(1)?.neg()?)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(self)
    }
}

impl RowKernel for CrossEntropy {
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
        let log_p = softmax(logits, target, gradient);
        gradient[target] -= 1.0;
        -log_p
    }
}
