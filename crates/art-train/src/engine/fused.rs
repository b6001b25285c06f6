use super::{
    Engine, Extras, Snapshot,
    evaluation::Evaluation,
    flat::{decaying, flat, tensors},
};
use crate::{
    error::TrainError,
    fused::{Network, Part},
    model::{Model, fill_dropout_mask},
    optim::{FlatAdamW, Moments},
};
use art_core::Seed;
use art_data::Dataset;
use art_losses::{FeatureBatch, Loss, LossError};
use pulp::{Simd, WithSimd};
use rayon::prelude::*;

/// Trains a model's fused form; the model itself changes only at the end.
pub(crate) struct FusedEngine<'a, M> {
    model: &'a M,
    network: Network,
    train: &'a Dataset,
    valid: &'a Dataset,
    seed: Seed,
    parameters: Vec<f32>,
    kept: Vec<f32>,
    optimizer: FlatAdamW,
    part_rows: usize,
    parts: Vec<Part>,
    evaluation: Evaluation,
    /// That of training rows, for samplers that want it.
    training_evaluation: Evaluation,
    /// Factors of each layer's outputs for the whole batch; empty where nothing is dropped.
    masks: Vec<Vec<f32>>,
    labels: Vec<u32>,
    logits: Vec<f64>,
    gradients: Vec<f64>,
}

impl<'a, M: Model> FusedEngine<'a, M> {
    pub(crate) fn new(
        model: &'a M,
        network: Network,
        (train, valid): (&'a Dataset, &'a Dataset),
        seed: Seed,
        batch_size: usize,
        weight_decay: f64,
    ) -> Result<Self, TrainError> {
        let parameters = flat(model.parameters().iter().map(|p| p.var.as_tensor()))?;
        assert_eq!(
            parameters.len(),
            network.n_parameters(),
            "both forms have the same parameters"
        );
        let batch_size = batch_size.min(train.n_rows());
        let part_rows = network.part_rows(batch_size);
        let masks = network.layers.iter().map(|layer| {
            let is_dropping = layer.dropout() > 0.0;
            Vec::with_capacity(if is_dropping {
                batch_size * layer.sizes().outputs
            } else {
                0
            })
        });
        Ok(Self {
            model,
            train,
            valid,
            seed,
            kept: parameters.clone(),
            optimizer: FlatAdamW::new(parameters.len(), weight_decay, decaying(model)),
            parts: vec![],
            evaluation: Evaluation::default(),
            training_evaluation: Evaluation::default(),
            masks: masks.collect(),
            labels: Vec::with_capacity(batch_size),
            logits: Vec::with_capacity(batch_size * model.n_classes()),
            gradients: Vec::with_capacity(batch_size * model.n_classes()),
            part_rows,
            parameters,
            network,
        })
    }

    /// The dropout masks of a step of `n` rows.
    fn draw_masks(&mut self, n: usize, step: u64) {
        let mut stream = self.seed.stream("dropout", step);
        for (mask, layer) in self.masks.iter_mut().zip(&self.network.layers) {
            if layer.dropout() > 0.0 {
                mask.resize(n * layer.sizes().outputs, 0.0);
                fill_dropout_mask(&mut stream, layer.dropout(), mask);
            }
        }
    }

    /// The loss of these training rows; its gradients with respect to the parameters are then in the first part.
    pub(super) fn differentiate(
        &mut self,
        rows: &[u32],
        extras: Extras<'_>,
        loss: &dyn Loss,
        step: u64,
    ) -> Result<f64, TrainError> {
        self.draw_masks(rows.len(), step);
        let (network, parameters, train) = (&self.network, &self.parameters, self.train);
        self.labels.clear();
        self.labels
            .extend(rows.iter().map(|&row| train.labels()[row as usize]));
        let n_classes = train.n_classes();
        self.logits.resize(rows.len() * n_classes, 0.0);
        self.gradients.resize(rows.len() * n_classes, 0.0);

        let part_rows = self.part_rows;
        let n_parts = rows.len().div_ceil(part_rows);
        // The first batch makes the buffers; a later one is larger where a sampler draws more rows than
        // there are.
        while self.parts.len() < n_parts {
            self.parts.push(Part::new(network, part_rows));
        }
        let parts = &mut self.parts[..n_parts];
        let masks = &self.masks;
        let mask_of = move |first: usize, n: usize| {
            move |layer: usize| {
                let width = network.layers[layer].sizes().outputs;
                let mask = &masks[layer];
                if mask.is_empty() {
                    &mask[..]
                } else {
                    &mask[first * width..][..n * width]
                }
            }
        };
        let forward = |index: usize, part: &mut Part, rows: &[u32], logits: &mut [f64]| {
            let numbers = rows.iter().map(|&row| row as usize);
            let (features, width) = (train.features_as_slice(), train.n_features());
            part.load(features, numbers, width);
            if let Some(mix) = extras.mix {
                let partners = &mix.partners[index * part_rows..][..rows.len()];
                part.mix(features, partners, mix.lambda, width);
            }
            let mask = mask_of(index * part_rows, rows.len());
            let found = part.forward(network, parameters, mask);
            for (slot, &logit) in logits.iter_mut().zip(found) {
                *slot = f64::from(logit);
            }
        };
        match &mut *parts {
            [part] => forward(0, part, rows, &mut self.logits),
            parts => parts
                .par_iter_mut()
                .zip(rows.par_chunks(part_rows))
                .zip(self.logits.par_chunks_mut(part_rows * n_classes))
                .enumerate()
                .for_each(|(index, ((part, rows), logits))| forward(index, part, rows, logits)),
        }
        let labels = (&self.labels[..], train.labels());
        let mut value =
            extras.value_and_gradient(loss, labels, &self.logits, &mut self.gradients)?;
        let feature_gradients = match extras.on_features {
            None => vec![],
            Some((loss, factor)) => {
                let of_parts = parts.iter().flat_map(|part| part.features(network));
                let features: Vec<f64> = of_parts.map(|&x| f64::from(x)).collect();
                let batch = FeatureBatch::new(&features, &self.logits, &self.labels)?;
                let mut gradients = vec![0.0; features.len()];
                value += factor * loss.value_and_gradient(&batch, &mut gradients)?;
                gradients
                    .iter()
                    .map(|gradient| (factor * gradient) as f32)
                    .collect()
            }
        };
        let feature_gradients_of = |first: usize, n: usize| {
            let width = feature_gradients.len() / rows.len();
            &feature_gradients[first * width..][..n * width]
        };
        let backward = |index: usize, part: &mut Part, gradients: &[f64]| {
            let (first, n) = (index * part_rows, gradients.len() / n_classes);
            let of_features = feature_gradients_of(first, n);
            part.backward(
                network,
                parameters,
                gradients,
                of_features,
                mask_of(first, n),
            );
        };
        match &mut *parts {
            [part] => backward(0, part, &self.gradients),
            parts => parts
                .par_iter_mut()
                .zip(self.gradients.par_chunks(part_rows * n_classes))
                .enumerate()
                .for_each(|(index, (part, gradients))| backward(index, part, gradients)),
        }
        if let [first, others @ ..] = parts {
            for other in others {
                pulp::Arch::new().dispatch(Add {
                    sum: &mut first.gradient,
                    values: &other.gradient,
                });
            }
        }
        Ok(value)
    }

    #[cfg(test)]
    pub(super) fn gradient(&self) -> &[f32] {
        &self.parts[0].gradient
    }
}

impl<M: Model> Engine for FusedEngine<'_, M> {
    fn arithmetic(&self) -> &'static str {
        super::FUSED
    }

    fn step(
        &mut self,
        rows: &[u32],
        extras: Extras<'_>,
        loss: &dyn Loss,
        learning_rate: f64,
    ) -> Result<f64, TrainError> {
        let step = self.optimizer.step_count() + 1;
        let value = match self.differentiate(rows, extras, loss, step) {
            Err(TrainError::Loss(LossError::NonFinite { value, .. })) => return Ok(value),
            value => value?,
        };
        if value.is_finite() {
            let gradient = &self.parts[0].gradient;
            self.optimizer
                .step(&mut self.parameters, gradient, learning_rate);
        }
        Ok(value)
    }

    fn steps(&self) -> u64 {
        self.optimizer.step_count()
    }

    fn validation_logits(&mut self) -> Result<Vec<f32>, TrainError> {
        Ok(self
            .evaluation
            .logits(&self.network, &self.parameters, self.valid))
    }

    fn training_logits(&mut self) -> Result<Vec<f32>, TrainError> {
        Ok(self
            .training_evaluation
            .logits(&self.network, &self.parameters, self.train))
    }

    fn keep(&mut self) -> Result<(), TrainError> {
        self.kept.copy_from_slice(&self.parameters);
        Ok(())
    }

    fn snapshot(&self) -> Result<Snapshot, TrainError> {
        let (first, second) = self.optimizer.moments();
        let moments = tensors(self.model, first)?
            .into_iter()
            .zip(tensors(self.model, second)?);
        Ok(Snapshot {
            steps: self.optimizer.step_count(),
            weights: tensors(self.model, &self.parameters)?,
            kept: tensors(self.model, &self.kept)?,
            moments: moments
                .map(|(first, second)| Moments { first, second })
                .collect(),
        })
    }

    fn restore(&mut self, snapshot: &Snapshot) -> Result<(), TrainError> {
        self.parameters = flat(snapshot.weights.iter())?;
        self.kept = flat(snapshot.kept.iter())?;
        let first = flat(snapshot.moments.iter().map(|m| &m.first))?;
        let second = flat(snapshot.moments.iter().map(|m| &m.second))?;
        self.optimizer.restore(snapshot.steps, first, second);
        Ok(())
    }

    fn finish(&mut self) -> Result<(), TrainError> {
        let kept = tensors(self.model, &self.kept)?;
        for (parameter, tensor) in self.model.parameters().iter().zip(kept) {
            parameter.var.set(&tensor)?;
        }
        Ok(())
    }
}

struct Add<'a> {
    sum: &'a mut [f32],
    values: &'a [f32],
}

impl WithSimd for Add<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        for (sum, value) in self.sum.iter_mut().zip(self.values) {
            *sum += value;
        }
    }
}
