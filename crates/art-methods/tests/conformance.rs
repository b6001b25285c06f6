//! The parts of every method pass the suite of their kind, as the registry lists them.

use art_core::{Seed, conformance::check_sampler};
use art_data::{GaussianClasses, Split, SplitConfig, Standardizer, conformance::check_resampler};
use art_losses::conformance::check_loss;
use art_methods::{Domain, Kind, Method, Registry, Settings, Value};
use art_train::{Recipe, RunInputs, Training};

const SEED: Seed = Seed::new(7);

fn with_recipes(mut check: impl FnMut(&Method, &dyn Fn() -> Recipe)) {
    let data = GaussianClasses::new(vec![120, 40, 14], 4).separation(1.5);
    let data = data.generate(SEED).unwrap();
    let split = Split::stratified(&data, &SplitConfig::default(), SEED).unwrap();
    let split = Standardizer::split(&split).unwrap();
    let training = Training {
        hidden: vec![8],
        max_epochs: 4,
        ..Training::default()
    };
    let inputs = RunInputs::new(&split.train, &split.valid, &training, SEED);
    for method in Registry::standard().methods() {
        let settings = method.resolve(&Settings::default()).unwrap();
        check(method, &|| method.recipe(&settings, &inputs).unwrap());
    }
}

#[test]
fn every_resampler_passes_its_suite() {
    let mut n = 0;
    for method in Registry::standard().methods() {
        if let Some(resampler) = method.make_resampler(&Settings::default()) {
            n += 1;
            if let Err(violation) = check_resampler(&*resampler.unwrap()) {
                panic!("{}: {violation}", method.id());
            }
        }
    }
    assert!(n > 15, "{n}");
}

#[test]
fn every_sampler_passes_its_suite() {
    with_recipes(|method, recipe| {
        if let Err(violation) = check_sampler(|| recipe().sampler) {
            panic!("{}: {violation}", method.id());
        }
    });
}

#[test]
fn every_loss_passes_its_suite() {
    with_recipes(|method, recipe| {
        let loss = recipe().loss;
        for epoch in [1, 4] {
            if let Err(violation) = check_loss(loss.loss_at(epoch), 3) {
                panic!("{}, epoch {epoch}: {violation}", method.id());
            }
        }
    });
}

#[test]
fn what_tuning_may_try_is_taken_and_what_is_refused_is_called_by_its_name() {
    let (mut refused, mut called_otherwise) = (0, vec![]);
    for method in Registry::standard().methods() {
        let check = |key: &str, value: Value| {
            let mut settings = Settings::default();
            settings.insert(key, value);
            method.check(&method.resolve(&settings).unwrap())
        };
        for setting in method.declared() {
            let place = format!("{}: {}", method.id(), setting.name());
            let tried = match setting.domain() {
                Domain::Real { low, high, .. } => vec![(*low).into(), (*high).into()],
                Domain::Whole { low, high, .. } => {
                    vec![(*low as f64).into(), (*high as f64).into()]
                }
                Domain::Choice(values) => values.clone(),
            };
            for value in tried {
                if let Err(error) = check(setting.key(), value) {
                    panic!("{place}: {error}");
                }
            }
            for wild in [-1.0, 0.0, 0.5, 7.0, 1e9] {
                if let Err(error) = check(setting.key(), wild.into()) {
                    refused += 1;
                    if error.field != setting.name() {
                        called_otherwise.push(format!("{place}: {error}"));
                    }
                }
            }
        }
    }
    assert!(called_otherwise.is_empty(), "{called_otherwise:#?}");
    assert!(refused > 100, "{refused}");
}

#[test]
fn a_method_changes_what_its_kind_says() {
    with_recipes(|method, recipe| {
        let recipe = recipe();
        let is_plain = |r: &Recipe| r.second_stage.is_none() && r.decision.is_none();
        let holds = match method.kind() {
            Kind::Plain | Kind::Resampler | Kind::Sampler | Kind::Loss => is_plain(&recipe),
            Kind::SecondStage => recipe.second_stage.is_some(),
            Kind::Decision => recipe.decision.is_some(),
            Kind::Network => recipe.training.hidden.is_empty() && is_plain(&recipe),
        };
        assert!(holds, "{}", method.id());
    });
}
