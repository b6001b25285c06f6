//! Cleaning: rows are left out where classes overlap, after SMOTE or alone. None of them aims at a number of rows.

use super::{RATIO, neighbors, to_ratio};
use crate::{
    key::{OneOf, Real, Typed as _, Whole},
    method::{Method, Source},
};
use art_data::{
    CondensedNearestNeighbors, EditedNearestNeighbors, EnnRule, OneSidedSelection, Smote, SmoteEnn,
    SmoteTomek, TomekLinks,
};

/// Neighbors of the SMOTE before it.
const K: Whole = neighbors(5, 1, 15);

/// What that SMOTE aims at.
const SMOTE_RATIO: Real = RATIO.implied();

const BATISTA_2004: Source = Source::new("Batista et al. 2004", "10.1145/1007730.1007735");

pub(super) fn methods() -> Vec<Method> {
    vec![
        Method::resampler("tomek", "Tomek links", |_| Ok(Box::new(TomekLinks::new())))
            .about("removes rows of larger classes that form a Tomek link: two nearest neighbors of different classes", "art_data::TomekLinks")
            .after([Source::new("Tomek 1976", "10.1109/TSMC.1976.4309452")]),
        enn(),
        Method::resampler("cnn", "CNN", |_| Ok(Box::new(CondensedNearestNeighbors)))
            .about(
                "condensed nearest neighbors: keeps the rows of larger classes that the rows kept so far misclassify",
                "art_data::CondensedNearestNeighbors",
            )
            .after([Source::new("Hart 1968", "10.1109/TIT.1968.1054155")]),
        Method::resampler("oss", "OSS", |_| Ok(Box::new(OneSidedSelection)))
            .about("one-sided selection: condensed nearest neighbors, then Tomek links removed", "art_data::OneSidedSelection")
            .after([Source::new("Kubat and Matwin 1997", "")]),
        Method::resampler("smote-enn", "SMOTE-ENN", |settings| {
            let smote = Smote::new().k(settings.of(K)? as usize);
            let smote = smote.strategy(to_ratio(settings)?);
            Ok(Box::new(SmoteEnn::new().smote(smote)))
        })
        .settings([K.setting(), SMOTE_RATIO.setting()])
        .about("SMOTE, then edited nearest neighbors on all classes", "art_data::SmoteEnn")
        .after([BATISTA_2004]),
        Method::resampler("smote-tomek", "SMOTE-Tomek", |settings| {
            let smote = Smote::new().k(settings.of(K)? as usize);
            let smote = smote.strategy(to_ratio(settings)?);
            Ok(Box::new(SmoteTomek::new().smote(smote)))
        })
        .settings([K.setting(), SMOTE_RATIO.setting()])
        .about("SMOTE, then both rows of every Tomek link are removed", "art_data::SmoteTomek")
        .after([BATISTA_2004]),
    ]
}

fn enn() -> Method {
    const K: OneOf<usize> = OneOf::one_of("k", &[("1", 1), ("3", 3), ("5", 5), ("7", 7)])
        .default_at(1)
        .help("neighbors");
    const RULE: OneOf<EnnRule> =
        OneOf::one_of("rule", &[("vote", EnnRule::Vote), ("any", EnnRule::Any)])
            .help("whether most neighbors of another class remove a row, or any one does");
    Method::resampler("enn", "ENN", |settings| {
        let enn = EditedNearestNeighbors::new().k(settings.of(K)?);
        Ok(Box::new(enn.rule(settings.of(RULE)?)))
    })
    .settings([K.setting(), RULE.setting()])
    .about(
        "edited nearest neighbors: removes rows of larger classes that their neighbors contradict",
        "art_data::EditedNearestNeighbors",
    )
    .after([Source::new("Wilson 1972", "10.1109/TSMC.1972.4309137")])
}
