use crate::{
    error::LossError,
    feature::{FeatureBatch, FeatureLoss, UnitRows, dot},
};
use art_core::{
    ParamError,
    elementary::{exp, ln},
};

/// Settings of [`HardNegatives`], not yet checked.
#[derive(Clone, Copy, Debug)]
#[must_use]
pub struct HardNegativesParams {
    temperature: f64,
    hardness: f64,
    factor: f64,
    stop_gradient: bool,
    by_class: bool,
}

impl Default for HardNegativesParams {
    fn default() -> Self {
        Self::new()
    }
}

impl HardNegativesParams {
    /// Temperature 0.5, hardness 1, factor 0.5; gradients go through the weights of the negatives, and all anchors count alike.
    pub fn new() -> Self {
        Self {
            temperature: 0.5,
            hardness: 1.0,
            factor: 0.5,
            stop_gradient: false,
            by_class: false,
        }
    }

    /// What similarities are divided by, above 0.
    pub fn temperature(mut self, t: f64) -> Self {
        self.temperature = t;
        self
    }

    /// How much more the similar negatives count; 0 for all alike.
    pub fn hardness(mut self, beta: f64) -> Self {
        self.hardness = beta;
        self
    }

    /// What the loss is multiplied by before it is added.
    pub fn factor(mut self, lambda: f64) -> Self {
        self.factor = lambda;
        self
    }

    /// Whether the weights of the negatives count as constants.
    pub fn stop_gradient(mut self, stop: bool) -> Self {
        self.stop_gradient = stop;
        self
    }

    /// Whether anchors are averaged within their class first, then over the classes of the batch.
    pub fn by_class(mut self, by_class: bool) -> Self {
        self.by_class = by_class;
        self
    }

    /// The checked loss.
    ///
    /// # Errors
    /// [`ParamError`] naming the first number outside its range.
    pub fn check(self) -> Result<HardNegatives, ParamError> {
        // Below 2 / 745 the smallest similarity vanishes beside the largest.
        if !(self.temperature >= 3e-3 && self.temperature.is_finite()) {
            let expected = "a finite number of at least 0.003, usually 0.05 to 1";
            return Err(ParamError::new("temperature", self.temperature, expected));
        }
        for (field, value) in [("hardness", self.hardness), ("factor", self.factor)] {
            if !(value >= 0.0 && value.is_finite()) {
                let expected = "a finite number that is not negative";
                return Err(ParamError::new(field, value, expected));
            }
        }
        Ok(HardNegatives { params: self })
    }
}

/// Supervised contrastive learning with hard negatives, a loss on features.
///
/// With rows scaled to length 1, `S_ij = u_i·u_j / t`. An anchor i has the other rows of its class as positives P and the n
/// rows of other classes as negatives, which count by how similar they are:
/// `R_i = Σ_j ω_j e^S_ij` with `ω_j = n e^(β S_ij) / Σ_k e^(β S_ik)`. Its loss is the mean over P of
/// `−ln(e^S_ip / (e^S_ip + R_i))`, and the loss of a batch the mean over anchors that have positives; 0 without any.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `temperature` (t) | 0.5 | 0.05 to 1, logarithmic |
/// | `hardness` (β) | 1 | 0 to 2 |
/// | `factor` | 0.5 | 0.01 to 2, logarithmic |
///
/// *Choices.* The original is unsupervised and corrects for negatives that are none; with labels there is nothing to
/// correct. It works on a projection of the features; here there is none, so that networks stay equal among methods.
/// Time is that of batch² inner products of rows.
///
/// # References
/// Robinson, Chuang, Sra and Jegelka (2021), "Contrastive learning with hard negative samples", ICLR, arXiv 2010.04592;
/// Jiang et al. (2022), "Supervised contrastive learning with hard negative samples", arXiv 2209.00078; Khosla et al.
/// (2020), "Supervised contrastive learning", `NeurIPS`, arXiv 2004.11362.
#[derive(Clone, Copy, Debug)]
pub struct HardNegatives {
    params: HardNegativesParams,
}

impl HardNegatives {
    /// The loss of one anchor, given the similarities of its positives and its negatives; these become
    /// the gradients with respect to them.
    fn anchor(&self, positives: &mut [f64], negatives: &mut [f64]) -> f64 {
        let beta = self.params.hardness;
        let n_positives = positives.len() as f64;
        let most = |values: &[f64]| values.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let hardest = most(negatives);
        // All in relation to the largest similarity, so that nothing overflows.
        let largest = hardest.max(most(positives));
        let (mut sum, mut weights) = (0.0, 0.0);
        for s in &*negatives {
            sum += exp((beta + 1.0) * (s - hardest));
            weights += exp(beta * (s - hardest));
        }
        let n_negatives = negatives.len() as f64;
        let lift = exp(hardest - largest) * n_negatives;
        let rest = if negatives.is_empty() {
            0.0
        } else {
            lift * sum / weights
        };
        let (mut loss, mut by_rest) = (0.0, 0.0);
        for s in positives {
            let own = exp(*s - largest);
            loss += ln(own + rest) - (*s - largest);
            by_rest += 1.0 / (own + rest);
            *s = (own / (own + rest) - 1.0) / n_positives;
        }
        by_rest /= n_positives;
        for s in negatives {
            let weight = exp(beta * (*s - hardest)) / weights;
            let own = weight * exp(*s - hardest);
            let through_weights = if self.params.stop_gradient {
                0.0
            } else {
                beta * (own - weight * sum / weights)
            };
            *s = by_rest * lift * (own + through_weights);
        }
        loss / n_positives
    }

    /// How much each row's loss counts.
    fn shares(&self, targets: &[u32], n_classes: usize) -> Vec<f64> {
        let mut counts = vec![0_usize; n_classes];
        for &target in targets {
            counts[target as usize] += 1;
        }
        let is_anchor = |target: u32| counts[target as usize] > 1;
        let n_anchors = targets.iter().filter(|&&t| is_anchor(t)).count() as f64;
        let n_anchor_classes = counts.iter().filter(|&&n| n > 1).count() as f64;
        let share = |&target: &u32| {
            if !is_anchor(target) {
                0.0
            } else if self.params.by_class {
                1.0 / (n_anchor_classes * counts[target as usize] as f64)
            } else {
                1.0 / n_anchors
            }
        };
        targets.iter().map(share).collect()
    }
}

impl FeatureLoss for HardNegatives {
    fn describe(&self) -> String {
        format!("{:?}", self.params)
    }

    fn factor_at(&self, _: u32) -> f64 {
        self.params.factor
    }

    fn value_and_gradient(
        &self,
        batch: &FeatureBatch<'_>,
        gradient: &mut [f64],
    ) -> Result<f64, LossError> {
        let units = UnitRows::new(batch, gradient)?;
        let (n, width, targets) = (batch.n_rows(), batch.width(), batch.targets());
        let mut similarities = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..i {
                let s = dot(units.row(i), units.row(j)) / self.params.temperature;
                (similarities[i * n + j], similarities[j * n + i]) = (s, s);
            }
        }
        // The similarities of each anchor become the gradients with respect to them.
        let mut total = 0.0;
        let (mut positives, mut negatives) = (vec![], vec![]);
        let shares = self.shares(targets, batch.n_classes());
        for (i, (of_anchor, &share)) in similarities
            .chunks_exact_mut(n.max(1))
            .zip(&shares)
            .enumerate()
        {
            of_anchor[i] = 0.0;
            if share == 0.0 {
                of_anchor.fill(0.0);
                continue;
            }
            positives.clear();
            negatives.clear();
            for (j, &s) in of_anchor.iter().enumerate().filter(|&(j, _)| j != i) {
                let side = if targets[j] == targets[i] {
                    &mut positives
                } else {
                    &mut negatives
                };
                side.push(s);
            }
            total += share * self.anchor(&mut positives, &mut negatives);
            let (mut of_positives, mut of_negatives) = (positives.iter(), negatives.iter());
            for (j, slot) in of_anchor.iter_mut().enumerate().filter(|&(j, _)| j != i) {
                let gradient = if targets[j] == targets[i] {
                    of_positives.next()
                } else {
                    of_negatives.next()
                };
                *slot = share * gradient.expect("a gradient for each similarity");
            }
        }
        gradient.fill(0.0);
        for (i, row) in gradient.chunks_exact_mut(width.max(1)).enumerate() {
            for j in 0..n {
                let both = similarities[i * n + j] + similarities[j * n + i];
                let partial = both / self.params.temperature;
                for (slot, u) in row.iter_mut().zip(units.row(j)) {
                    *slot += partial * u;
                }
            }
        }
        units.pull_back(gradient);
        Ok(total)
    }
}
