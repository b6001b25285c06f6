//! Every method of the registry trains, on ordinary rows and on ones that are hard to please, to equal weights for equal
//! seeds.

use art_bench::{BenchError, Context, Method, MethodRun, Registry, Settings, Training};
use art_core::Seed;
use art_data::{GaussianClasses, Split, SplitConfig, Standardizer};
use art_train::Trainer;

fn fit(method: &Method, split: &Split) -> Result<MethodRun, BenchError> {
    let training = Training {
        hidden: vec![8],
        max_epochs: 6,
        ..Training::of_tables()
    };
    let settings = method.resolve(&Settings::default())?;
    let seed = Seed::new(5);
    let context = Context {
        train: &split.train,
        seed,
        settings: &settings,
        max_epochs: training.max_epochs,
    };
    let trainer = Trainer::new(training.train_config()?, seed);
    method.fit(&context, &training, &split.valid, trainer)
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
                fit(method, &split).unwrap_or_else(|error| panic!("{}: {error}", method.id()))
            });
            assert_eq!(
                one.fitted.history.epochs,
                two.fitted.history.epochs,
                "{}",
                method.id()
            );
            assert_eq!(one.fitted.second_stage, two.fitted.second_stage);
            assert_eq!(one.train_counts, two.train_counts);
            let shares = one.fitted.trained_under.as_slice();
            assert!(
                (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9,
                "{}",
                method.id()
            );
        }
    }
}
