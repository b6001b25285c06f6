use crate::{
    class_weight::{check_weights, effective_number, inverse_frequency},
    cross_entropy::CrossEntropy,
    error::LossError,
    kernel::RowKernel,
    kernel::softmax,
    loss::{Loss, check_batch},
    reduction::Reduction,
};
use art_core::{ClassCounts, ParamError};
use candle_core::{D, Tensor};
use candle_nn::ops::softmax as softmax_tensor;

/// Cross-entropy with a weight a class.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `exponent` of inverse frequency | 1 | 0 to 1.5 |
/// | `cap` on a weight | none | 5 to 100, logarithmic, if used |
///
/// *Choice.* Code bases scale weights to sum to K, to 1, or to mean 1 over rows, and divide by the
/// weights or by the batch; both interact with the learning rate. Ours have mean 1 over training rows,
/// and the [`Reduction`] is a parameter.
///
/// # References
/// Elkan (2001), "The foundations of cost-sensitive learning", IJCAI, 973-978.
#[derive(Clone, Debug)]
#[must_use]
pub struct CostSensitive {
    weights: Vec<f64>,
    reduction: Reduction,
}

impl CostSensitive {
    /// Weights `(N / (K n_c))^exponent`; see [`inverse_frequency`].
    ///
    /// # Errors
    /// [`ParamError`] when the exponent is not finite.
    pub fn inverse_frequency(counts: &ClassCounts, exponent: f64) -> Result<Self, ParamError> {
        Self::explicit(inverse_frequency(counts, exponent)?)
    }

    /// Weights by the inverse of the effective number of rows, scaled to sum to K (class-balanced loss); see
    /// [`effective_number`].
    ///
    /// # Errors
    /// [`ParamError`] when beta is outside [0, 1).
    pub fn effective_number(counts: &ClassCounts, beta: f64) -> Result<Self, ParamError> {
        Self::explicit(effective_number(counts, beta)?)
    }

    /// These weights, class 0 first, as they are.
    ///
    /// # Errors
    /// [`ParamError`] when a weight is not finite and positive.
    pub fn explicit(weights: Vec<f64>) -> Result<Self, ParamError> {
        check_weights("class weights", &weights)?;
        Ok(Self {
            weights,
            reduction: Reduction::WeightedMean,
        })
    }

    /// No weight above `cap`.
    ///
    /// # Errors
    /// [`ParamError`] when the cap is not positive.
    pub fn cap(mut self, cap: f64) -> Result<Self, ParamError> {
        check_weights("cap", &[cap])?;
        for weight in &mut self.weights {
            *weight = weight.min(cap);
        }
        Ok(self)
    }

    /// How rows are reduced.
    pub fn reduction(mut self, reduction: Reduction) -> Self {
        self.reduction = reduction;
        self
    }
}

impl Loss for CostSensitive {
    fn name(&self) -> &'static str {
        "cost-sensitive"
    }

    fn describe(&self) -> String {
        format!(
            "cost-sensitive(weights={:?}, {:?})",
            self.weights, self.reduction
        )
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        CrossEntropy.per_sample(logits, targets)
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(&CrossEntropy)
    }

    fn class_weights(&self) -> Option<&[f64]> {
        Some(&self.weights)
    }

    fn reduction(&self) -> Reduction {
        self.reduction
    }
}

/// What it costs to predict one class when the truth is another.
///
/// ```
/// use art_losses::CostMatrix;
/// // A missed positive costs five times a false alarm.
/// let costs = CostMatrix::new(vec![vec![0.0, 5.0], vec![1.0, 0.0]])?;
/// assert_eq!(costs.decide(&[0.8, 0.2]), 1);
/// assert_eq!(costs.binary_threshold(), Some(1.0 / 6.0));
/// # Ok::<(), art_core::ParamError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct CostMatrix {
    costs: Vec<Vec<f64>>,
}

impl CostMatrix {
    /// The matrix `costs[predicted][truth]`.
    ///
    /// # Errors
    /// [`ParamError`] when it is not square with at least two classes, a cost is not finite, or a wrong
    /// prediction of some class costs no more than the right one.
    pub fn new(costs: Vec<Vec<f64>>) -> Result<Self, ParamError> {
        let k = costs.len();
        if k < 2 || costs.iter().any(|row| row.len() != k) {
            let expected = "a square matrix of at least 2 classes, costs[predicted][truth]";
            return Err(ParamError::new(
                "cost matrix",
                format!("{k} rows"),
                expected,
            ));
        }
        for (predicted, row) in costs.iter().enumerate() {
            for (truth, &cost) in row.iter().enumerate() {
                let right = costs[truth][truth];
                if !cost.is_finite() || (predicted != truth && cost <= right) {
                    let place = format!("{cost} for predicting {predicted} when it is {truth}");
                    let expected = "finite, and more than predicting rightly costs";
                    return Err(ParamError::new("cost", place, expected));
                }
            }
        }
        Ok(Self { costs })
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.costs.len()
    }

    /// The class of least expected cost under calibrated `probabilities`; ties go to the lower class.
    ///
    /// # Panics
    /// If there is not one probability a class.
    pub fn decide(&self, probabilities: &[f64]) -> usize {
        assert_eq!(
            probabilities.len(),
            self.n_classes(),
            "one probability a class"
        );
        let expected = |row: &[f64]| {
            row.iter()
                .zip(probabilities)
                .map(|(c, p)| c * p)
                .sum::<f64>()
        };
        let mut best = 0;
        for predicted in 1..self.n_classes() {
            if expected(&self.costs[predicted]) < expected(&self.costs[best]) {
                best = predicted;
            }
        }
        best
    }

    /// The probability of class 1 above which predicting it costs less; `None` unless there are two
    /// classes.
    pub fn binary_threshold(&self) -> Option<f64> {
        let [not, yes] = &self.costs[..] else {
            return None;
        };
        let false_alarm = yes[0] - not[0];
        Some(false_alarm / (false_alarm + not[1] - yes[1]))
    }

    /// Training weights `v_j = Σ_i≠j C[i][j]`, scaled to mean 1 over rows; exact for two classes.
    ///
    /// # Errors
    /// [`ParamError`] when there is not one count a class, or the costs of a class sum to nothing.
    pub fn class_weights(&self, counts: &ClassCounts) -> Result<Vec<f64>, ParamError> {
        let k = self.n_classes();
        if counts.n_classes() != k {
            return Err(ParamError::new(
                "class counts",
                counts.n_classes(),
                "one a class of the costs",
            ));
        }
        let raw: Vec<f64> = (0..k)
            .map(|truth| {
                (0..k)
                    .filter(|&i| i != truth)
                    .map(|i| self.costs[i][truth])
                    .sum()
            })
            .collect();
        check_weights("summed costs", &raw)?;
        let over_rows: f64 = raw
            .iter()
            .zip(counts.as_slice())
            .map(|(v, &n)| v * n as f64)
            .sum();
        Ok(raw
            .iter()
            .map(|v| v * counts.n_rows() as f64 / over_rows)
            .collect())
    }
}

/// Expected cost `Σ_i p_i C[i][y]`, alone or added to cross-entropy.
///
/// `ℓ = mix · CE + λ · Σ_i p_i C[i][y]` with mix 0 or 1. Gradient of the second term:
/// `p_k (C[k][y] − Σ_i p_i C[i][y])`; it vanishes for confident mistakes, so cross-entropy beside it
/// keeps training alive.
///
/// # References
/// As [`CostSensitive`].
#[derive(Clone, Debug)]
#[must_use]
pub struct ExpectedCost {
    costs: CostMatrix,
    lambda: f64,
    cross_entropy: bool,
}

impl ExpectedCost {
    /// The expected cost alone.
    pub fn new(costs: CostMatrix) -> Self {
        Self {
            costs,
            lambda: 1.0,
            cross_entropy: false,
        }
    }

    /// Cross-entropy plus `lambda` times the expected cost; tuned over 0.01 to 10, logarithmic.
    ///
    /// # Errors
    /// [`ParamError`] when lambda is not positive.
    pub fn with_cross_entropy(costs: CostMatrix, lambda: f64) -> Result<Self, ParamError> {
        check_weights("lambda", &[lambda])?;
        Ok(Self {
            costs,
            lambda,
            cross_entropy: true,
        })
    }
}

impl Loss for ExpectedCost {
    fn name(&self) -> &'static str {
        "expected-cost"
    }

    fn describe(&self) -> String {
        format!(
            "expected-cost(costs={:?}, lambda={}, cross-entropy={})",
            self.costs.costs, self.lambda, self.cross_entropy
        )
    }

    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        check_batch(logits, targets)?;
        let k = logits.dims()[1];
        if k != self.costs.n_classes() {
            return Err(LossError::Classes {
                expected: k,
                found: self.costs.n_classes(),
            });
        }
        // Row y holds the cost of each prediction when the truth is y.
        let by_truth: Vec<f64> = (0..k)
            .flat_map(|y| (0..k).map(move |i| (i, y)))
            .map(|(i, y)| self.costs.costs[i][y])
            .collect();
        let by_truth = Tensor::from_vec(by_truth, (k, k), logits.device())?;
        let costs = by_truth
            .to_dtype(logits.dtype())?
            .index_select(targets, 0)?;
        let expected = (softmax_tensor(logits, D::Minus1)? * costs)?.sum(D::Minus1)?;
        let expected = (expected * self.lambda)?;
        if self.cross_entropy {
            return Ok((expected + CrossEntropy.per_sample(logits, targets)?)?);
        }
        Ok(expected)
    }

    fn n_classes(&self) -> Option<usize> {
        Some(self.costs.n_classes())
    }

    fn kernel(&self) -> Option<&dyn RowKernel> {
        Some(self)
    }
}

impl RowKernel for ExpectedCost {
    fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
        let log_p = softmax(logits, target, gradient);
        let cost = |class: usize| self.costs.costs[class][target];
        let expected: f64 = gradient
            .iter()
            .enumerate()
            .map(|(class, p)| p * cost(class))
            .sum();
        for (class, slot) in gradient.iter_mut().enumerate() {
            let p = *slot;
            *slot = self.lambda * p * (cost(class) - expected);
            if self.cross_entropy {
                *slot += p - f64::from(class == target);
            }
        }
        self.lambda * expected - if self.cross_entropy { log_p } else { 0.0 }
    }
}
