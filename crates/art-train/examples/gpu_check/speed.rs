//! How long an epoch takes, and what share of it ART's refreshes are.

use art_core::{ArtParams, ArtSampler, Seed};
use art_data::{GaussianClasses, TrainSet, ValidSet};
use art_losses::CrossEntropy;
use art_train::{Cnn, CnnParams, Device, EpochTiming, Mlp, MlpParams, Model, TrainParams, Trainer};
use serde::Serialize;
use std::{error::Error, time::Duration};

/// Seconds of the parts of an epoch, epoch after epoch.
#[derive(Serialize)]
pub(crate) struct Times {
    net: String,
    rows: usize,
    batch: usize,
    /// Drawing rows.
    draw: Vec<f64>,
    /// Training on them.
    train: Vec<f64>,
    /// Validation rows and their scores.
    validation: Vec<f64>,
    /// ART's new class proportions and quotas.
    refresh: Vec<f64>,
    /// The last training loss: a network that learns nothing is fast for nothing.
    train_loss: f64,
}

/// A network and how much of it is trained.
pub(crate) struct Work<'a> {
    net: &'a str,
    rows: usize,
    batch: usize,
    epochs: u32,
}

impl<'a> Work<'a> {
    pub(crate) fn new(net: &'a str, batch: usize, epochs: u32) -> Result<Self, Box<dyn Error>> {
        let rows = match net {
            "cnn-16-32-fc64" => 60_000,
            "mlp-384-1024-1024-2" => 131_072,
            other => return Err(format!("unknown network {other:?}").into()),
        };
        Ok(Self {
            net,
            rows,
            batch,
            epochs,
        })
    }

    fn model(&self, seed: Seed, device: &Device) -> Result<Box<dyn Model>, Box<dyn Error>> {
        Ok(if self.net == "cnn-16-32-fc64" {
            Box::new(Cnn::new(CnnParams::new(28, 28, 10).check()?, seed, device)?)
        } else {
            let config = MlpParams::new(384, 2).hidden([1024, 1024]).check()?;
            Box::new(Mlp::new(config, seed, device)?)
        })
    }

    /// Trains by ART with a refresh after every epoch.
    pub(crate) fn train(&self, device: &Device, by_tensors: bool) -> Result<Times, Box<dyn Error>> {
        let seed = Seed::new(0);
        let model = self.model(seed, device)?;
        let classes = model.n_classes();
        let set = |rows: usize, seed| {
            let counts = vec![rows / classes; classes];
            GaussianClasses::new(counts, model.n_features()).generate(Seed::new(seed))
        };
        let train = TrainSet::new(set(self.rows, 1)?);
        let valid = ValidSet::new(set(self.rows / 6, 2)?)?;
        let config = TrainParams::new()
            .max_epochs(self.epochs)
            .batch_size(self.batch)
            .never_stop_early();
        let art = ArtParams::new().boost_frequency(1).check()?;
        let sampler = ArtSampler::new(art, train.data().class_index()?, seed)?;
        let mut trainer = Trainer::new(config.check()?, seed);
        if by_tensors {
            trainer = trainer.with_tensor_operations();
        }
        let history = trainer
            .fit(model, &CrossEntropy, Box::new(sampler), &train, &valid)?
            .history;
        let seconds = |part: fn(&EpochTiming) -> Duration| {
            let parts = history.timing.iter();
            parts.map(|timing| part(timing).as_secs_f64()).collect()
        };
        Ok(Times {
            net: self.net.to_owned(),
            rows: train.data().n_rows(),
            batch: self.batch,
            draw: seconds(|t| t.draw),
            train: seconds(|t| t.train),
            validation: seconds(|t| t.forward + t.score),
            refresh: seconds(|t| t.refresh),
            train_loss: history
                .epochs
                .last()
                .map_or(f64::NAN, |epoch| epoch.train_loss),
        })
    }
}
