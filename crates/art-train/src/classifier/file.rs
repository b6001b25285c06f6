//! The model file.

use super::{Classifier, Provenance, TableHabits, TrainingRecord};
use crate::{
    ensemble::{Ensemble, Member, Shift},
    error::TrainError,
    model::{Mlp, MlpConfig, Model},
    post_hoc::{Adjustment, AffineRule},
    tensor_file::FileKind,
};
use art_core::ClassDistribution;
use art_data::Encoder;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, path::Path};

/// Version 2 has temperatures, version 3 networks of folds and affine rules.
const KIND: FileKind = FileKind {
    name: "model",
    version_key: "art-model-version",
    version: 3,
    digest_is_tensor_from: 1,
    digest_has_version_from: 3,
};

/// What messages name where there is no file.
const BYTES: &str = "a model in memory";

/// The part of a model that is no tensor.
#[derive(Serialize, Deserialize)]
struct State {
    target: String,
    class_names: Vec<String>,
    /// Written where there are any.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    joined: BTreeMap<String, String>,
    encoder: Encoder,
    network: MlpConfig,
    natural: Vec<f64>,
    /// The class prior of the logits.
    trained_under: Vec<f64>,
    offsets: Vec<f64>,
    /// Since version 2.
    #[serde(default)]
    temperature: Option<f64>,
    /// Written where there is one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    affine: Option<AffineRule>,
    /// The networks, whose tensors are called `0/…`, `1/…` and so on; written where there are several, the first of which
    /// `network` is then.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    members: Vec<MemberState>,
    /// Written where it is not 1.
    #[serde(default = "one", skip_serializing_if = "is_one")]
    logit_scale: f64,
    /// Written where there is something to say.
    #[serde(default, skip_serializing_if = "TableHabits::is_usual")]
    table: TableHabits,
    record: TrainingRecord,
    /// Written where it is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    provenance: Option<Provenance>,
}

/// One of several networks.
#[derive(Serialize, Deserialize)]
struct MemberState {
    network: MlpConfig,
    /// How its logits are moved before they are averaged.
    #[serde(flatten)]
    shift: Shift,
}

fn one() -> f64 {
    1.0
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_one(scale: &f64) -> bool {
    *scale == 1.0
}

impl MemberState {
    fn of(member: &Member<Mlp>) -> Self {
        Self {
            network: member.model.config().clone(),
            shift: member.shift.clone(),
        }
    }
}

/// The networks with these weights; one of the shape `only` where there is no list of them.
fn ensemble(
    only: MlpConfig,
    states: Vec<MemberState>,
    mut weights: BTreeMap<String, Tensor>,
) -> Result<Ensemble<Mlp>, TrainError> {
    if states.is_empty() {
        return Ok(Ensemble::of_one(Mlp::with_weights(only, weights)?));
    }
    let mut members = vec![];
    for (place, state) in states.into_iter().enumerate() {
        let MemberState { network, shift } = state;
        let prefix = format!("{place}/");
        let mut own = BTreeMap::new();
        weights = weights
            .into_iter()
            .filter_map(|(name, values)| match name.strip_prefix(&prefix) {
                Some(name) => {
                    own.insert(name.to_owned(), values);
                    None
                }
                None => Some((name, values)),
            })
            .collect();
        let model = Mlp::with_weights(network, own)?;
        members.push(Member { model, shift });
    }
    match weights.keys().next() {
        None => Ensemble::new(members),
        Some(name) => Err(TrainError::Mismatch {
            what: "a list of weights",
            expected: format!("one for {} networks", members.len()),
            found: format!("one with {name} besides"),
        }),
    }
}

impl Classifier {
    /// Writes the classifier to `path`, replacing what is there only once it is complete. Equal classifiers
    /// make equal bytes.
    ///
    /// # Errors
    /// [`TrainError::File`]; an existing file is then unchanged.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        KIND.write(path, &self.state(), &self.weights())
    }

    /// What [`save`](Self::save) writes.
    ///
    /// # Errors
    /// [`TrainError::File`].
    pub fn to_bytes(&self) -> Result<Vec<u8>, TrainError> {
        KIND.pack(Path::new(BYTES), &self.state(), &self.weights())
    }

    fn state(&self) -> State {
        State {
            target: self.target.clone(),
            class_names: self.class_names.clone(),
            joined: self.joined.clone(),
            encoder: self.encoder.clone(),
            network: self.model.members()[0].model.config().clone(),
            natural: self.natural.as_slice().to_vec(),
            trained_under: self.logit_prior.shares().to_vec(),
            offsets: self.adjustment.offsets.clone(),
            temperature: self.adjustment.temperature,
            affine: self.adjustment.affine.clone(),
            members: match self.model.members() {
                [_] => vec![],
                members => members.iter().map(MemberState::of).collect(),
            },
            logit_scale: self.logit_scale,
            table: self.table.clone(),
            record: self.record.clone(),
            provenance: self.provenance.clone(),
        }
    }

    fn weights(&self) -> Vec<(String, &Tensor)> {
        let weights = self.model.parameters().iter();
        weights
            .map(|p| (p.name.clone(), p.var.as_tensor()))
            .collect()
    }

    /// Reads a classifier of this or an older version.
    ///
    /// # Errors
    /// [`TrainError::File`] when the file cannot be read, is truncated or altered, or comes from a newer
    /// version.
    pub fn load(path: &Path) -> Result<Self, TrainError> {
        let (state, weights) = KIND.read(path)?;
        Self::of_state(path, state, weights)
    }

    /// Reads what [`to_bytes`](Self::to_bytes) made.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, TrainError> {
        let path = Path::new(BYTES);
        let (state, weights) = KIND.unpack(path, bytes)?;
        Self::of_state(path, state, weights)
    }

    fn of_state(
        path: &Path,
        state: State,
        weights: BTreeMap<String, Tensor>,
    ) -> Result<Self, TrainError> {
        let damaged = |error: TrainError| KIND.damaged(path, &error);
        let distribution = |shares: Vec<f64>| {
            ClassDistribution::new(shares).map_err(|error| damaged(error.into()))
        };
        let model = ensemble(state.network, state.members, weights).map_err(damaged)?;
        let classifier = Self {
            model,
            natural: distribution(state.natural)?,
            logit_prior: distribution(state.trained_under)?.into(),
            target: state.target,
            class_names: state.class_names,
            joined: state.joined,
            encoder: state.encoder,
            adjustment: Adjustment {
                offsets: state.offsets,
                temperature: state.temperature,
                affine: state.affine,
            },
            logit_scale: state.logit_scale,
            table: state.table,
            record: state.record,
            provenance: state.provenance,
        };
        let n_classes = classifier.model.n_classes();
        let fits = [
            classifier.class_names.len(),
            classifier.natural.n_classes(),
            classifier.logit_prior.shares().len(),
            classifier.adjustment.offsets.len(),
        ];
        let n_features = classifier.encoder.feature_names().len();
        let temperature = classifier.adjustment.temperature;
        let mut factors = temperature.into_iter().chain([classifier.logit_scale]);
        let is_warm = factors.all(|t| t > 0.0 && t.is_finite());
        let rule = classifier.adjustment.affine.as_ref();
        let is_rule = rule.is_none_or(|rule| rule.is_for(n_classes));
        let n_needed = classifier.model.n_features();
        if fits != [n_classes; 4] || n_features != n_needed || !is_warm || !is_rule {
            return Err(KIND.damaged(path, &"its parts do not fit together"));
        }
        Ok(classifier)
    }
}
