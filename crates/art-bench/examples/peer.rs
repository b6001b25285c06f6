//! Our side of `cargo xtask bench-peers`: does one piece of work several times and prints the seconds.
//!
//! `peer data ROWSxFEATURES FILE` writes the rows that both sides read: f32 features, row after row, then
//! u32 labels, little-endian. `peer resample METHOD ROWSxFEATURES FILE REPEATS` times a resampler.
//! `peer train NET EPOCHS SEEDS REPEATS` trains SEEDS networks at once and reports seconds per epoch and
//! seed; one network has all threads, several have one each. `peer products NET REPEATS` takes the matrix
//! products of an epoch alone, on one thread. `peer refresh ROWS CLASSES REPEATS` goes from validation counts
//! to the list of rows that the next epochs shuffle. `peer overhead` prints the share of ART's refreshes in training.

use anyhow::{Context, Result, bail};
use art_core::{ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, EpochSampler, Seed, Shuffle};
use art_data::{
    Adasyn, BorderlineSmote, Dataset, EditedNearestNeighbors, EnnRule, GaussianClasses,
    KMeansSmote, NearMiss, NearMissRule, Resampler, Smote, TomekLinks, TrainSet, ValidSet,
};
use art_linalg::{Mat, Onto, multiply};
use art_losses::CrossEntropy;
use art_train::{
    Cnn, CnnParams, EpochTiming, Mlp, MlpParams, Model, TrainConfig, TrainParams, Trainer,
};
use candle_core::Device;
use rayon::ThreadPoolBuilder;
use std::{
    fs,
    hint::black_box,
    time::{Duration, Instant},
};

/// Majority over minority rows.
const RATIO: usize = 10;

fn main() -> Result<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["data", shape, file] => write_data(parse_shape(shape)?, file),
        ["resample", method, shape, file, repeats] => {
            let train = TrainSet::new(read_data(parse_shape(shape)?, file)?);
            let resampler = resampler(method)?;
            let mut rows = 0;
            let seconds = timed(repeats.parse()?, || {
                rows = resampler.resample(&train, Seed::new(7))?.origins.len();
                Ok(())
            })?;
            report(&seconds, rows);
            Ok(())
        }
        ["train", net, epochs, seeds, repeats] => {
            let (epochs, seeds): (u32, u64) = (epochs.parse()?, seeds.parse()?);
            let work = TrainWork::new(net, epochs)?;
            let seconds = timed(repeats.parse()?, || work.train(seeds))?;
            let per_epoch = f64::from(epochs) * seeds as f64;
            let seconds: Vec<f64> = seconds.into_iter().map(|s| s / per_epoch).collect();
            report(&seconds, work.train.data().n_rows());
            Ok(())
        }
        ["products", net, repeats] => {
            let products = products_of_epoch(net)?;
            report(
                &timed(repeats.parse()?, || {
                    multiply_all(&products);
                    Ok(())
                })?,
                products.len(),
            );
            Ok(())
        }
        ["refresh", rows, classes, repeats] => {
            let (mut sampler, validation) = refresh_work(rows.parse()?, classes.parse()?)?;
            let mut epoch = 0;
            let seconds = timed(repeats.parse()?, || {
                epoch += 1;
                sampler.observe(epoch, &validation)?;
                black_box(sampler.draw(2).list().to_vec());
                Ok(())
            })?;
            report(&seconds, 0);
            Ok(())
        }
        ["overhead"] => overhead(),
        _ => bail!("see the comment at the top of this file"),
    }
}

fn parse_shape(text: &str) -> Result<(usize, usize)> {
    let (rows, features) = text.split_once('x').context("ROWSxFEATURES")?;
    Ok((rows.parse()?, features.parse()?))
}

fn write_data((n_rows, n_features): (usize, usize), file: &str) -> Result<()> {
    let minority = n_rows / (RATIO + 1);
    let data = GaussianClasses::new(vec![n_rows - minority, minority], n_features)
        .generate(Seed::new(1))?;
    let features = data
        .features_as_slice()
        .iter()
        .flat_map(|x| x.to_le_bytes());
    let labels = data.labels().iter().flat_map(|y| y.to_le_bytes());
    fs::write(file, features.chain(labels).collect::<Vec<u8>>())?;
    Ok(())
}

fn read_data((n_rows, n_features): (usize, usize), file: &str) -> Result<Dataset> {
    let bytes = fs::read(file)?;
    let (words, _) = bytes.as_chunks::<4>();
    let (features, labels) = words.split_at(n_rows * n_features);
    let labels = labels
        .iter()
        .map(|&word| u32::from_le_bytes(word))
        .collect();
    let features: Vec<f32> = features
        .iter()
        .map(|&word| f32::from_le_bytes(word))
        .collect();
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
    let features = ndarray::Array2::from_shape_vec((n_rows, n_features), features)?;
    Ok(Dataset::new(features, labels, names(n_features), names(2))?)
}

fn resampler(name: &str) -> Result<Box<dyn Resampler>> {
    Ok(match name {
        "smote" => Box::new(Smote::new()),
        "nearmiss-1" => Box::new(NearMiss::new(NearMissRule::Nearest)),
        "nearmiss-2" => Box::new(NearMiss::new(NearMissRule::Farthest)),
        "nearmiss-3" => Box::new(NearMiss::new(NearMissRule::TwoStage)),
        "tomek" => Box::new(TomekLinks::new()),
        "enn" => Box::new(EditedNearestNeighbors::new().rule(EnnRule::Any)),
        "borderline-smote" => Box::new(BorderlineSmote::new()),
        "adasyn" => Box::new(Adasyn::new()),
        "kmeans-smote" => Box::new(KMeansSmote::new().threshold(f64::INFINITY)),
        other => bail!("unknown resampler {other:?}"),
    })
}

/// A network with rows to train it on.
struct TrainWork {
    net: String,
    config: TrainConfig,
    train: TrainSet,
    valid: ValidSet,
}

impl TrainWork {
    fn new(net: &str, epochs: u32) -> Result<Self> {
        let (rows, features, classes, batch) = match net {
            "mlp-8-64-64-2" => (537, 8, 2, 32),
            "mlp-384-128-2" => (5_000, 384, 2, 64),
            "mlp-384-1024-1024-2" => (1_024, 384, 2, 128),
            "cnn-16-32-fc64" => (2_604, 784, 10, 64),
            other => bail!("unknown network {other:?}"),
        };
        let set = |rows: usize, seed| {
            let counts = vec![rows / classes; classes];
            GaussianClasses::new(counts, features).generate(Seed::new(seed))
        };
        let config = TrainParams::new()
            .max_epochs(epochs)
            .batch_size(batch)
            .never_stop_early();
        Ok(Self {
            net: net.to_owned(),
            config: config.check()?,
            train: TrainSet::new(set(rows, 1)?),
            // 15 rows of validation for 70 of training, as in the experiment.
            valid: ValidSet::new(set(rows * 15 / 70, 2)?)?,
        })
    }

    fn model(&self, seed: Seed) -> Result<Box<dyn Model>> {
        let mlp = |inputs: usize, hidden: &[usize]| MlpParams::new(inputs, 2).hidden(hidden);
        Ok(match self.net.as_str() {
            "mlp-8-64-64-2" => Box::new(Mlp::new(mlp(8, &[64, 64]).check()?, seed, &Device::Cpu)?),
            "mlp-384-128-2" => Box::new(Mlp::new(mlp(384, &[128]).check()?, seed, &Device::Cpu)?),
            "mlp-384-1024-1024-2" => Box::new(Mlp::new(
                mlp(384, &[1024, 1024]).check()?,
                seed,
                &Device::Cpu,
            )?),
            _ => Box::new(Cnn::new(
                CnnParams::new(28, 28, 10).check()?,
                seed,
                &Device::Cpu,
            )?),
        })
    }

    fn train_one(&self, seed: Seed) -> Result<()> {
        let sampler = Box::new(Shuffle::new(self.train.data().class_counts(), seed));
        let trainer = Trainer::new(self.config.clone(), seed);
        trainer.fit(
            self.model(seed)?,
            &CrossEntropy,
            sampler,
            &self.train,
            &self.valid,
        )?;
        Ok(())
    }

    fn train(&self, seeds: u64) -> Result<()> {
        if seeds == 1 {
            return self.train_one(Seed::new(0));
        }
        let pool = ThreadPoolBuilder::new()
            .num_threads(seeds as usize)
            .build()?;
        let outcomes = pool.broadcast(|context| self.train_one(Seed::new(context.index() as u64)));
        outcomes.into_iter().collect()
    }
}

/// A product `(m, k) · (k, n)`, with either factor transposed in memory, and how often it is taken.
type Product = ([usize; 3], [bool; 2], usize);

/// The products of an epoch of training, as the network takes them.
fn products_of_epoch(net: &str) -> Result<Vec<Product>> {
    let dense = |rows, inputs, outputs, is_first, times| {
        vec![
            ([rows, inputs, outputs], [false, true], times),
            ([outputs, rows, inputs], [true, false], times),
            (
                [rows, outputs, inputs],
                [false, false],
                if is_first { 0 } else { times },
            ),
        ]
    };
    let conv = |outputs, taps, pixels, is_first, times| {
        vec![
            ([pixels, taps, outputs], [is_first, false], times),
            if is_first {
                ([taps, pixels, outputs], [false, false], times)
            } else {
                ([outputs, pixels, taps], [true, false], times)
            },
            (
                [pixels, outputs, taps],
                [false, false],
                if is_first { 0 } else { times },
            ),
        ]
    };
    Ok(match net {
        "mlp-384-128-2" => {
            let steps = 5_000_usize.div_ceil(64);
            [
                dense(64, 384, 128, true, steps),
                dense(64, 128, 2, false, steps),
            ]
            .concat()
        }
        "cnn-16-32-fc64" => {
            let (rows, parts) = (2_600, 2_600_usize.div_ceil(32));
            [
                conv(16, 9, 784, true, rows),
                conv(32, 144, 196, false, rows),
                dense(32, 1568, 64, false, parts),
                dense(32, 64, 10, false, parts),
            ]
            .concat()
        }
        other => bail!("no products of {other:?}"),
    })
}

fn multiply_all(products: &[Product]) {
    for &([m, k, n], transposed, times) in products {
        let (a, b, mut into) = (vec![0.5; m * k], vec![0.5; k * n], vec![0.0; m * n]);
        let matrix = |values, rows, columns, transposed| {
            if transposed {
                Mat::new(values, columns, rows).transposed()
            } else {
                Mat::new(values, rows, columns)
            }
        };
        for _ in 0..times {
            let (a, b) = (
                matrix(&a, m, k, transposed[0]),
                matrix(&b, k, n, transposed[1]),
            );
            multiply(&mut into, a, b, Onto::Fresh);
        }
    }
}

/// ART over `rows` rows in equal classes, and a validation result.
fn refresh_work(rows: usize, classes: usize) -> Result<(ArtSampler, ConfusionMatrix)> {
    let labels: Vec<u32> = (0..rows).map(|row| (row % classes) as u32).collect();
    let config = ArtParams::new()
        .blend_constant(0.3)
        .boost_frequency(1)
        .check()?;
    let sampler = ArtSampler::new(config, ClassIndex::new(&labels, classes)?, Seed::new(2))?;
    let truth: Vec<u32> = (0..100 * classes)
        .map(|row| (row % classes) as u32)
        .collect();
    let predicted: Vec<u32> = (0..truth.len())
        .map(|row| {
            if row % 3 == 0 {
                ((row + 1) % classes) as u32
            } else {
                truth[row]
            }
        })
        .collect();
    Ok((
        sampler,
        ConfusionMatrix::from_labels(classes, &truth, &predicted)?,
    ))
}

/// A line for each network: what share of the training time ART's refreshes take at `bf = 1`, validation
/// predictions being there for early stopping anyway.
fn overhead() -> Result<()> {
    let mut lines = vec![];
    for (net, epochs) in [
        ("mlp-8-64-64-2", 200),
        ("mlp-384-128-2", 100),
        ("cnn-16-32-fc64", 5),
    ] {
        let work = TrainWork::new(net, epochs)?;
        let config = ArtParams::new().boost_frequency(1).check()?;
        let index = work.train.data().class_index()?;
        let sampler = Box::new(ArtSampler::new(config, index, Seed::new(2))?);
        let trainer = Trainer::new(work.config.clone(), Seed::new(0));
        let model = work.model(Seed::new(0))?;
        let fitted = trainer.fit(model, &CrossEntropy, sampler, &work.train, &work.valid)?;
        let sum = |term: fn(&EpochTiming) -> Duration| {
            fitted
                .history
                .timing
                .iter()
                .map(term)
                .sum::<Duration>()
                .as_secs_f64()
        };
        lines.push(serde_json::json!({
            "net": net,
            "epochs": fitted.history.epochs.len(),
            "train": sum(|t| t.train),
            "forward": sum(|t| t.forward),
            "score": sum(|t| t.score),
            "refresh": sum(|t| t.refresh),
            "draw": sum(|t| t.draw),
        }));
    }
    println!("{}", serde_json::json!(lines));
    Ok(())
}

/// Seconds of each of `repeats` runs, after one that is not counted.
fn timed(repeats: usize, mut work: impl FnMut() -> Result<()>) -> Result<Vec<f64>> {
    if repeats > 1 {
        work()?;
    }
    (0..repeats)
        .map(|_| {
            let start = Instant::now();
            work()?;
            Ok(start.elapsed().as_secs_f64())
        })
        .collect()
}

/// One line of JSON: the seconds, the most memory this process had, and a number that both sides share.
fn report(seconds: &[f64], result: usize) {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let peak_kib: Option<u64> =
        peak.and_then(|text| text.trim().strip_suffix(" kB")?.trim().parse().ok());
    let line = serde_json::json!({"seconds": seconds, "peak_kib": peak_kib, "result": result});
    println!("{line}");
}
