//! Methods beyond those that the paper has or names: break-even feedback, ART mended, their controls, and both around
//! logistic regression.

use crate::{
    BenchError, Context, Method, Prepared, Setting,
    compared::{art_like, art_sampler},
};
use art_core::{
    AbsentClass, ArtParams, BoundsParams, BreakEven, BreakEvenParams, EpochSampler, Replay,
    RotatingArt, ShrunkF1, ShuffledFactors, Stopped,
};
use art_data::{HybridSampler, Resampler, SamplingStrategy, Smote};

/// The settings of break-even feedback.
fn break_even_settings() -> [Setting; 4] {
    [
        Setting::real("power", 0.5, 0.25..=1.0),
        Setting::real("step", 0.05, 0.02..=0.15).logarithmic(),
        Setting::real("memory", 0.8, 0.0..=0.95).untuned(),
        Setting::whole("every", 1, 1..=10).untuned(),
    ]
}

fn break_even(context: &Context<'_>) -> Result<BreakEven, BenchError> {
    let settings = context.settings;
    let config = BreakEvenParams::new()
        .power(settings.number("power")?)
        .step(settings.number("step")?)
        .memory(settings.number("memory")?)
        .refresh_every(settings.whole("every")? as u32)
        .check()?;
    let index = context.train.data().class_index()?;
    Ok(BreakEven::new(config, index, context.seed))
}

/// A method with the settings of break-even feedback whose sampler is made of it.
fn around_break_even<S: EpochSampler + 'static>(
    id: &str,
    title: &str,
    wrap: impl Fn(BreakEven) -> Result<S, BenchError> + Send + Sync + 'static,
) -> Method {
    Method::new(id, title, &break_even_settings(), move |context| {
        let sampler = wrap(break_even(context)?)?;
        Ok(Prepared::new(context.train.clone(), sampler))
    })
}

/// What another run of `make`'s sampler drew from, on the same rows with other weights and draws, played again by `play`,
/// which is also told how many epochs that run had.
fn replayed<S: EpochSampler + 'static>(
    id: &str,
    title: &str,
    settings: &[Setting],
    make: impl Fn(&Context<'_>) -> Result<S, BenchError> + Send + Sync + Copy + 'static,
    play: impl Fn(Replay, u32) -> Result<Replay, BenchError> + Send + Sync + Copy + 'static,
) -> Method {
    Method::new(id, title, settings, move |context| {
        let (train, settings) = (context.train.clone(), context.settings.clone());
        let (seed, max_epochs) = (context.seed, context.max_epochs);
        Ok(Prepared {
            rehearsal: Some(Box::new(move |stage| {
                let elsewhere = Context {
                    train: &train,
                    seed: seed.derive("replay", 0),
                    settings: &settings,
                    max_epochs,
                    cancel: None,
                };
                let sampler = make(&elsewhere)?;
                let first = sampler.distribution().clone();
                let (refreshes, n_epochs) = stage.refreshes(elsewhere.seed, Box::new(sampler))?;
                let index = train.data().class_index()?;
                let replay = play(Replay::new(first, refreshes, index, seed)?, n_epochs)?;
                Ok((train.clone(), Box::new(replay)))
            })),
            ..Prepared::plain(context.train.clone(), seed)
        })
    })
}

/// Break-even feedback and ART with what it lacks.
pub(crate) fn samplers() -> Vec<Method> {
    let c = || Setting::real("c", 0.5, 0.05..=0.95);
    let bf = || Setting::whole("bf", 5, 1..=10);
    let strength = || Setting::real("strength", 4.0, 1.0..=64.0).logarithmic();
    vec![
        around_break_even("break-even", "Break-even feedback", Ok),
        Method::new(
            "art-shrunk",
            "ART, shrunk and capped",
            &[c(), bf(), strength()],
            |context| {
                let params = ArtParams::new()
                    .blend_constant(context.settings.number("c")?)
                    .boost_frequency(context.settings.whole("bf")? as u32)
                    .memory(0.5)
                    .difficulty(ShrunkF1::new(context.settings.number("strength")?)?)
                    .absent_class(AbsentClass::Reference)
                    .bounds(BoundsParams::new());
                art_like(context, params)
            },
        ),
        Method::new(
            "rotating-art",
            "ART, folds in turn",
            &[c(), bf(), Setting::whole("folds", 5, 2..=10).untuned()],
            |context| {
                let settings = context.settings;
                let config = ArtParams::new()
                    .blend_constant(settings.number("c")?)
                    .boost_frequency(settings.whole("bf")? as u32)
                    .memory(0.5)
                    .check()?;
                let folds = settings.whole("folds")? as u32;
                let index = context.train.data().class_index()?;
                let sampler = RotatingArt::new(config, folds, index, context.seed)?;
                Ok(Prepared::new(context.train.clone(), sampler))
            },
        ),
        Method::new(
            "hybrid-art",
            "ART, half of it SMOTE",
            &[c(), bf(), Setting::real("share", 0.5, 0.0..=1.0)],
            |context| hybrid(context, art_sampler(context)?),
        ),
        Method::new(
            "hybrid-break-even",
            "Break-even, half of it SMOTE",
            &[
                &break_even_settings()[..],
                &[Setting::real("share", 0.5, 0.0..=1.0)],
            ]
            .concat(),
            |context| hybrid(context, break_even(context)?),
        ),
    ]
}

/// Rows by the shares of `sampler`, what a class lacks partly from SMOTE; twice as many are made as there are rows of the
/// largest class.
fn hybrid(
    context: &Context<'_>,
    sampler: impl EpochSampler + 'static,
) -> Result<Prepared, BenchError> {
    let counts = context.train.data().class_counts();
    let most = 2 * counts.largest();
    let targets = counts.as_slice().iter();
    let targets = targets.map(|&n| if n == 0 { 0 } else { n.max(most) });
    let strategy = SamplingStrategy::Counts(targets.collect());
    let smote = Smote::new().strategy(strategy);
    let made = smote.resample(context.train, context.seed)?;
    let share = context.settings.number("share")?;
    let sampler = HybridSampler::new(sampler, &made, share)?;
    Ok(Prepared {
        warnings: made.warnings,
        ..Prepared::new(made.train, sampler)
    })
}

/// What is left of break-even feedback when parts of it are taken away, and ART replayed.
pub(crate) fn controls() -> Vec<Method> {
    const STOP: u32 = 10;
    let art_settings = [
        Setting::real("c", 0.5, 0.05..=0.95),
        Setting::whole("bf", 5, 1..=10),
    ];
    vec![
        around_break_even("shuffled-break-even", "Break-even, shuffled", |sampler| {
            Ok(ShuffledFactors::new(sampler))
        }),
        around_break_even("stopped-break-even", "Break-even, 10 epochs", |sampler| {
            Ok(Stopped::after(STOP, sampler)?)
        }),
        replayed(
            "replayed-break-even",
            "Break-even, replayed",
            &break_even_settings(),
            break_even,
            |replay, _| Ok(replay),
        ),
        replayed(
            "average-break-even",
            "Break-even, its average",
            &break_even_settings(),
            break_even,
            |replay, n_epochs| Ok(replay.average(n_epochs)?),
        ),
        replayed(
            "replayed-art",
            "ART, replayed",
            &art_settings,
            art_sampler,
            |replay, _| Ok(replay),
        ),
    ]
}

/// Plain training, ART and break-even feedback of a network without hidden layers.
pub(crate) fn logistic() -> Vec<Method> {
    let linear = |prepared: Prepared| Prepared {
        is_linear: true,
        ..prepared
    };
    let art_settings = [
        Setting::real("c", 0.5, 0.05..=0.95),
        Setting::whole("bf", 5, 1..=10),
    ];
    vec![
        Method::new("logistic", "Logistic regression", &[], move |context| {
            Ok(linear(Prepared::plain(context.train.clone(), context.seed)))
        }),
        Method::new(
            "logistic-art",
            "Logistic regression, ART",
            &art_settings,
            move |context| {
                let sampler = art_sampler(context)?;
                Ok(linear(Prepared::new(context.train.clone(), sampler)))
            },
        ),
        Method::new(
            "logistic-break-even",
            "Logistic regression, break-even",
            &break_even_settings(),
            move |context| {
                let sampler = break_even(context)?;
                Ok(linear(Prepared::new(context.train.clone(), sampler)))
            },
        ),
    ]
}
