//! How hard each class is, read from a validation confusion matrix.

use crate::ConfusionMatrix;

/// A number that is large where a class does badly.
///
/// Implementations return one finite value that is not negative for each declared class. What
/// happens to classes that are absent from validation is the sampler's [`AbsentClass`] policy.
///
/// ```
/// use art_core::{ConfusionMatrix, Difficulty};
///
/// /// Only what the class itself loses counts.
/// struct OneMinusRecall;
/// impl Difficulty for OneMinusRecall {
///     fn name(&self) -> &str { "1-recall" }
///     fn scores(&self, validation: &ConfusionMatrix) -> Vec<f64> {
///         validation.per_class_recall().iter().map(|r| 1.0 - r).collect()
///     }
/// }
/// # let m = ConfusionMatrix::from_labels(2, &[0, 0, 1], &[0, 1, 1])?;
/// assert_eq!(OneMinusRecall.scores(&m), [0.5, 0.0]);
/// # Ok::<(), art_core::CoreError>(())
/// ```
pub trait Difficulty: Send + Sync {
    /// A short name for records and reports.
    fn name(&self) -> &str;
    /// The difficulty of each class.
    fn scores(&self, validation: &ConfusionMatrix) -> Vec<f64>;
}

/// `1 − F1`, the difficulty of the ART paper.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneMinusF1;

impl Difficulty for OneMinusF1 {
    fn name(&self) -> &'static str {
        "1-f1"
    }

    fn scores(&self, validation: &ConfusionMatrix) -> Vec<f64> {
        validation
            .per_class_f1()
            .iter()
            .map(|f1| 1.0 - f1)
            .collect()
    }
}

/// `1 − recall`: the share of a class's rows that are missed.
#[derive(Clone, Copy, Debug, Default)]
pub struct OneMinusRecall;

impl Difficulty for OneMinusRecall {
    fn name(&self) -> &'static str {
        "1-recall"
    }

    fn scores(&self, validation: &ConfusionMatrix) -> Vec<f64> {
        let recall = validation.per_class_recall();
        recall.iter().map(|recall| 1.0 - recall).collect()
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
    pub(crate) fn apply(
        self,
        scores: &mut [f64],
        validation: &ConfusionMatrix,
        previous: Option<&[f64]>,
    ) {
        if self == Self::Reference {
            return;
        }
        let (absent, observed): (Vec<usize>, Vec<usize>) =
            (0..scores.len()).partition(|&c| validation.support(c) == 0);
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
