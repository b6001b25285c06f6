//! The data sets that cells can name.

use crate::BenchError;
use art_data::{BundledTable, DataFolder, Dataset};
use std::collections::BTreeMap;

/// Ids and titles of the data sets, in the order of the paper.
pub const DATASETS: [(&str, &str, BundledTable); 3] = [
    ("pima", "Pima", BundledTable::Pima),
    ("yeast", "Yeast", BundledTable::Yeast),
    ("wine", "Red Wine", BundledTable::WineRed),
];

/// The data sets of a run, each read and verified once.
#[derive(Debug)]
pub struct DataSets {
    loaded: BTreeMap<String, Dataset>,
}

impl DataSets {
    /// Reads the data sets called `ids` from `folder`.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for an id that is not in [`DATASETS`], or whatever is wrong with a
    /// file.
    pub fn load(ids: &[String], folder: &DataFolder) -> Result<Self, BenchError> {
        let mut loaded = BTreeMap::new();
        for id in ids {
            let known = DATASETS.iter().find(|(known, ..)| known == id);
            let (_, _, table) = known.ok_or_else(|| unknown(id))?;
            loaded.insert(id.clone(), table.load(folder)?);
        }
        Ok(Self { loaded })
    }

    /// Names of the classes of each data set.
    pub fn class_names(&self) -> BTreeMap<String, Vec<String>> {
        let names = |(id, data): (&String, &Dataset)| (id.clone(), data.class_names().to_vec());
        self.loaded.iter().map(names).collect()
    }

    /// The data set called `id`.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] when it was not loaded.
    pub fn get(&self, id: &str) -> Result<&Dataset, BenchError> {
        self.loaded.get(id).ok_or_else(|| unknown(id))
    }
}

fn unknown(id: &str) -> BenchError {
    BenchError::Unknown {
        what: "data set",
        name: id.to_owned(),
        known: DATASETS.map(|(id, ..)| id).join(", "),
    }
}

/// The title of a data set; its id where it has none.
pub fn dataset_title(id: &str) -> &str {
    let known = DATASETS.iter().find(|(known, ..)| *known == id);
    known.map_or(id, |(_, title, _)| title)
}
