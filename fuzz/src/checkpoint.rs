//! Checkpoints: any bytes, and any state whose digest is right. What is taken for a checkpoint is gone on with.

use crate::{
    scratch::with_file,
    sealed::{sealed, state},
    seed::Seed,
};
use art_core::{ArtParams, ArtSampler};
use art_data::{GaussianClasses, Split, SplitConfig};
use art_losses::CrossEntropy;
use art_train::{
    Checkpoint, Control, EpochReport, Fitted, Mlp, MlpParams, TrainError, TrainParams, Trainer,
};
use candle_core::Device;
use std::{fs, sync::LazyLock};

const SEED: art_core::Seed = art_core::Seed::new(1);

static SPLIT: LazyLock<Split> = LazyLock::new(|| {
    let data = GaussianClasses::new(vec![40, 14], 3).generate(SEED);
    let data = data.expect("there are rows");
    Split::stratified(&data, &SplitConfig::default(), SEED).expect("there are enough rows")
});

static FILE: LazyLock<Vec<u8>> = LazyLock::new(|| {
    with_file("made.safetensors", &[], |path| {
        let stop = |report: &EpochReport| match report.epoch {
            2 => Control::Stop,
            _ => Control::Continue,
        };
        fit(|trainer| trainer.checkpoint(path).callback(stop)).expect("it trains");
        fs::read(path).expect("it was written")
    })
});

fn fit<'a>(with: impl FnOnce(Trainer<'a>) -> Trainer<'a>) -> Result<Fitted<Mlp>, TrainError> {
    let config = MlpParams::new(3, 2)
        .hidden([4])
        .check()
        .expect("it is usual");
    let model = Mlp::new(config, SEED, &Device::Cpu)?;
    let art = ArtParams::new()
        .boost_frequency(2)
        .check()
        .expect("it is usual");
    let index = SPLIT.train.data().class_index()?;
    let sampler = ArtSampler::new(art, index, SEED)?;
    let params = TrainParams::new().max_epochs(4).batch_size(16);
    let trainer = Trainer::new(params.check().expect("they are usual"), SEED);
    let sampler = Box::new(sampler);
    with(trainer).fit(model, &CrossEntropy, sampler, &SPLIT.train, &SPLIT.valid)
}

pub(crate) fn run(bytes: &[u8]) {
    if bytes.first() == Some(&b'{') {
        look(&sealed(&FILE, bytes));
    } else {
        look(bytes);
    }
}

fn look(bytes: &[u8]) {
    let loaded = with_file("c.safetensors", bytes, |path| Checkpoint::load(path));
    let checkpoint = match loaded {
        Err(error) => {
            let text = error.to_string();
            assert!(text.contains("c.safetensors"), "{text}");
            return;
        }
        Ok(checkpoint) => checkpoint,
    };
    with_file("again.safetensors", &[], |path| {
        checkpoint.save(path).expect("what was read can be written");
        Checkpoint::load(path).expect("what was written can be read");
    });
    if let Ok(fitted) = fit(|trainer| trainer.resume(checkpoint)) {
        assert!(
            fitted.history.epochs.len() <= 4,
            "{:?}",
            fitted.history.epochs.len()
        );
    }
}

pub(crate) fn seeds() -> Vec<Seed> {
    let state = state(&FILE);
    // In step with the format: what is sealed as it is is the file.
    assert_eq!(sealed(&FILE, &state), *FILE);
    let old = include_bytes!("../../crates/art-train/tests/golden/checkpoint-v2.safetensors");
    vec![
        Seed::new("after two epochs", FILE.clone()),
        Seed::new("state after two epochs", state),
        Seed::new("version 2", &old[..]),
    ]
}
