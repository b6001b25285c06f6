//! A small run that the tests of this folder start from.

#![allow(dead_code, reason = "each test file uses a part")]

use art_core::{ArtParams, ArtSampler, EpochSampler, Seed};
use art_data::{GaussianClasses, Split, SplitConfig, Standardizer};
use art_losses::CrossEntropy;
use art_train::{
    Control, EpochReport, Fitted, Mlp, MlpParams, Model, TrainError, TrainParams, Trainer,
};
use candle_core::{Device, Tensor};

pub(crate) const SEED: Seed = Seed::new(1834);

pub(crate) fn split() -> Split {
    let data = GaussianClasses::new(vec![120, 40, 15], 4)
        .generate(SEED)
        .unwrap();
    let split = Split::stratified(&data, &SplitConfig::default(), SEED).unwrap();
    Standardizer::split(&split).unwrap()
}

pub(crate) fn model() -> Mlp {
    let config = MlpParams::new(4, 3)
        .hidden([12, 8])
        .dropout(0.3)
        .check()
        .unwrap();
    Mlp::new(config, SEED, &Device::Cpu).unwrap()
}

pub(crate) fn art(split: &Split) -> Box<dyn EpochSampler> {
    let config = ArtParams::new().boost_frequency(2).check().unwrap();
    let index = split.train.data().class_index().unwrap();
    Box::new(ArtSampler::new(config, index, SEED).unwrap())
}

pub(crate) fn params() -> TrainParams {
    TrainParams::new()
        .max_epochs(9)
        .learning_rate(5e-3)
        .batch_size(16)
        .patience(4)
}

pub(crate) fn trainer<'a>(params: TrainParams) -> Trainer<'a> {
    Trainer::new(params.check().unwrap(), SEED)
}

pub(crate) fn fit(trainer: Trainer<'_>) -> Result<Fitted<Mlp>, TrainError> {
    let split = split();
    let sampler = art(&split);
    trainer.fit(model(), &CrossEntropy, sampler, &split.train, &split.valid)
}

pub(crate) fn weights(model: &impl Model) -> Vec<Vec<u32>> {
    let values = |tensor: &Tensor| tensor.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    model
        .parameters()
        .iter()
        .map(|p| values(&p.var).into_iter().map(f32::to_bits).collect())
        .collect()
}

pub(crate) fn assert_same(a: &Fitted<Mlp>, b: &Fitted<Mlp>) {
    assert_eq!(a.history.epochs, b.history.epochs);
    assert_eq!(weights(&a.model), weights(&b.model));
    assert_eq!((a.best_epoch, a.stopped), (b.best_epoch, b.stopped));
}

pub(crate) fn stop_after(epoch: u32) -> impl FnMut(&EpochReport) -> Control + Send {
    move |report| {
        if report.epoch == epoch {
            Control::Stop
        } else {
            Control::Continue
        }
    }
}
