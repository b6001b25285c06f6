//! Random over- and under-sampling.

use super::{RATIO, to_ratio};
use crate::{
    key::Typed as _,
    method::{Asks, Method},
};
use art_data::{RandomOverSampler, RandomUnderSampler};

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::resampler("ros", "ROS", |settings| {
            let sampler = RandomOverSampler::new().strategy(to_ratio(settings)?);
            Ok(Box::new(sampler))
        })
        .settings([RATIO.setting()])
        .asks(Asks::Shares)
        .about(
            "random over-sampling: copies of rows of the smaller classes",
            "art_data::RandomOverSampler",
        ),
        Method::resampler("rus", "RUS", |settings| {
            let sampler = RandomUnderSampler::new().strategy(to_ratio(settings)?);
            Ok(Box::new(sampler))
        })
        .settings([RATIO.setting()])
        .about(
            "random under-sampling: a random part of the larger classes",
            "art_data::RandomUnderSampler",
        ),
    ]
}
