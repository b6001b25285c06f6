//! Everything needed to go on with a run, in one file.
//!
//! The file is a safetensors file: tensors `weights.N`, `best.N`, `first.N` and `second.N` for the
//! N-th parameter, the rest as JSON in the bytes of the tensor `state`, and metadata with the version
//! and a SHA-256 over all of them. It is written beside its target and renamed, so that a crash leaves
//! the old file or the new one, never a torn one.

use crate::{EarlyStopping, History, Moments, StopReason, TrainError};
use art_core::SamplerState;
use art_data::{sha256_hex, write_atomically};
use candle_core::{Device, Tensor};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};
use std::{
    collections::HashMap,
    fs,
    path::{Path, PathBuf},
};

/// Newest version of the file that this crate writes and reads.
const VERSION: u32 = 1;
/// Metadata key of the version.
const VERSION_KEY: &str = "art-checkpoint-version";
/// Metadata key of the digest.
const DIGEST_KEY: &str = "sha256";
/// Name of the tensor that holds the JSON.
const STATE: &str = "state";

/// The state of a run after an epoch.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub(crate) fingerprint: serde_json::Value,
    pub(crate) sampler: SamplerState,
    pub(crate) stopping: EarlyStopping,
    pub(crate) history: History,
    pub(crate) stopped: Option<StopReason>,
    pub(crate) steps: u64,
    pub(crate) names: Vec<String>,
    pub(crate) weights: Vec<Tensor>,
    pub(crate) best_weights: Vec<Tensor>,
    pub(crate) moments: Vec<Moments>,
}

/// The part of a checkpoint that is no tensor.
#[derive(Serialize, Deserialize)]
struct State {
    fingerprint: serde_json::Value,
    sampler: SamplerState,
    stopping: EarlyStopping,
    history: History,
    stopped: Option<StopReason>,
    steps: u64,
    names: Vec<String>,
}

impl Checkpoint {
    /// Epochs that are done.
    pub fn epochs_done(&self) -> u32 {
        self.history.epochs.len() as u32
    }

    /// Writes the checkpoint to `path`, replacing what is there only once it is complete.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`]; an existing file is then unchanged.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let fail = |reason: String| TrainError::Checkpoint {
            action: "write",
            path: path.to_owned(),
            reason,
        };
        let state = State {
            fingerprint: self.fingerprint.clone(),
            sampler: self.sampler.clone(),
            stopping: self.stopping.clone(),
            history: self.history.clone(),
            stopped: self.stopped,
            steps: self.steps,
            names: self.names.clone(),
        };
        let state = serde_json::to_vec(&state).map_err(|error| fail(error.to_string()))?;
        let first: Vec<&Tensor> = self.moments.iter().map(|m| &m.first).collect();
        let second: Vec<&Tensor> = self.moments.iter().map(|m| &m.second).collect();
        let mut stored = vec![(STATE.to_owned(), Dtype::U8, vec![state.len()], state)];
        for (group, tensors) in [
            ("weights", self.weights.iter().collect()),
            ("best", self.best_weights.iter().collect()),
            ("first", first),
            ("second", second),
        ] {
            for (i, tensor) in tensors.into_iter().enumerate() {
                let values = tensor.flatten_all()?.to_vec1::<f32>()?;
                let bytes: Vec<u8> = values.into_iter().flat_map(f32::to_le_bytes).collect();
                stored.push((
                    format!("{group}.{i}"),
                    Dtype::F32,
                    tensor.dims().to_vec(),
                    bytes,
                ));
            }
        }
        let views = stored
            .iter()
            .map(|(name, dtype, shape, bytes)| {
                let view = TensorView::new(*dtype, shape.clone(), bytes);
                view.map(|view| (&**name, view))
            })
            .collect::<Result<Vec<_>, _>>()
            .map_err(|error| fail(error.to_string()))?;
        let metadata = HashMap::from([
            (VERSION_KEY.to_owned(), VERSION.to_string()),
            (DIGEST_KEY.to_owned(), digest(views.clone())),
        ]);
        let bytes = safetensors::serialize(views, Some(metadata))
            .map_err(|error| fail(error.to_string()))?;
        write_atomically(path, &bytes).map_err(|error| fail(error.to_string()))
    }

    /// Reads a checkpoint of this or an older version.
    ///
    /// # Errors
    /// [`TrainError::Checkpoint`] when the file cannot be read, is truncated or altered, or comes
    /// from a newer version.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self, TrainError> {
        let path = path.into();
        let fail = |reason: String| TrainError::Checkpoint {
            action: "read",
            path: path.clone(),
            reason,
        };
        let damaged = |error: &dyn std::fmt::Display| {
            fail(format!(
                "the file is truncated or altered ({error}); use another one"
            ))
        };
        let bytes = fs::read(&path).map_err(|error| fail(error.to_string()))?;
        let (_, metadata) = SafeTensors::read_metadata(&bytes).map_err(|e| damaged(&e))?;
        let metadata = metadata.metadata().clone().unwrap_or_default();
        let version = metadata
            .get(VERSION_KEY)
            .and_then(|version| version.parse::<u32>().ok());
        let version =
            version.ok_or_else(|| fail("it is a safetensors file, but no checkpoint".into()))?;
        if version > VERSION {
            return Err(fail(format!(
                "it has version {version}, this program reads up to {VERSION}; use a newer program"
            )));
        }
        let file = SafeTensors::deserialize(&bytes).map_err(|e| damaged(&e))?;
        if metadata.get(DIGEST_KEY) != Some(&digest(file.tensors())) {
            return Err(damaged(&"its SHA-256 differs"));
        }
        let state = file.tensor(STATE).map_err(|e| damaged(&e))?;
        let state: State = serde_json::from_slice(state.data()).map_err(|e| damaged(&e))?;
        let tensors = |group: &str| {
            (0..state.names.len())
                .map(|i| {
                    let view = file
                        .tensor(&format!("{group}.{i}"))
                        .map_err(|e| damaged(&e))?;
                    let chunks = view.data().chunks_exact(4);
                    let values = chunks.map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]));
                    let values: Vec<f32> = values.collect();
                    Ok(Tensor::from_vec(values, view.shape(), &Device::Cpu)?)
                })
                .collect::<Result<Vec<_>, TrainError>>()
        };
        let moments = tensors("first")?.into_iter().zip(tensors("second")?);
        Ok(Self {
            weights: tensors("weights")?,
            best_weights: tensors("best")?,
            moments: moments
                .map(|(first, second)| Moments { first, second })
                .collect(),
            fingerprint: state.fingerprint,
            sampler: state.sampler,
            stopping: state.stopping,
            history: state.history,
            stopped: state.stopped,
            steps: state.steps,
            names: state.names,
        })
    }
}

/// SHA-256 over the names, shapes and bytes of all tensors, in the order of their names.
fn digest<S: AsRef<str> + Ord>(mut tensors: Vec<(S, TensorView<'_>)>) -> String {
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut bytes = vec![];
    for (name, view) in &tensors {
        bytes.extend_from_slice(format!("{} {:?};", name.as_ref(), view.shape()).as_bytes());
        bytes.extend_from_slice(view.data());
    }
    sha256_hex(&bytes)
}
