//! Model and checkpoint files that are cut or altered: an error, never a panic, never another model, and never much
//! more memory than the file is large.

use art_core::Seed;
use art_data::GaussianClasses;
use art_train::{Checkpoint, Classifier, ClassifierParams, Training};
use proptest::prelude::*;
use std::{fs, sync::LazyLock};

/// Memory that loading may take: buffers, and so many times the file.
const BUFFERS: u64 = 1 << 18;
const TIMES: u64 = 20;

static MODEL: LazyLock<Vec<u8>> = LazyLock::new(|| {
    let data = GaussianClasses::new(vec![60, 20], 3)
        .generate(Seed::new(1))
        .unwrap();
    let params = ClassifierParams::new().training(Training {
        hidden: vec![4],
        max_epochs: 2,
        ..Training::default()
    });
    let classifier = params.check().unwrap().fit_dataset(&data).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.art");
    classifier.save(&path).unwrap();
    fs::read(path).unwrap()
});

fn load(bytes: &[u8]) -> Result<Classifier, String> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m.art");
    fs::write(&path, bytes).unwrap();
    let mut loaded = None;
    let used = allocation_counter::measure(|| {
        assert!(Checkpoint::load(&path).is_err());
        loaded = Some(Classifier::load(&path).map_err(|error| error.to_string()));
    });
    let (used, most) = (used.bytes_max, BUFFERS + TIMES * bytes.len() as u64);
    assert!(used <= most, "{used} bytes for a file of {}", bytes.len());
    loaded.unwrap()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_altered_byte_is_noticed(place: prop::sample::Index, change in 1_u8..) {
        let mut bytes = MODEL.clone();
        let place = place.index(bytes.len());
        bytes[place] ^= change;
        let error = load(&bytes).expect_err("the file was altered");
        prop_assert!(error.contains("m.art"), "{}", error);
    }

    #[test]
    fn a_cut_file_is_noticed(length: prop::sample::Index) {
        let bytes = &MODEL[..length.index(MODEL.len())];
        let error = load(bytes).expect_err("the file was cut");
        prop_assert!(error.contains("truncated or altered"), "{}", error);
    }

    #[test]
    fn other_files_are_no_models(header in 0_u64.., bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        load(&bytes).expect_err("it is no model");
        load(&[&header.to_le_bytes()[..], b"{", &bytes].concat()).expect_err("it is no model");
    }
}

/// Every bit of every byte, the spaces that fill up the header among them.
#[test]
fn every_altered_bit_is_noticed() {
    for place in 0..MODEL.len() {
        for bit in 0..8 {
            let mut bytes = MODEL.clone();
            bytes[place] ^= 1 << bit;
            assert!(load(&bytes).is_err(), "bit {bit} of byte {place}");
        }
    }
}

#[test]
fn the_whole_file_is_a_model() {
    assert!(load(&MODEL).is_ok());
}

#[test]
fn a_model_in_memory_is_that_of_the_file() {
    let classifier = Classifier::from_bytes(&MODEL).unwrap();
    assert_eq!(classifier.to_bytes().unwrap(), *MODEL);
    let error = Classifier::from_bytes(&MODEL[..MODEL.len() / 2]).unwrap_err();
    assert!(error.to_string().contains("a model in memory"), "{error}");
}
