//! Values and gradients of cross-entropy, and the two reductions.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use approx::assert_abs_diff_eq;
use art_losses::{CrossEntropy, Loss, LossError, Reduction};
use candle_core::{DType, Device, Tensor, Var};

const LOGITS: [[f64; 3]; 3] = [[2.0, 1.0, -1.0], [0.5, -0.25, 3.0], [0.0, 0.0, 0.0]];
const TARGETS: [u32; 3] = [1, 0, 2];

fn targets() -> Tensor {
    Tensor::new(&TARGETS, &Device::Cpu).unwrap()
}

fn log_sum_exp(row: [f64; 3]) -> f64 {
    row.iter().map(|z| z.exp()).sum::<f64>().ln()
}

#[test]
fn values_are_negative_log_probabilities() {
    let logits = Tensor::new(&LOGITS, &Device::Cpu).unwrap();
    let values = CrossEntropy.per_sample(&logits, &targets()).unwrap();
    for (i, value) in values.to_vec1::<f64>().unwrap().into_iter().enumerate() {
        let expected = log_sum_exp(LOGITS[i]) - LOGITS[i][TARGETS[i] as usize];
        assert_abs_diff_eq!(value, expected, epsilon = 1e-12);
    }
}

#[test]
fn gradients_agree_with_central_differences() {
    let loss_of = |logits: &Tensor| CrossEntropy.forward(logits, &targets()).unwrap();
    let logits = Var::new(&LOGITS, &Device::Cpu).unwrap();
    let gradients = loss_of(&logits).backward().unwrap();
    let gradient = gradients.get(&logits).unwrap().to_vec2::<f64>().unwrap();
    let step = 1e-5;
    for i in 0..3 {
        for j in 0..3 {
            let shifted = |by: f64| {
                let mut values = LOGITS;
                values[i][j] += by;
                let logits = Tensor::new(&values, &Device::Cpu).unwrap();
                loss_of(&logits).to_scalar::<f64>().unwrap()
            };
            let difference = (shifted(step) - shifted(-step)) / (2.0 * step);
            assert_abs_diff_eq!(gradient[i][j], difference, epsilon = 1e-8);
        }
    }
}

#[test]
fn extreme_logits_stay_finite() {
    let logits = Var::new(&[[1e4_f32, -1e4], [-1e4, 1e4]], &Device::Cpu).unwrap();
    let targets = Tensor::new(&[1_u32, 1], &Device::Cpu).unwrap();
    let loss = CrossEntropy.forward(&logits, &targets).unwrap();
    assert_eq!(loss.to_scalar::<f32>().unwrap(), 1e4);
    let gradients = loss.backward().unwrap();
    let gradient = gradients.get(&logits).unwrap().flatten_all().unwrap();
    assert!(
        gradient
            .to_vec1::<f32>()
            .unwrap()
            .iter()
            .all(|g| g.is_finite())
    );
}

/// Cross-entropy with the class weights 1, 2 and 4.
struct Weighted(Reduction);

impl Loss for Weighted {
    fn name(&self) -> &'static str {
        "weighted"
    }
    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        CrossEntropy.per_sample(logits, targets)
    }
    fn class_weights(&self) -> Option<&[f64]> {
        Some(&[1.0, 2.0, 4.0])
    }
    fn reduction(&self) -> Reduction {
        self.0
    }
}

#[test]
fn reductions_divide_by_the_weights_or_by_the_batch() {
    let logits = Tensor::new(&LOGITS, &Device::Cpu).unwrap();
    let values = CrossEntropy.per_sample(&logits, &targets()).unwrap();
    let values = values.to_vec1::<f64>().unwrap();
    let total = 2.0 * values[0] + values[1] + 4.0 * values[2];
    let reduced = |reduction| {
        let loss = Weighted(reduction).forward(&logits, &targets()).unwrap();
        loss.to_scalar::<f64>().unwrap()
    };
    assert_abs_diff_eq!(
        reduced(Reduction::WeightedMean),
        total / 7.0,
        epsilon = 1e-12
    );
    assert_abs_diff_eq!(reduced(Reduction::BatchMean), total / 3.0, epsilon = 1e-12);
}

#[test]
fn an_empty_batch_costs_nothing() {
    let logits = Tensor::zeros((0, 3), DType::F32, &Device::Cpu).unwrap();
    let targets = Tensor::zeros(0, DType::U32, &Device::Cpu).unwrap();
    let loss = CrossEntropy.forward(&logits, &targets).unwrap();
    assert_eq!(loss.to_scalar::<f32>().unwrap(), 0.0);
}

#[test]
fn shapes_and_types_that_do_not_fit_are_refused() {
    let logits = Tensor::new(&LOGITS, &Device::Cpu).unwrap();
    let short = Tensor::new(&[1_u32], &Device::Cpu).unwrap();
    let error = CrossEntropy.per_sample(&logits, &short).unwrap_err();
    assert!(matches!(error, LossError::Shape { .. }), "{error}");
    let floats = targets().to_dtype(DType::F32).unwrap();
    let error = CrossEntropy.per_sample(&logits, &floats).unwrap_err();
    assert_eq!(error.to_string(), "targets are F32, expected u32");
    let whole = logits.to_dtype(DType::U8).unwrap();
    assert!(CrossEntropy.per_sample(&whole, &targets()).is_err());
}
