//! Under-sampling by neighbors and by clusters.

use super::{RATIO, neighbors, to_ratio};
use crate::{
    key::{OneOf, Typed as _, Whole},
    method::{Method, Source},
};
use art_data::{ClusterUnderSampler, NearMiss, NearMissRule};

pub(super) fn methods() -> Vec<Method> {
    vec![nearmiss(), sbc()]
}

fn nearmiss() -> Method {
    const VERSION: OneOf<NearMissRule> = OneOf::one_of(
        "version",
        &[
            ("1", NearMissRule::Nearest),
            ("2", NearMissRule::Farthest),
            ("3", NearMissRule::TwoStage),
        ],
    )
    .default_at(2)
    .help("1: near the nearest rare rows, 2: near the farthest, 3: in two stages");
    const K: Whole = neighbors(3, 1, 10);
    const M: Whole = Whole::whole("m", 3, 1, 10)
        .only_if("version", "3")
        .help("neighbors of each rare row that the second stage chooses from");
    Method::resampler("nearmiss", "NearMiss", |settings| {
        let near_miss = NearMiss::new(settings.of(VERSION)?)
            .k(settings.of(K)? as usize)
            .m(settings.of(M)? as usize);
        Ok(Box::new(near_miss.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), VERSION.setting(), K.setting(), M.setting()])
    .about(
        "rows of the larger classes that are near those of the smallest one",
        "art_data::NearMiss",
    )
    .after([Source::new("Mani and Zhang 2003", "")])
}

fn sbc() -> Method {
    const CLUSTERS: Whole = Whole::whole("clusters", 3, 2, 20).help("clusters of all rows");
    Method::resampler("sbc", "SBC", |settings| {
        let sampler = ClusterUnderSampler::new().clusters(settings.of(CLUSTERS)? as usize);
        Ok(Box::new(sampler.strategy(to_ratio(settings)?)))
    })
    .settings([RATIO.setting(), CLUSTERS.setting()])
    .about(
        "cluster-based under-sampling: keeps most rows in clusters where the larger classes outnumber the smallest one most",
        "art_data::ClusterUnderSampler",
    )
    .after([Source::new(
        "Yen and Lee 2009",
        "10.1016/j.eswa.2008.06.108",
    )])
}
