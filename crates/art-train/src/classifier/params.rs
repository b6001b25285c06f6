//! How a classifier is made from arrays.

use crate::{
    error::TrainError,
    model::MlpParams,
    recipe::{MakeRecipe, Recipe, RunInputs, Titled},
    training::Training,
};
use art_core::{ArtParams, ArtSampler, ParamError, Seed};
use art_data::{Resampler, SplitConfig, SplitParams};
use candle_core::Device;
use linfa::ParamGuard;
use std::{fmt, sync::Arc};

/// How a classifier is made from arrays, not yet checked: by ART with the settings of its paper, a network that suits the
/// table ([`Training::for_table`]), 15 % of the rows for validation and seed 0, where nothing else is said.
///
/// It implements linfa's `Fit`, as its checked form does, and what it fits implements `Predict`:
///
/// ```
/// use art_train::{ClassifierParams, Recipe, Training};
/// use linfa::traits::{Fit, Predict};
/// let table = art_data::GaussianClasses::new(vec![300, 30], 4).generate(art_core::Seed::new(1))?;
/// let classifier = ClassifierParams::new()
///     .training(Training { hidden: vec![16], ..Training::default() })
///     .recipe("plain training", |inputs| Ok(Recipe::plain(inputs)))
///     .fit(&table.to_linfa())?;
/// let predicted = classifier.predict(&table.features().to_owned());
/// assert_eq!(predicted.len(), 330);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClassifierParams(ClassifierConfig);

/// How a classifier is made, checked; made by [`ClassifierParams::check`].
#[derive(Clone, Debug)]
pub struct ClassifierConfig {
    /// What suits the table where it is none.
    pub(super) training: Option<Training>,
    pub(super) method: Arc<dyn MakeRecipe>,
    pub(super) resampler: Option<SharedResampler>,
    pub(super) valid_share: f64,
    /// As the method has it where it is none.
    pub(super) folds: Option<usize>,
    pub(super) seed: Seed,
    pub(super) device: Device,
}

/// A resampler that settings share.
#[derive(Clone)]
pub(super) struct SharedResampler(pub(super) Arc<dyn Resampler>);

impl fmt::Debug for SharedResampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl Default for ClassifierParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ClassifierParams {
    /// By ART with the settings of its paper.
    pub fn new() -> Self {
        let art = |inputs: &RunInputs<'_>| {
            let index = inputs.class_index()?;
            let sampler = ArtSampler::new(ArtParams::new().check()?, index, inputs.seed)?;
            Ok(Recipe::drawn_by(inputs, sampler))
        };
        Self(ClassifierConfig {
            training: None,
            method: titled("ART", art),
            resampler: None,
            valid_share: 0.15,
            folds: None,
            seed: Seed::new(0),
            device: Device::Cpu,
        })
    }

    /// The network, and how long, how fast and until when it is trained; what suits the table
    /// ([`Training::for_table`]) where this is left out.
    pub fn training(mut self, training: Training) -> Self {
        self.0.training = Some(training);
        self
    }

    /// The method, such as one that a registry of methods has.
    pub fn method(mut self, method: impl MakeRecipe + 'static) -> Self {
        self.0.method = Arc::new(method);
        self
    }

    /// The method as a function, with the title that records have.
    pub fn recipe(
        mut self,
        title: &str,
        make: impl Fn(&RunInputs<'_>) -> Result<Recipe, TrainError> + Send + Sync + 'static,
    ) -> Self {
        self.0.method = titled(title, make);
        self
    }

    /// Makes other training rows of the training rows, once they are split from the validation rows and encoded; these are the
    /// rows that the method sees. Validation rows, the scale of the features and the natural proportions of the classes stay those
    /// of the rows as they came. Rows that are resampled beforehand are refused.
    pub fn resampler(mut self, resampler: impl Resampler + 'static) -> Self {
        self.0.resampler = Some(SharedResampler(Arc::new(resampler)));
        self
    }

    /// Share of the rows that steer training and are not trained on, above 0 and below 1.
    pub fn valid_share(mut self, share: f64) -> Self {
        self.0.valid_share = share;
        self
    }

    /// Networks, each trained without one fold of the training and validation rows, whose mean answers
    /// ([`FoldInputs`](crate::FoldInputs)); 1 is one network and a validation part. As the method has it where this is left out.
    pub fn folds(mut self, folds: usize) -> Self {
        self.0.folds = Some(folds);
        self
    }

    /// Seed of the split, the weights and the draws.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.0.seed = seed;
        self
    }

    /// Where the network is trained; what comes out answers on the processor.
    pub fn device(mut self, device: Device) -> Self {
        self.0.device = device;
        self
    }

    /// The checked settings. Those of the method are checked once it has rows.
    ///
    /// # Errors
    /// [`ParamError`] naming the first one outside its range.
    pub fn check(self) -> Result<ClassifierConfig, ParamError> {
        ParamGuard::check(self)
    }
}

fn titled(
    title: &str,
    make: impl Fn(&RunInputs<'_>) -> Result<Recipe, TrainError> + Send + Sync + 'static,
) -> Arc<dyn MakeRecipe> {
    let title = title.to_owned();
    Arc::new(Titled { title, make })
}

impl ParamGuard for ClassifierParams {
    type Checked = ClassifierConfig;
    type Error = ParamError;

    fn check_ref(&self) -> Result<&ClassifierConfig, ParamError> {
        let ClassifierConfig {
            training, folds, ..
        } = &self.0;
        if *folds == Some(0) {
            return Err(ParamError::new("folds", 0, "at least 1"));
        }
        self.0.split()?;
        if let Some(training) = training {
            training.train_config()?;
            // Refuses bad layers before there is a table.
            let shape = MlpParams::new(1, 2).hidden(training.hidden.clone());
            shape.dropout(training.dropout).check()?;
        }
        Ok(&self.0)
    }

    fn check(self) -> Result<ClassifierConfig, ParamError> {
        self.check_ref()?;
        Ok(self.0)
    }
}

impl ClassifierConfig {
    pub(super) fn split(&self) -> Result<SplitConfig, ParamError> {
        SplitParams::new()
            .valid_share(self.valid_share)
            .test_share(0.0)
            .check()
    }
}
