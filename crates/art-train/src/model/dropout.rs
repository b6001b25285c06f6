//! Dropout with masks from a named stream, so that a resumed run drops the same units.
//!
//! # References
//! Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple way to
//! prevent neural networks from overfitting", JMLR 15.

use crate::TrainError;
use art_core::Stream;
use candle_core::Tensor;

/// `x` with each element zeroed with probability `rate` and the others scaled by `1 / (1 − rate)`.
pub(super) fn dropout(x: &Tensor, rate: f64, stream: &mut Stream) -> Result<Tensor, TrainError> {
    let kept = (1.0 / (1.0 - rate)) as f32;
    let mask: Vec<f32> = (0..x.elem_count())
        .map(|_| if stream.unit() < rate { 0.0 } else { kept })
        .collect();
    let mask = Tensor::from_vec(mask, x.shape(), x.device())?;
    Ok((x * mask)?)
}
