use super::{Done, Network, Room};

/// A part of a batch on its way through a network.
#[derive(Debug)]
pub(crate) struct Part {
    /// The input, then the output of each layer; the last one holds the logits.
    values: Vec<Vec<f32>>,
    /// The gradients with respect to each of them; empty for what no parameter changes.
    gradients: Vec<Vec<f32>>,
    notes: Vec<Vec<u8>>,
    kept: Vec<Vec<f32>>,
    scratch: Vec<f32>,
    /// The gradients with respect to the parameters.
    pub(crate) gradient: Vec<f32>,
    rows: usize,
}

impl Part {
    /// Buffers for both passes of at most `rows` rows.
    pub(crate) fn new(network: &Network, rows: usize) -> Self {
        let layers = network.layers.iter().zip(&network.places);
        // None by what has no parameter before it.
        let outputs = layers.map(|(layer, place)| match place.end {
            0 => 0,
            _ => layer.sizes().outputs,
        });
        let gradients = std::iter::once(0)
            .chain(outputs)
            .map(|n| vec![0.0; n * rows]);
        Self {
            gradients: gradients.collect(),
            gradient: vec![0.0; network.n_parameters()],
            ..Self::for_evaluation(network, rows)
        }
    }

    /// Buffers for the forward pass of at most `rows` rows.
    pub(crate) fn for_evaluation(network: &Network, rows: usize) -> Self {
        let sizes: Vec<_> = network.layers.iter().map(|layer| layer.sizes()).collect();
        let inputs = sizes.first().map(|first| first.inputs);
        let widths = inputs.into_iter().chain(sizes.iter().map(|s| s.outputs));
        Self {
            values: widths.map(|n| vec![0.0; n * rows]).collect(),
            gradients: vec![],
            notes: sizes.iter().map(|s| vec![0; s.notes * rows]).collect(),
            kept: sizes.iter().map(|s| vec![0.0; s.kept * rows]).collect(),
            scratch: vec![0.0; sizes.iter().map(|s| s.scratch).max().unwrap_or(0)],
            gradient: vec![],
            rows: 0,
        }
    }

    /// Copies the rows `rows` of `features` in.
    pub(crate) fn load(
        &mut self,
        features: &[f32],
        rows: impl ExactSizeIterator<Item = usize>,
        width: usize,
    ) {
        self.rows = rows.len();
        for (slot, row) in self.values[0].chunks_exact_mut(width).zip(rows) {
            slot.copy_from_slice(&features[row * width..][..width]);
        }
    }

    /// Mixes each row that was loaded with its partner: `own` of it and the rest of the other.
    pub(crate) fn mix(&mut self, features: &[f32], partners: &[u32], own: f32, width: usize) {
        for (slot, &partner) in self.values[0].chunks_exact_mut(width).zip(partners) {
            let partner = &features[partner as usize * width..][..width];
            for (x, other) in slot.iter_mut().zip(partner) {
                *x = own * *x + (1.0 - own) * other;
            }
        }
    }

    /// Runs the rows through `network` and returns their logits. `mask` has the factors of each layer's
    /// outputs.
    pub(crate) fn forward<'m>(
        &mut self,
        network: &Network,
        parameters: &[f32],
        mask: impl Fn(usize) -> &'m [f32],
    ) -> &[f32] {
        for (index, layer) in network.layers.iter().enumerate() {
            let sizes = layer.sizes();
            let (before, after) = self.values.split_at_mut(index + 1);
            layer.forward(
                &parameters[network.places[index].clone()],
                &before[index][..self.rows * sizes.inputs],
                &mut after[0][..self.rows * sizes.outputs],
                Room {
                    mask: mask(index),
                    notes: &mut self.notes[index][..self.rows * sizes.notes],
                    kept: &mut self.kept[index][..self.rows * sizes.kept],
                    scratch: &mut self.scratch[..sizes.scratch],
                },
            );
        }
        let last = network.layers.len();
        let width = network.layers[last - 1].sizes().outputs;
        &self.values[last][..self.rows * width]
    }

    /// What the last layer was applied to.
    pub(crate) fn features(&self, network: &Network) -> &[f32] {
        let last = network.layers.len() - 1;
        &self.values[last][..self.rows * network.layers[last].sizes().inputs]
    }

    /// Fills the gradient, given the gradients with respect to the logits and what is to be added to those of the
    /// features: nothing where that is empty.
    pub(crate) fn backward<'m>(
        &mut self,
        network: &Network,
        parameters: &[f32],
        logit_gradients: &[f64],
        feature_gradients: &[f32],
        mask: impl Fn(usize) -> &'m [f32],
    ) {
        let last = network.layers.len();
        for (slot, &gradient) in self.gradients[last].iter_mut().zip(logit_gradients) {
            *slot = gradient as f32;
        }
        for (index, layer) in network.layers.iter().enumerate().rev() {
            let place = network.places[index].clone();
            if place.end == 0 {
                // No parameter here, nor before.
                break;
            }
            let wants_gradients = network.wants_gradients_before(index);
            let sizes = layer.sizes();
            let (before, after) = self.gradients.split_at_mut(index + 1);
            layer.backward(
                Done {
                    parameters: &parameters[place.clone()],
                    input: &self.values[index][..self.rows * sizes.inputs],
                    output: &self.values[index + 1][..self.rows * sizes.outputs],
                },
                &mut after[0][..self.rows * sizes.outputs],
                &mut self.gradient[place],
                wants_gradients.then(|| &mut before[index][..self.rows * sizes.inputs]),
                Room {
                    mask: mask(index),
                    notes: &mut self.notes[index][..self.rows * sizes.notes],
                    kept: &mut self.kept[index][..self.rows * sizes.kept],
                    scratch: &mut self.scratch[..sizes.scratch],
                },
            );
            if index + 1 == last && wants_gradients {
                for (slot, gradient) in before[index].iter_mut().zip(feature_gradients) {
                    *slot += gradient;
                }
            }
        }
    }
}
