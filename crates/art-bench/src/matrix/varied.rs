//! What an ablation can vary, and which values that may have.

use super::Tuning;
use crate::{
    cell::CellSpec,
    datasets::{DatasetName, Variant},
};
use art_methods::Value;
use art_train::StopCriterion;
use serde::{Deserialize, de::IntoDeserializer};

/// Units of each hidden layer.
const WIDTH: &str = "width";
/// What counts as improvement while training.
const CRITERION: &str = "criterion";
/// Trials of tuning.
const TRIALS: &str = "trials";
/// As many trials as the matrix gives a method.
const OWN: &str = "own";

/// What an ablation varies.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Varied {
    Width,
    Criterion,
    /// The data set: one of [`Variant::NAMES`].
    Data,
    /// How many trials choose the settings, which are those of the matrix otherwise.
    Trials,
    /// A setting of the methods.
    Setting,
}

impl Varied {
    /// What can be varied beside the settings of methods.
    pub(super) fn names() -> impl Iterator<Item = &'static str> {
        [WIDTH, CRITERION, TRIALS].into_iter().chain(Variant::NAMES)
    }

    pub(super) fn named(name: &str) -> Self {
        match name {
            WIDTH => Self::Width,
            CRITERION => Self::Criterion,
            TRIALS => Self::Trials,
            _ if Variant::NAMES.contains(&name) => Self::Data,
            _ => Self::Setting,
        }
    }

    /// What a value of it has to be, where `value` is none.
    pub(super) fn refuses(self, name: &str, value: &Value) -> Option<String> {
        let is_whole = |least: f64| matches!(value, Value::Number(n) if n.fract() == 0.0 && (least..1e6).contains(n));
        match self {
            Self::Width => {
                (!is_whole(1.0)).then(|| "layers have a whole number of units".to_owned())
            }
            Self::Criterion => criterion(value).err(),
            Self::Trials => (!is_whole(1.0) && *value != Value::Word(OWN.into()))
                .then(|| format!("there are a number of trials, or {OWN} for the matrix's")),
            Self::Data => Variant::of(name, value)
                .err()
                .map(|error| error.to_string()),
            Self::Setting => None,
        }
    }

    /// Gives `cell` a checked value of it; whether the cell knows such a thing.
    pub(super) fn set(self, cell: &mut CellSpec, name: &str, value: &Value) -> bool {
        match (self, value) {
            (Self::Width, Value::Number(width)) => cell.training.hidden.fill(*width as usize),
            (Self::Criterion, _) => match criterion(value) {
                Ok(criterion) => cell.training.criterion = criterion,
                Err(_) => return false,
            },
            (Self::Data, _) => match Variant::of(name, value) {
                Ok(None) => {}
                Ok(variant) => {
                    let base = cell.dataset.clone();
                    cell.dataset = DatasetName { base, variant }.to_string();
                }
                Err(_) => return false,
            },
            // The settings are chosen when the records of the trials are there.
            (Self::Trials, _) => {}
            (Self::Setting, _) if cell.settings.get(name).is_some() => {
                cell.settings.insert(name, value.clone());
            }
            _ => return false,
        }
        true
    }

    /// The tuning with that many trials, where it is what this varies.
    pub(super) fn tuning(self, value: &Value, tuning: &Tuning) -> Option<Tuning> {
        match (self, value) {
            (Self::Trials, Value::Number(trials)) => Some(Tuning {
                trials_per_setting: *trials as u32,
                most_settings: 1,
                trials_on: [].into(),
                ..tuning.clone()
            }),
            (Self::Trials, Value::Word(_)) => Some(tuning.clone()),
            _ => None,
        }
    }
}

/// The criterion called so, or what could be.
fn criterion(value: &Value) -> Result<StopCriterion, String> {
    let word = value.to_string();
    let read = StopCriterion::deserialize(word.as_str().into_deserializer());
    read.map_err(|error: serde::de::value::Error| error.to_string())
}
