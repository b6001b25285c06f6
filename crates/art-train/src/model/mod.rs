//! Models: named parameters in a fixed order, and a forward pass.

mod cnn;
mod dropout;
mod init;
mod layers;
mod mlp;
mod mlp_config;
mod piece_tensors;

pub use cnn::{Cnn, CnnConfig, CnnParams};
pub(crate) use dropout::fill_dropout_mask;
pub use mlp::Mlp;
pub use mlp_config::{MlpConfig, MlpParams};

use crate::{error::TrainError, fused::Network};
use art_core::{ParamError, Seed};
use art_data::Dataset;
use art_losses::Head;
use candle_core::{Device, Tensor, Var};

/// Most weights and biases of a network: they take 1 GiB, and training keeps five such lists.
const MOST_PARAMETERS: usize = 1 << 28;

/// Makes sure, before anything is allocated, that the products of `shapes` are no more numbers than a network may have;
/// `field` with its `value` is to blame.
fn check_size<S: AsRef<[usize]>>(
    shapes: impl IntoIterator<Item = S>,
    field: &'static str,
    value: &dyn std::fmt::Display,
) -> Result<(), ParamError> {
    let product = |shape: &[usize]| shape.iter().try_fold(1_usize, |n, &m| n.checked_mul(m));
    let sum = shapes.into_iter().try_fold(0_usize, |sum, shape| {
        let sum = sum.checked_add(product(shape.as_ref())?)?;
        (sum <= MOST_PARAMETERS).then_some(sum)
    });
    match sum {
        Some(_) => Ok(()),
        None => Err(ParamError::new(
            field,
            value,
            "fewer units or features: a network has at most 268435456 weights and biases",
        )),
    }
}

/// Whether a forward pass is part of training.
#[derive(Clone, Copy, Debug)]
pub enum Mode {
    /// Dropout is on; its masks come from the stream (`dropout`, step).
    Train {
        /// The run's seed.
        seed: Seed,
        /// Step since the start of training, counted from 1.
        step: u64,
    },
    /// Dropout is off.
    Eval,
}

/// A trainable tensor.
#[derive(Clone, Debug)]
pub struct Parameter {
    /// Its name, unique in the model.
    pub name: String,
    /// Its values.
    pub var: Var,
    /// Whether weight decay applies: to weights, not to biases.
    pub decays: bool,
}

/// A classifier.
pub trait Model: Send + Sync {
    /// All parameters, in an order that never changes.
    fn parameters(&self) -> &[Parameter];

    /// The architecture with every setting that decides a forward pass; a checkpoint fits only a
    /// model whose description is equal.
    fn describe(&self) -> String;

    /// What the last layer is; a loss that is made for another one is refused.
    fn head(&self) -> Head {
        Head::Linear
    }

    /// Columns that a row must have.
    fn n_features(&self) -> usize;

    /// Number of logits a row.
    fn n_classes(&self) -> usize;

    /// Where the parameters live.
    fn device(&self) -> &Device;

    /// Logits `(batch, n_classes)` of rows `(batch, n_features)`, both f32.
    ///
    /// # Errors
    /// [`TrainError::Tensor`] when the shape does not fit.
    fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError>;

    /// Rows of one forward pass outside training: many, since nothing is kept for gradients.
    fn evaluation_batch(&self) -> usize {
        4096
    }

    /// The logits of every row of `data`, row after row, where they are found in another way than by the network of the model or
    /// its [`forward`](Self::forward).
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for columns or classes that are not the model's.
    fn answers(&self, data: &Dataset) -> Result<Option<Vec<f32>>, TrainError> {
        let _ = data;
        Ok(None)
    }

    /// The same network as code with the same parameters in the same order, where there is one: it is trained in the place of
    /// this form, on the CPU and, where there are passes for it, on a graphics card. The models of this crate have
    /// one; a wrapper that changes [`forward`](Self::forward) must not pass it on.
    fn network(&self) -> Option<Network> {
        None
    }

    /// The shape of the perceptron that it is, knots included, for whoever saves it; none for every other model, and for a
    /// wrapper that changes [`forward`](Self::forward).
    fn perceptron(&self) -> Option<&MlpConfig> {
        None
    }

    /// What the last layer is applied to: features `(batch, n)` of rows `(batch, n_features)`.
    ///
    /// A second stage trains on them, without dropout; the last two parameters are then the weight
    /// `(n_classes, n)` and the bias `(n_classes)` of that layer. A loss on features needs them in training.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for a model that has no such layer, which is the default.
    fn features(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        let _ = (rows, mode);
        Err(without_features(self.describe()))
    }

    /// What the last layer makes of [`features`](Self::features): logits `(batch, n_classes)`.
    ///
    /// # Errors
    /// As there.
    fn logits(&self, features: &Tensor) -> Result<Tensor, TrainError> {
        let _ = features;
        Err(without_features(self.describe()))
    }
}

fn without_features(model: String) -> TrainError {
    TrainError::Mismatch {
        what: "the model",
        expected: "one that gives its features (for a second stage or a loss on them)".into(),
        found: model,
    }
}

impl<M: Model + ?Sized> Model for Box<M> {
    fn parameters(&self) -> &[Parameter] {
        (**self).parameters()
    }

    fn describe(&self) -> String {
        (**self).describe()
    }

    fn head(&self) -> Head {
        (**self).head()
    }

    fn n_features(&self) -> usize {
        (**self).n_features()
    }

    fn n_classes(&self) -> usize {
        (**self).n_classes()
    }

    fn device(&self) -> &Device {
        (**self).device()
    }

    fn forward(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        (**self).forward(rows, mode)
    }

    fn evaluation_batch(&self) -> usize {
        (**self).evaluation_batch()
    }

    fn answers(&self, data: &Dataset) -> Result<Option<Vec<f32>>, TrainError> {
        (**self).answers(data)
    }

    fn network(&self) -> Option<Network> {
        (**self).network()
    }

    fn perceptron(&self) -> Option<&MlpConfig> {
        (**self).perceptron()
    }

    fn features(&self, rows: &Tensor, mode: Mode) -> Result<Tensor, TrainError> {
        (**self).features(rows, mode)
    }

    fn logits(&self, features: &Tensor) -> Result<Tensor, TrainError> {
        (**self).logits(features)
    }
}
