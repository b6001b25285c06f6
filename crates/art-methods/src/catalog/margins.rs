//! Losses with margins or offsets by class.

use super::{BETA, MENON_2021, REN_2020};
use crate::{
    key::{Real, Typed as _},
    method::{Asks, Kind, Method, Source},
};
use art_core::ParamError;
use art_losses::{BalancedSoftmax, Ldam, VectorScaling};
use art_train::Recipe;

pub(super) fn methods() -> Vec<Method> {
    vec![ldam_drw(), balanced_softmax(), vector_scaling()]
}

fn ldam_drw() -> Method {
    const MARGIN: Real = Real::real("margin", 0.5, 0.1, 1.0)
        .checked_as("max_margin")
        .help("margin of the rarest class");
    const SCALE: Real = Real::real("scale", 30.0, 5.0, 60.0)
        .logarithmic()
        .help("what cosines are multiplied by");
    const DRW: Real =
        Real::real("drw", 0.8, 0.5, 0.95).help("share of the epochs before classes are weighted");
    Method::new("ldam-drw", "LDAM + DRW", Kind::Loss, |settings, inputs| {
        let counts = inputs.train.data().class_counts();
        let max_epochs = f64::from(inputs.training.max_epochs);
        let before = settings.of(DRW)?;
        if !(0.0..=1.0).contains(&before) {
            return Err(ParamError::new(DRW.name(), before, "a number from 0 to 1").into());
        }
        let last_before = (before * max_epochs + 1e-9) as u32;
        let ldam = Ldam::new(&counts, settings.of(MARGIN)?, settings.of(SCALE)?)?;
        let loss = ldam.with_deferred_weights(&counts, settings.of(BETA)?, last_before)?;
        Ok(Recipe::plain(inputs).loss(loss))
    })
    .settings([
        MARGIN.setting(),
        SCALE.setting(),
        DRW.setting(),
        BETA.setting(),
    ])
    .about("LDAM with deferred re-weighting", "art_losses::Ldam")
    .after([Source::new("Cao et al. 2019", "10.48550/arXiv.1906.07413")])
}

fn balanced_softmax() -> Method {
    const TAU: Real = Real::real("tau", 1.0, 0.0, 3.0).help("power of the class proportions");
    Method::new(
        "balanced-softmax",
        "Balanced softmax",
        Kind::Loss,
        |settings, inputs| {
            let counts = inputs.train.data().class_counts();
            Ok(Recipe::plain(inputs).loss(BalancedSoftmax::new(&counts, settings.of(TAU)?)?))
        },
    )
    .settings([TAU.setting()])
    .asks(Asks::Shares)
    .about("balanced softmax alone", "art_losses::BalancedSoftmax")
    .after([REN_2020, MENON_2021])
}

fn vector_scaling() -> Method {
    const GAMMA: Real = Real::real("gamma", 0.3, 0.0, 0.5).help("power of the factors of logits");
    const TAU: Real = Real::real("tau", 1.0, 0.0, 2.5).help("power of the class proportions");
    Method::new("vs", "VS loss", Kind::Loss, |settings, inputs| {
        let counts = inputs.train.data().class_counts();
        let loss = VectorScaling::new(&counts, settings.of(GAMMA)?, settings.of(TAU)?)?;
        Ok(Recipe::plain(inputs).loss(loss))
    })
    .settings([GAMMA.setting(), TAU.setting()])
    .about("vector-scaling loss", "art_losses::VectorScaling")
    .after([Source::new("Kini et al. 2021", "10.48550/arXiv.2103.01550")])
}
