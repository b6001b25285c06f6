//! Tensor operations that models share.

use super::Parameter;
use crate::error::TrainError;
use candle_core::{D, DType, Tensor};

/// `x Wᵀ + b`.
pub(super) fn linear(
    x: &Tensor,
    weight: &Parameter,
    bias: &Parameter,
) -> Result<Tensor, TrainError> {
    Ok(x.matmul(&weight.var.t()?)?.broadcast_add(&bias.var)?)
}

/// `max(x, 0)`, whose gradient at 0 is 0.
pub(super) fn rectify(x: &Tensor) -> Result<Tensor, TrainError> {
    // The tensor library's own rectifier has the gradient 1 at 0.
    let positive = x.gt(0.0)?.to_dtype(DType::F32)?;
    Ok((x * positive)?)
}

/// The largest of each 2 × 2 pixels of `(batch, channels, height, width)`, both even; ties go to the first
/// in reading order, and so does their whole gradient.
pub(super) fn pool(x: &Tensor) -> Result<Tensor, TrainError> {
    // Picking by position has the right derivative, which the tensor library's pooling has not: it
    // divides it by the number of pixels (`tests/candle_pitfalls.rs`).
    let (batch, channels, height, width) = x.dims4()?;
    let windows = x
        .reshape((batch * channels, height / 2, 2, width / 2, 2))?
        .transpose(2, 3)?
        .contiguous()?
        .reshape((batch * channels * height / 2 * width / 2, 4))?;
    let largest = windows.argmax_keepdim(D::Minus1)?;
    let pooled = windows.gather(&largest, D::Minus1)?;
    Ok(pooled.reshape((batch, channels, height / 2, width / 2))?)
}

/// What a last layer makes of its inputs: with a bias it is linear, without one its logits are cosines.
pub(super) fn logits(x: &Tensor, parameters: &[Parameter]) -> Result<Tensor, TrainError> {
    match parameters {
        [weight, bias] => linear(x, weight, bias),
        [weight] => Ok(unit_rows(x)?.matmul(&unit_rows(&weight.var)?.t()?)?),
        _ => unreachable!("a head has a weight and at most a bias"),
    }
}

/// Each row divided by its length.
fn unit_rows(x: &Tensor) -> Result<Tensor, TrainError> {
    const SHORTEST: f64 = 1e-12;
    // The square root has no gradient at 0, so the length is kept away from it before the root is taken.
    let squared = x
        .sqr()?
        .sum_keepdim(1)?
        .clamp(SHORTEST * SHORTEST, f64::MAX.sqrt())?;
    Ok(x.broadcast_div(&squared.sqrt()?)?)
}
