use art_core::{ClassDistribution, CoreError, elementary::ln};
use art_losses::Loss;

/// The class prior under which a model's logits would be calibrated.
///
/// A network that is trained on rows with class proportions s, by a loss that weighs or shifts classes by factors f
/// ([`Loss::prior_factors`]), gives the log-probabilities of a world in which class j has the share `q_j = s_j f_j / Σ s f`,
/// whatever the shares π of the table are. Logits for another world follow from those without any training: `z_j + ln π_j − ln q_j`.
///
/// ```
/// use art_core::{ClassCounts, ClassDistribution};
/// use art_losses::{BalancedSoftmax, CrossEntropy};
/// use art_train::LogitPrior;
/// let counts = ClassCounts::new(vec![90, 10])?;
/// let natural = counts.prior();
/// let plain = LogitPrior::of_training(&natural, &CrossEntropy)?;
/// assert_eq!(plain.offsets_to(&natural), [0.0, 0.0]);
/// // The loss takes the counts out of the logits, which are then for equal classes.
/// let balanced = LogitPrior::of_training(&natural, &BalancedSoftmax::new(&counts, 1.0)?)?;
/// let offsets = balanced.offsets_to(&natural);
/// assert!((offsets[0] - offsets[1] - 9_f64.ln()).abs() < 1e-12);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
///
/// *Choice.* A loss that validation decides counts as if it weighed all classes alike.
///
/// # References
/// Saerens, Latinne and Decaestecker (2002), "Adjusting the outputs of a classifier to new a priori probabilities: a simple
/// procedure", Neural Computation 14, 21-41, doi 10.1162/089976602753284446.
#[derive(Clone, Debug, PartialEq)]
pub struct LogitPrior(ClassDistribution);

impl LogitPrior {
    /// That of logits which `loss` trained on rows with the class shares `drawn`.
    ///
    /// # Errors
    /// [`CoreError::BadValue`] for a factor of the loss that is negative or not finite.
    pub fn of_training(drawn: &ClassDistribution, loss: &dyn Loss) -> Result<Self, CoreError> {
        let Some(factors) = loss.prior_factors() else {
            return Ok(Self(drawn.clone()));
        };
        let shares = drawn.as_slice().iter().zip(factors);
        let shares: Vec<f64> = shares.map(|(share, factor)| share * factor).collect();
        ClassDistribution::from_scores(&shares).map(Self)
    }

    /// What is added to each logit to make it one for the class shares `to`: `ln to_j − ln q_j`, both floored at 1e-4, so that a
    /// class that is never drawn stays finite; 0 where the two are equal.
    pub fn offsets_to(&self, to: &ClassDistribution) -> Vec<f64> {
        const FLOOR: f64 = 1e-4;
        let pairs = to.as_slice().iter().zip(self.shares());
        pairs
            .map(|(to, from)| ln(to.max(FLOOR)) - ln(from.max(FLOOR)))
            .collect()
    }

    /// That of logits half-way between several: the mean of their shares; of equal ones, as they are.
    ///
    /// # Errors
    /// [`CoreError`] for no prior, or priors of other classes.
    pub(crate) fn mean<'p>(priors: impl IntoIterator<Item = &'p Self>) -> Result<Self, CoreError> {
        let priors: Vec<&Self> = priors.into_iter().collect();
        let first = *priors.first().ok_or(CoreError::NoClasses)?;
        if priors.iter().all(|&prior| prior == first) {
            return Ok(first.clone());
        }
        let mut sums = vec![0.0; first.shares().len()];
        for prior in priors {
            for (sum, share) in sums.iter_mut().zip(prior.shares()) {
                *sum += share;
            }
        }
        ClassDistribution::from_scores(&sums).map(Self)
    }

    /// The shares as a distribution.
    pub(crate) fn distribution(&self) -> &ClassDistribution {
        &self.0
    }

    /// The share q of each class.
    pub fn shares(&self) -> &[f64] {
        self.0.as_slice()
    }
}

/// That of logits which are known to be for these class proportions.
impl From<ClassDistribution> for LogitPrior {
    fn from(shares: ClassDistribution) -> Self {
        Self(shares)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::ClassCounts;
    use art_losses::{BalancedSoftmax, CrossEntropy};

    #[test]
    fn a_loss_that_shifts_classes_changes_what_logits_are_for() {
        let counts = ClassCounts::new(vec![90, 10]).unwrap();
        let natural = counts.prior();
        let plain = LogitPrior::of_training(&natural, &CrossEntropy).unwrap();
        assert_eq!(plain, natural.clone().into());
        let balanced = BalancedSoftmax::new(&counts, 1.0).unwrap();
        let shifted = LogitPrior::of_training(&natural, &balanced).unwrap();
        for share in shifted.shares() {
            assert!((share - 0.5).abs() < 1e-12, "{shifted:?}");
        }
        // A class without rows has no share, whatever the loss does to its logit.
        let counts = ClassCounts::new(vec![50, 0, 20]).unwrap();
        let balanced = BalancedSoftmax::new(&counts, 1.0).unwrap();
        let shifted = LogitPrior::of_training(&counts.prior(), &balanced).unwrap();
        assert!((shifted.shares()[0] - 0.5).abs() < 1e-12 && shifted.shares()[1] == 0.0);
    }

    #[test]
    fn a_class_that_was_never_drawn_has_a_finite_offset() {
        let never = ClassDistribution::from_scores(&[1.0, 1.0, 0.0]).unwrap();
        let uniform = ClassDistribution::uniform(3).unwrap();
        let offsets = LogitPrior::from(never.clone()).offsets_to(&uniform);
        assert!(offsets.iter().all(|offset| offset.is_finite()));
        assert_eq!(LogitPrior::from(never.clone()).offsets_to(&never), [0.0; 3]);
    }
}
