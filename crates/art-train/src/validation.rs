//! What the validation rows say of an epoch, of one network or of several that are trained together.

use crate::{evaluate::Predictions, logit_prior::LogitPrior, stopping::StopCriterion};
use art_core::{ClassDistribution, ConfusionMatrix, CoreError};
use std::time::{Duration, Instant};

/// The validation rows of one network, as it answers them.
pub(crate) struct OwnValidation {
    pub(crate) predictions: Predictions,
    /// The class prior of the logits.
    pub(crate) prior: LogitPrior,
    /// What logits must be multiplied by to be those of probabilities.
    pub(crate) logit_scale: f64,
}

/// The validation rows of all networks that are trained together.
pub(crate) struct Validation {
    /// As early stopping reads them.
    pub(crate) judged: Predictions,
    /// The class prior of those logits.
    pub(crate) prior: LogitPrior,
    /// The class proportions before any resampling.
    pub(crate) natural: ClassDistribution,
    pub(crate) confusion: ConfusionMatrix,
    /// Cross-entropy of the logits as they are.
    pub(crate) loss: f64,
    /// How long it took to count.
    pub(crate) took: Duration,
}

impl Validation {
    pub(crate) fn of(
        own: Vec<OwnValidation>,
        natural: &ClassDistribution,
        criterion: StopCriterion,
    ) -> Result<Self, CoreError> {
        let start = Instant::now();
        let prior = LogitPrior::mean(own.iter().map(|of| &of.prior))?;
        let as_they_are = Predictions::joined(own.iter().map(|of| &of.predictions));
        let (confusion, loss) = (as_they_are.confusion(), as_they_are.cross_entropy());
        // The plain loss is that of logits as they are, also of cosines, as reference implementations have it.
        let judged = match criterion {
            StopCriterion::Native => as_they_are,
            _ => in_common(own, &prior),
        };
        Ok(Self {
            judged,
            prior,
            natural: natural.clone(),
            confusion,
            loss,
            took: start.elapsed(),
        })
    }
}

/// The predictions of several networks, each on rows of its own, with logits that are those of probabilities for the class
/// shares `prior`.
pub(crate) fn in_common(own: Vec<OwnValidation>, prior: &LogitPrior) -> Predictions {
    let moved = own.into_iter().map(|of| {
        let scaled = of.predictions.scaled(of.logit_scale);
        scaled.moved(&of.prior.offsets_to(prior.distribution()))
    });
    let moved: Vec<Predictions> = moved.collect();
    Predictions::joined(&moved)
}
