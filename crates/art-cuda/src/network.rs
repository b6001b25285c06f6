//! A network in training on a card.

use crate::{
    driver::{Card, CardError},
    jumps::State,
    launch::ConvShape,
    layer::Layer,
};
use cudarc::driver::CudaSlice;
use std::ops::Range;

/// The rows of a table, on a card.
#[derive(Debug)]
pub struct Table {
    values: CudaSlice<f32>,
    n_rows: usize,
    width: usize,
}

impl Table {
    /// Rows of `width` numbers each, one after another.
    ///
    /// # Errors
    /// [`CardError`] where the card has no room.
    pub fn new(card: &Card, values: &[f32], width: usize) -> Result<Self, CardError> {
        assert!(
            width > 0 && values.len().is_multiple_of(width),
            "whole rows"
        );
        Ok(Self {
            n_rows: values.len() / width,
            values: card.send(values)?,
            width,
        })
    }
}

/// How the rows of a batch are mixed: `lambda` of each, and the rest of its partner.
#[derive(Clone, Copy, Debug)]
pub struct Mixed<'a> {
    /// The partner of each row.
    pub partners: &'a [u32],
    /// The share of the row itself.
    pub lambda: f32,
}

/// Scales of a step of AdamW.
#[derive(Clone, Copy, Debug)]
pub struct AdamW {
    /// What decaying parameters are multiplied by.
    pub decay: f32,
    /// The learning rate, corrected for the start of the first moment.
    pub first: f32,
    /// The correction for the start of the second.
    pub second: f32,
}

/// A layer with its buffers.
struct Placed {
    layer: Layer,
    /// Where its parameters lie.
    place: Range<usize>,
    output: CudaSlice<f32>,
    /// Those by its output, in a backward pass.
    gradients: CudaSlice<f32>,
    notes: CudaSlice<u8>,
    mask: CudaSlice<f32>,
    partial: CudaSlice<f32>,
    pieces: Option<(CudaSlice<u32>, CudaSlice<f32>, CudaSlice<f32>)>,
}

/// A network, its gradient and its optimizer.
pub struct Network {
    card: Card,
    layers: Vec<Placed>,
    /// Rows that the buffers have room for.
    room: usize,
    parameters: CudaSlice<f32>,
    gradient: CudaSlice<f32>,
    first: CudaSlice<f32>,
    second: CudaSlice<f32>,
    decays: CudaSlice<u8>,
    rows: CudaSlice<u32>,
    partners: CudaSlice<u32>,
    input: CudaSlice<f32>,
    /// Rows of the last forward pass.
    n: usize,
    dropped: bool,
}

impl std::fmt::Debug for Network {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let layers: Vec<&Layer> = self.layers.iter().map(|placed| &placed.layer).collect();
        f.debug_struct("Network")
            .field("card", &self.card)
            .field("layers", &layers)
            .finish_non_exhaustive()
    }
}

impl Network {
    /// Whether a card can train these layers.
    pub fn fits(layers: &[Layer]) -> bool {
        layers
            .iter()
            .all(|layer| conv_shape(layer).is_none_or(ConvShape::fits))
    }

    /// A network of these layers with these parameters, of which those in `decaying` decay; `room` rows go in at a time.
    ///
    /// # Errors
    /// [`CardError`] where the card has no room.
    pub fn new(
        card: Card,
        layers: Vec<Layer>,
        parameters: &[f32],
        decaying: &[Range<usize>],
        room: usize,
    ) -> Result<Self, CardError> {
        assert!(Self::fits(&layers), "layers that fit");
        let n = parameters.len();
        let mut decays = vec![0; n];
        for range in decaying {
            decays[range.clone()].fill(1);
        }
        let (first_layer, mut end) = (layers.first().expect("a layer"), 0);
        let width = first_layer.inputs();
        let mut network = Self {
            layers: vec![],
            room: 0,
            parameters: card.send(parameters)?,
            gradient: card.zeros(n)?,
            first: card.zeros(n)?,
            second: card.zeros(n)?,
            decays: card.send(&decays)?,
            rows: card.zeros(0)?,
            partners: card.zeros(0)?,
            input: card.zeros(width)?,
            n: 0,
            dropped: false,
            card,
        };
        for layer in layers {
            let place = end..end + layer.parameters();
            end = place.end;
            let pieces = match &layer {
                Layer::Pieces {
                    columns,
                    lows,
                    widths,
                    ..
                } => {
                    let card = &network.card;
                    Some((card.send(columns)?, card.send(lows)?, card.send(widths)?))
                }
                _ => None,
            };
            network.layers.push(Placed {
                layer,
                place,
                output: network.card.zeros(0)?,
                gradients: network.card.zeros(0)?,
                notes: network.card.zeros(0)?,
                mask: network.card.zeros(0)?,
                partial: network.card.zeros(0)?,
                pieces,
            });
        }
        assert_eq!(end, n, "the parameters of the layers");
        network.make_room(room)?;
        Ok(network)
    }

    fn make_room(&mut self, room: usize) -> Result<(), CardError> {
        if room <= self.room {
            return Ok(());
        }
        let card = &self.card;
        self.rows = card.zeros(room)?;
        self.partners = card.zeros(room)?;
        self.input = card.zeros(room * self.layers[0].layer.inputs())?;
        for placed in &mut self.layers {
            let n = room * placed.layer.outputs();
            placed.output = card.zeros(n)?;
            placed.gradients = card.zeros(n)?;
            if placed.layer.dropout() > 0.0 {
                placed.mask = card.zeros(n)?;
            }
            if conv_shape(&placed.layer).is_some() {
                placed.notes = card.zeros(n)?;
                placed.partial = card.zeros(card.partial_rows(room) * placed.place.len())?;
            }
        }
        self.room = room;
        Ok(())
    }

    /// The logits of these rows of a table, in training where there is a generator's state for dropout.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn forward(
        &mut self,
        table: &Table,
        rows: &[u32],
        mixed: Option<Mixed<'_>>,
        generator: Option<State>,
        logits: &mut [f32],
    ) -> Result<(), CardError> {
        let n = rows.len();
        assert!(
            rows.iter().all(|&row| (row as usize) < table.n_rows),
            "rows of the table"
        );
        self.make_room(n)?;
        self.card.send_into(rows, &mut self.rows)?;
        let mix = match mixed {
            None => None,
            Some(Mixed { partners, lambda }) => {
                assert!(
                    partners.len() == n
                        && partners.iter().all(|&row| (row as usize) < table.n_rows)
                );
                self.card.send_into(partners, &mut self.partners)?;
                Some((&self.partners, lambda))
            }
        };
        self.card.gather(
            (&table.values, table.width),
            (&self.rows, n),
            mix,
            &mut self.input,
        )?;
        self.pass(n, generator)?;
        self.receive_logits(n, logits)
    }

    /// The logits of every row of a table, without dropout.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn evaluate(&mut self, table: &Table) -> Result<Vec<f32>, CardError> {
        let classes = self.layers[self.layers.len() - 1].layer.outputs();
        let mut logits = vec![0.0; table.n_rows * classes];
        let all: Vec<u32> = (0..table.n_rows as u32).collect();
        for (rows, logits) in all
            .chunks(self.room)
            .zip(logits.chunks_mut(self.room * classes))
        {
            self.forward(table, rows, None, None, logits)?;
        }
        Ok(logits)
    }

    fn receive_logits(&self, n: usize, logits: &mut [f32]) -> Result<(), CardError> {
        let last = &self.layers[self.layers.len() - 1];
        self.card
            .receive(&last.output.slice(..n * last.layer.outputs()), logits)
    }

    fn pass(&mut self, n: usize, generator: Option<State>) -> Result<(), CardError> {
        let card = &self.card;
        let mut drawn = 0;
        for index in 0..self.layers.len() {
            let (before, rest) = self.layers.split_at_mut(index);
            let input = before.last().map_or(&self.input, |placed| &placed.output);
            let Placed {
                layer,
                place,
                output,
                notes,
                mask,
                pieces,
                ..
            } = &mut rest[0];
            let parameters = self.parameters.slice(place.clone());
            match layer {
                Layer::Pieces { inputs, lows, .. } => {
                    let (columns, from, widths) = pieces.as_ref().expect("the pieces of the layer");
                    let of = (columns, from, widths);
                    card.pieces(&input.as_view(), of, output, n, *inputs, lows.len())?;
                }
                Layer::Conv { .. } => {
                    let shape = conv_shape(layer).expect("a convolution");
                    let (weights, bias) = parameters.split_at(place.len() - shape.outputs);
                    card.conv_pool(
                        &input.as_view(),
                        (&weights, &bias),
                        output,
                        notes,
                        (n, shape),
                    )?;
                }
                Layer::Dense {
                    inputs,
                    outputs,
                    rectifier,
                } => {
                    let (weights, bias) = parameters.split_at(*inputs * *outputs);
                    card.multiply(
                        (input, false),
                        (&weights, true),
                        output,
                        [n, *inputs, *outputs],
                    )?;
                    let rate = rectifier.unwrap_or(0.0);
                    let factors = match generator {
                        Some(state) if rate > 0.0 => {
                            let (count, how) = (n * *outputs, dropping(rate));
                            card.dropout_mask(state, drawn, how, mask, count)?;
                            drawn += count.div_ceil(4) as u64;
                            Some(&*mask)
                        }
                        _ => None,
                    };
                    card.after_product(output, &bias, rectifier.is_some(), factors, (n, *outputs))?;
                }
            }
        }
        self.n = n;
        self.dropped = generator.is_some();
        Ok(())
    }

    /// The gradient with respect to every parameter, from that by the logits of the last forward pass.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn backward(&mut self, by_logits: &[f32]) -> Result<(), CardError> {
        let (card, n) = (&self.card, self.n);
        let last = self.layers.len() - 1;
        assert_eq!(
            by_logits.len(),
            n * self.layers[last].layer.outputs(),
            "a gradient for each logit"
        );
        card.send_into(by_logits, &mut self.layers[last].gradients)?;
        for index in (0..=last).rev() {
            let (before, rest) = self.layers.split_at_mut(index);
            let Placed {
                layer,
                place,
                output,
                gradients,
                notes,
                partial,
                ..
            } = &mut rest[0];
            let parameters = self.parameters.slice(place.clone());
            let mut gradient = self.gradient.slice_mut(place.clone());
            // Nobody asks for the gradients by what has no parameter before it.
            let wanted = place.start > 0;
            let (input, input_gradients) = match before.last_mut() {
                None => (&self.input, None),
                Some(placed) => (&placed.output, Some(&mut placed.gradients)),
            };
            let input_gradients = input_gradients.filter(|_| wanted);
            match layer {
                Layer::Pieces { .. } => {}
                Layer::Conv { .. } => {
                    let shape = conv_shape(layer).expect("a convolution");
                    let from = (&*gradients, &*notes);
                    card.conv_weight_gradients(
                        &input.as_view(),
                        from,
                        partial,
                        &mut gradient,
                        (n, shape),
                    )?;
                    if let Some(input_gradients) = input_gradients {
                        card.conv_input_gradients(
                            gradients,
                            notes,
                            &parameters,
                            input_gradients,
                            (n, shape),
                        )?;
                    }
                }
                Layer::Dense {
                    inputs,
                    outputs,
                    rectifier,
                } => {
                    let kept =
                        rectifier.map(|rate| if self.dropped { dropping(rate).1 } else { 1.0 });
                    let (mut of_weights, mut of_bias) = gradient.split_at_mut(*inputs * *outputs);
                    card.before_product(gradients, output, &mut of_bias, kept, (n, *outputs))?;
                    card.multiply(
                        (&*gradients, true),
                        (input, false),
                        &mut of_weights,
                        [*outputs, n, *inputs],
                    )?;
                    if let Some(input_gradients) = input_gradients {
                        let weights = parameters.slice(..*inputs * *outputs);
                        card.multiply(
                            (&*gradients, false),
                            (&weights, false),
                            input_gradients,
                            [n, *outputs, *inputs],
                        )?;
                    }
                }
            }
        }
        Ok(())
    }

    /// A step against the gradient of the last backward pass.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn step(&mut self, scales: AdamW) -> Result<(), CardError> {
        let AdamW {
            decay,
            first,
            second,
        } = scales;
        let moments = (&mut self.first, &mut self.second);
        let scales = [decay, first, second];
        self.card.adamw(
            &mut self.parameters,
            &self.gradient,
            moments,
            &self.decays,
            scales,
        )
    }

    /// The parameters, then the first and the second moments.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn state(&self) -> Result<[Vec<f32>; 3], CardError> {
        let get = |values: &CudaSlice<f32>| {
            let mut numbers = vec![0.0; values.len()];
            self.card.receive(values, &mut numbers)?;
            Ok(numbers)
        };
        Ok([
            get(&self.parameters)?,
            get(&self.first)?,
            get(&self.second)?,
        ])
    }

    /// Goes on from such a state.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn set_state(&mut self, [parameters, first, second]: [&[f32]; 3]) -> Result<(), CardError> {
        for (values, into) in [
            (parameters, &mut self.parameters),
            (first, &mut self.first),
            (second, &mut self.second),
        ] {
            assert_eq!(values.len(), into.len(), "as many parameters");
            self.card.send_into(values, into)?;
        }
        Ok(())
    }

    /// Keeps the parameters as they are in `kept`, a buffer of its own that is made at first.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn keep(&self, kept: &mut Option<Kept>) -> Result<(), CardError> {
        let into = match kept {
            Some(Kept(values)) => values,
            None => &mut kept.insert(Kept(self.card.zeros(self.parameters.len())?)).0,
        };
        self.card.copy(&self.parameters, into)
    }

    /// What was kept.
    ///
    /// # Errors
    /// [`CardError`] where the card fails.
    pub fn kept(&self, Kept(values): &Kept) -> Result<Vec<f32>, CardError> {
        let mut numbers = vec![0.0; values.len()];
        self.card.receive(values, &mut numbers)?;
        Ok(numbers)
    }
}

/// Parameters that were kept on the card.
#[derive(Debug)]
pub struct Kept(CudaSlice<f32>);

/// Below which 16 bits a unit is dropped, and the factor of those that are not.
fn dropping(rate: f64) -> (u32, f32) {
    let bound = (rate * f64::from(1_u32 << 16)).round() as u32;
    (bound, (1.0 / (1.0 - rate)) as f32)
}

fn conv_shape(layer: &Layer) -> Option<ConvShape> {
    match *layer {
        Layer::Conv {
            inputs,
            outputs,
            height,
            width,
        } => Some(ConvShape {
            inputs,
            outputs,
            height,
            width,
        }),
        _ => None,
    }
}
