//! Dropout with masks from a named stream, so that a resumed run drops the same units.
//!
//! # References
//! Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple way to
//! prevent neural networks from overfitting", JMLR 15.

use crate::TrainError;
use art_core::Stream;
use candle_core::Tensor;
use rand::RngCore;

/// Writes the factor of each unit to `mask`: 0 with probability `rate`, else `1 / (1 − rate)`.
///
/// Each number of the stream decides four units, its lowest 16 bits the first of them: a unit is dropped
/// where they are below `rate · 2¹⁶`, rounded, so the rate is met to 2⁻¹⁷.
pub(crate) fn fill_dropout_mask(stream: &mut Stream, rate: f64, mask: &mut [f32]) {
    const UNITS: usize = 4;
    let bound = (rate * f64::from(1_u32 << 16)).round() as u64;
    let kept = (1.0 / (1.0 - rate)) as f32;
    for units in mask.chunks_mut(UNITS) {
        let mut bits = stream.next_u64();
        for factor in units {
            *factor = if bits & 0xffff < bound { 0.0 } else { kept };
            bits >>= 16;
        }
    }
}

/// `x` with each element times its factor of [`fill_dropout_mask`].
pub(super) fn dropout(x: &Tensor, rate: f64, stream: &mut Stream) -> Result<Tensor, TrainError> {
    let mut mask = vec![0.0_f32; x.elem_count()];
    fill_dropout_mask(stream, rate, &mut mask);
    let mask = Tensor::from_vec(mask, x.shape(), x.device())?;
    Ok((x * mask)?)
}
