//! Numbers piece by piece, as tensor operations.

use crate::{error::TrainError, fused::Pieces};
use candle_core::{Device, Tensor};

/// [`Pieces`] as tensors on the network's device.
#[derive(Clone, Debug)]
pub(super) struct PieceTensors {
    /// `(pieces)`, u32.
    columns: Tensor,
    /// `(1, pieces)`.
    lows: Tensor,
    /// `(1, pieces)`.
    widths: Tensor,
}

impl PieceTensors {
    pub(super) fn new(pieces: &Pieces, device: &Device) -> Result<Self, TrainError> {
        let columns = pieces.columns();
        let n = columns.len();
        Ok(Self {
            columns: Tensor::from_vec(columns, n, device)?,
            lows: Tensor::from_slice(pieces.lows(), (1, n), device)?,
            widths: Tensor::from_slice(pieces.widths(), (1, n), device)?,
        })
    }

    /// The rows followed by their pieces.
    pub(super) fn expand(&self, rows: &Tensor) -> Result<Tensor, TrainError> {
        let x = rows.index_select(&self.columns, 1)?;
        let shares = x.broadcast_sub(&self.lows)?.broadcast_div(&self.widths)?;
        Ok(Tensor::cat(&[rows, &shares.clamp(0_f32, 1_f32)?], 1)?)
    }
}
