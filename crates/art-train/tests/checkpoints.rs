//! Checkpoints: resumed to the same bits from every epoch, refused by other runs, never torn, old ones still opened.

mod common;

use art_core::ClassBalanced;
use art_losses::CrossEntropy;
use art_train::{Checkpoint, StopCriterion};
use common::{SEED, assert_same, fit, model, params, split, stop_after, trainer};
use std::{fs, path::Path};

#[test]
fn stopping_and_resuming_at_every_epoch_gives_the_uninterrupted_bits() {
    for criterion in [StopCriterion::Native, StopCriterion::MacroF1] {
        let params = params().criterion(criterion);
        let whole = fit(trainer(params.clone())).unwrap();
        let n_epochs = whole.history.epochs.len() as u32;
        assert!(n_epochs >= 5);
        let folder = tempfile::tempdir().unwrap();
        for epoch in 1..=n_epochs {
            let path = folder.path().join("run.safetensors");
            let interrupted = trainer(params.clone())
                .checkpoint(&path)
                .callback(stop_after(epoch));
            assert_eq!(fit(interrupted).unwrap().history.epochs.len() as u32, epoch);
            let checkpoint = Checkpoint::load(&path).unwrap();
            assert_eq!(checkpoint.epochs_done(), epoch);
            let resumed = fit(trainer(params.clone()).resume(checkpoint)).unwrap();
            assert_same(&resumed, &whole);
        }
    }
}

#[test]
fn checkpoints_of_other_runs_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    fit(trainer(params()).checkpoint(&path).callback(stop_after(2))).unwrap();
    let load = || Checkpoint::load(&path).unwrap();
    let error = fit(trainer(params().learning_rate(1e-3)).resume(load())).unwrap_err();
    assert!(
        error.to_string().contains("the checkpoint's run"),
        "{error}"
    );

    let split = split();
    let sampler = ClassBalanced::new(split.train.data().class_index().unwrap(), SEED);
    let other = trainer(params()).resume(load());
    let result = other.fit(
        model(),
        &CrossEntropy,
        Box::new(sampler),
        &split.train,
        &split.valid,
    );
    assert!(
        result
            .unwrap_err()
            .to_string()
            .contains("the checkpoint's run")
    );
}

#[test]
fn damaged_and_newer_checkpoints_are_named_and_leave_no_torn_file() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    fit(trainer(params()).checkpoint(&path).callback(stop_after(1))).unwrap();
    let bytes = fs::read(&path).unwrap();
    let load_bytes = |bytes: &[u8]| {
        let path = folder.path().join("damaged");
        fs::write(&path, bytes).unwrap();
        Checkpoint::load(path).unwrap_err().to_string()
    };
    for cut in [0, 7, 40, bytes.len() / 2, bytes.len() - 1] {
        let error = load_bytes(&bytes[..cut]);
        assert!(
            error.contains("damaged: it is no checkpoint, or one that is truncated or altered"),
            "{cut}: {error}"
        );
    }
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    assert!(load_bytes(&flipped).contains("its SHA-256 differs"));
    let version = b"\"art-checkpoint-version\":\"4\"";
    let position = bytes
        .windows(version.len())
        .position(|w| w == version)
        .unwrap();
    let mut newer = bytes.clone();
    newer[position + version.len() - 2] = b'9';
    assert!(load_bytes(&newer).contains("version 9, this program reads up to 4"));
    let error = Checkpoint::load(folder.path().join("none"))
        .unwrap_err()
        .to_string();
    assert!(error.contains("cannot read checkpoint"), "{error}");

    let nowhere = Path::new("/no-such-folder/run.safetensors");
    let error = fit(trainer(params()).checkpoint(nowhere))
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("cannot write checkpoint /no-such-folder/run.safetensors"),
        "{error}"
    );
    let names: Vec<_> = fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().file_name())
        .collect();
    assert_eq!(names.len(), 2, "{names:?}");
}

#[test]
fn checkpoints_of_version_1_still_open() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    fit(trainer(params()).checkpoint(&path).callback(stop_after(2))).unwrap();
    let bytes = fs::read(&path).unwrap();
    let file = safetensors::SafeTensors::deserialize(&bytes).unwrap();
    // Version 1 had the digest in the metadata, not in a tensor, and over no version.
    let mut tensors = file.tensors();
    tensors.retain(|(name, _)| name != "sha256");
    tensors.sort_by(|a, b| a.0.cmp(&b.0));
    let mut bytes = vec![];
    for (name, view) in &tensors {
        bytes.extend(format!("{name} {:?};", view.shape()).into_bytes());
        bytes.extend_from_slice(view.data());
    }
    let metadata = [
        ("art-checkpoint-version".to_owned(), "1".to_owned()),
        ("sha256".to_owned(), art_data::sha256_hex(&bytes)),
    ];
    let old = safetensors::serialize(tensors, Some(metadata.into())).unwrap();
    let old_path = folder.path().join("old.safetensors");
    fs::write(&old_path, old).unwrap();
    let old = Checkpoint::load(&old_path).unwrap();
    assert_eq!(old.epochs_done(), 2);
    let from_old = fit(trainer(params()).resume(old)).unwrap();
    let from_new = fit(trainer(params()).resume(Checkpoint::load(&path).unwrap())).unwrap();
    assert_eq!(from_old.history.epochs, from_new.history.epochs);
}
