//! How hard each class is, read from validation counts.

use crate::{
    elementary::{exp, powf},
    error::ParamError,
    tallies::Tallies,
};

/// A number that is large where a class does badly.
///
/// Implementations return one finite value that is not negative for each declared class. What
/// happens to classes that are absent from validation is the sampler's [`AbsentClass`] policy.
///
/// ```
/// use art_core::{ConfusionMatrix, Difficulty, Tallies};
///
/// /// Only what the class itself loses counts.
/// struct OneMinusRecall;
/// impl Difficulty for OneMinusRecall {
///     fn name(&self) -> &str { "1-recall" }
///     fn scores(&self, validation: &Tallies) -> Vec<f64> {
///         validation.recall().iter().map(|r| 1.0 - r).collect()
///     }
/// }
/// # let m = ConfusionMatrix::from_labels(2, &[0, 0, 1], &[0, 1, 1])?;
/// assert_eq!(OneMinusRecall.scores(&m.tallies()), [0.5, 0.0]);
/// # Ok::<(), art_core::CoreError>(())
/// ```
pub trait Difficulty: Send + Sync {
    /// A short name for records and reports.
    fn name(&self) -> &str;
    /// The difficulty of each class.
    fn scores(&self, validation: &Tallies) -> Vec<f64>;
}

/// `1 − F1`, the difficulty of the ART paper.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneMinusF1;

impl Difficulty for OneMinusF1 {
    fn name(&self) -> &'static str {
        "1-f1"
    }

    fn scores(&self, validation: &Tallies) -> Vec<f64> {
        validation.f1().iter().map(|f1| 1.0 - f1).collect()
    }
}

/// `1 − recall`: the share of a class's rows that are missed.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneMinusRecall;

impl Difficulty for OneMinusRecall {
    fn name(&self) -> &'static str {
        "1-recall"
    }

    fn scores(&self, validation: &Tallies) -> Vec<f64> {
        let recall = validation.recall();
        recall.iter().map(|recall| 1.0 - recall).collect()
    }
}

/// `1 − precision`: the share of a class's predictions that are wrong; 1 for a class that is never predicted.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneMinusPrecision;

impl Difficulty for OneMinusPrecision {
    fn name(&self) -> &'static str {
        "1-precision"
    }

    fn scores(&self, validation: &Tallies) -> Vec<f64> {
        let precision = validation.precision();
        precision.iter().map(|precision| 1.0 - precision).collect()
    }
}

/// `(1 − recall)^τ`, the class-wise difficulty of Sinha et al.; with a blending constant of 0 ART is then their sampler
/// CDB-S.
///
/// τ is a number, or dynamic: `2 / (1 + e^−b)` with `b = max recall / (min recall + 0.01) − 1` over the classes that
/// validation has, between 1 and 2.
///
/// # References
/// Sinha, Ohashi and Nakamura (2022), "Class-difficulty based methods for long-tailed visual recognition", IJCV 130,
/// 2517-2531, doi 10.1007/s11263-022-01643-3.
#[derive(Clone, Debug)]
pub struct ClassWiseDifficulty {
    /// The exponent; none for the dynamic one.
    tau: Option<f64>,
    name: String,
}

impl Default for ClassWiseDifficulty {
    fn default() -> Self {
        Self::dynamic()
    }
}

impl ClassWiseDifficulty {
    /// The dynamic exponent.
    pub fn dynamic() -> Self {
        Self {
            tau: None,
            name: "(1-recall)^dynamic".to_owned(),
        }
    }

    /// A fixed exponent.
    ///
    /// # Errors
    /// [`ParamError`] when it is negative or not finite.
    pub fn fixed(tau: f64) -> Result<Self, ParamError> {
        if !(tau >= 0.0 && tau.is_finite()) {
            return Err(ParamError::new("tau", tau, "a finite number not below 0"));
        }
        Ok(Self {
            tau: Some(tau),
            name: format!("(1-recall)^{tau}"),
        })
    }
}

impl Difficulty for ClassWiseDifficulty {
    fn name(&self) -> &str {
        &self.name
    }

    fn scores(&self, validation: &Tallies) -> Vec<f64> {
        let recall = validation.recall();
        let seen = (0..recall.len()).filter(|&class| validation.support(class) > 0.0);
        let (least, most) = seen.fold((f64::INFINITY, 0.0_f64), |(least, most), class| {
            (least.min(recall[class]), most.max(recall[class]))
        });
        let tau = self.tau.unwrap_or_else(|| {
            let bias = most / (least + 0.01) - 1.0;
            2.0 / (1.0 + exp(-bias))
        });
        recall
            .iter()
            .map(|recall| powf(1.0 - recall, tau))
            .collect()
    }
}

/// What to believe about a class that has no validation row.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum AbsentClass {
    /// The mean difficulty of the observed classes.
    #[default]
    Mean,
    /// What the difficulty makes of an empty row; for `1 − F1` that is 1, the largest possible.
    Reference,
    /// The class's previous difficulty; before there is one, as [`AbsentClass::Mean`].
    Carry,
}

impl AbsentClass {
    /// `scores` with the entries of absent classes replaced.
    pub(crate) fn apply(self, scores: &mut [f64], validation: &Tallies, previous: Option<&[f64]>) {
        if self == Self::Reference {
            return;
        }
        let (absent, observed): (Vec<usize>, Vec<usize>) =
            (0..scores.len()).partition(|&c| validation.support(c) == 0.0);
        if absent.is_empty() || observed.is_empty() {
            return;
        }
        let mean = observed.iter().map(|&c| scores[c]).sum::<f64>() / observed.len() as f64;
        for class in absent {
            scores[class] = match (self, previous) {
                (Self::Carry, Some(previous)) => previous[class],
                _ => mean,
            };
        }
    }
}
