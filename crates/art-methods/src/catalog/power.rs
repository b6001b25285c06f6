//! Class proportions by a power of the counts, the same throughout or by a schedule.

use super::KANG_2020;
use crate::{
    key::{OneOf, Real, Typed as _},
    method::{Asks, Kind, Method, Source},
};
use art_core::{PowerSampler, PowerSchedule};
use art_losses::Triplets;
use art_train::{Recipe, RunInputs, TrainError};

pub(super) fn methods() -> Vec<Method> {
    vec![power_sampling(), progressive(), dcl()]
}

fn drawn(inputs: &RunInputs<'_>, schedule: PowerSchedule) -> Result<Recipe, TrainError> {
    let (max_epochs, index) = (inputs.training.max_epochs, inputs.class_index()?);
    let sampler = PowerSampler::new(schedule, max_epochs, index, inputs.seed)?;
    Ok(Recipe::drawn_by(inputs, sampler))
}

fn power_sampling() -> Method {
    const POWER: Real =
        Real::real("power", 0.5, 0.0, 1.0).help("1 is the class prior, 0 equal proportions");
    Method::new(
        "power-sampling",
        "Power sampling",
        Kind::Sampler,
        |settings, inputs| drawn(inputs, PowerSchedule::Constant(settings.of(POWER)?)),
    )
    .settings([POWER.setting()])
    .asks(Asks::Shares)
    .about(
        "class proportions by a power of the counts; 0.5 is square-root sampling",
        "art_core::PowerSampler",
    )
    .after([KANG_2020])
}

fn progressive() -> Method {
    Method::new(
        "progressive",
        "Progressively balanced",
        Kind::Sampler,
        |_, inputs| drawn(inputs, PowerSchedule::Progressive),
    )
    .asks(Asks::Shares)
    .about(
        "class proportions that go from those of the training set to equal ones",
        "art_core::PowerSampler",
    )
    .after([KANG_2020])
}

fn dcl() -> Method {
    const SCHEDULE: OneOf<PowerSchedule> = OneOf::one_of(
        "schedule",
        &[
            ("convex", PowerSchedule::Convex),
            ("linear", PowerSchedule::Linear),
            ("concave", PowerSchedule::Concave(0.99)),
            ("composite", PowerSchedule::Composite),
        ],
    )
    .help("how class proportions become equal");
    const TRIPLETS: OneOf<bool> = OneOf::one_of("triplets", &[("on", true), ("off", false)])
        .help("whether there is a triplet loss on features");
    const MARGIN: Real = Real::real("margin", 1.25, 0.2, 2.0)
        .only_if("triplets", "on")
        .help("margin of the triplet loss");
    Method::new("dcl", "DCL", Kind::Sampler, |settings, inputs| {
        let recipe = drawn(inputs, settings.of(SCHEDULE)?)?;
        if !settings.of(TRIPLETS)? {
            return Ok(recipe);
        }
        let (margin, max_epochs) = (settings.of(MARGIN)?, inputs.training.max_epochs);
        Ok(recipe.feature_loss(Triplets::new(margin, max_epochs)?))
    })
    .settings([SCHEDULE.setting(), TRIPLETS.setting(), MARGIN.setting()])
    .about(
        "dynamic curriculum learning: its sampling schedules and its triplet loss on features",
        "art_core::PowerSampler, art_losses::Triplets",
    )
    .after([Source::new("Wang et al. 2019", "10.48550/arXiv.1901.06783")])
    .without(
        "weights inside a batch: its classes are drawn, in the same proportions, for the whole epoch",
    )
}
