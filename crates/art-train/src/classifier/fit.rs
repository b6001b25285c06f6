//! A classifier from arrays, with the traits of linfa.

use super::{Classifier, Purpose, TableHabits, TrainingRecord};
use crate::{Mlp, MlpParams, TauE, TrainConfig, TrainError, TrainParams, Trainer};
use art_core::{
    ArtConfig, ArtParams, ArtSampler, BreakEven, BreakEvenConfig, ClassBalanced, EpochSampler,
    ParamError, PowerSampler, PowerSchedule, Seed, Shuffle,
};
use art_data::{
    DataError, Dataset, Encoder, Frame, LabelledFrame, RESAMPLED_TARGET, Resampler, SplitConfig,
    SplitParams, TrainSet, Unseen, ValidSet,
};
use art_losses::CrossEntropy;
use candle_core::Device;
use linfa::{
    DatasetBase,
    traits::{Fit, PredictInplace},
};
use ndarray::{Array1, ArrayBase, ArrayView2, Data, Ix2};
use std::{collections::BTreeMap, fmt, sync::Arc};

/// Which rows an epoch draws.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Sampling {
    /// Every row once.
    Plain,
    /// Equal shares of every class; rows repeat only where a class has too few.
    ClassBalanced,
    /// Shares in proportion to `n_c^q`, q from 0 (equal ones) to 2; ½ is square-root sampling, together with
    /// [`ClassifierParams::tau_e`] a good choice without tuning.
    Power(f64),
    /// What the validation F1 of each class asks for.
    Art(ArtConfig),
    /// More of what is missed on validation rows, less of what is over-predicted.
    BreakEven(BreakEvenConfig),
}

/// A resampler that settings share.
#[derive(Clone)]
struct SharedResampler(Arc<dyn Resampler>);

impl fmt::Debug for SharedResampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

/// How a classifier is made from arrays, not yet checked.
///
/// It implements linfa's `Fit` once it is checked, and what it fits implements `Predict`:
///
/// ```
/// use art_train::ClassifierParams;
/// use linfa::traits::{Fit, Predict};
/// let table = art_data::GaussianClasses::new(vec![300, 30], 4).generate(art_core::Seed::new(1))?;
/// let classifier = ClassifierParams::new().hidden([16]).check()?.fit(&table.to_linfa())?;
/// let predicted = classifier.predict(&table.features().to_owned());
/// assert_eq!(predicted.len(), 330);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct ClassifierParams {
    hidden: Vec<usize>,
    dropout: f64,
    training: TrainParams,
    sampling: Sampling,
    resampler: Option<SharedResampler>,
    moves_decision: bool,
    valid_share: f64,
    seed: Seed,
}

/// How a classifier is made, checked; made by [`ClassifierParams::check`].
#[derive(Clone, Debug)]
pub struct ClassifierConfig {
    hidden: Vec<usize>,
    dropout: f64,
    training: TrainConfig,
    sampling: Sampling,
    resampler: Option<SharedResampler>,
    moves_decision: bool,
    split: SplitConfig,
    seed: Seed,
}

impl Default for ClassifierParams {
    fn default() -> Self {
        Self::new()
    }
}

impl ClassifierParams {
    /// Two hidden layers of 64 units, dropout 0.2, the defaults of [`TrainParams`] and of [`ArtParams`], 15 %
    /// of the rows for validation, seed 0.
    pub fn new() -> Self {
        Self {
            hidden: vec![64, 64],
            dropout: 0.2,
            training: TrainParams::new(),
            sampling: Sampling::Art(ArtParams::new().check().expect("the defaults are valid")),
            resampler: None,
            moves_decision: false,
            valid_share: 0.15,
            seed: Seed::new(0),
        }
    }

    /// Units of each hidden layer; none makes a linear model.
    pub fn hidden(mut self, widths: impl Into<Vec<usize>>) -> Self {
        self.hidden = widths.into();
        self
    }

    /// Share of hidden units dropped in training, at least 0 and below 1.
    pub fn dropout(mut self, rate: f64) -> Self {
        self.dropout = rate;
        self
    }

    /// How long, how fast and until when to train.
    pub fn training(mut self, training: TrainParams) -> Self {
        self.training = training;
        self
    }

    /// Which rows an epoch draws.
    pub fn sampling(mut self, sampling: Sampling) -> Self {
        self.sampling = sampling;
        self
    }

    /// Makes other training rows of the training rows, once they are split from the validation rows and encoded; epochs then
    /// draw from these. Validation rows, the scale of the features and the natural shares of the classes stay those of the
    /// rows as they came. Rows that are resampled beforehand are refused.
    pub fn resampler(mut self, resampler: impl Resampler + 'static) -> Self {
        self.resampler = Some(SharedResampler(Arc::new(resampler)));
        self
    }

    /// Moves the decision towards rare classes after training, by as much as the validation rows ask for ([`TauE`]).
    pub fn tau_e(mut self) -> Self {
        self.moves_decision = true;
        self
    }

    /// Share of the rows that steer training and are not trained on, above 0 and below 1.
    pub fn valid_share(mut self, share: f64) -> Self {
        self.valid_share = share;
        self
    }

    /// Seed of the split, the weights and the draws.
    pub fn seed(mut self, seed: Seed) -> Self {
        self.seed = seed;
        self
    }

    /// The checked settings.
    ///
    /// # Errors
    /// [`ParamError`] naming the first one outside its range.
    pub fn check(self) -> Result<ClassifierConfig, ParamError> {
        let split = SplitParams::new()
            .valid_share(self.valid_share)
            .test_share(0.0)
            .check()?;
        if let Sampling::Power(q) = self.sampling
            && !(0.0..=2.0).contains(&q)
        {
            return Err(ParamError::new("power", q, "a number from 0 to 2"));
        }
        // Refuses bad layers before there is a table.
        let shape = MlpParams::new(1, 2).hidden(self.hidden.clone());
        shape.dropout(self.dropout).check()?;
        Ok(ClassifierConfig {
            training: self.training.check()?,
            hidden: self.hidden,
            dropout: self.dropout,
            sampling: self.sampling,
            resampler: self.resampler,
            moves_decision: self.moves_decision,
            split,
            seed: self.seed,
        })
    }
}

impl ClassifierConfig {
    /// The classifier of the rows of `data`, whose features need no scaling before.
    ///
    /// # Errors
    /// [`TrainError::Data`] when a class has too few rows to be split, for rows that a resampler made
    /// ([`resampler`](ClassifierParams::resampler) is the way to them), and for whatever the resampler refuses; or whatever
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
        let rows = self
            .split
            .rows_of(&table.class_index()?, class_names, self.seed)?;
        let encoder = Encoder::fit(table.frame(), table.features(), &rows.train)?;
        let (train, _) = table.encoded(&encoder, &rows.train, Unseen::Refused)?;
        let (valid, _) = table.encoded(&encoder, &rows.valid, Unseen::Refused)?;
        let (mut train, valid) = (TrainSet::new(train), ValidSet::new(valid)?);
        let natural = train.natural_counts().prior();
        let mut settings = serde_json::Map::new();
        if let Some(SharedResampler(resampler)) = &self.resampler {
            let resampled = resampler.resample(&train, self.seed)?;
            settings.insert("resampler".into(), resampler.name().into());
            let name = |class: usize| class_names.get(class).map_or("?", String::as_str);
            let warnings = resampled.warnings.iter();
            let warnings = warnings.map(|w| format!("{}: {}", name(w.class), w.message));
            let warnings: Vec<_> = warnings.collect();
            if !warnings.is_empty() {
                settings.insert("resampler_warnings".into(), warnings.into());
            }
            train = train.with_data(resampled.train.data().clone())?;
        }
        let sampler = self.sampler(&train)?;
        let initial_distribution = sampler.distribution().as_slice().to_vec();
        let network = MlpParams::new(train.data().n_features(), class_names.len())
            .hidden(self.hidden.clone())
            .dropout(self.dropout)
            .check()?;
        let method = sampler.name().to_owned();
        settings.insert("sampler".into(), sampler.describe().into());
        let settings = serde_json::Value::Object(settings);
        let model = Mlp::new(network.clone(), self.seed, &Device::Cpu)?;
        let mut trainer = Trainer::new(self.training.clone(), self.seed);
        if self.moves_decision {
            trainer = trainer.post_hoc(&TauE);
        }
        let fitted = trainer.fit(model, &CrossEntropy, sampler, &train, &valid)?;
        let purpose = Purpose {
            target: "class".into(),
            class_names: class_names.to_vec(),
            joined: BTreeMap::new(),
            encoder,
            natural,
            table: TableHabits::default(),
        };
        let record = TrainingRecord {
            method,
            settings,
            training: self.training.clone(),
            seed: self.seed,
            epochs: fitted.history.epochs.clone(),
            best_epoch: fitted.best_epoch,
            stopped: fitted.stopped,
            initial_distribution,
            parts: vec![],
        };
        Classifier::new(purpose, network, &fitted, record)
    }

    fn sampler(&self, train: &TrainSet) -> Result<Box<dyn EpochSampler>, TrainError> {
        let index = train.data().class_index()?;
        Ok(match &self.sampling {
            Sampling::Plain => Box::new(Shuffle::new(train.data().class_counts(), self.seed)),
            Sampling::ClassBalanced => Box::new(ClassBalanced::new(index, self.seed)),
            Sampling::Power(q) => {
                // One power needs no number of epochs.
                let schedule = PowerSchedule::Constant(*q);
                Box::new(PowerSampler::new(schedule, 1, index, self.seed)?)
            }
            Sampling::Art(config) => Box::new(ArtSampler::new(config.clone(), index, self.seed)?),
            Sampling::BreakEven(config) => {
                Box::new(BreakEven::new(config.clone(), index, self.seed))
            }
        })
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
