//! Networks as CPU code: one flat parameter vector, forward and backward passes into buffers that are kept.
//!
//! The candle form of a model is its definition; this is the same network without a graph, without
//! temporaries and with the products in one place. A test holds the two together for every layer and loss.
//!
//! A batch is cut into parts of a fixed number of rows. Parts may run side by side; their gradients are
//! added in order, so the number of threads changes no bit.

mod conv;
mod cosine;
mod dense;
mod part;
mod pieces;
mod pooling;

pub(crate) use conv::Conv;
pub(crate) use cosine::CosineHead;
pub(crate) use dense::{After, Dense};
pub(crate) use part::Part;
pub(crate) use pieces::Pieces;

use std::{fmt::Debug, ops::Range};

/// Numbers that a layer needs of each kind.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sizes {
    /// Values of a row that go in.
    pub(crate) inputs: usize,
    /// Values of a row that come out.
    pub(crate) outputs: usize,
    /// Parameters.
    pub(crate) parameters: usize,
    /// Small notes a row that the backward pass reads.
    pub(crate) notes: usize,
    /// Values a row that the backward pass reads.
    pub(crate) kept: usize,
    /// Values that are needed while a pass runs.
    pub(crate) scratch: usize,
    /// Multiplications of a forward pass, a row.
    pub(crate) products: usize,
}

/// Buffers of a pass, as long as the layer's [`Sizes`] say for the rows of the part.
#[derive(Debug)]
pub(crate) struct Room<'a> {
    /// Factors of the outputs, 0 for units that are dropped; empty in evaluation.
    pub(crate) mask: &'a [f32],
    pub(crate) notes: &'a mut [u8],
    pub(crate) kept: &'a mut [f32],
    pub(crate) scratch: &'a mut [f32],
}

/// What a backward pass starts from.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Done<'a> {
    pub(crate) parameters: &'a [f32],
    pub(crate) input: &'a [f32],
    pub(crate) output: &'a [f32],
}

/// A part of a network, most with parameters of its own.
pub(crate) trait Layer: Debug + Send + Sync {
    fn sizes(&self) -> Sizes;

    /// Share of its outputs that are dropped in training.
    fn dropout(&self) -> f64 {
        0.0
    }

    /// The same layer on a graphics card, where there are passes for it.
    fn on_card(&self) -> Option<art_cuda::Layer> {
        None
    }

    /// The outputs of the rows of `input`.
    fn forward(&self, parameters: &[f32], input: &[f32], output: &mut [f32], room: Room<'_>);

    /// Writes the gradients with respect to the parameters to `gradient` and those by the input to `input_gradients`, where
    /// anyone wants them. `gradients`, those by the output, may be written over.
    fn backward(
        &self,
        done: Done<'_>,
        gradients: &mut [f32],
        gradient: &mut [f32],
        input_gradients: Option<&mut [f32]>,
        room: Room<'_>,
    );
}

/// A network of layers in sequence, whose parameters lie one layer after the other.
#[derive(Debug)]
pub struct Network {
    pub(crate) layers: Vec<Box<dyn Layer>>,
    /// Where the parameters of each layer lie.
    places: Vec<Range<usize>>,
}

/// Parts of a network with much to multiply have this many rows: enough for an efficient product, few
/// enough to share a batch among threads.
const PART: usize = 32;
/// Networks with fewer multiplications in such a part are not worth sharing.
const WORTH_SHARING: usize = 8_000_000;

impl Network {
    pub(crate) fn new(layers: Vec<Box<dyn Layer>>) -> Self {
        for pair in layers.windows(2) {
            assert_eq!(
                pair[0].sizes().outputs,
                pair[1].sizes().inputs,
                "layers fit together"
            );
        }
        let mut end = 0;
        let sizes = layers.iter().map(|layer| layer.sizes().parameters);
        let place = |n| {
            end += n;
            end - n..end
        };
        let places = sizes.map(place).collect();
        Self { layers, places }
    }

    /// Its layers on a graphics card, where there are passes for all of them.
    #[cfg_attr(not(feature = "cuda"), allow(dead_code, reason = "there is no card"))]
    pub(crate) fn on_card(&self) -> Option<Vec<art_cuda::Layer>> {
        self.layers.iter().map(|layer| layer.on_card()).collect()
    }

    pub(crate) fn n_parameters(&self) -> usize {
        self.places.last().map_or(0, |last| last.end)
    }

    /// Whether anyone wants the gradients with respect to the input of a layer: there are parameters before it.
    fn wants_gradients_before(&self, layer: usize) -> bool {
        self.places[layer].start > 0
    }

    /// Rows of a part of a batch, whatever the number of threads.
    pub(crate) fn part_rows(&self, batch_size: usize) -> usize {
        let products: usize = self.layers.iter().map(|layer| layer.sizes().products).sum();
        if products * PART < WORTH_SHARING {
            batch_size
        } else {
            PART
        }
    }
}
