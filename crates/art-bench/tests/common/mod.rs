//! What the tests of methods from outside share.

use art_bench::{read_records, run_program};
use art_methods::{Method, Registry};

/// Runs the quick matrix on Pima with `method` alone and checks that all five cells came out.
pub(crate) fn runs_in_the_experiment(method: Method) {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let only = format!("--only=pima/{}", method.id());
    let data = concat!("--data=", env!("CARGO_MANIFEST_DIR"), "/../../data");
    let arguments = ["mine", "run", "--quick", &only, data, "--out", &out];
    run_program(Registry::standard().with(method).unwrap(), arguments);
    let records = read_records(out.as_ref()).unwrap();
    assert_eq!(records.len(), 5);
    for record in records.values() {
        assert!(!record.is_failed(), "{:?}", record.result.outcome);
    }
}
