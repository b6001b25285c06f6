use crate::{
    class_weight::check_weights, cross_entropy::CrossEntropy, error::LossError, kernel::RowKernel,
    kernel::softmax, loss::Loss, reduction::Reduction,
};
use art_core::{
    ParamError,
    elementary::{exp, exp_m1, powf},
};
use candle_core::Tensor;

/// Smallest `1 − p` that is told from 0, so that its powers below 1 stay finite.
const SMALLEST: f64 = 1e-7;

/// Focal loss: `ℓ = −α_y (1 − p_y)^γ ln p_y`, which turns away from rows that are right already.
///
/// Gradient: `α_y [(1 − p)^γ − γ p (1 − p)^(γ−1) ln p] (p_j − [j = y])`.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `gamma` | 2 | 0 to 5 |
/// | `alpha` | none | none, inverse frequency, effective number |
///
/// γ = 0 is cross-entropy exactly. `1 − p` is taken as `−expm1(ln p)` and kept at least 1e-7, so values
/// and gradients stay finite for γ below 1 and p near 1.
///
/// *Choice.* Weights stand outside the power, and the mean is over the batch as in the source. A widely
/// copied implementation takes `p = exp(−weighted CE)`, which lets the weights into the power: with
/// weights other than 1 that is not focal loss. Since the mean is over the batch, the scale of the weights acts as a factor of the
/// learning rate for plain gradient descent, and hardly matters for Adam. Those of
/// [`CostSensitive::effective_number`](crate::CostSensitive::effective_number) sum to K, so that their mean over rows lies below
/// 1.
///
/// # References
/// Lin, Goyal, Girshick, He and Dollár (2017), "Focal loss for dense object detection", ICCV, doi
/// 10.1109/ICCV.2017.324.
#[derive(Clone, Debug)]
#[must_use]
pub struct Focal {
    gamma: f64,
    alpha: Option<Vec<f64>>,
}

impl Focal {
    /// The loss with exponent `gamma` and no class weights.
    ///
    /// # Errors
    /// [`ParamError`] when gamma is negative or not finite.
    pub fn new(gamma: f64) -> Result<Self, ParamError> {
        if !(gamma >= 0.0 && gamma.is_finite()) {
            return Err(ParamError::new(
                "gamma",
                gamma,
                "a finite number of at least 0, usually up to 5",
            ));
        }
        Ok(Self { gamma, alpha: None })
    }

    /// A weight a class.
    ///
    /// # Errors
    /// [`ParamError`] when a weight is not finite and positive.
    pub fn alpha(mut self, alpha: Vec<f64>) -> Result<Self, ParamError> {
        check_weights("alpha", &alpha)?;
        self.alpha = Some(alpha);
        Ok(self)
    }
}

impl Loss for Focal {
    fn name(&self) -> &'static str {
        "focal"
    }

    fn describe(&self) -> String {
        format!("focal(gamma={}, alpha={:?})", self.gamma, self.alpha)
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        let cross_entropy = CrossEntropy.per_sample(logits, targets)?;
        if self.gamma == 0.0 {
            return Ok(cross_entropy);
        }
        let log_p = cross_entropy.neg()?;
        // 1 − p = −expm1(ln p): for ln p near 0 the difference would lose all digits in f32.
        let one_minus_p = one_minus_exp(&log_p)?;
        Ok((one_minus_p.powf(self.gamma)? * cross_entropy)?)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(self)
    }

    fn class_weights(&self) -> Option<&[f64]> {
        self.alpha.as_deref()
    }

    fn reduction(&self) -> Reduction {
        Reduction::BatchMean
    }
}

/// `max(1 − exp(x), 1e-7)` for x ≤ 0, accurate near 0, with its derivative.
fn one_minus_exp(x: &Tensor) -> Result<Tensor, LossError> {
    // 1 − eˣ = −tanh(x/2) (eˣ + 1), which has no cancellation.
    let half = (x * 0.5)?;
    let value = (half.tanh()?.neg()? * (x.exp()? + 1.0)?)?;
    Ok(value.clamp(SMALLEST, 1.0)?)
}

impl RowKernel for Focal {
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
        let log_p = softmax(logits, target, gradient);
        let p = exp(log_p);
        let one_minus_p = (-exp_m1(log_p)).clamp(SMALLEST, 1.0);
        let power = powf(one_minus_p, self.gamma);
        let factor = power - self.gamma * p * powf(one_minus_p, self.gamma - 1.0) * log_p;
        gradient[target] -= 1.0;
        for slot in gradient {
            *slot *= factor;
        }
        -power * log_p
    }
}
