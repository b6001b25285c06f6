//! Cells: one training run each, and what is kept of it.

use crate::{BenchError, Matrix, Settings, Value};
use art_core::{ConfusionMatrix, ParamError, Seed};
use art_data::{Dataset, RowShape, sha256_hex};
use art_losses::Head;
use art_train::{
    Calibration, Cnn, CnnParams, Mlp, MlpConfig, MlpParams, Model, StageReport, StopCriterion,
    StopReason, TrainConfig, TrainParams,
};
use candle_core::Device;
use serde::{Deserialize, Serialize};
use std::{fmt, time::Duration};

/// Newest version of a record that this program writes and reads. 2: trials of tuning, offsets chosen on
/// validation rows. 3: what happened in each epoch in single precision, and of a refresh the distribution alone; older
/// records are read as if they were so.
pub const SCHEMA: u32 = 3;

/// Goes into every cell's name. It stays when the schema of records grows, so that old records keep
/// their names; it changes with the arithmetic of training, so that a report never mixes two kinds of
/// cells. 2: networks are fused (decision 0007).
const ID_VERSION: u32 = 2;

/// How every method of a matrix is trained.
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

    /// What tables are trained with where nothing is tuned: the settings of the matrix `fixed`.
    pub fn of_tables() -> Self {
        Matrix::named("fixed")
            .expect("it comes with the program")
            .training
    }

    /// A fresh network for the rows of `data`, with the head that the loss asks for: perceptrons for vectors,
    /// the compact convolutional network for pictures.
    ///
    /// # Errors
    /// [`BenchError::Param`] naming a number out of range, [`BenchError::Train`] when there is no room.
    pub fn network(
        &self,
        data: &Dataset,
        head: Head,
        seed: Seed,
    ) -> Result<Box<dyn Model>, BenchError> {
        let n_classes = data.n_classes();
        Ok(match data.shape() {
            RowShape::Vector => {
                let shape = self.perceptron(data.n_features(), n_classes, head)?;
                Box::new(Mlp::new(shape, seed, &Device::Cpu)?)
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
                Box::new(Cnn::new(params.check()?, seed, &Device::Cpu)?)
            }
        })
    }
}

/// Everything that decides the result of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct CellSpec {
    /// Id of the data set.
    pub dataset: String,
    /// Id of the method.
    pub method: String,
    /// Seed of the split, the weights, the draws.
    pub seed: u64,
    /// Which initialisation, from 0: others have the same split, and other weights, masks and draws.
    #[serde(default, skip_serializing_if = "is_first")]
    pub initialisation: u32,
    /// The method's own settings.
    pub settings: Settings,
    /// How it is trained.
    pub training: Training,
    /// The trial of tuning that the cell belongs to, from 0. Such a cell is scored on validation rows and
    /// never reads the test set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trial: Option<u32>,
}

impl CellSpec {
    /// The same with settings that tuning proposed: those of the method, learning rate and weight decay.
    #[must_use]
    pub(crate) fn tuned(mut self, proposed: &Settings) -> Self {
        for (name, value) in proposed.iter() {
            match (name, value) {
                ("learning_rate", Value::Number(rate)) => self.training.learning_rate = *rate,
                ("weight_decay", Value::Number(decay)) => self.training.weight_decay = *decay,
                _ => self.settings.insert(name, value.clone()),
            }
        }
        self
    }

    /// The seed of weights, masks and draws.
    pub(crate) fn training_seed(&self) -> Seed {
        let seed = Seed::new(self.seed);
        match self.initialisation {
            0 => seed,
            other => seed.derive("initialisation", u64::from(other)),
        }
    }

    /// A stable name: a hash of the specification.
    pub fn id(&self) -> CellId {
        let canonical =
            serde_json::to_string(&(ID_VERSION, self)).expect("a specification is plain data");
        CellId(sha256_hex(canonical.as_bytes())[..16].to_owned())
    }
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_first(initialisation: &u32) -> bool {
    *initialisation == 0
}

/// `dataset/method/seed`, as `--only` matches it; a trial has its number before the seed, another initialisation than the
/// first its own behind it.
impl fmt::Display for CellSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/", self.dataset, self.method)?;
        if let Some(trial) = self.trial {
            write!(f, "trial {trial}/")?;
        }
        write!(f, "{}", self.seed)?;
        match self.initialisation {
            0 => Ok(()),
            other => write!(f, "/{other}"),
        }
    }
}

/// Name of a cell in the store.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CellId(String);

impl fmt::Display for CellId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// What is kept of a cell: a part that is reproducible to the byte, and a part that was measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellRecord {
    /// The reproducible part.
    #[serde(flatten)]
    pub result: CellResult,
    /// Times and environment.
    pub measured: Measured,
}

impl CellRecord {
    /// Whether the cell failed.
    pub fn is_failed(&self) -> bool {
        matches!(self.result.outcome, Outcome::Failed { .. })
    }
}

/// The reproducible part of a record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CellResult {
    /// Version of the record.
    pub schema: u32,
    /// Name of the cell.
    pub id: CellId,
    /// What was run.
    pub spec: CellSpec,
    /// What came out.
    pub outcome: Outcome,
}

impl CellResult {
    /// The bytes that a second run must reproduce: all but the version of the record's form.
    pub fn canonical(&self) -> String {
        let parts = (&self.id, &self.spec, &self.outcome);
        serde_json::to_string(&parts).expect("a result is plain data")
    }
}

/// What came out of a cell.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "status", rename_all = "kebab-case")]
#[allow(
    clippy::large_enum_variant,
    reason = "nearly every outcome is the large one"
)]
pub enum Outcome {
    /// The run ended and was evaluated on the test rows.
    Evaluated(Evaluation),
    /// The run was a trial and was scored on the validation rows.
    Validated(Validation),
    /// The run failed; it is shown as such, and run again only on request.
    Failed {
        /// Why.
        error: String,
    },
}

/// What tuning learns from a trial.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Validation {
    /// Macro F1 on the validation rows, 0 to 1, of the weights that early stopping kept.
    pub macro_f1: f64,
    /// Epoch that they are from.
    pub best_epoch: u32,
    /// Epochs trained.
    pub epochs: u32,
    /// Optimizer steps taken, in both stages where there are two.
    pub steps: u64,
}

/// The one look at the test set, and how training got there.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Evaluation {
    /// Macro F1 on the test rows, 0 to 1.
    pub macro_f1: f64,
    /// F1 of each class on the test rows.
    pub per_class_f1: Vec<f64>,
    /// Test rows, truth against prediction.
    pub confusion: ConfusionMatrix,
    /// Rows of each class that an epoch draws from, after static resampling.
    pub train_counts: Vec<usize>,
    /// Test rows over training rows before resampling, for the corrected t-test; 0 where each seed draws rows of its own
    /// from a known population.
    pub test_over_train: f64,
    /// Epoch whose weights were evaluated.
    pub best_epoch: u32,
    /// Epochs trained.
    pub epochs: u32,
    /// Optimizer steps taken, in both stages where there are two.
    pub steps: u64,
    /// Why training ended.
    pub stopped: StopReason,
    /// The class distribution before the first refresh.
    pub initial_distribution: Vec<f64>,
    /// Classes that a resampler could not bring to their target, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
    /// What was added to each class's logit, for a method that chooses it on validation rows.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub offsets: Vec<f64>,
    /// What logits, corrected to the natural shares, are to be divided by for probabilities; where it was fitted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub temperature: Option<f64>,
    /// How well probabilities corrected to the natural class shares agree with the test rows; for tables of
    /// users' own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
    /// The second stage, for a method that has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub second_stage: Option<StageReport>,
    /// Every refresh of the class distribution.
    pub refreshes: Vec<RefreshAt>,
    /// Validation F1 of each class after each epoch.
    pub validation_f1: Vec<Vec<f32>>,
}

/// A refresh: what classes are drawn from after an epoch. The difficulties and weights behind it are in the records of `art
/// train` alone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RefreshAt {
    /// The epoch that it followed.
    pub epoch: u32,
    /// Share of each class.
    pub distribution: Vec<f32>,
}

/// Numbers of an epoch, as records keep them.
pub(crate) fn in_single_precision(numbers: &[f64]) -> Vec<f32> {
    numbers.iter().map(|&number| number as f32).collect()
}

/// Times of a cell, and where it was run.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// The whole cell.
    pub total: Duration,
    /// Drawing rows, over all epochs.
    pub draw: Duration,
    /// Training on them.
    pub train: Duration,
    /// Forward passes over validation rows.
    pub forward: Duration,
    /// Confusion matrices and their scores.
    pub score: Duration,
    /// Refreshes.
    pub refresh: Duration,
    /// Machine and program.
    pub environment: crate::Environment,
}
