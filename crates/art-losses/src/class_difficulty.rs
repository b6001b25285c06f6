use crate::{
    cost_sensitive::CostSensitive, cross_entropy::CrossEntropy, loss::Loss, reduction::Reduction,
    schedule::LossSchedule,
};
use art_core::{ClassWiseDifficulty, ConfusionMatrix, Difficulty};

/// Cross-entropy weighted by class-wise difficulty (CDB-CE): `v_c ∝ (1 − recall_c)^τ` on validation rows, computed anew
/// after every epoch and scaled to sum to K.
///
/// Before the first evaluation every weight is 1; where every class is perfect they are again. The loss of a batch is
/// divided by its rows, not by its weights, as in the authors' code.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `tau` | dynamic | dynamic, 0.5, 1, 1.5, 2 |
///
/// *Choice.* A class absent from validation has the mean difficulty of the others. A perfect class keeps a weight of a
/// billionth, so that a batch of it is not divided by nothing.
///
/// # References
/// Sinha, Ohashi and Nakamura (2020), "Class-wise difficulty-balanced loss for solving class-imbalance", ACCV, arXiv
/// 2010.01824.
#[derive(Clone, Debug, Default)]
pub struct ClassDifficulty {
    difficulty: ClassWiseDifficulty,
}

impl ClassDifficulty {
    /// The loss with this exponent.
    pub fn new(difficulty: ClassWiseDifficulty) -> Self {
        Self { difficulty }
    }

    /// The weights after a validation result.
    pub fn weights(&self, validation: &ConfusionMatrix) -> Vec<f64> {
        const SMALLEST: f64 = 1e-9;
        let mut raw = self.difficulty.scores(&validation.tallies());
        let seen: Vec<bool> = (0..raw.len()).map(|c| validation.support(c) > 0).collect();
        let n_seen = seen.iter().filter(|seen| **seen).count().max(1) as f64;
        let of_seen = raw.iter().zip(&seen).filter(|(_, seen)| **seen);
        let mean = of_seen.map(|(d, _)| d).sum::<f64>() / n_seen;
        for (d, seen) in raw.iter_mut().zip(seen) {
            if !seen {
                *d = mean;
            }
        }
        let sum: f64 = raw.iter().sum();
        if sum <= 0.0 {
            return vec![1.0; raw.len()];
        }
        let k = raw.len() as f64;
        raw.iter().map(|d| (d * k / sum).max(SMALLEST)).collect()
    }
}

impl LossSchedule for ClassDifficulty {
    fn loss_at(&self, _: u32) -> &dyn Loss {
        &CrossEntropy
    }

    fn loss_after(&self, _: u32, validation: &ConfusionMatrix) -> Option<Box<dyn Loss>> {
        let weighted = CostSensitive::explicit(self.weights(validation));
        let weighted = weighted.expect("weights are finite and above 0");
        Some(Box::new(weighted.reduction(Reduction::BatchMean)))
    }

    fn describe(&self) -> String {
        format!("class-difficulty({})", self.difficulty.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn weights_follow_what_validation_misses() {
        // Recalls 0.9, 0.5 and 0.1: the vector of the specification.
        let rows = [vec![9, 1, 0], vec![5, 5, 0], vec![9, 0, 1]];
        let validation = ConfusionMatrix::from_rows(&rows).unwrap();
        let found = ClassDifficulty::default().weights(&validation);
        for (weight, expected) in found.iter().zip([0.028_124_4, 0.701_392_5, 2.270_483_1]) {
            assert!((weight - expected).abs() < 1e-6, "{found:?}");
        }
        let linear = ClassDifficulty::new(ClassWiseDifficulty::fixed(1.0).unwrap());
        let found = linear.weights(&validation);
        for (weight, expected) in found.iter().zip([0.2, 1.0, 1.8]) {
            assert!((weight - expected).abs() < 1e-12, "{found:?}");
        }
        // A class that is absent, and a perfect result.
        let absent = ConfusionMatrix::from_rows(&[vec![1, 1], vec![0, 0]]).unwrap();
        assert_eq!(linear.weights(&absent), [1.0, 1.0]);
        let perfect = ConfusionMatrix::from_rows(&[vec![1, 0], vec![0, 1]]).unwrap();
        assert_eq!(linear.weights(&perfect), [1.0, 1.0]);
    }
}
