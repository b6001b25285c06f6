//! Everything that one training run is made of.

mod cross_fit;
mod make;
mod pilot;
mod run;

pub use cross_fit::FoldInputs;
pub use make::MakeRecipe;
pub(crate) use make::Titled;
pub use run::{RecipeRun, RunInputs};

use crate::{
    mixing::Remix, model::Model, post_hoc::PostHoc, stage::SecondStage, training::Training,
};
use art_core::{EpochSampler, Shuffle};
use art_data::{ResampleWarning, Resampled, TrainSet};
use art_losses::{CrossEntropy, FeatureLoss, LossSchedule};

/// Everything that one training run is made of: rows, who draws from them, loss, network, and what follows training. A method
/// is a function from [`RunInputs`] to a recipe; [`Recipe::fit`] trains it.
///
/// ```
/// use art_core::{PowerSampler, PowerSchedule, Seed};
/// use art_data::{GaussianClasses, Split, SplitConfig, Standardizer};
/// use art_train::{Recipe, RunInputs, TauE, Trainer, Training};
///
/// let seed = Seed::new(1);
/// let data = GaussianClasses::new(vec![300, 30], 4).generate(seed)?;
/// let split = Standardizer::split(&Split::stratified(&data, &SplitConfig::default(), seed)?)?;
/// let training = Training { max_epochs: 3, ..Training::default() };
/// let inputs = RunInputs::new(&split.train, &split.valid, &training, seed);
///
/// let square_root = PowerSchedule::Constant(0.5);
/// let sampler = PowerSampler::new(square_root, training.max_epochs, inputs.class_index()?, seed)?;
/// let recipe = Recipe::drawn_by(&inputs, sampler).decision(TauE);
/// let run = recipe.fit(&inputs, Trainer::new(training.train_config()?, seed))?;
/// assert_eq!(run.fitted.history.epochs.len(), 3);
/// assert!(run.fitted.adjustment.is_some());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[must_use]
pub struct Recipe {
    /// The rows to train on, resampled where the method does that.
    pub train: TrainSet,
    /// Classes that a resampler could not bring to their target.
    pub warnings: Vec<ResampleWarning>,
    /// Who draws each epoch's rows.
    pub sampler: Box<dyn EpochSampler>,
    /// The loss of each epoch.
    pub loss: Box<dyn LossSchedule>,
    /// A loss on the features of each batch, beside the one on its logits.
    pub feature_loss: Option<Box<dyn FeatureLoss>>,
    /// How the rows of each batch are mixed.
    pub mixing: Option<Remix>,
    /// How the network is trained, and what it is like where there is no other `model`: as the run says, unless the method has
    /// its own.
    pub training: Training,
    /// A fresh network for these rows, where it is another than `training` describes.
    pub model: Option<Box<dyn Model>>,
    /// What makes a new last layer once training has ended.
    pub second_stage: Option<Box<dyn SecondStage>>,
    /// What moves the decision once everything is trained, chosen on validation rows.
    pub decision: Option<Box<dyn PostHoc>>,
}

impl Recipe {
    /// The training rows as they are, drawn by `sampler`, with cross-entropy in one stage.
    pub fn drawn_by(inputs: &RunInputs<'_>, sampler: impl EpochSampler + 'static) -> Self {
        Self {
            train: inputs.train.clone(),
            warnings: vec![],
            sampler: Box::new(sampler),
            loss: Box::new(CrossEntropy),
            feature_loss: None,
            mixing: None,
            training: inputs.training.clone(),
            model: None,
            second_stage: None,
            decision: None,
        }
    }

    /// Every training row once an epoch, with cross-entropy in one stage.
    pub fn plain(inputs: &RunInputs<'_>) -> Self {
        let counts = inputs.train.data().class_counts();
        Self::drawn_by(inputs, Shuffle::new(counts, inputs.seed))
    }

    /// Plain training on the rows that a resampler made of the training rows.
    pub fn resampled(inputs: &RunInputs<'_>, rows: Resampled) -> Self {
        let sampler = Shuffle::new(rows.train.data().class_counts(), inputs.seed);
        Self::drawn_by(inputs, sampler).rows(rows)
    }

    /// The same on rows that a resampler made; the sampler must be one of those rows.
    pub fn rows(mut self, rows: Resampled) -> Self {
        self.train = rows.train;
        self.warnings = rows.warnings;
        self
    }

    /// The same with another loss.
    pub fn loss(mut self, loss: impl LossSchedule + 'static) -> Self {
        self.loss = Box::new(loss);
        self
    }

    /// The same with a loss on features beside the one on logits.
    pub fn feature_loss(mut self, loss: impl FeatureLoss + 'static) -> Self {
        self.feature_loss = Some(Box::new(loss));
        self
    }

    /// The same with mixed rows.
    pub fn mixing(mut self, remix: Remix) -> Self {
        self.mixing = Some(remix);
        self
    }

    /// The same with another network, or trained in another way.
    pub fn training(mut self, training: Training) -> Self {
        self.training = training;
        self
    }

    /// The same with a fresh network of one's own. A [`Classifier`](crate::Classifier) holds perceptrons alone.
    pub fn model(mut self, model: impl Model + 'static) -> Self {
        self.model = Some(Box::new(model));
        self
    }

    /// The same with a second stage.
    pub fn second_stage(mut self, stage: impl SecondStage + 'static) -> Self {
        self.second_stage = Some(Box::new(stage));
        self
    }

    /// The same with its decision moved after training.
    pub fn decision(mut self, rule: impl PostHoc + 'static) -> Self {
        self.decision = Some(Box::new(rule));
        self
    }
}
