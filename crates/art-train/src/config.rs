//! How long, how fast and until when to train.

use crate::stopping::StopCriterion;
use art_core::{ParamError, elementary::cos};
use serde::{Deserialize, Serialize};

/// Settings of a training run, not yet checked.
///
/// ```
/// use art_train::TrainParams;
/// let config = TrainParams::new().learning_rate(3e-3).batch_size(32).check()?;
/// assert_eq!(config.max_epochs(), 150);
/// # Ok::<(), art_core::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[must_use]
pub struct TrainParams {
    pub(crate) max_epochs: u32,
    pub(crate) batch_size: usize,
    pub(crate) learning_rate: f64,
    pub(crate) weight_decay: f64,
    pub(crate) patience: Option<u32>,
    pub(crate) criterion: StopCriterion,
}

/// Makes sure that a learning rate moves weights and has an end.
pub(crate) fn check_learning_rate(rate: f64) -> Result<(), ParamError> {
    if rate > 0.0 && rate.is_finite() {
        return Ok(());
    }
    Err(ParamError::new(
        "learning_rate",
        rate,
        "a finite number above 0",
    ))
}

impl Default for TrainParams {
    fn default() -> Self {
        Self::new()
    }
}

impl TrainParams {
    /// 150 epochs, batches of 64, learning rate 1e-3, weight decay 1e-2, patience 10 on the
    /// validation loss.
    pub fn new() -> Self {
        Self {
            max_epochs: 150,
            batch_size: 64,
            learning_rate: 1e-3,
            weight_decay: 1e-2,
            patience: Some(10),
            criterion: StopCriterion::Native,
        }
    }

    /// Most epochs to train, at least 1; the cosine schedule ends there.
    pub fn max_epochs(mut self, n_epochs: u32) -> Self {
        self.max_epochs = n_epochs;
        self
    }

    /// Rows of a batch, at least 1; a smaller last batch is kept.
    pub fn batch_size(mut self, rows: usize) -> Self {
        self.batch_size = rows;
        self
    }

    /// Learning rate of the first epoch, above 0.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Decoupled weight decay, at least 0.
    pub fn weight_decay(mut self, decay: f64) -> Self {
        self.weight_decay = decay;
        self
    }

    /// Stops after `n_epochs` without improvement, at least 1.
    pub fn patience(mut self, n_epochs: u32) -> Self {
        self.patience = Some(n_epochs);
        self
    }

    /// Trains all epochs; the best epoch's weights are still the result.
    pub fn never_stop_early(mut self) -> Self {
        self.patience = None;
        self
    }

    /// What counts as improvement.
    pub fn criterion(mut self, criterion: StopCriterion) -> Self {
        self.criterion = criterion;
        self
    }

    /// The checked settings.
    ///
    /// # Errors
    /// [`ParamError`] naming the first setting outside its range.
    pub fn check(self) -> Result<TrainConfig, ParamError> {
        if self.max_epochs == 0 {
            return Err(ParamError::new("max_epochs", 0, "at least 1"));
        }
        if self.batch_size == 0 {
            return Err(ParamError::new("batch_size", 0, "at least 1"));
        }
        if self.patience == Some(0) {
            let expected = "at least 1; a patience as long as the most epochs never stops early";
            return Err(ParamError::new("patience", 0, expected));
        }
        check_learning_rate(self.learning_rate)?;
        if !(self.weight_decay >= 0.0 && self.weight_decay.is_finite()) {
            let expected = "a finite number that is not negative";
            return Err(ParamError::new("weight_decay", self.weight_decay, expected));
        }
        Ok(TrainConfig { params: self })
    }
}

/// Settings of a training run that are known to be valid; made by [`TrainParams::check`].
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "TrainParams", into = "TrainParams")]
pub struct TrainConfig {
    params: TrainParams,
}

impl TryFrom<TrainParams> for TrainConfig {
    type Error = ParamError;

    fn try_from(params: TrainParams) -> Result<Self, ParamError> {
        params.check()
    }
}

impl From<TrainConfig> for TrainParams {
    fn from(config: TrainConfig) -> Self {
        config.params
    }
}

impl TrainConfig {
    /// Most epochs to train.
    pub fn max_epochs(&self) -> u32 {
        self.params.max_epochs
    }

    /// Rows of a batch.
    pub fn batch_size(&self) -> usize {
        self.params.batch_size
    }

    /// Decoupled weight decay.
    pub fn weight_decay(&self) -> f64 {
        self.params.weight_decay
    }

    /// Epochs without improvement after which training stops.
    pub fn patience(&self) -> Option<u32> {
        self.params.patience
    }

    /// What counts as improvement.
    pub fn criterion(&self) -> StopCriterion {
        self.params.criterion
    }

    /// Learning rate of `epoch`: half a cosine from the first epoch's rate towards 0.
    ///
    /// # References
    /// Loshchilov and Hutter (2017), "SGDR: stochastic gradient descent with warm restarts",
    /// arXiv 1608.03983; without restarts.
    pub fn learning_rate(&self, epoch: u32) -> f64 {
        self.learning_rate_of(epoch, self.params.max_epochs)
    }

    /// Learning rate of `epoch` on the same schedule over `n_epochs` epochs.
    pub(crate) fn learning_rate_of(&self, epoch: u32, n_epochs: u32) -> f64 {
        let progress = f64::from(epoch.saturating_sub(1)) / f64::from(n_epochs);
        0.5 * self.params.learning_rate * (1.0 + cos(std::f64::consts::PI * progress))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_bound_is_checked() {
        let new = TrainParams::new;
        for (params, field) in [
            (new().max_epochs(0), "max_epochs"),
            (new().batch_size(0), "batch_size"),
            (new().patience(0), "patience"),
            (new().learning_rate(0.0), "learning_rate"),
            (new().learning_rate(f64::NAN), "learning_rate"),
            (new().weight_decay(-1.0), "weight_decay"),
        ] {
            assert_eq!(params.check().unwrap_err().field, field);
        }
    }

    #[test]
    fn the_learning_rate_falls_from_its_start_to_near_zero() {
        let config = TrainParams::new()
            .max_epochs(10)
            .learning_rate(0.2)
            .check()
            .unwrap();
        assert_eq!(config.learning_rate(1), 0.2);
        assert!((config.learning_rate(6) - 0.1).abs() < 1e-12);
        let last = 0.1 * (1.0 + cos(0.9 * std::f64::consts::PI));
        assert!((config.learning_rate(10) - last).abs() < 1e-12);
    }
}
