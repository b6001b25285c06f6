//! Losses by which hard rows count more.

use crate::{
    key::{OneOf, Real, Typed as _},
    method::{Kind, Method, Source},
};
use art_losses::{Focal, Ohem, class_weight};
use art_train::Recipe;

pub(super) fn methods() -> Vec<Method> {
    vec![focal(), ohem()]
}

/// Weights of classes in the focal loss.
#[derive(Clone, Copy)]
enum Alpha {
    None,
    InverseFrequency,
    EffectiveNumber,
}

fn focal() -> Method {
    const GAMMA: Real =
        Real::real("gamma", 2.0, 0.0, 5.0).help("how much easy rows are down-weighted");
    const ALPHA: OneOf<Alpha> = OneOf::one_of(
        "alpha",
        &[
            ("none", Alpha::None),
            ("inverse-frequency", Alpha::InverseFrequency),
            ("effective-number", Alpha::EffectiveNumber),
        ],
    )
    .help("weights of classes");
    Method::new("focal", "Focal", Kind::Loss, |settings, inputs| {
        let counts = inputs.train.data().class_counts();
        let focal = Focal::new(settings.of(GAMMA)?)?;
        let focal = match settings.of(ALPHA)? {
            Alpha::None => focal,
            Alpha::InverseFrequency => {
                focal.alpha(class_weight::inverse_frequency(&counts, 1.0)?)?
            }
            Alpha::EffectiveNumber => {
                focal.alpha(class_weight::effective_number(&counts, 0.9999)?)?
            }
        };
        Ok(Recipe::plain(inputs).loss(focal))
    })
    .settings([GAMMA.setting(), ALPHA.setting()])
    .about("focal loss", "art_losses::Focal")
    .after([Source::new("Lin et al. 2017", "10.1109/ICCV.2017.324")])
}

fn ohem() -> Method {
    const SHARE: Real =
        Real::real("share", 0.7, 0.2, 1.0).help("share of a batch's rows that count");
    Method::new("ohem", "OHEM", Kind::Loss, |settings, inputs| {
        Ok(Recipe::plain(inputs).loss(Ohem::share(settings.of(SHARE)?)?))
    })
    .settings([SHARE.setting()])
    .about("online hard example mining", "art_losses::Ohem")
    .after([Source::new(
        "Shrivastava et al. 2016",
        "10.1109/CVPR.2016.89",
    )])
}
