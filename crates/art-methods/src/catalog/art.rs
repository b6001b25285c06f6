//! ART, its controls and its variants.

use super::{ART_2025, BLEND, BOOST_FREQUENCY, REN_2020};
use crate::{
    key::{Real, Typed as _, Whole},
    method::{Asks, Kind, Method, Source},
    setting::Setting,
    value::Settings,
};
use art_core::{
    AbsentClass, ArtParams, ArtSampler, BlendBase, BoundsParams, EpochSampler, FeedbackControl,
    ForgettingArt, OneMinusRecall, ParamError, RotatingArt, ShrunkF1,
};
use art_train::{Recipe, RunInputs, TrainError};

pub(super) fn methods() -> Vec<Method> {
    vec![
        art(),
        static_blend(),
        frozen(),
        shuffled(),
        class_priority(),
        shrunk(),
        rotating(),
        forgetting(),
    ]
}

/// The settings of the paper.
pub(super) fn declared() -> [Setting; 2] {
    [BLEND.setting(), BOOST_FREQUENCY.setting()]
}

fn params(settings: &Settings) -> Result<ArtParams, ParamError> {
    Ok(ArtParams::new()
        .blend_constant(settings.of(BLEND)?)
        .boost_frequency(settings.of(BOOST_FREQUENCY)?))
}

/// The sampler of the paper.
pub(super) fn sampler(
    settings: &Settings,
    inputs: &RunInputs<'_>,
) -> Result<ArtSampler, TrainError> {
    like(params(settings)?, inputs)
}

fn like(params: ArtParams, inputs: &RunInputs<'_>) -> Result<ArtSampler, TrainError> {
    let index = inputs.class_index()?;
    Ok(ArtSampler::new(params.check()?, index, inputs.seed)?)
}

/// A method with the settings of the paper around its sampler.
fn around<S: EpochSampler + 'static>(
    id: &str,
    title: &str,
    wrap: impl Fn(ArtSampler) -> Result<S, TrainError> + Send + Sync + 'static,
) -> Method {
    Method::new(id, title, Kind::Sampler, move |settings, inputs| {
        let sampler = wrap(sampler(settings, inputs)?)?;
        Ok(Recipe::drawn_by(inputs, sampler))
    })
    .settings(declared())
    .with_feedback()
    .after([ART_2025])
}

fn art() -> Method {
    around("art", "ART", Ok)
        .asks(Asks::Feedback)
        .about("adaptive resampling-based training", "art_core::ArtSampler")
}

fn static_blend() -> Method {
    Method::new(
        "static-blend",
        "Static blend",
        Kind::Sampler,
        |settings, inputs| {
            let index = inputs.class_index()?;
            let sampler = ArtSampler::static_blend(settings.of(BLEND)?, index, inputs.seed)?;
            Ok(Recipe::drawn_by(inputs, sampler))
        },
    )
    .settings([BLEND.setting()])
    .asks(Asks::Shares)
    .about(
        "control: ART that is never refreshed",
        "art_core::ArtSampler::static_blend",
    )
    .after([ART_2025])
}

fn frozen() -> Method {
    around("frozen-art", "ART, frozen w", |sampler| {
        Ok(FeedbackControl::frozen(sampler)?)
    })
    .about(
        "control: ART that keeps the weights of its first refresh and draws anew",
        "art_core::FeedbackControl",
    )
}

fn shuffled() -> Method {
    around("shuffled-art", "ART, shuffled w", |sampler| {
        Ok(FeedbackControl::shuffled_classes(sampler)?)
    })
    .about(
        "control: ART told about the wrong classes",
        "art_core::FeedbackControl",
    )
}

fn class_priority() -> Method {
    const FIXED: Real = Real::real("blend", 0.5, 0.05, 0.95)
        .recorded_as("fixed")
        .checked_as("blend_constant")
        .help("1 is equal proportions alone, 0 the difficulty alone");
    Method::new(
        "class-priority",
        "Class priority",
        Kind::Sampler,
        |settings, inputs| {
            let params = ArtParams::new()
                .blend_constant(settings.of(FIXED)?)
                .boost_frequency(1)
                .base(BlendBase::Uniform)
                .difficulty(OneMinusRecall);
            Ok(Recipe::drawn_by(inputs, like(params, inputs)?))
        },
    )
    .settings([FIXED.setting()])
    .asks(Asks::Feedback)
    .with_feedback()
    .about(
        "control: class proportions by 1 − recall after every epoch, mixed with equal ones, after the class-priority sampler of the \
         Balanced Meta-Softmax code",
        "art_core::ArtSampler, art_core::BlendBase, art_core::OneMinusRecall",
    )
    .after([REN_2020])
}

fn shrunk() -> Method {
    const STRENGTH: Real = Real::real("strength", 4.0, 1.0, 64.0)
        .logarithmic()
        .help("rows that the mean of all classes counts for");
    Method::new(
        "art-shrunk",
        "ART, shrunk and capped",
        Kind::Sampler,
        |settings, inputs| {
            let params = params(settings)?
                .memory(0.5)
                .difficulty(ShrunkF1::new(settings.of(STRENGTH)?)?)
                .absent_class(AbsentClass::Reference)
                .bounds(BoundsParams::new());
            Ok(Recipe::drawn_by(inputs, like(params, inputs)?))
        },
    )
    .settings([
        BLEND.setting(),
        BOOST_FREQUENCY.setting(),
        STRENGTH.setting(),
    ])
    .asks(Asks::Feedback)
    .with_feedback()
    .about(
        "ART with pooled counts, difficulties shrunk to their mean where rows are few, and bounded class proportions",
        "art_core::ArtSampler, art_core::ShrunkF1, art_core::Bounds",
    )
    .after([Source::new(
        "Goutte and Gaussier 2005",
        "10.1007/978-3-540-31865-1_25",
    )])
    .without("means of difficulties instead of pooled counts; empirical-Bayes and Dirichlet forms of the mean")
}

fn rotating() -> Method {
    const PARTS: Whole = Whole::whole("parts", 5, 2, 10)
        .recorded_as("folds")
        .checked_as("folds")
        .untuned()
        .help("parts of the training rows, held out in turn; networks in folds are called cross_fit here");
    Method::new(
        "rotating-art",
        "ART, rotating folds",
        Kind::Sampler,
        |settings, inputs| {
            let config = params(settings)?.memory(0.5).check()?;
            let index = inputs.class_index()?;
            let sampler = RotatingArt::new(config, settings.of(PARTS)?, index, inputs.seed)?;
            Ok(Recipe::drawn_by(inputs, sampler))
        },
    )
    .settings([BLEND.setting(), BOOST_FREQUENCY.setting(), PARTS.setting()])
    .with_feedback()
    .about(
        "ART whose difficulty comes from rotating held-out folds of the training rows",
        "art_core::RotatingArt",
    )
}

fn forgetting() -> Method {
    Method::new(
        "forgetting-art",
        "ART by forgetting",
        Kind::Sampler,
        |settings, inputs| {
            let config = params(settings)?.check()?;
            let sampler = ForgettingArt::new(config, inputs.class_index()?, inputs.seed)?;
            Ok(Recipe::drawn_by(inputs, sampler))
        },
    )
    .settings(declared())
    .with_feedback()
    .about(
        "ART whose difficulty is how often training rows are forgotten",
        "art_core::ForgettingArt",
    )
    .after([Source::new(
        "Toneva et al. 2019",
        "10.48550/arXiv.1812.05159",
    )])
}
