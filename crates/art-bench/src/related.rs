//! Methods of related work that the paper names and does not run.

use crate::{
    BenchError, Context, Method, Prepared, Setting, Settings,
    compared::{art_like, static_resampling, with_loss},
};
use art_core::{
    ArtParams, ClassWiseDifficulty, Curriculum, ForgettingArt, LossRule, LossSampler, ParamError,
    PowerSampler, PowerSchedule, Shuffle,
};
use art_data::{
    AdaSampling, Adasyn, BorderlineSmote, BorderlineVariant, ClusterUnderSampler,
    CondensedNearestNeighbors, EditedNearestNeighbors, EnnRule, KMeansSmote, Msyn,
    OneSidedSelection, Resampler, SafeLevelSmote, SamplingStrategy, Smote, SmoteEnn, SmoteTomek,
    TomekLinks, TrainSet,
};
use art_losses::{ClassDifficulty, CostSensitive, HardNegativesParams, Triplets, VectorScaling};
use art_train::{
    ClassifierRetraining, LearnableScaling, NearestClassMean, Remix, RetrainParams, SecondStage,
    TauNormalization,
};

/// Methods that make rows or leave some out.
pub(crate) fn resamplers() -> Vec<Method> {
    let k = |low, high| Setting::whole("k", 5, low..=high);
    vec![
        static_resampling(
            "borderline-smote",
            "Borderline-SMOTE",
            &[
                k(1, 15),
                Setting::whole("m", 10, 3..=20),
                Setting::choice("variant", 1.0, [1.0, 2.0]),
            ],
            |settings, strategy| {
                let variant = match settings.whole("variant")? {
                    1 => BorderlineVariant::OwnClass,
                    2 => BorderlineVariant::AnyClass,
                    other => return Err(ParamError::new("variant", other, "1 or 2").into()),
                };
                let (k, m) = (settings.whole("k")?, settings.whole("m")?);
                let smote = BorderlineSmote::new().k(k).m(m).variant(variant);
                Ok(Box::new(smote.strategy(strategy)))
            },
        ),
        static_resampling("adasyn", "ADASYN", &[k(2, 15)], |settings, strategy| {
            Ok(Box::new(
                Adasyn::new().k(settings.whole("k")?).strategy(strategy),
            ))
        }),
        static_resampling(
            "safe-level-smote",
            "Safe-level-SMOTE",
            &[k(3, 15)],
            |settings, strategy| {
                let smote = SafeLevelSmote::new().k(settings.whole("k")?);
                Ok(Box::new(smote.strategy(strategy)))
            },
        ),
        static_resampling(
            "kmeans-smote",
            "k-means-SMOTE",
            &[
                k(1, 10),
                Setting::whole("clusters", 8, 2..=64).logarithmic(),
                Setting::real("threshold", 1.0, 0.5..=10.0).logarithmic(),
                Setting::choice("exponent", "features", ["features", "2", "0"]),
            ],
            kmeans_smote,
        ),
        static_resampling(
            "msyn",
            "MSYN",
            &[k(1, 15), Setting::whole("proposals", 3, 2..=5)],
            |settings, strategy| {
                let (k, proposals) = (settings.whole("k")?, settings.whole("proposals")?);
                let msyn = Msyn::new().k(k).proposals(proposals);
                Ok(Box::new(msyn.strategy(strategy)))
            },
        ),
        cleaning("tomek", "Tomek links", &[], |_| {
            Ok(Box::new(TomekLinks::new()))
        }),
        cleaning("enn", "ENN", &enn_settings(), |settings| {
            Ok(Box::new(enn(settings)?))
        }),
        cleaning("cnn", "CNN", &[], |_| {
            Ok(Box::new(CondensedNearestNeighbors))
        }),
        cleaning("oss", "OSS", &[], |_| Ok(Box::new(OneSidedSelection))),
        cleaning("smote-enn", "SMOTE-ENN", &[k(1, 15)], |settings| {
            let smote = Smote::new().k(settings.whole("k")?);
            Ok(Box::new(SmoteEnn::new().smote(smote)))
        }),
        cleaning("smote-tomek", "SMOTE-Tomek", &[k(1, 15)], |settings| {
            let smote = Smote::new().k(settings.whole("k")?);
            Ok(Box::new(SmoteTomek::new().smote(smote)))
        }),
        static_resampling(
            "sbc",
            "SBC",
            &[Setting::whole("clusters", 3, 2..=20)],
            |settings, strategy| {
                let sampler = ClusterUnderSampler::new().clusters(settings.whole("clusters")?);
                Ok(Box::new(sampler.strategy(strategy)))
            },
        ),
    ]
}

fn kmeans_smote(
    settings: &Settings,
    strategy: SamplingStrategy,
) -> Result<Box<dyn Resampler>, BenchError> {
    let smote = KMeansSmote::new()
        .k(settings.whole("k")?)
        .clusters(settings.whole("clusters")?)
        .threshold(settings.number("threshold")?)
        .strategy(strategy);
    Ok(Box::new(match settings.word("exponent")? {
        "features" => smote,
        "2" => smote.exponent(2.0),
        "0" => smote.exponent(0.0),
        other => return Err(ParamError::new("exponent", other, "features, 2 or 0").into()),
    }))
}

fn enn_settings() -> [Setting; 2] {
    [
        Setting::choice("k", 3.0, [1.0, 3.0, 5.0, 7.0]),
        Setting::choice("rule", "vote", ["vote", "any"]),
    ]
}

fn enn(settings: &Settings) -> Result<EditedNearestNeighbors, BenchError> {
    let rule = match settings.word("rule")? {
        "vote" => EnnRule::Vote,
        "any" => EnnRule::Any,
        other => return Err(ParamError::new("rule", other, "vote or any").into()),
    };
    let k = settings.whole("k")?;
    Ok(EditedNearestNeighbors::new().k(k).rule(rule))
}

/// A method that trains plainly on rows of which a resampler makes what it likes.
fn cleaning(
    id: &str,
    title: &str,
    settings: &[Setting],
    make: impl Fn(&Settings) -> Result<Box<dyn Resampler>, BenchError> + Send + Sync + 'static,
) -> Method {
    Method::new(id, title, settings, move |context| {
        Prepared::resampled(&*make(context.settings)?, context)
    })
}

/// Methods that train on the same rows with another loss.
pub(crate) fn losses() -> Vec<Method> {
    let beta = Setting::choice("beta", 0.9999, [0.9, 0.99, 0.999, 0.9999]);
    vec![
        with_loss(
            "class-balanced",
            "Class-balanced loss",
            &[beta],
            |counts, settings, _| {
                let beta = settings.number("beta")?;
                Ok(Box::new(CostSensitive::effective_number(counts, beta)?))
            },
        ),
        with_loss("cdb-ce", "CDB-CE", &[tau_of_cdb()], |_, settings, _| {
            Ok(Box::new(ClassDifficulty::new(class_wise(settings)?)))
        }),
        with_loss(
            "vs",
            "VS loss",
            &[
                Setting::real("gamma", 0.3, 0.0..=0.5),
                Setting::real("tau", 1.0, 0.0..=2.5),
            ],
            |counts, settings, _| {
                let (gamma, tau) = (settings.number("gamma")?, settings.number("tau")?);
                Ok(Box::new(VectorScaling::new(counts, gamma, tau)?))
            },
        ),
        Method::new(
            "hard-negatives",
            "Hard negatives",
            &[
                Setting::real("temperature", 0.5, 0.05..=1.0).logarithmic(),
                Setting::real("hardness", 1.0, 0.0..=2.0),
                Setting::real("factor", 0.5, 0.01..=2.0).logarithmic(),
            ],
            |context| {
                let params = HardNegativesParams::new()
                    .temperature(context.settings.number("temperature")?)
                    .hardness(context.settings.number("hardness")?)
                    .factor(context.settings.number("factor")?);
                Ok(Prepared {
                    feature_loss: Some(Box::new(params.check()?)),
                    ..Prepared::plain(context.train.clone(), context.seed)
                })
            },
        ),
    ]
}

fn tau_of_cdb() -> Setting {
    Setting::choice("tau", "dynamic", ["dynamic", "0.5", "1", "1.5", "2"])
}

fn class_wise(settings: &Settings) -> Result<ClassWiseDifficulty, BenchError> {
    let word = settings.word("tau")?;
    if word == "dynamic" {
        return Ok(ClassWiseDifficulty::dynamic());
    }
    let tau = word
        .parse()
        .map_err(|_| ParamError::new("tau", word, "dynamic or a number"))?;
    Ok(ClassWiseDifficulty::fixed(tau)?)
}

/// Methods that mix the rows of a batch.
pub(crate) fn mixtures() -> Vec<Method> {
    let settings = [
        Setting::real("alpha", 1.0, 0.1..=2.0).logarithmic(),
        Setting::choice("kappa", 3.0, [2.0, 3.0, 5.0]),
        Setting::real("tau", 0.5, 0.2..=0.8),
    ];
    vec![Method::new("remix", "Remix", &settings, |context| {
        let [alpha, kappa, tau] =
            ["alpha", "kappa", "tau"].map(|name| context.settings.number(name));
        Ok(Prepared {
            mixing: Some(Remix::new(alpha?, kappa?, tau?)?),
            ..Prepared::plain(context.train.clone(), context.seed)
        })
    })]
}

/// Methods that draw other rows each epoch.
pub(crate) fn samplers() -> Vec<Method> {
    vec![
        Method::new(
            "cdb-s",
            "CDB-S",
            &[tau_of_cdb(), Setting::whole("every", 1, 1..=10)],
            |context| {
                let params = ArtParams::new()
                    .blend_constant(0.0)
                    .boost_frequency(context.settings.whole("every")? as u32)
                    .difficulty(class_wise(context.settings)?);
                art_like(context, params)
            },
        ),
        Method::new(
            "power-sampling",
            "Power sampling",
            &[Setting::real("power", 0.5, 0.0..=1.0)],
            |context| {
                let power = context.settings.number("power")?;
                power_sampled(context, PowerSchedule::Constant(power))
            },
        ),
        Method::new("progressive", "Progressively balanced", &[], |context| {
            power_sampled(context, PowerSchedule::Progressive)
        }),
        Method::new(
            "dcl",
            "DCL",
            &[
                Setting::choice(
                    "schedule",
                    "convex",
                    ["convex", "linear", "concave", "composite"],
                ),
                Setting::choice("triplets", "on", ["on", "off"]),
                Setting::real("margin", 1.25, 0.2..=2.0).only_if("triplets", "on"),
            ],
            |context| {
                let schedule = match context.settings.word("schedule")? {
                    "convex" => PowerSchedule::Convex,
                    "linear" => PowerSchedule::Linear,
                    "concave" => PowerSchedule::Concave(0.99),
                    "composite" => PowerSchedule::Composite,
                    other => {
                        let expected = "convex, linear, concave or composite";
                        return Err(ParamError::new("schedule", other, expected).into());
                    }
                };
                let triplets = match context.settings.word("triplets")? {
                    "on" => Some(Triplets::new(
                        context.settings.number("margin")?,
                        context.max_epochs,
                    )?),
                    "off" => None,
                    other => return Err(ParamError::new("triplets", other, "on or off").into()),
                };
                Ok(Prepared {
                    feature_loss: triplets.map(|loss| Box::new(loss) as _),
                    ..power_sampled(context, schedule)?
                })
            },
        ),
    ]
}

/// Methods that draw rows by what a network makes of them.
pub(crate) fn row_samplers() -> Vec<Method> {
    vec![
        Method::new(
            "self-paced",
            "Self-paced",
            &[
                Setting::real("start", 0.5, 0.2..=0.9),
                Setting::real("growth", 1.3, 1.05..=2.0),
            ],
            |context| {
                let rule = LossRule::SelfPaced {
                    start: context.settings.number("start")?,
                    growth: context.settings.number("growth")?,
                    by_class: true,
                };
                by_loss(context, rule)
            },
        ),
        Method::new(
            "adasample",
            "AdaSample",
            &[
                Setting::real("power", 0.5, 0.1..=2.0),
                Setting::real("correction", 0.0, 0.0..=1.0),
            ],
            |context| {
                let rule = LossRule::Adaptive {
                    power: context.settings.number("power")?,
                    correction: context.settings.number("correction")?,
                };
                by_loss(context, rule)
            },
        ),
        Method::new(
            "curriculum",
            "Curriculum",
            &[Setting::real("start", 0.3, 0.1..=0.9)],
            |context| {
                let start = context.settings.number("start")?;
                let (train, n_epochs, seed) =
                    (context.train.clone(), context.max_epochs, context.seed);
                Ok(Prepared {
                    rehearsal: Some(Box::new(move |stage| {
                        let losses = stage.losses(&train)?;
                        let index = train.data().class_index()?;
                        let sampler = Curriculum::new(losses, start, n_epochs, index, seed)?;
                        Ok((train.clone(), Box::new(sampler)))
                    })),
                    ..Prepared::plain(context.train.clone(), seed)
                })
            },
        ),
        Method::new(
            "adasampling",
            "AdaSampling",
            &[Setting::real("share", 1.0, 0.5..=2.0)],
            |context| {
                let wrapper = AdaSampling::new().share(context.settings.number("share")?);
                let (train, seed) = (context.train.clone(), context.seed);
                Ok(Prepared {
                    rehearsal: Some(Box::new(move |stage| {
                        let confidence = |rows: &TrainSet| {
                            let losses = stage.losses(rows)?.into_iter();
                            Ok::<_, BenchError>(losses.map(|loss| (-loss).exp()).collect())
                        };
                        let rows = wrapper.run(&train, seed, confidence)?.train;
                        let sampler = Shuffle::new(rows.data().class_counts(), seed);
                        Ok((rows, Box::new(sampler)))
                    })),
                    ..Prepared::plain(context.train.clone(), seed)
                })
            },
        ),
        Method::new(
            "forgetting-art",
            "ART by forgetting",
            &[
                Setting::real("c", 0.5, 0.05..=0.95),
                Setting::whole("bf", 5, 1..=10),
            ],
            |context| {
                let config = ArtParams::new()
                    .blend_constant(context.settings.number("c")?)
                    .boost_frequency(context.settings.whole("bf")? as u32)
                    .check()?;
                let index = context.train.data().class_index()?;
                let sampler = ForgettingArt::new(config, index, context.seed)?;
                Ok(Prepared::new(context.train.clone(), sampler))
            },
        ),
    ]
}

fn by_loss(context: &Context<'_>, rule: LossRule) -> Result<Prepared, BenchError> {
    let index = context.train.data().class_index()?;
    let sampler = LossSampler::new(rule, index, context.seed)?;
    Ok(Prepared::new(context.train.clone(), sampler))
}

fn power_sampled(context: &Context<'_>, schedule: PowerSchedule) -> Result<Prepared, BenchError> {
    let index = context.train.data().class_index()?;
    let sampler = PowerSampler::new(schedule, context.max_epochs, index, context.seed)?;
    Ok(Prepared::new(context.train.clone(), sampler))
}

/// Methods that train plainly and then make the last layer anew.
pub(crate) fn second_stages() -> Vec<Method> {
    let retraining = || {
        [
            Setting::real("stage", 0.1, 0.05..=0.5),
            Setting::real("stage_lr", 1e-3, 1e-4..=1e-1).logarithmic(),
        ]
    };
    let params = |settings: &Settings| -> Result<RetrainParams, BenchError> {
        let (share, rate) = (settings.number("stage")?, settings.number("stage_lr")?);
        Ok(RetrainParams::new().share(share).learning_rate(rate))
    };
    vec![
        in_two_stages("crt", "cRT", &retraining(), move |settings| {
            Ok(Box::new(ClassifierRetraining::new(params(settings)?)?))
        }),
        in_two_stages("lws", "LWS", &retraining(), move |settings| {
            Ok(Box::new(LearnableScaling::new(params(settings)?)?))
        }),
        in_two_stages("tau-norm", "τ-normalization", &[], |_| {
            Ok(Box::new(TauNormalization))
        }),
        in_two_stages("ncm", "Nearest class mean", &[], |_| {
            Ok(Box::new(NearestClassMean))
        }),
    ]
}

fn in_two_stages(
    id: &str,
    title: &str,
    settings: &[Setting],
    make: impl Fn(&Settings) -> Result<Box<dyn SecondStage>, BenchError> + Send + Sync + 'static,
) -> Method {
    Method::new(id, title, settings, move |context| {
        Ok(Prepared {
            second_stage: Some(make(context.settings)?),
            ..Prepared::plain(context.train.clone(), context.seed)
        })
    })
}
