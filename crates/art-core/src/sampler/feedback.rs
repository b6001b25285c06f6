//! What a sampler can learn from.

use crate::{
    classes::ClassCounts,
    confusion::ConfusionMatrix,
    error::CoreError,
    label::{PREDICTION, class_of},
    tallies::Tallies,
};

/// What a sampler can learn from after an epoch.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Feedback<'a> {
    /// The validation rows: truth against prediction.
    Counts(&'a ConfusionMatrix),
    /// What is counted of each class, whole or not, as a part of the validation rows gives it
    /// ([`tallies_standing_for`](ConfusionMatrix::tallies_standing_for)).
    Tallies(&'a Tallies),
    /// The difficulty of each class, at least 0, from wherever it is.
    Difficulty(&'a [f64]),
    /// What the model makes of each training row.
    Rows(RowSignals<'a>),
}

impl Feedback<'_> {
    /// What it is, in a word.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Counts(_) => "validation counts",
            Self::Tallies(_) => "tallies of classes",
            Self::Difficulty(_) => "difficulties of classes",
            Self::Rows(_) => "training rows",
        }
    }

    /// Makes sure that it is of the classes and rows of a training set.
    ///
    /// # Errors
    /// [`CoreError::Length`] where it is not, [`CoreError::LabelOutOfRange`] for a prediction of a training row.
    pub fn check(&self, counts: &ClassCounts) -> Result<(), CoreError> {
        let n_classes = match self {
            Self::Counts(matrix) => matrix.n_classes(),
            Self::Tallies(tallies) => tallies.n_classes(),
            Self::Difficulty(scores) => scores.len(),
            Self::Rows(rows) => {
                rows.check(counts.n_rows())?;
                return check_predicted(rows.predicted(), counts.n_classes());
            }
        };
        if n_classes == counts.n_classes() {
            return Ok(());
        }
        Err(CoreError::Length {
            what: match self {
                Self::Difficulty(_) => "difficulty scores",
                _ => "list of classes of the validation matrix",
            },
            expected: counts.n_classes(),
            found: n_classes,
        })
    }

    /// That `sampler` has no use for it.
    pub(crate) fn refused(&self, sampler: &str) -> CoreError {
        CoreError::Feedback {
            sampler: sampler.to_owned(),
            feedback: self.name(),
        }
    }
}

fn check_predicted(predicted: &[u32], n_classes: usize) -> Result<(), CoreError> {
    for (row, &class) in predicted.iter().enumerate() {
        class_of(class, PREDICTION, || row, n_classes)?;
    }
    Ok(())
}

/// What a model makes of each training row, in row order.
#[derive(Clone, Copy, Debug)]
pub struct RowSignals<'a> {
    losses: &'a [f64],
    predicted: &'a [u32],
}

impl<'a> RowSignals<'a> {
    /// The loss of each row and the class that was predicted for it.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the lists differ in length, [`CoreError::BadRow`] for a loss that is negative or not
    /// finite.
    pub fn new(losses: &'a [f64], predicted: &'a [u32]) -> Result<Self, CoreError> {
        let bad = losses
            .iter()
            .position(|loss| !loss.is_finite() || *loss < 0.0);
        if let Some(row) = bad {
            return Err(CoreError::BadRow {
                what: "loss",
                row,
                value: losses[row],
                expected: "a finite number that is not negative",
            });
        }
        let signals = Self { losses, predicted };
        signals.check(predicted.len()).map(|()| signals)
    }

    /// The loss of each row.
    pub fn losses(&self) -> &'a [f64] {
        self.losses
    }

    /// The class that was predicted for each row.
    pub fn predicted(&self) -> &'a [u32] {
        self.predicted
    }

    /// Makes sure that there are as many as rows of the training set.
    ///
    /// # Errors
    /// [`CoreError::Length`].
    pub fn check(&self, n_rows: usize) -> Result<(), CoreError> {
        if self.losses.len() == n_rows {
            return Ok(());
        }
        Err(CoreError::Length {
            what: "list of training rows",
            expected: n_rows,
            found: self.losses.len(),
        })
    }
}
