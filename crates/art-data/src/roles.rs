//! Roles as types: what may be done with rows depends on the part they belong to.
//!
//! Scalers and resamplers take a [`TrainSet`], so fitting on validation or test rows does not
//! compile. The trainer sees a [`TrainSet`] and a [`ValidSet`]; only the final evaluation takes a
//! [`TestSet`].

use crate::{
    dataset::Dataset,
    error::DataError,
    split::{SPLIT, SplitConfig, SplitRows},
};
use art_core::{ClassCounts, Seed};
use std::sync::Arc;

/// Rows to learn from: the only ones that scalers and resamplers accept. A clone shares them.
#[derive(Clone, Debug, PartialEq)]
pub struct TrainSet {
    data: Arc<Dataset>,
    natural: ClassCounts,
}

impl TrainSet {
    /// Declares all rows of `data` to be training rows. Resampled ones keep the natural counts of those they were made of.
    pub fn new(data: Dataset) -> Self {
        Self {
            natural: data.natural_counts(),
            data: Arc::new(data),
        }
    }

    /// The table.
    pub fn data(&self) -> &Dataset {
        &self.data
    }

    /// Class counts before any resampling: the natural prior.
    pub fn natural_counts(&self) -> &ClassCounts {
        &self.natural
    }

    /// Rows that a scaler or resampler made of these, with the natural counts of these. Rows of another
    /// part of a split do not belong here. They are marked as [resampled](Dataset::is_resampled), whichever of the two made
    /// them: no validation or test rows can be cut out of them.
    ///
    /// # Errors
    /// [`DataError::Length`] when `data` declares another number of classes.
    pub fn with_data(&self, data: Dataset) -> Result<Self, DataError> {
        if data.n_classes() != self.natural.n_classes() {
            return Err(DataError::Length {
                what: "classes of rows that were made of training rows",
                expected: self.natural.n_classes(),
                found: data.n_classes(),
            });
        }
        Ok(self.remade(data))
    }

    /// The same rows in other units.
    pub(crate) fn scaled(&self, data: Dataset) -> Self {
        Self {
            data: Arc::new(data),
            natural: self.natural.clone(),
        }
    }

    /// As [`with_data`](Self::with_data), for rows of these classes.
    pub(crate) fn remade(&self, data: Dataset) -> Self {
        Self {
            data: Arc::new(data.resampled_from(self.natural.clone())),
            natural: self.natural.clone(),
        }
    }
}

/// Rows to steer training by: early stopping, the sampler's difficulty, tuning.
#[derive(Clone, Debug, PartialEq)]
pub struct ValidSet {
    data: Dataset,
}

impl ValidSet {
    /// Declares all rows of `data` to be validation rows.
    ///
    /// # Errors
    /// [`DataError::Resampled`] for rows that a resampler made.
    pub fn new(data: Dataset) -> Result<Self, DataError> {
        data.check_collected("validation rows")?;
        Ok(Self { data })
    }

    /// The table.
    pub fn data(&self) -> &Dataset {
        &self.data
    }
}

/// Rows to read once, at the very end.
#[derive(Clone, Debug, PartialEq)]
pub struct TestSet {
    data: Dataset,
}

impl TestSet {
    /// Declares all rows of `data` to be test rows.
    ///
    /// # Errors
    /// [`DataError::Resampled`] for rows that a resampler made.
    pub fn new(data: Dataset) -> Result<Self, DataError> {
        data.check_collected("test rows")?;
        Ok(Self { data })
    }

    /// The table.
    pub fn data(&self) -> &Dataset {
        &self.data
    }
}

/// A table divided into its three roles.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    /// Rows to learn from.
    pub train: TrainSet,
    /// Rows to steer by.
    pub valid: ValidSet,
    /// Rows to judge by.
    pub test: TestSet,
}

impl Split {
    /// A stratified split of `data`; see [`SplitConfig::rows`] for the rule.
    ///
    /// # Errors
    /// As [`SplitConfig::rows`].
    pub fn stratified(data: &Dataset, config: &SplitConfig, seed: Seed) -> Result<Self, DataError> {
        Self::from_rows(data, &config.rows(data, seed)?)
    }

    /// The split of `data` into these rows.
    ///
    /// # Errors
    /// [`DataError`] when a part is empty, names a row that does not exist, or one that another part has;
    /// [`DataError::Resampled`] for rows that a resampler made.
    pub fn from_rows(data: &Dataset, rows: &SplitRows) -> Result<Self, DataError> {
        data.check_collected(SPLIT)?;
        rows.check_apart(data.n_rows())?;
        Ok(Self {
            train: TrainSet::new(data.select(&rows.train)?),
            valid: ValidSet::new(data.select(&rows.valid)?)?,
            test: TestSet::new(data.select(&rows.test)?)?,
        })
    }
}
