//! Dropout with masks from a named stream, so that a resumed run drops the same units.
//!
//! # References
//! Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple way to
//! prevent neural networks from overfitting", JMLR 15.

use crate::error::TrainError;
use art_core::Stream;
use candle_core::Tensor;
use pulp::{Simd, WithSimd};
use rand::RngCore;

/// Writes the factor of each unit to `mask`: 0 with probability `rate`, else `1 / (1 − rate)`.
///
/// Each number of the stream decides four units, its lowest 16 bits the first of them: a unit is dropped
/// where they are below `rate · 2¹⁶`, rounded, so the rate is met to 2⁻¹⁷.
pub(crate) fn fill_dropout_mask(stream: &mut Stream, rate: f64, mask: &mut [f32]) {
    /// Numbers of the stream that are drawn before they are looked at.
    const NUMBERS: usize = 32;
    const UNITS: usize = 4;
    let bound = (rate * f64::from(1_u32 << 16)).round() as u32;
    let kept = (1.0 / (1.0 - rate)) as f32;
    let simd = pulp::Arch::new();
    for mask in mask.chunks_mut(NUMBERS * UNITS) {
        let mut numbers = [[0_u16; UNITS]; NUMBERS];
        for number in &mut numbers[..mask.len().div_ceil(UNITS)] {
            let bits = stream.next_u64();
            *number = std::array::from_fn(|unit| (bits >> (16 * unit)) as u16);
        }
        simd.dispatch(Decide {
            numbers: numbers.as_flattened(),
            bound,
            kept,
            mask,
        });
    }
}

/// The factors of units, from a number of 16 bits each.
struct Decide<'a> {
    numbers: &'a [u16],
    bound: u32,
    kept: f32,
    mask: &'a mut [f32],
}

impl WithSimd for Decide<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (factor, &number) in self.mask.iter_mut().zip(self.numbers) {
            *factor = if u32::from(number) < self.bound {
                0.0
            } else {
                self.kept
            };
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
