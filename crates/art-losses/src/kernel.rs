//! Losses on the CPU: rows, weights, selection and reduction in f64.

use crate::{error::LossError, reduction::Reduction};
use art_core::elementary::{exp, ln};
use candle_core::{Device, Tensor, Var};
use pulp::{Arch, Simd, WithSimd};
use std::cell::RefCell;

/// Value and gradient of one row on the CPU, in f64.
pub trait RowKernel {
    /// The unweighted loss ℓ of a row; writes `dℓ/dz` to `gradient`.
    ///
    /// `logits` and `gradient` have one entry a class, `target` is one of them.
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64;
}

/// A batch that has been checked.
pub(crate) struct Batch<'a> {
    pub(crate) logits: &'a [f64],
    pub(crate) targets: &'a [u32],
    pub(crate) n_classes: usize,
    pub(crate) weights: Option<&'a [f64]>,
    pub(crate) reduction: Reduction,
}

/// The number of classes, once everything fits together.
pub(crate) fn check(
    logits: &[f64],
    targets: &[u32],
    gradient: &[f64],
    made_for: Option<usize>,
) -> Result<usize, LossError> {
    let batch = targets.len();
    let fits = gradient.len() == logits.len()
        && (if batch == 0 {
            logits.is_empty()
        } else {
            logits.len().is_multiple_of(batch)
        });
    if !fits {
        return Err(LossError::Lengths {
            logits: logits.len(),
            targets: batch,
            gradient: gradient.len(),
        });
    }
    let n_classes = logits.len().checked_div(batch).unwrap_or(0);
    if let Some(row) = targets
        .iter()
        .position(|&target| target as usize >= n_classes)
    {
        return Err(LossError::Target {
            row,
            target: targets[row],
            n_classes,
        });
    }
    if let Some(place) = logits.iter().position(|logit| !logit.is_finite()) {
        return Err(LossError::NonFinite {
            row: place / n_classes,
            class: place % n_classes,
            value: logits[place],
        });
    }
    match made_for {
        Some(found) if batch > 0 && found != n_classes => Err(LossError::Classes {
            expected: n_classes,
            found,
        }),
        _ => Ok(n_classes),
    }
}

thread_local! {
    /// The loss of each row, kept from batch to batch: a training step should not allocate.
    static LOSSES: RefCell<Vec<f64>> = const { RefCell::new(vec![]) };
}

/// Value and gradient of a checked batch.
pub(crate) fn reduce(
    kernel: &dyn RowKernel,
    batch: &Batch<'_>,
    select: &dyn Fn(&[f64]) -> Option<Vec<usize>>,
    gradient: &mut [f64],
) -> f64 {
    let rows = batch.targets.len();
    if rows == 0 {
        return 0.0;
    }
    // Taken out while it is used: a loss may be made of others.
    let mut losses = LOSSES.take();
    losses.clear();
    let k = batch.n_classes;
    let of_rows = batch.logits.chunks_exact(k).zip(batch.targets);
    for ((logits, &target), gradient) in of_rows.zip(gradient.chunks_exact_mut(k)) {
        losses.push(kernel.row(logits, target as usize, gradient));
    }
    let mut kept = select(&losses);
    if let Some(kept) = &mut kept {
        kept.sort_unstable();
    }
    let weight = |row: usize| {
        let weights = batch.weights;
        weights.map_or(1.0, |weights| weights[batch.targets[row] as usize])
    };
    let is_kept = |row: usize| {
        let kept = kept.as_ref();
        kept.is_none_or(|kept| kept.binary_search(&row).is_ok())
    };
    let share = |row: usize| if is_kept(row) { weight(row) } else { 0.0 };
    let divisor = match (batch.weights, batch.reduction) {
        (Some(_), Reduction::WeightedMean) => (0..rows).map(share).sum(),
        _ => kept.as_ref().map_or(rows, Vec::len) as f64,
    };
    let mut total = 0.0;
    for (row, (loss, gradient)) in losses.iter().zip(gradient.chunks_exact_mut(k)).enumerate() {
        let share = share(row);
        total += loss * share;
        for slot in gradient {
            *slot *= share / divisor;
        }
    }
    LOSSES.set(losses);
    total / divisor
}

/// Value and gradient by automatic differentiation, for a loss without a kernel.
pub(crate) fn differentiate(
    forward: &dyn Fn(&Tensor, &Tensor) -> Result<Tensor, LossError>,
    logits: &[f64],
    targets: &[u32],
    n_classes: usize,
    gradient: &mut [f64],
) -> Result<f64, LossError> {
    if targets.is_empty() {
        return Ok(0.0);
    }
    let shape = (targets.len(), n_classes);
    let logits = Var::from_slice(logits, shape, &Device::Cpu)?;
    let targets = Tensor::new(targets, &Device::Cpu)?;
    let loss = forward(&logits, &targets)?;
    let gradients = loss.backward()?;
    match gradients.get(&logits) {
        Some(found) => gradient.copy_from_slice(&found.flatten_all()?.to_vec1::<f64>()?),
        None => gradient.fill(0.0),
    }
    Ok(loss.to_scalar::<f64>()?)
}

/// Writes `softmax(z)` to `probabilities` and returns `ln softmax(z)[target]`.
pub(crate) fn softmax(z: &[f64], target: usize, probabilities: &mut [f64]) -> f64 {
    probabilities.copy_from_slice(z);
    softmax_in_place(probabilities, target)
}

/// Turns each number into its exponential; the largest of them is 0.
pub(crate) fn exponentiate(z: &mut [f64]) {
    /// Fewer are done before vectors are chosen.
    const FEW: usize = 4;
    match z {
        // One of them is 0, whose exponential is 1, and their sum is the other.
        [a, b] => {
            let other = exp(*a + *b);
            (*a, *b) = if a < b { (other, 1.0) } else { (1.0, other) };
        }
        z if z.len() < FEW => {
            for z in z {
                *z = exp(*z);
            }
        }
        z => Arch::new().dispatch(Exponentiate(z)),
    }
}

/// [`exponentiate`], compiled for the processor.
struct Exponentiate<'a>(&'a mut [f64]);

impl WithSimd for Exponentiate<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for z in self.0 {
            *z = exp(*z);
        }
    }
}

/// Turns logits into probabilities and returns the logarithm of that of `target`.
pub(crate) fn softmax_in_place(z: &mut [f64], target: usize) -> f64 {
    let largest = z.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let of_target = z[target] - largest;
    let mut sum = 0.0;
    for z in &mut *z {
        *z -= largest;
    }
    exponentiate(z);
    for z in &*z {
        sum += *z;
    }
    for z in z {
        *z /= sum;
    }
    of_target - ln(sum)
}
