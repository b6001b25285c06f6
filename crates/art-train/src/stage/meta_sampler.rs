use super::{LinearHead, Refit, SecondStage, StageContext, StageReport, check_share};
use crate::{
    config::check_learning_rate,
    error::TrainError,
    logit_prior::LogitPrior,
    optim::FlatAdamW,
    stopping::{EarlyStopping, Verdict},
};
use art_core::{
    ClassCounts, ClassDistribution, ClassIndex, ParamError, Stream,
    elementary::{exp, ln, powf},
};
use art_losses::{BalancedSoftmax, CrossEntropy, Loss};

/// Bound of a class's rate on the logit scale.
const LARGEST_RATE: f32 = 6.0;
/// Shares below this are taken for it where something is divided by them.
const SMALLEST_SHARE: f64 = 1e-6;

/// Settings of the meta-sampler, not yet checked.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `learning_rate` | 0.01 | 0.001 to 0.1, logarithmic |
/// | `initial_power` | 0 | 0 to 1 |
/// | `share` | 0.2 | 0.1 to 0.5 |
#[derive(Clone, Debug, PartialEq)]
#[must_use]
pub struct MetaSamplerParams {
    learning_rate: f64,
    initial_power: f64,
    share: f64,
}

impl Default for MetaSamplerParams {
    fn default() -> Self {
        Self::new()
    }
}

impl MetaSamplerParams {
    /// Learning rate 0.01, equal rates at the start, a fifth of the first stage's epochs.
    pub fn new() -> Self {
        Self {
            learning_rate: 0.01,
            initial_power: 0.0,
            share: 0.2,
        }
    }

    /// Learning rate of the class rates, above 0.
    pub fn learning_rate(mut self, rate: f64) -> Self {
        self.learning_rate = rate;
        self
    }

    /// Rates start in proportion to `n_c` to the minus this power, at least 0.
    pub fn initial_power(mut self, power: f64) -> Self {
        self.initial_power = power;
        self
    }

    /// Epochs of this stage over the most epochs of the first one, above 0 and at most 10; at least five are trained.
    pub fn share(mut self, share: f64) -> Self {
        self.share = share;
        self
    }

    /// The checked stage.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn check(self) -> Result<MetaSampler, ParamError> {
        check_learning_rate(self.learning_rate)?;
        check_share(self.share)?;
        if !(self.initial_power >= 0.0 && self.initial_power.is_finite()) {
            let expected = "a finite number of at least 0, usually up to 1";
            return Err(ParamError::new(
                "initial_power",
                self.initial_power,
                expected,
            ));
        }
        Ok(MetaSampler { params: self })
    }
}

/// BALMS's second stage: balanced softmax on rows that a learned sampler draws.
///
/// The features stay as the first stage left them; the last layer starts afresh. Class c has a rate
/// `ρ_c = σ(ψ_c)` and the share `ρ̃_c = n_c ρ_c / Σ n_j ρ_j` of the rows drawn. Each step
///
/// 1. draws a batch: a class from ρ̃, a row of it uniformly;
/// 2. takes a virtual gradient step on it, and the gradient g of the plain cross-entropy of the layer
///    after that step on a class-balanced batch of training rows;
/// 3. scores each class by what its rows did for that, `h_c = −η ⟨g, G_c⟩` with `G_c` its part of the
///    gradient, and moves ψ against `Σ_c (h_c / ρ̃_c) ∂ρ̃_c / ∂ψ` by a step of Adam, within ±6;
/// 4. takes the ordinary step on the same batch.
///
/// The best epoch on validation is kept. Batches come from the stream (`balms`, step), the fresh layer
/// from (`balms`, 0). A class without rows is never drawn; one that is absent from a batch has `h_c = 0`.
///
/// *Choice.* The authors' code relaxes the draw of every row of the data set and differentiates through
/// the virtual step. That step is linear in the weights of the rows, so the form here needs neither second
/// derivatives nor memory for batch × rows. Meta batches are training rows: validation rows would
/// contaminate the choice of the epoch.
///
/// # References
/// Ren, Yu, Sheng, Ma, Zhao, Yi and Li (2020), "Balanced meta-softmax for long-tailed visual
/// recognition", NeurIPS, arXiv 2007.10740.
#[derive(Clone, Debug, PartialEq)]
pub struct MetaSampler {
    params: MetaSamplerParams,
}

impl MetaSampler {
    /// Rates on the logit scale at the start.
    fn initial_rates(&self, counts: &ClassCounts) -> Vec<f32> {
        let power = |&n: &usize| powf(n.max(1) as f64, -self.params.initial_power);
        let raw: Vec<f64> = counts.as_slice().iter().map(power).collect();
        // A class without rows is never drawn, whatever its rate.
        let of_filled = raw.iter().zip(counts.as_slice()).filter(|&(_, &n)| n > 0);
        let of_filled: Vec<f64> = of_filled.map(|(&r, _)| r).collect();
        let (smallest, largest) = of_filled
            .iter()
            .fold((f64::MAX, 0.0_f64), |(low, high), &r| {
                (low.min(r), high.max(r))
            });
        let logit = |r: f64| {
            let rate = (r / (smallest + largest)).min(1.0);
            (ln(rate / (1.0 - rate)) as f32).clamp(-LARGEST_RATE, LARGEST_RATE)
        };
        raw.into_iter().map(logit).collect()
    }
}

fn sigmoid(x: f32) -> f64 {
    1.0 / (1.0 + exp(-f64::from(x)))
}

fn sigmoids(values: &[f32]) -> Vec<f64> {
    values.iter().map(|&value| sigmoid(value)).collect()
}

/// The class prior of the logits: rows followed `shares`, and balanced softmax took the frequencies out.
fn logit_prior(shares: &[f64], counts: &ClassCounts) -> Result<LogitPrior, TrainError> {
    let pairs = shares.iter().zip(counts.as_slice());
    let scores: Vec<f64> = pairs.map(|(share, &n)| share / n.max(1) as f64).collect();
    Ok(ClassDistribution::from_scores(&scores)?.into())
}

/// The share of each class when class c has rate `rates[c]`.
fn shares(rates: &[f64], counts: &ClassCounts) -> Vec<f64> {
    let drawn: Vec<f64> = rates
        .iter()
        .zip(counts.as_slice())
        .map(|(rate, &n)| rate * n as f64)
        .collect();
    let total: f64 = drawn.iter().sum();
    drawn.into_iter().map(|d| d / total).collect()
}

/// Gradient of the meta loss by each ψ, from the score of each class.
fn rate_gradient(rates: &[f64], shares: &[f64], scores: &[f64]) -> Vec<f64> {
    let per_share: Vec<f64> = scores
        .iter()
        .zip(shares)
        .map(|(score, share)| score / share.max(SMALLEST_SHARE))
        .collect();
    let mean: f64 = per_share
        .iter()
        .zip(shares)
        .map(|(h, share)| h * share)
        .sum();
    // Σ_c h_c/ρ̃_c (ρ̃_c (1 − ρ_c) [c = k] − ρ̃_c ρ̃_k (1 − ρ_k)) = (1 − ρ_k) ρ̃_k (h_k/ρ̃_k − mean).
    (0..rates.len())
        .map(|k| (1.0 - rates[k]) * shares[k] * (per_share[k] - mean))
        .collect()
}

/// Rows of the training set, gathered.
struct Batch {
    features: Vec<f32>,
    labels: Vec<u32>,
}

impl Batch {
    fn gather(context: &StageContext<'_>, rows: impl Iterator<Item = u32>) -> Self {
        let (features, labels) = context.train.gather(&rows.collect::<Vec<_>>());
        Self { features, labels }
    }

    /// Gradients of `loss` by the logits that `head` gives.
    fn logit_gradients(&self, head: &LinearHead, loss: &dyn Loss) -> Result<Vec<f64>, TrainError> {
        let logits: Vec<f64> = head
            .logits(&self.features)
            .into_iter()
            .map(f64::from)
            .collect();
        let mut gradients = vec![0.0; logits.len()];
        loss.value_and_gradient(&logits, &self.labels, &mut gradients)?;
        Ok(gradients)
    }
}

fn any_row(index: &ClassIndex, class: usize, stream: &mut Stream) -> u32 {
    let members = index.rows(class);
    members[stream.below(members.len())]
}

/// The score of each class: how much a virtual step of length `rate` along its rows raises the loss whose
/// gradient with respect to the layer is `meta`.
fn class_scores(batch: &Batch, logit_gradients: &[f64], meta: &LinearHead, rate: f64) -> Vec<f64> {
    let k = meta.n_classes();
    let mut scores = vec![0.0; k];
    // ⟨g, s ⊗ (x, 1)⟩ = s · (g applied to x).
    let along = meta.logits(&batch.features);
    let rows = logit_gradients.chunks(k).zip(along.chunks(k));
    for ((partials, along), &label) in rows.zip(&batch.labels) {
        let product: f64 = partials
            .iter()
            .zip(along)
            .map(|(s, &a)| s * f64::from(a))
            .sum();
        scores[label as usize] -= rate * product;
    }
    scores
}

impl SecondStage for MetaSampler {
    fn describe(&self) -> String {
        format!("{:?}", self.params)
    }

    fn refit(&self, trained: LinearHead, context: &StageContext<'_>) -> Result<Refit, TrainError> {
        let counts = context.index.counts();
        let (width, k) = (trained.n_features(), trained.n_classes());
        let loss = BalancedSoftmax::new(counts, 1.0)?;
        let mut head = LinearHead::new(width, k, &mut context.seed.stream("balms", 0));
        let n = head.values().len();
        #[allow(clippy::single_range_in_vec_init, reason = "a list of ranges is meant")]
        let mut optimizer = FlatAdamW::new(n, context.config.weight_decay(), vec![0..k * width]);
        let mut rate_logits = self.initial_rates(counts);
        let mut rate_optimizer = FlatAdamW::new(k, 0.0, vec![]);

        let batch_size = context.config.batch_size().min(context.train.n_rows());
        let filled: Vec<usize> = (0..k).filter(|&c| counts.as_slice()[c] > 0).collect();
        let meta_size = batch_size.min(10 * k);
        let first_stage = context.config.max_epochs();
        let n_epochs = ((self.params.share * f64::from(first_stage) + 1e-9) as u32).max(5);
        let steps_per_epoch = context.train.n_rows().div_ceil(batch_size);

        let mut stopping = EarlyStopping::new(context.config.criterion(), None);
        let mut best = head.clone();
        let mut best_prior = logit_prior(&shares(&sigmoids(&rate_logits), counts), counts)?;
        for epoch in 1..=n_epochs {
            let rate = context.config.learning_rate_of(epoch, n_epochs);
            for _ in 0..steps_per_epoch {
                let mut stream = context.seed.stream("balms", optimizer.step_count() + 1);
                let rates = sigmoids(&rate_logits);
                let shares = shares(&rates, counts);
                let rows = (0..batch_size).map(|_| {
                    let class = stream.categorical(&shares).expect("a class has rows");
                    any_row(context.index, class, &mut stream)
                });
                let batch = Batch::gather(context, rows);
                let logit_gradients = batch.logit_gradients(&head, &loss)?;
                let mut gradient = LinearHead::zeros(width, k);
                gradient.add_gradient(&batch.features, &logit_gradients);

                let mut virtual_head = head.clone();
                for (value, g) in virtual_head.values_mut().iter_mut().zip(gradient.values()) {
                    *value -= rate as f32 * g;
                }
                // The next step goes on where this one stops, so that no class has more of the rest.
                let first = optimizer.step_count() as usize * meta_size % filled.len();
                let classes = filled.iter().cycle().skip(first).take(meta_size);
                let meta_rows = classes.map(|&class| any_row(context.index, class, &mut stream));
                let meta_batch = Batch::gather(context, meta_rows);
                let mut meta = LinearHead::zeros(width, k);
                let meta_gradients = meta_batch.logit_gradients(&virtual_head, &CrossEntropy)?;
                meta.add_gradient(&meta_batch.features, &meta_gradients);

                let scores = class_scores(&batch, &logit_gradients, &meta, rate);
                let gradients = rate_gradient(&rates, &shares, &scores);
                let gradients: Vec<f32> = gradients.into_iter().map(|s| s as f32).collect();
                rate_optimizer.step(&mut rate_logits, &gradients, self.params.learning_rate);
                for psi in &mut rate_logits {
                    *psi = psi.clamp(-LARGEST_RATE, LARGEST_RATE);
                }
                optimizer.step(head.values_mut(), gradient.values(), rate);
            }
            let prior = logit_prior(&shares(&sigmoids(&rate_logits), counts), counts)?;
            let predictions = head.predict(context.valid);
            let verdict = stopping.observe(epoch, &predictions, &prior, context.natural);
            if verdict == Verdict::Improved {
                best = head.clone();
                best_prior = prior;
            }
        }
        let rates = sigmoids(&rate_logits);
        let report = StageReport {
            epochs: n_epochs,
            best_epoch: stopping.best_epoch(),
            steps: optimizer.step_count(),
            distribution: shares(&rates, counts),
        };
        Ok(Refit {
            head: best,
            report,
            logit_prior: best_prior,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use art_core::Seed;

    fn counts() -> ClassCounts {
        ClassCounts::new(vec![40, 12, 5]).unwrap()
    }

    #[test]
    fn rates_start_as_the_power_of_the_counts_says() {
        let of = |power| {
            let stage = MetaSamplerParams::new()
                .initial_power(power)
                .check()
                .unwrap();
            let rates = stage.initial_rates(&counts());
            rates.into_iter().map(sigmoid).collect::<Vec<_>>()
        };
        assert_eq!(of(0.0), [0.5; 3]);
        let rates = of(1.0);
        // n^(−1), scaled so that the smallest and the largest sum to 1.
        for (rate, expected) in rates.iter().zip([1.0 / 9.0, 10.0 / 27.0, 8.0 / 9.0]) {
            assert_abs_diff_eq!(*rate, expected, epsilon = 1e-6);
        }
        let shares = shares(&rates, &counts());
        assert_abs_diff_eq!(shares[0], 1.0 / 3.0, epsilon = 1e-6);
    }

    /// The meta loss after an expected virtual step whose class proportions follow ψ, differentiated by
    /// central differences.
    #[test]
    fn the_gradient_of_the_rates_is_that_of_the_expected_virtual_step() {
        let mut stream = Seed::new(3).stream("test", 0);
        let (width, k, rate) = (4, 3, 0.3);
        let head = LinearHead::new(width, k, &mut stream);
        let mut batch = |labels: Vec<u32>| Batch {
            features: (0..labels.len() * width)
                .map(|_| stream.normal() as f32)
                .collect(),
            labels,
        };
        let drawn = batch(vec![0, 0, 0, 1, 1, 2]);
        let meta_batch = batch(vec![0, 1, 2, 0, 1, 2]);
        let psi = [0.3_f32, -0.4, 0.9];
        let rates: Vec<f64> = psi.iter().map(|&p| sigmoid(p)).collect();
        let now = shares(&rates, &counts());

        let logit_gradients = drawn.logit_gradients(&head, &CrossEntropy).unwrap();
        let mut parts = vec![LinearHead::zeros(width, k); k];
        for (row, &label) in drawn.labels.iter().enumerate() {
            let x = &drawn.features[row * width..][..width];
            parts[label as usize].add_gradient(x, &logit_gradients[row * k..][..k]);
        }
        // The layer after the virtual step, when class c has `weights[c]` times its present share.
        let after = |weights: &[f64]| {
            let mut moved = head.clone();
            for (part, weight) in parts.iter().zip(weights) {
                for (value, g) in moved.values_mut().iter_mut().zip(part.values()) {
                    *value -= (rate * weight * f64::from(*g)) as f32;
                }
            }
            moved
        };
        let meta_loss = |psi: &[f64]| {
            let rates: Vec<f64> = psi.iter().map(|p| 1.0 / (1.0 + exp(-p))).collect();
            let then = shares(&rates, &counts());
            let weights: Vec<f64> = then.iter().zip(&now).map(|(a, b)| a / b).collect();
            let logits = after(&weights).logits(&meta_batch.features);
            let logits: Vec<f64> = logits.into_iter().map(f64::from).collect();
            let mut unused = vec![0.0; logits.len()];
            CrossEntropy
                .value_and_gradient(&logits, &meta_batch.labels, &mut unused)
                .unwrap()
        };
        let mut meta = LinearHead::zeros(width, k);
        let meta_gradients = meta_batch
            .logit_gradients(&after(&[1.0; 3]), &CrossEntropy)
            .unwrap();
        meta.add_gradient(&meta_batch.features, &meta_gradients);
        let scores = class_scores(&drawn, &logit_gradients, &meta, rate);
        let found = rate_gradient(&rates, &now, &scores);
        assert!(found.iter().any(|gradient| gradient.abs() > 1e-3));
        for c in 0..k {
            let shifted = |by: f64| {
                let mut psi: Vec<f64> = psi.iter().map(|&p| f64::from(p)).collect();
                psi[c] += by;
                meta_loss(&psi)
            };
            let difference = (shifted(1e-2) - shifted(-1e-2)) / 2e-2;
            assert_abs_diff_eq!(found[c], difference, epsilon = 2e-5);
        }
    }

    #[test]
    fn settings_out_of_range_are_refused() {
        let new = MetaSamplerParams::new;
        for (params, field) in [
            (new().learning_rate(0.0), "learning_rate"),
            (new().share(f64::NAN), "share"),
            (new().initial_power(-1.0), "initial_power"),
        ] {
            assert_eq!(params.check().unwrap_err().field, field);
        }
    }
}
