//! The methods that cells can name: a sampler, a static resampler and a loss, put together.

use crate::{BenchError, Settings};
use art_core::{ArtParams, ArtSampler, EpochSampler, Seed, Shuffle};
use art_data::{RandomOverSampler, RandomUnderSampler, Resampler, SamplingStrategy, TrainSet};
use art_losses::{CrossEntropy, LossSchedule};

/// What a method makes of a training set: the rows, who draws from them, and the loss.
pub struct Prepared {
    /// The rows to train on, resampled where the method does that.
    pub train: TrainSet,
    /// Who draws each epoch's rows.
    pub sampler: Box<dyn EpochSampler>,
    /// The loss of each epoch.
    pub loss: Box<dyn LossSchedule>,
}

type Prepare = dyn Fn(&TrainSet, Seed, &Settings) -> Result<Prepared, BenchError> + Send + Sync;

/// A method of the comparison.
///
/// ```
/// use art_bench::{Method, Prepared, Registry};
/// use art_core::ClassBalanced;
///
/// let balanced = Method::new("balanced", "Class-balanced sampling", &[], |train, seed, _| {
///     Ok(Prepared {
///         train: train.clone(),
///         sampler: Box::new(ClassBalanced::new(train.data().class_index()?, seed)),
///         loss: Box::new(art_losses::CrossEntropy),
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
        prepare: impl Fn(&TrainSet, Seed, &Settings) -> Result<Prepared, BenchError>
        + Send
        + Sync
        + 'static,
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

    /// What it makes of `train`; every setting is given.
    ///
    /// # Errors
    /// Whatever its parts refuse.
    pub fn prepare(
        &self,
        train: &TrainSet,
        seed: Seed,
        settings: &Settings,
    ) -> Result<Prepared, BenchError> {
        (self.prepare)(train, seed, settings)
    }
}

/// The methods of a program, in report order.
pub struct Registry {
    methods: Vec<Method>,
}

impl Registry {
    /// The methods that come with the project.
    pub fn standard() -> Self {
        let ros = |train: &TrainSet, seed, settings: &Settings| {
            let strategy = SamplingStrategy::Ratio(settings["ratio"]);
            resampled(&RandomOverSampler::new().strategy(strategy), train, seed)
        };
        let rus = |train: &TrainSet, seed, settings: &Settings| {
            let strategy = SamplingStrategy::Ratio(settings["ratio"]);
            resampled(&RandomUnderSampler::new().strategy(strategy), train, seed)
        };
        Self {
            methods: vec![
                Method::new("baseline", "Baseline", &[], |train, seed, _| {
                    Ok(plain(train.clone(), seed))
                }),
                Method::new("ros", "ROS", &[("ratio", 1.0)], ros),
                Method::new("rus", "RUS", &[("ratio", 1.0)], rus),
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
        train,
    }
}

/// Plain training on the rows that a resampler made.
fn resampled(
    resampler: &dyn Resampler,
    train: &TrainSet,
    seed: Seed,
) -> Result<Prepared, BenchError> {
    Ok(plain(resampler.resample(train, seed)?.train, seed))
}

fn art(train: &TrainSet, seed: Seed, settings: &Settings) -> Result<Prepared, BenchError> {
    let config = ArtParams::new()
        .blend_constant(settings["c"])
        .boost_frequency(settings["bf"] as u32)
        .check()?;
    let index = train.data().class_index()?;
    Ok(Prepared {
        train: train.clone(),
        sampler: Box::new(ArtSampler::new(config, index, seed)?),
        loss: Box::new(CrossEntropy),
    })
}
