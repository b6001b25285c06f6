//! The methods that the paper compares, and their controls.

use crate::{BenchError, Context, Method, Prepared, Setting, Settings};
use art_core::{
    ArtParams, ArtSampler, BlendBase, ClassCounts, Frozen, OneMinusRecall, ParamError,
    ShuffledClasses,
};
use art_data::{
    Msmote, NearMiss, NearMissRule, RandomOverSampler, RandomUnderSampler, Resampler,
    SamplingStrategy, Smote,
};
use art_losses::{BalancedSoftmax, CostSensitive, Focal, Ldam, LossSchedule, Ohem, class_weight};
use art_train::{ClassThresholds, LogitAdjustment, MetaSamplerParams, PostHoc};

/// Methods that train plainly on other rows.
pub(crate) fn static_resamplers() -> Vec<Method> {
    let neighbors = |range| Setting::whole("k", 5, range);
    vec![
        static_resampling("ros", "ROS", &[], |_, strategy| {
            Ok(Box::new(RandomOverSampler::new().strategy(strategy)))
        }),
        static_resampling("rus", "RUS", &[], |_, strategy| {
            Ok(Box::new(RandomUnderSampler::new().strategy(strategy)))
        }),
        static_resampling(
            "smote",
            "SMOTE",
            &[neighbors(1..=15)],
            |settings, strategy| {
                let k = settings.whole("k")?;
                Ok(Box::new(Smote::new().k(k).strategy(strategy)))
            },
        ),
        static_resampling(
            "msmote",
            "MSMOTE",
            &[neighbors(3..=11)],
            |settings, strategy| {
                let k = settings.whole("k")?;
                Ok(Box::new(Msmote::new().k(k).strategy(strategy)))
            },
        ),
        static_resampling(
            "nearmiss",
            "NearMiss",
            &[
                Setting::choice("version", 3.0, [1.0, 2.0, 3.0]),
                Setting::whole("k", 3, 1..=10),
                Setting::whole("m", 3, 1..=10).only_if("version", 3.0),
            ],
            nearmiss,
        ),
    ]
}

/// Methods that train on the same rows with another loss.
pub(crate) fn losses() -> Vec<Method> {
    vec![
        with_loss(
            "cost",
            "Cost-sensitive",
            &[Setting::real("exponent", 1.0, 0.0..=1.5)],
            |counts, settings, _| {
                let exponent = settings.number("exponent")?;
                Ok(Box::new(CostSensitive::inverse_frequency(
                    counts, exponent,
                )?))
            },
        ),
        with_loss(
            "focal",
            "Focal",
            &[
                Setting::real("gamma", 2.0, 0.0..=5.0),
                Setting::choice(
                    "alpha",
                    "none",
                    ["none", "inverse-frequency", "effective-number"],
                ),
            ],
            focal,
        ),
        with_loss(
            "ohem",
            "OHEM",
            &[Setting::real("share", 0.7, 0.2..=1.0)],
            |_, settings, _| Ok(Box::new(Ohem::share(settings.number("share")?)?)),
        ),
        with_loss(
            "ldam-drw",
            "LDAM + DRW",
            &[
                Setting::real("margin", 0.5, 0.1..=1.0),
                Setting::real("scale", 30.0, 5.0..=60.0).logarithmic(),
                Setting::real("drw", 0.8, 0.5..=0.95),
                Setting::choice("beta", 0.9999, [0.9, 0.99, 0.999, 0.9999]),
            ],
            ldam_drw,
        ),
        with_loss(
            "balanced-softmax",
            "Balanced softmax",
            &[Setting::real("tau", 1.0, 0.0..=3.0)],
            |counts, settings, _| {
                Ok(Box::new(BalancedSoftmax::new(
                    counts,
                    settings.number("tau")?,
                )?))
            },
        ),
    ]
}

/// Methods whose sampler learns while training.
pub(crate) fn learned_samplers() -> Vec<Method> {
    vec![
        Method::new(
            "balms",
            "BALMS",
            &[
                Setting::real("meta_lr", 0.01, 1e-3..=1e-1).logarithmic(),
                Setting::real("initial_power", 0.0, 0.0..=1.0),
                Setting::real("stage", 0.2, 0.1..=0.5),
            ],
            balms,
        ),
        Method::new(
            "art",
            "ART",
            &[
                Setting::real("c", 0.5, 0.05..=0.95),
                Setting::whole("bf", 5, 1..=10),
            ],
            art,
        ),
    ]
}

/// What ART must beat before its feedback can be what helped; each may read validation results as ART does.
pub(crate) fn controls() -> Vec<Method> {
    let c = || Setting::real("c", 0.5, 0.05..=0.95);
    let bf = || Setting::whole("bf", 5, 1..=10);
    vec![
        Method::new("static-blend", "Static blend", &[c()], |context| {
            let index = context.train.data().class_index()?;
            let c = context.settings.number("c")?;
            let sampler = ArtSampler::static_blend(c, index, context.seed)?;
            Ok(Prepared::new(context.train.clone(), sampler))
        }),
        Method::new("frozen-art", "ART, frozen w", &[c(), bf()], |context| {
            let sampler = Frozen::new(art_sampler(context)?)?;
            Ok(Prepared::new(context.train.clone(), sampler))
        }),
        Method::new("shuffled-art", "ART, shuffled w", &[c(), bf()], |context| {
            let sampler = ShuffledClasses::new(art_sampler(context)?)?;
            Ok(Prepared::new(context.train.clone(), sampler))
        }),
        Method::new(
            "class-priority",
            "Class priority",
            &[Setting::real("fixed", 0.5, 0.05..=0.95)],
            |context| {
                let params = ArtParams::new()
                    .blend_constant(context.settings.number("fixed")?)
                    .boost_frequency(1)
                    .base(BlendBase::Uniform)
                    .difficulty(OneMinusRecall);
                art_like(context, params)
            },
        ),
        after_training(
            "baseline-la",
            "Baseline + logit adjustment",
            LogitAdjustment,
        ),
        after_training(
            "baseline-thresholds",
            "Baseline + thresholds",
            ClassThresholds,
        ),
    ]
}

/// Plain training, then a decision moved on validation rows.
fn after_training(id: &str, title: &str, rule: impl PostHoc + Copy + 'static) -> Method {
    Method::new(id, title, &[], move |context| {
        Ok(Prepared {
            post_hoc: Some(Box::new(rule)),
            ..Prepared::plain(context.train.clone(), context.seed)
        })
    })
}

/// A method that trains plainly on the rows that a resampler makes; its setting `ratio` is the
/// minority-to-majority ratio to reach.
pub(crate) fn static_resampling(
    id: &str,
    title: &str,
    settings: &[Setting],
    make: impl Fn(&Settings, SamplingStrategy) -> Result<Box<dyn Resampler>, BenchError>
    + Send
    + Sync
    + 'static,
) -> Method {
    let ratio = [Setting::real("ratio", 1.0, 0.25..=1.0)];
    let settings = [&ratio[..], settings].concat();
    Method::new(id, title, &settings, move |context| {
        let strategy = SamplingStrategy::Ratio(context.settings.number("ratio")?);
        Prepared::resampled(&*make(context.settings, strategy)?, context)
    })
}

/// A method that trains on all rows with another loss, made for the class counts.
pub(crate) fn with_loss(
    id: &str,
    title: &str,
    settings: &[Setting],
    make: impl Fn(&ClassCounts, &Settings, u32) -> Result<Box<dyn LossSchedule>, BenchError>
    + Send
    + Sync
    + 'static,
) -> Method {
    Method::new(id, title, settings, move |context| {
        let counts = context.train.data().class_counts();
        Ok(Prepared {
            loss: make(&counts, context.settings, context.max_epochs)?,
            ..Prepared::plain(context.train.clone(), context.seed)
        })
    })
}

fn nearmiss(
    settings: &Settings,
    strategy: SamplingStrategy,
) -> Result<Box<dyn Resampler>, BenchError> {
    let rule = match settings.whole("version")? {
        1 => NearMissRule::Nearest,
        2 => NearMissRule::Farthest,
        3 => NearMissRule::TwoStage,
        other => return Err(ParamError::new("version", other, "1, 2 or 3").into()),
    };
    let (k, m) = (settings.whole("k")?, settings.whole("m")?);
    Ok(Box::new(NearMiss::new(rule).k(k).m(m).strategy(strategy)))
}

fn focal(
    counts: &ClassCounts,
    settings: &Settings,
    _: u32,
) -> Result<Box<dyn LossSchedule>, BenchError> {
    let focal = Focal::new(settings.number("gamma")?)?;
    Ok(Box::new(match settings.word("alpha")? {
        "none" => focal,
        "inverse-frequency" => focal.alpha(class_weight::inverse_frequency(counts, 1.0)?)?,
        "effective-number" => focal.alpha(class_weight::effective_number(counts, 0.9999)?)?,
        other => {
            let expected = "none, inverse-frequency or effective-number";
            return Err(ParamError::new("alpha", other, expected).into());
        }
    }))
}

fn ldam_drw(
    counts: &ClassCounts,
    settings: &Settings,
    max_epochs: u32,
) -> Result<Box<dyn LossSchedule>, BenchError> {
    let last_before = (settings.number("drw")? * f64::from(max_epochs) + 1e-9) as u32;
    let ldam = Ldam::new(
        counts,
        settings.number("margin")?,
        settings.number("scale")?,
    )?;
    let beta = settings.number("beta")?;
    Ok(Box::new(ldam.with_deferred_weights(
        counts,
        beta,
        last_before,
    )?))
}

/// Plain training, then a new last layer by balanced softmax on rows that a learned sampler draws.
fn balms(context: &Context<'_>) -> Result<Prepared, BenchError> {
    let stage = MetaSamplerParams::new()
        .learning_rate(context.settings.number("meta_lr")?)
        .initial_power(context.settings.number("initial_power")?)
        .share(context.settings.number("stage")?)
        .check()?;
    Ok(Prepared {
        second_stage: Some(Box::new(stage)),
        ..Prepared::plain(context.train.clone(), context.seed)
    })
}

fn art(context: &Context<'_>) -> Result<Prepared, BenchError> {
    let sampler = art_sampler(context)?;
    Ok(Prepared::new(context.train.clone(), sampler))
}

/// Plain training on the rows that ART draws with these settings.
pub(crate) fn art_like(context: &Context<'_>, params: ArtParams) -> Result<Prepared, BenchError> {
    let index = context.train.data().class_index()?;
    let sampler = ArtSampler::new(params.check()?, index, context.seed)?;
    Ok(Prepared::new(context.train.clone(), sampler))
}

pub(crate) fn art_sampler(context: &Context<'_>) -> Result<ArtSampler, BenchError> {
    let config = ArtParams::new()
        .blend_constant(context.settings.number("c")?)
        .boost_frequency(context.settings.whole("bf")? as u32)
        .check()?;
    let index = context.train.data().class_index()?;
    Ok(ArtSampler::new(config, index, context.seed)?)
}
