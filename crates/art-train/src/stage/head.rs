use crate::{error::TrainError, model::Model};
use art_core::Stream;
use art_losses::Head;
use candle_core::Tensor;

/// A linear layer `z = W x + b` on the CPU.
#[derive(Clone, Debug, PartialEq)]
pub struct LinearHead {
    n_features: usize,
    n_classes: usize,
    /// The rows of W, then b.
    values: Vec<f32>,
}

impl LinearHead {
    /// A fresh layer: weights uniform with mean 0 and variance 1 / `n_features`, biases 0.
    pub fn new(n_features: usize, n_classes: usize, stream: &mut Stream) -> Self {
        let bound = (3.0 / n_features as f64).sqrt();
        let mut head = Self::zeros(n_features, n_classes);
        for weight in &mut head.values[..n_classes * n_features] {
            *weight = ((2.0 * stream.unit() - 1.0) * bound) as f32;
        }
        head
    }

    /// A layer of zeros.
    pub fn zeros(n_features: usize, n_classes: usize) -> Self {
        Self {
            n_features,
            n_classes,
            values: vec![0.0; n_classes * (n_features + 1)],
        }
    }

    /// The last layer of `model`.
    pub(super) fn of(model: &impl Model) -> Result<Self, TrainError> {
        let [.., weight, bias] = model.parameters() else {
            return Err(no_linear_head(model));
        };
        if model.head() != Head::Linear || weight.var.dims().len() != 2 {
            return Err(no_linear_head(model));
        }
        let (n_classes, n_features) = weight.var.dims2()?;
        let mut values = weight.var.flatten_all()?.to_vec1::<f32>()?;
        values.extend(bias.var.to_vec1::<f32>()?);
        Ok(Self {
            n_features,
            n_classes,
            values,
        })
    }

    /// Puts this layer in the place of the model's last one.
    pub(super) fn write_to(&self, model: &impl Model) -> Result<(), TrainError> {
        let [.., weight, bias] = model.parameters() else {
            return Err(no_linear_head(model));
        };
        let (w, b) = self.values.split_at(self.n_classes * self.n_features);
        let shape = (self.n_classes, self.n_features);
        weight
            .var
            .set(&Tensor::from_slice(w, shape, model.device())?)?;
        bias.var
            .set(&Tensor::from_slice(b, self.n_classes, model.device())?)?;
        Ok(())
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Features of a row.
    pub fn n_features(&self) -> usize {
        self.n_features
    }

    /// The rows of W, then b.
    pub fn values(&self) -> &[f32] {
        &self.values
    }

    /// The rows of W, then b, to change.
    pub fn values_mut(&mut self) -> &mut [f32] {
        &mut self.values
    }

    /// The logits `(rows, n_classes)` of `features` `(rows, n_features)`, both row after row.
    ///
    /// # Panics
    /// If the features are no whole number of rows.
    pub fn logits(&self, features: &[f32]) -> Vec<f32> {
        assert!(features.len().is_multiple_of(self.n_features), "whole rows");
        let (weight, bias) = self.values.split_at(self.n_classes * self.n_features);
        let rows = features.chunks_exact(self.n_features);
        let of_row = |row: &[f32]| {
            let classes = weight.chunks_exact(self.n_features).zip(bias);
            classes.map(|(w, b)| dot(w, row) + b).collect::<Vec<f32>>()
        };
        rows.flat_map(of_row).collect()
    }

    /// Multiplies each class's weights and bias.
    pub(super) fn scale(&mut self, factors: &[f32]) {
        let (weight, bias) = self.values.split_at_mut(self.n_classes * self.n_features);
        for ((weight, bias), factor) in weight
            .chunks_exact_mut(self.n_features)
            .zip(bias)
            .zip(factors)
        {
            for w in weight {
                *w *= factor;
            }
            *bias *= factor;
        }
    }

    /// Adds the gradient of a loss to this layer, which then stands for a gradient: `logit_gradients`
    /// `(rows, n_classes)` are the derivatives with respect to the logits of the rows of `features`.
    pub(super) fn add_gradient(&mut self, features: &[f32], logit_gradients: &[f64]) {
        let (weight, bias) = self.values.split_at_mut(self.n_classes * self.n_features);
        let rows = features.chunks_exact(self.n_features);
        for (row, partials) in rows.zip(logit_gradients.chunks_exact(self.n_classes)) {
            let classes = weight
                .chunks_exact_mut(self.n_features)
                .zip(bias.iter_mut());
            for ((w, b), &partial) in classes.zip(partials) {
                let partial = partial as f32;
                for (w, x) in w.iter_mut().zip(row) {
                    *w += partial * x;
                }
                *b += partial;
            }
        }
    }
}

fn no_linear_head(model: &impl Model) -> TrainError {
    TrainError::Mismatch {
        what: "the model's last layer",
        expected: "weights and biases of a linear layer (for a second stage)".into(),
        found: format!("that of {}", model.describe()),
    }
}

/// Sixteen sums side by side, so that the compiler may use wide registers without changing their order.
fn dot(a: &[f32], b: &[f32]) -> f32 {
    const LANES: usize = 16;
    let mut sums = [0.0_f32; LANES];
    let (a_head, a_tail) = a.as_chunks::<LANES>();
    let (b_head, b_tail) = b.as_chunks::<LANES>();
    for (a, b) in a_head.iter().zip(b_head) {
        for lane in 0..LANES {
            sums[lane] += a[lane] * b[lane];
        }
    }
    let tail: f32 = a_tail.iter().zip(b_tail).map(|(a, b)| a * b).sum();
    sums.iter().sum::<f32>() + tail
}
