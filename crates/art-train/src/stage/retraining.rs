//! The last layer trained again on rows of equally many classes: afresh, or by a factor a class.

use super::{LinearHead, Refit, SecondStage, StageContext, StageReport, check_share, equal_shares};
use crate::{
    config::check_learning_rate,
    error::TrainError,
    logit_prior::LogitPrior,
    optim::FlatAdamW,
    stopping::{EarlyStopping, Verdict},
};
use art_core::{ParamError, Stream};
use art_losses::{CrossEntropy, Loss};

/// How long and how fast a second stage trains.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `share` | 0.1 | 0.05 to 0.5 |
/// | `learning_rate` | the first stage's | 0.0001 to 0.1, logarithmic |
#[derive(Clone, Copy, Debug, PartialEq)]
#[must_use]
pub struct RetrainParams {
    share: f64,
    learning_rate: Option<f64>,
}

impl Default for RetrainParams {
    fn default() -> Self {
        Self::new()
    }
}

impl RetrainParams {
    /// A tenth of the first stage's epochs, at its learning rate.
    pub fn new() -> Self {
        Self {
            share: 0.1,
            learning_rate: None,
        }
    }

    /// Epochs over the most epochs of the first stage, above 0 and at most 10; at least five are trained.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// Learning rate of the first epoch, above 0; it falls by a cosine.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = Some(rate);
        self
    }

    fn check(self) -> Result<Self, ParamError> {
        check_share(self.share)?;
        self.learning_rate.map_or(Ok(()), check_learning_rate)?;
        Ok(self)
    }
}

/// Classifier re-training (cRT): a fresh linear layer, trained on rows of equally many classes.
///
/// Features stay as the first stage left them. Each batch draws a class uniformly, then a row of it uniformly, from the
/// stream (`crt`, step); the layer starts from (`crt`, 0). Cross-entropy, a fresh AdamW, a cosine of its own; the best
/// epoch on validation is kept.
///
/// # References
/// Kang, Xie, Rohrbach, Yan, Gordo, Feng and Kalantidis (2020), "Decoupling representation and classifier for
/// long-tailed recognition", ICLR, arXiv 1910.09217.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ClassifierRetraining(RetrainParams);

impl ClassifierRetraining {
    /// The checked stage.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn new(params: RetrainParams) -> Result<Self, ParamError> {
        params.check().map(Self)
    }
}

impl SecondStage for ClassifierRetraining {
    fn describe(&self) -> String {
        format!("crt({:?})", self.0)
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        let (width, k) = (trained.n_features(), trained.n_classes());
        let fresh = LinearHead::new(width, k, &mut context.seed.stream("crt", 0));
        let layer = |values: &[f32]| {
            let mut layer = LinearHead::zeros(width, k);
            layer.values_mut().copy_from_slice(values);
            layer
        };
        let gradient = |features: &[f32], logit_gradients: &[f64]| {
            let mut gradient = LinearHead::zeros(width, k);
            gradient.add_gradient(features, logit_gradients);
            gradient.values().to_vec()
        };
        let values = fresh.values().to_vec();
        retrain(
            self.0,
            "crt",
            context,
            values,
            0..k * width,
            layer,
            gradient,
        )
    }
}

/// Learnable weight scaling (LWS): the first stage's layer with a factor for each class's logit, learned on rows of
/// equally many classes.
///
/// Factors begin at 1 and scale bias and weights alike. Batches, steps and the choice of the epoch are those of
/// [`ClassifierRetraining`]; the stream is (`lws`, step).
///
/// # References
/// As [`ClassifierRetraining`].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LearnableScaling(RetrainParams);

impl LearnableScaling {
    /// The checked stage.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn new(params: RetrainParams) -> Result<Self, ParamError> {
        params.check().map(Self)
    }
}

impl SecondStage for LearnableScaling {
    fn describe(&self) -> String {
        format!("lws({:?})", self.0)
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        let k = trained.n_classes();
        let layer = |factors: &[f32]| {
            let mut layer = trained.clone();
            layer.scale(factors);
            layer
        };
        let gradient = |features: &[f32], logit_gradients: &[f64]| {
            // The derivative by a factor is that by its logit times the logit without it.
            let mut gradient = vec![0.0_f64; k];
            let plain = trained.logits(features);
            for (plain, partials) in plain.chunks_exact(k).zip(logit_gradients.chunks_exact(k)) {
                for ((sum, &z), partial) in gradient.iter_mut().zip(plain).zip(partials) {
                    *sum += f64::from(z) * partial;
                }
            }
            gradient.into_iter().map(|g| g as f32).collect()
        };
        // Weight decay would pull factors to 0, which is not where they begin.
        retrain(self.0, "lws", context, vec![1.0; k], 0..0, layer, gradient)
    }
}

/// A batch of rows: any class that has rows, any row of it.
fn balanced_batch(
    context: &StageContext<'_>,
    shares: &[f64],
    size: usize,
    stream: &mut Stream,
) -> Vec<u32> {
    let row = |_| {
        let class = stream.categorical(shares);
        let members = context.index.rows(class.expect("a class has rows"));
        members[stream.below(members.len())]
    };
    (0..size).map(row).collect()
}

/// Trains `values`, which `head` makes a layer of, on class-balanced batches; `gradient` turns a batch and the
/// derivatives by its logits into the gradient.
fn retrain(
    params: RetrainParams,
    tag: &str,
    context: &StageContext<'_>,
    mut values: Vec<f32>,
    decayed: std::ops::Range<usize>,
    head: impl Fn(&[f32]) -> LinearHead,
    gradient: impl Fn(&[f32], &[f64]) -> Vec<f32>,
) -> Result<Refit, TrainError> {
    let config = context.config;
    let prior = LogitPrior::from(equal_shares(context.index)?);
    let batch_size = config.batch_size().min(context.train.n_rows());
    let steps = context.train.n_rows().div_ceil(batch_size);
    let n_epochs = ((params.share * f64::from(config.max_epochs()) + 1e-9) as u32).max(5);
    let scale = params
        .learning_rate
        .map_or(1.0, |rate| rate / config.learning_rate(1));
    let mut optimizer = FlatAdamW::new(values.len(), config.weight_decay(), vec![decayed]);
    let mut stopping = EarlyStopping::new(config.criterion(), None);
    let mut best = head(&values);
    for epoch in 1..=n_epochs {
        let rate = scale * config.learning_rate_of(epoch, n_epochs);
        for _ in 0..steps {
            let mut stream = context.seed.stream(tag, optimizer.step_count() + 1);
            let rows = balanced_batch(context, prior.shares(), batch_size, &mut stream);
            let (features, labels) = context.train.gather(&rows);
            let logits = head(&values).logits(&features);
            let logits: Vec<f64> = logits.into_iter().map(f64::from).collect();
            let mut logit_gradients = vec![0.0; logits.len()];
            let loss = CrossEntropy.value_and_gradient(&logits, &labels, &mut logit_gradients)?;
            if !loss.is_finite() {
                return Err(TrainError::NonFiniteLoss {
                    what: "second stage's",
                    loss,
                    epoch,
                    step: optimizer.step_count() + 1,
                    learning_rate: rate,
                });
            }
            optimizer.step(&mut values, &gradient(&features, &logit_gradients), rate);
        }
        let layer = head(&values);
        let predictions = layer.predict(context.valid);
        if stopping.observe(epoch, &predictions, &prior, context.natural) == Verdict::Improved {
            best = layer;
        }
    }
    let report = StageReport {
        epochs: n_epochs,
        best_epoch: stopping.best_epoch(),
        steps: optimizer.step_count(),
        distribution: prior.shares().to_vec(),
    };
    Ok(Refit {
        head: best,
        report,
        logit_prior: prior,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stage::fixture::Fixture;

    #[test]
    fn scaling_moves_each_class_by_one_factor() {
        let fixture = Fixture::new();
        let stage = LearnableScaling::new(RetrainParams::new().learning_rate(0.05)).unwrap();
        let (layer, report) = fixture.refit(&stage);
        assert_eq!(report.epochs, 10);
        let pairs = layer.values().iter().zip(fixture.layer.values());
        let factors: Vec<f32> = pairs.map(|(after, before)| after / before).collect();
        assert!((factors[0] - factors[9]).abs() < 1e-6, "{factors:?}");
        assert!((factors[8] - factors[11]).abs() < 1e-5, "{factors:?}");
        assert!(factors[0] != 1.0 && factors[0] != factors[8]);
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        for params in [
            RetrainParams::new().share(0.0),
            RetrainParams::new().learning_rate(f64::INFINITY),
        ] {
            assert!(ClassifierRetraining::new(params).is_err());
            assert!(LearnableScaling::new(params).is_err());
        }
    }
}
