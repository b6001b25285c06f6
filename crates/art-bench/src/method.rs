//! The methods that cells can name: a sampler, a static resampler and a loss, put together.

use crate::{
    BenchError, MethodName, Rehearsals, Setting, Settings, beyond, error::unknown, related,
    setting::resolve,
};
use art_core::{
    ArtParams, ArtSampler, BlendBase, ClassCounts, EpochSampler, Frozen, OneMinusRecall,
    ParamError, Seed, Shuffle, ShuffledClasses,
};
use art_data::{
    Msmote, NearMiss, NearMissRule, RandomOverSampler, RandomUnderSampler, ResampleWarning,
    Resampler, SamplingStrategy, Smote, TrainSet,
};
use art_losses::{
    BalancedSoftmax, CostSensitive, CrossEntropy, FeatureLoss, Focal, Ldam, LossSchedule, Ohem,
    class_weight,
};
use art_train::{ClassThresholds, LogitAdjustment, MetaSamplerParams, PostHoc, Remix, SecondStage};
use std::sync::Arc;

/// Makes the rows and their sampler with the help of networks that are trained before the run.
pub type Rehearsal =
    dyn Fn(&Rehearsals<'_>) -> Result<(TrainSet, Box<dyn EpochSampler>), BenchError>;

/// What a method makes of a training set: the rows, who draws from them, and the loss.
pub struct Prepared {
    /// The rows to train on, resampled where the method does that.
    pub train: TrainSet,
    /// Who draws each epoch's rows.
    pub sampler: Box<dyn EpochSampler>,
    /// What makes other rows and another sampler, for a method that has to train networks before the run.
    pub rehearsal: Option<Box<Rehearsal>>,
    /// The loss of each epoch.
    pub loss: Box<dyn LossSchedule>,
    /// Classes that a resampler could not bring to their target.
    pub warnings: Vec<ResampleWarning>,
    /// What makes a new last layer once training has ended, for a method in two stages.
    pub second_stage: Option<Box<dyn SecondStage>>,
    /// How the rows of each batch are mixed.
    pub mixing: Option<Remix>,
    /// A loss on the features of each batch, beside the one on its logits.
    pub feature_loss: Option<Box<dyn FeatureLoss>>,
    /// What moves the decision once training has ended, chosen on validation rows.
    pub post_hoc: Option<Box<dyn PostHoc>>,
    /// Whether the network has no hidden layers, whatever those of the run are. Its learning rate is then ten times that of the
    /// run: with one layer the rate of a deep network does not get anywhere.
    pub is_linear: bool,
}

impl Prepared {
    /// These rows, drawn by `sampler`, with cross-entropy in one stage.
    pub fn new(train: TrainSet, sampler: impl EpochSampler + 'static) -> Self {
        Self {
            train,
            sampler: Box::new(sampler),
            rehearsal: None,
            loss: Box::new(CrossEntropy),
            warnings: vec![],
            second_stage: None,
            mixing: None,
            feature_loss: None,
            post_hoc: None,
            is_linear: false,
        }
    }

    /// Every row once an epoch, with cross-entropy in one stage.
    pub fn plain(train: TrainSet, seed: Seed) -> Self {
        let sampler = Shuffle::new(train.data().class_counts(), seed);
        Self::new(train, sampler)
    }

    /// Plain training on the rows that `resampler` makes.
    pub(crate) fn resampled(
        resampler: &dyn Resampler,
        context: &Context<'_>,
    ) -> Result<Self, BenchError> {
        let rows = resampler.resample(context.train, context.seed)?;
        Ok(Self {
            warnings: rows.warnings,
            ..Self::plain(rows.train, context.seed)
        })
    }

    /// The same with another loss.
    #[must_use]
    pub fn loss(mut self, loss: impl LossSchedule + 'static) -> Self {
        self.loss = Box::new(loss);
        self
    }
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
///     let sampler = ClassBalanced::new(index, context.seed);
///     Ok(Prepared::new(context.train.clone(), sampler))
/// });
/// let registry = Registry::standard().with(balanced)?;
/// assert!(registry.get("balanced").is_ok());
/// # Ok::<(), art_bench::BenchError>(())
/// ```
#[derive(Clone)]
pub struct Method {
    id: String,
    title: String,
    settings: Vec<Setting>,
    prepare: Arc<Prepare>,
}

impl Method {
    /// A method called `id` in records and `title` in reports, with these settings.
    pub fn new(
        id: &str,
        title: &str,
        settings: &[Setting],
        prepare: impl Fn(&Context<'_>) -> Result<Prepared, BenchError> + Send + Sync + 'static,
    ) -> Self {
        Self {
            id: id.to_owned(),
            title: title.to_owned(),
            settings: settings.to_vec(),
            prepare: Arc::new(prepare),
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

    /// Its settings, with their values when nothing is tuned and what tuning may try.
    pub fn settings(&self) -> &[Setting] {
        &self.settings
    }

    /// `chosen`, completed by the defaults of the settings that it leaves out.
    ///
    /// # Errors
    /// [`BenchError::Unknown`] for a setting that the method does not have.
    pub fn resolve(&self, chosen: &Settings) -> Result<Settings, BenchError> {
        resolve(&self.settings, chosen)
    }

    /// The same under another name, with its decision moved where the name says so.
    fn named(self, name: &MethodName) -> Self {
        let variant = name.variant.iter().map(|variant| format!(" ({variant})"));
        let rule = name.decision_rule();
        let moved = rule.iter().map(|rule| format!(" + {}", rule.title));
        let (id, prepare) = (name.base.clone(), self.prepare);
        Self {
            id: name.to_string(),
            title: std::iter::once(self.title)
                .chain(variant)
                .chain(moved)
                .collect(),
            settings: self.settings,
            prepare: Arc::new(move |context| {
                let mut prepared = prepare(context)?;
                if let Some(rule) = rule {
                    if prepared.post_hoc.is_some() {
                        let expected = "one that does not move its decision already";
                        return Err(
                            ParamError::new("method of a decision rule", &id, expected).into()
                        );
                    }
                    prepared.post_hoc = Some((rule.make)());
                }
                Ok(prepared)
            }),
        }
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
        let baseline = Method::new("baseline", "Baseline", &[], |context| {
            Ok(Prepared::plain(context.train.clone(), context.seed))
        });
        let mut methods = vec![baseline];
        methods.extend(static_resamplers());
        methods.extend(losses());
        methods.extend(learned_samplers());
        methods.extend(controls());
        methods.extend(related::resamplers());
        methods.extend(related::losses());
        methods.extend(related::mixtures());
        methods.extend(related::samplers());
        methods.extend(related::row_samplers());
        methods.extend(related::second_stages());
        methods.extend(beyond::samplers());
        methods.extend(beyond::controls());
        methods.extend(beyond::logistic());
        Self { methods }
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

    /// The method called `name`, a [`MethodName`].
    ///
    /// # Errors
    /// [`BenchError::Unknown`], listing those that are known.
    pub fn get(&self, name: &str) -> Result<Method, BenchError> {
        let of = |id: &str| self.methods.iter().find(|method| method.id == id);
        if let Some(method) = of(name) {
            return Ok(method.clone());
        }
        let name: MethodName = name.parse()?;
        let known = || self.methods.iter().map(Method::id);
        let base = of(&name.base).ok_or_else(|| unknown("method", &name.base, known()))?;
        Ok(base.clone().named(&name))
    }

    /// All methods.
    pub fn methods(&self) -> &[Method] {
        &self.methods
    }
}

/// Methods that train plainly on other rows.
fn static_resamplers() -> Vec<Method> {
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
fn losses() -> Vec<Method> {
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
fn learned_samplers() -> Vec<Method> {
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
fn controls() -> Vec<Method> {
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
            let sampler = Frozen::new(art_sampler(context)?);
            Ok(Prepared::new(context.train.clone(), sampler))
        }),
        Method::new("shuffled-art", "ART, shuffled w", &[c(), bf()], |context| {
            let sampler = ShuffledClasses::new(art_sampler(context)?);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_default_may_be_tried_and_every_condition_names_a_setting_of_the_method() {
        for method in Registry::standard().methods() {
            for setting in method.settings() {
                let place = format!("{} {}", method.id(), setting.name());
                assert!(setting.domain().contains(setting.default()), "{place}");
                if let Some((name, value)) = setting.condition() {
                    let other = method.settings().iter().find(|s| s.name() == name);
                    let other = other.expect(&place);
                    assert!(other.domain().contains(value), "{place}");
                }
            }
        }
    }

    /// The rows of the table in `docs/methods.md`.
    #[test]
    fn the_index_of_methods_lists_every_setting_with_what_tuning_may_try() {
        let document = include_str!("../../../docs/methods.md");
        for method in Registry::standard().methods() {
            let line = document
                .lines()
                .find(|line| line.starts_with(&format!("| `{}` |", method.id())))
                .unwrap_or_else(|| panic!("docs/methods.md has no row for {}", method.id()));
            for setting in method.settings() {
                let condition = match setting.condition() {
                    Some((name, value)) => format!(", where {name} is {value}"),
                    None => String::new(),
                };
                let (name, default, domain) = (setting.name(), setting.default(), setting.domain());
                let text = if setting.is_tuned() {
                    format!("{name} {default} ({domain}{condition})")
                } else {
                    format!("{name} {default}")
                };
                assert!(
                    line.contains(&text),
                    "{}: {text:?} is not in {line:?}",
                    method.id()
                );
            }
        }
    }
}
