//! Rows of a batch mixed in pairs.

use crate::{
    key::{OneOf, Real, Typed as _},
    method::{Kind, Method, Source},
};
use art_train::{Recipe, Remix};

pub(super) fn methods() -> Vec<Method> {
    const ALPHA: Real = Real::real("alpha", 1.0, 0.1, 2.0)
        .logarithmic()
        .help("both parameters of the beta distribution that mixing weights are drawn from");
    const KAPPA: OneOf<f64> = OneOf::one_of("kappa", &[("2", 2.0), ("3", 3.0), ("5", 5.0)])
        .default_at(1)
        .help("how many times more rows make a class the larger one of a pair");
    const TAU: Real =
        Real::real("tau", 0.5, 0.2, 0.8).help("most of the rarer class for which its label wins");
    let remix = Method::new("remix", "Remix", Kind::Loss, |settings, inputs| {
        let [alpha, tau] = [ALPHA, TAU].map(|setting| settings.of(setting));
        Ok(Recipe::plain(inputs).mixing(Remix::new(alpha?, settings.of(KAPPA)?, tau?)?))
    });
    vec![
        remix
            .settings([ALPHA.setting(), KAPPA.setting(), TAU.setting()])
            .about(
                "mixup whose labels favor the rarer class of a pair",
                "art_train::Remix",
            )
            .after([Source::new("Chou et al. 2020", "10.48550/arXiv.2007.03943")]),
    ]
}
