//! Classifiers whose training rows are resampled.

use art_core::{ClassCounts, Seed};
use art_data::{
    DataError, Dataset, GaussianClasses, RandomOverSampler, ResampleWarning, Resampled, Resampler,
    TrainSet,
};
use art_train::{Classifier, ClassifierParams, Prior, Recipe, TrainError, Training};
use linfa::traits::Fit;
use std::sync::{Arc, Mutex};

fn table() -> Dataset {
    let classes = GaussianClasses::new(vec![170, 30], 2);
    classes.generate(Seed::new(8)).unwrap()
}

fn params() -> ClassifierParams {
    let training = Training {
        hidden: vec![4],
        max_epochs: 4,
        ..Training::default()
    };
    let params = ClassifierParams::new().training(training);
    let params = params.recipe("plain", |inputs| Ok(Recipe::plain(inputs)));
    params.seed(Seed::new(5))
}

/// Notes the rows that it is given and keeps them.
#[derive(Clone, Default)]
struct Witness {
    seen: Arc<Mutex<Vec<TrainSet>>>,
}

impl Resampler for Witness {
    fn name(&self) -> &'static str {
        "witness"
    }

    fn targets(&self, _: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        Ok(None)
    }

    fn resample(&self, train: &TrainSet, _: Seed) -> Result<Resampled, DataError> {
        self.seen.lock().unwrap().push(train.clone());
        let rows = 0..train.data().n_rows() as u32;
        let mut resampled = Resampled::kept(train, rows.collect())?;
        let message = "was looked at".to_owned();
        resampled.warnings = vec![ResampleWarning { class: 1, message }];
        Ok(resampled)
    }
}

#[test]
fn a_resampler_sees_the_training_rows_once_validation_rows_are_taken() {
    let witness = Witness::default();
    let config = params().resampler(witness.clone()).check().unwrap();
    let classifier = config.fit_dataset(&table()).unwrap();
    let seen = witness.seen.lock().unwrap();
    let [train] = &seen[..] else {
        panic!("it was asked {} times", seen.len());
    };
    // 15 % of 170 and of 30 rows steer training.
    assert_eq!(train.data().class_counts().as_slice(), [144, 26]);
    assert!(!train.data().is_resampled());
    let settings = &classifier.record().settings;
    assert_eq!(settings["resampler"], "witness");
    assert_eq!(classifier.record().warnings, ["class 1: was looked at"]);
}

#[test]
fn validation_rows_and_the_natural_prior_are_those_of_the_rows_as_they_came() {
    let fit = |params: ClassifierParams| -> Classifier {
        params.check().unwrap().fit_dataset(&table()).unwrap()
    };
    let plain = fit(params());
    let resampled = fit(params().resampler(RandomOverSampler::new()));
    assert!(plain.record().settings.get("resampler").is_none());
    let plain_shares = &plain.record().initial_distribution;
    assert!(
        (plain_shares[1] - 26.0 / 170.0).abs() < 1e-12,
        "{plain_shares:?}"
    );
    assert_eq!(resampled.record().initial_distribution, [0.5, 0.5]);
    // A rare row is as many times less likely under the natural prior as it was over-represented in training.
    let answers = resampled.answer(table().features()).unwrap();
    let natural = answers.probabilities(Prior::Natural);
    let trained = answers.probabilities(Prior::Trained);
    for (natural, trained) in natural.rows().into_iter().zip(trained.rows()) {
        let odds = |row: ndarray::ArrayView1<'_, f64>| row[1] / row[0];
        let factor = odds(natural) / odds(trained);
        assert!((factor / (26.0 / 144.0) - 1.0).abs() < 1e-9, "{factor}");
    }
    // The rows that steer are the same, so both classifiers were judged by as many of each class.
    let steering = |classifier: &Classifier| {
        let matrix = &classifier.record().epochs[0].confusion;
        let rows = matrix.rows().map(|row| row.iter().sum::<u64>());
        rows.collect::<Vec<_>>()
    };
    assert_eq!(steering(&plain), [26, 4]);
    assert_eq!(steering(&resampled), [26, 4]);
}

#[test]
fn rows_that_were_resampled_beforehand_are_refused() {
    let train = TrainSet::new(table());
    let resampled = RandomOverSampler::new().resample(&train, Seed::new(1));
    let resampled = resampled.unwrap().train;
    let config = params().check().unwrap();
    let refusals = [
        config.fit_dataset(resampled.data()),
        config.fit_dataset(&resampled.data().select(&[0, 1, 2, 200]).unwrap()),
        config.fit(&resampled.data().to_linfa()),
    ];
    for refused in refusals {
        let error = refused.expect_err("it is refused");
        assert!(
            matches!(error, TrainError::Data(DataError::Resampled { .. })),
            "{error}"
        );
    }
    assert!(config.fit_dataset(train.data()).is_ok());
    assert!(config.fit(&train.data().to_linfa()).is_ok());
}
