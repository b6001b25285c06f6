use art_core::ConfusionMatrix;
use serde::{Deserialize, Serialize};

/// A score of predictions on test rows, higher is better.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Metric {
    /// Unweighted mean of the F1 of the classes that are there.
    #[default]
    MacroF1,
    /// Share of right answers.
    Accuracy,
    /// Unweighted mean of the recalls of the classes that are there.
    BalancedAccuracy,
    /// Geometric mean of the classes' recalls.
    GMean,
    /// Matthews' correlation coefficient.
    Mcc,
}

impl Metric {
    /// All of them.
    pub const ALL: [Self; 5] = [
        Self::MacroF1,
        Self::Accuracy,
        Self::BalancedAccuracy,
        Self::GMean,
        Self::Mcc,
    ];

    /// Its name, as [`Summaries::score`](crate::Summaries::score) knows it.
    pub fn name(self) -> &'static str {
        match self {
            Self::MacroF1 => "macro F1",
            Self::Accuracy => "accuracy",
            Self::BalancedAccuracy => "balanced accuracy",
            Self::GMean => "G-mean",
            Self::Mcc => "MCC",
        }
    }

    /// The score of these predictions.
    pub fn of(self, confusion: &ConfusionMatrix) -> f64 {
        match self {
            Self::MacroF1 => confusion.present_macro_f1(),
            Self::Accuracy => confusion.accuracy(),
            Self::BalancedAccuracy => confusion.balanced_accuracy(),
            Self::GMean => confusion.g_mean(),
            Self::Mcc => confusion.mcc(),
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
