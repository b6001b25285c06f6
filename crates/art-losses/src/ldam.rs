use crate::{
    class_weight::{check_weights, effective_number},
    cross_entropy::CrossEntropy,
    error::LossError,
    kernel::RowKernel,
    kernel::softmax_in_place,
    loss::{Head, Loss, at_targets, check_batch},
    schedule::Deferred,
};
use art_core::{ClassCounts, ParamError, elementary::powf};
use candle_core::Tensor;

/// LDAM: a margin for each class, larger for smaller classes, on cosine logits.
///
/// `o_j = s (z_j − Δ_y [j = y])`, `ℓ = −log softmax(o)[y]` with `Δ_c = C n_c^(−1/4)` and C such that the
/// largest margin is μ. Gradient: `s (softmax(o)_j − [j = y])`. It asks for [`Head::Normalized`]: on a
/// linear head the scale s makes training explode. Predictions take the logits without margins.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | largest margin μ | 0.5 | 0.1 to 1 |
/// | scale s | 30 | 5 to 60, logarithmic |
/// | share of epochs before re-weighting | 0.8 | 0.5 to 0.95 |
/// | β of the effective number | 0.9999 | 0.9, 0.99, 0.999, 0.9999 |
///
/// A class without rows counts as one row.
///
/// *Choice.* In the last phase ([`Ldam::with_deferred_weights`]) weights come from the effective number,
/// as in the authors' code, where the text speaks of inverse frequency.
///
/// # References
/// Cao, Wei, Gaidon, Arechiga and Ma (2019), "Learning imbalanced datasets with label-distribution-aware
/// margin loss", NeurIPS, arXiv 1906.07413.
#[derive(Clone, Debug)]
#[must_use]
pub struct Ldam {
    margins: Vec<f64>,
    scale: f64,
    weights: Option<Vec<f64>>,
    head: Head,
}

impl Ldam {
    /// Margins for these class counts, the largest `max_margin`, on logits scaled by `scale`.
    ///
    /// # Errors
    /// [`ParamError`] when a number is out of range.
    pub fn new(counts: &ClassCounts, max_margin: f64, scale: f64) -> Result<Self, ParamError> {
        if !(max_margin >= 0.0 && max_margin.is_finite()) {
            return Err(ParamError::new(
                "max_margin",
                max_margin,
                "a finite number of at least 0, usually 0.1 to 1",
            ));
        }
        check_weights("scale", &[scale])?;
        let raw: Vec<f64> = counts
            .as_slice()
            .iter()
            .map(|&n| powf(n.max(1) as f64, -0.25))
            .collect();
        let largest = raw.iter().copied().fold(0.0, f64::max);
        Ok(Self {
            margins: raw.iter().map(|m| max_margin * (m / largest)).collect(),
            scale,
            weights: None,
            head: Head::Normalized,
        })
    }

    /// The same loss with a weight a class.
    ///
    /// # Errors
    /// [`ParamError`] when a weight is not finite and positive.
    pub fn weights(mut self, weights: Vec<f64>) -> Result<Self, ParamError> {
        check_weights("class weights", &weights)?;
        self.weights = Some(weights);
        Ok(self)
    }

    /// The same loss for raw logits of a linear head, for models whose head cannot be normalized; then
    /// it is not the method of the paper.
    pub fn on_linear_head(mut self) -> Self {
        self.head = Head::Linear;
        self
    }

    /// LDAM alone up to epoch `last_before`, then with effective-number weights: LDAM-DRW.
    ///
    /// # Errors
    /// [`ParamError`] when beta is outside [0, 1).
    pub fn with_deferred_weights(
        self,
        counts: &ClassCounts,
        beta: f64,
        last_before: u32,
    ) -> Result<Deferred<Self, Self>, ParamError> {
        Ok(Deferred {
            after: self.clone().weights(effective_number(counts, beta)?)?,
            before: self,
            last_before,
        })
    }

    /// The margin of each class.
    pub fn margins(&self) -> &[f64] {
        &self.margins
    }
}

impl Loss for Ldam {
    fn name(&self) -> &'static str {
        "ldam"
    }

    fn describe(&self) -> String {
        format!(
            "ldam(margins={:?}, scale={}, weights={:?})",
            self.margins, self.scale, self.weights
        )
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        check_batch(logits, targets)?;
        let margins = at_targets(&self.margins, logits, targets)?;
        CrossEntropy.per_sample(&((logits - margins)? * self.scale)?, targets)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(self)
    }

    fn n_classes(&self) -> Option<usize> {
        Some(self.margins.len())
    }

    fn class_weights(&self) -> Option<&[f64]> {
        self.weights.as_deref()
    }

    fn logit_scale(&self) -> f64 {
        self.scale
    }

    fn head(&self) -> Head {
        self.head
    }
}

impl RowKernel for Ldam {
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
        for (slot, z) in gradient.iter_mut().zip(logits) {
            *slot = self.scale * z;
        }
        gradient[target] -= self.scale * self.margins[target];
        let log_p = softmax_in_place(gradient, target);
        gradient[target] -= 1.0;
        for slot in gradient {
            *slot *= self.scale;
        }
        -log_p
    }
}
