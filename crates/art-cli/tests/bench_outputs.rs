//! `art bench`: outputs that are closed, full, or gone while a run writes to them.

mod common;

use art_bench::read_records;
#[cfg(unix)]
use common::bench::{PIMA, lines};
use common::{bench::bench_process, data};
#[cfg(target_os = "linux")]
use std::fs::File;
use std::{
    fs,
    path::Path,
    process::{Command, Output, Stdio},
};

const RUN: [&str; 5] = ["run", "--quick", "--only", "pima/rus/*", "--out"];

/// Runs a command whose standard output nobody reads.
fn unread(mut command: Command) -> Output {
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    child.wait_with_output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8(output.stderr.clone()).unwrap()
}

#[test]
fn a_closed_output_ends_quietly_with_the_code_of_the_run() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let output = unread(bench_process(&RUN, &out));
    assert_eq!((output.status.code(), &*text(&output)), (Some(0), ""));
    assert_eq!(read_records(&out).unwrap().len(), 5);
    for command in [&["report"][..], &["data", "check", "--data"]] {
        let data = data("");
        let path = if command.len() == 1 {
            &out
        } else {
            Path::new(&data)
        };
        let output = unread(bench_process(command, path));
        assert_eq!((output.status.code(), &*text(&output)), (Some(0), ""));
    }
    // What failed is told by the code, though nobody reads what is said.
    let records = fs::read_to_string(out.join("records.jsonl")).unwrap();
    let altered = records.replace("\"steps\":", "\"steps\":1");
    fs::write(out.join("records.jsonl"), altered).unwrap();
    let output = unread(bench_process(&["verify", "--cells", "2"], &out));
    assert_eq!((output.status.code(), &*text(&output)), (Some(1), ""));
    let output = unread(bench_process(&["pack"], &out));
    assert_eq!((output.status.code(), &*text(&output)), (Some(0), ""));
}

#[cfg(target_os = "linux")]
#[test]
fn a_full_output_is_an_error_and_no_panic() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let full = || File::options().write(true).open("/dev/full").unwrap();
    for arguments in [&RUN[..], &["report"]] {
        let output = bench_process(arguments, &out)
            .stdout(full())
            .output()
            .unwrap();
        let error = text(&output);
        assert_eq!(output.status.code(), Some(2), "{error}");
        assert!(
            error.starts_with("error: cannot write to the standard output: "),
            "{error}"
        );
    }
    assert_eq!(read_records(&out).unwrap().len(), 5);
    // Where errors cannot be told either, the code tells them.
    let nowhere = folder.path().join("nowhere");
    let mut command = bench_process(&["report"], &nowhere);
    let status = command.stderr(full()).stdout(full()).status().unwrap();
    assert_eq!(status.code(), Some(2));
}

#[cfg(unix)]
#[test]
fn a_results_folder_that_is_moved_in_mid_run_is_no_success() {
    let folder = tempfile::tempdir().unwrap();
    let (out, moved) = (folder.path().join("out"), folder.path().join("moved"));
    let run = ["run", "--quick", "--only", PIMA, "--jobs", "1", "--out"];
    let mut command = bench_process(&run, &out);
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    while lines(&out) == 0 && child.try_wait().unwrap().is_none() {
        std::thread::yield_now();
    }
    fs::rename(&out, &moved).unwrap();
    let output = child.wait_with_output().unwrap();
    let error = text(&output);
    assert_eq!(output.status.code(), Some(2), "{error}");
    assert!(
        error.contains("is no longer the file that this run writes to"),
        "{error}"
    );
    assert!(output.stdout.is_empty() && !out.exists());
    // What was moved goes on where it was.
    assert!(!read_records(&moved).unwrap().is_empty());
    assert!(
        bench_process(&run, &moved)
            .output()
            .unwrap()
            .status
            .success()
    );
    assert_eq!(read_records(&moved).unwrap().len(), 35);
}

#[test]
fn what_killed_runs_left_in_a_results_folder_is_cleared_away() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    fs::create_dir_all(out.join("tables")).unwrap();
    let left = [
        ".matrix.json.abc123.art-tmp",
        ".report.html.abc123.art-tmp",
        "tables/.macro_f1.csv.abc123.art-tmp",
    ];
    for name in left {
        fs::write(out.join(name), "half").unwrap();
    }
    assert!(bench_process(&RUN, &out).output().unwrap().status.success());
    for name in left {
        assert!(!out.join(name).exists(), "{name}");
    }
}
