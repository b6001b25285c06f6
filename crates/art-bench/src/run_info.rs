//! What a results folder says about itself beside its records.

use crate::{
    cell::CellRecord,
    datasets::DatasetName,
    error::BenchError,
    matrix::Matrix,
    outcome::Outcome,
    plain_name::check_plain,
    splits::{Division, SplitFacts},
};
use art_data::write_atomically;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fs, path::Path};

/// What a results folder says about itself, beside its records.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunInfo {
    version: u32,
    /// The matrix whose cells are in the folder.
    pub matrix: Matrix,
    /// Names of the classes of each data set.
    pub class_names: BTreeMap<String, Vec<String>>,
    /// Data sets that could not be had, with the reason.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub unavailable: BTreeMap<String, String>,
    /// How rows come into the parts, where not by stratified splits.
    #[serde(default, skip_serializing_if = "Division::is_stratified")]
    pub division: Division,
    /// What is to be known of the splits of a table of the user's own; version 3 says it of every table whose groups stay
    /// whole.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub splits: BTreeMap<String, SplitFacts>,
    /// What to know of a table of the user's own before its results are believed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
}

/// Name of the file that holds a folder's [`RunInfo`].
pub(crate) const MATRIX_FILE: &str = "matrix.json";

/// Newest version of that file that this program writes and reads. 2: tuning, ablations, data sets with a
/// training of their own or unavailable. 3: splits of which something is to be known; without any the file is one of
/// version 2.
const INFO_VERSION: u32 = 3;
const WITHOUT_SPLITS: u32 = 2;

impl RunInfo {
    /// What a folder with the results of `matrix` says about itself.
    pub fn new(
        matrix: Matrix,
        class_names: BTreeMap<String, Vec<String>>,
        unavailable: BTreeMap<String, String>,
    ) -> Self {
        Self {
            version: WITHOUT_SPLITS,
            matrix,
            class_names,
            unavailable,
            division: Division::Stratified,
            splits: BTreeMap::new(),
            notes: vec![],
        }
    }

    /// What the report in `folder` covers and one of `wanted` would not, in words; nothing for a folder without a report.
    ///
    /// # Errors
    /// As [`load`](Self::load).
    pub fn lost_in(folder: &Path, wanted: &Matrix) -> Result<Vec<String>, BenchError> {
        if !folder.join(MATRIX_FILE).exists() {
            return Ok(vec![]);
        }
        let kept = Self::load(folder)?.matrix;
        let tables = kept
            .datasets
            .iter()
            .filter(|id| !wanted.datasets.contains(id));
        if tables.count() > 0 {
            return Ok(vec![
                "another table, or this one as it was before".to_owned(),
            ]);
        }
        let mut lost = vec![];
        let is_lost = |id: &&str| wanted.methods.iter().all(|method| method.id != **id);
        let methods = kept.methods.iter().map(|method| &*method.id);
        let methods: Vec<&str> = methods.filter(is_lost).collect();
        if !methods.is_empty() {
            lost.push(format!("the methods {}", methods.join(", ")));
        }
        let seeds = kept
            .seeds
            .iter()
            .filter(|seed| !wanted.seeds.contains(seed));
        if seeds.count() > 0 {
            lost.push(format!("{} seeds", kept.seeds.len()));
        }
        Ok(lost)
    }

    /// Makes sure that `folder` is free for this matrix or belongs to it.
    ///
    /// # Errors
    /// As [`save`](Self::save).
    pub fn check(&self, folder: &Path) -> Result<(), BenchError> {
        let path = folder.join(MATRIX_FILE);
        if path.exists() {
            Self::load(folder)?.check_same_kind(&path, &self.matrix)?;
        }
        Ok(())
    }

    /// Writes it to `folder`. A folder of the same matrix is taken over, methods, data sets, seeds and
    /// ablations that are new to it included; a data set that the folder had results of stays available.
    ///
    /// # Errors
    /// [`BenchError::OtherMatrix`] when the folder belongs to a matrix of another name, training or tuning,
    /// [`BenchError::Io`].
    pub fn save(&self, folder: &Path) -> Result<(), BenchError> {
        let path = folder.join(MATRIX_FILE);
        let mut info = self.clone();
        if path.exists() {
            let kept = Self::load(folder)?;
            kept.check_same_kind(&path, &self.matrix)?;
            info.join(kept);
        }
        info.version = if info.splits.is_empty() {
            WITHOUT_SPLITS
        } else {
            INFO_VERSION
        };
        let text = serde_json::to_string_pretty(&info).expect("a matrix is plain data");
        write_atomically(&path, text.as_bytes()).map_err(BenchError::io("write", &path))
    }

    /// Takes over which data sets another folder, or this one before, could have.
    pub(crate) fn join(&mut self, other: Self) {
        self.unavailable
            .retain(|id, _| !other.class_names.contains_key(id));
        self.class_names.extend(other.class_names);
    }

    /// Makes sure that results of `wanted` may stand beside those of this folder.
    fn check_same_kind(&self, path: &Path, wanted: &Matrix) -> Result<(), BenchError> {
        let kept = &self.matrix;
        let trained_alike = |id: &String| kept.training_on(id) == wanted.training_on(id);
        let same = kept.name == wanted.name
            && kept.training == wanted.training
            && kept.datasets.iter().all(trained_alike)
            && kept.tuning == wanted.tuning;
        if same {
            return Ok(());
        }
        Err(BenchError::OtherMatrix {
            path: path.to_owned(),
            wanted: wanted.name.clone(),
        })
    }

    /// What `folder` says about itself.
    ///
    /// # Errors
    /// [`BenchError::Io`] when there is no matrix file, [`BenchError::BadRecord`] when it is damaged,
    /// [`BenchError::Format`] when it contradicts itself or has an id that is no plain name,
    /// [`BenchError::NewerRecord`] when a newer program wrote it.
    pub fn load(folder: &Path) -> Result<Self, BenchError> {
        #[derive(Deserialize)]
        struct Version {
            version: u32,
        }
        let path = folder.join(MATRIX_FILE);
        let text = fs::read_to_string(&path).map_err(BenchError::io("read", &path))?;
        let bad = |error: serde_json::Error| BenchError::BadRecord {
            line: error.line(),
            reason: error.to_string(),
            path: path.clone(),
        };
        let Version { version } = serde_json::from_str(&text).map_err(bad)?;
        if version > INFO_VERSION {
            return Err(BenchError::NewerRecord {
                path,
                line: 1,
                found: version,
                supported: INFO_VERSION,
            });
        }
        let info: Self = serde_json::from_str(&text).map_err(bad)?;
        info.check_content().map_err(|error| BenchError::Format {
            path: path.clone(),
            line: None,
            problem: error.to_string(),
        })?;
        Ok(info)
    }

    /// What `folder` says about itself, if anything.
    pub(crate) fn load_if_there(folder: &Path) -> Result<Option<Self>, BenchError> {
        let is_there = folder.join(MATRIX_FILE).exists();
        is_there.then(|| Self::load(folder)).transpose()
    }

    pub(crate) fn check_content(&self) -> Result<(), BenchError> {
        self.matrix.check_stored()?;
        for id in self.class_names.keys().chain(self.unavailable.keys()) {
            check_plain("data set", id)?;
        }
        Ok(())
    }

    /// Makes sure that a record has as many classes as the folder has names for.
    pub(crate) fn check_record(&self, record: &CellRecord) -> Result<(), String> {
        let Outcome::Evaluated(evaluation) = &record.result.outcome else {
            return Ok(());
        };
        let (name, n_classes) = (
            &record.result.spec.dataset,
            evaluation.confusion.n_classes(),
        );
        let id = DatasetName::id_of(name);
        match self.class_names.get(id) {
            Some(names) if names.len() != n_classes => Err(format!(
                "it has {n_classes} classes, and {MATRIX_FILE} names {} of {id}",
                names.len()
            )),
            None if self.matrix.has_dataset(id) => {
                Err(format!("{MATRIX_FILE} names no class of {id}"))
            }
            _ => Ok(()),
        }
    }
}
