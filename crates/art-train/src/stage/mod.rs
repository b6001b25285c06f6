//! Second stages: the last layer trained anew on features that no longer change.

#[cfg(test)]
mod fixture;
mod head;
mod meta_sampler;
mod nearest_class_mean;
mod retraining;
mod tau_normalization;

pub use head::LinearHead;
pub use meta_sampler::{MetaSampler, MetaSamplerParams};
pub use nearest_class_mean::NearestClassMean;
pub use retraining::{ClassifierRetraining, LearnableScaling, RetrainParams};
pub use tau_normalization::TauNormalization;

use crate::{
    config::TrainConfig,
    device_set::{DeviceSet, in_batches},
    error::TrainError,
    evaluate::Predictions,
    logit_prior::LogitPrior,
    model::{Mode, Model},
};
use art_core::{ClassDistribution, ClassIndex, ParamError, Seed};
use art_data::{Dataset, TrainSet, ValidSet};
use serde::{Deserialize, Serialize};

/// Makes sure that a stage's epochs are a sensible multiple of those of the first one.
fn check_share(share: f64) -> Result<(), ParamError> {
    const MOST: f64 = 10.0;
    if share > 0.0 && share <= MOST {
        return Ok(());
    }
    let expected = "a number above 0 and at most 10";
    Err(ParamError::new("share", share, expected))
}

/// Equal proportions of the classes that have rows.
fn equal_shares(index: &ClassIndex) -> Result<ClassDistribution, TrainError> {
    let uniform = ClassDistribution::uniform(index.n_classes())?;
    Ok(uniform.restricted_to(index.counts())?)
}

/// What a stage gives that takes no step.
fn untrained(head: LinearHead, logit_prior: LogitPrior) -> Refit {
    let report = StageReport {
        epochs: 0,
        best_epoch: 0,
        steps: 0,
        distribution: logit_prior.shares().to_vec(),
    };
    Refit {
        head,
        report,
        logit_prior,
    }
}

/// What a trained model makes of each row before its last layer.
#[derive(Clone, Debug)]
pub struct Features {
    width: usize,
    values: Vec<f32>,
    labels: Vec<u32>,
}

impl Features {
    /// The features of every row of `set`, whose labels are `labels`, without dropout.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when the model has no linear last layer.
    pub fn new(model: &impl Model, set: &DeviceSet, labels: &[u32]) -> Result<Self, TrainError> {
        let values = in_batches(set, labels.len(), model.evaluation_batch(), |rows| {
            model.features(rows, Mode::Eval)
        })?;
        Ok(Self {
            width: values.len() / labels.len().max(1),
            values,
            labels: labels.to_vec(),
        })
    }

    /// Features of a row.
    pub fn width(&self) -> usize {
        self.width
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// The features of row `row`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> &[f32] {
        &self.values[row * self.width..][..self.width]
    }

    /// The features of these rows, one after the other, and their labels.
    fn gather(&self, rows: &[u32]) -> (Vec<f32>, Vec<u32>) {
        let features = rows.iter().flat_map(|&row| self.row(row as usize));
        let labels = rows.iter().map(|&row| self.labels[row as usize]);
        (features.copied().collect(), labels.collect())
    }

    /// All features, row after row.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The label of each row.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }
}

/// What a second stage works on.
#[derive(Clone, Copy, Debug)]
pub struct StageContext<'a> {
    /// Features of the training rows.
    pub train: &'a Features,
    /// Their numbers, class by class.
    pub index: &'a ClassIndex,
    /// Features of the validation rows, for choosing an epoch.
    pub valid: &'a Features,
    /// The class prior of the first stage's logits.
    pub logit_prior: &'a LogitPrior,
    /// The class distribution before any resampling.
    pub natural: &'a ClassDistribution,
    /// How the first stage was trained.
    pub config: &'a TrainConfig,
    /// The run's seed; a stage draws from streams of its own.
    pub seed: Seed,
}

/// What came out of a second stage, beside the new last layer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct StageReport {
    /// Epochs trained.
    pub epochs: u32,
    /// Epoch whose layer was kept.
    pub best_epoch: u32,
    /// Optimizer steps taken.
    pub steps: u64,
    /// The class distribution that rows were drawn from at the end.
    pub distribution: Vec<f64>,
}

/// A new last layer, and how it came about.
#[derive(Clone, Debug, PartialEq)]
pub struct Refit {
    /// The layer.
    pub head: LinearHead,
    /// What a run reports of it.
    pub report: StageReport,
    /// The class prior of its logits.
    pub logit_prior: LogitPrior,
}

/// Makes a new last layer for a trained model.
pub trait SecondStage: Send + Sync {
    /// The stage with every setting that decides a value.
    fn describe(&self) -> String;

    /// The new layer, given the one of the first stage.
    ///
    /// # Errors
    /// Whatever the stage refuses.
    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError>;
}

/// Runs `stage` on a trained model and puts its layer in the model's place; returns the class prior of the new logits beside
/// the report.
pub(crate) fn run<M: Model>(
    stage: &dyn SecondStage,
    model: &M,
    train: &TrainSet,
    valid: &ValidSet,
    logit_prior: &LogitPrior,
    config: &TrainConfig,
    seed: Seed,
) -> Result<(StageReport, LogitPrior), TrainError> {
    let features = |data: &Dataset| {
        let set = DeviceSet::new(data, model)?;
        Features::new(model, &set, data.labels())
    };
    let context = StageContext {
        train: &features(train.data())?,
        index: &train.data().class_index()?,
        valid: &features(valid.data())?,
        logit_prior,
        natural: &train.natural_counts().prior(),
        config,
        seed,
    };
    let refit = stage.refit(LinearHead::of(model)?, &context)?;
    refit.head.write_to(model)?;
    Ok((refit.report, refit.logit_prior))
}

impl LinearHead {
    /// What this layer says about `features`.
    pub fn predict(&self, features: &Features) -> Predictions {
        let logits = self.logits(features.values());
        Predictions::from_logits(self.n_classes(), logits, features.labels().to_vec())
    }
}
