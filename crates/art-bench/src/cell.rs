//! Cells: one training run each, and what is kept of it.

use crate::{
    course::Epochs,
    outcome::{Measured, Outcome},
};
use art_core::Seed;
use art_data::sha256_hex;
use art_methods::{Settings, Value};
use art_train::Training;
use serde::{Deserialize, Serialize};
use std::fmt;

/// Newest version of a record that this program writes and reads. 2: trials of tuning, offsets chosen on
/// validation rows. 3: what happened in each epoch in single precision, and of a refresh the distribution alone; older
/// records are read as if they were so. 4: the arithmetic that made them. 5: a digest may stand for what happened in each epoch,
/// and packed records leave out what follows from the rest.
pub const SCHEMA: u32 = 5;

/// Goes into every cell's name. It stays when the schema of records grows, so that old records keep
/// their names; it changes with the arithmetic of training, so that a report never mixes two kinds of
/// cells. 2: networks are fused (decision 0007).
const ID_VERSION: u32 = 2;

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
        self.id_of_version(ID_VERSION)
    }

    fn id_of_version(&self, version: u32) -> CellId {
        let canonical =
            serde_json::to_string(&(version, self)).expect("a specification is plain data");
        CellId(sha256_hex(canonical.as_bytes())[..16].to_owned())
    }

    /// Whether this program or an older one gives the cell this name.
    pub(crate) fn has_id(&self, id: &CellId) -> bool {
        let mut versions = (1..=ID_VERSION).rev();
        versions.any(|version| self.id_of_version(version) == *id)
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

    /// How the run went epoch by epoch, where it was evaluated and that is kept.
    pub(crate) fn course(&self) -> Option<&Epochs> {
        match &self.result.outcome {
            Outcome::Evaluated(evaluation) => evaluation.course.whole(),
            Outcome::Validated(_) | Outcome::Failed { .. } => None,
        }
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
    /// The bytes that a second run must reproduce: all but the version of the record's form. The course of the run is in
    /// them by its digest.
    pub fn canonical(&self) -> String {
        let outcome = match self.outcome.clone() {
            Outcome::Evaluated(evaluation) => Outcome::Evaluated(evaluation.digested()),
            other => other,
        };
        let parts = (&self.id, &self.spec, &outcome);
        serde_json::to_string(&parts).expect("a result is plain data")
    }
}
