use super::{
    Engine, Extras, Snapshot,
    flat::{decaying, flat, tensors},
};
use crate::{
    error::TrainError,
    model::Model,
    optim::{Moments, Scales},
};
use art_core::Seed;
use art_cuda::{Card, CardError, Kept, Mixed, Table};
use art_data::Dataset;
use art_losses::{Loss, LossError};
use candle_core::DeviceLocation;

/// Trains a model's network on a graphics card; the model itself changes only at the end. Losses are taken on the processor,
/// where they are defined: a step sends rows there and gets logits back.
pub(crate) struct CardEngine<'a, M> {
    model: &'a M,
    network: art_cuda::Network,
    train: Table,
    valid: Table,
    labels: &'a [u32],
    seed: Seed,
    steps: u64,
    weight_decay: f64,
    kept: Option<Kept>,
    logits: Vec<f32>,
    wide_logits: Vec<f64>,
    gradients: Vec<f64>,
    narrow_gradients: Vec<f32>,
}

impl<'a, M: Model> CardEngine<'a, M> {
    /// An engine for `model`, or nothing where there are no passes for its network on a card.
    pub(crate) fn new(
        model: &'a M,
        (train, valid): (&'a Dataset, &'a Dataset),
        seed: Seed,
        batch_size: usize,
        weight_decay: f64,
    ) -> Result<Option<Self>, TrainError> {
        let DeviceLocation::Cuda { gpu_id } = model.device().location() else {
            return Ok(None);
        };
        let layers = model.network().and_then(|network| network.on_card());
        let Some(layers) = layers.filter(|layers| art_cuda::Network::fits(layers)) else {
            return Ok(None);
        };
        let failed = failure(gpu_id);
        let card = Card::new(gpu_id).map_err(&failed)?;
        let table = |data: &Dataset| Table::new(&card, data.features_as_slice(), data.n_features());
        let (on_card_train, on_card_valid) = (
            table(train).map_err(&failed)?,
            table(valid).map_err(&failed)?,
        );
        let parameters = flat(model.parameters().iter().map(|p| p.var.as_tensor()))?;
        // Evaluation goes through in batches of its own.
        let room = batch_size.min(train.n_rows()).max(model.evaluation_batch());
        let network = art_cuda::Network::new(card, layers, &parameters, &decaying(model), room);
        let mut engine = Self {
            model,
            network: network.map_err(&failed)?,
            train: on_card_train,
            valid: on_card_valid,
            labels: train.labels(),
            seed,
            steps: 0,
            weight_decay,
            kept: None,
            logits: vec![],
            wide_logits: vec![],
            gradients: vec![],
            narrow_gradients: vec![],
        };
        engine.keep()?;
        Ok(Some(engine))
    }

    fn failed(&self, error: CardError) -> TrainError {
        match self.model.device().location() {
            DeviceLocation::Cuda { gpu_id } => failure(gpu_id)(error),
            _ => unreachable!("an engine of a card"),
        }
    }

    fn set_state(&mut self, state: [&[f32]; 3]) -> Result<(), TrainError> {
        let set = self.network.set_state(state);
        set.map_err(|error| self.failed(error))
    }

    fn kept(&self) -> Result<Vec<f32>, TrainError> {
        let kept = self.kept.as_ref().expect("weights are kept from the start");
        self.network.kept(kept).map_err(|error| self.failed(error))
    }

    /// The loss of these training rows; its gradient is then on the card.
    fn differentiate(
        &mut self,
        rows: &[u32],
        extras: Extras<'_>,
        loss: &dyn Loss,
    ) -> Result<f64, TrainError> {
        let n = rows.len() * self.model.n_classes();
        self.logits.resize(n, 0.0);
        self.gradients.resize(n, 0.0);
        let mixed = extras.mix.map(|mix| Mixed {
            partners: &mix.partners,
            lambda: mix.lambda,
        });
        let generator = art_cuda::seeded(self.seed.derive("dropout", self.steps + 1).value());
        let logits = &mut self.logits;
        self.network
            .forward(&self.train, rows, mixed, Some(generator), logits)
            .map_err(|error| self.failed(error))?;
        self.wide_logits.clear();
        self.wide_logits
            .extend(self.logits.iter().map(|&x| f64::from(x)));
        let labels: Vec<u32> = rows.iter().map(|&row| self.labels[row as usize]).collect();
        let labels = (&labels[..], self.labels);
        let value =
            extras.value_and_gradient(loss, labels, &self.wide_logits, &mut self.gradients)?;
        if value.is_finite() {
            self.narrow_gradients.clear();
            self.narrow_gradients
                .extend(self.gradients.iter().map(|&x| x as f32));
            self.network
                .backward(&self.narrow_gradients)
                .map_err(|error| self.failed(error))?;
        }
        Ok(value)
    }
}

fn failure(gpu: usize) -> impl Fn(CardError) -> TrainError {
    move |error| TrainError::Device {
        device: format!("cuda:{gpu}"),
        reason: error.to_string(),
    }
}

impl<M: Model> Engine for CardEngine<'_, M> {
    fn arithmetic(&self) -> &'static str {
        super::ON_AN_ACCELERATOR
    }

    fn step(
        &mut self,
        rows: &[u32],
        extras: Extras<'_>,
        loss: &dyn Loss,
        learning_rate: f64,
    ) -> Result<f64, TrainError> {
        let value = match self.differentiate(rows, extras, loss) {
            Err(TrainError::Loss(LossError::NonFinite { value, .. })) => return Ok(value),
            value => value?,
        };
        if value.is_finite() {
            self.steps += 1;
            let scales = Scales::new(self.steps, learning_rate, self.weight_decay);
            let scales = art_cuda::AdamW {
                decay: scales.decay,
                first: scales.first,
                second: scales.second,
            };
            self.network
                .step(scales)
                .map_err(|error| self.failed(error))?;
        }
        Ok(value)
    }

    fn steps(&self) -> u64 {
        self.steps
    }

    fn validation_logits(&mut self) -> Result<Vec<f32>, TrainError> {
        let logits = self.network.evaluate(&self.valid);
        logits.map_err(|error| self.failed(error))
    }

    fn training_logits(&mut self) -> Result<Vec<f32>, TrainError> {
        let logits = self.network.evaluate(&self.train);
        logits.map_err(|error| self.failed(error))
    }

    fn keep(&mut self) -> Result<(), TrainError> {
        let kept = self.network.keep(&mut self.kept);
        kept.map_err(|error| self.failed(error))
    }

    fn snapshot(&self) -> Result<Snapshot, TrainError> {
        let [weights, first, second] = self.network.state().map_err(|error| self.failed(error))?;
        let moments = tensors(self.model, &first)?
            .into_iter()
            .zip(tensors(self.model, &second)?);
        Ok(Snapshot {
            steps: self.steps,
            weights: tensors(self.model, &weights)?,
            kept: tensors(self.model, &self.kept()?)?,
            moments: moments
                .map(|(first, second)| Moments { first, second })
                .collect(),
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), TrainError> {
        let kept = flat(snapshot.kept.iter())?;
        let weights = flat(snapshot.weights.iter())?;
        let first = flat(snapshot.moments.iter().map(|m| &m.first))?;
        let second = flat(snapshot.moments.iter().map(|m| &m.second))?;
        // What is kept is what the card has at the time.
        self.set_state([&kept, &first, &second])?;
        self.keep()?;
        self.set_state([&weights, &first, &second])?;
        self.steps = snapshot.steps;
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TrainError> {
        let kept = tensors(self.model, &self.kept()?)?;
        for (parameter, tensor) in self.model.parameters().iter().zip(kept) {
            parameter.var.set(&tensor.to_device(self.model.device())?)?;
        }
        Ok(())
    }
}
