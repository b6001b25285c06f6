//! A contrastive loss on features beside the one on logits.

use crate::{
    key::{Real, Typed as _},
    method::{Kind, Method, Source},
};
use art_losses::HardNegativesParams;
use art_train::Recipe;

pub(super) fn methods() -> Vec<Method> {
    const TEMPERATURE: Real = Real::real("temperature", 0.5, 0.05, 1.0)
        .logarithmic()
        .help("what similarities are divided by");
    const HARDNESS: Real =
        Real::real("hardness", 1.0, 0.0, 2.0).help("how much more near negatives count");
    const FACTOR: Real = Real::real("factor", 0.5, 0.01, 2.0)
        .logarithmic()
        .help("weight of this loss beside cross-entropy");
    let hard_negatives = Method::new(
        "hard-negatives",
        "Hard negatives",
        Kind::Loss,
        |settings, inputs| {
            let loss = HardNegativesParams::new()
                .temperature(settings.of(TEMPERATURE)?)
                .hardness(settings.of(HARDNESS)?)
                .factor(settings.of(FACTOR)?)
                .check()?;
            Ok(Recipe::plain(inputs).feature_loss(loss))
        },
    );
    vec![
        hard_negatives
            .settings([TEMPERATURE.setting(), HARDNESS.setting(), FACTOR.setting()])
            .about(
                "cross-entropy and a contrastive loss with hard negatives on features",
                "art_losses::HardNegatives",
            )
            .after([Source::new(
                "Robinson et al. 2021",
                "10.48550/arXiv.2010.04592",
            )]),
    ]
}
