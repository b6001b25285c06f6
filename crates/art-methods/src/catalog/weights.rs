//! Cross-entropy whose rows weigh by their class.

use super::BETA;
use crate::{
    key::{OneOf, Real, Typed as _, Whole},
    method::{Asks, Kind, Method, Source},
    value::Settings,
};
use art_core::{ArtParams, ArtSampler, ClassWiseDifficulty, ParamError};
use art_losses::{ClassDifficulty, CostSensitive};
use art_train::Recipe;

pub(super) fn methods() -> Vec<Method> {
    vec![cost(), class_balanced(), cdb_ce(), cdb_s()]
}

fn cost() -> Method {
    const EXPONENT: Real =
        Real::real("exponent", 1.0, 0.0, 1.5).help("power of a class's rarity in its weight");
    Method::new("cost", "Cost-sensitive", Kind::Loss, |settings, inputs| {
        let counts = inputs.train.data().class_counts();
        let loss = CostSensitive::inverse_frequency(&counts, settings.of(EXPONENT)?)?;
        Ok(Recipe::plain(inputs).loss(loss))
    })
    .settings([EXPONENT.setting()])
    .asks(Asks::Shares)
    .about("cost-sensitive cross-entropy", "art_losses::CostSensitive")
    .after([Source::new("Elkan 2001", "")])
    .without(
        "your own costs (art_losses::CostSensitive, ExpectedCost and CostMatrix take them, no method does)",
    )
}

fn class_balanced() -> Method {
    Method::new(
        "class-balanced",
        "Class-balanced loss",
        Kind::Loss,
        |settings, inputs| {
            let counts = inputs.train.data().class_counts();
            let loss = CostSensitive::effective_number(&counts, settings.of(BETA)?)?;
            Ok(Recipe::plain(inputs).loss(loss))
        },
    )
    .settings([BETA.setting()])
    .asks(Asks::Shares)
    .about(
        "cross-entropy weighted by the effective number of rows",
        "art_losses::CostSensitive::effective_number",
    )
    .after([Source::new("Cui et al. 2019", "10.1109/CVPR.2019.00949")])
}

/// The exponent of class-wise difficulty; nothing where it follows the difficulties.
const TAU: OneOf<Option<f64>> = OneOf::one_of(
    "tau",
    &[
        ("dynamic", None),
        ("0.5", Some(0.5)),
        ("1", Some(1.0)),
        ("1.5", Some(1.5)),
        ("2", Some(2.0)),
    ],
)
.help("power of 1 - recall");

fn class_wise(settings: &Settings) -> Result<ClassWiseDifficulty, ParamError> {
    match settings.of(TAU)? {
        None => Ok(ClassWiseDifficulty::dynamic()),
        Some(tau) => ClassWiseDifficulty::fixed(tau),
    }
}

fn cdb_ce() -> Method {
    Method::new("cdb-ce", "CDB-CE", Kind::Loss, |settings, inputs| {
        Ok(Recipe::plain(inputs).loss(ClassDifficulty::new(class_wise(settings)?)))
    })
    .settings([TAU.setting()])
    .about(
        "cross-entropy weighted by (1 − recall)^τ on validation rows",
        "art_losses::ClassDifficulty",
    )
    .after([Source::new(
        "Sinha et al. 2020",
        "10.48550/arXiv.2010.01824",
    )])
}

fn cdb_s() -> Method {
    const EVERY: Whole = Whole::whole("boost_frequency", 1, 1, 10)
        .recorded_as("every")
        .help("epochs between refreshes");
    Method::new("cdb-s", "CDB-S", Kind::Sampler, |settings, inputs| {
        let config = ArtParams::new()
            .blend_constant(0.0)
            .boost_frequency(settings.of(EVERY)?)
            .difficulty(class_wise(settings)?)
            .check()?;
        let sampler = ArtSampler::new(config, inputs.class_index()?, inputs.seed)?;
        Ok(Recipe::drawn_by(inputs, sampler))
    })
    .settings([TAU.setting(), EVERY.setting()])
    .with_feedback()
    .about(
        "class proportions by (1 − recall)^τ on validation rows",
        "art_core::ArtSampler, art_core::ClassWiseDifficulty",
    )
    .after([Source::new(
        "Sinha et al. 2022",
        "10.1007/s11263-022-01643-3",
    )])
}
