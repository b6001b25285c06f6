//! The numbers of `docs/pitfalls.md`: three ways to fool oneself, each beside the right way.
//!
//! `cargo run --release -p art-bench --example pitfalls` prints the tables; 20 seeds, about ten seconds.

use anyhow::Result;
use art_bench::{BundledTable, DataFolder, Matrix};
use art_core::{
    ConfusionMatrix, Seed, Shuffle,
    elementary::{exp, ln, powi},
};
use art_data::{
    Dataset, RandomOverSampler, Resampler, Smote, Split, SplitConfig, Standardizer, TrainSet,
};
use art_losses::CrossEntropy;
use art_stats::Summary;
use art_train::{Mlp, MlpParams, Predictions, TrainParams, Trainer};
use candle_core::Device;

fn main() -> Result<()> {
    let folder = DataFolder::open(concat!(env!("CARGO_MANIFEST_DIR"), "/../../data"))?;
    let (pima, wine) = (
        BundledTable::Pima.load(&folder)?,
        BundledTable::WineRed.load(&folder)?,
    );
    leakage(&pima, "Pima")?;
    leakage(&wine, "Red Wine")?;
    calibration(&pima)?;
    thresholds(&pima)?;
    Ok(())
}

/// A split of the data, scaled by its training rows.
fn split(data: &Dataset, seed: Seed) -> Result<Split> {
    let split = Split::stratified(data, &SplitConfig::default(), seed)?;
    Ok(Standardizer::split(&split)?)
}

/// Trains plainly on `train`; what the model says about the validation and the test rows.
fn train(train: &TrainSet, split: &Split, seed: Seed) -> Result<(Predictions, Predictions)> {
    let data = train.data();
    let network = MlpParams::new(data.n_features(), data.n_classes()).check()?;
    let model = Mlp::new(network, seed, &Device::Cpu)?;
    let sampler = Box::new(Shuffle::new(data.class_counts(), seed));
    let config = TrainParams::new().max_epochs(150).check()?;
    let fitted =
        Trainer::new(config, seed).fit(model, &CrossEntropy, sampler, train, &split.valid)?;
    Ok((
        Predictions::of(&fitted.model, split.valid.data())?,
        Predictions::of(&fitted.model, split.test.data())?,
    ))
}

/// Mean ± standard deviation over the seeds.
fn shown(values: &[f64], scale: f64) -> Result<String> {
    let scaled: Vec<f64> = values.iter().map(|value| scale * value).collect();
    let summary = Summary::of(&scaled)?;
    Ok(format!("{:.2} ± {:.2}", summary.mean, summary.sd))
}

fn over_seeds<const N: usize>(run: impl Fn(Seed) -> Result<[f64; N]>) -> Result<[Vec<f64>; N]> {
    let mut columns = std::array::from_fn(|_| vec![]);
    for seed in Matrix::named("fixed")?.seeds {
        for (column, value) in columns.iter_mut().zip(run(Seed::new(seed))?) {
            column.push(value);
        }
    }
    Ok(columns)
}

/// The rows of `data` without the mark of resampled ones, for the mistake that it prevents.
fn unmarked(data: &Dataset) -> Result<Dataset> {
    let (names, classes) = (data.feature_names(), data.class_names());
    let (features, labels) = (data.features().to_owned(), data.labels().to_vec());
    Ok(Dataset::new(
        features,
        labels,
        names.to_vec(),
        classes.to_vec(),
    )?)
}

/// Resampling before the split puts copies and blends of test rows into training.
fn leakage(data: &Dataset, name: &str) -> Result<()> {
    println!(
        "| {name}: test macro F1 × 100 | resampled before the split (wrong) | training rows alone |"
    );
    println!("|---|---|---|");
    let resamplers: [(&str, &dyn Resampler); 2] =
        [("ROS", &RandomOverSampler::new()), ("SMOTE", &Smote::new())];
    for (name, resampler) in resamplers {
        let [wrong, right] = over_seeds(|seed| {
            let everything = resampler.resample(&TrainSet::new(data.clone()), seed)?;
            let leaked = split(&unmarked(everything.train.data())?, seed)?;
            let (_, wrong) = train(&leaked.train, &leaked, seed)?;
            let clean = split(data, seed)?;
            let rows = resampler.resample(&clean.train, seed)?;
            let (_, right) = train(&rows.train, &clean, seed)?;
            Ok([wrong.confusion().macro_f1(), right.confusion().macro_f1()])
        })?;
        println!(
            "| {name} | {} | {} |",
            shown(&wrong, 100.0)?,
            shown(&right, 100.0)?
        );
    }
    println!();
    Ok(())
}

/// The probability of class 1 for each row, when `shift` is added to its logit.
fn probabilities(predictions: &Predictions, shift: f64) -> Vec<f64> {
    let (pairs, _) = predictions.logits().as_chunks::<2>();
    let of_row = |[no, yes]: &[f32; 2]| 1.0 / (1.0 + exp(f64::from(*no) - f64::from(*yes) - shift));
    pairs.iter().map(of_row).collect()
}

/// Log-loss, Brier score and mean probability less the share of positives.
fn calibration_of(probabilities: &[f64], labels: &[u32]) -> [f64; 3] {
    let n = labels.len() as f64;
    let pairs = || {
        probabilities
            .iter()
            .zip(labels)
            .map(|(&p, &y)| (p, f64::from(y)))
    };
    let log_loss = pairs()
        .map(|(p, y)| -(y * ln(p) + (1.0 - y) * ln(1.0 - p)))
        .sum::<f64>()
        / n;
    let brier = pairs().map(|(p, y)| powi(p - y, 2)).sum::<f64>() / n;
    let bias = pairs().map(|(p, y)| p - y).sum::<f64>() / n;
    [log_loss, brier, bias]
}

/// A model of resampled rows speaks of the resampled world; a shift of its logits brings it back.
fn calibration(data: &Dataset) -> Result<()> {
    println!(
        "| Pima, test rows | log-loss | Brier score | mean probability less share of positives |"
    );
    println!("|---|---|---|---|");
    let ways = [
        "plain training",
        "ROS, as it comes (wrong)",
        "ROS, corrected to the natural prior",
    ];
    for (way, name) in ways.into_iter().enumerate() {
        let [log_loss, brier, bias] = over_seeds(|seed| {
            let split = split(data, seed)?;
            let rows = if way == 0 {
                split.train.clone()
            } else {
                RandomOverSampler::new().resample(&split.train, seed)?.train
            };
            let (_, test) = train(&rows, &split, seed)?;
            let counts = split.train.data().class_counts();
            let natural = counts.as_slice();
            // ln π₁/π₀ of the natural rows less that of the resampled ones, which is 0.
            let shift = if way == 2 {
                ln(natural[1] as f64 / natural[0] as f64)
            } else {
                0.0
            };
            Ok(calibration_of(
                &probabilities(&test, shift),
                split.test.data().labels(),
            ))
        })?;
        println!(
            "| {name} | {} | {} | {} |",
            shown(&log_loss, 1.0)?,
            shown(&brier, 1.0)?,
            shown(&bias, 1.0)?
        );
    }
    println!();
    Ok(())
}

fn macro_f1_at(threshold: f64, probabilities: &[f64], labels: &[u32]) -> Result<f64> {
    let predicted: Vec<u32> = probabilities
        .iter()
        .map(|&p| u32::from(p >= threshold))
        .collect();
    Ok(ConfusionMatrix::from_labels(2, labels, &predicted)?.macro_f1())
}

/// The best of the thresholds 0.05, 0.06 to 0.95; ties go to the lowest.
fn best_threshold(probabilities: &[f64], labels: &[u32]) -> Result<f64> {
    let mut best = (f64::NEG_INFINITY, 0.5);
    for step in 5..=95 {
        let threshold = f64::from(step) / 100.0;
        let score = macro_f1_at(threshold, probabilities, labels)?;
        if score > best.0 {
            best = (score, threshold);
        }
    }
    Ok(best.1)
}

/// A threshold is a parameter: chosen on test rows it promises what it cannot keep.
fn thresholds(data: &Dataset) -> Result<()> {
    println!("| Pima, plain training | test macro F1 × 100 |");
    println!("|---|---|");
    let [half, on_valid, on_test] = over_seeds(|seed| {
        let split = split(data, seed)?;
        let (valid, test) = train(&split.train, &split, seed)?;
        let (of_valid, of_test) = (probabilities(&valid, 0.0), probabilities(&test, 0.0));
        let labels = split.test.data().labels();
        let chosen = best_threshold(&of_valid, split.valid.data().labels())?;
        Ok([
            macro_f1_at(0.5, &of_test, labels)?,
            macro_f1_at(chosen, &of_test, labels)?,
            macro_f1_at(best_threshold(&of_test, labels)?, &of_test, labels)?,
        ])
    })?;
    println!("| threshold 0.5 | {} |", shown(&half, 100.0)?);
    println!(
        "| threshold chosen on validation rows | {} |",
        shown(&on_valid, 100.0)?
    );
    println!(
        "| threshold chosen on the test rows (wrong) | {} |",
        shown(&on_test, 100.0)?
    );
    Ok(())
}
