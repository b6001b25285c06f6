//! Plain training, then another last layer.

use super::{KANG_2020, REN_2020};
use crate::{
    key::{Real, Typed as _},
    method::{Kind, Method},
    value::Settings,
};
use art_core::ParamError;
use art_train::{
    ClassifierRetraining, LearnableScaling, MetaSamplerParams, NearestClassMean, Recipe,
    RetrainParams, TauNormalization,
};

pub(super) fn methods() -> Vec<Method> {
    vec![
        balms(),
        Method::new("crt", "cRT", Kind::SecondStage, |settings, inputs| {
            let stage = ClassifierRetraining::new(retraining(settings)?)?;
            Ok(Recipe::plain(inputs).second_stage(stage))
        })
        .settings([STAGE.setting(), RATE.setting()])
        .about(
            "plain training, then a fresh last layer on class-balanced rows",
            "art_train::ClassifierRetraining",
        )
        .after([KANG_2020]),
        Method::new("lws", "LWS", Kind::SecondStage, |settings, inputs| {
            let stage = LearnableScaling::new(retraining(settings)?)?;
            Ok(Recipe::plain(inputs).second_stage(stage))
        })
        .settings([STAGE.setting(), RATE.setting()])
        .about(
            "plain training, then a factor for each class's logit learned on class-balanced rows",
            "art_train::LearnableScaling",
        )
        .after([KANG_2020]),
        Method::new(
            "tau-norm",
            "τ-normalization",
            Kind::SecondStage,
            |_, inputs| Ok(Recipe::plain(inputs).second_stage(TauNormalization)),
        )
        .about(
            "plain training, then weights divided by a power of their norms, chosen on validation rows",
            "art_train::TauNormalization",
        )
        .after([KANG_2020]),
        Method::new("ncm", "Nearest class mean", Kind::SecondStage, |_, inputs| {
            Ok(Recipe::plain(inputs).second_stage(NearestClassMean))
        })
        .about(
            "plain training, then the nearest class mean of features",
            "art_train::NearestClassMean",
        )
        .after([KANG_2020]),
    ]
}

const STAGE: Real = Real::real("stage", 0.1, 0.05, 0.5)
    .checked_as("share")
    .help("epochs of the stage over those of the run");
const RATE: Real = Real::real("stage_lr", 1e-3, 1e-4, 1e-1)
    .logarithmic()
    .checked_as("learning_rate")
    .help("learning rate of the stage");

fn retraining(settings: &Settings) -> Result<RetrainParams, ParamError> {
    let params = RetrainParams::new().share(settings.of(STAGE)?);
    Ok(params.learning_rate(settings.of(RATE)?))
}

fn balms() -> Method {
    const META_RATE: Real = Real::real("meta_lr", 0.01, 1e-3, 1e-1)
        .logarithmic()
        .checked_as("learning_rate")
        .help("learning rate of the sampler");
    const POWER: Real = Real::real("initial_power", 0.0, 0.0, 1.0)
        .help("how far rare classes are favored at first: 0 is natural proportions, 1 equal ones");
    const STAGE: Real = Real::real("stage", 0.2, 0.1, 0.5)
        .checked_as("share")
        .help("epochs of the stage over those of the run");
    Method::new("balms", "BALMS", Kind::SecondStage, |settings, inputs| {
        let stage = MetaSamplerParams::new()
            .learning_rate(settings.of(META_RATE)?)
            .initial_power(settings.of(POWER)?)
            .share(settings.of(STAGE)?)
            .check()?;
        Ok(Recipe::plain(inputs).second_stage(stage))
    })
    .settings([META_RATE.setting(), POWER.setting(), STAGE.setting()])
    .about(
        "plain training, then balanced softmax with a learned sampler on the last layer",
        "art_train::MetaSampler",
    )
    .after([REN_2020])
}
