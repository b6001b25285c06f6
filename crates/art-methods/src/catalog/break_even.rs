//! Break-even feedback, and what is left of it, and of ART, when parts are taken away.

use super::art;
use crate::{
    key::{Real, Typed as _, Whole},
    method::{Asks, Kind, Method},
    setting::Setting,
    value::Settings,
};
use art_core::{
    BreakEven, BreakEvenParams, EpochSampler, FeedbackControl, Replay, ShuffledFactors,
};
use art_train::{Recipe, RunInputs, TrainError};

/// Epochs that break-even feedback sees before it is stopped.
const STOP: u32 = 10;

const POWER: Real =
    Real::real("power", 0.5, 0.25, 1.0).help("power of the counts in the first class proportions");
const STEP: Real = Real::real("step", 0.05, 0.02, 0.15)
    .logarithmic()
    .help("step size of a refresh");
const MEMORY: Real = Real::real("memory", 0.8, 0.0, 0.95)
    .untuned()
    .help("what counts of earlier refreshes weigh");
const EVERY: Whole = Whole::whole("boost_frequency", 1, 1, 10)
    .recorded_as("every")
    .untuned()
    .help("epochs between refreshes");

/// The settings of break-even feedback.
pub(super) fn declared() -> [Setting; 4] {
    [
        POWER.setting(),
        STEP.setting(),
        MEMORY.setting(),
        EVERY.setting(),
    ]
}

pub(super) fn sampler(
    settings: &Settings,
    inputs: &RunInputs<'_>,
) -> Result<BreakEven, TrainError> {
    let config = BreakEvenParams::new()
        .power(settings.of(POWER)?)
        .step(settings.of(STEP)?)
        .memory(settings.of(MEMORY)?)
        .refresh_every(settings.of(EVERY)?)
        .check()?;
    Ok(BreakEven::new(config, inputs.class_index()?, inputs.seed))
}

pub(super) fn methods() -> Vec<Method> {
    vec![
        around("break-even", "Break-even feedback", Ok)
            .asks(Asks::Feedback)
            .with_feedback()
            .about(
                "class proportions adapted until false negatives equal false positives in every class",
                "art_core::BreakEven",
            ),
        around("shuffled-break-even", "Break-even, shuffled", |sampler| {
            Ok(ShuffledFactors::new(sampler))
        })
        .with_feedback()
        .about(
            "control: break-even feedback whose factors go to the wrong classes",
            "art_core::ShuffledFactors",
        ),
        around("stopped-break-even", "Break-even, 10 epochs", |sampler| {
            Ok(FeedbackControl::stopped(STOP, sampler)?)
        })
        .about(
            "control: break-even feedback that sees ten epochs",
            "art_core::FeedbackControl",
        ),
        replayed(
            "replayed-break-even",
            "Break-even, replayed",
            sampler,
            |replay, _| Ok(replay),
        )
        .settings(declared())
        .about(
            "control: the class proportions of another run on the same rows, replayed",
            "art_core::Replay",
        ),
        replayed(
            "average-break-even",
            "Break-even, its average",
            sampler,
            |replay, n_epochs| Ok(replay.average(n_epochs)?),
        )
        .settings(declared())
        .about(
            "control: the mean class proportions of another run, in every epoch",
            "art_core::Replay::average",
        ),
        replayed(
            "replayed-art",
            "ART, replayed",
            art::sampler,
            |replay, _| Ok(replay),
        )
        .settings(art::declared())
        .about(
            "control: the class proportions of another run of ART, replayed",
            "art_core::Replay",
        ),
    ]
}

/// A method with the settings of break-even feedback whose sampler is made of it.
fn around<S: EpochSampler + 'static>(
    id: &str,
    title: &str,
    wrap: impl Fn(BreakEven) -> Result<S, TrainError> + Send + Sync + 'static,
) -> Method {
    Method::new(id, title, Kind::Sampler, move |settings, inputs| {
        let sampler = wrap(sampler(settings, inputs)?)?;
        Ok(Recipe::drawn_by(inputs, sampler))
    })
    .settings(declared())
}

/// What another run of `make`'s sampler drew from, on the same rows with other weights and draws, played again by `play`,
/// which is also told how many epochs that run had.
fn replayed<S: EpochSampler + 'static>(
    id: &str,
    title: &str,
    make: impl Fn(&Settings, &RunInputs<'_>) -> Result<S, TrainError> + Send + Sync + 'static,
    play: impl Fn(Replay, u32) -> Result<Replay, TrainError> + Send + Sync + 'static,
) -> Method {
    Method::new(id, title, Kind::Sampler, move |settings, inputs| {
        let seed = inputs.seed.derive("replay", 0);
        let sampler = make(settings, &RunInputs { seed, ..*inputs })?;
        let first = sampler.distribution().clone();
        let (refreshes, n_epochs) = inputs.pilot_refreshes(seed, sampler)?;
        let replay = Replay::new(first, refreshes, inputs.class_index()?, inputs.seed)?;
        Ok(Recipe::drawn_by(inputs, play(replay, n_epochs)?))
    })
}
