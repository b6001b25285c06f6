//! The bundled files load as what they claim to be, and nothing else loads.

use art_core::Seed;
use art_data::{
    BundledTable, ClassOrder, DataError, DataFolder, Imbalance, MnistPool, Split, SplitConfig,
};
use std::{fs, path::PathBuf};

fn folder() -> DataFolder {
    DataFolder::open(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")).unwrap()
}

#[test]
fn tables_have_the_classes_and_columns_of_the_paper() {
    let expected: [(usize, &[usize]); 3] = [
        (8, &[500, 268]),
        (8, &[463, 429, 244, 163, 51, 44, 35, 30, 20]),
        (11, &[10, 53, 681, 638, 199, 18]),
    ];
    for (table, (n_features, counts)) in BundledTable::ALL.into_iter().zip(expected) {
        let data = table.load(&folder()).unwrap();
        assert_eq!(data.n_features(), n_features);
        assert_eq!(data.class_counts().as_slice(), counts);
    }
    let wine = BundledTable::WineRed.load(&folder()).unwrap();
    assert_eq!(wine.features_as_slice()[..4], [7.4, 0.7, 0.0, 1.9]);
    assert_eq!(wine.labels()[0], 2);
    assert_eq!(wine.feature_names()[10], "alcohol");
}

#[test]
fn every_listed_file_matches_its_checksum_and_size() {
    let folder = folder();
    assert_eq!(folder.files().len(), 5);
    for entry in folder.files() {
        let bytes = folder.read(&entry.name).unwrap();
        assert_eq!(bytes.len() as u64, entry.bytes, "{}", entry.name);
    }
}

#[test]
fn the_long_tailed_digits_split_as_the_paper_says() {
    let pool = MnistPool::load(&folder()).unwrap();
    let index = pool.class_index().unwrap();
    assert_eq!(index.counts().as_slice(), [1500; 10]);
    let long_tail = Imbalance::LongTailed {
        largest: 1500,
        factor: 0.01,
        order: ClassOrder::ByLabel,
    };
    let data = pool
        .select(&long_tail.rows(&index, Seed::new(1834)).unwrap())
        .unwrap();
    assert_eq!(data.n_rows(), 3720);
    let pixels = data.features_as_slice();
    assert!(pixels.iter().all(|pixel| (0.0..=1.0).contains(pixel)) && pixels.contains(&1.0));
    let split = Split::stratified(&data, &SplitConfig::default(), Seed::new(1834)).unwrap();
    let train = split.train.data().class_counts();
    assert_eq!(
        train.as_slice(),
        [1050, 629, 377, 226, 135, 81, 49, 29, 17, 11]
    );
}

#[test]
fn altered_missing_and_unlisted_files_are_named() {
    let copy = tempfile::tempdir().unwrap();
    for name in ["manifest.toml", "pima.csv"] {
        fs::copy(folder().path().join(name), copy.path().join(name)).unwrap();
    }
    let pima = copy.path().join("pima.csv");
    let mut bytes = fs::read(&pima).unwrap();
    bytes.truncate(bytes.len() - 1);
    fs::write(&pima, &bytes).unwrap();
    let folder = DataFolder::open(copy.path()).unwrap();
    let error = BundledTable::Pima.load(&folder).unwrap_err().to_string();
    assert!(
        error.contains("pima.csv is truncated or altered"),
        "{error}"
    );
    let error = BundledTable::Yeast.load(&folder).unwrap_err().to_string();
    assert!(
        error.contains("cannot read") && error.contains("yeast.csv"),
        "{error}"
    );
    assert!(matches!(
        folder.read("other.csv"),
        Err(DataError::NotListed { .. })
    ));

    fs::write(
        copy.path().join("manifest.toml"),
        "[[file]]\nname = \"a\"\nbytes = \"x\"\n",
    )
    .unwrap();
    let error = DataFolder::open(copy.path()).unwrap_err().to_string();
    assert!(error.contains("manifest.toml, line 3"), "{error}");
    let error = DataFolder::open(copy.path().join("none"))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("cannot read") && error.contains("manifest.toml"),
        "{error}"
    );
}
