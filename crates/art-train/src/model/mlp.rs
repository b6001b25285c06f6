use super::{
    MlpConfig, Mode, Model, Parameter,
    dropout::dropout,
    init::{Gain, uniform_weight},
    layers::{linear, logits, rectify},
    piece_tensors::PieceTensors,
};
use crate::{
    error::TrainError,
    fused::{After, CosineHead, Dense, Layer, Network, Pieces},
};
use art_core::Seed;
use art_data::sha256_hex;
use art_losses::Head;
use candle_core::{DType, Device, Tensor, Var};
use std::collections::BTreeMap;

/// A multi-layer perceptron: linear layers with rectifiers and dropout between them.
///
/// With [`Head::Normalized`] the logits are cosines between the last hidden units and each class's
/// weights, lengths kept at least 1e-12.
///
/// Weights of layer i come from the stream (`init`, i): He-uniform before a rectifier, variance
/// `1 / fan_in` for the logits; biases start at 0.
#[derive(Clone, Debug)]
pub struct Mlp {
    config: MlpConfig,
    device: Device,
    pieces: Option<PieceTensors>,
    /// Weight and, where there is one, bias of each layer in turn.
    parameters: Vec<Parameter>,
}

impl Mlp {
    /// A network with fresh weights on `device`.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] when the device has no room.
    pub fn new(config: MlpConfig, seed: Seed, device: &Device) -> Result<Self, TrainError> {
        let layers = config.layers();
        let mut parameters = Vec::with_capacity(2 * layers.len());
        for (layer, &(fan_in, fan_out)) in layers.iter().enumerate() {
            let mut stream = seed.stream("init", layer as u64);
            let gain = if layer + 1 < layers.len() {
                Gain::Relu
            } else {
                Gain::Linear
            };
            parameters.push(Parameter {
                name: format!("{layer}.weight"),
                var: uniform_weight(fan_out, fan_in, gain, &mut stream, device)?,
                decays: true,
            });
            if config.has_bias(layer) {
                parameters.push(Parameter {
                    name: format!("{layer}.bias"),
                    var: Var::zeros(fan_out, DType::F32, device)?,
                    decays: false,
                });
            }
        }
        let pieces = match config.knots() {
            [] => None,
            knots => Some(PieceTensors::new(&Pieces::new(knots), device)?),
        };
        Ok(Self {
            config,
            device: device.clone(),
            pieces,
            parameters,
        })
    }

    /// Its shape.
    pub fn config(&self) -> &MlpConfig {
        &self.config
    }

    /// A network on the CPU with these weights, by the names of its parameters.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when one is missing, has another shape or is not finite, or one is too many.
    pub(crate) fn with_weights(
        config: MlpConfig,
        mut weights: BTreeMap<String, Tensor>,
    ) -> Result<Self, TrainError> {
        // Before anything is allocated: what there is room for in a file there is room for in memory.
        for (name, dims) in config.shapes() {
            let mismatch = |found: String| TrainError::Mismatch {
                what: "a list of weights",
                expected: format!("one with {name} {dims:?}"),
                found,
            };
            let values = weights.get(&name);
            let values = values.ok_or_else(|| mismatch("one without it".into()))?;
            if values.dims() != dims {
                return Err(mismatch(format!("one with {:?}", values.dims())));
            }
        }
        let model = Self::new(config, Seed::new(0), &Device::Cpu)?;
        for parameter in &model.parameters {
            let mismatch = |found: String| TrainError::Mismatch {
                what: "a list of weights",
                expected: format!("one with {} {:?}", parameter.name, parameter.var.dims()),
                found,
            };
            let values = weights.remove(&parameter.name);
            let values = values.ok_or_else(|| mismatch("one without it".into()))?;
            let numbers = values.flatten_all()?.to_vec1::<f32>()?;
            if !numbers.iter().all(|x| x.is_finite()) {
                return Err(mismatch(
                    "one with a number in it that is not finite".into(),
                ));
            }
            parameter.var.set(&values)?;
        }
        match weights.keys().next() {
            None => Ok(model),
            Some(name) => Err(TrainError::Mismatch {
                what: "a list of weights",
                expected: "one for each parameter".into(),
                found: format!("one with {name} besides"),
            }),
        }
    }
}

impl Model for Mlp {
    fn parameters(&self) -> &[Parameter] {
        &self.parameters
    }

    fn describe(&self) -> String {
        let widths = self
            .config
            .layers()
            .into_iter()
            .map(|(_, fan_out)| fan_out.to_string());
        let knots = match self.config.knots() {
            [] => String::new(),
            lists => format!(", knots {}", digest(lists)),
        };
        format!(
            "mlp({}-{}, dropout={}, {:?} head{knots})",
            self.config.params().n_features,
            widths.collect::<Vec<_>>().join("-"),
            self.config.params().dropout,
            self.config.params().head
        )
    }

    fn head(&self) -> Head {
        self.config.params().head
    }

    fn n_features(&self) -> usize {
        self.config.params().n_features
    }

    fn n_classes(&self) -> usize {
        self.config.params().n_classes
    }

    fn device(&self) -> &Device {
        &self.device
    }

    fn perceptron(&self) -> Option<&MlpConfig> {
        Some(&self.config)
    }

    fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        self.logits(&self.features(rows, mode)?)
    }

    fn network(&self) -> Option<Network> {
        let sizes = self.config.layers();
        let last = sizes.len() - 1;
        let pieces = match self.config.knots() {
            [] => None,
            knots => Some(Box::new(Pieces::new(knots)) as Box<dyn Layer>),
        };
        let dense = sizes
            .into_iter()
            .enumerate()
            .map(|(layer, (inputs, outputs))| {
                let dropout = self.config.params().dropout;
                let after = if layer < last {
                    After::Rectifier { dropout }
                } else {
                    After::Nothing
                };
                let layer: Box<dyn Layer> = if self.config.has_bias(layer) {
                    Box::new(Dense {
                        inputs,
                        outputs,
                        after,
                    })
                } else {
                    Box::new(CosineHead { inputs, outputs })
                };
                layer
            });
        Some(Network::new(pieces.into_iter().chain(dense).collect()))
    }

    fn features(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        let rate = self.config.params().dropout;
        let mut dropout_stream = match mode {
            Mode::Train { seed, step } if rate > 0.0 => Some(seed.stream("dropout", step)),
            _ => None,
        };
        let mut x = match &self.pieces {
            None => rows.clone(),
            Some(pieces) => pieces.expand(rows)?,
        };
        for pair in self.layers().0.chunks_exact(2) {
            x = rectify(&linear(&x, &pair[0], &pair[1])?)?;
            if let Some(stream) = &mut dropout_stream {
                x = dropout(&x, rate, stream)?;
            }
        }
        Ok(x)
    }

    fn logits(&self, features: &Tensor) -> Result<Tensor, TrainError> {
        logits(features, self.layers().1)
    }
}

impl Mlp {
    /// The parameters of the hidden layers and those of the last one.
    fn layers(&self) -> (&[Parameter], &[Parameter]) {
        self.parameters
            .split_at(2 * self.config.params().hidden.len())
    }
}

/// Eight digits that tell lists of knots apart.
fn digest(knots: &[Vec<f32>]) -> String {
    let of_column = |knots: &Vec<f32>| {
        let length = (knots.len() as u64).to_le_bytes();
        let values = knots.iter().flat_map(|knot| knot.to_le_bytes());
        length.into_iter().chain(values).collect::<Vec<u8>>()
    };
    let bytes: Vec<u8> = knots.iter().flat_map(of_column).collect();
    sha256_hex(&bytes)[..8].to_owned()
}

#[cfg(test)]
mod tests {
    use super::{super::MlpParams, *};

    fn network(dropout: f64) -> Mlp {
        let config = MlpParams::new(5, 3)
            .hidden([7, 4])
            .dropout(dropout)
            .check()
            .unwrap();
        Mlp::new(config, Seed::new(1), &Device::Cpu).unwrap()
    }

    fn rows() -> Tensor {
        Tensor::arange(0.0_f32, 20.0, &Device::Cpu)
            .unwrap()
            .reshape((4, 5))
            .unwrap()
    }

    fn logits(network: &Mlp, mode: Mode) -> Vec<f32> {
        let logits = network.forward(&rows(), mode).unwrap();
        logits.flatten_all().unwrap().to_vec1().unwrap()
    }

    #[test]
    fn bad_shapes_are_refused() {
        let new = || MlpParams::new(5, 3);
        for (params, field) in [
            (MlpParams::new(0, 3), "n_features"),
            (MlpParams::new(5, 1), "n_classes"),
            (new().hidden([4, 0]), "hidden"),
            (new().dropout(1.0), "dropout"),
            (new().dropout(f64::NAN), "dropout"),
            (new().hidden([99_999_999_999]), "hidden"),
            (new().hidden([usize::MAX, usize::MAX]), "hidden"),
            (MlpParams::new(1 << 31, 2), "hidden"),
            (new().knots([vec![0.0, 1.0]]), "knots"),
            (new().knots(vec![vec![1.0]; 5]), "knots"),
            (new().knots(vec![vec![1.0, 1.0]; 5]), "knots"),
            (new().knots(vec![vec![0.0, f32::NAN]; 5]), "knots"),
            (new().knots(vec![vec![f32::MIN, f32::MAX]; 5]), "knots"),
        ] {
            assert_eq!(params.check().unwrap_err().field, field);
        }
    }

    #[test]
    fn a_shape_is_written_with_its_knots_and_without_any_as_before_there_were_some() {
        let plain = MlpParams::new(2, 3)
            .knots([vec![], vec![]])
            .check()
            .unwrap();
        let text = serde_json::to_string(&plain).unwrap();
        let expected =
            r#"{"n_features":2,"n_classes":3,"hidden":[64,64],"dropout":0.2,"head":"linear"}"#;
        assert_eq!(text, expected);
        assert_eq!(serde_json::from_str::<MlpConfig>(expected).unwrap(), plain);

        let knots = [vec![], vec![-0.1, 0.7, 16_777_217.0 / 3.0]];
        let shape = MlpParams::new(2, 3).knots(knots).check().unwrap();
        assert_eq!(shape.n_parameters(), plain.n_parameters() + 2 * 64);
        let text = serde_json::to_string(&shape).unwrap();
        assert_eq!(serde_json::from_str::<MlpConfig>(&text).unwrap(), shape);
        let describe = |shape| {
            Mlp::new(shape, Seed::new(1), &Device::Cpu)
                .unwrap()
                .describe()
        };
        assert_ne!(describe(shape), describe(plain));
        let bad = text.replace("0.7", "-0.2");
        assert!(serde_json::from_str::<MlpConfig>(&bad).is_err());
    }

    #[test]
    fn weights_that_do_not_fit_are_refused_before_there_is_room_for_them() {
        // A list of half a gigabyte.
        let config = MlpParams::new(1 << 26, 2).hidden([]).check().unwrap();
        let small = Tensor::zeros((2, 3), DType::F32, &Device::Cpu).unwrap();
        let weights = [("0.weight".to_owned(), small)].into();
        let error = Mlp::with_weights(config, weights).unwrap_err().to_string();
        assert!(
            error.contains("[2, 67108864]") && error.contains("[2, 3]"),
            "{error}"
        );
    }

    #[test]
    fn weights_stay_inside_their_bounds_and_fill_them() {
        let bounds = [
            (6.0_f32 / 5.0).sqrt(),
            (6.0_f32 / 7.0).sqrt(),
            (3.0_f32 / 4.0).sqrt(),
        ];
        for (pair, bound) in network(0.0).parameters().chunks(2).zip(bounds) {
            let weights = pair[0].var.flatten_all().unwrap().to_vec1::<f32>().unwrap();
            let largest = weights
                .iter()
                .fold(0.0_f32, |largest, w| largest.max(w.abs()));
            assert!(
                largest <= bound && largest > 0.7 * bound,
                "{largest} of {bound}"
            );
            assert!(
                pair[1]
                    .var
                    .to_vec1::<f32>()
                    .unwrap()
                    .iter()
                    .all(|&b| b == 0.0)
            );
        }
    }

    #[test]
    fn dropout_depends_on_seed_and_step_alone() {
        let network = network(0.5);
        let train = |seed, step| {
            let seed = Seed::new(seed);
            logits(&network, Mode::Train { seed, step })
        };
        assert_eq!(train(1, 1), train(1, 1));
        assert_ne!(train(1, 1), train(1, 2));
        assert_ne!(train(1, 1), train(2, 1));
        assert_ne!(train(1, 1), logits(&network, Mode::Eval));
    }

    #[test]
    fn a_normalized_head_gives_cosines_and_survives_rows_of_zeros() {
        let config = MlpParams::new(5, 3)
            .hidden([7])
            .head(Head::Normalized)
            .check()
            .unwrap();
        assert_eq!(config.n_parameters(), 5 * 7 + 7 + 7 * 3);
        let network = Mlp::new(config, Seed::new(1), &Device::Cpu).unwrap();
        assert!(
            logits(&network, Mode::Eval)
                .iter()
                .all(|z| z.abs() <= 1.0 + 1e-6)
        );
        let zeros = Tensor::zeros((2, 5), DType::F32, &Device::Cpu).unwrap();
        let cosines = network.forward(&zeros, Mode::Eval).unwrap();
        let gradients = cosines.sum_all().unwrap().backward().unwrap();
        for parameter in network.parameters() {
            let gradient = gradients
                .get(&parameter.var)
                .unwrap()
                .flatten_all()
                .unwrap();
            let finite = gradient
                .to_vec1::<f32>()
                .unwrap()
                .iter()
                .all(|g| g.is_finite());
            assert!(finite, "{}", parameter.name);
        }
    }

    #[test]
    fn dropout_keeps_the_mean_and_drops_the_rate() {
        let x = Tensor::ones(20_000, DType::F32, &Device::Cpu).unwrap();
        let dropped = dropout(&x, 0.2, &mut Seed::new(3).generator()).unwrap();
        let values = dropped.to_vec1::<f32>().unwrap();
        let zeros = values.iter().filter(|&&v| v == 0.0).count() as f64;
        assert!((zeros - 4000.0).abs() < 4.0 * (20_000.0_f64 * 0.16).sqrt());
        assert!(values.iter().all(|&v| v == 0.0 || v == 1.25));
    }
}
