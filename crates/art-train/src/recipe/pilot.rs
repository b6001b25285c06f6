//! Networks that are trained before a run, to learn something of its rows.

use super::{Recipe, RunInputs};
use crate::{
    callback::stop_when,
    ensemble::Ensemble,
    error::TrainError,
    evaluate::Predictions,
    history::StopReason,
    model::Model,
    trainer::{Fitted, Trainer},
};
use art_core::{ClassDistribution, EpochSampler, Seed, Shuffle};
use art_data::TrainSet;

impl RunInputs<'_> {
    /// The loss of each row of the whole training set under a network that is trained plainly on `rows`.
    ///
    /// # Errors
    /// Whatever training refuses; [`TrainError::Cancelled`] when it was given up.
    pub fn pilot_losses(&self, rows: &TrainSet) -> Result<Vec<f64>, TrainError> {
        let sampler = Shuffle::new(rows.data().class_counts(), self.seed);
        let recipe = Recipe {
            train: rows.clone(),
            ..Recipe::drawn_by(self, sampler)
        };
        let fitted = self.run_pilot(recipe)?;
        Ok(Predictions::of(&fitted.model, self.train.data())?.row_losses())
    }

    /// Each change of the class distribution while a network with the weights and masks of `seed` is trained on what
    /// `sampler` draws, with the epoch that it followed; and the number of epochs that were trained.
    ///
    /// # Errors
    /// Whatever training refuses; [`TrainError::Cancelled`] when it was given up.
    pub fn pilot_refreshes(
        &self,
        seed: Seed,
        sampler: impl EpochSampler + 'static,
    ) -> Result<(Vec<(u32, ClassDistribution)>, u32), TrainError> {
        let elsewhere = Self { seed, ..*self };
        let fitted = elsewhere.run_pilot(Recipe::drawn_by(&elsewhere, sampler))?;
        let n_epochs = fitted.history.epochs.len() as u32;
        let mut refreshes = vec![];
        for report in fitted.history.epochs {
            if let Some(refresh) = report.refresh {
                refreshes.push((report.epoch, ClassDistribution::new(refresh.distribution)?));
            }
        }
        Ok((refreshes, n_epochs))
    }

    fn run_pilot(&self, recipe: Recipe) -> Result<Fitted<Ensemble<Box<dyn Model>>>, TrainError> {
        let mut trainer = Trainer::new(self.training.train_config()?, self.seed);
        if let Some(cancel) = self.cancel {
            trainer = trainer.callback(stop_when(cancel));
        }
        let fitted = recipe.fit(self, trainer)?.fitted;
        if fitted.stopped == StopReason::Requested {
            // What half a pilot run says would change another run than the one that was asked for.
            return Err(TrainError::Cancelled);
        }
        Ok(fitted)
    }
}
