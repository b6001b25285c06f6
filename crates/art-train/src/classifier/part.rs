//! How good a classifier is on a part of a table.

use super::answers::{Answers, Prior};
use crate::{calibration::Calibration, error::TrainError};
use art_core::{ConfusionMatrix, Cut, RowRanking};
use serde::{Deserialize, Serialize};

/// Most classes that rankings are kept of.
const MOST_CLASSES: usize = 20;
/// Cuts of a class that are kept at most.
const CUTS: usize = 100;

/// How good a classifier is on a part of the table that it was made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PartRecord {
    /// Name of the part, such as `test`.
    pub name: String,
    /// Its rows, truth against prediction.
    pub confusion: ConfusionMatrix,
    /// How the natural probabilities of each class rank its rows; empty where that was not kept, and for more than twenty classes.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rankings: Vec<ClassRanking>,
    /// How well the natural probabilities agree with its rows; none where that was not kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub calibration: Option<Calibration>,
}

/// How the probabilities of a class rank rows.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ClassRanking {
    /// The area under precision over recall, 0 to 1; none where no row is of the class.
    pub average_precision: Option<f64>,
    /// What is found down to some of the probabilities, the highest first: at most a hundred, spread evenly over the rows of
    /// the class.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
}

impl PartRecord {
    /// From the classes that rows were taken for and their own, which is all that it then holds.
    ///
    /// # Errors
    /// [`TrainError::Core`] for a label that is none of `n_classes`.
    ///
    /// # Panics
    /// If there is not a label for each row.
    pub fn of_decisions(
        name: impl Into<String>,
        n_classes: usize,
        decided: &[u32],
        labels: &[u32],
    ) -> Result<Self, TrainError> {
        Ok(Self {
            name: name.into(),
            confusion: ConfusionMatrix::from_labels(n_classes, labels, decided)?,
            rankings: vec![],
            calibration: None,
        })
    }

    /// From what a classifier said about the rows of the part and their classes, with rankings and calibration.
    ///
    /// # Errors
    /// [`TrainError::Core`] for a label that is no class.
    ///
    /// # Panics
    /// If there is not a label for each answer.
    pub fn of(
        name: impl Into<String>,
        answers: &Answers,
        labels: &[u32],
    ) -> Result<Self, TrainError> {
        let n_classes = answers.n_classes();
        let mut part = Self::of_decisions(name, n_classes, &answers.classes(), labels)?;
        let probabilities = answers.probabilities(Prior::Natural);
        let rows = probabilities.rows().into_iter().map(|row| row.to_vec());
        part.calibration = Some(Calibration::of(rows.zip(labels.iter().copied())));
        if n_classes > MOST_CLASSES {
            return Ok(part);
        }
        let ranking = |class: usize| {
            let of_class = probabilities.column(class);
            let rows = of_class.iter().zip(labels);
            let ranking = RowRanking::of(rows.map(|(&p, &label)| (p, label as usize == class)))?;
            Ok::<_, TrainError>(ClassRanking {
                average_precision: ranking.average_precision(),
                cuts: ranking.thinned(CUTS),
            })
        };
        Ok(Self {
            rankings: (0..n_classes).map(ranking).collect::<Result<_, _>>()?,
            ..part
        })
    }
}
