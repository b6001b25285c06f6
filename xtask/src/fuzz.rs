//! Any bytes for everything that reads files, for as long as is asked.

use crate::{
    at_root, cargo, complain, say,
    steps::{make, names, read, succeed, write},
};
use std::{
    fs::{self, File},
    path::Path,
    process::{Command, ExitCode},
};

const HELP: &str = "\
cargo xtask fuzz [--minutes N] [--tables FOLDER] [TARGET...]

Runs each fuzz target, or the named ones, one after the other (fuzz/README.md says what each takes); needs a nightly toolchain and
cargo-fuzz. Inputs that fail are in fuzz/artifacts; what was seen stays in fuzz/corpus, so that the next call goes on from there.

  --minutes N       how long each runs (default 1)
  --tables FOLDER   files that the target `table` begins with as well
";

/// Where the binaries are built and what they say is kept.
const FOLDER: &str = "target/fuzz";
/// A line for each run there was: target, seconds, executions, inputs that failed.
const RUNS: &str = "target/fuzz/runs.tsv";

struct Asked<'a> {
    minutes: u64,
    tables: Option<&'a str>,
    targets: Vec<&'a str>,
}

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let Some(asked) = asked(arguments) else {
        say(HELP.trim_end());
        return ExitCode::from(if arguments == ["--help"] { 0 } else { 2 });
    };
    at_root(|| {
        let problem = match fuzz(&asked) {
            Ok(0) => return ExitCode::SUCCESS,
            Ok(n) => format!("{n} inputs failed; they are in fuzz/artifacts"),
            Err(problem) => problem,
        };
        complain(format_args!("error: {problem}"));
        ExitCode::FAILURE
    })
}

fn asked<'a>(arguments: &[&'a str]) -> Option<Asked<'a>> {
    let mut asked = Asked {
        minutes: 1,
        tables: None,
        targets: vec![],
    };
    let mut rest = arguments.iter();
    while let Some(&argument) = rest.next() {
        match argument {
            "--minutes" => asked.minutes = rest.next()?.parse().ok()?,
            "--tables" => asked.tables = Some(rest.next()?),
            option if option.starts_with('-') => return None,
            target => asked.targets.push(target),
        }
    }
    Some(asked)
}

/// The number of inputs that failed.
fn fuzz(asked: &Asked<'_>) -> Result<usize, String> {
    let known: Vec<String> = names(Path::new("fuzz/targets"))?
        .iter()
        .filter_map(|file| file.strip_suffix(".rs").map(str::to_owned))
        .collect();
    if let Some(unknown) = asked
        .targets
        .iter()
        .find(|name| known.iter().all(|k| k != *name))
    {
        return Err(format!(
            "there is no target {unknown}; there are {}",
            known.join(", ")
        ));
    }
    seeds(asked.tables)?;
    let mut n_failed = 0;
    for name in known {
        if asked.targets.is_empty() || asked.targets.contains(&&*name) {
            let seen = one(&name, asked.minutes)?;
            let Seen {
                seconds,
                executions,
                ..
            } = seen;
            let before = read(Path::new(RUNS)).unwrap_or_default();
            let line = format!("{name}\t{seconds}\t{executions}\t{}\n", seen.n_failed);
            write(Path::new(RUNS), &(before + &line))?;
            say(format_args!(
                "   {executions} executions in {seconds} s, {} failed",
                seen.n_failed
            ));
            n_failed += seen.n_failed;
        }
    }
    Ok(n_failed)
}

fn seeds(tables: Option<&str>) -> Result<(), String> {
    let mut command = cargo();
    command.args([
        "run",
        "--quiet",
        "--package",
        "art-fuzz",
        "--example",
        "seeds",
        "--",
    ]);
    succeed(command.args(tables))
}

struct Seen {
    seconds: u64,
    executions: u64,
    n_failed: usize,
}

fn one(target: &str, minutes: u64) -> Result<Seen, String> {
    make(Path::new(FOLDER))?;
    let path = format!("{FOLDER}/{target}.log");
    let log = File::create(&path).map_err(|error| format!("{path}: {error}"))?;
    say(format_args!(
        "== {target}, {minutes} min; what it says is in {path}"
    ));
    let artifacts = format!("fuzz/artifacts/{target}");
    let n_before = names(Path::new(&artifacts)).map_or(0, |names| names.len());
    // Code without unsafe gains nothing from an address sanitizer, and is half as fast with it.
    let mut command = Command::new("cargo");
    command
        .args([
            "+nightly",
            "fuzz",
            "run",
            "--features",
            "fuzzer",
            "--sanitizer",
            "none",
        ])
        .args(["--target-dir", FOLDER, target, "--"])
        .arg(format!("-max_total_time={}", 60 * minutes))
        .args([
            "-timeout=20",
            "-malloc_limit_mb=512",
            "-rss_limit_mb=2048",
            "-max_len=16384",
        ])
        .args(["-print_final_stats=1"])
        .env_remove("CARGO")
        .env_remove("RUSTUP_TOOLCHAIN")
        .env("RAYON_NUM_THREADS", "1")
        .stderr(log);
    command
        .status()
        .map_err(|error| format!("cargo +nightly fuzz cannot be started: {error}"))?;
    let text = fs::read(&path).map_err(|error| format!("{path}: {error}"))?;
    let text = String::from_utf8_lossy(&text);
    let executions = number(&text, "stat::number_of_executed_units:");
    let n_after = names(Path::new(&artifacts)).map_or(0, |names| names.len());
    let n_failed = n_after - n_before;
    if executions.is_none() && n_failed == 0 {
        return Err(format!("{target} did not run; see {path}"));
    }
    Ok(Seen {
        seconds: number(&text, "runs in ").unwrap_or(60 * minutes),
        executions: executions.unwrap_or(0),
        n_failed,
    })
}

/// The number behind `label` in the last line that has it.
fn number(text: &str, label: &str) -> Option<u64> {
    let line = text.lines().rev().find(|line| line.contains(label))?;
    let behind = line.split_once(label)?.1.trim_start();
    let digits = behind.split(|c: char| !c.is_ascii_digit()).next()?;
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_fuzzer_says_last_is_read() {
        let text =
            "#2 INITED\nDone 123456 runs in 61 second(s)\nstat::number_of_executed_units: 123456\n";
        assert_eq!(number(text, "runs in "), Some(61));
        assert_eq!(
            number(text, "stat::number_of_executed_units:"),
            Some(123_456)
        );
        assert_eq!(number("INFO: seed corpus", "runs in "), None);
    }

    #[test]
    fn options_stand_before_targets_or_behind() {
        let asked = asked(&["table", "--minutes", "5", "model"]).unwrap();
        assert_eq!((asked.minutes, asked.targets), (5, vec!["table", "model"]));
        assert!(super::asked(&["--minutes"]).is_none());
        assert!(super::asked(&["--seconds", "5"]).is_none());
    }
}
