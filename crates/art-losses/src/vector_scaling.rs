use crate::{
    balanced_softmax::BalancedSoftmax,
    error::LossError,
    kernel::RowKernel,
    loss::{Loss, check_batch, per_class},
};
use art_core::{ClassCounts, ParamError, elementary::powf};
use candle_core::Tensor;

/// The vector-scaling loss: cross-entropy on `o_j = Δ_j z_j + τ ln π_j` with `Δ_j = (n_j / n_max)^γ`; predictions take
/// `z`.
///
/// The factor asks rare classes for larger logits, the shift for what the class frequencies do not explain. Gradient:
/// `Δ_j (softmax(o)_j − [j = y])`. γ = 0 is the logit-adjusted loss ([`BalancedSoftmax`]), τ = 0 class-dependent
/// temperatures.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `gamma` | 0.3 | 0 to 0.5 |
/// | `tau` | 1 | 0 to 2.5 |
///
/// A class without rows is left out of the sum and its factor is that of one row.
///
/// *Choice.* The authors' code for two classes has other constants; the article's formula is used for any number.
///
/// # References
/// Kini, Paraskevas, Oymak and Thrampoulidis (2021), "Label-imbalanced and group-sensitive classification under
/// overparameterization", `NeurIPS`, arXiv 2103.01550.
#[derive(Clone, Debug)]
pub struct VectorScaling {
    factors: Vec<f64>,
    shifted: BalancedSoftmax,
    gamma: f64,
}

impl VectorScaling {
    /// The loss for these class counts.
    ///
    /// # Errors
    /// [`ParamError`] when gamma or tau is negative or not finite.
    pub fn new(counts: &ClassCounts, gamma: f64, tau: f64) -> Result<Self, ParamError> {
        if !(gamma >= 0.0 && gamma.is_finite()) {
            let expected = "a finite number of at least 0, usually up to 0.5";
            return Err(ParamError::new("gamma", gamma, expected));
        }
        let most = counts.largest() as f64;
        let factor = |&n: &usize| powf(n.max(1) as f64 / most, gamma);
        Ok(Self {
            factors: counts.as_slice().iter().map(factor).collect(),
            shifted: BalancedSoftmax::new(counts, tau)?,
            gamma,
        })
    }
}

impl Loss for VectorScaling {
    fn name(&self) -> &'static str {
        "vector-scaling"
    }

    fn describe(&self) -> String {
        let shifted = Loss::describe(&self.shifted);
        format!(
            "vector-scaling(factors={:?}, gamma={}) of {shifted}",
            self.factors, self.gamma
        )
    }

    fn n_classes(&self) -> Option<usize> {
        Some(self.factors.len())
    }

    fn prior_factors(&self) -> Option<Vec<f64>> {
        self.shifted.prior_factors()
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        check_batch(logits, targets)?;
        let scaled = logits.broadcast_mul(&per_class(&self.factors, logits)?)?;
        self.shifted.per_sample(&scaled, targets)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(self)
    }
}

impl RowKernel for VectorScaling {
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
        for ((slot, z), factor) in gradient.iter_mut().zip(logits).zip(&self.factors) {
            *slot = z * factor;
        }
        let loss = self.shifted.differentiate(gradient, target);
        for (slot, factor) in gradient.iter_mut().zip(&self.factors) {
            *slot *= factor;
        }
        loss
    }
}
