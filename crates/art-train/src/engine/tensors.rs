use super::{Engine, Extras, Snapshot};
use crate::{
    device_set::{DeviceSet, in_batches},
    error::TrainError,
    model::{Mode, Model},
    optim::{AdamW, Moments},
};
use art_core::Seed;
use art_data::Dataset;
use art_losses::{FeatureBatch, FeatureLoss, Loss};
use candle_core::{DType, Tensor};

/// Trains by tensor operations, on any device.
pub(crate) struct TensorEngine<'a, M> {
    model: &'a M,
    train: DeviceSet,
    valid: DeviceSet,
    /// The label of each training row.
    labels: Vec<u32>,
    n_valid: usize,
    seed: Seed,
    optimizer: AdamW,
    kept: Vec<Tensor>,
    weight_decay: f64,
}

impl<'a, M: Model> TensorEngine<'a, M> {
    pub(crate) fn new(
        model: &'a M,
        (train, valid): (&Dataset, &Dataset),
        seed: Seed,
        weight_decay: f64,
    ) -> Result<Self, TrainError> {
        Ok(Self {
            model,
            train: DeviceSet::new(train, model)?,
            valid: DeviceSet::new(valid, model)?,
            labels: train.labels().to_vec(),
            n_valid: valid.n_rows(),
            seed,
            optimizer: AdamW::new(model.parameters(), weight_decay)?,
            kept: copy_weights(model)?,
            weight_decay,
        })
    }

    fn logits(&self, set: &DeviceSet, n_rows: usize) -> Result<Vec<f32>, TrainError> {
        in_batches(set, n_rows, self.model.evaluation_batch(), |rows| {
            self.model.forward(rows, Mode::Eval)
        })
    }
}

impl<M: Model> Engine for TensorEngine<'_, M> {
    fn arithmetic(&self) -> &'static str {
        if self.model.device().is_cpu() {
            super::TENSORS
        } else {
            super::ON_AN_ACCELERATOR
        }
    }

    fn step(
        &mut self,
        rows: &[u32],
        extras: Extras<'_>,
        loss: &dyn Loss,
        learning_rate: f64,
    ) -> Result<f64, TrainError> {
        let mode = Mode::Train {
            seed: self.seed,
            step: self.optimizer.step_count() + 1,
        };
        let indices = Tensor::from_slice(rows, rows.len(), self.model.device())?;
        let features = self.train.features.index_select(&indices, 0)?;
        let labels = self.train.labels.index_select(&indices, 0)?;
        let inputs = match extras.mix {
            None => features,
            Some(mix) => {
                let partners = Tensor::from_slice(&mix.partners, rows.len(), self.model.device())?;
                let others = self.train.features.index_select(&partners, 0)?;
                let (own, other) = (f64::from(mix.lambda), f64::from(1.0 - mix.lambda));
                ((features * own)? + (others * other)?)?
            }
        };
        let mut on_features = 0.0;
        let mut surrogate = None;
        let logits = if let Some((feature_loss, factor)) = extras.on_features {
            let features = self.model.features(&inputs, mode)?;
            let logits = self.model.logits(&features)?;
            let (value, gradients) = of_features(feature_loss, &features, &logits, &labels)?;
            on_features = factor * value;
            surrogate = Some(((features * gradients)? * factor)?.sum_all()?);
            logits
        } else {
            self.model.forward(&inputs, mode)?
        };
        let own: Vec<u32> = rows.iter().map(|&row| self.labels[row as usize]).collect();
        let value = match extras.terms(&own, &self.labels) {
            Some(terms) => terms.with(|terms| Ok(terms.forward(loss, &logits)?))?,
            None => loss.forward(&logits, &labels)?,
        };
        let scalar = f64::from(value.to_scalar::<f32>()?) + on_features;
        let value = match surrogate {
            Some(surrogate) => (value + surrogate)?,
            None => value,
        };
        if scalar.is_finite() {
            let gradients = value.backward()?;
            self.optimizer
                .step(self.model.parameters(), &gradients, learning_rate)?;
        }
        Ok(scalar)
    }

    fn steps(&self) -> u64 {
        self.optimizer.step_count()
    }

    fn validation_logits(&mut self) -> Result<Vec<f32>, TrainError> {
        self.logits(&self.valid, self.n_valid)
    }

    fn training_logits(&mut self) -> Result<Vec<f32>, TrainError> {
        self.logits(&self.train, self.labels.len())
    }

    fn keep(&mut self) -> Result<(), TrainError> {
        self.kept = copy_weights(self.model)?;
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, TrainError> {
        Ok(Snapshot {
            steps: self.optimizer.step_count(),
            weights: copy_weights(self.model)?,
            kept: self.kept.clone(),
            moments: self.optimizer.moments().to_vec(),
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), TrainError> {
        let to_device = |tensor: &Tensor| tensor.to_device(self.model.device());
        for (parameter, weights) in self.model.parameters().iter().zip(&snapshot.weights) {
            parameter.var.set(&to_device(weights)?)?;
        }
        self.kept = snapshot
            .kept
            .iter()
            .map(to_device)
            .collect::<Result<_, _>>()?;
        let moments = snapshot.moments.iter().map(|moments| {
            Ok(Moments {
                first: to_device(&moments.first)?,
                second: to_device(&moments.second)?,
            })
        });
        let moments = moments.collect::<Result<_, TrainError>>()?;
        self.optimizer = AdamW::from_state(self.weight_decay, snapshot.steps, moments);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TrainError> {
        for (parameter, weights) in self.model.parameters().iter().zip(&self.kept) {
            parameter.var.set(weights)?;
        }
        Ok(())
    }
}

/// A loss on features and its gradients with respect to them. The tensor counts as constant: the sum of their products with
/// the features has the loss's gradients.
fn of_features(
    loss: &dyn FeatureLoss,
    features: &Tensor,
    logits: &Tensor,
    targets: &Tensor,
) -> Result<(f64, Tensor), TrainError> {
    let values = |tensor: &Tensor| tensor.to_dtype(DType::F64)?.flatten_all()?.to_vec1::<f64>();
    let (numbers, logits, targets) = (values(features)?, values(logits)?, targets.to_vec1()?);
    let batch = FeatureBatch::new(&numbers, &logits, &targets)?;
    let mut gradients = vec![0.0; numbers.len()];
    let value = loss.value_and_gradient(&batch, &mut gradients)?;
    let gradients = Tensor::from_vec(gradients, features.shape(), features.device())?;
    Ok((value, gradients.to_dtype(features.dtype())?))
}

/// The parameters' values, apart from the model.
fn copy_weights(model: &impl Model) -> Result<Vec<Tensor>, TrainError> {
    let copies = model
        .parameters()
        .iter()
        .map(|p| p.var.as_detached_tensor().copy());
    Ok(copies.collect::<Result<_, _>>()?)
}
