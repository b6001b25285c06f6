//! What has no result.

use std::fmt;

/// A data set and a method of a matrix, by their ids; shown as cells are named, with a stroke between.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct PairName {
    /// Id of the data set.
    pub dataset: String,
    /// Id of the method.
    pub method: String,
}

impl fmt::Display for PairName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.dataset, self.method)
    }
}

/// Something that has no result.
#[derive(Clone, Debug, PartialEq)]
pub enum MissingResult {
    /// A data set that could not be had.
    Unavailable {
        /// Its title.
        dataset: String,
        /// Why, and what to do.
        reason: String,
    },
    /// A method that is not run on a data set.
    LeftOut {
        /// Data set and method.
        pair: PairName,
        /// Why.
        reason: String,
    },
    /// A method whose settings are not chosen yet.
    Untuned {
        /// Data set and method.
        pair: PairName,
        /// Trials done.
        finished: usize,
        /// Trials planned.
        planned: u32,
    },
    /// A method all of whose trials failed.
    Hopeless {
        /// Data set and method.
        pair: PairName,
        /// Trials that failed.
        trials: usize,
        /// Why the first one did.
        error: String,
    },
    /// Cells of a method on a data set without a record.
    Missing {
        /// Data set and method.
        pair: PairName,
        /// Their number.
        cells: usize,
        /// Cells planned.
        planned: usize,
    },
    /// Cells of an ablation without a record.
    MissingOfAblation {
        /// Its name.
        ablation: String,
        /// Their number.
        cells: usize,
        /// Cells planned.
        planned: usize,
    },
    /// A cell that failed.
    Failed {
        /// Its name.
        cell: String,
        /// Why.
        error: String,
    },
}

impl MissingResult {
    /// Why it failed, where that is why there is no result.
    pub fn error(&self) -> Option<&str> {
        match self {
            Self::Hopeless { error, .. } | Self::Failed { error, .. } => Some(error),
            _ => None,
        }
    }
}
