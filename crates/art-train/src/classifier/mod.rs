//! A trained network with everything needed to use it on rows as they come, in one file.

mod answers;
mod decision;
mod far;
mod file;
mod fit;
mod importance;
mod params;
mod part;
mod provenance;

pub use answers::{Answers, Prior};
pub use decision::Decision;
pub use far::FarFields;
pub use importance::ColumnImportance;
pub use params::{ClassifierConfig, ClassifierParams};
pub use part::{ClassRanking, PartRecord};
pub use provenance::{Provenance, RowSketch, RowsKnown};

use crate::{
    config::TrainConfig,
    ensemble::{Ensemble, Member},
    error::TrainError,
    evaluate::Predictions,
    history::{EpochReport, StopReason},
    logit_prior::LogitPrior,
    model::{Mlp, Model},
    post_hoc::{Adjustment, AffineRule},
    trainer::Fitted,
};
use art_core::{ClassDistribution, Seed};
use art_data::{Dataset, Encoder, Frame, Header, Unseen};
use candle_core::Device;
use far::FarCounter;
use ndarray::{Array2, ArrayView2};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A classifier of table rows: a perceptron, or one for each fold of its training rows, how numbers and words become its features, names of its classes,
/// and how it was trained.
///
/// ```
/// use art_core::Seed;
/// use art_data::GaussianClasses;
/// use art_train::{Classifier, ClassifierParams, Prior};
///
/// let data = GaussianClasses::new(vec![300, 30], 4).generate(Seed::new(1))?;
/// let classifier = ClassifierParams::new().check()?.fit_dataset(&data)?;
/// let answers = classifier.answer(data.features())?;
/// assert_eq!(answers.classes().len(), 330);
/// let rare = answers.probabilities(Prior::Natural)[[329, 1]];
/// assert!((0.0..=1.0).contains(&rare));
///
/// let folder = tempfile::tempdir()?;
/// classifier.save(&folder.path().join("rare.art"))?;
/// let again = Classifier::load(&folder.path().join("rare.art"))?;
/// assert_eq!(again.answer(data.features())?, answers);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Classifier {
    target: String,
    class_names: Vec<String>,
    joined: BTreeMap<String, String>,
    encoder: Encoder,
    model: Ensemble<Mlp>,
    natural: ClassDistribution,
    logit_prior: LogitPrior,
    adjustment: Adjustment,
    logit_scale: f64,
    table: TableHabits,
    record: TrainingRecord,
    provenance: Option<Provenance>,
}

/// Rows are answered in whole blocks of this many, the last one filled up: products of other shapes may round
/// differently, and the answer for a row must not depend on the rows beside it.
const BLOCK: usize = 512;

/// The part that the training rows are where each is answered by the network that was not trained on it.
pub const OUT_OF_FOLD: &str = "out of fold";

/// How a classifier was trained: everything in it is reproducible to the bit.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TrainingRecord {
    /// The method's name.
    pub method: String,
    /// Its settings, as names and values.
    pub settings: serde_json::Value,
    /// How long, how fast and until when it was trained.
    pub training: TrainConfig,
    /// The seed of everything random.
    pub seed: Seed,
    /// Every epoch.
    pub epochs: Vec<EpochReport>,
    /// The epoch whose weights were kept.
    pub best_epoch: u32,
    /// Why training ended.
    pub stopped: StopReason,
    /// The class distribution of the first epoch.
    pub initial_distribution: Vec<f64>,
    /// How good the classifier is on each part of the table.
    pub parts: Vec<PartRecord>,
    /// What is lost when a column says nothing, the largest loss first; empty where that was not measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub importance: Vec<ColumnImportance>,
    /// Classes that a resampler could not bring to their target, with the reason.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

/// What a classifier needs besides its network.
#[derive(Clone, Debug)]
pub struct Purpose {
    /// Name of the column to predict.
    pub target: String,
    /// Names of its classes.
    pub class_names: Vec<String>,
    /// Labels of its table that are no class of their own, each with the class that their rows are of.
    pub joined: BTreeMap<String, String>,
    /// How rows become features.
    pub encoder: Encoder,
    /// Share of each class in the training rows before any resampling.
    pub natural: ClassDistribution,
    /// How its table was read.
    pub table: TableHabits,
}

/// What tables to answer have in common with the one that a classifier was made from.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableHabits {
    /// Fields that stand for a missing value, besides the usual ones.
    pub missing: Vec<String>,
    /// Columns that are neither feature nor target.
    pub left_out: Vec<String>,
    /// Usual ones that are values.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub not_missing: Vec<String>,
    /// Whether the first line has the names of the columns.
    #[serde(default, skip_serializing_if = "is_found")]
    pub header: Header,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_found(header: &Header) -> bool {
    *header == Header::Found
}

impl TableHabits {
    fn is_usual(&self) -> bool {
        *self == Self::default()
    }
}

impl Classifier {
    /// The classifier that `fitted` is.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] when a network is no perceptron, has other inputs than the encoder makes, or other logits than
    /// there are classes.
    pub fn new<M: Model>(
        purpose: Purpose,
        fitted: &Fitted<Ensemble<M>>,
        record: TrainingRecord,
    ) -> Result<Self, TrainError> {
        let members = fitted.model.members().iter().map(|member| {
            let weights = member.model.parameters().iter();
            // What was trained elsewhere answers on the processor.
            let weights = weights.map(|p| {
                Ok((
                    p.name.clone(),
                    p.var.as_detached_tensor().to_device(&Device::Cpu)?,
                ))
            });
            let weights = weights.collect::<Result<_, candle_core::Error>>()?;
            let shape = member.model.perceptron();
            let shape = shape.ok_or_else(|| TrainError::Mismatch {
                what: "the model",
                expected: "a perceptron, which is what a classifier holds".into(),
                found: member.model.describe(),
            })?;
            Ok(Member {
                model: Mlp::with_weights(shape.clone(), weights)?,
                shift: member.shift.clone(),
            })
        });
        let model = Ensemble::new(members.collect::<Result<_, TrainError>>()?)?;
        let Purpose {
            target,
            class_names,
            joined,
            encoder,
            natural,
            table,
        } = purpose;
        for (what, expected, found) in [
            (
                "number of features",
                model.n_features(),
                encoder.feature_names().len(),
            ),
            ("number of classes", model.n_classes(), class_names.len()),
            (
                "number of classes with a share",
                model.n_classes(),
                natural.n_classes(),
            ),
        ] {
            if expected != found {
                return Err(TrainError::Mismatch {
                    what,
                    expected: format!("{expected} (the network's)"),
                    found: found.to_string(),
                });
            }
        }
        let unmoved = || vec![0.0; class_names.len()].into();
        let adjustment = fitted.adjustment.clone().unwrap_or_else(unmoved);
        Ok(Self {
            target,
            class_names,
            joined,
            encoder,
            model,
            natural,
            logit_prior: fitted.logit_prior.clone(),
            adjustment,
            logit_scale: fitted.logit_scale,
            table,
            record,
            provenance: None,
        })
    }

    /// Name of the column that it predicts.
    pub fn target(&self) -> &str {
        &self.target
    }

    /// Names of the classes.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Labels of its table that are no class of their own, each with the class that their rows are of.
    pub fn joined(&self) -> &BTreeMap<String, String> {
        &self.joined
    }

    /// How rows become features.
    pub fn encoder(&self) -> &Encoder {
        &self.encoder
    }

    /// The network, or those of the folds.
    pub fn model(&self) -> &Ensemble<Mlp> {
        &self.model
    }

    /// What is added to each class's logit before the largest is taken, or before an [affine rule](Self::affine_rule) decides;
    /// equal where the decision is not moved.
    pub fn offsets(&self) -> &[f64] {
        &self.adjustment.offsets
    }

    /// The rule that decides in the place of the largest logit, where there is one.
    pub fn affine_rule(&self) -> Option<&AffineRule> {
        self.adjustment.affine.as_ref()
    }

    /// What logits, corrected to the natural proportions, are divided by before they become probabilities; none where it was
    /// not fitted.
    pub fn temperature(&self) -> Option<f64> {
        self.adjustment.temperature
    }

    /// How its table was read.
    pub fn table(&self) -> &TableHabits {
        &self.table
    }

    /// How it was trained.
    pub fn record(&self) -> &TrainingRecord {
        &self.record
    }

    /// Notes how its table was read.
    #[must_use]
    pub fn with_table(mut self, table: TableHabits) -> Self {
        self.table = table;
        self
    }

    /// Notes how good it is on parts of the table that it was made from. What folds said of the training rows stays, behind the
    /// first part.
    #[must_use]
    pub fn with_parts(mut self, mut parts: Vec<PartRecord>) -> Self {
        let place = parts.len().min(1);
        let kept = self.record.parts.into_iter();
        parts.splice(place..place, kept.filter(|part| part.name == OUT_OF_FOLD));
        self.record.parts = parts;
        self
    }

    /// Notes which columns it goes by.
    #[must_use]
    pub fn with_importance(mut self, importance: Vec<ColumnImportance>) -> Self {
        self.record.importance = importance;
        self
    }

    /// The answers for rows of numbers, `(rows, columns)` in the order of training and in the units of the
    /// training rows; NaN where one is missing.
    ///
    /// # Errors
    /// [`TrainError::Mismatch`] for another number of columns; [`TrainError::Data`] where a column held words
    /// in training.
    pub fn answer(&self, features: ArrayView2<'_, f32>) -> Result<Answers, TrainError> {
        let names = self.encoder.columns().map(|(name, _)| name.to_owned());
        let names: Vec<String> = names.collect();
        if features.ncols() != names.len() {
            return Err(TrainError::Mismatch {
                what: "number of columns",
                expected: format!("{} (those of training)", names.len()),
                found: features.ncols().to_string(),
            });
        }
        self.answer_frame(&Frame::of_numbers(features, &names), Unseen::Refused)
    }

    /// The natural probabilities of each class, `(rows, n_classes)`; [`answer`](Self::answer) gives more.
    ///
    /// # Errors
    /// As [`answer`](Self::answer).
    pub fn predict_proba(&self, features: ArrayView2<'_, f32>) -> Result<Array2<f64>, TrainError> {
        Ok(self.answer(features)?.probabilities(Prior::Natural))
    }

    /// The answers for the rows of a table that has the columns of training by name, in any order.
    ///
    /// # Errors
    /// [`TrainError::Data`] for a column that is missing or of another kind, or a word that no training row has
    /// where those are refused; [`TrainError::NonFiniteAnswer`] for a row that is so far from all training rows that the
    /// network has no answer.
    pub fn answer_frame(&self, frame: &Frame, unseen: Unseen) -> Result<Answers, TrainError> {
        let rows: Vec<u32> = (0..frame.n_rows() as u32).collect();
        let names = self.encoder.feature_names();
        let (mut logits, mut n_unseen) = (vec![], 0);
        let mut far = FarCounter::new(&self.encoder, &names);
        // A part of the rows at a time: only the answers grow with the table.
        for rows in rows.chunks(32 * BLOCK) {
            let encoded = self.encoder.encode(frame, rows, unseen)?;
            n_unseen += encoded.n_unseen;
            far.count(encoded.features.view(), rows);
            let mut values = encoded.features.into_raw_vec_and_offset().0;
            let padded = rows.len().next_multiple_of(BLOCK);
            values.resize(padded * names.len(), 0.0);
            let features = Array2::from_shape_vec((padded, names.len()), values);
            let features = features.expect("whole rows");
            let unknown = vec![0; padded];
            let data = Dataset::new(features, unknown, names.clone(), self.class_names.clone())?;
            let answered = Predictions::of(&self.model, &data)?;
            // Rows that only fill up the block are nobody's.
            if let Some(&row) = answered.unanswered().and_then(|place| rows.get(place)) {
                let row = frame.row_number(row as usize).get();
                return Err(TrainError::NonFiniteAnswer {
                    row,
                    of: "the table",
                });
            }
            logits.extend(&answered.logits()[..rows.len() * self.class_names.len()]);
        }
        Ok(Answers {
            n_unseen,
            far: far.found(),
            ..self.answers_with(logits)
        })
    }

    /// The answers for rows with these logits, one row after the other.
    pub(crate) fn answers_with(&self, logits: Vec<f32>) -> Answers {
        Answers {
            n_classes: self.class_names.len(),
            logits,
            adjustment: self.adjustment.clone(),
            to_natural: self.logit_prior.offsets_to(&self.natural),
            temperature: self.adjustment.temperature.unwrap_or(1.0),
            logit_scale: self.logit_scale,
            n_unseen: 0,
            far: vec![],
        }
    }
}
