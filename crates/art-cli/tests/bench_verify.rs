//! `art bench verify`: stored cells run again.

mod common;

use common::{
    bench::{bench, stderr_of},
    people, stdout,
};
use std::{fs, path::Path};

/// A folder with the cells of two methods on Pima and one on Yeast: 15 of them.
fn stored(out: &Path) {
    for only in ["pima/r[ou]s", "yeast/rus"] {
        let mut command = bench(&["run", "--quick", "--only", only, "--out"]);
        command.arg(out).assert().success();
    }
}

fn verify(out: &Path, more: &[&str]) -> assert_cmd::Command {
    let mut command = bench(&["verify"]);
    command.arg(out).args(more);
    command
}

/// What is printed by a command that ends with `code`.
fn printed(command: &mut assert_cmd::Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn stored_cells_come_out_as_they_were_and_altered_ones_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    stored(&out);
    let alike = |n: u32| format!("{n} of {n} cells reproduce their record byte for byte\n");
    assert_eq!(printed(&mut verify(&out, &[]), 0), alike(10));
    let more = ["--cells", "500", "--only", "*/rus", "--jobs", "1"];
    assert_eq!(printed(&mut verify(&out, &more), 0), alike(10));
    let one = ["--only", "pima/ros/1834"];
    let one_alike = "1 of 1 cell reproduces its record byte for byte\n";
    assert_eq!(printed(&mut verify(&out, &one), 0), one_alike);

    // Nothing was written, and packed records are read as well.
    let records = fs::read_to_string(out.join("records.jsonl")).unwrap();
    assert_eq!(records.lines().count(), 15);
    let report = || {
        ["report.md", "report.html", "report.json"].map(|name| fs::read(out.join(name)).unwrap())
    };
    let before = report();
    bench(&["pack"]).arg(&out).assert().success();
    assert_eq!(printed(&mut verify(&out, &one), 0), one_alike);
    bench(&["report"]).arg(&out).assert().success();
    assert!(report() == before, "packing changes the report");
    fs::remove_dir_all(out.join("records")).unwrap();

    let altered: Vec<String> = records
        .lines()
        .map(|line| {
            if line.contains("\"ros\"") && line.contains("1834") {
                line.replacen("\"steps\":", "\"steps\":1", 1) + "\n"
            } else {
                line.to_owned() + "\n"
            }
        })
        .collect();
    fs::write(out.join("records.jsonl"), altered.concat()).unwrap();
    let text = printed(&mut verify(&out, &["--cells", "15"]), 1);
    assert_eq!(
        text,
        "pima/ros/1834 differs from its record\n14 of 15 cells reproduce their record byte for byte\n"
    );
    assert_eq!(
        printed(&mut verify(&out, &["--only", "*/rus"]), 0),
        alike(10)
    );
}

#[test]
fn what_cannot_be_verified_is_said_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let error = stderr_of(&mut verify(&out, &[]), 2);
    assert!(
        error.contains("there is nothing to verify; run the matrix first") && !out.exists(),
        "{error}"
    );
    stored(&out);
    let error = stderr_of(&mut verify(&out, &["--only", "wine/*"]), 2);
    assert!(
        error.contains("no stored cell to verify that --only wine/*/* matches"),
        "{error}"
    );
    assert!(stderr_of(&mut verify(&out, &["--cells", "0"]), 2).contains("invalid value '0'"));
    let error = stderr_of(&mut verify(&out, &["--data", "/no-such-folder"]), 2);
    assert!(error.contains("--data DIR"), "{error}");

    let table = people(folder.path());
    let own = folder.path().join("own").display().to_string();
    stdout(&[
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "ros",
        "--seeds",
        "2",
        "--out",
        &own,
    ]);
    let error = stderr_of(&mut verify(Path::new(&own), &[]), 2);
    assert!(
        error.contains("has the results of a table of your own, people, and"),
        "{error}"
    );
}
