//! Does a part of the validation rows lead ART to the same class distribution, and to as good a model?
//!
//! Rows in plenty (`SyntheticFamily::Large`): 20,000 to train on, 60,000 to validate on, 20,000 to test on. Two runs a
//! seed: ART that sees all validation rows at each refresh, and ART that sees what `ValidationSampling` reads. At each
//! refresh of the second run the distribution by all rows is computed beside.
//!
//! `cargo run --release -p art-bench --example validation_sampling [SEEDS]` prints `docs/results/validation_sampling.md`.

use art_bench::SyntheticFamily;
use art_core::{
    ArtParams, ArtSampler, Basics, ClassIndex, ConfusionMatrix, CoreError, EpochDraw, EpochSampler,
    Feedback, Refresh, Seed,
};
use art_data::{Split, SplitParams, Standardizer};
use art_losses::CrossEntropy;
use art_stats::{PairedSet, difference_across};
use art_train::{Mlp, MlpParams, Predictions, StopCriterion, TrainParams, Trainer};
use candle_core::Device;
use sampling::{ValidationSampling, ValidationSamplingParams};
use std::sync::mpsc::{Sender, channel};

mod sampling;

const EPOCHS: u32 = 30;
/// What the two models may differ by and still count as equal, in points of macro F1.
const MARGIN: f64 = 0.5;

/// One refresh by a part of the rows.
struct Reading {
    /// Rows read over rows there are.
    share: f64,
    /// `Σ |p − p'|` of the distribution by the part and by all rows.
    distance: f64,
}

/// ART that sees a part of the validation rows.
struct Sampled {
    art: ArtSampler,
    sampling: ValidationSamplingParams,
    readings: Sender<Reading>,
}

impl EpochSampler for Sampled {
    fn name(&self) -> &'static str {
        "art-sampled"
    }

    fn basics(&self) -> Basics<'_> {
        self.art.basics()
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        self.art.draw(epoch)
    }

    /// The trainer has counted all rows already. Which of the rows of a class is which does not matter to a
    /// sample of them, so the counts are laid out as rows again.
    fn observe(
        &mut self,
        epoch: u32,
        validation: &ConfusionMatrix,
    ) -> Result<Option<Refresh>, CoreError> {
        let (mut labels, mut predicted) = (vec![], vec![]);
        for (truth, counts) in (0..).zip(validation.rows()) {
            for (prediction, count) in (0..).zip(counts) {
                predicted.extend(std::iter::repeat_n(prediction, count as usize));
                labels.resize(predicted.len(), truth);
            }
        }
        let index = ClassIndex::new(&labels, validation.n_classes())?;
        let sampling = ValidationSampling::new(self.sampling.clone().check()?, index, self.seed());
        let sampled = sampling.measure(epoch, |rows| {
            let of_rows = rows.iter().map(|&row| predicted[row as usize]);
            Ok::<_, CoreError>(of_rows.collect())
        })?;
        let mut by_all = self.art.clone();
        by_all.observe(epoch, validation)?;
        let refresh = self
            .art
            .learn(epoch, Feedback::Tallies(sampled.tallies()))?;
        if refresh.is_some() {
            let pairs = self.distribution().as_slice().iter();
            let pairs = pairs.zip(by_all.distribution().as_slice());
            let reading = Reading {
                share: sampled.rows_read() as f64 / labels.len() as f64,
                distance: pairs.map(|(a, b)| (a - b).abs()).sum(),
            };
            self.readings.send(reading).expect("main receives");
        }
        Ok(refresh)
    }
}

/// Rows of the population, drawn and divided by `seed`.
fn split(seed: Seed) -> anyhow::Result<Split> {
    let shares = SplitParams::new()
        .valid_share(0.6)
        .test_share(0.2)
        .check()?;
    let data = SyntheticFamily::Large.generate(seed)?;
    Ok(Standardizer::split(&Split::stratified(
        &data, &shares, seed,
    )?)?)
}

fn art(split: &Split, seed: Seed) -> anyhow::Result<ArtSampler> {
    let config = ArtParams::new().blend_constant(0.5).boost_frequency(5);
    let index = split.train.data().class_index()?;
    Ok(ArtSampler::new(config.check()?, index, seed)?)
}

/// Test macro F1, in points, of the last epoch.
fn score(split: &Split, sampler: Box<dyn EpochSampler>, seed: Seed) -> anyhow::Result<f64> {
    let data = split.train.data();
    let shape = MlpParams::new(data.n_features(), data.n_classes()).hidden([64, 64]);
    let model = Mlp::new(shape.check()?, seed, &Device::Cpu)?;
    let config = TrainParams::new()
        .max_epochs(EPOCHS)
        .criterion(StopCriterion::LastEpoch)
        .check()?;
    let fitted = Trainer::new(config, seed).fit(
        model,
        &CrossEntropy,
        sampler,
        &split.train,
        &split.valid,
    )?;
    Ok(100.0
        * Predictions::of(&fitted.model, split.test.data())?
            .confusion()
            .macro_f1())
}

fn main() -> anyhow::Result<()> {
    let n_seeds: u64 = std::env::args().nth(1).map_or(Ok(20), |n| n.parse())?;
    println!("# ART by a part of the validation rows\n");
    println!(
        "`cargo run --release -p art-bench --example validation_sampling {n_seeds}`: the population Large (20,000 training, 60,000 \
         validation, 20,000 test rows), ART at c = 0.5, bf = 5, {EPOCHS} epochs, {n_seeds} seeds with rows of their own.\n"
    );
    println!(
        "| rows to begin with | width of bounds | rows read, mean | most | refreshes with Σ\\|p − p'\\| < 0.05 | mean Σ\\|p − p'\\| | \
         macro F1 by all rows | less by the part | error | equal within {MARGIN}: p |"
    );
    println!("|---|---|---|---|---|---|---|---|---|---|");
    let mut by_all = vec![];
    for seed in (1..=n_seeds).map(Seed::new) {
        let split = split(seed)?;
        by_all.push(score(&split, Box::new(art(&split, seed)?), seed)?);
    }
    for (start, width) in [(32, 0.15), (32, 0.05), (500, 0.05), (500, 0.02)] {
        let sampling = ValidationSamplingParams::new().start(start).width(width);
        let (readings, read) = channel();
        let mut by_part = vec![];
        for seed in (1..=n_seeds).map(Seed::new) {
            let split = split(seed)?;
            let sampled = Sampled {
                art: art(&split, seed)?,
                sampling: sampling.clone(),
                readings: readings.clone(),
            };
            by_part.push(score(&split, Box::new(sampled), seed)?);
        }
        drop(readings);
        let readings: Vec<Reading> = read.iter().collect();
        let n = readings.len() as f64;
        let mean = |of: fn(&Reading) -> f64| readings.iter().map(of).sum::<f64>() / n;
        let most = readings.iter().map(|r| r.share).fold(0.0, f64::max);
        let near = readings.iter().filter(|r| r.distance < 0.05).count() as f64 / n;
        let one_way = difference_across(&[PairedSet::new(&by_all, &by_part, 0.0)?], 0.9)?;
        let other_way = difference_across(&[PairedSet::new(&by_part, &by_all, 0.0)?], 0.9)?;
        let equal = one_way.these_sets.non_inferiority(MARGIN)?;
        let other_way = other_way.these_sets.non_inferiority(MARGIN)?;
        // Without any spread there is no test.
        let equal = equal
            .zip(other_way)
            .map(|(a, b)| format!("{:.4}", a.max(b)));
        let equal = equal.unwrap_or_else(|| "—".into());
        println!(
            "| {start} | {width} | {:.1} % | {:.1} % | {:.0} % | {:.3} | {:.2} | {:+.2} | {:.2} | {equal} |",
            100.0 * mean(|r| r.share),
            100.0 * most,
            100.0 * near,
            mean(|r| r.distance),
            by_all.iter().sum::<f64>() / by_all.len() as f64,
            one_way.mean_difference(),
            one_way.seed_error(),
        );
    }
    Ok(())
}
