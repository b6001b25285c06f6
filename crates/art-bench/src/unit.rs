//! What of a plan stays together: the smallest part that a task can have.

use crate::cell::CellSpec;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt, str::FromStr};

/// A part of a plan that one task runs whole: a tuned pair with its trials and its cells, or the cells of a data set, method
/// and seed that are not tuned. A cell that two ablations have in common belongs to one unit.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Unit {
    dataset: String,
    method: String,
    /// None for a tuned pair.
    seed: Option<u64>,
}

/// Units, each with its number of cells.
pub type Units = BTreeMap<Unit, usize>;

impl Unit {
    /// A tuned pair.
    pub fn of_pair(dataset: &str, method: &str) -> Self {
        Self {
            dataset: dataset.to_owned(),
            method: method.to_owned(),
            seed: None,
        }
    }

    /// The unit of a cell that is not tuned.
    pub fn of_cell(cell: &CellSpec) -> Self {
        Self {
            seed: Some(cell.seed),
            ..Self::of_pair(&cell.dataset, &cell.method)
        }
    }

    /// Data set and method.
    pub fn key(&self) -> (String, String) {
        (self.dataset.clone(), self.method.clone())
    }

    /// Name of the data set, with what thins it.
    pub fn dataset(&self) -> &str {
        &self.dataset
    }
}

/// `dataset/method` or `dataset/method/seed`.
impl fmt::Display for Unit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.dataset, self.method)?;
        self.seed.map_or(Ok(()), |seed| write!(f, "/{seed}"))
    }
}

impl FromStr for Unit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || format!("{text:?} is neither DATASET/METHOD nor DATASET/METHOD/SEED");
        match text.split('/').collect::<Vec<_>>()[..] {
            [dataset, method] => Ok(Self::of_pair(dataset, method)),
            [dataset, method, seed] => Ok(Self {
                seed: Some(seed.parse().map_err(|_| wrong())?),
                ..Self::of_pair(dataset, method)
            }),
            _ => Err(wrong()),
        }
    }
}

impl TryFrom<String> for Unit {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        text.parse()
    }
}

impl From<Unit> for String {
    fn from(unit: Unit) -> Self {
        unit.to_string()
    }
}
