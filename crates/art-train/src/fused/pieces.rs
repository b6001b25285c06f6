//! Numbers that enter a network piece by piece.

use super::{Done, Layer, Room, Sizes};
use pulp::{Simd, WithSimd};
use std::ops::Range;

/// Rows followed by their pieces: for two neighboring knots `low` and `high` of a column whose value is `x`, the share
/// `min(max((x - low) / (high - low), 0), 1)`. Columns follow one another, and the pieces of a column from its lowest knot on.
///
/// Both forms of a network compute this from the same numbers by the same operations, so that they agree to the bit.
#[derive(Clone, Debug)]
pub(crate) struct Pieces {
    /// Columns that a row has.
    inputs: usize,
    /// The columns that have pieces, and which are theirs.
    columns: Vec<(usize, Range<usize>)>,
    /// The lower knot of each piece.
    lows: Vec<f32>,
    /// From there to the upper one.
    widths: Vec<f32>,
}

impl Pieces {
    /// Those of the `knots` of each column of a row, which rise; a column without any has no piece.
    pub(crate) fn new(knots: &[Vec<f32>]) -> Self {
        let mut pieces = Self {
            inputs: knots.len(),
            columns: vec![],
            lows: vec![],
            widths: vec![],
        };
        for (column, knots) in knots.iter().enumerate() {
            let first = pieces.lows.len();
            for pair in knots.windows(2) {
                pieces.lows.push(pair[0]);
                pieces.widths.push(pair[1] - pair[0]);
            }
            if pieces.lows.len() > first {
                pieces.columns.push((column, first..pieces.lows.len()));
            }
        }
        pieces
    }

    /// The column of each piece.
    pub(crate) fn columns(&self) -> Vec<u32> {
        let columns = self.columns.iter();
        let of = |(column, pieces): &(usize, Range<usize>)| vec![*column as u32; pieces.len()];
        columns.flat_map(of).collect()
    }

    /// The lower knot of each piece.
    pub(crate) fn lows(&self) -> &[f32] {
        &self.lows
    }

    /// The distance of the knots of each piece.
    pub(crate) fn widths(&self) -> &[f32] {
        &self.widths
    }
}

impl Layer for Pieces {
    fn sizes(&self) -> Sizes {
        Sizes {
            inputs: self.inputs,
            outputs: self.inputs + self.lows.len(),
            ..Sizes::default()
        }
    }

    fn on_card(&self) -> Option<art_cuda::Layer> {
        Some(art_cuda::Layer::Pieces {
            inputs: self.inputs,
            columns: self.columns(),
            lows: self.lows.clone(),
            widths: self.widths.clone(),
        })
    }

    fn forward(&self, _: &[f32], input: &[f32], output: &mut [f32], _: Room<'_>) {
        pulp::Arch::new().dispatch(Expand {
            pieces: self,
            input,
            output,
        });
    }

    /// Nothing: there is no parameter, here or before.
    fn backward(
        &self,
        _: Done<'_>,
        _: &mut [f32],
        _: &mut [f32],
        input_gradients: Option<&mut [f32]>,
        _: Room<'_>,
    ) {
        assert!(input_gradients.is_none(), "pieces are made of rows");
    }
}

struct Expand<'a> {
    pieces: &'a Pieces,
    input: &'a [f32],
    output: &'a mut [f32],
}

impl WithSimd for Expand<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let Pieces {
            inputs,
            columns,
            lows,
            widths,
        } = self.pieces;
        let rows = self.input.chunks_exact(*inputs);
        let slots = self.output.chunks_exact_mut(inputs + lows.len());
        for (row, slots) in rows.zip(slots) {
            let (own, shares) = slots.split_at_mut(*inputs);
            own.copy_from_slice(row);
            for (column, pieces) in columns {
                let x = row[*column];
                let lows = lows[pieces.clone()].iter();
                let knots = lows.zip(&widths[pieces.clone()]);
                for (share, (low, width)) in shares[pieces.clone()].iter_mut().zip(knots) {
                    *share = ((x - low) / width).clamp(0.0, 1.0);
                }
            }
        }
    }
}
