//! SMOTE and what came of it: rows that are made between those of a rare class.

use super::{RATIO, neighbors, to_ratio};
use crate::{
    key::{OneOf, Real, Typed as _, Whole},
    method::{Method, Source},
};
use art_data::{
    Adasyn, BorderlineSmote, BorderlineVariant, KMeansSmote, Msmote, Msyn, SafeLevelSmote, Smote,
};

const K: Whole = neighbors(5, 1, 15);

/// From SMOTE, whose interpolation the others share.
const CHAWLA_2002: Source = Source::new("Chawla et al. 2002", "10.1613/jair.953");

pub(super) fn methods() -> Vec<Method> {
    vec![
        smote(),
        msmote(),
        borderline_smote(),
        adasyn(),
        safe_level_smote(),
        kmeans_smote(),
        msyn(),
    ]
}

fn smote() -> Method {
    Method::resampler("smote", "SMOTE", |settings| {
        let smote = Smote::new().k(settings.of(K)? as usize);
        Ok(Box::new(smote.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), K.setting()])
    .about(
        "synthetic samples between neighbors of a class; SMOTE-NC where there are categorical or missing values",
        "art_data::Smote",
    )
    .after([CHAWLA_2002])
}

fn msmote() -> Method {
    const K: Whole = neighbors(5, 3, 11);
    Method::resampler("msmote", "MSMOTE", |settings| {
        let smote = Msmote::new().k(settings.of(K)? as usize);
        Ok(Box::new(smote.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), K.setting()])
    .about(
        "SMOTE that tells safe, border and noisy rows apart",
        "art_data::Msmote",
    )
    .after([Source::new("Hu et al. 2009", "10.1109/WCSE.2009.756")])
}

fn borderline_smote() -> Method {
    const M: Whole = Whole::whole("m", 10, 3, 20).help("neighbors that say what is a borderline");
    const VARIANT: OneOf<BorderlineVariant> = OneOf::one_of(
        "variant",
        &[
            ("1", BorderlineVariant::OwnClass),
            ("2", BorderlineVariant::AnyClass),
        ],
    )
    .help("1: partners of the own class, 2: of any");
    Method::resampler("borderline-smote", "Borderline-SMOTE", |settings| {
        let smote = BorderlineSmote::new()
            .k(settings.of(K)? as usize)
            .m(settings.of(M)? as usize)
            .variant(settings.of(VARIANT)?);
        Ok(Box::new(smote.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), K.setting(), M.setting(), VARIANT.setting()])
    .about(
        "SMOTE that starts from rows near the border of their class",
        "art_data::BorderlineSmote",
    )
    .after([Source::new("Han et al. 2005", "10.1007/11538059_91")])
}

fn adasyn() -> Method {
    const K: Whole = neighbors(5, 2, 15);
    Method::resampler("adasyn", "ADASYN", |settings| {
        let adasyn = Adasyn::new().k(settings.of(K)? as usize);
        Ok(Box::new(adasyn.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), K.setting()])
    .about(
        "SMOTE with most rows where most neighbors are of other classes",
        "art_data::Adasyn",
    )
    .after([Source::new("He et al. 2008", "10.1109/IJCNN.2008.4633969")])
}

fn safe_level_smote() -> Method {
    const K: Whole = neighbors(5, 3, 15);
    Method::resampler("safe-level-smote", "Safe-level-SMOTE", |settings| {
        let smote = SafeLevelSmote::new().k(settings.of(K)? as usize);
        Ok(Box::new(smote.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), K.setting()])
    .about(
        "SMOTE whose samples lie nearer to the safer of their two parents",
        "art_data::SafeLevelSmote",
    )
    .after([Source::new(
        "Bunkhumpornpat et al. 2009",
        "10.1007/978-3-642-01307-2_43",
    )])
}

fn kmeans_smote() -> Method {
    const K: Whole = neighbors(5, 1, 10);
    const CLUSTERS: Whole = Whole::whole("clusters", 8, 2, 64)
        .logarithmic()
        .help("clusters of all rows");
    const THRESHOLD: Real = Real::real("threshold", 1.0, 0.5, 10.0)
        .logarithmic()
        .help("most rows of other classes to one of the class in a cluster that is used");
    const EXPONENT: OneOf<Option<f64>> = OneOf::one_of(
        "exponent",
        &[("features", None), ("2", Some(2.0)), ("0", Some(0.0))],
    )
    .help("power of the mean distance in a cluster's sparsity");
    Method::resampler("kmeans-smote", "k-means-SMOTE", |settings| {
        let smote = KMeansSmote::new()
            .k(settings.of(K)? as usize)
            .clusters(settings.of(CLUSTERS)? as usize)
            .threshold(settings.of(THRESHOLD)?)
            .strategy(to_ratio(settings)?);
        Ok(Box::new(match settings.of(EXPONENT)? {
            None => smote,
            Some(exponent) => smote.exponent(exponent),
        }))
    })
    .settings([
        RATIO.setting(),
        K.setting(),
        CLUSTERS.setting(),
        THRESHOLD.setting(),
        EXPONENT.setting(),
    ])
    .about(
        "SMOTE inside clusters that a class dominates",
        "art_data::KMeansSmote",
    )
    .after([Source::new(
        "Douzas et al. 2018",
        "10.1016/j.ins.2018.06.056",
    )])
}

fn msyn() -> Method {
    const PROPOSALS: Whole =
        Whole::whole("proposals", 3, 2, 5).help("synthetic samples proposed for each that is kept");
    Method::resampler("msyn", "MSYN", |settings| {
        let msyn = Msyn::new()
            .k(settings.of(K)? as usize)
            .proposals(settings.of(PROPOSALS)? as usize);
        Ok(Box::new(msyn.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), K.setting(), PROPOSALS.setting()])
    .about(
        "margin-guided: of several SMOTE samples, keeps those that reduce other classes' margins least",
        "art_data::Msyn",
    )
    .after([Source::new(
        "Fan et al. 2011",
        "10.1007/978-3-642-20847-8_26",
    )])
}
