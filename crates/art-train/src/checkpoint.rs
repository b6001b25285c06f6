//! Everything needed to go on with a run, in one file: tensors `weights.N`, `best.N`, `first.N` and `second.N`
//! for the N-th parameter, and the rest as its state.

use crate::{
    error::TrainError,
    history::{History, StopReason},
    optim::Moments,
    stopping::EarlyStopping,
    tensor_file::FileKind,
};
use art_core::SamplerState;
use candle_core::Tensor;
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Version 1 had its digest among the metadata; states of samplers have named lists from version 3 on.
const KIND: FileKind = FileKind {
    name: "checkpoint",
    version_key: "art-checkpoint-version",
    version: 3,
    digest_is_tensor_from: 2,
};

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
    /// [`TrainError::File`]; an existing file is then unchanged.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let state = State {
            fingerprint: self.fingerprint.clone(),
            sampler: self.sampler.clone(),
            stopping: self.stopping.clone(),
            history: self.history.clone(),
            stopped: self.stopped,
            steps: self.steps,
            names: self.names.clone(),
        };
        let mut tensors = vec![];
        let groups: [(&str, Vec<&Tensor>); 4] = [
            ("weights", self.weights.iter().collect()),
            ("best", self.best_weights.iter().collect()),
            ("first", self.moments.iter().map(|m| &m.first).collect()),
            ("second", self.moments.iter().map(|m| &m.second).collect()),
        ];
        for (group, members) in groups {
            let members = members.into_iter().enumerate();
            tensors.extend(members.map(|(i, tensor)| (format!("{group}.{i}"), tensor)));
        }
        KIND.write(path, &state, &tensors)
    }

    /// Reads a checkpoint of this or an older version.
    ///
    /// # Errors
    /// [`TrainError::File`] when the file cannot be read, is truncated or altered, or comes
    /// from a newer version.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self, TrainError> {
        let path = path.into();
        let (state, mut stored): (State, _) = KIND.read(&path)?;
        let mut tensors = |group: &str| {
            let member = |i| {
                let name = format!("{group}.{i}");
                let tensor = stored.remove(&name);
                tensor.ok_or_else(|| KIND.damaged(&path, &format!("{name} is missing")))
            };
            (0..state.names.len())
                .map(member)
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

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::{ArtParams, ArtSampler, ClassIndex, EpochSampler, Seed};

    #[test]
    fn the_sampler_of_a_checkpoint_of_version_2_is_taken_up() {
        let path = concat!(
            env!("CARGO_MANIFEST_DIR"),
            "/tests/golden/checkpoint-v2.safetensors"
        );
        let checkpoint = Checkpoint::load(path).unwrap();
        assert_eq!(checkpoint.epochs_done(), 3);
        let counts = [84, 28, 11];
        let labels = counts.iter().zip(0..);
        let labels: Vec<u32> = labels.flat_map(|(&n, class)| vec![class; n]).collect();
        let config = ArtParams::new().boost_frequency(2).check().unwrap();
        let index = ClassIndex::new(&labels, 3).unwrap();
        let mut sampler = ArtSampler::new(config, index, Seed::new(1834)).unwrap();
        sampler.restore(&checkpoint.sampler).unwrap();
        let refresh = checkpoint.history.epochs[1].refresh.as_ref().unwrap();
        assert_eq!(sampler.refreshes(), 1);
        assert_eq!(sampler.distribution().as_slice(), refresh.distribution);
    }
}
