//! What a network is like and how it is trained, whatever the method.

use crate::{
    config::{TrainConfig, TrainParams},
    error::TrainError,
    model::{Cnn, CnnParams, Mlp, MlpConfig, MlpParams, Model},
    numbers::NumberEncoding,
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
    /// Units of each hidden layer; for images the one after the convolutions.
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
    /// How the numbers of a table enter; images enter as they are. Written where that is not plain.
    #[serde(default, skip_serializing_if = "NumberEncoding::is_plain")]
    pub numbers: NumberEncoding,
}

/// Two hidden layers of 64 units, dropout 0.2, numbers as they are, and the defaults of [`TrainParams`].
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
            numbers: NumberEncoding::Plain,
        }
    }
}

impl Training {
    /// What suits a table of `n_rows` training and validation rows and `n_features` columns that features are made of, so that
    /// nothing has to be chosen. Whoever trains in folds or on one part thus trains alike.
    ///
    /// | | rule | from | to |
    /// |---|---|---|---|
    /// | rows of a batch | the largest power of 2 up to `n_rows / 64` | 32 | 1024 |
    /// | learning rate | `2e-3 √(batch / 64)` | 2e-3 | 8e-3 |
    /// | epochs at most | `3,000,000 / n_rows` | 15 | 150 |
    /// | patience | two fifteenths of them | 2 | 20 |
    /// | knots of a column | `512 / n_features` | 8 | 32 |
    /// | units of two hidden layers | 64, from 10,000 rows on 128 | | |
    ///
    /// Dropout, weight decay and criterion are those of the default. Small batches take the few rows of a small table in many
    /// steps; large ones make large tables quick, and with them goes the learning rate. All knots together keep the first
    /// layer affordable. No more than about three million rows pass in training, but for tables of which fifteen epochs are
    /// more. `docs/networks.md` has the measurements.
    ///
    /// ```
    /// use art_train::Training;
    /// let small = Training::for_table(500, 10);
    /// assert_eq!((small.hidden, small.batch_size, small.max_epochs), (vec![64, 64], 32, 150));
    /// let large = Training::for_table(1_000_000, 32);
    /// assert_eq!((large.hidden, large.batch_size, large.max_epochs), (vec![128, 128], 1024, 15));
    /// ```
    pub fn for_table(n_rows: usize, n_features: usize) -> Self {
        const WIDE_FROM: usize = 10_000;
        let batch_size = (1 << (n_rows / 64).max(1).ilog2()).clamp(32, 1024);
        let max_epochs = (3_000_000 / n_rows.max(1)).clamp(15, 150) as u32;
        let most_knots = (512 / n_features.max(1)).clamp(8, 32);
        Self {
            hidden: vec![if n_rows < WIDE_FROM { 64 } else { 128 }; 2],
            learning_rate: 2e-3 * (batch_size.max(64) as f64 / 64.0).sqrt(),
            batch_size,
            max_epochs,
            patience: 2 * max_epochs / 15,
            numbers: NumberEncoding::PiecewiseLinear { most_knots },
            ..Self::default()
        }
    }

    /// The trainer's settings.
    ///
    /// # Errors
    /// [`ParamError`] naming a number out of range.
    pub fn train_config(&self) -> Result<TrainConfig, ParamError> {
        self.numbers.check()?;
        TrainParams::new()
            .max_epochs(self.max_epochs)
            .batch_size(self.batch_size)
            .learning_rate(self.learning_rate)
            .weight_decay(self.weight_decay)
            .patience(self.patience)
            .criterion(self.criterion)
            .check()
    }

    /// The shape of the perceptron for vectors whose numbers enter as they are. That of numbers that do not depends on training
    /// rows: [`perceptron_of`](Self::perceptron_of).
    ///
    /// # Errors
    /// [`ParamError`] naming a number out of range.
    pub fn perceptron(
        &self,
        n_features: usize,
        n_classes: usize,
        head: Head,
    ) -> Result<MlpConfig, ParamError> {
        self.shape(n_features, n_classes, head).check()
    }

    /// The shape of the perceptron for the rows of `data`, which are training rows: the knots of its numbers are theirs.
    ///
    /// # Errors
    /// [`ParamError`] naming a number out of range.
    pub fn perceptron_of(&self, data: &Dataset, head: Head) -> Result<MlpConfig, ParamError> {
        self.shape(data.n_features(), data.n_classes(), head)
            .knots(self.numbers.knots(data)?)
            .check()
    }

    fn shape(&self, n_features: usize, n_classes: usize, head: Head) -> MlpParams {
        MlpParams::new(n_features, n_classes)
            .hidden(self.hidden.clone())
            .dropout(self.dropout)
            .head(head)
    }

    /// A fresh network on `device` for the rows of `data`, which are training rows, with the head that the loss asks for: perceptrons for vectors,
    /// the compact convolutional network for images.
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
                let shape = self.perceptron_of(data, head)?;
                Box::new(Mlp::new(shape, seed, device)?)
            }
            RowShape::Image { height, width } => {
                let &[hidden] = &*self.hidden else {
                    let expected = "one layer, for images";
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_rule_is_monotone_and_always_valid() {
        let of = |training: &Training| {
            let most = match training.numbers {
                NumberEncoding::PiecewiseLinear { most_knots } => most_knots,
                NumberEncoding::Plain => 0,
            };
            let rising = (training.hidden[0], training.batch_size);
            (rising, training.learning_rate, training.max_epochs, most)
        };
        let rows = [
            0, 1, 40, 100, 2_047, 4_096, 9_999, 10_000, 65_536, 1_000_000,
        ];
        for pair in rows.windows(2) {
            let [few, many] = [pair[0], pair[1]].map(|n| Training::for_table(n, 20));
            many.train_config().unwrap();
            let (few, many) = (of(&few), of(&many));
            assert!(few.0 <= many.0 && few.1 <= many.1 && few.2 >= many.2);
            assert_eq!(few.3, many.3);
        }
        let knots = [0, 1, 10, 16, 40, 64, 5_000].map(|n| of(&Training::for_table(500, n)).3);
        assert_eq!(knots, [32, 32, 32, 32, 12, 8, 8]);
        let batches = [2_000, 4_096, 20_000, 100_000].map(|n| of(&Training::for_table(n, 9)).0.1);
        assert_eq!(batches, [32, 64, 256, 1024]);
    }
}
