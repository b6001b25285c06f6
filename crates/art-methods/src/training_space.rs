//! What tuning may try of training, whatever the method.

use crate::{
    key::{Real, Typed as _},
    setting::Setting,
};

const LEARNING_RATE: Real = Real::real("learning_rate", 1e-3, 1e-4, 1e-2)
    .logarithmic()
    .help("learning rate of the first epoch");
const WEIGHT_DECAY: Real = Real::real("weight_decay", 1e-2, 1e-6, 1e-2)
    .logarithmic()
    .help("weight decay, apart from the gradient's mean");

/// What tuning may try of training, whatever the method: learning rate and weight decay.
pub fn training_space() -> [Setting; 2] {
    [LEARNING_RATE.setting(), WEIGHT_DECAY.setting()]
}
