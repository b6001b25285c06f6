//! Our side of `cargo xtask bench-peers`: does one piece of work several times and prints the seconds.
//!
//! `peer data ROWSxFEATURES FILE` writes the rows that both sides read: f32 features, row after row, then
//! u32 labels, little-endian. `peer resample METHOD ROWSxFEATURES FILE REPEATS` times a resampler.

use anyhow::{Context, Result, bail};
use art_core::Seed;
use art_data::{Dataset, GaussianClasses, NearMiss, NearMissRule, Resampler, Smote, TrainSet};
use std::{fs, time::Instant};

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
        other => bail!("unknown resampler {other:?}"),
    })
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
