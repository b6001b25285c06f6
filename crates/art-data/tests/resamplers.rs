//! Random over- and under-sampling keep the rules of the trait and their own promises.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_core::Seed;
use art_data::{
    BorderPartner, Dataset, GaussianClasses, Msmote, NearMiss, NearMissReference, NearMissRule,
    NeighborSearch, Origin, RandomOverSampler, RandomUnderSampler, Repeats, Replacement, Resampled,
    Resampler, SamplingStrategy, Smote, SmoteGap, TooFewNeighbors, TrainSet,
    conformance::check_resampler,
};

const RULES: [NearMissRule; 5] = [
    NearMissRule::Nearest,
    NearMissRule::Farthest,
    NearMissRule::TwoStage,
    NearMissRule::Literal,
    NearMissRule::MostDistant,
];

fn train(counts: &[usize]) -> TrainSet {
    TrainSet::new(
        GaussianClasses::new(counts.to_vec(), 3)
            .generate(Seed::new(2))
            .unwrap(),
    )
}

fn counts(resampled: &Resampled) -> Vec<usize> {
    resampled.train.data().class_counts().as_slice().to_vec()
}

#[test]
fn every_variant_keeps_the_rules_of_the_trait() {
    let ratio = || SamplingStrategy::Ratio(0.6);
    check_resampler(&RandomOverSampler::new()).unwrap();
    check_resampler(
        &RandomOverSampler::new()
            .copies(Repeats::Even)
            .strategy(ratio()),
    )
    .unwrap();
    check_resampler(&RandomOverSampler::new().smoothing(0.5)).unwrap();
    check_resampler(&RandomUnderSampler::new()).unwrap();
    for gap in [SmoteGap::PerRow, SmoteGap::PerFeature] {
        for bases in [Repeats::Random, Repeats::Even] {
            for rare in [
                TooFewNeighbors::ShrinkK,
                TooFewNeighbors::Duplicate,
                TooFewNeighbors::Fail,
            ] {
                let smote = Smote::new()
                    .gap(gap)
                    .bases(bases)
                    .rare_class(rare)
                    .strategy(ratio());
                check_resampler(&smote).unwrap();
            }
        }
    }
    for partner in [BorderPartner::NearestSame, BorderPartner::NearestAny] {
        check_resampler(&Msmote::new().k(3).border_partner(partner)).unwrap();
    }
    for rule in RULES {
        for reference in [NearMissReference::Minority, NearMissReference::Rest] {
            check_resampler(&NearMiss::new(rule).reference(reference)).unwrap();
        }
    }
    check_resampler(
        &RandomUnderSampler::new()
            .replacement(Replacement::With)
            .strategy(ratio()),
    )
    .unwrap();
}

#[test]
fn the_suite_notices_wrong_origins() {
    struct Shifted;
    impl Resampler for Shifted {
        fn name(&self) -> &'static str {
            "shifted"
        }
        fn targets(
            &self,
            counts: &art_core::ClassCounts,
        ) -> Result<Option<Vec<usize>>, art_data::DataError> {
            Ok(Some(counts.as_slice().to_vec()))
        }
        fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, art_data::DataError> {
            let mut resampled = RandomOverSampler::new().resample(train, seed)?;
            resampled.origins.rotate_left(1);
            Ok(resampled)
        }
    }
    let violation = check_resampler(&Shifted).unwrap_err();
    assert_eq!(violation.rule, "features are those that the origin says");
}

#[test]
fn balanced_copies_differ_by_at_most_one_inside_a_class() {
    let resampled = RandomOverSampler::new()
        .copies(Repeats::Even)
        .resample(&train(&[50, 7]), Seed::new(3))
        .unwrap();
    let mut copies = [0; 57];
    for origin in &resampled.origins {
        copies[origin.base() as usize] += 1;
    }
    assert!(
        copies[50..].iter().all(|n| (7..=8).contains(n)),
        "{copies:?}"
    );
    assert_eq!(copies[50..].iter().sum::<i32>(), 50);
}

#[test]
fn smoothing_moves_copies_a_little_and_originals_not_at_all() {
    let train = train(&[400, 40]);
    let resampled = RandomOverSampler::new()
        .smoothing(1.0)
        .resample(&train, Seed::new(3))
        .unwrap();
    let (before, after) = (train.data(), resampled.train.data());
    assert_eq!(
        before.features_as_slice(),
        &after.features_as_slice()[..before.n_rows() * 3]
    );
    let moves: Vec<f64> = (440..after.n_rows())
        .flat_map(|position| {
            let base = resampled.origins[position].base() as usize;
            (after.row(position).to_owned() - before.row(base)).to_vec()
        })
        .map(f64::from)
        .collect();
    // Unit clouds: the noise has deviation h = (4 / ((d + 2) N))^(1 / (d + 4)).
    let h = (4.0 / (5.0 * 440.0_f64)).powf(1.0 / 7.0);
    let deviation = (moves.iter().map(|m| m * m).sum::<f64>() / moves.len() as f64).sqrt();
    assert!((deviation / h - 1.0).abs() < 0.2, "{deviation} against {h}");
}

#[test]
fn under_sampling_keeps_the_smallest_class_whole() {
    let resampled = RandomUnderSampler::new()
        .resample(&train(&[60, 9, 30]), Seed::new(3))
        .unwrap();
    assert_eq!(counts(&resampled), [9, 9, 9]);
    let rows: Vec<u32> = resampled
        .origins
        .iter()
        .map(|origin| origin.base())
        .collect();
    assert!(rows.windows(2).all(|pair| pair[0] < pair[1]));
    assert!((60..69).all(|row| rows.contains(&row)));
    assert!(
        resampled
            .origins
            .iter()
            .all(|origin| matches!(origin, Origin::Original { .. }))
    );
}

#[test]
fn each_class_draws_from_its_own_stream() {
    // Class 0 is as large as before, so the copies of class 1 must not change with class 2.
    let of_class_1 = |counts: &[usize]| -> Vec<u32> {
        let resampled = RandomOverSampler::new()
            .resample(&train(counts), Seed::new(3))
            .unwrap();
        let labels = resampled.train.data().labels();
        let origins = resampled.origins.iter().zip(labels);
        let copies = origins
            .filter(|(origin, label)| **label == 1 && matches!(origin, Origin::Duplicate { .. }));
        copies.map(|(origin, _)| origin.base()).collect()
    };
    assert_eq!(of_class_1(&[30, 8, 5]), of_class_1(&[30, 8, 19]));
}

#[test]
fn bad_settings_are_refused() {
    let train = train(&[9, 4]);
    for smoothing in [-1.0, f64::NAN, f64::INFINITY] {
        let sampler = RandomOverSampler::new().smoothing(smoothing);
        assert!(sampler.resample(&train, Seed::new(1)).is_err());
    }
    let ratio = RandomUnderSampler::new().strategy(SamplingStrategy::Ratio(0.0));
    assert!(ratio.resample(&train, Seed::new(1)).is_err());
    let one_class = Dataset::new(
        ndarray::array![[1.0]],
        vec![0],
        vec!["x".into()],
        vec!["a".into()],
    );
    assert!(one_class.is_err());
}

#[test]
fn rare_classes_follow_their_policy() {
    let train = train(&[20, 1, 4]);
    let smote = |policy| {
        Smote::new()
            .rare_class(policy)
            .resample(&train, Seed::new(3))
    };
    let shrunk = smote(TooFewNeighbors::ShrinkK).unwrap();
    assert_eq!(counts(&shrunk), [20, 20, 20]);
    assert_eq!(
        shrunk.warnings.iter().map(|w| w.class).collect::<Vec<_>>(),
        [1]
    );
    let duplicated = smote(TooFewNeighbors::Duplicate).unwrap();
    assert_eq!(
        duplicated
            .warnings
            .iter()
            .map(|w| w.class)
            .collect::<Vec<_>>(),
        [1, 2]
    );
    let error = smote(TooFewNeighbors::Fail).unwrap_err().to_string();
    assert_eq!(
        error,
        "class 1 (class 1) has 1 row, each row's k neighbors of its class needs at least 6"
    );
}

#[test]
fn even_bases_start_equally_often() {
    let smote = Smote::new().bases(Repeats::Even);
    let resampled = smote.resample(&train(&[50, 7]), Seed::new(3)).unwrap();
    let mut starts = [0; 7];
    for origin in &resampled.origins[57..] {
        starts[origin.base() as usize - 50] += 1;
    }
    assert!(starts.iter().all(|n| (6..=7).contains(n)), "{starts:?}");
}

#[test]
fn a_class_of_noise_is_left_as_it_is_with_a_warning() {
    // Each row of class 1 sits alone among rows of class 0.
    let x: Vec<f32> = (0..40).map(|i| i as f32).collect();
    let features = ndarray::Array2::from_shape_vec((40, 1), x).unwrap();
    let labels = (0..40).map(|i| u32::from(i % 13 == 5)).collect();
    let names = vec!["a".to_owned(), "b".to_owned()];
    let data = Dataset::new(features, labels, vec!["x".into()], names).unwrap();
    let resampled = Msmote::new()
        .k(3)
        .resample(&TrainSet::new(data), Seed::new(1))
        .unwrap();
    assert_eq!(counts(&resampled), [37, 3]);
    assert!(
        resampled.warnings[0]
            .message
            .contains("all 3 rows are latent noise")
    );
}

#[test]
fn twins_and_constant_features_stay_where_they_are() {
    let features = ndarray::Array2::from_elem((30, 4), 2.5);
    let labels = (0..30).map(|i| u32::from(i % 5 == 0)).collect();
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let train = TrainSet::new(Dataset::new(features, labels, names(4), names(2)).unwrap());
    for resampler in [
        &Smote::new() as &dyn Resampler,
        &Msmote::new(),
        &NearMiss::default(),
    ] {
        let resampled = resampler.resample(&train, Seed::new(1)).unwrap();
        assert!(
            resampled
                .train
                .data()
                .features_as_slice()
                .iter()
                .all(|&x| x == 2.5)
        );
    }
}

#[test]
fn zero_neighbors_are_refused() {
    let train = train(&[9, 4]);
    for resampler in [
        &Smote::new().k(0) as &dyn Resampler,
        &Msmote::new().k(0),
        &NearMiss::default().k(0),
        &NearMiss::default().m(0),
    ] {
        let error = resampler
            .resample(&train, Seed::new(1))
            .unwrap_err()
            .to_string();
        assert!(error.contains("expected at least 1 neighbor"), "{error}");
    }
}

/// Rows in another order are the same rows: what is kept and who is whose neighbor moves with them.
#[test]
fn the_order_of_rows_decides_nothing_but_ties() {
    let data = GaussianClasses::new(vec![60, 25, 9], 5)
        .generate(Seed::new(5))
        .unwrap();
    let mut order: Vec<u32> = (0..data.n_rows() as u32).collect();
    Seed::new(6).stream("test", 0).shuffle(&mut order);
    let shuffled = data.select(&order).unwrap();

    let all: Vec<u32> = (0..order.len() as u32).collect();
    let here = NeighborSearch::new(data.features()).of_rows(&order, 4);
    let there = NeighborSearch::new(shuffled.features()).of_rows(&all, 4);
    for query in 0..order.len() {
        let moved = there.rows(query).iter().map(|&row| order[row as usize]);
        assert_eq!(moved.collect::<Vec<_>>(), here.rows(query));
    }
    for rule in RULES {
        let kept = |data: &Dataset| {
            let train = TrainSet::new(data.clone());
            let resampled = NearMiss::new(rule).resample(&train, Seed::new(1)).unwrap();
            let rows = resampled.origins.iter().map(|origin| origin.base());
            rows.collect::<Vec<_>>()
        };
        let mut moved: Vec<u32> = kept(&shuffled)
            .iter()
            .map(|&row| order[row as usize])
            .collect();
        moved.sort_unstable();
        assert_eq!(moved, kept(&data), "{rule:?}");
        assert!(moved.len() < data.n_rows());
    }
}

/// Two numbers, a category of three values and one of two, of two classes; the rare one has 12 rows.
fn with_categories() -> TrainSet {
    let mut stream = Seed::new(5).stream("test", 0);
    let n = 60;
    let mut features = ndarray::Array2::zeros((n, 6));
    for mut row in features.rows_mut() {
        row[0] = stream.unit() as f32;
        row[1] = 4.0 * stream.unit() as f32;
        row[2 + stream.below(3)] = 1.0;
        row[5] = stream.below(2) as f32;
    }
    let labels = (0..n).map(|row| u32::from(row % 5 == 0)).collect();
    let names = |prefix: &str, n: usize| (0..n).map(|i| format!("{prefix}{i}")).collect();
    let data = Dataset::new(features, labels, names("x", 6), names("c", 2)).unwrap();
    TrainSet::new(data.with_categories(vec![2..5, 5..6]).unwrap())
}

#[test]
fn made_rows_have_the_categories_of_most_neighbors() {
    let train = with_categories();
    let data = train.data();
    let k = 4;
    let resampled = Smote::new().k(k).resample(&train, Seed::new(3)).unwrap();
    let rare: Vec<u32> = (0..60).filter(|row| row % 5 == 0).collect();
    // The rule by itself: numbers as they are, and the median deviation for each category that differs.
    let deviation = |feature: usize| {
        let values: Vec<f64> = rare
            .iter()
            .map(|&row| f64::from(data.row(row as usize)[feature]))
            .collect();
        let mean = values.iter().sum::<f64>() / values.len() as f64;
        let squares: f64 = values.iter().map(|x| (x - mean).powi(2)).sum();
        (squares / values.len() as f64).sqrt()
    };
    let median = f64::midpoint(deviation(0), deviation(1));
    let category = |row: u32, range: std::ops::Range<usize>| -> Vec<f32> {
        range.map(|f| data.row(row as usize)[f]).collect()
    };
    let distance = |a: u32, b: u32| {
        let numbers = (0..2).map(|f| {
            let difference = data.row(a as usize)[f] - data.row(b as usize)[f];
            f64::from(difference).powi(2)
        });
        let differing = [2..5, 5..6]
            .into_iter()
            .filter(|range| category(a, range.clone()) != category(b, range.clone()));
        numbers.sum::<f64>() + median.powi(2) * differing.count() as f64
    };
    let mut n_voted = 0;
    for (position, origin) in resampled.origins.iter().enumerate() {
        let Origin::Voted { base, partner, .. } = *origin else {
            continue;
        };
        n_voted += 1;
        let mut others: Vec<u32> = rare.iter().copied().filter(|&row| row != base).collect();
        others.sort_by(|&a, &b| distance(base, a).total_cmp(&distance(base, b)));
        let nearest = &others[..k];
        assert!(nearest.contains(&partner));
        for range in [2..5, 5..6] {
            let votes = |value: &[f32]| {
                nearest
                    .iter()
                    .filter(|&&row| category(row, range.clone()) == value)
                    .count()
            };
            let made: Vec<f32> = range
                .clone()
                .map(|f| resampled.train.data().row(position)[f])
                .collect();
            let most = nearest
                .iter()
                .map(|&row| votes(&category(row, range.clone())))
                .max();
            assert_eq!(Some(votes(&made)), most);
        }
    }
    assert_eq!(n_voted, 36);
}

#[test]
fn no_resampler_makes_half_a_category() {
    let train = with_categories();
    let resamplers: [Box<dyn Resampler>; 4] = [
        Box::new(Smote::new()),
        Box::new(Smote::new().gap(SmoteGap::PerFeature)),
        Box::new(Msmote::new()),
        Box::new(RandomOverSampler::new().smoothing(0.5)),
    ];
    for resampler in resamplers {
        let resampled = resampler.resample(&train, Seed::new(1)).unwrap();
        assert!(resampled.origins.len() > 60);
        for row in resampled.train.data().features().rows() {
            assert_eq!(row.iter().skip(2).take(3).sum::<f32>(), 1.0);
            assert!(row.iter().skip(2).all(|&x| x == 0.0 || x == 1.0));
        }
    }
    let data = train.data().clone();
    let empty = std::ops::Range { start: 3, end: 3 };
    for wrong in [vec![2..5, 5..7], vec![2..4, 3..5], vec![empty, 3..5]] {
        assert!(data.clone().with_categories(wrong).is_err());
    }
}
