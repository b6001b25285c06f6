//! Rows by what a network makes of them.

use crate::{
    key::{Real, Typed as _},
    method::{Kind, Method, Source},
};
use art_core::{Curriculum, LossRule, LossSampler, elementary::exp};
use art_data::{AdaSampling, TrainSet};
use art_train::{Recipe, RunInputs, TrainError};

pub(super) fn methods() -> Vec<Method> {
    vec![self_paced(), adasample(), curriculum(), adasampling()]
}

fn by_loss(inputs: &RunInputs<'_>, rule: LossRule) -> Result<Recipe, TrainError> {
    let sampler = LossSampler::new(rule, inputs.class_index()?, inputs.seed)?;
    Ok(Recipe::drawn_by(inputs, sampler))
}

fn self_paced() -> Method {
    const START: Real =
        Real::real("start", 0.5, 0.2, 0.9).help("share of the rows in the first epochs");
    const GROWTH: Real = Real::real("growth", 1.3, 1.05, 2.0).help("factor of that share an epoch");
    Method::new(
        "self-paced",
        "Self-paced",
        Kind::Sampler,
        |settings, inputs| {
            let rule = LossRule::SelfPaced {
                start: settings.of(START)?,
                growth: settings.of(GROWTH)?,
                by_class: true,
            };
            by_loss(inputs, rule)
        },
    )
    .settings([START.setting(), GROWTH.setting()])
    .about(
        "the easiest rows of each class come first, more rows each epoch",
        "art_core::LossSampler",
    )
    .after([Source::new("Kumar et al. 2010", "")])
}

fn adasample() -> Method {
    const POWER: Real = Real::real("power", 0.5, 0.1, 2.0).help("power of a row's loss");
    const CORRECTION: Real =
        Real::real("correction", 0.0, 0.0, 1.0).help("power of what its weight in the loss undoes");
    Method::new(
        "adasample",
        "AdaSample",
        Kind::Sampler,
        |settings, inputs| {
            let rule = LossRule::Adaptive {
                power: settings.of(POWER)?,
                correction: settings.of(CORRECTION)?,
            };
            by_loss(inputs, rule)
        },
    )
    .settings([POWER.setting(), CORRECTION.setting()])
    .about(
        "rows drawn by a power of their losses, after AdaSample",
        "art_core::LossSampler",
    )
    .after([Source::new(
        "Zhang et al. 2019",
        "10.48550/arXiv.1911.12110",
    )])
}

fn curriculum() -> Method {
    const START: Real =
        Real::real("start", 0.3, 0.1, 0.9).help("share of the rows in the first epochs");
    Method::new(
        "curriculum",
        "Curriculum",
        Kind::Sampler,
        |settings, inputs| {
            let losses = inputs.pilot_losses(inputs.train)?;
            let (start, max_epochs) = (settings.of(START)?, inputs.training.max_epochs);
            let index = inputs.class_index()?;
            let sampler = Curriculum::new(losses, start, max_epochs, index, inputs.seed)?;
            Ok(Recipe::drawn_by(inputs, sampler))
        },
    )
    .settings([START.setting()])
    .about(
        "rows that a plainly trained network finds easy come first, more rows each epoch",
        "art_core::Curriculum",
    )
    .after([Source::new("Bengio et al. 2009", "10.1145/1553374.1553380")])
}

fn adasampling() -> Method {
    const SHARE: Real =
        Real::real("share", 1.0, 0.5, 2.0).help("rows drawn for each round over those of a class");
    Method::new(
        "adasampling",
        "AdaSampling",
        Kind::Resampler,
        |settings, inputs| {
            let wrapper = AdaSampling::new().share(settings.of(SHARE)?);
            let confidence = |rows: &TrainSet| {
                let losses = inputs.pilot_losses(rows)?.into_iter();
                Ok::<_, TrainError>(losses.map(|loss| exp(-loss)).collect())
            };
            let rows = wrapper.run(inputs.train, inputs.seed, confidence)?;
            Ok(Recipe::resampled(inputs, rows))
        },
    )
    .settings([SHARE.setting()])
    .about(
        "keeps rows whose labels networks are sure of, in five rounds",
        "art_data::AdaSampling",
    )
    .after([Source::new("Yang et al. 2017", "")])
}
