//! Agreement with imbalanced-learn and smote-variants, and with the specification's fixtures.

use art_core::Seed;
use art_data::{
    Dataset, Msmote, NearMiss, NearMissRule, NeighborSearch, Origin, Resampler, RowKind,
    SamplingStrategy, Smote, TrainSet,
};
use ndarray::Array2;
use serde_json::Value;

fn golden() -> Vec<Value> {
    let golden: Value = serde_json::from_str(include_str!("golden/resample.json")).unwrap();
    golden["sets"].as_array().unwrap().clone()
}

fn rows(value: &Value) -> Vec<u32> {
    serde_json::from_value(value.clone()).unwrap()
}

fn train_set(features: Array2<f32>, labels: Vec<u32>, n_classes: usize) -> TrainSet {
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
    let n_features = features.ncols();
    TrainSet::new(Dataset::new(features, labels, names(n_features), names(n_classes)).unwrap())
}

fn golden_set(set: &Value) -> TrainSet {
    let points: Vec<Vec<f32>> = serde_json::from_value(set["X"].clone()).unwrap();
    let shape = (points.len(), points[0].len());
    let features = Array2::from_shape_vec(shape, points.concat()).unwrap();
    train_set(features, rows(&set["y"]), 3)
}

#[test]
fn neighbor_lists_match_scikit_learn() {
    for set in golden() {
        let train = golden_set(&set);
        let data = train.data();
        let all: Vec<u32> = (0..data.n_rows() as u32).collect();
        let neighbors = NeighborSearch::new(data.features()).of_rows(&all, 5);
        for (row, expected) in set["knn_all_classes_k5"]
            .as_array()
            .unwrap()
            .iter()
            .enumerate()
        {
            assert_eq!(neighbors.rows(row), rows(expected), "row {row}");
        }
        for (class, within) in set["knn_within_class_k5"].as_object().unwrap() {
            let members = rows(&within["rows"]);
            let own: Vec<usize> = members.iter().map(|&row| row as usize).collect();
            let points = data.features().select(ndarray::Axis(0), &own);
            let places: Vec<u32> = (0..members.len() as u32).collect();
            let neighbors = NeighborSearch::new(points.view()).of_rows(&places, 5);
            for (place, expected) in within["neighbours"].as_array().unwrap().iter().enumerate() {
                let found: Vec<u32> = neighbors
                    .rows(place)
                    .iter()
                    .map(|&i| members[i as usize])
                    .collect();
                assert_eq!(found, rows(expected), "class {class}, row {place}");
            }
        }
    }
}

#[test]
fn nearmiss_keeps_the_rows_that_imbalanced_learn_keeps() {
    for set in golden() {
        let train = golden_set(&set);
        for (version, rule) in [
            ("1", NearMissRule::Nearest),
            ("2", NearMissRule::Farthest),
            ("3", NearMissRule::TwoStage),
        ] {
            let expected = &set["nearmiss_selected_indices"][version];
            let k = expected["n_neighbors"].as_u64().unwrap() as usize;
            let resampled = NearMiss::new(rule)
                .k(k)
                .resample(&train, Seed::new(1))
                .unwrap();
            let kept: Vec<u32> = resampled
                .origins
                .iter()
                .map(|origin| origin.base())
                .collect();
            assert_eq!(kept, rows(&expected["sorted"]), "version {version}");
            let counts = resampled.train.data().class_counts();
            let expected: Vec<usize> =
                serde_json::from_value(expected["class_counts"].clone()).unwrap();
            assert_eq!(counts.as_slice(), expected, "version {version}");
        }
    }
}

#[test]
fn msmote_types_match_smote_variants() {
    for set in golden() {
        let train = golden_set(&set);
        for (class, expected) in set["msmote"].as_object().unwrap() {
            let k = expected["k"].as_u64().unwrap() as usize;
            let kinds = Msmote::new()
                .k(k)
                .kinds(&train, class.parse().unwrap())
                .unwrap();
            let named: Vec<&str> = kinds
                .into_iter()
                .map(|kind| match kind {
                    RowKind::Security => "safe",
                    RowKind::Border => "border",
                    RowKind::LatentNoise => "noise",
                })
                .collect();
            let expected: Vec<&str> = expected["type"]
                .as_array()
                .unwrap()
                .iter()
                .map(|t| t.as_str().unwrap())
                .collect();
            assert_eq!(named, expected, "class {class}");
        }
    }
}

#[test]
fn smote_makes_as_many_rows_as_imbalanced_learn() {
    for set in golden() {
        let train = golden_set(&set);
        let targets = Smote::new()
            .targets(train.natural_counts())
            .unwrap()
            .unwrap();
        for (class, made) in set["smote_counts_to_generate"].as_object().unwrap() {
            let class: usize = class.parse().unwrap();
            let before = train.natural_counts().as_slice()[class];
            assert_eq!((targets[class] - before) as u64, made.as_u64().unwrap());
        }
    }
}

/// The rows (0,0), (1,0), (0,2) as class 1, with enough of class 0 to make three more.
#[test]
fn smote_draws_what_the_specification_says() {
    let far = [100.0, 101.0, 102.0, 103.0, 104.0, 105.0];
    let mut points: Vec<f32> = far.iter().flat_map(|&x| [x, x]).collect();
    points.extend([0.0, 0.0, 1.0, 0.0, 0.0, 2.0]);
    let features = Array2::from_shape_vec((9, 2), points).unwrap();
    let train = train_set(features, vec![0, 0, 0, 0, 0, 0, 1, 1, 1], 2);
    let resampled = Smote::new().k(2).resample(&train, Seed::new(1834)).unwrap();
    let drawn: Vec<(u32, u32, f64)> = resampled.origins[9..]
        .iter()
        .map(|origin| match *origin {
            Origin::Synthetic { base, partner, gap } => (base - 6, partner - 6, gap),
            other => panic!("{other:?}"),
        })
        .collect();
    let expected = [
        (2, 0, 0.049_687_743_584),
        (1, 0, 0.756_687_891_377),
        (2, 0, 0.630_339_952_505),
    ];
    for (found, expected) in drawn.iter().zip(expected) {
        assert_eq!((found.0, found.1), (expected.0, expected.1));
        assert!((found.2 - expected.2).abs() < 1e-12);
    }
    let made = &resampled.train.data().features_as_slice()[18..];
    let expected = [0.0, 1.900_624_5, 0.243_312_1, 0.0, 0.0, 0.739_320_1];
    for (found, expected) in made.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-6, "{made:?}");
    }
}

/// The one-dimensional fixture: six rows of class 0, four of class 1.
fn fixture() -> TrainSet {
    let x = [0.0, 1.0, 2.1, 3.3, 4.6, 9.0, 2.5, 5.0, 5.7, 6.2];
    let features = Array2::from_shape_fn((10, 1), |(row, _)| x[row]);
    train_set(features, vec![0, 0, 0, 0, 0, 0, 1, 1, 1, 1], 2)
}

#[test]
fn the_fixtures_msmote_types_and_partners_come_out() {
    let msmote = Msmote::new().k(3);
    let kinds = msmote.kinds(&fixture(), 1).unwrap();
    let border = RowKind::Border;
    assert_eq!(kinds, [RowKind::LatentNoise, border, border, border]);
    let resampled = msmote.resample(&fixture(), Seed::new(1)).unwrap();
    for origin in &resampled.origins[10..] {
        let Origin::Synthetic { base, partner, .. } = *origin else {
            panic!("{origin:?}")
        };
        assert_eq!(partner, [8, 9, 8][base as usize - 7]);
    }
}

#[test]
fn the_fixtures_nearmiss_selections_come_out() {
    let keep = |rule, m: usize, target: usize| {
        let counts = SamplingStrategy::Counts(vec![target, 4]);
        let nearmiss = NearMiss::new(rule).k(2).m(m).strategy(counts);
        let resampled = nearmiss.resample(&fixture(), Seed::new(1)).unwrap();
        let kept = resampled.origins.iter().map(|origin| origin.base());
        kept.filter(|&row| row < 6).collect::<Vec<_>>()
    };
    assert_eq!(keep(NearMissRule::Nearest, 3, 4), [1, 2, 3, 4]);
    assert_eq!(keep(NearMissRule::Farthest, 3, 4), [1, 2, 3, 4]);
    assert_eq!(keep(NearMissRule::TwoStage, 2, 2), [2, 5]);
    assert_eq!(keep(NearMissRule::Literal, 2, 2), [2, 3, 4, 5]);
    assert_eq!(keep(NearMissRule::MostDistant, 3, 4), [0, 1, 2, 5]);
}
