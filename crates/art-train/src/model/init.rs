//! Initial weights from named streams.
//!
//! # References
//! He, Zhang, Ren and Sun (2015), "Delving deep into rectifiers", doi 10.1109/ICCV.2015.123.

use crate::error::TrainError;
use art_core::Stream;
use candle_core::{Device, Var};

/// What follows the layer.
#[derive(Clone, Copy, Debug)]
pub(super) enum Gain {
    /// A rectifier: variance 2 / `fan_in`.
    Relu,
    /// Nothing: variance 1 / `fan_in`.
    Linear,
}

/// A weight matrix `(fan_out, fan_in)`, uniform with mean 0 and the variance of `gain`.
pub(super) fn uniform_weight(
    fan_out: usize,
    fan_in: usize,
    gain: Gain,
    stream: &mut Stream,
    device: &Device,
) -> Result<Var, TrainError> {
    let variance = match gain {
        Gain::Relu => 2.0,
        Gain::Linear => 1.0,
    } / fan_in as f64;
    let bound = (3.0 * variance).sqrt();
    let values: Vec<f32> = (0..fan_out * fan_in)
        .map(|_| ((2.0 * stream.unit() - 1.0) * bound) as f32)
        .collect();
    Ok(Var::from_vec(values, (fan_out, fan_in), device)?)
}
