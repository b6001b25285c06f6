//! Everything needed to go on with a run, in one file: tensors `weights.N`, `best.N`, `first.N` and `second.N`
//! for the N-th parameter, and the rest as its state. Where several networks are trained together, the tensors of the K-th, from
//! 0, are called `K/weights.N` and so on.

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

/// Version 1 had its digest among the metadata; states of samplers have named lists from version 3 on; from version 4 on there
/// may be several networks.
const KIND: FileKind = FileKind {
    name: "checkpoint",
    version_key: "art-checkpoint-version",
    version: 4,
    digest_is_tensor_from: 2,
    digest_has_version_from: 4,
};

/// The state of a run after an epoch: of one network, or of several that are trained together.
#[derive(Clone, Debug)]
pub struct Checkpoint {
    pub(crate) runs: Vec<RunState>,
}

/// The state of one network in training after an epoch.
#[derive(Clone, Debug)]
pub(crate) struct RunState {
    pub(crate) state: State,
    pub(crate) weights: Vec<Tensor>,
    pub(crate) best_weights: Vec<Tensor>,
    pub(crate) moments: Vec<Moments>,
}

/// The part of it that is no tensor.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct State {
    pub(crate) fingerprint: serde_json::Value,
    pub(crate) sampler: SamplerState,
    pub(crate) stopping: EarlyStopping,
    pub(crate) history: History,
    pub(crate) stopped: Option<StopReason>,
    pub(crate) steps: u64,
    pub(crate) names: Vec<String>,
}

impl State {
    /// What contradicts itself, in words.
    fn contradiction(&self) -> Option<&'static str> {
        let History { epochs, timing } = &self.history;
        let steps = epochs
            .iter()
            .try_fold(0_u64, |sum, epoch| sum.checked_add(epoch.steps));
        if epochs
            .iter()
            .zip(1..)
            .any(|(report, epoch)| report.epoch != epoch)
        {
            Some("its epochs are not counted from 1")
        } else if timing.len() != epochs.len() {
            Some("it has not one time for each epoch")
        } else if steps != Some(self.steps) {
            Some("its steps are not those of its epochs")
        } else if self.stopping.best_epoch() as usize > epochs.len() {
            Some("its best epoch is none of its epochs")
        } else {
            None
        }
    }
}

/// What a file has beside its tensors.
#[derive(Serialize, Deserialize)]
#[serde(untagged)]
enum Stored {
    One(Box<State>),
    Together { runs: Vec<State> },
}

/// What the names of a network's tensors begin with.
fn prefix(run: usize, n_runs: usize) -> String {
    if n_runs == 1 {
        String::new()
    } else {
        format!("{run}/")
    }
}

impl Checkpoint {
    /// Epochs that are done.
    pub fn epochs_done(&self) -> u32 {
        let first = self.runs.first();
        first.map_or(0, |run| run.state.history.epochs.len() as u32)
    }

    /// Writes the checkpoint to `path`, replacing what is there only once it is complete.
    ///
    /// # Errors
    /// [`TrainError::File`]; an existing file is then unchanged.
    pub fn save(&self, path: &Path) -> Result<(), TrainError> {
        let mut states: Vec<State> = self.runs.iter().map(|run| run.state.clone()).collect();
        let stored = match states.len() {
            1 => Stored::One(Box::new(states.remove(0))),
            _ => Stored::Together { runs: states },
        };
        let mut tensors = vec![];
        for (place, run) in self.runs.iter().enumerate() {
            let prefix = prefix(place, self.runs.len());
            let groups: [(&str, Vec<&Tensor>); 4] = [
                ("weights", run.weights.iter().collect()),
                ("best", run.best_weights.iter().collect()),
                ("first", run.moments.iter().map(|m| &m.first).collect()),
                ("second", run.moments.iter().map(|m| &m.second).collect()),
            ];
            for (group, members) in groups {
                let members = members.into_iter().enumerate();
                tensors.extend(members.map(|(i, tensor)| (format!("{prefix}{group}.{i}"), tensor)));
            }
        }
        KIND.write(path, &stored, &tensors)
    }

    /// Reads a checkpoint of this or an older version.
    ///
    /// # Errors
    /// [`TrainError::File`] when the file cannot be read, is truncated or altered, or comes
    /// from a newer version.
    pub fn load(path: impl Into<PathBuf>) -> Result<Self, TrainError> {
        let path = path.into();
        let (stored, mut tensors): (Stored, _) = KIND.read(&path)?;
        let states = match stored {
            Stored::One(state) => vec![*state],
            Stored::Together { runs } => runs,
        };
        if states.is_empty() {
            return Err(KIND.damaged(&path, &"it has no network"));
        }
        if let Some(problem) = states.iter().find_map(State::contradiction) {
            return Err(KIND.damaged(&path, &problem));
        }
        let n_runs = states.len();
        let runs = states.into_iter().enumerate().map(|(place, state)| {
            let prefix = prefix(place, n_runs);
            let mut tensors = |group: &str| {
                let member = |i| {
                    let name = format!("{prefix}{group}.{i}");
                    let tensor = tensors.remove(&name);
                    tensor.ok_or_else(|| KIND.damaged(&path, &format!("{name} is missing")))
                };
                (0..state.names.len())
                    .map(member)
                    .collect::<Result<Vec<_>, TrainError>>()
            };
            let moments = tensors("first")?.into_iter().zip(tensors("second")?);
            Ok(RunState {
                weights: tensors("weights")?,
                best_weights: tensors("best")?,
                moments: moments
                    .map(|(first, second)| Moments { first, second })
                    .collect(),
                state,
            })
        });
        let runs = runs.collect::<Result<_, TrainError>>()?;
        Ok(Self { runs })
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
        let State {
            sampler: saved,
            history,
            ..
        } = &checkpoint.runs[0].state;
        sampler.restore(saved).unwrap();
        let refresh = history.epochs[1].refresh.as_ref().unwrap();
        assert_eq!(sampler.refreshes(), 1);
        assert_eq!(sampler.distribution().as_slice(), refresh.distribution);
    }
}
