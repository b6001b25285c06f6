//! Settings that every method has, and what tuning may try of training, whatever the method.

use crate::{
    key::{Real, Typed as _, Whole},
    setting::Setting,
    value::Settings,
};
use art_core::ParamError;

/// How many networks of one method average their predictions. A method may have a setting of its own that is called folds; this one then goes
/// by the name that records have.
pub const FOLDS: Whole = Whole::whole("folds", 1, 1, 20).recorded_as("cross_fit").implied().help(
    "networks, each trained without one fold of the training and validation rows; predictions are their mean",
);

impl Settings {
    /// How many folds of the training rows are held out in turn ([`FOLDS`]).
    ///
    /// # Errors
    /// [`ParamError`] for a number that is none.
    pub fn folds(&self) -> Result<usize, ParamError> {
        self.of(FOLDS).map(|n| n as usize)
    }
}

/// Settings that every method has beside its own; records have them where they are not the default.
pub fn common_settings() -> [Setting; 1] {
    [FOLDS.setting()]
}

const LEARNING_RATE: Real = Real::real("learning_rate", 1e-3, 1e-4, 1e-2)
    .logarithmic()
    .help("learning rate of the first epoch");
const WEIGHT_DECAY: Real = Real::real("weight_decay", 1e-2, 1e-6, 1e-2)
    .logarithmic()
    .help("decoupled weight decay (AdamW)");

/// What tuning may try of training, whatever the method: learning rate and weight decay.
pub fn training_space() -> [Setting; 2] {
    [LEARNING_RATE.setting(), WEIGHT_DECAY.setting()]
}
