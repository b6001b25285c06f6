//! A classifier from arrays, with the traits of linfa.

use super::{
    Classifier, ClassifierConfig, Purpose, TableHabits, TrainingRecord, params::SharedResampler,
};
use crate::{error::TrainError, recipe::RunInputs, trainer::Trainer};
use art_data::{
    DataError, Dataset, Encoder, Frame, LabelledFrame, RESAMPLED_TARGET, ResampleWarning, TrainSet,
    Unseen, ValidSet,
};
use linfa::{
    DatasetBase,
    traits::{Fit, PredictInplace},
};
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};
use std::collections::BTreeMap;

impl ClassifierConfig {
    /// The classifier of the rows of `data`, whose features need no scaling before.
    ///
    /// # Errors
    /// [`TrainError::Data`] when a class has too few rows to be split, for rows that a resampler made
    /// ([`resampler`](super::ClassifierParams::resampler) is the way to them), and for whatever the resampler refuses; or whatever
    /// training refuses.
    pub fn fit_dataset(&self, data: &Dataset) -> Result<Classifier, TrainError> {
        if data.is_resampled() {
            return Err(resampled(data.n_rows()));
        }
        let (names, classes) = (data.feature_names(), data.class_names());
        self.fit_rows(data.features(), data.labels(), names, classes)
    }

    fn fit_rows(
        &self,
        features: ArrayView2<'_, f32>,
        labels: &[u32],
        feature_names: &[String],
        class_names: &[String],
    ) -> Result<Classifier, TrainError> {
        let frame = Frame::of_numbers(features, feature_names);
        let table = LabelledFrame::of_classes(frame, labels.to_vec(), class_names.to_vec())?;
        let index = table.class_index()?;
        let rows = self.split()?.rows_of(&index, class_names, self.seed)?;
        let encoder = Encoder::fit(table.frame(), table.features(), &rows.train)?;
        let (train, _) = table.encoded(&encoder, &rows.train, Unseen::Refused)?;
        let (valid, _) = table.encoded(&encoder, &rows.valid, Unseen::Refused)?;
        let (mut train, valid) = (TrainSet::new(train), ValidSet::new(valid)?);
        let mut settings = self.method.settings();
        let mut warnings = vec![];
        if let Some(SharedResampler(resampler)) = &self.resampler {
            let resampled = resampler.resample(&train, self.seed)?;
            settings.insert("resampler".into(), resampler.name().into());
            let named = |warning: &ResampleWarning| warning.named(class_names);
            warnings.extend(resampled.warnings.iter().map(named));
            train = train.with_data(resampled.train.data().clone())?;
        }
        let inputs = RunInputs::new(&train, &valid, &self.training, self.seed);
        let recipe = self.method.recipe(&inputs)?;
        settings.insert("sampler".into(), recipe.sampler.describe().into());
        let trainer = Trainer::new(self.training.train_config()?, self.seed);
        let run = recipe.fit(&inputs, trainer)?;
        warnings.extend(run.warnings);
        if !warnings.is_empty() {
            settings.insert("resampler_warnings".into(), warnings.into());
        }
        let purpose = Purpose {
            target: "class".into(),
            class_names: class_names.to_vec(),
            joined: BTreeMap::new(),
            encoder,
            natural: train.natural_counts().prior(),
            table: TableHabits::default(),
        };
        let (n_features, n_classes) = (train.data().n_features(), class_names.len());
        let head = run.fitted.model.head();
        let network = run.training.perceptron(n_features, n_classes, head)?;
        let record = TrainingRecord {
            method: self.method.title().to_owned(),
            settings: settings.into(),
            training: run.training.train_config()?,
            seed: self.seed,
            epochs: run.fitted.history.epochs.clone(),
            best_epoch: run.fitted.best_epoch,
            stopped: run.fitted.stopped,
            initial_distribution: run.initial_distribution,
            parts: vec![],
        };
        Classifier::new(purpose, network, &run.fitted, record)
    }
}

/// What cannot be divided into training and validation rows any more.
fn resampled(rows: usize) -> TrainError {
    let purpose = "rows to take validation rows from";
    DataError::Resampled { purpose, rows }.into()
}

/// Labels are class numbers from 0; the largest one says how many classes there are.
impl<D: Data<Elem = f32>> Fit<ArrayBase<D, Ix2>, Array1<usize>, TrainError> for ClassifierConfig {
    type Object = Classifier;

    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, Array1<usize>>,
    ) -> Result<Classifier, TrainError> {
        let features = dataset.records().view();
        if dataset.target_names() == [RESAMPLED_TARGET] {
            return Err(resampled(features.nrows()));
        }
        let largest = dataset.targets().iter().copied().max();
        let n_classes = largest.map_or(0, |label| label.saturating_add(1));
        if n_classes > features.nrows() {
            return Err(TrainError::Mismatch {
                what: "the largest class number",
                expected: format!("below {}, the number of rows", features.nrows()),
                found: (n_classes - 1).to_string(),
            });
        }
        let class_names: Vec<String> = (0..n_classes).map(|class| class.to_string()).collect();
        let labels: Vec<u32> = dataset
            .targets()
            .iter()
            .map(|&label| label as u32)
            .collect();
        let feature_names = match dataset.feature_names() {
            [] => (0..features.ncols())
                .map(|column| format!("x{column}"))
                .collect(),
            names => names.to_vec(),
        };
        self.fit_rows(features, &labels, &feature_names, &class_names)
    }
}

/// Classes as numbers.
///
/// # Panics
/// If the rows have another number of columns than those of training, which linfa's trait cannot report;
/// [`Classifier::answer`] can.
impl<D: Data<Elem = f32>> PredictInplace<ArrayBase<D, Ix2>, Array1<usize>> for Classifier {
    fn predict_inplace(&self, rows: &ArrayBase<D, Ix2>, classes: &mut Array1<usize>) {
        let answers = self.answer(rows.view()).expect("rows as in training");
        *classes = answers
            .classes()
            .into_iter()
            .map(|class| class as usize)
            .collect();
    }

    fn default_target(&self, rows: &ArrayBase<D, Ix2>) -> Array1<usize> {
        Array1::zeros(rows.nrows())
    }
}
