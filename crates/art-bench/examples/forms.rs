//! Plain training on MNIST-LT with the network's fused form and with tensor operations: the two differ by
//! rounding alone, so their scores should agree as runs of other seeds do not.
//!
//! `cargo run --release -p art-bench --example forms [SEEDS] [EPOCHS]`

use art_bench::{DataFolder, DataSets, Matrix};
use art_core::{Seed, Shuffle};
use art_losses::{CrossEntropy, Head};
use art_train::{Predictions, Trainer};
use candle_core::Device;
use std::{env, error::Error, path::PathBuf, time::Instant};

fn main() -> Result<(), Box<dyn Error>> {
    let number = |place: usize, default: usize| match env::args().nth(place) {
        Some(text) => text.parse(),
        None => Ok(default),
    };
    let (n_seeds, epochs) = (number(1, 3)?, number(2, 10)?);
    let folder = env::var_os("ART_DATA").map_or_else(|| PathBuf::from("data"), PathBuf::from);
    let data = DataSets::load(&["mnist-lt".into()], &DataFolder::open(folder)?)?;
    let matrix = Matrix::named("paper")?;
    let mut training = matrix.training_on("mnist-lt").clone();
    training.max_epochs = epochs as u32;
    println!("| seed | form | accuracy | macro F1 | seconds |\n|---|---|---|---|---|");
    for &value in matrix.seeds.iter().take(n_seeds) {
        let seed = Seed::new(value);
        let split = data.split("mnist-lt", seed)?;
        for form in ["fused", "tensor operations"] {
            let model = training.network(split.train.data(), Head::Linear, seed, &Device::Cpu)?;
            let sampler = Shuffle::new(split.train.data().class_counts(), seed);
            let mut trainer = Trainer::new(training.train_config()?, seed);
            if form != "fused" {
                trainer = trainer.with_tensor_operations();
            }
            let start = Instant::now();
            let fitted = trainer.fit(
                model,
                &CrossEntropy,
                Box::new(sampler),
                &split.train,
                &split.valid,
            )?;
            let seconds = start.elapsed().as_secs_f64();
            let test = Predictions::of(&fitted.model, split.test.data())?.confusion();
            println!(
                "| {value} | {form} | {:.4} | {:.4} | {seconds:.1} |",
                test.accuracy(),
                test.macro_f1()
            );
        }
    }
    Ok(())
}
