use crate::{Loss, LossError, check_batch};
use candle_core::{D, Tensor};
use candle_nn::ops::log_softmax;

/// `ℓ_i = −log softmax(z_i)[y_i]`, the loss of plain training.
///
/// Computed from log-softmax with the largest logit subtracted, so logits of any finite size give
/// finite values and gradients.
///
/// ```
/// use art_losses::{CrossEntropy, Loss};
/// use candle_core::{Device, Tensor};
/// let logits = Tensor::new(&[[2.0_f64, 1.0, -1.0]], &Device::Cpu)?;
/// let targets = Tensor::new(&[1_u32], &Device::Cpu)?;
/// let loss = CrossEntropy.forward(&logits, &targets)?.to_scalar::<f64>()?;
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
}
