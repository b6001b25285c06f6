//! Tensor operations that models share.

use super::Parameter;
use crate::TrainError;
use candle_core::{D, DType, Tensor};

/// `x Wᵀ + b`.
pub(super) fn linear(
    x: &Tensor,
    weight: &Parameter,
    bias: &Parameter,
) -> Result<Tensor, TrainError> {
    Ok(x.matmul(&weight.var.t()?)?.broadcast_add(&bias.var)?)
}

/// `max(x, 0)`, whose slope at 0 is 0.
pub(super) fn rectify(x: &Tensor) -> Result<Tensor, TrainError> {
    // The tensor library's own rectifier has the slope 1 at 0.
    let positive = x.gt(0.0)?.to_dtype(DType::F32)?;
    Ok((x * positive)?)
}

/// The largest of each 2 × 2 pixels of `(batch, channels, height, width)`, both even; ties go to the first
/// in reading order, and so does their whole slope.
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
