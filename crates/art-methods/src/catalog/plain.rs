//! Plain training, and its decision moved afterwards.

use super::MENON_2021;
use crate::method::{Asks, Kind, Method, PLAIN};
use art_train::{ClassThresholds, LogitAdjustment, Recipe};

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::new(PLAIN, "Baseline", Kind::Plain, |_, inputs| {
            Ok(Recipe::plain(inputs))
        })
        .asks(Asks::Nothing)
        .about("plain training", "art_core::Shuffle, art_losses::CrossEntropy"),
        Method::new(
            "baseline-la",
            "Baseline + logit adjustment",
            Kind::Decision,
            |_, inputs| Ok(Recipe::plain(inputs).decision(LogitAdjustment)),
        )
        .asks(Asks::Decision)
        .about(
            "control: plain training, then logits offset by −τ ln π with τ chosen on validation rows",
            "art_train::LogitAdjustment",
        )
        .after([MENON_2021]),
        Method::new(
            "baseline-thresholds",
            "Baseline + thresholds",
            Kind::Decision,
            |_, inputs| Ok(Recipe::plain(inputs).decision(ClassThresholds)),
        )
        .asks(Asks::Decision)
        .about(
            "control: plain training, then an offset for each class searched on validation rows",
            "art_train::ClassThresholds",
        ),
    ]
}
