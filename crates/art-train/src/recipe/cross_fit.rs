//! Cross-fitting: a network for each fold of the training rows, and one decision for all of them.

use super::{MakeRecipe, Recipe, RecipeRun, RunInputs};
use crate::{
    ensemble::{Ensemble, Member, Shift},
    error::TrainError,
    evaluate::Predictions,
    mixing::Remix,
    model::Model,
    post_hoc::PostHoc,
    run::RunOptions,
    stage::{SecondStage, StageReport},
    together::{Course, Trained, TrainedNetwork, train_together},
    trainer::{Fitted, Trainer},
    training::Training,
};
use art_core::Seed;
use art_data::{Folds, TrainSet, ValidSet};
use art_losses::{FeatureLoss, LossSchedule};
use candle_core::Device;
use std::sync::atomic::AtomicBool;

/// What cross-fitting works on: training rows in folds, and how a network is trained on all folds but one.
///
/// The networks are trained in step. The fold that a network has not seen is its validation part; what all folds say
/// together stops training, chooses the epoch, is what samplers learn from, and moves the decision. A row is answered by
/// the mean of the networks' probabilities. So no training row is held out for good, and the decision rests on all of them.
///
/// Network k has the seed `derive("fold", k)`: its weights, masks and draws, and whatever a method makes of its rows.
///
/// ```
/// use art_core::Seed;
/// use art_data::{Folds, GaussianClasses, Split, SplitConfig, Standardizer};
/// use art_train::{FoldInputs, Predictions, Recipe, RunInputs, TauE, Trainer, Training};
///
/// let seed = Seed::new(1);
/// let data = GaussianClasses::new(vec![300, 30], 4).generate(seed)?;
/// let split = Standardizer::split(&Split::stratified(&data, &SplitConfig::default(), seed)?)?;
/// let folds = Folds::stratified(&split.train.data().class_index()?, 5, seed)?;
/// let training = Training { max_epochs: 3, ..Training::default() };
/// let inputs = FoldInputs::new(&split.train, &folds, &training, seed);
/// let plain = |inputs: &RunInputs<'_>| Ok(Recipe::plain(inputs).decision(TauE));
/// let run = inputs.fit_by(&plain, Trainer::new(training.train_config()?, seed))?;
/// assert_eq!(run.fitted.model.members().len(), 5);
/// assert_eq!(run.out_of_fold.unwrap().n_rows(), split.train.data().n_rows());
/// let test = Predictions::of(&run.fitted.model, split.test.data())?;
/// assert_eq!(test.n_rows(), split.test.data().n_rows());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// # References
/// Out-of-fold predictions: Stone (1974), "Cross-validatory choice and assessment of statistical predictions", Journal of the
/// Royal Statistical Society B 36, 111-147, doi 10.1111/j.2517-6161.1974.tb00994.x. The mean of networks that were
/// trained on different folds: Krogh and Vedelsby (1994), "Neural network ensembles, cross validation, and active learning",
/// NIPS 7.
#[derive(Clone, Copy)]
pub struct FoldInputs<'a> {
    /// All training rows, scaled.
    pub train: &'a TrainSet,
    /// The fold of each.
    pub folds: &'a Folds,
    /// The network and how it is trained.
    pub training: &'a Training,
    /// What the seeds of the folds follow from.
    pub seed: Seed,
    /// Where networks are trained.
    pub device: &'a Device,
    /// Set once the run is to be given up after the epoch in work.
    pub cancel: Option<&'a AtomicBool>,
}

/// A fold on its way to a network: its recipe without the sampler.
struct Fold {
    seed: Seed,
    train: TrainSet,
    valid: ValidSet,
    model: Box<dyn Model>,
    loss: Box<dyn LossSchedule>,
    feature_loss: Option<Box<dyn FeatureLoss>>,
    mixing: Option<Remix>,
    training: Training,
    second_stage: Option<Box<dyn SecondStage>>,
    decision: Option<Box<dyn PostHoc>>,
}

impl<'a> FoldInputs<'a> {
    /// Of a run on the processor that nothing can give up.
    pub fn new(train: &'a TrainSet, folds: &'a Folds, training: &'a Training, seed: Seed) -> Self {
        Self {
            train,
            folds,
            training,
            seed,
            device: &Device::Cpu,
            cancel: None,
        }
    }

    /// Trains a network for each fold by `method`. `trainer` has callbacks and checkpoints.
    ///
    /// # Errors
    /// Whatever the method or training refuses.
    pub fn fit(
        &self,
        method: &dyn MakeRecipe,
        trainer: Trainer<'_>,
    ) -> Result<RecipeRun, TrainError> {
        self.fit_by(&|inputs| method.recipe(inputs), trainer)
    }

    /// The same by a function that makes the recipe of each fold.
    ///
    /// # Errors
    /// As [`fit`](Self::fit).
    pub fn fit_by(
        &self,
        recipe: &dyn Fn(&RunInputs<'_>) -> Result<Recipe, TrainError>,
        trainer: Trainer<'_>,
    ) -> Result<RecipeRun, TrainError> {
        let (mut folds, mut samplers, mut warnings) = (vec![], vec![], vec![]);
        for fold in 0..self.folds.n_folds() {
            let (train, valid) = self.train.fold(self.folds, fold)?;
            let seed = self.seed.derive("fold", fold as u64);
            let inputs = RunInputs {
                train: &train,
                valid: &valid,
                training: self.training,
                seed,
                device: self.device,
                cancel: self.cancel,
            };
            let mut recipe = recipe(&inputs)?;
            let model = recipe.network(&inputs)?;
            let named = |warning: &art_data::ResampleWarning| {
                warning.named(self.train.data().class_names())
            };
            for warning in recipe.warnings.iter().map(named) {
                if !warnings.contains(&warning) {
                    warnings.push(warning);
                }
            }
            let Recipe {
                train,
                sampler,
                loss,
                feature_loss,
                mixing,
                training,
                second_stage,
                decision,
                ..
            } = recipe;
            samplers.push(sampler);
            folds.push(Fold {
                seed,
                train,
                valid,
                model,
                loss,
                feature_loss,
                mixing,
                training,
                second_stage,
                decision,
            });
        }
        let natural = self.train.natural_counts().prior();
        let first = &folds[0];
        let (initial_distribution, train_counts, training) = (
            samplers[0].distribution().as_slice().to_vec(),
            first.train.data().class_counts().as_slice().to_vec(),
            first.training.clone(),
        );
        let tensor_operations = trainer.has_tensor_operations();
        let mut surroundings = trainer.surroundings(natural);
        surroundings.post_hoc = first.decision.as_deref();
        let courses = folds.iter().zip(samplers).map(|(fold, sampler)| {
            let options = RunOptions {
                config: fold.training.train_config()?,
                seed: fold.seed,
                mixing: fold.mixing,
                feature_loss: fold.feature_loss.as_deref(),
                tensor_operations,
            };
            Ok(Course {
                options,
                model: &fold.model,
                loss: &*fold.loss,
                sampler,
                train: &fold.train,
                valid: &fold.valid,
                second_stage: fold.second_stage.as_deref(),
            })
        });
        let courses = courses.collect::<Result<_, TrainError>>()?;
        let together = train_together(courses, surroundings)?;
        let models = folds.into_iter().map(|fold| fold.model);
        let (fitted, out_of_fold) = joined(models, together)?;
        Ok(RecipeRun {
            fitted,
            out_of_fold,
            train_counts,
            initial_distribution,
            warnings,
            training,
        })
    }
}

type FittedNetworks = Fitted<Ensemble<Box<dyn Model>>>;

/// The networks as one.
fn joined(
    models: impl Iterator<Item = Box<dyn Model>>,
    trained: Trained,
) -> Result<(FittedNetworks, Option<Predictions>), TrainError> {
    let Trained {
        best_epoch,
        stopped,
        history,
        networks,
        common_prior,
        adjustment,
        validation,
    } = trained;
    let reports: Vec<&StageReport> = networks
        .iter()
        .filter_map(|network| network.second_stage.as_ref())
        .collect();
    let second_stage = reports.first().map(|first| StageReport {
        steps: reports.iter().map(|report| report.steps).sum(),
        ..(*first).clone()
    });
    let member = |(model, network): (Box<dyn Model>, &TrainedNetwork)| Member {
        model,
        shift: Shift {
            scale: network.logit_scale,
            offsets: network.logit_prior.offsets_to(common_prior.distribution()),
        },
    };
    let members = models.zip(&networks).map(member).collect();
    let model = Ensemble::new(members)?;
    let sampler = networks
        .into_iter()
        .next()
        .expect("there is a fold")
        .sampler;
    let fitted = Fitted {
        model,
        best_epoch,
        history,
        stopped,
        logit_prior: common_prior,
        logit_scale: 1.0,
        second_stage,
        adjustment,
        sampler,
    };
    Ok((fitted, validation))
}
