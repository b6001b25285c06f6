//! A network without hidden layers, trained plainly or on rows that feedback draws.

use super::{art, break_even};
use crate::{
    key::{Real, Typed as _},
    method::{Kind, Method},
    value::Settings,
};
use art_core::ParamError;
use art_train::{NumberEncoding, Recipe, RunInputs, Training};

/// With one layer the learning rate of a deep network does not get anywhere.
const RATE_FACTOR: Real = Real::real("rate_factor", 10.0, 1.0, 100.0)
    .implied()
    .help("times the learning rate of the run");

pub(super) fn methods() -> Vec<Method> {
    let rate_factor = || [RATE_FACTOR.setting()];
    vec![
        Method::new(
            "logistic",
            "Logistic regression",
            Kind::Network,
            |settings, inputs| {
                let training = without_layers(settings, inputs)?;
                Ok(Recipe::plain(inputs).training(training))
            },
        )
        .settings(rate_factor())
        .about(
            "logistic regression: plain training of a network without hidden layers",
            "art_core::Shuffle",
        ),
        Method::new(
            "logistic-art",
            "Logistic regression, ART",
            Kind::Network,
            |settings, inputs| {
                let sampler = art::sampler(settings, inputs)?;
                let training = without_layers(settings, inputs)?;
                Ok(Recipe::drawn_by(inputs, sampler).training(training))
            },
        )
        .settings(art::declared().into_iter().chain(rate_factor()))
        .with_feedback()
        .about("ART around logistic regression", "art_core::ArtSampler"),
        Method::new(
            "logistic-break-even",
            "Logistic regression, break-even",
            Kind::Network,
            |settings, inputs| {
                let sampler = break_even::sampler(settings, inputs)?;
                let training = without_layers(settings, inputs)?;
                Ok(Recipe::drawn_by(inputs, sampler).training(training))
            },
        )
        .settings(break_even::declared().into_iter().chain(rate_factor()))
        .with_feedback()
        .about(
            "break-even feedback around logistic regression",
            "art_core::BreakEven",
        ),
    ]
}

fn without_layers(settings: &Settings, inputs: &RunInputs<'_>) -> Result<Training, ParamError> {
    let factor = settings.of(RATE_FACTOR)?;
    if !(factor > 0.0 && factor.is_finite()) {
        return Err(ParamError::new(
            RATE_FACTOR.name(),
            factor,
            "a number above 0",
        ));
    }
    Ok(Training {
        hidden: vec![],
        // A sum of steps would be no logistic regression of the numbers.
        numbers: NumberEncoding::Plain,
        learning_rate: factor * inputs.training.learning_rate,
        ..inputs.training.clone()
    })
}
