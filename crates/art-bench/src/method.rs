//! The methods that cells can name: a sampler, a static resampler and a loss, put together.

use crate::{BenchError, Settings};
use art_core::{ArtParams, ArtSampler, ClassCounts, EpochSampler, ParamError, Seed, Shuffle};
use art_data::{
    Msmote, NearMiss, NearMissRule, RandomOverSampler, RandomUnderSampler, ResampleWarning,
    Resampler, SamplingStrategy, Smote, TrainSet,
};
use art_losses::{BalancedSoftmax, CostSensitive, CrossEntropy, Focal, Ldam, LossSchedule, Ohem};

/// What a method makes of a training set: the rows, who draws from them, and the loss.
pub struct Prepared {
    /// The rows to train on, resampled where the method does that.
    pub train: TrainSet,
    /// Who draws each epoch's rows.
    pub sampler: Box<dyn EpochSampler>,
    /// The loss of each epoch.
    pub loss: Box<dyn LossSchedule>,
    /// Classes that a resampler could not bring to their target.
    pub warnings: Vec<ResampleWarning>,
}

/// What a method is given.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    /// The training rows, scaled.
    pub train: &'a TrainSet,
    /// The cell's seed; a method draws from streams of its own.
    pub seed: Seed,
    /// Every setting of the method.
    pub settings: &'a Settings,
    /// Most epochs of the run, for schedules.
    pub max_epochs: u32,
}

type Prepare = dyn Fn(&Context<'_>) -> Result<Prepared, BenchError> + Send + Sync;

/// A method of the comparison.
///
/// ```
/// use art_bench::{Method, Prepared, Registry};
/// use art_core::ClassBalanced;
///
/// let balanced = Method::new("balanced", "Class-balanced sampling", &[], |context| {
///     let index = context.train.data().class_index()?;
///     Ok(Prepared {
///         train: context.train.clone(),
///         sampler: Box::new(ClassBalanced::new(index, context.seed)),
///         loss: Box::new(art_losses::CrossEntropy),
///         warnings: vec![],
///     })
/// });
/// let registry = Registry::standard().with(balanced)?;
/// assert!(registry.get("balanced").is_ok());
/// # Ok::<(), art_bench::BenchError>(())
/// ```
pub struct Method {
    id: String,
    title: String,
    defaults: Settings,
    prepare: Box<Prepare>,
}

impl Method {
    /// A method called `id` in records and `title` in reports, with these settings.
    pub fn new(
        id: &str,
        title: &str,
        defaults: &[(&str, f64)],
        prepare: impl Fn(&Context<'_>) -> Result<Prepared, BenchError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            defaults: defaults
                .iter()
                .map(|&(name, value)| (name.to_owned(), value))
                .collect(),
            prepare: Box::new(prepare),
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Its title.
    pub fn title(&self) -> &str {
        &self.title
    }

    /// Its settings with their fixed values.
    pub fn defaults(&self) -> &Settings {
        &self.defaults
    }

    /// What it makes of a training set.
    ///
    /// # Errors
    /// Whatever its parts refuse.
    pub fn prepare(&self, context: &Context<'_>) -> Result<Prepared, BenchError> {
        (self.prepare)(context)
    }
}

/// The methods of a program, in report order.
pub struct Registry {
    methods: Vec<Method>,
}

impl Registry {
    /// The methods that come with the project.
    pub fn standard() -> Self {
        Self {
            methods: vec![
                Method::new("baseline", "Baseline", &[], |context| {
                    Ok(plain(context.train.clone(), context.seed))
                }),
                static_resampling("ros", "ROS", &[], |_, strategy| {
                    Ok(Box::new(RandomOverSampler::new().strategy(strategy)))
                }),
                static_resampling("rus", "RUS", &[], |_, strategy| {
                    Ok(Box::new(RandomUnderSampler::new().strategy(strategy)))
                }),
                static_resampling("smote", "SMOTE", &[("k", 5.0)], |settings, strategy| {
                    Ok(Box::new(
                        Smote::new().k(whole(settings, "k")?).strategy(strategy),
                    ))
                }),
                static_resampling("msmote", "MSMOTE", &[("k", 5.0)], |settings, strategy| {
                    Ok(Box::new(
                        Msmote::new().k(whole(settings, "k")?).strategy(strategy),
                    ))
                }),
                static_resampling(
                    "nearmiss",
                    "NearMiss",
                    &[("version", 3.0), ("k", 3.0), ("m", 3.0)],
                    nearmiss,
                ),
                with_loss(
                    "cost",
                    "Cost-sensitive",
                    &[("exponent", 1.0)],
                    |counts, settings, _| {
                        Ok(Box::new(CostSensitive::inverse_frequency(
                            counts,
                            settings["exponent"],
                        )?))
                    },
                ),
                with_loss("focal", "Focal", &[("gamma", 2.0)], |_, settings, _| {
                    Ok(Box::new(Focal::new(settings["gamma"])?))
                }),
                with_loss("ohem", "OHEM", &[("share", 0.7)], |_, settings, _| {
                    Ok(Box::new(Ohem::share(settings["share"])?))
                }),
                with_loss(
                    "ldam-drw",
                    "LDAM + DRW",
                    &[
                        ("margin", 0.5),
                        ("scale", 30.0),
                        ("drw", 0.8),
                        ("beta", 0.9999),
                    ],
                    |counts, settings, max_epochs| {
                        let last_before = (settings["drw"] * f64::from(max_epochs) + 1e-9) as u32;
                        let ldam = Ldam::new(counts, settings["margin"], settings["scale"])?;
                        let beta = settings["beta"];
                        Ok(Box::new(ldam.with_deferred_weights(
                            counts,
                            beta,
                            last_before,
                        )?))
                    },
                ),
                with_loss(
                    "balanced-softmax",
                    "Balanced softmax",
                    &[("tau", 1.0)],
                    |counts, settings, _| {
                        Ok(Box::new(BalancedSoftmax::new(counts, settings["tau"])?))
                    },
                ),
                Method::new("art", "ART", &[("c", 0.5), ("bf", 5.0)], art),
            ],
        }
    }

    /// The same methods and one more.
    ///
    /// # Errors
    /// [`BenchError::Duplicate`] when its id is taken.
    pub fn with(mut self, method: Method) -> Result<Self, BenchError> {
        if self.methods.iter().any(|known| known.id == method.id) {
            return Err(BenchError::Duplicate { name: method.id });
        }
        self.methods.push(method);
        Ok(self)
    }

    /// The method called `id`.
    ///
    /// # Errors
    /// [`BenchError::Unknown`], listing those that are known.
    pub fn get(&self, id: &str) -> Result<&Method, BenchError> {
        self.methods
            .iter()
            .find(|method| method.id == id)
            .ok_or_else(|| BenchError::Unknown {
                what: "method",
                name: id.to_owned(),
                known: self
                    .methods
                    .iter()
                    .map(|method| &*method.id)
                    .collect::<Vec<_>>()
                    .join(", "),
            })
    }

    /// All methods.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }
}

/// Every row once an epoch, cross-entropy.
fn plain(train: TrainSet, seed: Seed) -> Prepared {
    Prepared {
        sampler: Box::new(Shuffle::new(train.data().class_counts(), seed)),
        loss: Box::new(CrossEntropy),
        warnings: vec![],
        train,
    }
}

/// A method that trains plainly on the rows that a resampler makes; its setting `ratio` is the
/// minority-to-majority ratio to reach.
fn static_resampling(
    id: &str,
    title: &str,
    defaults: &[(&str, f64)],
    make: impl Fn(&Settings, SamplingStrategy) -> Result<Box<dyn Resampler>, BenchError>
    + Send
    + Sync
    + 'static,
) -> Method {
    let defaults = [&[("ratio", 1.0)], defaults].concat();
    Method::new(id, title, &defaults, move |context| {
        let strategy = SamplingStrategy::Ratio(context.settings["ratio"]);
        let resampler = make(context.settings, strategy)?;
        let rows = resampler.resample(context.train, context.seed)?;
        Ok(Prepared {
            warnings: rows.warnings,
            ..plain(rows.train, context.seed)
        })
    })
}

/// A method that trains on all rows with another loss, made for the class counts.
fn with_loss(
    id: &str,
    title: &str,
    defaults: &[(&str, f64)],
    make: impl Fn(&ClassCounts, &Settings, u32) -> Result<Box<dyn LossSchedule>, BenchError>
    + Send
    + Sync
    + 'static,
) -> Method {
    Method::new(id, title, defaults, move |context| {
        let counts = context.train.data().class_counts();
        Ok(Prepared {
            loss: make(&counts, context.settings, context.max_epochs)?,
            ..plain(context.train.clone(), context.seed)
        })
    })
}

/// A setting that counts something.
fn whole(settings: &Settings, name: &'static str) -> Result<usize, BenchError> {
    let value = settings[name];
    if value.fract() == 0.0 && (1.0..1e9).contains(&value) {
        Ok(value as usize)
    } else {
        Err(ParamError::new(name, value, "a whole number, at least 1").into())
    }
}

fn nearmiss(
    settings: &Settings,
    strategy: SamplingStrategy,
) -> Result<Box<dyn Resampler>, BenchError> {
    let rule = match whole(settings, "version")? {
        1 => NearMissRule::Nearest,
        2 => NearMissRule::Farthest,
        3 => NearMissRule::TwoStage,
        other => return Err(ParamError::new("version", other, "1, 2 or 3").into()),
    };
    let (k, m) = (whole(settings, "k")?, whole(settings, "m")?);
    Ok(Box::new(NearMiss::new(rule).k(k).m(m).strategy(strategy)))
}

fn art(context: &Context<'_>) -> Result<Prepared, BenchError> {
    let config = ArtParams::new()
        .blend_constant(context.settings["c"])
        .boost_frequency(whole(context.settings, "bf")? as u32)
        .check()?;
    let index = context.train.data().class_index()?;
    Ok(Prepared {
        sampler: Box::new(ArtSampler::new(config, index, context.seed)?),
        ..plain(context.train.clone(), context.seed)
    })
}
