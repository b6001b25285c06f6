//! ART on a generated three-class table, with a progress bar:
//! `cargo run --release -p art-train --example tabular_art`.

use art_core::{ArtParams, ArtSampler, Seed};
use art_data::{GaussianClasses, Split, SplitConfig, Standardizer};
use art_losses::CrossEntropy;
use art_train::{Mlp, MlpParams, Predictions, Progress, TrainParams, Trainer};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let seed = Seed::new(1834);
    let data = GaussianClasses::new(vec![1800, 300, 60], 8)
        .separation(1.5)
        .generate(seed)?;
    let split = Standardizer::split(&Split::stratified(&data, &SplitConfig::default(), seed)?)?;

    let model = Mlp::new(
        MlpParams::new(8, 3).check()?,
        seed,
        &candle_core::Device::Cpu,
    )?;
    let art = ArtParams::new()
        .blend_constant(0.7)
        .boost_frequency(2)
        .check()?;
    let sampler = ArtSampler::new(art, split.train.data().class_index()?, seed)?;
    let fitted = Trainer::new(TrainParams::new().check()?, seed)
        .callback(Progress::new())
        .fit(
            model,
            &CrossEntropy,
            Box::new(sampler),
            &split.train,
            &split.valid,
        )?;

    let test = Predictions::of(&fitted.model, split.test.data())?.confusion();
    println!(
        "best epoch {}, test macro F1 {:.4}",
        fitted.best_epoch,
        test.macro_f1()
    );
    for (class, f1) in test.per_class_f1().iter().enumerate() {
        println!("  {} F1 {f1:.4}", data.class_names()[class]);
    }
    Ok(())
}
