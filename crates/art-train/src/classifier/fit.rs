//! A classifier from arrays, with the traits of linfa.

use super::{
    Classifier, ClassifierConfig, OUT_OF_FOLD, PartRecord, Purpose, TableHabits, TrainingRecord,
    params::SharedResampler,
};
use crate::{
    callback::stop_when,
    error::TrainError,
    evaluate::Predictions,
    recipe::{FoldInputs, Recipe, RunInputs},
    trainer::Trainer,
    training::Training,
};
use art_data::{
    DataError, Dataset, Frame, LabelledFrame, Prepared, RESAMPLED_TARGET, SplitRows, Steering,
};
use linfa::{
    DatasetBase,
    dataset::AsTargets,
    traits::{Fit, PredictInplace},
};
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};
use std::{collections::BTreeSet, sync::atomic::AtomicBool};

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
        self.fit_rows(data.features(), data.labels(), names, classes.to_vec())
    }

    fn fit_rows(
        &self,
        features: ArrayView2<'_, f32>,
        labels: &[u32],
        feature_names: &[String],
        class_names: Vec<String>,
    ) -> Result<Classifier, TrainError> {
        let frame = Frame::of_numbers(features, feature_names);
        let table = LabelledFrame::of_classes(frame, labels.to_vec(), class_names)?;
        let rows = table.rows(&self.split()?, self.seed)?;
        self.fit_table(&table, &rows)
    }

    /// The classifier of a table whose rows are divided: it is trained on `rows.train`, steered by `rows.valid`, and sees no
    /// test row.
    ///
    /// # Errors
    /// [`TrainError::Data`] for whatever the table or the resampler refuses; or whatever training refuses.
    ///
    /// ```
    /// use art_core::Seed;
    /// use art_data::{Frame, GaussianClasses, LabelledFrame, SplitConfig};
    /// use art_train::{ClassifierParams, Training};
    ///
    /// let data = GaussianClasses::new(vec![300, 30], 4).generate(Seed::new(1))?;
    /// let frame = Frame::of_numbers(data.features(), data.feature_names());
    /// let names = ["common", "rare"].map(String::from).to_vec();
    /// let table = LabelledFrame::of_classes(frame, data.labels().to_vec(), names)?;
    /// let rows = table.rows(&SplitConfig::default(), Seed::new(1))?;
    /// let training = Training { max_epochs: 3, ..Training::default() };
    /// let config = ClassifierParams::new().training(training).check()?;
    /// let classifier = config.fit_table(&table, &rows)?;
    /// assert_eq!(classifier.class_names(), ["common", "rare"]);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn fit_table(
        &self,
        table: &LabelledFrame,
        rows: &SplitRows,
    ) -> Result<Classifier, TrainError> {
        let training = self.training_for(table, rows);
        let trainer = Trainer::new(training.train_config()?, self.seed);
        self.fit_prepared(table, &self.prepare(table, rows)?, &training, trainer, None)
    }

    /// What training takes of a table whose rows are divided: in folds where the method wants them.
    ///
    /// # Errors
    /// [`TrainError::Data`] for whatever the table refuses.
    pub fn prepare(&self, table: &LabelledFrame, rows: &SplitRows) -> Result<Prepared, TrainError> {
        let of_method = || self.method.folds();
        Ok(match self.folds.map_or_else(of_method, Ok)? {
            1 => table.prepare(rows)?,
            folds => table.prepare_folds(rows, folds, self.seed)?,
        })
    }

    /// The network and how it is trained: as it was chosen, or what suits a table of these rows
    /// ([`Training::for_table`]).
    pub fn training_for(&self, table: &LabelledFrame, rows: &SplitRows) -> Training {
        let by_rule = || Training::for_table(rows.trained_in_folds().len(), table.features().len());
        self.training.clone().unwrap_or_else(by_rule)
    }

    /// The same as [`fit_table`](Self::fit_table) for whoever watches: what is [prepared](Self::prepare) of the table, trained
    /// [as suits it](Self::training_for), by a trainer with callbacks and checkpoints, given up after the epoch in which `cancel` is set. A classifier whose training was given up says so in
    /// its record ([`StopReason::Requested`](crate::StopReason::Requested)).
    ///
    /// # Errors
    /// As [`fit_table`](Self::fit_table); [`TrainError::Cancelled`] when it was given up before training itself began.
    pub fn fit_prepared<'t>(
        &self,
        table: &LabelledFrame,
        prepared: &Prepared,
        training: &Training,
        mut trainer: Trainer<'t>,
        cancel: Option<&'t AtomicBool>,
    ) -> Result<Classifier, TrainError> {
        let Prepared {
            encoder,
            train,
            steering,
        } = prepared;
        let mut settings = self.method.settings();
        if let Some(SharedResampler(resampler)) = &self.resampler {
            settings.insert("resampler".into(), resampler.name().into());
        }
        if let Some(cancel) = cancel {
            trainer = trainer.callback(stop_when(cancel));
        }
        let run = match steering {
            Steering::HeldOut(valid) => {
                let inputs = RunInputs {
                    cancel,
                    device: &self.device,
                    ..RunInputs::new(train, valid, training, self.seed)
                };
                self.recipe(&inputs)?.fit(&inputs, trainer)?
            }
            Steering::InFolds(folds) => {
                let inputs = FoldInputs {
                    cancel,
                    device: &self.device,
                    ..FoldInputs::new(train, folds, training, self.seed)
                };
                inputs.fit_by(&|inputs| self.recipe(inputs), trainer)?
            }
        };
        let fitted = &run.fitted;
        let record = TrainingRecord {
            method: self.method.title().to_owned(),
            settings: settings.into(),
            training: run.training.train_config()?,
            seed: self.seed,
            epochs: fitted.history.epochs.clone(),
            best_epoch: fitted.best_epoch,
            stopped: fitted.stopped,
            initial_distribution: run.initial_distribution,
            parts: vec![],
            importance: vec![],
            warnings: run.warnings,
        };
        let purpose = Purpose {
            target: table.target().to_owned(),
            class_names: table.class_names().to_vec(),
            joined: table.joined().clone(),
            encoder: encoder.clone(),
            natural: train.natural_counts().prior(),
            table: TableHabits::default(),
        };
        let classifier = Classifier::new(purpose, fitted, record)?;
        match &run.out_of_fold {
            None => Ok(classifier),
            Some(rows) => classifier.judged_out_of_fold(rows),
        }
    }

    /// The recipe of the method, on the rows that the resampler makes where there is one.
    fn recipe(&self, inputs: &RunInputs<'_>) -> Result<Recipe, TrainError> {
        let Some(SharedResampler(resampler)) = &self.resampler else {
            return self.method.recipe(inputs);
        };
        let made = resampler.resample(inputs.train, inputs.seed)?;
        let train = &inputs.train.with_data(made.train.data().clone())?;
        let mut recipe = self.method.recipe(&RunInputs { train, ..*inputs })?;
        recipe.warnings.splice(..0, made.warnings);
        Ok(recipe)
    }
}

impl Classifier {
    /// The same with how good its networks are on the rows that they were not trained on.
    fn judged_out_of_fold(mut self, rows: &Predictions) -> Result<Self, TrainError> {
        let answers = self.answers_with(rows.logits().to_vec());
        let part = PartRecord::of(OUT_OF_FOLD, &answers, rows.labels())?;
        self.record.parts.push(part);
        Ok(self)
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
        let largest = dataset.targets().iter().copied().max();
        let n_classes = largest.map_or(0, |label| label.saturating_add(1));
        let n_rows = dataset.records().nrows();
        if n_classes > n_rows {
            return Err(TrainError::Mismatch {
                what: "the largest class number",
                expected: format!("below {n_rows}, the number of rows"),
                found: (n_classes - 1).to_string(),
            });
        }
        let class_names = (0..n_classes).map(|class| class.to_string()).collect();
        let labels = dataset.targets().iter().map(|&label| label as u32);
        self.fit_linfa(dataset, &labels.collect::<Vec<_>>(), class_names)
    }
}

/// Labels are names of classes, which are numbered in the order of their names; the classifier keeps them.
///
/// ```
/// use art_train::ClassifierParams;
/// use linfa::{Dataset, traits::{Fit, Predict}};
/// use ndarray::{Array1, Array2};
/// let rows = Array2::from_shape_fn((60, 2), |(row, column)| ((row * 7 + column) % 11) as f32);
/// let labels = Array1::from_shape_fn(60, |row| if row % 5 == 0 { "rare" } else { "common" }.to_owned());
/// let classifier = ClassifierParams::new().fit(&Dataset::new(rows.clone(), labels))?;
/// let predicted: Array1<usize> = classifier.predict(&rows);
/// assert_eq!(classifier.class_names()[predicted[1]], "common");
/// # Ok::<(), art_train::TrainError>(())
/// ```
impl<D: Data<Elem = f32>> Fit<ArrayBase<D, Ix2>, Array1<String>, TrainError> for ClassifierConfig {
    type Object = Classifier;

    fn fit(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, Array1<String>>,
    ) -> Result<Classifier, TrainError> {
        let names: BTreeSet<&String> = dataset.targets().iter().collect();
        let names: Vec<String> = names.into_iter().cloned().collect();
        let place = |label: &String| names.binary_search(label).expect("it is among them") as u32;
        let labels: Vec<u32> = dataset.targets().iter().map(place).collect();
        self.fit_linfa(dataset, &labels, names)
    }
}

impl ClassifierConfig {
    fn fit_linfa<D: Data<Elem = f32>, T: AsTargets>(
        &self,
        dataset: &DatasetBase<ArrayBase<D, Ix2>, T>,
        labels: &[u32],
        class_names: Vec<String>,
    ) -> Result<Classifier, TrainError> {
        let features = dataset.records().view();
        if dataset.target_names() == [RESAMPLED_TARGET] {
            return Err(resampled(features.nrows()));
        }
        let feature_names = match dataset.feature_names() {
            [] => (0..features.ncols())
                .map(|column| format!("x{column}"))
                .collect(),
            names => names.to_vec(),
        };
        self.fit_rows(features, labels, &feature_names, class_names)
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
