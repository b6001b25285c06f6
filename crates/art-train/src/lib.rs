//! A small trainer for classifiers on candle, exactly resumable.
//!
//! A [`Trainer`] trains a [`Model`] on the rows that a sampler draws, stops early by a stated
//! [`StopCriterion`], restores the best epoch's weights, and can be stopped after any epoch and
//! resumed to the same bits. Initial weights and dropout masks come from named streams of one seed.
//! This crate knows tensors, models and clocks; it knows no benchmark and never sees a test set.
//!
//! Signatures name types of [`candle_core`] and [`ndarray`], which are here under their names, so that a caller's version is ours.
//!
//! # Features
//! - `progress` (default): [`Progress`], a terminal progress bar.
//! - `cuda`: networks on a graphics card by the kernels of `art-cuda`, and candle's own tensors there.

#![warn(clippy::unwrap_used)]

mod calibration;
mod callback;
mod checkpoint;
mod classifier;
mod config;
mod device;
mod device_set;
mod engine;
mod ensemble;
mod error;
mod evaluate;
mod fused;
mod history;
mod logit_prior;
mod mixing;
mod model;
mod numbers;
mod optim;
mod post_hoc;
mod recipe;
mod run;
mod stage;
mod stopping;
mod tensor_file;
mod together;
mod trainer;
mod training;
mod validation;

pub use art_losses::CostMatrix;
pub use calibration::{Calibration, ReliabilityBin};
#[cfg(feature = "progress")]
pub use callback::Progress;
pub use callback::{Callback, Control, stop_when};
pub use candle_core::{self, Device};
pub use checkpoint::Checkpoint;
pub use classifier::{
    Answers, ClassRanking, Classifier, ClassifierConfig, ClassifierParams, ColumnImportance,
    Decision, FarFields, OUT_OF_FOLD, PartRecord, Prior, Provenance, Purpose, RowSketch, RowsKnown,
    TableHabits, TrainingRecord,
};
pub use config::{TrainConfig, TrainParams};
pub use device::DeviceName;
pub use device_set::DeviceSet;
pub use ensemble::{Ensemble, Member, Shift};
pub use error::TrainError;
pub use evaluate::Predictions;
pub use fused::Network;
pub use history::{EpochReport, EpochTiming, History, RefreshRecord, StopReason};
pub use logit_prior::LogitPrior;
pub use mixing::Remix;
pub use model::{Cnn, CnnConfig, CnnParams, Mlp, MlpConfig, MlpParams, Mode, Model, Parameter};
pub use ndarray;
pub use numbers::NumberEncoding;
pub use optim::{AdamW, FlatAdamW, Moments};
pub use post_hoc::{
    Adjustment, AffineRule, ClassThresholds, LogitAdjustment, PlugIn, PostHoc, PriorCorrection,
    TauE, Temperature,
};
pub use recipe::{FoldInputs, MakeRecipe, Recipe, RecipeRun, RunInputs};
pub use stage::{
    ClassifierRetraining, Features, LearnableScaling, LinearHead, MetaSampler, MetaSamplerParams,
    NearestClassMean, Refit, RetrainParams, SecondStage, StageContext, StageReport,
    TauNormalization,
};
pub use stopping::{EarlyStopping, StopCriterion, Verdict};
pub use trainer::{Fitted, Trainer};
pub use training::Training;

/// The example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
