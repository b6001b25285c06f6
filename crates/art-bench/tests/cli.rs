//! The program as its users meet it: real cells, interrupts, kills, wrong input.

use art_bench::read_records;
use assert_cmd::Command;
use std::{
    fs,
    path::{Path, PathBuf},
    process::Stdio,
};

/// ART, Baseline, balanced softmax, BALMS, ROS and RUS on Pima.
const PIMA: &str = "pima/[abr]*";

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../data")
}

fn art_bench() -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_art-bench"));
    command.env("ART_DATA", data());
    command
}

/// Runs the Pima cells of the quick matrix that [`PIMA`] selects; 35 of them, plain training twice.
fn run(out: &Path, extra: &[&str], threads: &str) -> Command {
    let mut command = art_bench();
    command
        .args(["run", "--quick", "--only", PIMA, "--out"])
        .arg(out)
        .args(extra);
    command.env("RAYON_NUM_THREADS", threads);
    command
}

fn results(out: &Path) -> Vec<String> {
    let records = read_records(out).unwrap();
    records
        .values()
        .map(|record| record.result.canonical())
        .collect()
}

fn stderr_of(command: &mut Command, code: i32) -> String {
    let output = command.assert().code(code).get_output().clone();
    String::from_utf8(output.stderr).unwrap()
}

/// Number of complete records so far.
fn lines(out: &Path) -> usize {
    fs::read_to_string(out.join("records.jsonl")).map_or(0, |text| text.matches('\n').count())
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
        let mut command = art_bench();
        command.args([
            "run",
            "--quick",
            "--only",
            "wine/rus/*",
            "--jobs",
            jobs,
            "--out",
        ]);
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
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_art-bench"))
            .args(["run", "--quick", "--only", PIMA, "--jobs", "2", "--out"])
            .arg(at("killed"))
            .env("ART_DATA", data())
            .env("RAYON_NUM_THREADS", "1")
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
        full.args(["-c", script, "bash", env!("CARGO_BIN_EXE_art-bench")]);
        full.args(["run", "--quick", "--only", PIMA, "--jobs", "2", "--out"]);
        full.arg(at("full"))
            .env("ART_DATA", data())
            .env("RAYON_NUM_THREADS", "1");
        let error = stderr_of(&mut full, 2);
        assert!(error.contains("cannot write a record to"), "{error}");
        let text = fs::read_to_string(at("full").join("records.jsonl")).unwrap();
        assert!(text.ends_with('\n') && text.len() <= 24 * 1024);
        run(&at("full"), &[], "1").assert().success();
        assert_eq!(results(&at("full")), whole);
    }

    run(&at("whole"), &["--verify", "3"], "1")
        .assert()
        .success()
        .stdout("3 of 3 cells reproduce their record byte for byte\n");
}

#[test]
fn a_run_writes_its_tables_and_reports() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let mut command = art_bench();
    command
        .args(["run", "--quick", "--only", "pima/rus/1834", "--out"])
        .arg(&out);
    command.assert().success();
    let markdown = fs::read_to_string(out.join("report.md")).unwrap();
    assert!(markdown.contains("1 of 195 cells evaluated"), "{markdown}");
    assert!(markdown.contains("- pima/baseline: 10 of 10 cells were not run"));
    let html = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(html.starts_with("<!DOCTYPE html>") && html.contains("<svg"));
    let outside = html.replace("http://www.w3.org/2000/svg", "");
    for word in ["http", "<link", "<script", "src=", "url("] {
        assert!(
            !outside.contains(word),
            "the page must need nothing else, but has {word}"
        );
    }
    let csv = fs::read_to_string(out.join("tables/macro_f1.csv")).unwrap();
    let record = &read_records(&out).unwrap().into_values().next().unwrap();
    let art_bench::Outcome::Evaluated(evaluation) = &record.result.outcome else {
        panic!("the cell failed: {record:?}")
    };
    assert!(
        csv.contains(&format!("RUS,{} 0 1", evaluation.macro_f1)),
        "{csv}"
    );

    // The report comes out of the folder alone, byte for byte.
    fs::remove_file(out.join("report.md")).unwrap();
    art_bench()
        .arg("report")
        .arg(&out)
        .env_remove("ART_DATA")
        .assert()
        .success();
    assert_eq!(fs::read_to_string(out.join("report.md")).unwrap(), markdown);
}

#[test]
fn wrong_input_is_named_and_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let with = |arguments: &[&str]| {
        let mut command = art_bench();
        command
            .args(["run", "--quick"])
            .args(arguments)
            .arg("--out")
            .arg(&out);
        stderr_of(&mut command, 2)
    };
    let error = with(&["--only", "pina/*"]);
    assert!(
        error.contains("matches no cell") && error.contains("data sets pima, yeast, wine"),
        "{error}"
    );
    assert!(with(&["--only", "[pima"]).contains("is no pattern"));
    assert!(with(&["--jobs", "0"]).contains("invalid value '0'"));
    let error = with(&["--data", "/no-such-folder"]);
    assert!(
        error.contains("--data DIR") && error.contains("/no-such-folder/manifest.toml"),
        "{error}"
    );
    assert!(
        !out.exists(),
        "a run that cannot start leaves nothing behind"
    );

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut command = art_bench();
    command
        .args(["run", "--quick", "--out"])
        .arg(file.join("inside"));
    assert!(stderr_of(&mut command, 2).contains("cannot make the folder"));

    let error = stderr_of(run(&out, &[], "1").args(["--verify", "1"]), 2);
    assert!(error.contains("there is nothing to verify"), "{error}");
    assert!(!out.exists());
    let mut first = art_bench();
    first
        .args(["run", "--quick", "--only", "pima/rus/1834", "--out"])
        .arg(&out);
    first.assert().success();
    let mut command = art_bench();
    command
        .args(["run", "--matrix", "fixed", "--out"])
        .arg(&out);
    let error = stderr_of(&mut command, 2);
    assert!(
        error.contains("or of other training settings, than \"fixed\""),
        "{error}"
    );
    let mut command = art_bench();
    command.arg("report").arg(folder.path());
    assert!(stderr_of(&mut command, 2).contains("matrix.json"));
}

#[test]
fn altered_data_are_refused_before_anything_is_run() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(data()).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let wine = folder.path().join("winequality-red.csv");
    fs::write(
        &wine,
        fs::read_to_string(&wine).unwrap().replacen("7.4", "7.5", 1),
    )
    .unwrap();
    let out = folder.path().join("out");
    let mut command = art_bench();
    command
        .args(["run", "--quick", "--data"])
        .arg(folder.path())
        .arg("--out")
        .arg(&out);
    let error = stderr_of(&mut command, 2);
    assert!(
        error.contains("winequality-red.csv is truncated or altered"),
        "{error}"
    );
    assert!(!out.exists());
    let mut check = art_bench();
    check.args(["data", "check", "--data"]).arg(folder.path());
    let output = check.assert().code(1).get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.matches("ok     ").count(), 8);
}

/// Tunes and trains three methods and varies a setting; 56 cells.
const TUNED: &str = r#"
name = "small"
purpose = "A test."
datasets = ["pima", "imdb"]
methods = ["baseline", "ros", "art"]
seeds = [11, 12]

[training]
hidden = [8]
dropout = 0.2
learning_rate = 1e-3
weight_decay = 1e-2
batch_size = 64
max_epochs = 6
patience = 3
criterion = "native"

[tuning]
seeds = [1, 2, 3]
trials_per_setting = 2
most_settings = 2

[[ablations]]
name = "blend"
title = "Blending constant"
dataset = "pima"
methods = ["art", "baseline"]
vary = [{ setting = "c", values = [0.1, 0.3, 0.5, 0.7, 0.9] }]
"#;

#[test]
fn a_tuned_run_survives_ten_kills_and_its_shards_merge() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    let matrix = at("small.toml");
    fs::write(&matrix, TUNED).unwrap();
    let command = |out: &str, extra: &[&str]| {
        let mut command = art_bench();
        command
            .args(["run", "--jobs", "2", "--matrix"])
            .arg(&matrix);
        command.arg("--out").arg(at(out)).args(extra);
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
        let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_art-bench"))
            .args(["run", "--jobs", "2", "--matrix"])
            .arg(&matrix)
            .arg("--out")
            .arg(at("killed"))
            .env("ART_DATA", data())
            .env("RAYON_NUM_THREADS", "1")
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

    let mut merge = art_bench();
    merge.arg("report");
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

    command("whole", &["--verify", "5"])
        .assert()
        .success()
        .stdout("5 of 5 cells reproduce their record byte for byte\n");
}

#[test]
fn a_wrong_matrix_is_named_with_what_may_have_been_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let error = |text: &str| {
        fs::write(&path, text).unwrap();
        let mut command = art_bench();
        let out = folder.path().join("out");
        stderr_of(
            command
                .args(["run", "--matrix"])
                .arg(&path)
                .arg("--out")
                .arg(&out),
            2,
        )
    };
    let with = |from: &str, to: &str| error(&TUNED.replacen(from, to, 1));
    assert!(with("\"ros\"", "\"rosé\"").contains("unknown method \"rosé\", did you mean \"ros\"?"));
    assert!(with("\"imdb\"", "\"imbd\"").contains("did you mean \"imdb\"?"));
    let text = with("trials_per_setting", "trials_per_settings");
    assert!(
        text.contains("line 20") && text.contains("did you mean `trials_per_setting`?"),
        "{text}"
    );
    assert!(with("[1, 2, 3]", "[1, 11]").contains("tunes on seed 11"));
    assert!(error("name = ").contains("mine.toml, line 1"));
    let mut command = art_bench();
    let text = stderr_of(command.args(["run", "--matrix", "papr"]), 2);
    assert!(text.contains("did you mean \"paper\"?"), "{text}");
    let text = stderr_of(art_bench().args(["run", "--shard", "3/3"]), 2);
    assert!(text.contains("the last of 3 shards is 2/3"), "{text}");
}
