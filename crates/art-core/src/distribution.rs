//! Points on the simplex over classes, and the blend that ART draws from.

use crate::{
    classes::ClassCounts,
    error::{CoreError, ParamError},
};

/// A probability for each class: finite, not negative, summing to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct ClassDistribution(Vec<f64>);

impl ClassDistribution {
    /// The distribution with exactly these probabilities, which must sum to 1 within 1e-9.
    ///
    /// # Errors
    /// [`CoreError::NoClasses`], [`CoreError::BadValue`], or [`CoreError::NotNormalized`].
    pub fn new(probabilities: Vec<f64>) -> Result<Self, CoreError> {
        check_scores("probability", &probabilities)?;
        let sum: f64 = probabilities.iter().sum();
        if (sum - 1.0).abs() > 1e-9 {
            return Err(CoreError::NotNormalized { sum });
        }
        Ok(Self(probabilities))
    }

    /// The same probability for each of `n_classes` classes.
    ///
    /// # Errors
    /// [`CoreError::NoClasses`] when `n_classes` is 0.
    pub fn uniform(n_classes: usize) -> Result<Self, CoreError> {
        if n_classes == 0 {
            return Err(CoreError::NoClasses);
        }
        Ok(Self(vec![1.0 / n_classes as f64; n_classes]))
    }

    /// Probabilities in proportion to `scores`; uniform when every score is zero.
    ///
    /// # Errors
    /// [`CoreError::NoClasses`], or [`CoreError::BadValue`] for a negative or non-finite score.
    ///
    /// ```
    /// use art_core::ClassDistribution;
    /// let w = ClassDistribution::from_scores(&[0.1, 0.5, 0.4])?;
    /// assert_eq!(w.as_slice(), [0.1, 0.5, 0.4]);
    /// # Ok::<(), art_core::CoreError>(())
    /// ```
    pub fn from_scores(scores: &[f64]) -> Result<Self, CoreError> {
        check_scores("score", scores)?;
        // Dividing by the largest first keeps the sum finite for scores near the largest double.
        let largest = scores.iter().copied().fold(0.0, f64::max);
        if largest == 0.0 {
            return Self::uniform(scores.len());
        }
        let sum: f64 = scores.iter().map(|s| s / largest).sum();
        Ok(Self(scores.iter().map(|s| s / largest / sum).collect()))
    }

    /// `c · prior + (1 − c) · adaptive`: a large `c` stays near the prior.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the two differ in their number of classes.
    pub fn blend(prior: &Self, adaptive: &Self, c: BlendConstant) -> Result<Self, CoreError> {
        if prior.n_classes() != adaptive.n_classes() {
            return Err(CoreError::Length {
                what: "adaptive distribution",
                expected: prior.n_classes(),
                found: adaptive.n_classes(),
            });
        }
        let c = c.get();
        let blended = prior.0.iter().zip(&adaptive.0);
        Ok(Self(
            blended.map(|(pi, w)| c * pi + (1.0 - c) * w).collect(),
        ))
    }

    /// This distribution without the classes that have no rows, renormalized.
    ///
    /// Falls back to the prior of `counts` when all of the mass lay on empty classes.
    ///
    /// # Errors
    /// [`CoreError::Length`] when `counts` declares another number of classes.
    pub fn restricted_to(&self, counts: &ClassCounts) -> Result<Self, CoreError> {
        if counts.n_classes() != self.n_classes() {
            return Err(CoreError::Length {
                what: "class counts",
                expected: self.n_classes(),
                found: counts.n_classes(),
            });
        }
        if counts.as_slice().iter().all(|&n| n > 0) {
            return Ok(self.clone());
        }
        let present = self.0.iter().zip(counts.as_slice());
        let kept: Vec<f64> = present
            .map(|(&p, &n)| if n > 0 { p } else { 0.0 })
            .collect();
        if kept.iter().all(|&p| p == 0.0) {
            return Ok(counts.prior());
        }
        Self::from_scores(&kept)
    }

    /// The probabilities, class 0 first.
    pub fn as_slice(&self) -> &[f64] {
        &self.0
    }

    /// Number of classes K.
    pub fn n_classes(&self) -> usize {
        self.0.len()
    }

    /// The expected number of rows of each class among `n`.
    pub fn expected_rows(&self, n: usize) -> Vec<f64> {
        self.0.iter().map(|p| p * n as f64).collect()
    }
}

fn check_scores(what: &'static str, scores: &[f64]) -> Result<(), CoreError> {
    if scores.is_empty() {
        return Err(CoreError::NoClasses);
    }
    check_not_negative(what, scores)
}

/// Makes sure that the values of all classes are finite and not negative.
pub(crate) fn check_not_negative(what: &'static str, values: &[f64]) -> Result<(), CoreError> {
    for (class, &value) in values.iter().enumerate() {
        if !value.is_finite() || value < 0.0 {
            return Err(CoreError::BadValue { what, class, value });
        }
    }
    Ok(())
}

/// The blending constant c, between 0 (difficulty alone) and 1 (the prior alone).
#[derive(Clone, Copy, Debug, PartialEq, PartialOrd)]
pub struct BlendConstant(f64);

impl BlendConstant {
    /// The constant `c`.
    ///
    /// # Errors
    /// [`ParamError`] when `c` is outside 0 to 1 or not a number.
    pub fn new(c: f64) -> Result<Self, ParamError> {
        if (0.0..=1.0).contains(&c) {
            Ok(Self(c))
        } else {
            Err(ParamError::new(
                "blend_constant",
                c,
                "a number from 0 (difficulty alone) to 1 (the prior alone)",
            ))
        }
    }

    /// Its value.
    pub fn get(self) -> f64 {
        self.0
    }
}

impl ClassCounts {
    /// Empirical class prior `n_c / N`.
    pub fn prior(&self) -> ClassDistribution {
        let scores: Vec<f64> = self.as_slice().iter().map(|&n| n as f64).collect();
        ClassDistribution::from_scores(&scores).expect("counts are finite and not all zero")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scores_that_are_all_zero_give_the_uniform_distribution() {
        let w = ClassDistribution::from_scores(&[0.0; 4]).unwrap();
        assert_eq!(w.as_slice(), [0.25; 4]);
    }

    #[test]
    fn huge_scores_do_not_overflow() {
        let w = ClassDistribution::from_scores(&[f64::MAX, f64::MAX]).unwrap();
        assert_eq!(w.as_slice(), [0.5, 0.5]);
    }

    #[test]
    fn bad_scores_name_their_class() {
        for value in [-1.0, f64::INFINITY, f64::NEG_INFINITY] {
            assert_eq!(
                ClassDistribution::from_scores(&[1.0, value]).unwrap_err(),
                CoreError::BadValue {
                    what: "score",
                    class: 1,
                    value
                }
            );
        }
        assert!(ClassDistribution::from_scores(&[f64::NAN]).is_err());
        assert_eq!(
            ClassDistribution::from_scores(&[]).unwrap_err(),
            CoreError::NoClasses
        );
    }

    #[test]
    fn a_blend_constant_outside_its_range_is_refused() {
        for c in [-1e-9, 1.000_001, f64::NAN, f64::INFINITY] {
            assert!(BlendConstant::new(c).is_err(), "{c}");
        }
        assert!(BlendConstant::new(0.0).is_ok() && BlendConstant::new(1.0).is_ok());
    }

    #[test]
    fn empty_classes_lose_their_mass_to_the_others() {
        let p = ClassDistribution::from_scores(&[0.2, 0.3, 0.5]).unwrap();
        let counts = ClassCounts::new(vec![10, 10, 0]).unwrap();
        let p = p.restricted_to(&counts).unwrap();
        assert!((p.as_slice()[0] - 0.4).abs() < 1e-15);
        assert_eq!(p.as_slice()[2], 0.0);

        let all_on_empty = ClassDistribution::from_scores(&[0.0, 0.0, 1.0]).unwrap();
        let p = all_on_empty.restricted_to(&counts).unwrap();
        assert_eq!(p.as_slice(), [0.5, 0.5, 0.0]);
    }
}
