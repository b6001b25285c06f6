//! Every method of the registry trains, on ordinary rows and on ones that are hard to please, to equal weights for equal
//! seeds.

use art_core::Seed;
use art_data::{GaussianClasses, Split, SplitConfig, Standardizer};
use art_methods::{Method, Registry, Settings};
use art_train::{RecipeRun, RunInputs, TrainError, Trainer, Training};
use std::sync::atomic::AtomicBool;

const SEED: Seed = Seed::new(5);

fn short() -> Training {
    Training {
        hidden: vec![8],
        max_epochs: 6,
        ..Training::default()
    }
}

fn fit(
    method: &Method,
    split: &Split,
    training: &Training,
    seed: Seed,
) -> Result<RecipeRun, TrainError> {
    fit_until(method, split, training, seed, None)
}

fn fit_until(
    method: &Method,
    split: &Split,
    training: &Training,
    seed: Seed,
    cancel: Option<&AtomicBool>,
) -> Result<RecipeRun, TrainError> {
    let settings = method.resolve(&Settings::default()).unwrap();
    let inputs = RunInputs {
        cancel,
        ..RunInputs::new(&split.train, &split.valid, training, seed)
    };
    let trainer = Trainer::new(training.train_config()?, seed);
    method.fit(&settings, &inputs, trainer)
}

#[test]
fn every_method_trains() {
    // A class with three training rows among them.
    for counts in [vec![120, 40], vec![90, 30, 5]] {
        let data = GaussianClasses::new(counts, 4).separation(1.5);
        let data = data.generate(Seed::new(2)).unwrap();
        let split = Split::stratified(&data, &SplitConfig::default(), Seed::new(3)).unwrap();
        let split = Standardizer::split(&split).unwrap();
        for method in Registry::standard().methods() {
            let [one, two] = [(); 2].map(|()| {
                fit(method, &split, &short(), SEED)
                    .unwrap_or_else(|error| panic!("{}: {error}", method.id()))
            });
            assert_eq!(
                one.fitted.history.epochs,
                two.fitted.history.epochs,
                "{}",
                method.id()
            );
            assert_eq!(one.fitted.second_stage, two.fitted.second_stage);
            assert_eq!(one.train_counts, two.train_counts);
            let shares = one.fitted.logit_prior.shares();
            assert!(
                (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9,
                "{}",
                method.id()
            );
        }
    }
}

#[test]
fn an_average_is_that_of_the_epochs_that_the_other_run_had() {
    let data = GaussianClasses::new(vec![200, 40], 4).separation(1.0);
    let data = data.generate(Seed::new(2)).unwrap();
    let split = Split::stratified(&data, &SplitConfig::default(), Seed::new(3)).unwrap();
    let split = Standardizer::split(&split).unwrap();
    let training = Training {
        max_epochs: 60,
        patience: 1,
        learning_rate: 0.03,
        ..short()
    };
    let registry = Registry::standard();
    let run = |method: &str, seed: Seed| {
        fit(&registry.get(method).unwrap(), &split, &training, seed).unwrap()
    };
    let other = run("break-even", SEED.derive("replay", 0));
    let epochs = &other.fitted.history.epochs;
    assert!(epochs.len() < 60, "patience ends it: {}", epochs.len());
    let mut shares = other.initial_distribution.clone();
    let mut sum = vec![0.0; 2];
    for epoch in epochs {
        for (sum, share) in sum.iter_mut().zip(&shares) {
            *sum += share / epochs.len() as f64;
        }
        if let Some(refresh) = &epoch.refresh {
            shares.clone_from(&refresh.distribution);
        }
    }
    let average = run("average-break-even", SEED).initial_distribution;
    for (found, expected) in average.iter().zip(sum) {
        assert!((found - expected).abs() < 1e-9, "{found} {expected}");
    }
}

/// What half a pilot run says would change another run, whose checkpoint nothing could go on from.
#[test]
fn a_pilot_run_that_is_given_up_ends_the_run() {
    let data = GaussianClasses::new(vec![120, 40], 4);
    let data = data.generate(Seed::new(3)).unwrap();
    let split = Split::stratified(&data, &SplitConfig::default(), Seed::new(3)).unwrap();
    let registry = Registry::standard();
    let cancel = AtomicBool::new(true);
    for id in [
        "curriculum",
        "adasampling",
        "replayed-art",
        "average-break-even",
    ] {
        let method = registry.get(id).unwrap();
        let run = fit_until(&method, &split, &short(), Seed::new(3), Some(&cancel));
        assert!(matches!(run, Err(TrainError::Cancelled)), "{id}");
    }
}
