//! A cell that panics is a failed cell: the rest goes on, the report and the exit code say so.

use art_bench::{read_records, run_program};
use art_methods::{Kind, Method, Registry};
use std::{fs, process::ExitCode};

#[test]
fn a_method_that_panics_fails_its_own_cells_alone() {
    let method = Method::new("clumsy", "Clumsy", Kind::Plain, |_, _| panic!("it slipped"));
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out").display().to_string();
    let data = concat!("--data=", env!("CARGO_MANIFEST_DIR"), "/../../data");
    let only = "--only=pima/[bc]*/1834";
    let arguments = ["mine", "run", "--quick", only, data, "--out", &out];
    let code = run_program(Registry::standard().with(method).unwrap(), arguments);
    assert_eq!(code, ExitCode::FAILURE);
    let records = read_records(out.as_ref()).unwrap();
    let failed = records.values().filter(|record| record.is_failed());
    let failed: Vec<String> = failed
        .map(|record| record.result.spec.to_string())
        .collect();
    assert_eq!(failed, ["pima/clumsy/1834"]);
    // Baseline twice, cost-sensitive, balanced softmax, BALMS and the clumsy one.
    assert_eq!(records.len(), 6);
    let report = fs::read_to_string(folder.path().join("out/report.md")).unwrap();
    assert!(
        report.contains("- pima/clumsy/1834 failed: the cell panicked: it slipped"),
        "{report}"
    );
}
