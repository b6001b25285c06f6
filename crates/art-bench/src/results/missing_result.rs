//! What has no result.

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
        pair: String,
        /// Why.
        reason: String,
    },
    /// A method whose settings are not chosen yet.
    Untuned {
        /// Data set and method.
        pair: String,
        /// Trials done.
        finished: usize,
        /// Trials planned.
        planned: u32,
    },
    /// A method all of whose trials failed.
    Hopeless {
        /// Data set and method.
        pair: String,
        /// Trials that failed.
        trials: usize,
        /// Why the first one did.
        error: String,
    },
    /// Cells without a record.
    Missing {
        /// Data set and method, or the ablation.
        pair: String,
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
