//! Names of methods with their settings, and settings as JSON.

use crate::{
    rows::{SEED, SPLIT},
    seed::Seed,
};
use art_methods::{Registry, Settings};
use art_train::{MakeRecipe as _, RunInputs, Training};
use std::sync::LazyLock;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

/// A name, and behind a line break settings for the method of that name.
pub(crate) fn run(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let (name, settings) = text.split_once('\n').unwrap_or((text, "{}"));
    let Ok(chosen) = REGISTRY.choose(name) else {
        return;
    };
    let training = Training {
        hidden: vec![4],
        max_epochs: 1,
        ..Training::default()
    };
    let inputs = RunInputs::new(&SPLIT.train, &SPLIT.valid, &training, SEED);
    let draw = |recipe: Result<art_train::Recipe, art_train::TrainError>| {
        if let Ok(recipe) = recipe {
            assert!(!recipe.sampler.draw(1).to_vec().is_empty());
        }
    };
    draw(chosen.recipe(&inputs));
    let (Ok(settings), Ok(method)) = (
        serde_json::from_str::<Settings>(settings),
        REGISTRY.get(name),
    ) else {
        return;
    };
    if let Ok(resolved) = method.resolve(&settings) {
        let again = method
            .resolve(&resolved)
            .expect("they were resolved before");
        assert_eq!(again, resolved);
        draw(method.recipe(&resolved, &inputs));
    }
}

pub(crate) fn seeds() -> Vec<Seed> {
    let mut texts = vec![
        "art:blend=0.3".to_owned(),
        "art:eager:blend=0.3+tau-e".to_owned(),
        "power-sampling+plug-in".to_owned(),
        "break-even:folds=5+plug-in".to_owned(),
        "smote\n{\"ratio\":0.5,\"k\":3}".to_owned(),
        "art\n{\"bf\":5,\"c\":\"0.5\"}".to_owned(),
    ];
    texts.extend(
        REGISTRY
            .methods()
            .iter()
            .map(|method| method.id().to_owned()),
    );
    let seed = |text: String| Seed::new(text.replace(['/', '\n'], " "), text);
    texts.into_iter().map(seed).collect()
}
