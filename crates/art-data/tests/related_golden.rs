//! Related resamplers keep and judge rows as imbalanced-learn does, where the rule is the same.

mod common;

use art_core::Seed;
use art_data::{
    Adasyn, BorderlineSmote, BorderlineZone, CleaningScope, EditedNearestNeighbors, EnnRule,
    Resampler, SafeLevelSmote, TomekLinks, TrainSet,
};
use common::{kept, table};

/// A case of `golden/related.json`.
struct Case(serde_json::Value);

fn cases() -> Vec<Case> {
    let text = include_str!("golden/related.json");
    let golden: serde_json::Value = serde_json::from_str(text).unwrap();
    golden["cases"]
        .as_array()
        .unwrap()
        .iter()
        .cloned()
        .map(Case)
        .collect()
}

fn rows(value: &serde_json::Value) -> Vec<u32> {
    let rows = value.as_array().unwrap().iter();
    rows.map(|row| row.as_u64().unwrap() as u32).collect()
}

impl Case {
    fn train(&self) -> TrainSet {
        let features = self.0["features"].as_array().unwrap();
        let labels = rows(&self.0["labels"]);
        let width = features[0].as_array().unwrap().len();
        let values = features.iter().flat_map(|row| row.as_array().unwrap());
        let values = values.map(|x| x.as_f64().unwrap() as f32).collect();
        let n_classes = *labels.iter().max().unwrap() as usize + 1;
        table(values, labels, width, n_classes)
    }

    fn name(&self) -> &str {
        self.0["name"].as_str().unwrap()
    }
}

#[test]
fn cleaning_keeps_the_rows_that_imbalanced_learn_keeps() {
    for case in cases() {
        let train = case.train();
        let of =
            |resampler: &dyn Resampler| kept(&resampler.resample(&train, Seed::new(1)).unwrap());
        for (scope, field) in [
            (CleaningScope::All, "tomek_all"),
            (CleaningScope::NotMinority, "tomek_not_minority"),
        ] {
            let tomek = TomekLinks::new().scope(scope);
            assert_eq!(of(&tomek), rows(&case.0[field]), "{} {field}", case.name());
        }
        let links = case.0["tomek_links"].as_array().unwrap().iter().map(rows);
        let links: Vec<_> = links.map(|pair| (pair[0], pair[1])).collect();
        assert_eq!(TomekLinks::links(train.data()), links);
        for (field, expected) in case.0["enn"].as_object().unwrap() {
            let parts: Vec<&str> = field.split('/').collect();
            let scope = if parts[0] == "all" {
                CleaningScope::All
            } else {
                CleaningScope::NotMinority
            };
            let rule = if parts[1] == "any" {
                EnnRule::Any
            } else {
                EnnRule::Vote
            };
            let enn = EditedNearestNeighbors::new()
                .scope(scope)
                .rule(rule)
                .k(parts[2].parse().unwrap());
            // Where several labels are equally frequent, their mode is the smallest; the vote goes by what is
            // contradicted.
            let ties = case.0["enn_mode_ties"]
                .get(parts[2])
                .filter(|_| rule == EnnRule::Vote);
            let ties: Vec<u32> = ties.map_or(vec![], |ties| {
                let ties = ties.as_array().unwrap().iter();
                ties.map(|tie| tie[0].as_u64().unwrap() as u32).collect()
            });
            // A class that imbalanced-learn loses whole keeps its rows here, with a warning.
            let resampled = enn.resample(&train, Seed::new(1)).unwrap();
            let saved: Vec<usize> = resampled.warnings.iter().map(|w| w.class).collect();
            let labels = train.data().labels();
            let of_theirs = rows(expected);
            let is_lost = |row: &u32| {
                !of_theirs
                    .iter()
                    .any(|r| labels[*r as usize] == labels[*row as usize])
            };
            assert!(
                kept(&resampled)
                    .iter()
                    .all(|row| !is_lost(row) || saved.contains(&(labels[*row as usize] as usize)))
            );
            let without = |rows: Vec<u32>| -> Vec<u32> {
                rows.into_iter()
                    .filter(|row| !ties.contains(row) && !is_lost(row))
                    .collect()
            };
            assert_eq!(
                without(of(&enn)),
                without(rows(expected)),
                "{} {field}",
                case.name()
            );
        }
    }
}

#[test]
fn neighborhoods_are_judged_as_libraries_judge_them() {
    for case in cases() {
        let train = case.train();
        let index = train.data().class_index().unwrap();
        for expected in case.0["borderline"].as_array().unwrap() {
            let class = expected["class"].as_u64().unwrap() as usize;
            let m = expected["m"].as_u64().unwrap() as usize;
            let dangers = BorderlineSmote::new().m(m).dangers(&train, class).unwrap();
            for (danger, field) in [
                (BorderlineZone::Danger, "danger"),
                (BorderlineZone::Noise, "noise"),
            ] {
                let of_kind = index
                    .rows(class)
                    .iter()
                    .zip(&dangers)
                    .filter(|(_, d)| **d == danger);
                let of_kind: Vec<u32> = of_kind.map(|(row, _)| *row).collect();
                assert_eq!(of_kind, rows(&expected[field]), "{} {field}", case.name());
            }
        }
        for expected in case.0["adasyn"].as_array().unwrap() {
            let class = expected["class"].as_u64().unwrap() as usize;
            let k = expected["k"].as_u64().unwrap() as usize;
            let ratios = expected["ratios"].as_array().unwrap().iter();
            let ratios: Vec<f64> = ratios.map(|r| r.as_f64().unwrap()).collect();
            assert_eq!(Adasyn::new().k(k).shares(&train, class).unwrap(), ratios);
            // Theirs are rounded row by row, ours so that the total is met.
            let resampled = Adasyn::new().k(k).resample(&train, Seed::new(1)).unwrap();
            let made = |row: u32| {
                let made = resampled.origins.iter().skip(train.data().n_rows());
                made.filter(|origin| origin.base() == row).count() as u64
            };
            let counts = expected["counts"].as_array().unwrap().iter();
            for (&row, count) in index.rows(class).iter().zip(counts) {
                assert!(
                    made(row).abs_diff(count.as_u64().unwrap()) <= 1,
                    "{}",
                    case.name()
                );
            }
        }
        for expected in case.0["safe_levels"].as_array().unwrap() {
            let class = expected["class"].as_u64().unwrap() as usize;
            let k = expected["k"].as_u64().unwrap() as usize;
            let levels = SafeLevelSmote::new().k(k).levels(&train, class).unwrap();
            let levels: Vec<u32> = levels.into_iter().map(|level| level as u32).collect();
            assert_eq!(levels, rows(&expected["levels"]));
        }
    }
}
