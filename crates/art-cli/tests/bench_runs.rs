//! `art bench run`: the same records for any number of jobs and threads, after kills, and in shards.

mod common;

use assert_cmd::Command;
use common::bench::{PIMA, TUNED, bench, bench_process, lines, results, stderr_of};
#[cfg(target_os = "linux")]
use common::data;
use std::{fs, path::Path, process::Stdio};

/// Runs the Pima cells of the quick matrix that [`PIMA`] selects; 35 of them, plain training twice.
fn run(out: &Path, extra: &[&str], threads: &str) -> Command {
    let mut command = bench(&["run", "--quick", "--only", PIMA, "--out"]);
    command.arg(out).args(extra);
    command.env("RAYON_NUM_THREADS", threads);
    command
}

#[test]
fn jobs_threads_and_kills_change_no_record() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    run(&at("whole"), &["--jobs", "1"], "1").assert().success();
    let whole = results(&at("whole"));
    assert_eq!(whole.len(), 35);

    run(&at("jobs"), &["--jobs", "2"], "1").assert().success();
    assert_eq!(results(&at("jobs")), whole);
    // The validation rows of Red Wine are enough for the tensor library to use its threads.
    let wine = |name: &str, jobs: &str, threads: &str| {
        let only = "--only=wine/rus/*";
        let mut command = bench(&["run", "--quick", only, "--jobs", jobs, "--out"]);
        command
            .arg(at(name))
            .env("RAYON_NUM_THREADS", threads)
            .assert()
            .success();
        results(&at(name))
    };
    assert_eq!(wine("wine-1", "1", "1"), wine("wine-2", "2", "2"));

    // Killed outright after 1, 6 and 13 records, each time resumed by the same command.
    for killed_after in [1, 6, 13] {
        let arguments = ["run", "--quick", "--only", PIMA, "--jobs", "2", "--out"];
        let mut child = bench_process(&arguments, &at("killed"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while lines(&at("killed")) < killed_after && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
        assert!((killed_after..35).contains(&lines(&at("killed"))));
    }
    run(&at("killed"), &[], "1").assert().success();
    assert_eq!(results(&at("killed")), whole);

    // A disk that is full in the middle of a record: files may not grow beyond 24 KiB.
    #[cfg(target_os = "linux")]
    {
        let script = "trap '' XFSZ; ulimit -f 24; exec \"$@\"";
        let mut full = Command::new("bash");
        full.args(["-c", script, "bash", env!("CARGO_BIN_EXE_art"), "bench"]);
        full.args(["run", "--quick", "--only", PIMA, "--jobs", "2", "--out"]);
        full.arg(at("full"))
            .env("ART_DATA", data(""))
            .env("RAYON_NUM_THREADS", "1");
        let error = stderr_of(&mut full, 2);
        assert!(error.contains("cannot write a record to"), "{error}");
        let text = fs::read_to_string(at("full").join("records.jsonl")).unwrap();
        assert!(text.ends_with('\n') && text.len() <= 24 * 1024);
        run(&at("full"), &[], "1").assert().success();
        assert_eq!(results(&at("full")), whole);
    }
}

#[test]
fn a_tuned_run_survives_ten_kills_and_its_shards_merge() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let matrix = at("small.toml");
    fs::write(&matrix, TUNED).unwrap();
    let command = |out: &str, extra: &[&str]| {
        let mut command = bench(&["run", "--jobs", "2", "--matrix"]);
        command.arg(&matrix).arg("--out").arg(at(out)).args(extra);
        command.env("RAYON_NUM_THREADS", "1");
        command
    };
    // The reviews do not come with the project: their set is left out and everybody is told.
    let note = stderr_of(&mut command("whole", &[]), 0);
    assert!(
        note.contains("IMDb-Custom is left out") && note.contains("cargo xtask data make imdb"),
        "{note}"
    );
    let whole = results(&at("whole"));
    // Plain training has a second initialisation.
    assert_eq!(whole.len(), 3 * (4 * 3 + 2) + 2 + 6 * 2);
    let report = fs::read_to_string(at("whole").join("report.md")).unwrap();
    assert!(
        report.contains("6 of 6 cells evaluated") && report.contains("- IMDb-Custom is left out")
    );

    let mut stream = art_core::Seed::new(1).stream("kills", 0);
    let mut target = 0;
    for _ in 0..10 {
        target += 1 + stream.below(6);
        let mut child = bench_process(&["run", "--jobs", "2", "--matrix"], &matrix)
            .arg("--out")
            .arg(at("killed"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        while lines(&at("killed")) < target && child.try_wait().unwrap().is_none() {
            std::thread::yield_now();
        }
        child.kill().unwrap();
        child.wait().unwrap();
    }
    command("killed", &[]).assert().success();
    assert_eq!(results(&at("killed")), whole);

    let mut merge = bench(&["report"]);
    for shard in ["0/3", "1/3", "2/3"] {
        let out = shard.replace('/', "-of-");
        command(&out, &["--shard", shard]).assert().success();
        merge.arg(at(&out));
    }
    merge.arg("--out").arg(at("merged")).assert().success();
    // Shards differ from the whole in their times alone.
    let of = |name: &str| fs::read_to_string(at(name).join("tables/macro_f1.csv")).unwrap();
    assert_eq!(of("merged"), of("whole"));
    let of = |name: &str| fs::read_to_string(at(name).join("tables/tuning.csv")).unwrap();
    assert_eq!(of("merged"), of("whole"));

    bench(&["verify", "--cells", "5"])
        .arg(at("whole"))
        .assert()
        .success()
        .stdout("5 of 5 cells reproduce their record byte for byte\n");
}
