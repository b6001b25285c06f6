//! The data sets that the project has are drawn and split as their names say.

use art_bench::{DataFolder, DataSets};
use art_core::{Seed, elementary::powi};
use art_data::Dataset;
use std::{collections::HashSet, path::PathBuf};

fn load(id: &str) -> DataSets {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data");
    DataSets::load(&[id.into()], &DataFolder::open(folder).unwrap()).unwrap()
}

fn pima() -> DataSets {
    load("pima")
}

#[test]
fn further_data_sets_split_with_scaled_training_rows() {
    let tables = ["ecoli", "glass", "page-blocks", "satimage"];
    let synthetic = ["synth-many", "synth-large", "synth-opposites"];
    for id in tables.into_iter().chain(synthetic) {
        let split = load(id).split(id, Seed::new(1834)).unwrap();
        let train = split.train.data();
        let column = train.features().column(0).to_owned();
        let mean = column.iter().map(|&x| f64::from(x)).sum::<f64>() / column.len() as f64;
        let squares = column.iter().map(|&x| powi(f64::from(x), 2)).sum::<f64>();
        assert!(mean.abs() < 1e-4, "{id}: {mean}");
        assert!((squares / column.len() as f64 - 1.0).abs() < 1e-3, "{id}");
        assert!(train.class_counts().as_slice().iter().all(|&n| n > 0));
        let absent = |data: &Dataset| {
            let counts = data.class_counts();
            counts.as_slice().iter().filter(|&&n| n == 0).count()
        };
        let without_validation = if id == "ecoli" { 2 } else { 0 };
        assert_eq!(absent(split.valid.data()), without_validation, "{id}");
        assert_eq!(absent(split.test.data()), 0, "{id}");
    }
}

#[test]
fn an_older_folder_lacks_a_further_table_only_for_who_asks_for_it() {
    let older = tempfile::tempdir().unwrap();
    let pima = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data/pima.csv");
    std::fs::copy(pima, older.path().join("pima.csv")).unwrap();
    let folder = DataFolder::open(older.path()).unwrap();
    assert!(DataSets::load(&["pima".into(), "synth-many".into()], &folder).is_ok());
    let error = DataSets::load(&["pima".into(), "page-blocks".into()], &folder);
    let error = error.unwrap_err().to_string();
    assert!(error.contains("page-blocks.csv"), "{error}");
}

#[test]
fn a_ratio_is_reached_in_the_scope_that_the_name_says() {
    let counts = |name: &str| {
        let split = pima().split(name, Seed::new(1834)).unwrap();
        let of = |data: &Dataset| data.class_counts().as_slice().to_vec();
        (of(split.train.data()), of(split.test.data()))
    };
    assert_eq!(counts("pima"), (vec![350, 188], vec![75, 40]));
    assert_eq!(counts("pima@ratio=10"), (vec![351, 35], vec![75, 7]));
    assert_eq!(counts("pima@train-ratio=10"), (vec![350, 35], vec![75, 40]));
}

#[test]
fn equal_rows_are_in_one_part_where_the_name_says_so() {
    let wine = load("wine");
    // Rows that were equal are so after scaling.
    let rows = |data: &Dataset| {
        let bits = |row: ndarray::ArrayView1<'_, f32>| row.iter().map(|x| x.to_bits()).collect();
        data.features().rows().into_iter().map(bits).collect()
    };
    let crossing = |name: &str| {
        let split = wine.split(name, Seed::new(1834)).unwrap();
        let parts = [split.train.data(), split.valid.data(), split.test.data()];
        assert_eq!(parts.iter().map(|part| part.n_rows()).sum::<usize>(), 1599);
        // Shares are kept to 2 % of the rows.
        for (part, share) in parts.into_iter().zip([0.7, 0.15, 0.15]) {
            assert!((part.n_rows() as f64 / 1599.0 - share).abs() < 0.02);
        }
        let trained: HashSet<Vec<u32>> = rows(parts[0]);
        let tested: HashSet<Vec<u32>> = rows(parts[2]);
        trained.intersection(&tested).count()
    };
    assert!(crossing("wine") > 30);
    assert_eq!(crossing("wine@equal-rows=together"), 0);
    let folds = wine.split_folds("wine@equal-rows=together", 5, Seed::new(1));
    assert!(folds.unwrap_err().to_string().contains("kept together"));
}

#[test]
fn names_that_mean_nothing_are_refused() {
    let error = |name: &str| pima().split(name, Seed::new(1)).unwrap_err().to_string();
    assert!(
        error("pina").contains("did you mean \"pima\"?"),
        "{}",
        error("pina")
    );
    assert!(error("glas").contains("did you mean \"glass\"?"));
    assert!(error("what").contains("synth-opposites"));
    assert!(error("pima@ration=3").contains("did you mean \"ratio\"?"));
    assert!(error("pima@ratio").contains("pima@ratio=10"));
    assert!(error("pima@ratio=0.5").contains("at least 1"));
    assert!(error("yeast").contains("unknown data set"));
}
