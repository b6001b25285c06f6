//! `art bench submit`, `task`, `watch` and `merge`: an array of tasks has the records of one run, whatever is killed.
#![cfg(unix)]

mod common;

use art_bench::{RECORDS, read_records};
use assert_cmd::Command;
use common::bench::{TUNED, bench, results, stderr_of};
use common::data;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::{Child, Stdio},
};

/// Runs the matrix in `matrix` on this machine as an array in `out`.
fn submit(matrix: &Path, out: &Path, extra: &[&str]) -> Command {
    let mut command = bench(&["submit", "--on", "local", "--matrix"]);
    command.arg(matrix).arg("--out").arg(out).args(extra);
    command.env("RAYON_NUM_THREADS", "1");
    command
}

/// A small tuned matrix with an ablation, and the results of one run of it.
fn whole(folder: &Path) -> (PathBuf, Vec<String>) {
    whole_of(folder, TUNED)
}

/// The same with cells that take long enough to be ended.
fn whole_and_slow(folder: &Path) -> (PathBuf, Vec<String>) {
    let text = TUNED.replace("max_epochs = 6", "max_epochs = 60");
    whole_of(folder, &text.replace("patience = 3", "patience = 60"))
}

fn whole_of(folder: &Path, text: &str) -> (PathBuf, Vec<String>) {
    let matrix = folder.join("small.toml");
    fs::write(&matrix, text).unwrap();
    let mut run = bench(&["run", "--jobs", "2", "--matrix"]);
    run.arg(&matrix).arg("--out").arg(folder.join("whole"));
    run.env("RAYON_NUM_THREADS", "1").assert().success();
    let whole = results(&folder.join("whole"));
    assert_eq!(whole.len(), 3 * (4 * 3 + 2) + 2 + 6 * 2);
    (matrix, whole)
}

/// The stores of the tasks in `out`.
fn stores(out: &Path) -> Vec<PathBuf> {
    let Ok(entries) = fs::read_dir(out.join("tasks")) else {
        return vec![];
    };
    let mut folders: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The ids of the cells of every complete line of a store, in the order in which they were written.
fn written(store: &Path) -> Vec<String> {
    let text = fs::read_to_string(store.join(RECORDS)).unwrap_or_default();
    let lines = text
        .split_inclusive('\n')
        .filter(|line| line.ends_with('\n'));
    let id = |line: &str| {
        let record: serde_json::Value = serde_json::from_str(line).unwrap();
        record["id"].as_str().unwrap().to_owned()
    };
    lines.map(id).collect()
}

/// How often each cell was written, over all tasks.
fn times_written(out: &Path) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for id in stores(out).iter().flat_map(|store| written(store)) {
        *times.entry(id).or_default() += 1;
    }
    times
}

#[test]
fn an_array_on_this_machine_has_the_records_of_one_run() {
    let folder = tempfile::tempdir().unwrap();
    let (matrix, whole) = whole(folder.path());
    let out = folder.path().join("array");
    let costs = folder.path().join("whole").display().to_string();
    let output = submit(&matrix, &out, &["--tasks", "5", "--costs", &costs])
        .assert()
        .success()
        .get_output()
        .clone();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(
        said.contains("5 tasks, of about") && said.contains("5 of 5 tasks"),
        "{said}"
    );
    assert!(
        String::from_utf8(output.stdout)
            .unwrap()
            .contains("56 records of 5 folders joined, 56 new here")
    );
    assert_eq!(results(&out), whole);
    assert_eq!(stores(&out).len(), 5);
    // A tuned pair is in one task with all of its trials and cells.
    for store in stores(&out) {
        let records = read_records(&store).unwrap();
        for pair in ["baseline", "ros", "art"] {
            let of_pair = records
                .values()
                .filter(|record| record.result.spec.method == pair);
            let trials = of_pair
                .filter(|record| record.result.spec.trial.is_some())
                .count();
            assert!([0, 12].contains(&trials), "{trials} trials of {pair}");
        }
    }
    assert!(times_written(&out).values().all(|&times| times == 1));
    let of = |name: &str| fs::read_to_string(folder.path().join(name)).unwrap();
    assert_eq!(
        of("array/tables/macro_f1.csv"),
        of("whole/tables/macro_f1.csv")
    );

    // Again there is nothing to run, and merging twice is merging once.
    let before = fs::read(out.join(RECORDS)).unwrap();
    submit(&matrix, &out, &[]).assert().success();
    let again = bench(&["merge"])
        .arg(&out)
        .assert()
        .success()
        .get_output()
        .clone();
    assert!(
        String::from_utf8(again.stdout)
            .unwrap()
            .contains("0 new here")
    );
    assert_eq!(fs::read(out.join(RECORDS)).unwrap(), before);
    assert!(times_written(&out).values().all(|&times| times == 1));

    let output = bench(&["watch", "--once"])
        .arg(&out)
        .assert()
        .success()
        .get_output()
        .clone();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert_eq!(shown, "small: 56 of 56 cells, 100 %\n5 tasks: 5 done\n");
    // Nothing is left to wait for.
    bench(&["watch"]).arg(&out).assert().success();
}

#[test]
fn what_a_folder_has_is_not_run_again() {
    let folder = tempfile::tempdir().unwrap();
    let (matrix, whole) = whole(folder.path());
    let out = folder.path().join("array");
    let mut run = bench(&["run", "--only", "pima/ros", "--matrix"]);
    run.arg(&matrix).arg("--out").arg(&out).assert().success();
    let stored = written(&out);
    assert_eq!(stored.len(), 14);
    submit(&matrix, &out, &["--tasks", "3"]).assert().success();
    let times = times_written(&out);
    assert_eq!(times.len(), whole.len() - stored.len());
    assert!(stored.iter().all(|id| !times.contains_key(id)));
    assert_eq!(results(&out), whole);
}

/// Starts an array of `tasks` tasks and kills, `kills` times, the process of a task once it has stored a cell more; then lets it
/// end. What every store had at a kill is still there, and no cell is written twice.
fn kill_tasks(matrix: &Path, out: &Path, whole: &[String], tasks: &str, kills: usize) {
    let start = || -> Child {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_art"));
        command
            .args(["bench", "submit", "--on", "local", "--matrix"])
            .arg(matrix);
        command
            .arg("--out")
            .arg(out)
            .args(["--tasks", tasks, "--at-once", "2"]);
        command
            .env("ART_DATA", data(""))
            .env("RAYON_NUM_THREADS", "1");
        command
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap()
    };
    let mut array = start();
    let mut random = art_core::Seed::new(27).stream("kills", 0);
    // Records of a task when it was last killed.
    let mut at_kill = BTreeMap::<PathBuf, Vec<String>>::new();
    let mut killed = 0;
    while killed < kills {
        if let Some(status) = array.try_wait().unwrap() {
            panic!(
                "the array ended ({status}) after {killed} of {kills} kills; it needs more cells"
            );
        }
        let mut running = vec![];
        for store in stores(out) {
            let Some(process) = writer(&store) else {
                continue;
            };
            let (now, before) = (written(&store), at_kill.get(&store).map_or(0, Vec::len));
            if now.len() > before {
                running.push((store, process));
            }
        }
        if running.is_empty() {
            std::thread::yield_now();
            continue;
        }
        let (store, process) = running.swap_remove(random.below(running.len()));
        let kill = std::process::Command::new("kill")
            .args(["-9", &process])
            .stderr(Stdio::null())
            .status();
        if kill.unwrap().success() {
            killed += 1;
            at_kill.insert(store.clone(), written(&store));
        }
    }
    let status = array.wait().unwrap();
    assert!(status.success(), "{status}");
    for (store, before) in &at_kill {
        assert!(
            written(store).starts_with(before),
            "a record of {} is lost",
            store.display()
        );
    }
    let times = times_written(out);
    assert!(
        times.values().all(|&times| times == 1),
        "a cell was written twice"
    );
    assert_eq!(times.len(), whole.len());
    assert_eq!(results(out), whole);
}

/// The process that writes to a store, if one does.
fn writer(store: &Path) -> Option<String> {
    let text = fs::read_to_string(store.join("writer.json")).ok()?;
    let holder: serde_json::Value = serde_json::from_str(&text).ok()?;
    let process = holder["process"].as_u64()?.to_string();
    // What a process that was killed has left.
    let is_there = Path::new("/proc").join(&process).exists() || !Path::new("/proc/self").exists();
    is_there.then_some(process)
}

#[test]
fn four_kills_lose_nothing_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let (matrix, whole) = whole_and_slow(folder.path());
    kill_tasks(&matrix, &folder.path().join("array"), &whole, "4", 4);
}

#[test]
#[ignore = "takes minutes: the test above with a hundred kills and the cells of the quick matrix"]
fn a_hundred_kills_lose_nothing_and_repeat_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = folder.path().join("quick.toml");
    let seeds = "\"art\",\n]\nseeds = [1834, 8993, 412, 4523, 182]\n\n[training]";
    let fixed = include_str!("../../art-bench/matrices/fixed.toml");
    let (head, training) = fixed.split_once("[training]").unwrap();
    let (methods, _) = head.split_once("\"art\",").unwrap();
    fs::write(&matrix, format!("{methods}{seeds}{training}")).unwrap();
    let mut run = bench(&["run", "--matrix"]);
    run.arg(&matrix)
        .arg("--out")
        .arg(folder.path().join("whole"));
    run.env("RAYON_NUM_THREADS", "1").assert().success();
    let whole = results(&folder.path().join("whole"));
    assert_eq!(whole.len(), 210);
    kill_tasks(&matrix, &folder.path().join("array"), &whole, "8", 100);
}

#[test]
fn an_interrupt_reaches_every_task_and_the_same_command_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let (matrix, whole) = whole_and_slow(folder.path());
    let out = folder.path().join("array");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_art"));
    command
        .args(["bench", "submit", "--on", "local", "--matrix"])
        .arg(&matrix);
    command
        .arg("--out")
        .arg(&out)
        .args(["--tasks", "4", "--at-once", "2"]);
    command
        .env("ART_DATA", data(""))
        .stdout(Stdio::null())
        .stderr(Stdio::piped());
    let mut array = command.spawn().unwrap();
    while stores(&out).iter().all(|store| written(store).is_empty()) {
        assert!(array.try_wait().unwrap().is_none());
        std::thread::yield_now();
    }
    let id = array.id().to_string();
    let told = std::process::Command::new("kill")
        .args(["-TERM", &id])
        .status();
    assert!(told.unwrap().success());
    let output = array.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("left; the same command goes on"), "{said}");
    assert!(stores(&out).iter().all(|store| writer(store).is_none()));
    let output = bench(&["watch", "--once"])
        .arg(&out)
        .assert()
        .success()
        .get_output()
        .clone();
    let shown = String::from_utf8(output.stdout).unwrap();
    assert!(
        shown.contains("stopped") && shown.contains("waiting"),
        "{shown}"
    );
    submit(&matrix, &out, &[]).assert().success();
    assert!(times_written(&out).values().all(|&times| times == 1));
    assert_eq!(results(&out), whole);
}

#[test]
fn half_a_matrix_other_programs_and_contradictions_are_not_merged() {
    let folder = tempfile::tempdir().unwrap();
    let (matrix, whole) = whole(folder.path());
    let out = folder.path().join("array");
    submit(&matrix, &out, &["--tasks", "4", "--dry-run"])
        .assert()
        .success();
    let error = stderr_of(bench(&["merge"]).arg(&out), 2);
    assert!(error.contains("no task of"), "{error}");
    // One task of four.
    bench(&["task"]).arg(&out).arg("0").assert().success();
    let store = out.join("tasks/0");
    let n = written(&store).len();
    let text = stderr_of(bench(&["merge"]).arg(&out), 2);
    let missing = format!("{} of 56 cells are missing: ", whole.len() - n);
    assert!(
        text.contains(&missing) && text.contains("--partial"),
        "{text}"
    );
    assert!(!out.join(RECORDS).exists());
    // The last line of a writer that died: left out with a word, and run again when the task goes on.
    let bytes = fs::read(store.join(RECORDS)).unwrap();
    fs::write(store.join(RECORDS), &bytes[..bytes.len() - 7]).unwrap();
    let note = stderr_of(bench(&["merge", "--partial"]).arg(&out), 0);
    let missing = format!("{} of 56 cells are missing: ", whole.len() - n + 1);
    for part in [
        "are no whole record, which a writer that died has left",
        &missing,
    ] {
        assert!(note.contains(part), "{note}");
    }
    assert_eq!(written(&out).len(), n - 1);
    bench(&["task"]).arg(&out).arg("0").assert().success();
    assert_eq!(times_written(&out).len(), n);
    bench(&["merge", "--partial"]).arg(&out).assert().success();
    assert_eq!(written(&out).len(), n);
    let error = stderr_of(bench(&["task"]).arg(&out).arg("4"), 2);
    assert!(
        error.contains("a plan of 4 tasks, counted from 0, and no task 4"),
        "{error}"
    );

    // Another program, another revision, another result.
    let alter = |from: &str, to: &str| {
        let text = fs::read_to_string(out.join("tasks/0").join(RECORDS)).unwrap();
        let altered = text.replace(from, to);
        assert_ne!(altered, text);
        let other = folder.path().join("other");
        let _ = fs::remove_dir_all(&other);
        fs::create_dir(&other).unwrap();
        fs::copy(store.join("matrix.json"), other.join("matrix.json")).unwrap();
        fs::write(other.join(RECORDS), altered).unwrap();
        let mut merge = bench(&["merge", "--partial"]);
        merge.arg(folder.path().join("whole")).arg(&other);
        merge.arg("--out").arg(folder.path().join("merged"));
        merge
    };
    let error = stderr_of(
        &mut alter("\"arithmetic\":\"", "\"arithmetic\":\"other-"),
        2,
    );
    assert!(
        error.contains("records of another program") && !error.contains("--any-revision"),
        "{error}"
    );
    let mut other = alter("\"revision\":\"", "\"revision\":\"other-");
    let error = stderr_of(&mut other, 2);
    assert!(error.contains("--any-revision"), "{error}");
    other.arg("--any-revision").assert().success();
    // The best epoch of every cell is now the first.
    let mut other = alter("\"best_epoch\":", "\"best_epoch\":1,\"was\":");
    let error = stderr_of(&mut other, 2);
    assert!(error.contains("has another result in"), "{error}");
    assert!(error.contains("whole"), "{error}");
    fs::write(
        folder.path().join("n.toml"),
        TUNED.replace("max_epochs = 6", "max_epochs = 5"),
    )
    .unwrap();
    let error = stderr_of(&mut submit(&folder.path().join("n.toml"), &out, &[]), 2);
    assert!(
        error.contains("results of another matrix, or of other training settings"),
        "{error}"
    );
}

#[test]
fn a_plan_is_kept_to_and_what_does_not_fit_it_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = folder.path().join("small.toml");
    fs::write(&matrix, TUNED).unwrap();
    let out = folder.path().join("array");
    let dry = ["--tasks", "4", "--dry-run"];
    let output = submit(&matrix, &out, &dry)
        .assert()
        .success()
        .get_output()
        .clone();
    let lines = String::from_utf8(output.stdout).unwrap();
    assert_eq!(lines.lines().count(), 5, "{lines}");
    assert!(lines.ends_with("job.sh merge\n"), "{lines}");
    let with = |extra: &[&str]| stderr_of(&mut submit(&matrix, &out, extra), 2);
    assert!(with(&["--tasks", "5"]).contains("a plan of 4 tasks, whose stores it keeps"));
    assert!(with(&["--only", "pima/*"]).contains("give the same"));
    assert!(with(&["--partition", "p"]).contains("--partition is for --on slurm"));
    assert!(with(&["--tasks", "1001"]).contains("more than 1000"));
    let costs = folder.path().join("nowhere").display().to_string();
    let other = folder.path().join("other");
    let error = stderr_of(&mut submit(&matrix, &other, &["--costs", &costs]), 2);
    assert!(error.contains("has no times"), "{error}");
    let error = stderr_of(bench(&["watch", "--once"]).arg(folder.path()), 2);
    assert!(
        error.contains("nothing to watch without the plan"),
        "{error}"
    );
}

/// `sbatch` as a script with this text, alone on the path beside the system's own programs.
fn with_sbatch(folder: &Path, text: &str) -> String {
    let bin = folder.join("bin");
    fs::create_dir_all(&bin).unwrap();
    let path = bin.join("sbatch");
    fs::write(&path, text).unwrap();
    let mut permissions = fs::metadata(&path).unwrap().permissions();
    std::os::unix::fs::PermissionsExt::set_mode(&mut permissions, 0o755);
    fs::set_permissions(&path, permissions).unwrap();
    format!("{}:/usr/bin:/bin", bin.display())
}

#[test]
fn slurm_gets_two_jobs_and_its_refusals_are_passed_on() {
    let folder = tempfile::tempdir().unwrap();
    let matrix = folder.path().join("small.toml");
    fs::write(&matrix, TUNED).unwrap();
    let slurm = |path: &str, extra: &[&str]| {
        let mut command = bench(&["submit", "--on", "slurm", "--tasks", "4", "--matrix"]);
        command
            .arg(&matrix)
            .arg("--out")
            .arg(folder.path().join("array"))
            .args(extra);
        command.env("PATH", path);
        command
    };
    let nothing = folder.path().display().to_string();
    let error = stderr_of(&mut slurm(&nothing, &[]), 2);
    assert!(
        error.contains("there is no sbatch here") && error.contains("--on local"),
        "{error}"
    );

    let refuses = "#!/bin/sh\necho 'sbatch: error: invalid partition specified: nix' >&2\nexit 1\n";
    let error = stderr_of(
        &mut slurm(
            &with_sbatch(folder.path(), refuses),
            &["--partition", "nix"],
        ),
        2,
    );
    assert!(
        error.contains("sbatch: error: invalid partition specified: nix"),
        "{error}"
    );
    assert!(error.contains("`sinfo` lists partitions"), "{error}");

    let log = folder.path().join("log");
    let takes = format!("#!/bin/sh\necho \"$@\" >> {}\necho 4$#\n", log.display());
    let path = with_sbatch(folder.path(), &takes);
    let output = slurm(&path, &["--time", "1:00:00"])
        .assert()
        .success()
        .get_output()
        .clone();
    let said = String::from_utf8(output.stdout).unwrap();
    assert!(
        said.contains("runs 4 tasks, job 4") && said.contains("next: art bench watch"),
        "{said}"
    );
    let log = fs::read_to_string(log).unwrap();
    let lines: Vec<&str> = log.lines().collect();
    for part in [
        "--array=0-3 ",
        "--requeue",
        "--signal=B:TERM@120",
        "--time=1:00:00",
        "job.sh task",
    ] {
        assert!(lines[0].contains(part), "{part}: {log}");
    }
    assert!(
        lines[1].contains("--dependency=afterany:4") && lines[1].ends_with("job.sh merge"),
        "{log}"
    );
    // What one would type instead.
    let output = slurm(&path, &["--dry-run"])
        .assert()
        .success()
        .get_output()
        .clone();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(
        text.starts_with("JOB=$(sbatch ") && text.contains("--dependency=afterany:$JOB"),
        "{text}"
    );
}
