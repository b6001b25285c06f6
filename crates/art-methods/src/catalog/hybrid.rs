//! How many rows by feedback, which of them by SMOTE.

use super::{art, break_even};
use crate::{
    key::{Real, Typed as _},
    method::{Kind, Method},
    value::Settings,
};
use art_core::EpochSampler;
use art_data::{HybridSampler, Resampler as _, SamplingStrategy, Smote};
use art_train::{Recipe, RunInputs, TrainError};

const SHARE: Real =
    Real::real("share", 0.5, 0.0, 1.0).help("share from SMOTE of the rows that a class lacks");

pub(super) fn methods() -> Vec<Method> {
    let share = || [SHARE.setting()];
    vec![
        Method::new(
            "hybrid-art",
            "ART, half of it SMOTE",
            Kind::Sampler,
            |settings, inputs| hybrid(settings, inputs, art::sampler(settings, inputs)?),
        )
        .settings(art::declared().into_iter().chain(share()))
        .with_feedback()
        .about(
            "ART's class proportions; half of the rows that a class lacks come from SMOTE",
            "art_data::HybridSampler",
        ),
        Method::new(
            "hybrid-break-even",
            "Break-even, half of it SMOTE",
            Kind::Sampler,
            |settings, inputs| hybrid(settings, inputs, break_even::sampler(settings, inputs)?),
        )
        .settings(break_even::declared().into_iter().chain(share()))
        .with_feedback()
        .about(
            "break-even feedback's class proportions; half of the rows that a class lacks come from SMOTE",
            "art_data::HybridSampler",
        ),
    ]
}

/// Rows by the shares of `sampler`, what a class lacks partly from SMOTE; twice as many are made as there are rows of the
/// largest class.
fn hybrid(
    settings: &Settings,
    inputs: &RunInputs<'_>,
    sampler: impl EpochSampler + 'static,
) -> Result<Recipe, TrainError> {
    let counts = inputs.train.data().class_counts();
    let most = 2 * counts.largest();
    let targets = counts.as_slice().iter();
    let targets = targets.map(|&n| if n == 0 { 0 } else { n.max(most) });
    let strategy = SamplingStrategy::Counts(targets.collect());
    let made = Smote::new()
        .strategy(strategy)
        .resample(inputs.train, inputs.seed)?;
    let sampler = HybridSampler::new(sampler, &made, settings.of(SHARE)?)?;
    Ok(Recipe::drawn_by(inputs, sampler).rows(made))
}
