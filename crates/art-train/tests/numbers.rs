//! Numbers that enter a network piece by piece.

use art_core::{Seed, Shuffle};
use art_data::{Split, SplitConfig, SquarePairs, Standardizer};
use art_losses::{CrossEntropy, Head};
use art_train::{NumberEncoding, Predictions, Trainer, Training};
use candle_core::Device;

const SEED: Seed = Seed::new(1834);

/// Test macro F1 on pairs of squares.
fn score(numbers: NumberEncoding) -> f64 {
    let data = SquarePairs::new(3000).generate(SEED).unwrap();
    let split = Split::stratified(&data, &SplitConfig::default(), SEED).unwrap();
    let split = Standardizer::split(&split).unwrap();
    let train = split.train.data();
    let training = Training {
        numbers,
        ..Training::for_table(train.n_rows(), train.n_features())
    };
    let model = training
        .network(train, Head::Linear, SEED, &Device::Cpu)
        .unwrap();
    assert_eq!(
        model.perceptron(),
        Some(&training.perceptron_of(train, Head::Linear).unwrap())
    );
    let sampler = Box::new(Shuffle::new(train.class_counts(), SEED));
    let config = training.train_config().unwrap();
    let fitted = Trainer::new(config, SEED)
        .fit(model, &CrossEntropy, sampler, &split.train, &split.valid)
        .unwrap();
    let test = Predictions::of(&fitted.model, split.test.data()).unwrap();
    test.confusion().macro_f1()
}

#[test]
fn a_network_that_sees_steps_learns_a_rule_of_small_integers() {
    let plain = score(NumberEncoding::Plain);
    let encoded = score(NumberEncoding::PiecewiseLinear { most_knots: 8 });
    assert!(encoded > plain + 0.2, "{encoded} {plain}");
}

#[test]
fn a_training_is_written_as_before_where_numbers_are_plain() {
    let plain = serde_json::to_string(&Training::default()).unwrap();
    assert!(!plain.contains("numbers"), "{plain}");
    assert_eq!(
        serde_json::from_str::<Training>(&plain).unwrap(),
        Training::default()
    );
    let encoded = Training {
        numbers: NumberEncoding::PiecewiseLinear { most_knots: 16 },
        ..Training::default()
    };
    let text = serde_json::to_string(&encoded).unwrap();
    assert!(text.ends_with(r#""numbers":{"piecewise-linear":{"most_knots":16}}}"#));
    assert_eq!(serde_json::from_str::<Training>(&text).unwrap(), encoded);
    let none = Training {
        numbers: NumberEncoding::PiecewiseLinear { most_knots: 0 },
        ..Training::default()
    };
    assert_eq!(none.train_config().unwrap_err().field, "most_knots");
}
