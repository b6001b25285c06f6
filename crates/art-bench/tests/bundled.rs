//! The bundled files load as what they claim to be, and nothing else loads.

use art_bench::{BenchError, BundledTable, DataFolder, MnistPool};
use art_core::Seed;
use art_data::{ClassOrder, Imbalance, Split, SplitConfig, SplitParams, UnsplittableClass};
use std::{fs, path::PathBuf};

/// The manifest of a folder that has none of its own.
const MANIFEST: &str = include_str!("../src/datasets/manifest.toml");

fn folder() -> DataFolder {
    DataFolder::open(PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")).unwrap()
}

#[test]
fn tables_have_their_classes_and_columns() {
    let expected: [(usize, &[usize]); 7] = [
        (8, &[500, 268]),
        (8, &[463, 429, 244, 163, 51, 44, 35, 30, 20]),
        (11, &[10, 53, 681, 638, 199, 18]),
        (7, &[143, 77, 2, 2, 35, 20, 5, 52]),
        (9, &[70, 76, 17, 13, 9, 29]),
        (10, &[4913, 329, 28, 87, 115]),
        (36, &[1533, 703, 1358, 626, 707, 1508]),
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
    let glass = BundledTable::Glass.load(&folder()).unwrap();
    assert_eq!(glass.features_as_slice()[..3], [1.52101, 13.64, 4.49]);
    assert_eq!(glass.class_names()[3], "containers");
    let satimage = BundledTable::Satimage.load(&folder()).unwrap();
    assert_eq!(satimage.labels()[..1], [2]);
    assert_eq!(satimage.class_names()[2], "grey soil");
}

/// Stored records stand on these bits, and the reader is that of any table.
#[test]
fn tables_are_read_to_the_bits_that_records_were_made_of() {
    let expected = [
        "ffb10761ab456a8d711cd743341d53c47bba03e57000ae1cbc02403d51a52631",
        "aaf6ea6aa5e2845cf446f5e7dd91f85a624adcd9538e295a5556c9cbec6df2b6",
        "8a9a7668d8b7bb12d1805ef54ae8dc701135f5d32734d3d2a84b72a465857a49",
        "83616fe37d52fec02c1e1d9471a4ef0448b7b4261a238cbaabd13604d9c81700",
        "60d82779e907f126647ef39ccc3d307a5d75e5bdf53f0a8ee4a4432272cb04ad",
        "3e1626d1cda06346d1aa923d9666608ac356d025e351252a74911c8e2cbdd5b8",
        "27b80e5330fb441a8885e33db2662b69d0e584f6290082a86fc79ea06fc570ab",
    ];
    for (table, digest) in BundledTable::ALL.into_iter().zip(expected) {
        assert_eq!(table.load(&folder()).unwrap().digest(), digest, "{table:?}");
    }
}

#[test]
fn further_tables_split_and_a_class_of_two_rows_has_none_to_validate() {
    let config = SplitParams::new()
        .rare_classes(UnsplittableClass::Allow)
        .check()
        .unwrap();
    let split = |table: BundledTable| {
        let data = table.load(&folder()).unwrap();
        let split = Split::stratified(&data, &config, Seed::new(1834)).unwrap();
        let parts = [split.train.data(), split.valid.data(), split.test.data()];
        parts.map(|part| part.class_counts().as_slice().to_vec())
    };
    let [train, valid, test] = split(BundledTable::Ecoli);
    assert_eq!(train, [101, 54, 1, 1, 25, 14, 3, 37]);
    assert_eq!(valid, [21, 12, 0, 0, 5, 3, 1, 8]);
    assert_eq!(test, [21, 11, 1, 1, 5, 3, 1, 7]);
    for table in [
        BundledTable::Glass,
        BundledTable::PageBlocks,
        BundledTable::Satimage,
    ] {
        assert!(split(table).iter().flatten().all(|&rows| rows > 0));
    }
    let ecoli = BundledTable::Ecoli.load(&folder()).unwrap();
    let error = Split::stratified(&ecoli, &SplitConfig::default(), Seed::new(1834)).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("the classes \"imL\" (2 rows), \"imS\" (2 rows) have"),
        "{error}"
    );
}

#[test]
fn an_older_folder_lacks_only_the_tables_that_it_does_not_have() {
    let copy = tempfile::tempdir().unwrap();
    fs::copy(
        folder().path().join("pima.csv"),
        copy.path().join("pima.csv"),
    )
    .unwrap();
    let load = |table: BundledTable| table.load(&DataFolder::open(copy.path()).unwrap());
    assert!(load(BundledTable::Pima).is_ok());
    let error = load(BundledTable::Ecoli).unwrap_err().to_string();
    assert!(
        error.contains("cannot read") && error.contains("ecoli.csv"),
        "{error}"
    );

    let older = MANIFEST.split("[[file]]").take(2);
    let older = older.collect::<Vec<_>>().join("[[file]]");
    fs::write(copy.path().join("manifest.toml"), older).unwrap();
    assert!(load(BundledTable::Pima).is_ok());
    let error = load(BundledTable::Ecoli).unwrap_err().to_string();
    assert!(error.contains("does not list ecoli.csv"), "{error}");
}

#[test]
fn every_listed_file_matches_its_checksum_and_size() {
    let folder = folder();
    assert_eq!(folder.files().len(), 9);
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
    fs::write(copy.path().join("manifest.toml"), MANIFEST).unwrap();
    let pima = copy.path().join("pima.csv");
    fs::copy(folder().path().join("pima.csv"), &pima).unwrap();
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
        Err(BenchError::NotListed { .. })
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
