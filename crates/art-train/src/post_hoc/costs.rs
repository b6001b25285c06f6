//! Decisions by what errors cost.

use crate::error::TrainError;
use ndarray::Array2;

/// What it costs to take a row of one class for one of another.
///
/// A row with the class probabilities p is decided for the class j with the lowest expected cost `Σ_k p_k c_kj`. Of two classes
/// that is a threshold: the second is decided for from the probability `c_01 / (c_01 + c_10)` on. It is right where the
/// probabilities are ([`Calibration`](crate::Calibration)).
///
/// ```
/// use art_train::Costs;
/// // A missed row of the second class is as bad as five false alarms.
/// let costs = Costs::equal(2).with(1, 0, 5.0)?;
/// assert_eq!(costs.decision(&[0.9, 0.1]), 0);
/// assert_eq!(costs.decision(&[0.8, 0.2]), 1);
/// # Ok::<(), art_train::TrainError>(())
/// ```
///
/// # References
/// Elkan (2001), "The foundations of cost-sensitive learning", IJCAI.
#[derive(Clone, Debug, PartialEq)]
pub struct Costs(Array2<f64>);

impl Costs {
    /// Every error costs 1.
    pub fn equal(n_classes: usize) -> Self {
        Self(Array2::from_shape_fn((n_classes, n_classes), |(k, j)| {
            f64::from(u8::from(k != j))
        }))
    }

    /// The same but for rows of the class `truth` that are taken for `decision`; being right may cost something as well.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for a class that there is not, or a cost that is negative or not finite.
    pub fn with(mut self, truth: usize, decision: usize, cost: f64) -> Result<Self, TrainError> {
        let mismatch = |what, expected, found| TrainError::Mismatch {
            what,
            expected,
            found,
        };
        let n_classes = self.n_classes();
        for class in [truth, decision] {
            if class >= n_classes {
                let expected = format!("below {n_classes}");
                return Err(mismatch("a class", expected, class.to_string()));
            }
        }
        if !(cost.is_finite() && cost >= 0.0) {
            let expected = "a number of at least 0".to_owned();
            return Err(mismatch("a cost", expected, cost.to_string()));
        }
        self.0[[truth, decision]] = cost;
        Ok(self)
    }

    /// Number of classes.
    pub fn n_classes(&self) -> usize {
        self.0.nrows()
    }

    /// What rows of the class `truth` cost that are taken for `decision`.
    ///
    /// # Panics
    /// For a class that there is not.
    pub fn cost(&self, truth: usize, decision: usize) -> f64 {
        self.0[[truth, decision]]
    }

    /// The class with the lowest expected cost for a row with these probabilities; ties go to the lower class.
    ///
    /// # Panics
    /// If there is not a probability for each class.
    pub fn decision(&self, probabilities: &[f64]) -> u32 {
        assert_eq!(probabilities.len(), self.n_classes(), "probabilities");
        let expected = |decision: &usize| {
            let of_truth = probabilities.iter().enumerate();
            of_truth
                .map(|(truth, p)| p * self.0[[truth, *decision]])
                .sum::<f64>()
        };
        let cheapest = (0..self.n_classes()).min_by(|a, b| expected(a).total_cmp(&expected(b)));
        cheapest.map_or(0, |class| class as u32)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn equal_costs_decide_for_the_likeliest_and_ties_go_down() {
        let costs = Costs::equal(3);
        assert_eq!(costs.decision(&[0.2, 0.3, 0.5]), 2);
        assert_eq!(costs.decision(&[0.4, 0.4, 0.2]), 0);
    }

    #[test]
    fn of_two_classes_costs_are_a_threshold() {
        let costs = Costs::equal(2)
            .with(1, 0, 9.0)
            .and_then(|costs| costs.with(0, 1, 3.0))
            .unwrap();
        for hundredths in 0..=100_u32 {
            let p = f64::from(hundredths) / 100.0;
            let expected = u32::from(p > 0.25);
            assert_eq!(costs.decision(&[1.0 - p, p]), expected, "{p}");
        }
    }

    #[test]
    fn what_is_no_cost_or_no_class_is_refused() {
        for (truth, decision, cost) in [(2, 0, 1.0), (0, 2, 1.0), (0, 1, -1.0), (0, 1, f64::NAN)] {
            assert!(Costs::equal(2).with(truth, decision, cost).is_err());
        }
    }
}
