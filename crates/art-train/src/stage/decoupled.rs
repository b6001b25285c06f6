//! Second stages after Kang et al. (2020): the last layer made anew in four ways.

use super::{Features, LinearHead, Refit, SecondStage, StageContext, StageReport, check_share};
use crate::{EarlyStopping, FlatAdamW, TrainError, Verdict};
use art_core::{ClassDistribution, ClassIndex, ParamError, Stream};
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
        if let Some(rate) = self.learning_rate
            && !(rate > 0.0 && rate.is_finite())
        {
            let expected = "a finite number above 0";
            return Err(ParamError::new("learning_rate", rate, expected));
        }
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

/// τ-normalization: weights divided by their class's norm to the power τ, without biases; τ of {0, 0.1, …, 2} by the
/// highest macro F1 on validation rows, the smaller of equal ones.
///
/// # References
/// As [`ClassifierRetraining`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct TauNormalization;

/// Nearest class mean (NCM): the class whose training rows' mean features are nearest.
///
/// The squared distance to a mean is linear in the features but for a term that all classes share, so that it is a
/// linear layer: weights m, bias −½ ‖m‖². A class without rows is never predicted.
///
/// # References
/// As [`ClassifierRetraining`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct NearestClassMean;

impl ClassifierRetraining {
    /// The checked stage.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn new(params: RetrainParams) -> Result<Self, ParamError> {
        params.check().map(Self)
    }
}

impl LearnableScaling {
    /// The checked stage.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn new(params: RetrainParams) -> Result<Self, ParamError> {
        params.check().map(Self)
    }
}

/// Equal shares of the classes that have rows.
fn equal_shares(index: &ClassIndex) -> Result<ClassDistribution, TrainError> {
    let uniform = ClassDistribution::uniform(index.n_classes())?;
    Ok(uniform.restricted_to(index.counts())?)
}

/// A batch of rows: any class that has rows, any row of it.
fn balanced_batch(
    context: &StageContext<'_>,
    shares: &ClassDistribution,
    size: usize,
    stream: &mut Stream,
) -> Vec<u32> {
    let row = |_| {
        let class = stream.categorical(shares.as_slice());
        let members = context.index.rows(class.expect("a class has rows"));
        members[stream.below(members.len())]
    };
    (0..size).map(row).collect()
}

/// Trains `values`, which `head` makes a layer of, on class-balanced batches; `slopes` turns a batch and the
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
    let shares = equal_shares(context.index)?;
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
            let rows = balanced_batch(context, &shares, batch_size, &mut stream);
            let (features, labels) = context.train.gather(&rows);
            let logits = head(&values).logits(&features);
            let logits: Vec<f64> = logits.into_iter().map(f64::from).collect();
            let mut slopes = vec![0.0; logits.len()];
            let loss = CrossEntropy.value_and_gradient(&logits, &labels, &mut slopes)?;
            if !loss.is_finite() {
                return Err(TrainError::NonFiniteLoss {
                    what: "second stage's",
                    loss,
                    epoch,
                    step: optimizer.step_count() + 1,
                    learning_rate: rate,
                });
            }
            optimizer.step(&mut values, &gradient(&features, &slopes), rate);
        }
        let layer = head(&values);
        let predictions = layer.predict(context.valid);
        if stopping.observe(epoch, &predictions, context.natural, &shares) == Verdict::Improved {
            best = layer;
        }
    }
    let report = StageReport {
        epochs: n_epochs,
        best_epoch: stopping.best_epoch(),
        steps: optimizer.step_count(),
        distribution: shares.as_slice().to_vec(),
    };
    Ok(Refit {
        head: best,
        report,
        stands_for: shares,
    })
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
        let gradient = |features: &[f32], slopes: &[f64]| {
            let mut gradient = LinearHead::zeros(width, k);
            gradient.add_gradient(features, slopes);
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
        let gradient = |features: &[f32], slopes: &[f64]| {
            // The derivative by a factor is that by its logit times the logit without it.
            let mut gradient = vec![0.0_f64; k];
            let plain = trained.logits(features);
            for (plain, slopes) in plain.chunks_exact(k).zip(slopes.chunks_exact(k)) {
                for ((sum, &z), slope) in gradient.iter_mut().zip(plain).zip(slopes) {
                    *sum += f64::from(z) * slope;
                }
            }
            gradient.into_iter().map(|g| g as f32).collect()
        };
        // Weight decay would pull factors to 0, which is not where they begin.
        retrain(self.0, "lws", context, vec![1.0; k], 0..0, layer, gradient)
    }
}

impl SecondStage for TauNormalization {
    fn describe(&self) -> String {
        "tau-normalization(tau of 0 to 2 by 0.1)".into()
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        const SMALLEST_NORM: f64 = 1e-12;
        let (width, k) = (trained.n_features(), trained.n_classes());
        let norms = trained.values()[..k * width].chunks_exact(width).map(|w| {
            let squares = w.iter().map(|&x| f64::from(x).powi(2));
            squares.sum::<f64>().sqrt().max(SMALLEST_NORM)
        });
        let norms: Vec<f64> = norms.collect();
        let mut best: Option<(f64, LinearHead)> = None;
        for tenths in 0..=20 {
            let tau = f64::from(tenths) / 10.0;
            let mut layer = trained.clone();
            layer.values_mut()[k * width..].fill(0.0);
            let factors = norms.iter().map(|norm| norm.powf(-tau) as f32);
            layer.scale(&factors.collect::<Vec<_>>());
            let score = layer.predict(context.valid).confusion().macro_f1();
            if best.as_ref().is_none_or(|(known, _)| score > *known) {
                best = Some((score, layer));
            }
        }
        let (_, layer) = best.expect("there are candidates");
        Ok(untrained(layer, context.trained.clone()))
    }
}

impl SecondStage for NearestClassMean {
    fn describe(&self) -> String {
        "nearest-class-mean".into()
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        let (width, k) = (trained.n_features(), trained.n_classes());
        let mut layer = LinearHead::zeros(width, k);
        for class in 0..k {
            let members = context.index.rows(class);
            let (weights, bias) = layer.values_mut().split_at_mut(k * width);
            if members.is_empty() {
                bias[class] = f32::MIN;
                continue;
            }
            let mean = mean(context.train, members);
            let squares: f64 = mean.iter().map(|m| m * m).sum();
            bias[class] = (-0.5 * squares) as f32;
            for (weight, m) in weights[class * width..].iter_mut().zip(mean) {
                *weight = m as f32;
            }
        }
        Ok(untrained(layer, equal_shares(context.index)?))
    }
}

/// The mean features of these rows.
fn mean(features: &Features, rows: &[u32]) -> Vec<f64> {
    let mut sums = vec![0.0; features.width()];
    for &row in rows {
        for (sum, &x) in sums.iter_mut().zip(features.row(row as usize)) {
            *sum += f64::from(x);
        }
    }
    sums.into_iter()
        .map(|sum| sum / rows.len() as f64)
        .collect()
}

/// What a stage gives that takes no step.
fn untrained(head: LinearHead, shares: ClassDistribution) -> Refit {
    let report = StageReport {
        epochs: 0,
        best_epoch: 0,
        steps: 0,
        distribution: shares.as_slice().to_vec(),
    };
    Refit {
        head,
        report,
        stands_for: shares,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::TrainParams;
    use art_core::{ClassCounts, Seed};

    /// Features of three clouds of 90, 20 and 6 rows, and a layer that prefers the large one.
    struct Fixture {
        features: Features,
        index: ClassIndex,
        natural: ClassDistribution,
        layer: LinearHead,
    }

    impl Fixture {
        fn new() -> Self {
            let mut stream = Seed::new(5).stream("test", 0);
            let (mut values, mut labels) = (vec![], vec![]);
            for (class, n) in [90, 20, 6].into_iter().enumerate() {
                for _ in 0..n {
                    for feature in 0..3 {
                        let center = if feature == class { 2.0 } else { 0.0 };
                        values.push((center + stream.normal()) as f32);
                    }
                    labels.push(class as u32);
                }
            }
            let mut layer = LinearHead::zeros(3, 3);
            let weights = [2.0, 0.0, 0.0, 0.0, 0.5, 0.0, 0.0, 0.0, 0.1, 1.0, 0.0, -1.0];
            layer.values_mut().copy_from_slice(&weights);
            let counts = ClassCounts::from_labels(&labels, 3).unwrap();
            Self {
                index: ClassIndex::new(&labels, 3).unwrap(),
                natural: counts.prior(),
                features: Features {
                    width: 3,
                    values,
                    labels,
                },
                layer,
            }
        }

        fn refit(&self, stage: &dyn SecondStage) -> (LinearHead, StageReport) {
            let config = TrainParams::new()
                .max_epochs(100)
                .batch_size(16)
                .learning_rate(1e-2)
                .check()
                .unwrap();
            let context = StageContext {
                train: &self.features,
                index: &self.index,
                valid: &self.features,
                trained: &self.natural,
                natural: &self.natural,
                config: &config,
                seed: Seed::new(3),
            };
            let refit = stage.refit(self.layer.clone(), &context).unwrap();
            (refit.head, refit.report)
        }

        fn macro_f1(&self, layer: &LinearHead) -> f64 {
            layer.predict(&self.features).confusion().macro_f1()
        }
    }

    #[test]
    fn every_stage_betters_a_layer_that_prefers_the_large_class() {
        let fixture = Fixture::new();
        let before = fixture.macro_f1(&fixture.layer);
        let params = RetrainParams::new().share(0.3);
        let stages: [&dyn SecondStage; 4] = [
            &ClassifierRetraining::new(params).unwrap(),
            &LearnableScaling::new(params).unwrap(),
            &TauNormalization,
            &NearestClassMean,
        ];
        for stage in stages {
            let (layer, report) = fixture.refit(stage);
            let after = fixture.macro_f1(&layer);
            assert!(
                after > before + 0.05,
                "{}: {before} to {after}",
                stage.describe()
            );
            assert_eq!(
                fixture.refit(stage),
                (layer, report),
                "equal seeds give equal layers"
            );
        }
    }

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
    fn normalized_weights_have_norms_to_the_power_that_is_left_and_no_bias() {
        let fixture = Fixture::new();
        let (layer, _) = fixture.refit(&TauNormalization);
        assert_eq!(layer.values()[9..], [0.0; 3]);
        // 2^(1−τ), 0.5^(1−τ) and 0.1^(1−τ) for one τ of the grid.
        let left = f64::from(layer.values()[0]).ln() / 2.0_f64.ln();
        assert!((f64::from(layer.values()[4]).ln() / 0.5_f64.ln() - left).abs() < 1e-4);
        assert!((f64::from(layer.values()[8]).ln() / 0.1_f64.ln() - left).abs() < 1e-4);
        assert!((10.0 * left - (10.0 * left).round()).abs() < 1e-4);
    }

    #[test]
    fn the_nearest_mean_is_the_largest_logit() {
        let fixture = Fixture::new();
        let (layer, _) = fixture.refit(&NearestClassMean);
        let means: Vec<Vec<f64>> = (0..3)
            .map(|class| mean(&fixture.features, fixture.index.rows(class)))
            .collect();
        let logits = layer.logits(fixture.features.values());
        for (row, logits) in logits.chunks_exact(3).enumerate() {
            let distance = |class: usize| -> f64 {
                let pairs = fixture.features.row(row).iter().zip(&means[class]);
                pairs.map(|(&x, m)| (f64::from(x) - m).powi(2)).sum()
            };
            let nearest = (0..3).min_by(|&a, &b| distance(a).total_cmp(&distance(b)));
            let largest = (0..3).max_by(|&a, &b| logits[a].total_cmp(&logits[b]));
            assert_eq!(nearest, largest);
        }
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
