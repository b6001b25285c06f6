//! Methods with their settings, as classifiers take them.

use super::{Recipe, RunInputs};
use crate::error::TrainError;
use art_core::ParamError;
use std::fmt;

/// A method with its settings: what makes a recipe of a run.
pub trait MakeRecipe: Send + Sync {
    /// What records call it.
    fn title(&self) -> &str;

    /// Its settings as names and values, for records.
    fn settings(&self) -> serde_json::Map<String, serde_json::Value> {
        serde_json::Map::new()
    }

    /// How many folds of the training rows are held out in turn ([`FoldInputs`](super::FoldInputs)); 1 where one validation part
    /// steers one network.
    ///
    /// # Errors
    /// [`ParamError`] for a number that is none.
    fn folds(&self) -> Result<usize, ParamError> {
        Ok(1)
    }

    /// What it makes of a run.
    ///
    /// # Errors
    /// Whatever its parts refuse.
    fn recipe(&self, inputs: &RunInputs<'_>) -> Result<Recipe, TrainError>;
}

impl fmt::Debug for dyn MakeRecipe {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.title())
    }
}

/// A function as a method, with the title that it goes by.
pub(crate) struct Titled<F> {
    pub(crate) title: String,
    pub(crate) make: F,
}

impl<F: Fn(&RunInputs<'_>) -> Result<Recipe, TrainError> + Send + Sync> MakeRecipe for Titled<F> {
    fn title(&self) -> &str {
        &self.title
    }

    fn recipe(&self, inputs: &RunInputs<'_>) -> Result<Recipe, TrainError> {
        (self.make)(inputs)
    }
}
