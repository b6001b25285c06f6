//! Classifiers of tables: trained, loaded and saved, and what they answer.

use crate::{
    error::Refused,
    interrupt::{heard_or_cancelled, with_threads},
    settings::{Settings, unknown},
    table::Table,
};
use art_core::Seed;
use art_data::{LabelledFrame, SplitParams, Unseen, copies_of_weights};
use art_methods::{ChosenMethod, FOLDS, Registry, Typed as _, recommended};
use art_train::{
    ClassifierParams, NumberEncoding, Prior, Provenance, RowSketch, TrainError, Trainer, Training,
};
use numpy::{IntoPyArray, PyArray1, PyArray2, PyReadonlyArray1};
use pyo3::{
    prelude::*,
    types::{PyBytes, PyDict, PyType},
};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
};

/// A trained classifier.
#[pyclass(frozen, module = "imbalanced_art._core")]
pub(crate) struct Classifier(Arc<art_train::Classifier>);

/// What is trained, as the package hands it over; none where that follows from the table.
struct Plan {
    method: Option<String>,
    folds: Option<usize>,
    valid_share: f64,
    seed: Seed,
    training: Overrides,
}

struct Overrides {
    hidden: Option<Vec<usize>>,
    learning_rate: Option<f64>,
    weight_decay: Option<f64>,
    batch_size: Option<usize>,
    epochs: Option<u32>,
    patience: Option<u32>,
    numbers: Option<NumberEncoding>,
}

impl Plan {
    fn of(settings: &Settings<'_, '_>) -> PyResult<Self> {
        let encoding: Option<String> = settings.get("number_encoding")?;
        let numbers = match encoding.as_deref() {
            None => None,
            Some("plain") => Some(NumberEncoding::Plain),
            Some("pieces") => Some(NumberEncoding::pieces()),
            Some(other) => {
                let expected = "'plain', 'pieces' or None";
                return Err(unknown("number_encoding", other, expected));
            }
        };
        Ok(Self {
            method: settings.get("method")?,
            folds: settings.get("folds")?,
            valid_share: settings.get("valid_share")?,
            seed: Seed::new(settings.get("seed")?),
            training: Overrides {
                hidden: settings.get("hidden")?,
                learning_rate: settings.get("learning_rate")?,
                weight_decay: settings.get("weight_decay")?,
                batch_size: settings.get("batch_size")?,
                epochs: settings.get("epochs")?,
                patience: settings.get("patience")?,
                numbers,
            },
        })
    }

    /// The method with its settings: the one that is recommended for so many rows where none is named.
    fn method(&self, n_rows: usize) -> Result<ChosenMethod, Refused> {
        let name = match (&self.method, self.folds) {
            (Some(name), _) => name,
            // The one without folds of its own.
            (None, Some(_)) => recommended(usize::MAX),
            (None, None) => recommended(n_rows),
        };
        let (method, mut settings) = Registry::standard().typed(name)?;
        if let Some(folds) = self.folds {
            let key = FOLDS.setting().key();
            if settings.get(key).is_some() {
                return Err(Refused::Value(format!(
                    "folds is {folds}, and the method {name:?} names them as well; leave one out"
                )));
            }
            settings.insert(key, folds as f64);
        }
        Ok(method.with(&settings)?)
    }

    /// Trains on the rows of `table`, until `cancel` is set.
    fn fit(
        &self,
        table: LabelledFrame,
        weights: Option<&[f64]>,
        groups: Option<&[u32]>,
        cancel: &AtomicBool,
    ) -> Result<art_train::Classifier, Refused> {
        let table = match groups {
            None => table,
            Some(groups) => table.in_groups(groups)?,
        };
        let table = match weights {
            None => table,
            Some(weights) => table.with_copies(&copies_of_weights(weights, self.seed)?)?,
        };
        let split = SplitParams::new().valid_share(self.valid_share);
        let split = split.test_share(0.0).check()?;
        let rows = table.rows(&split, self.seed)?;
        let n_rows = rows.trained_in_folds().len();
        let method = self.method(n_rows)?;
        let by_rule = Training::for_table(n_rows, table.features().len());
        let training = self.training.over(by_rule);
        let config = ClassifierParams::new()
            .training(training.clone())
            .method(method)
            .seed(self.seed)
            .check()?;
        let prepared = config.prepare(&table, &rows)?;
        let trainer = Trainer::new(training.train_config()?, self.seed);
        let classifier =
            config.fit_prepared(&table, &prepared, &training, trainer, Some(cancel))?;
        let made_from = [&rows.train[..], &rows.valid].concat();
        let encoder = classifier.encoder();
        let rows = RowSketch::of(encoder, table.frame(), table.labels(), &made_from)?;
        let run = table.digest();
        Ok(classifier.with_provenance(Provenance { run, rows }))
    }
}

impl Overrides {
    /// `by_rule` with what was said in its place.
    fn over(&self, by_rule: Training) -> Training {
        Training {
            hidden: self.hidden.clone().unwrap_or(by_rule.hidden),
            learning_rate: self.learning_rate.unwrap_or(by_rule.learning_rate),
            weight_decay: self.weight_decay.unwrap_or(by_rule.weight_decay),
            batch_size: self.batch_size.unwrap_or(by_rule.batch_size),
            max_epochs: self.epochs.unwrap_or(by_rule.max_epochs),
            patience: self.patience.unwrap_or(by_rule.patience),
            numbers: self.numbers.unwrap_or(by_rule.numbers),
            ..by_rule
        }
    }
}

/// Classes as numbers and probabilities, and the number of fields with a word that no training row has.
type Answered<'py> = (Bound<'py, PyArray1<u32>>, Bound<'py, PyArray2<f64>>, usize);

#[pymethods]
impl Classifier {
    /// Trains a classifier of the column `target`.
    #[staticmethod]
    fn fit(
        py: Python<'_>,
        table: &Table,
        target: String,
        weights: Option<PyReadonlyArray1<'_, f64>>,
        groups: Option<PyReadonlyArray1<'_, u32>>,
        settings: &Bound<'_, PyDict>,
    ) -> PyResult<Self> {
        let plan = Plan::of(&Settings(settings))?;
        let frame = table.frame()?;
        let weights = weights.map(|weights| weights.as_array().to_vec());
        let groups = groups.map(|groups| groups.as_array().to_vec());
        let trained = heard_or_cancelled(py, move |cancel| {
            let table = LabelledFrame::new(frame, &target)?;
            plan.fit(table, weights.as_deref(), groups.as_deref(), cancel)
        });
        Ok(Self(Arc::new(trained??)))
    }

    /// Reads a model file.
    #[staticmethod]
    fn load(py: Python<'_>, path: PathBuf) -> PyResult<Self> {
        let read = py.detach(|| art_train::Classifier::load(&path));
        Ok(Self(Arc::new(read.map_err(Refused::from)?)))
    }

    /// Reads the bytes of a model file.
    #[new]
    fn new(py: Python<'_>, bytes: &[u8]) -> PyResult<Self> {
        let read = py.detach(|| art_train::Classifier::from_bytes(bytes));
        Ok(Self(Arc::new(read.map_err(Refused::from)?)))
    }

    fn save(&self, py: Python<'_>, path: PathBuf) -> PyResult<()> {
        Ok(py.detach(|| self.0.save(&path)).map_err(Refused::from)?)
    }

    fn to_bytes<'py>(&self, py: Python<'py>) -> PyResult<Bound<'py, PyBytes>> {
        let bytes = py.detach(|| self.0.to_bytes()).map_err(Refused::from)?;
        Ok(PyBytes::new(py, &bytes))
    }

    fn __reduce__<'py>(
        slf: &Bound<'py, Self>,
    ) -> PyResult<(Bound<'py, PyType>, (Bound<'py, PyBytes>,))> {
        Ok((slf.get_type(), (slf.get().to_bytes(slf.py())?,)))
    }

    fn target(&self) -> &str {
        self.0.target()
    }

    fn class_names(&self) -> Vec<String> {
        self.0.class_names().to_vec()
    }

    /// Names and kinds of the columns that it reads.
    fn columns(&self) -> Vec<(String, String)> {
        let columns = self.0.encoder().columns();
        columns
            .map(|(name, kind)| (name.to_owned(), kind.to_string()))
            .collect()
    }

    /// How it was trained, as JSON.
    fn record(&self) -> PyResult<String> {
        Ok(serde_json::to_string(self.0.record()).map_err(Refused::from)?)
    }

    /// What it says of the rows of a table that has its columns.
    fn answer<'py>(
        &self,
        py: Python<'py>,
        table: &Table,
        ignore_unseen: bool,
    ) -> PyResult<Answered<'py>> {
        let frame = table.frame()?;
        let unseen = if ignore_unseen {
            Unseen::Counted
        } else {
            Unseen::Refused
        };
        let answered = || {
            let answers = self.0.answer_frame(&frame, unseen)?;
            let probabilities = answers.probabilities(Prior::Natural);
            Ok::<_, TrainError>((answers.classes(), probabilities, answers.n_unseen))
        };
        let answers = py.detach(|| with_threads(answered));
        let (classes, probabilities, n_unseen) = answers.map_err(Refused::from)?;
        Ok((
            classes.into_pyarray(py),
            probabilities.into_pyarray(py),
            n_unseen,
        ))
    }
}
