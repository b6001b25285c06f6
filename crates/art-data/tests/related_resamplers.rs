//! Resamplers of related work: the rules of the trait, the fixture of the specification, values of other libraries.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

mod common;

use art_core::Seed;
use art_data::{
    AdaSampling, Adasyn, BorderlineSmote, BorderlineVariant, BorderlineZone, CleaningScope,
    ClusterUnderSampler, CondensedNearestNeighbors, DataError, EditedNearestNeighbors, EnnRule,
    Fallback, GaussianClasses, KMeans, KMeansSmote, Msyn, OneSidedSelection, Origin, Resampled,
    Resampler, SafeLevelSmote, SmoteEnn, SmoteTomek, TomekLinks, TrainSet,
    conformance::check_resampler,
};
use common::{kept, table};
use ndarray::Array2;

fn all() -> Vec<Box<dyn Resampler>> {
    let enn = EditedNearestNeighbors::new;
    let mut list: Vec<Box<dyn Resampler>> = vec![
        Box::new(BorderlineSmote::new()),
        Box::new(BorderlineSmote::new().variant(BorderlineVariant::AnyClass)),
        Box::new(Adasyn::new()),
        Box::new(SafeLevelSmote::new()),
        Box::new(KMeansSmote::new()),
        Box::new(KMeansSmote::new().clusters(1).threshold(f64::INFINITY)),
        Box::new(KMeansSmote::new().exponent(0.0).clusters(20)),
        Box::new(Msyn::new()),
        Box::new(TomekLinks::new()),
        Box::new(TomekLinks::new().scope(CleaningScope::All)),
        Box::new(enn()),
        Box::new(
            enn()
                .rule(EnnRule::Any)
                .scope(CleaningScope::All)
                .repeat(true),
        ),
        Box::new(CondensedNearestNeighbors),
        Box::new(OneSidedSelection),
        Box::new(SmoteEnn::new()),
        Box::new(SmoteTomek::new()),
        Box::new(ClusterUnderSampler::new()),
    ];
    for fallback in [Fallback::Duplicate, Fallback::Smote] {
        list.push(Box::new(BorderlineSmote::new().fallback(fallback)));
        list.push(Box::new(Adasyn::new().fallback(fallback)));
        list.push(Box::new(SafeLevelSmote::new().fallback(fallback)));
        list.push(Box::new(KMeansSmote::new().fallback(fallback)));
    }
    list
}

fn clouds(counts: &[usize], n_features: usize) -> TrainSet {
    let classes = GaussianClasses::new(counts.to_vec(), n_features).separation(1.0);
    TrainSet::new(classes.generate(Seed::new(4)).unwrap())
}

/// The one-dimensional fixture of the specification.
fn line() -> TrainSet {
    let x = vec![0.0, 1.0, 2.1, 3.3, 4.6, 9.0, 2.5, 5.0, 5.7, 6.2];
    table(x, (0..10).map(|row| u32::from(row >= 6)).collect(), 1, 2)
}

fn left_out(resampler: &dyn Resampler, train: &TrainSet) -> Vec<u32> {
    let kept = kept(&resampler.resample(train, Seed::new(1)).unwrap());
    let rows = 0..train.data().n_rows() as u32;
    rows.filter(|row| !kept.contains(row)).collect()
}

#[test]
fn every_method_keeps_the_rules_of_the_trait() {
    for resampler in all() {
        if let Err(violation) = check_resampler(&*resampler) {
            panic!("{}: {violation}", resampler.name());
        }
    }
}

#[test]
fn results_do_not_depend_on_the_number_of_threads() {
    let train = clouds(&[900, 120, 40], 6);
    let with = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        pool.build().unwrap().install(|| {
            let resampled = all()
                .into_iter()
                .map(|r| r.resample(&train, Seed::new(9)).unwrap());
            resampled.collect::<Vec<_>>()
        })
    };
    assert!(with(1) == with(3));
}

#[test]
fn the_fixture_of_the_specification_is_met() {
    let train = line();
    let dangers = BorderlineSmote::new().m(3).dangers(&train, 1).unwrap();
    assert_eq!(
        dangers,
        [
            BorderlineZone::Noise,
            BorderlineZone::Safe,
            BorderlineZone::Safe,
            BorderlineZone::Safe
        ]
    );
    let shares = Adasyn::new().k(3).shares(&train, 1).unwrap();
    assert_eq!(shares, [1.0, 1.0 / 3.0, 1.0 / 3.0, 1.0 / 3.0]);
    assert_eq!(
        SafeLevelSmote::new().k(3).levels(&train, 1).unwrap(),
        [0, 2, 2, 2]
    );
    let enn = EditedNearestNeighbors::new().scope(CleaningScope::All);
    assert_eq!(left_out(&enn, &train), [4, 5, 6]);
    assert_eq!(TomekLinks::links(train.data()), [(2, 6), (4, 7)]);
    assert_eq!(left_out(&TomekLinks::new(), &train), [2, 4]);
    assert_eq!(
        left_out(&TomekLinks::new().scope(CleaningScope::All), &train),
        [2, 4, 6, 7]
    );
    // Any disagreement would take all ten rows; both classes keep theirs, and it is said.
    let any = enn
        .rule(EnnRule::Any)
        .resample(&train, Seed::new(1))
        .unwrap();
    assert_eq!(any.origins.len(), 10);
    assert_eq!(any.warnings.len(), 2);
    assert!(any.warnings[0].message.contains("would have left no row"));
}

#[test]
fn methods_with_nothing_to_offer_say_so_and_fall_back() {
    // Far apart, so that no row is in danger and no neighbor is foreign.
    let apart = table(
        (0..30)
            .map(|row| row as f32 + if row < 20 { 0.0 } else { 1e4 })
            .collect(),
        (0..30).map(|row| u32::from(row >= 20)).collect(),
        1,
        2,
    );
    let n = |resampler: &dyn Resampler| {
        let resampled = resampler.resample(&apart, Seed::new(1)).unwrap();
        let message = resampled.warnings.first().map(|w| w.message.clone());
        (
            resampled.train.data().class_counts().as_slice()[1],
            message.unwrap_or_default(),
        )
    };
    let (rows, message) = n(&BorderlineSmote::new().m(5));
    assert_eq!(rows, 10);
    assert_eq!(message, "none of 10 rows is in danger; none was added");
    let (rows, message) = n(&Adasyn::new().fallback(Fallback::Smote));
    assert_eq!(rows, 20);
    assert!(message.ends_with("rows were made by SMOTE"), "{message}");
    // Every second row is of the other class: all rows are noise to themselves.
    let mixed = table(
        (0..12).map(|row| row as f32).collect(),
        (0..12).map(|row| u32::from(row % 3 == 1)).collect(),
        1,
        2,
    );
    let safe = SafeLevelSmote::new()
        .k(2)
        .resample(&mixed, Seed::new(1))
        .unwrap();
    assert_eq!(safe.origins.len(), 12);
    assert!(
        safe.warnings[0]
            .message
            .contains("safe level of all 4 rows is 0")
    );
    let clusters = KMeansSmote::new().clusters(2).threshold(0.5);
    let by_smote = clusters.resample(&mixed, Seed::new(1)).unwrap();
    assert_eq!(by_smote.origins.len(), 16);
    assert!(
        by_smote.warnings[0]
            .message
            .contains("dominates none of 2 clusters")
    );
}

#[test]
fn parameters_out_of_range_are_refused() {
    let train = line();
    let refused: [Box<dyn Resampler>; 9] = [
        Box::new(BorderlineSmote::new().k(0)),
        Box::new(BorderlineSmote::new().m(0)),
        Box::new(Adasyn::new().k(0)),
        Box::new(SafeLevelSmote::new().k(0)),
        Box::new(KMeansSmote::new().threshold(f64::NAN)),
        Box::new(KMeansSmote::new().exponent(-1.0)),
        Box::new(KMeansSmote::new().clusters(0)),
        Box::new(EditedNearestNeighbors::new().k(0)),
        Box::new(Msyn::new().proposals(0)),
    ];
    for resampler in refused {
        assert!(
            resampler.resample(&train, Seed::new(1)).is_err(),
            "{}",
            resampler.name()
        );
    }
}

#[test]
fn a_step_towards_another_class_is_at_most_half_the_way() {
    let train = clouds(&[300, 60], 2);
    let labels = train.data().labels();
    let borderline = BorderlineSmote::new().variant(BorderlineVariant::AnyClass);
    let resampled = borderline.resample(&train, Seed::new(2)).unwrap();
    let (mut foreign, mut own) = (vec![], vec![]);
    for origin in &resampled.origins {
        if let Origin::Synthetic { partner, gap, .. } = *origin {
            let of = if labels[partner as usize] == 1 {
                &mut own
            } else {
                &mut foreign
            };
            of.push(gap);
        }
    }
    assert!(foreign.len() > 50 && own.len() > 20);
    assert!(foreign.iter().all(|gap| *gap < 0.5));
    assert!(own.iter().any(|gap| *gap > 0.5));
}

#[test]
fn adasyn_starts_most_rows_where_most_neighbors_are_foreign() {
    let train = clouds(&[300, 60], 2);
    let resampled = Adasyn::new().resample(&train, Seed::new(2)).unwrap();
    let shares = Adasyn::new().shares(&train, 1).unwrap();
    let sum: f64 = shares.iter().sum();
    let mut made = vec![0; 360];
    for origin in &resampled.origins[360..] {
        made[origin.base() as usize] += 1;
    }
    for (made, share) in made[300..].iter().zip(&shares) {
        let wanted = share / sum * 240.0;
        assert!((f64::from(*made) - wanted).abs() < 1.0);
    }
}

#[test]
fn repeated_cleaning_spares_the_class_that_was_smallest() {
    let x = (0..24).map(|row| row as f32 * 7.3 % 5.0).collect();
    let train = table(x, (0..24).map(|row| u32::from(row >= 13)).collect(), 1, 2);
    let enn = EditedNearestNeighbors::new().repeat(true);
    let cleaned = enn.resample(&train, Seed::new(1)).unwrap();
    let counts = cleaned.train.data().class_counts();
    assert!(
        counts.as_slice()[0] < 11,
        "the larger class became the smaller one: {counts:?}"
    );
    assert_eq!(counts.as_slice()[1], 11);
}

#[test]
fn a_row_at_the_safe_end_has_its_categories() {
    // Row 60 of class 1 lies among class 0 and has the word that no other row of its class has.
    let mut features = vec![];
    for row in 0..60 {
        features.extend([row as f32 * 0.01, 1.0, 0.0]);
    }
    features.extend([0.05, 1.0, 0.0]);
    for row in 0..5 {
        features.extend([9.0 + row as f32 * 0.1, 0.0, 1.0]);
    }
    let labels = (0..66).map(|row| u32::from(row >= 60)).collect();
    let data = table(features, labels, 3, 2).data().clone();
    #[allow(clippy::single_range_in_vec_init, reason = "a list of ranges is meant")]
    let categories = vec![1..3];
    let train = TrainSet::new(data.with_categories(categories).unwrap());
    let resampled = SafeLevelSmote::new()
        .k(3)
        .resample(&train, Seed::new(4))
        .unwrap();
    let levels = SafeLevelSmote::new().k(3).levels(&train, 1).unwrap();
    assert_eq!(levels[0], 0);
    let mut copies = 0;
    for (place, origin) in resampled.origins.iter().enumerate() {
        if let Origin::Synthetic { base, partner, gap } = *origin {
            let end = if gap == 0.0 { base } else { partner };
            let (found, end) = (
                resampled.train.data().row(place),
                train.data().row(end as usize),
            );
            assert_eq!(found, end);
            copies += 1;
        }
    }
    assert!(copies > 0);
}

#[test]
fn rows_that_classifiers_doubt_are_left_out() {
    let train = clouds(&[60, 20], 2);
    // A classifier that is never sure of rows 0 to 29 and of row 60.
    let mut sizes = vec![];
    let sure = |sample: &TrainSet| {
        sizes.push(sample.data().n_rows());
        let doubted = |row: u32| row < 30 || row == 60;
        let probability = |row| if doubted(row) { 0.0 } else { 0.9 };
        Ok::<_, DataError>((0..80).map(probability).collect())
    };
    let chosen = AdaSampling::new()
        .rounds(2)
        .run(&train, Seed::new(3), sure)
        .unwrap();
    let rows = kept(&chosen);
    assert!(rows.iter().all(|&row| row >= 30 && row != 60), "{rows:?}");
    assert!(rows.iter().any(|&row| row < 60) && rows.iter().any(|&row| row > 60));
    assert_eq!(sizes.len(), 2);
    assert!(sizes.iter().all(|&n| n <= 40));
    let short = |_: &TrainSet| Ok::<_, DataError>(vec![1.0]);
    assert!(AdaSampling::new().run(&train, Seed::new(3), short).is_err());
    let never = |_: &TrainSet| -> Result<Vec<f64>, DataError> { unreachable!("no round") };
    assert!(
        AdaSampling::new()
            .share(0.0)
            .run(&train, Seed::new(3), never)
            .is_err()
    );
    let without_rounds = AdaSampling::new().rounds(0).share(9.0);
    assert!(
        without_rounds
            .run(&train, Seed::new(3), never)
            .unwrap()
            .origins
            .len()
            > 60
    );
}

#[test]
fn msyn_keeps_candidates_that_cost_the_others_least() {
    let train = clouds(&[120, 20], 2);
    let kept = Msyn::new().resample(&train, Seed::new(2)).unwrap();
    let every = Msyn::new()
        .proposals(1)
        .resample(&train, Seed::new(2))
        .unwrap();
    assert_eq!(kept.origins.len(), 240);
    // The distance to the nearest row of the other class, on average over made rows.
    let distance = |resampled: &Resampled| {
        let data = resampled.train.data();
        let nearest = |row: usize| {
            let squares = (0..120).map(|other| {
                let pairs = data.row(row).into_iter().zip(data.row(other));
                pairs.map(|(a, b)| f64::from(a - b).powi(2)).sum::<f64>()
            });
            squares.fold(f64::INFINITY, f64::min).sqrt()
        };
        (140..240).map(nearest).sum::<f64>() / 100.0
    };
    assert!(distance(&kept) > 1.1 * distance(&every));
}

#[test]
fn clusters_are_numbered_by_their_lowest_row_and_better_than_any_single_run() {
    let train = clouds(&[80, 80, 80], 2);
    let fit = |k: &KMeans| {
        k.fit(
            train.data().features(),
            &mut Seed::new(3).stream("kmeans", 0),
        )
        .unwrap()
    };
    let best = fit(&KMeans::new(6));
    let mut highest = 0;
    for &cluster in best.of_rows() {
        assert!(cluster <= highest, "numbers appear in order");
        highest = highest.max(cluster + 1);
    }
    assert_eq!(best.n_clusters(), 6);
    assert!(best.inertia() <= fit(&KMeans::new(6).runs(1)).inertia());
    // Lloyd's rest: every row is with the mean that is nearest to it.
    let means: Vec<Vec<f64>> = (0..6)
        .map(|cluster| {
            let rows: Vec<usize> = (0..240)
                .filter(|&row| best.of_rows()[row] == cluster)
                .collect();
            let column = |f: usize| {
                rows.iter()
                    .map(|&r| f64::from(train.data().row(r)[f]))
                    .sum::<f64>()
            };
            (0..2).map(|f| column(f) / rows.len() as f64).collect()
        })
        .collect();
    for row in 0..240 {
        let squared = |mean: &Vec<f64>| -> f64 {
            let pairs = train.data().row(row).into_iter().zip(mean);
            pairs.map(|(&x, m)| (f64::from(x) - m).powi(2)).sum()
        };
        let own = squared(&means[best.of_rows()[row] as usize]);
        assert!(means.iter().all(|mean| squared(mean) >= own - 1e-9));
    }
    // Fewer different rows than clusters.
    let twins = Array2::from_shape_vec((4, 1), vec![1.0, 2.0, 1.0, 2.0]).unwrap();
    let clusters = KMeans::new(3)
        .fit(twins.view(), &mut Seed::new(3).stream("kmeans", 0))
        .unwrap();
    assert_eq!(clusters.of_rows(), [0, 1, 0, 1]);
    assert_eq!(clusters.inertia(), 0.0);
}

#[test]
fn a_class_whose_own_rows_went_before_keeps_those_made_of_it() {
    // The first pass leaves made rows of class 1 alone, the second would leave none.
    let common = [5.9, 1.9, 8.6, 3.3, 3.5, 3.8, 6.3, 7.9];
    let features: Vec<f32> = common.into_iter().chain([5.8, 9.7, 1.5]).collect();
    let labels = [vec![0; 8], vec![1; 3]].concat();
    let names = ["0", "1"].map(String::from).to_vec();
    let features = Array2::from_shape_vec((11, 1), features).unwrap();
    let data = art_data::Dataset::new(features, labels, vec!["x".into()], names).unwrap();
    let enn = EditedNearestNeighbors::new()
        .scope(CleaningScope::All)
        .repeat(true);
    for seed in 0..200 {
        let resampled = SmoteEnn::new()
            .enn(enn.clone())
            .resample(&TrainSet::new(data.clone()), Seed::new(seed))
            .unwrap();
        let counts = resampled.train.data().class_counts();
        assert!(
            counts.as_slice().iter().all(|&n| n > 0),
            "{seed}: {counts:?}"
        );
    }
}

#[test]
fn one_cluster_without_a_filter_is_smote_over_the_class() {
    // All rows of the class are in the one cluster, so partners are its nearest within the class.
    let train = clouds(&[100, 30], 3);
    let one = KMeansSmote::new().clusters(1).threshold(f64::INFINITY);
    let resampled = one.resample(&train, Seed::new(1)).unwrap();
    assert!(resampled.warnings.is_empty());
    let data = train.data();
    let distance = |a: u32, b: u32| {
        let [a, b] = [a, b].map(|row| data.features().row(row as usize).to_owned());
        (a - b).mapv(|x| f64::from(x).powi(2)).sum()
    };
    let of_class: Vec<u32> = (0..130)
        .filter(|&row| data.labels()[row as usize] == 1)
        .collect();
    let mut bases = std::collections::BTreeSet::new();
    for origin in &resampled.origins {
        if let Origin::Synthetic { base, partner, .. } = *origin {
            let nearer = of_class.iter().filter(|&&row| {
                row != base && row != partner && distance(base, row) < distance(base, partner)
            });
            assert!(nearer.count() < 5, "{base} {partner}");
            bases.insert(base);
        }
    }
    assert!(bases.len() > 20, "70 rows are made from 30: {bases:?}");
    assert_eq!(resampled.train.data().class_counts().as_slice(), [100, 100]);
}

#[test]
fn a_class_is_cut_most_where_it_outnumbers_the_smallest_least() {
    // 60 rows around 0 without a rare row, 60 around 100 with 20 rare ones.
    let features: Vec<f32> = (0..140)
        .map(|row| match row {
            0..60 => row as f32 * 0.01,
            60..120 => 100.0 + row as f32 * 0.01,
            _ => 100.0 + row as f32 * 0.02,
        })
        .collect();
    let train = table(
        features,
        (0..140).map(|row| u32::from(row >= 120)).collect(),
        1,
        2,
    );
    let resampled = ClusterUnderSampler::new()
        .clusters(2)
        .resample(&train, Seed::new(1))
        .unwrap();
    let rows = kept(&resampled);
    let far = rows.iter().filter(|&&row| row < 60).count();
    // Ratios 60 and 3 of a target of 20.
    assert_eq!(far, 19);
    assert_eq!(rows.len(), 40);
}
