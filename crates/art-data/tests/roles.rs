//! What may be done with rows that a resampler made.

use art_core::Seed;
use art_data::{
    DataError, Dataset, GaussianClasses, RESAMPLED_TARGET, RandomOverSampler, RandomUnderSampler,
    Resampled, Resampler, Smote, SmoteTomek, Split, SplitConfig, SplitRows, Standardizer, TestSet,
    TrainSet, ValidSet,
};

const SEED: Seed = Seed::new(3);

fn table() -> Dataset {
    let classes = GaussianClasses::new(vec![90, 30], 2);
    classes.generate(SEED).unwrap()
}

fn resamplers() -> [Box<dyn Resampler>; 4] {
    [
        Box::new(RandomOverSampler::new()),
        Box::new(RandomUnderSampler::new()),
        Box::new(Smote::new()),
        Box::new(SmoteTomek::new()),
    ]
}

fn is_refused<T: std::fmt::Debug>(found: Result<T, DataError>) {
    let error = found.unwrap_err();
    assert!(matches!(error, DataError::Resampled { .. }), "{error}");
}

/// Every way to validation or test rows out of `data`.
fn no_rows_can_be_held_out_of(data: &Dataset) {
    assert!(data.is_resampled());
    let config = SplitConfig::default();
    is_refused(config.rows(data, SEED));
    is_refused(Split::stratified(data, &config, SEED));
    let rows = SplitRows {
        train: vec![0],
        valid: vec![1],
        test: vec![2],
    };
    is_refused(Split::from_rows(data, &rows));
    is_refused(ValidSet::new(data.clone()));
    is_refused(TestSet::new(data.clone()));
}

#[test]
fn no_validation_or_test_rows_can_be_cut_out_of_resampled_rows() {
    let train = TrainSet::new(table());
    for resampler in resamplers() {
        let resampled = resampler.resample(&train, SEED).unwrap();
        let data = resampled.train.data();
        no_rows_can_be_held_out_of(data);
        // Whatever is made of them stays what it is.
        no_rows_can_be_held_out_of(&data.select(&[0, 1, 40, 41]).unwrap());
        no_rows_can_be_held_out_of(&data.clone().with_image_shape(1, 2).unwrap());
        let scaler = Standardizer::fit(&train).unwrap();
        no_rows_can_be_held_out_of(&scaler.transform(data).unwrap());
        let linfa = data.to_linfa();
        assert_eq!(linfa.target_names(), [RESAMPLED_TARGET]);
        let names = data.class_names().to_vec();
        no_rows_can_be_held_out_of(&Dataset::from_linfa(&linfa, names).unwrap());
    }
    let error = Split::stratified(
        Resampled::kept(&train, (0..40).collect())
            .unwrap()
            .train
            .data(),
        &SplitConfig::default(),
        SEED,
    );
    assert_eq!(
        error.unwrap_err().to_string(),
        "40 rows that a resampler made cannot be a table to split: copies and blends of a row would stand on both sides; \
         split first, then resample the training rows alone"
    );
}

#[test]
fn rows_as_they_were_collected_can_be_split_again() {
    let split = Split::stratified(&table(), &SplitConfig::default(), SEED).unwrap();
    let scaled = Standardizer::split(&split).unwrap();
    for data in [split.train.data(), scaled.train.data()] {
        assert!(!data.is_resampled());
        assert!(data.to_linfa().target_names().is_empty());
        assert!(Split::stratified(data, &SplitConfig::default(), SEED).is_ok());
    }
}

#[test]
fn resampled_rows_keep_the_natural_counts_of_those_they_were_made_of() {
    let train = TrainSet::new(table());
    for resampler in resamplers() {
        let once = resampler.resample(&train, SEED).unwrap();
        let declared_again = TrainSet::new(once.train.data().clone());
        let twice = Smote::new().resample(&declared_again, SEED).unwrap();
        for resampled in [&once.train, &declared_again, &twice.train] {
            assert_eq!(resampled.natural_counts().as_slice(), [90, 30]);
        }
    }
}

#[test]
fn rows_that_someone_else_makes_of_training_rows_are_marked_too() {
    let train = TrainSet::new(table());
    let own = GaussianClasses::new(vec![50, 50], 2);
    let made = train.with_data(own.generate(SEED).unwrap()).unwrap();
    no_rows_can_be_held_out_of(made.data());
    assert_eq!(made.natural_counts().as_slice(), [90, 30]);
}
