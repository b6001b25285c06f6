use crate::{
    cross_entropy::CrossEntropy,
    error::LossError,
    kernel::RowKernel,
    kernel::softmax_in_place,
    loss::{Loss, check_batch, per_class},
};
use art_core::{
    ClassCounts, ParamError,
    elementary::{exp, ln},
};
use candle_core::Tensor;

/// Stands for ln 0: far below any logit, and still a number.
const ABSENT: f64 = -1e9;

/// Balanced softmax: cross-entropy on `o_j = z_j + τ ln n_j`; predictions take `z`.
///
/// The shift asks the logits to explain what the class frequencies do not. Gradient:
/// `softmax(o)_j − [j = y]`. τ = 1 is balanced softmax, other τ the logit-adjusted loss; only differences
/// of `ln n_j` matter, so counts and priors give the same loss.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `tau` | 1 | 0 to 3 |
///
/// A class without rows is left out of the sum; for a row of that class itself it counts as one row. With a sampler in front, the counts to give are those
/// that the sampler makes, not those of the data.
///
/// # References
/// Ren, Yu, Sheng, Ma, Zhao, Yi and Li (2020), "Balanced meta-softmax for long-tailed visual
/// recognition", NeurIPS, arXiv 2007.10740; Menon, Jayasumana, Rawat, Jain, Veit and Kumar (2021),
/// "Long-tail learning via logit adjustment", ICLR, arXiv 2007.07314.
#[derive(Clone, Debug)]
pub struct BalancedSoftmax {
    shift: Vec<f64>,
    /// The shift of a row's own class.
    own_shift: Vec<f64>,
    tau: f64,
}

impl BalancedSoftmax {
    /// The loss for these class counts with strength `tau`.
    ///
    /// # Errors
    /// [`ParamError`] when tau is negative or not finite.
    pub fn new(counts: &ClassCounts, tau: f64) -> Result<Self, ParamError> {
        if !(tau >= 0.0 && tau.is_finite()) {
            return Err(ParamError::new(
                "tau",
                tau,
                "a finite number of at least 0, usually up to 3",
            ));
        }
        let total = counts.n_rows() as f64;
        let shift = |n: usize| tau * ln(n as f64 / total);
        let counts = counts.as_slice();
        Ok(Self {
            shift: counts
                .iter()
                .map(|&n| if n == 0 { ABSENT } else { shift(n) })
                .collect(),
            own_shift: counts.iter().map(|&n| shift(n.max(1))).collect(),
            tau,
        })
    }
}

impl BalancedSoftmax {
    /// Turns logits in `gradient` into the derivative by them; returns the loss.
    pub(crate) fn differentiate(&self, gradient: &mut [f64], target: usize) -> f64 {
        let own = gradient[target] + self.own_shift[target];
        for (slot, shift) in gradient.iter_mut().zip(&self.shift) {
            *slot += shift;
        }
        gradient[target] = own;
        let log_p = softmax_in_place(gradient, target);
        gradient[target] -= 1.0;
        -log_p
    }
}

impl Loss for BalancedSoftmax {
    fn name(&self) -> &'static str {
        "balanced-softmax"
    }

    fn describe(&self) -> String {
        format!("balanced-softmax(shift={:?}, tau={})", self.shift, self.tau)
    }

    fn n_classes(&self) -> Option<usize> {
        Some(self.shift.len())
    }

    /// The shift stands in for the shares, so that the logits do not: `π^(1 − τ)` is left of them.
    fn prior_factors(&self) -> Option<Vec<f64>> {
        let factor = |&shift: &f64| {
            if shift > ABSENT { exp(-shift) } else { 1.0 }
        };
        Some(self.shift.iter().map(factor).collect())
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        check_batch(logits, targets)?;
        let shift = per_class(&self.shift, logits)?;
        if self.shift == self.own_shift {
            return CrossEntropy.per_sample(&logits.broadcast_add(&shift)?, targets);
        }
        let k = self.shift.len();
        let of_row = |y: usize| {
            let mut shift = self.shift.clone();
            shift[y] = self.own_shift[y];
            shift
        };
        let by_target: Vec<f64> = (0..k).flat_map(of_row).collect();
        let by_target = Tensor::from_vec(by_target, (k, k), logits.device())?;
        let shift = by_target
            .to_dtype(logits.dtype())?
            .index_select(targets, 0)?;
        CrossEntropy.per_sample(&(logits + shift)?, targets)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(self)
    }
}

impl RowKernel for BalancedSoftmax {
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
        gradient.copy_from_slice(logits);
        self.differentiate(gradient, target)
    }
}
