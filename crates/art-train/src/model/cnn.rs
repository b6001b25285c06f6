use super::{
    Mode, Model, Parameter, check_size,
    dropout::dropout,
    init::{Gain, uniform_weight},
    layers::{linear, logits, pool, rectify},
};
use crate::{
    error::TrainError,
    fused::{After, Conv, CosineHead, Dense, Layer, Network},
};
use art_core::{ParamError, Seed};
use art_losses::Head;
use candle_core::{DType, Device, Tensor, Var};

/// Place of the last layer.
const HEAD: usize = 3;

/// Shape of a compact convolutional network, not yet checked.
///
/// ```
/// use art_train::CnnParams;
/// let config = CnnParams::new(28, 28, 10).check()?;
/// assert_eq!(config.n_parameters(), 16 * 10 + 32 * 145 + 64 * 1569 + 10 * 65);
/// # Ok::<(), art_core::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct CnnParams {
    height: usize,
    width: usize,
    n_classes: usize,
    channels: [usize; 2],
    hidden: usize,
    dropout: f64,
    head: Head,
}

impl CnnParams {
    /// Images of `height` × `width` pixels and `n_classes` logits; 16 and 32 channels, 64 hidden units,
    /// dropout 0.2.
    pub fn new(height: usize, width: usize, n_classes: usize) -> Self {
        Self {
            height,
            width,
            n_classes,
            channels: [16, 32],
            hidden: 64,
            dropout: 0.2,
            head: Head::Linear,
        }
    }

    /// Channels of the two convolutions.
    pub fn channels(mut self, channels: [usize; 2]) -> Self {
        self.channels = channels;
        self
    }

    /// Units of the hidden layer.
    pub fn hidden(mut self, units: usize) -> Self {
        self.hidden = units;
        self
    }

    /// Share of hidden units dropped in training, at least 0 and below 1.
    pub fn dropout(mut self, rate: f64) -> Self {
        self.dropout = rate;
        self
    }

    /// What the logits are; see [`Head`].
    pub fn head(mut self, head: Head) -> Self {
        self.head = head;
        self
    }

    /// The checked shape.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn check(self) -> Result<CnnConfig, ParamError> {
        for (field, size) in [("height", self.height), ("width", self.width)] {
            if size == 0 || !size.is_multiple_of(4) {
                let expected =
                    "a multiple of 4, since two poolings halve it twice; pad or crop the images";
                return Err(ParamError::new(field, size, expected));
            }
        }
        if self.n_classes < 2 {
            return Err(ParamError::new("n_classes", self.n_classes, "at least 2"));
        }
        for (field, size) in [
            ("channels", self.channels[0]),
            ("channels", self.channels[1]),
            ("hidden", self.hidden),
        ] {
            if size == 0 {
                return Err(ParamError::new(field, size, "at least 1"));
            }
        }
        if !(0.0..1.0).contains(&self.dropout) {
            return Err(ParamError::new(
                "dropout",
                self.dropout,
                "at least 0 and below 1",
            ));
        }
        let value = format!(
            "{} for {} by {} pixels",
            self.hidden, self.height, self.width
        );
        // As `CnnConfig::weights`, whose products may be beyond all numbers; with the biases.
        let [first, second] = self.channels;
        let of_hidden = [second, self.height / 4, self.width / 4, self.hidden];
        let shapes: [&[usize]; 6] = [
            &[first, 10],
            &[first, second, 9],
            &[second],
            &of_hidden,
            &[self.hidden, self.n_classes],
            &[self.hidden.saturating_add(self.n_classes)],
        ];
        check_size(shapes, "hidden", &value)?;
        Ok(CnnConfig { params: self })
    }
}

/// Shape of a convolutional network that is known to be valid; made by [`CnnParams::check`].
#[derive(Clone, Debug, PartialEq)]
pub struct CnnConfig {
    params: CnnParams,
}

impl CnnConfig {
    /// Channels, height and width before each convolution and after the last.
    fn images(&self) -> [[usize; 3]; 3] {
        let CnnParams {
            height,
            width,
            channels,
            ..
        } = self.params;
        [
            [1, height, width],
            [channels[0], height / 2, width / 2],
            [channels[1], height / 4, width / 4],
        ]
    }

    fn n_flat(&self) -> usize {
        self.images()[2].iter().product()
    }

    /// Shape of each weight, in order; each is followed by a bias of its first number.
    fn weights(&self) -> [Vec<usize>; 4] {
        let CnnParams {
            channels: [first, second],
            hidden,
            n_classes,
            ..
        } = self.params;
        [
            vec![first, 1, 3, 3],
            vec![second, first, 3, 3],
            vec![hidden, self.n_flat()],
            vec![n_classes, hidden],
        ]
    }

    /// Whether the layer has a bias: a normalized head has none.
    fn has_bias(&self, layer: usize) -> bool {
        self.params.head == Head::Linear || layer < HEAD
    }

    /// Number of weights and biases.
    pub fn n_parameters(&self) -> usize {
        let weights = self.weights().into_iter().enumerate();
        weights
            .map(|(layer, shape)| {
                let biases = if self.has_bias(layer) { shape[0] } else { 0 };
                shape.iter().product::<usize>() + biases
            })
            .sum()
    }
}

/// A compact convolutional network: twice a 3 × 3 convolution with a border of zeros, rectifier and 2 × 2
/// largest-pixel pooling; a hidden layer with rectifier and dropout; logits, which a normalized head makes
/// as that of [`Mlp`](crate::Mlp) does.
///
/// Rows are images of one channel, pixel row after pixel row. Weights of layer i come from the stream
/// (`init`, i): He-uniform before a rectifier, variance `1 / fan_in` for the logits; biases start at 0.
#[derive(Clone, Debug)]
pub struct Cnn {
    config: CnnConfig,
    device: Device,
    /// Weight and bias of each layer in turn.
    parameters: Vec<Parameter>,
}

impl Cnn {
    /// A network with fresh weights on `device`.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] when the device has no room.
    pub fn new(config: CnnConfig, seed: Seed, device: &Device) -> Result<Self, TrainError> {
        const NAMES: [&str; 4] = ["conv1", "conv2", "hidden", "head"];
        let mut parameters = vec![];
        for (layer, (shape, name)) in config.weights().into_iter().zip(NAMES).enumerate() {
            let mut stream = seed.stream("init", layer as u64);
            let gain = if layer < HEAD {
                Gain::Relu
            } else {
                Gain::Linear
            };
            let fan_in = shape[1..].iter().product();
            let weight = uniform_weight(shape[0], fan_in, gain, &mut stream, device)?;
            parameters.push(Parameter {
                name: format!("{name}.weight"),
                var: Var::from_tensor(&weight.reshape(&*shape)?)?,
                decays: true,
            });
            if config.has_bias(layer) {
                parameters.push(Parameter {
                    name: format!("{name}.bias"),
                    var: Var::zeros(shape[0], DType::F32, device)?,
                    decays: false,
                });
            }
        }
        Ok(Self {
            config,
            device: device.clone(),
            parameters,
        })
    }

    /// The hidden units.
    fn hidden(&self, rows: &Tensor) -> Result<Tensor, TrainError> {
        let [_, height, width] = self.config.images()[0];
        let mut x = rows.reshape(((), 1, height, width))?;
        for pair in self.parameters[..4].chunks_exact(2) {
            let [weight, bias] = pair else {
                unreachable!("pairs")
            };
            let bias = bias.var.reshape((1, (), 1, 1))?;
            let sums = x.conv2d(&weight.var, 1, 1, 1, 1)?.broadcast_add(&bias)?;
            x = pool(&rectify(&sums)?)?;
        }
        rectify(&linear(
            &x.flatten_from(1)?,
            &self.parameters[4],
            &self.parameters[5],
        )?)
    }
}

impl Model for Cnn {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn describe(&self) -> String {
        let CnnParams {
            height,
            width,
            n_classes,
            channels,
            hidden,
            dropout,
            head,
        } = &self.config.params;
        let head = match head {
            Head::Linear => String::new(),
            other => format!(", {other:?} head"),
        };
        format!(
            "cnn({height}x{width}-{}-{}-{hidden}-{n_classes}, dropout={dropout}{head})",
            channels[0], channels[1]
        )
    }

    fn head(&self) -> Head {
        self.config.params.head
    }

    fn n_features(&self) -> usize {
        self.config.params.height * self.config.params.width
    }

    fn n_classes(&self) -> usize {
        self.config.params.n_classes
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        self.logits(&self.features(rows, mode)?)
    }

    /// A convolution unfolds its images, which takes many times their size.
    fn evaluation_batch(&self) -> usize {
        256
    }

    fn network(&self) -> Option<Network> {
        let [first, second, _] = self.config.images();
        let CnnParams {
            channels,
            hidden,
            n_classes,
            dropout,
            ..
        } = self.config.params;
        let conv = |[input_channels, height, width]: [usize; 3], output_channels, is_last| Conv {
            input_channels,
            output_channels,
            height,
            width,
            is_last,
        };
        let head: Box<dyn Layer> = if self.config.has_bias(HEAD) {
            Box::new(Dense {
                inputs: hidden,
                outputs: n_classes,
                after: After::Nothing,
            })
        } else {
            Box::new(CosineHead {
                inputs: hidden,
                outputs: n_classes,
            })
        };
        let layers: Vec<Box<dyn Layer>> = vec![
            Box::new(conv(first, channels[0], false)),
            Box::new(conv(second, channels[1], true)),
            Box::new(Dense {
                inputs: self.config.n_flat(),
                outputs: hidden,
                after: After::Rectifier { dropout },
            }),
            head,
        ];
        Some(Network::new(layers))
    }

    fn features(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        let rate = self.config.params.dropout;
        let hidden = self.hidden(rows)?;
        match mode {
            Mode::Train { seed, step } if rate > 0.0 => {
                dropout(&hidden, rate, &mut seed.stream("dropout", step))
            }
            _ => Ok(hidden),
        }
    }

    fn logits(&self, features: &Tensor) -> Result<Tensor, TrainError> {
        logits(features, &self.parameters[6..])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bad_shapes_are_refused() {
        let new = || CnnParams::new(28, 28, 10);
        for (params, field) in [
            (CnnParams::new(30, 28, 10), "height"),
            (CnnParams::new(28, 0, 10), "width"),
            (CnnParams::new(28, 28, 1), "n_classes"),
            (new().channels([16, 0]), "channels"),
            (new().hidden(0), "hidden"),
            (new().dropout(1.0), "dropout"),
            (new().hidden(99_999_999_999), "hidden"),
            (CnnParams::new(1 << 40, 1 << 40, 10), "hidden"),
            (new().channels([usize::MAX, 16]), "hidden"),
        ] {
            assert_eq!(params.check().unwrap_err().field, field);
        }
    }
}
