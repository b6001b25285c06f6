//! `art bench`: what a run writes, and a report from its folder alone.

mod common;

use art_bench::{Outcome, read_records};
use common::bench::bench;
use std::fs;

#[test]
fn a_run_writes_its_tables_and_reports() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    bench(&["run", "--quick", "--only", "pima/rus/1834", "--out"])
        .arg(&out)
        .assert()
        .success();
    let markdown = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(markdown.contains("1 of 195 cells evaluated"), "{markdown}");
    assert!(markdown.contains("- pima/baseline: 10 of 10 cells were not run"));
    let html = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<svg"));
    let outside = html.replace("http://www.w3.org/2000/svg", "");
    for word in ["http", "<link", "src=", "url(", "fetch("] {
        assert!(
            !outside.contains(word),
            "the page must need nothing else, but has {word}"
        );
    }
    let csv = fs::read_to_string(out.join("tables/macro_f1.csv")).unwrap();
    let record = &read_records(&out).unwrap().into_values().next().unwrap();
    let Outcome::Evaluated(evaluation) = &record.result.outcome else {
        panic!("the cell failed: {record:?}")
    };
    assert!(
        csv.contains(&format!("RUS,{},0,1", evaluation.macro_f1)),
        "{csv}"
    );

    // The report comes out of the folder alone, byte for byte.
    fs::remove_file(out.join("report.md")).unwrap();
    bench(&["report"])
        .arg(&out)
        .env_remove("ART_DATA")
        .assert()
        .success();
    assert_eq!(fs::read_to_string(out.join("report.md")).unwrap(), markdown);
}
