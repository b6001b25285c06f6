//! What a network is like and how it is trained, whatever the method.

use crate::{
    config::{TrainConfig, TrainParams},
    error::TrainError,
    model::{Cnn, CnnParams, Mlp, MlpConfig, MlpParams, Model},
    stopping::StopCriterion,
};
use art_core::{ParamError, Seed};
use art_data::{Dataset, RowShape};
use art_losses::Head;
use candle_core::Device;
use serde::{Deserialize, Serialize};

/// What a network is like and how it is trained, whatever the method: one set of numbers for all that are compared.
///
/// ```
/// use art_train::Training;
/// let training = Training { hidden: vec![32], ..Training::default() };
/// assert_eq!(training.train_config()?.max_epochs(), 150);
/// # Ok::<(), art_core::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Training {
    /// Units of each hidden layer; for pictures the one after the convolutions.
    pub hidden: Vec<usize>,
    /// Share of hidden units dropped.
    pub dropout: f64,
    /// Learning rate of the first epoch.
    pub learning_rate: f64,
    /// Decoupled weight decay.
    pub weight_decay: f64,
    /// Rows of a batch.
    pub batch_size: usize,
    /// Most epochs.
    pub max_epochs: u32,
    /// Epochs without improvement before stopping.
    pub patience: u32,
    /// What counts as improvement.
    pub criterion: StopCriterion,
}

/// Two hidden layers of 64 units, dropout 0.2, and the defaults of [`TrainParams`].
impl Default for Training {
    fn default() -> Self {
        let params = TrainParams::new();
        Self {
            hidden: vec![64, 64],
            dropout: 0.2,
            learning_rate: params.learning_rate,
            weight_decay: params.weight_decay,
            batch_size: params.batch_size,
            max_epochs: params.max_epochs,
            patience: params.patience.expect("there is one by default"),
            criterion: params.criterion,
        }
    }
}

impl Training {
    /// The trainer's settings.
    ///
    /// # Errors
    /// [`ParamError`] naming a number out of range.
    pub fn train_config(&self) -> Result<TrainConfig, ParamError> {
        TrainParams::new()
            .max_epochs(self.max_epochs)
            .batch_size(self.batch_size)
            .learning_rate(self.learning_rate)
            .weight_decay(self.weight_decay)
            .patience(self.patience)
            .criterion(self.criterion)
            .check()
    }

    /// The shape of the perceptron for vectors.
    ///
    /// # Errors
    /// [`ParamError`] naming a number out of range.
    pub fn perceptron(
        &self,
        n_features: usize,
        n_classes: usize,
        head: Head,
    ) -> Result<MlpConfig, ParamError> {
        MlpParams::new(n_features, n_classes)
            .hidden(self.hidden.clone())
            .dropout(self.dropout)
            .head(head)
            .check()
    }

    /// A fresh network on `device` for the rows of `data`, with the head that the loss asks for: perceptrons for vectors,
    /// the compact convolutional network for pictures.
    ///
    /// # Errors
    /// [`TrainError::Param`] naming a number out of range, [`TrainError::Tensor`] when there is no room.
    pub fn network(
        &self,
        data: &Dataset,
        head: Head,
        seed: Seed,
        device: &Device,
    ) -> Result<Box<dyn Model>, TrainError> {
        let n_classes = data.n_classes();
        Ok(match data.shape() {
            RowShape::Vector => {
                let shape = self.perceptron(data.n_features(), n_classes, head)?;
                Box::new(Mlp::new(shape, seed, device)?)
            }
            RowShape::Image { height, width } => {
                let &[hidden] = &*self.hidden else {
                    let expected = "one layer, for pictures";
                    return Err(
                        ParamError::new("hidden", format!("{:?}", self.hidden), expected).into(),
                    );
                };
                let params = CnnParams::new(height, width, n_classes)
                    .hidden(hidden)
                    .dropout(self.dropout)
                    .head(head);
                Box::new(Cnn::new(params.check()?, seed, device)?)
            }
        })
    }
}
