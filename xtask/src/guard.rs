//! Slow checks, and those that need a tool which not everybody has. What is not there is named, with how to get it.

use crate::{at_root, cargo, complain, say};
use std::{
    env, fs,
    path::Path,
    process::{Command, ExitCode, Stdio},
};

const HELP: &str = "\
cargo xtask guard [CHECK...]

Runs the checks that `cargo xtask ci` leaves out, or the named ones:

  locked     Cargo.lock says what every build takes
  features   each crate without features, and with all of them but cuda
  deny       licenses and sources of dependencies (cargo-deny)
  advisories known weaknesses of dependencies (cargo-deny, and its database on the net)
  unused     dependencies that nothing uses (cargo-machete)
  typos      misspelled words (typos-cli)
  minimal    the oldest versions of dependencies that the manifests allow
  rust       each crate with the Rust that it states (rustup toolchains)
  miri       art-linalg under Miri (a nightly toolchain)
  targets    art-core, art-linalg and art-stats for other processors and systems (rustup targets)
  windows    the tests, built for Windows and run by Wine (a rustup target, MinGW, and Wine from 9 on)
";

enum Outcome {
    Passed,
    Failed,
    /// Why, and what to install.
    Skipped(String),
}

type Check = (&'static str, fn() -> Outcome);

const CHECKS: [Check; 11] = [
    ("locked", locked),
    ("features", features),
    ("deny", deny),
    ("advisories", advisories),
    ("unused", unused),
    ("typos", typos),
    ("minimal", minimal),
    ("rust", stated_rust),
    ("miri", miri),
    ("targets", targets),
    ("windows", windows),
];

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let unknown = arguments
        .iter()
        .find(|name| CHECKS.iter().all(|(known, _)| known != *name));
    if unknown.is_some() {
        say(HELP.trim_end());
        return ExitCode::from(if arguments == ["--help"] { 0 } else { 2 });
    }
    at_root(|| {
        let wanted = |name: &str| arguments.is_empty() || arguments.contains(&name);
        let mut told = vec![];
        for (name, check) in CHECKS.iter().filter(|(name, _)| wanted(name)) {
            say(format_args!("== {name}"));
            told.push((name, check()));
        }
        say("");
        for (name, outcome) in &told {
            match outcome {
                Outcome::Passed => say(format_args!("{name:<10} passed")),
                Outcome::Failed => complain(format_args!("{name:<10} FAILED")),
                Outcome::Skipped(why) => say(format_args!("{name:<10} SKIPPED: {why}")),
            }
        }
        let has_failed = told
            .iter()
            .any(|(_, outcome)| matches!(outcome, Outcome::Failed));
        ExitCode::from(u8::from(has_failed))
    })
}

fn locked() -> Outcome {
    let mut command = cargo();
    command.args(["metadata", "--locked", "--format-version", "1"]);
    passes(command.stdout(Stdio::null()))
}

/// Every crate but xtask, which has none.
fn features() -> Outcome {
    for (name, features) in crates() {
        for arguments in [vec!["--no-default-features"], vec!["--features", &features]] {
            let mut command = cargo();
            command.args(["check", "--quiet", "--locked", "--package", &name]);
            if let Outcome::Failed = passes(command.args(&arguments)) {
                complain(format_args!("{name} {}", arguments.join(" ")));
                return Outcome::Failed;
            }
        }
    }
    Outcome::Passed
}

const DENY: &str = "cargo install --locked cargo-deny";

fn deny() -> Outcome {
    with_tool("deny", DENY, |command| {
        passes(command.args([
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ]))
    })
}

fn advisories() -> Outcome {
    with_tool("deny", DENY, |command| {
        passes(command.args(["check", "advisories"]))
    })
}

fn unused() -> Outcome {
    with_tool(
        "machete",
        "cargo install --locked cargo-machete",
        |command| passes(command.args(["crates", "fuzz", "xtask"])),
    )
}

fn typos() -> Outcome {
    if !is_there(Command::new("typos").arg("--version")) {
        return Outcome::Skipped("pip install typos, or cargo install --locked typos-cli".into());
    }
    passes(&mut Command::new("typos"))
}

/// In a copy, whose lock file is made anew. The toolchain is told that it may do what only a nightly one does.
fn minimal() -> Outcome {
    let folder = Path::new("target/minimal");
    let mut copy = Command::new("git");
    let _ = fs::remove_dir_all(folder);
    copy.args(["clone", "--quiet", ".", "target/minimal"]);
    if let Outcome::Failed = passes(&mut copy) {
        return Outcome::Failed;
    }
    let mut update = cargo();
    update.current_dir(folder).env("RUSTC_BOOTSTRAP", "1");
    if let Outcome::Failed = passes(update.args(["update", "--quiet", "-Zdirect-minimal-versions"]))
    {
        return Outcome::Failed;
    }
    let mut check = cargo();
    passes(check.current_dir(folder).args(["check", "--quiet"]))
}

fn stated_rust() -> Outcome {
    let workspace = fs::read_to_string("Cargo.toml").unwrap_or_default();
    let mut missing = vec![];
    for (name, features) in crates() {
        let manifest = fs::read_to_string(format!("crates/{name}/Cargo.toml")).unwrap_or_default();
        let stated = |text: &str| {
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix("rust-version = "));
            line.map(|version| version.trim_matches('"').to_owned())
        };
        let Some(version) = stated(&manifest).or_else(|| stated(&workspace)) else {
            continue;
        };
        let toolchain = format!("+{version}");
        if !is_there(Command::new("cargo").args([&toolchain, "--version"])) {
            missing.push(version);
            continue;
        }
        let mut command = Command::new("cargo");
        command.args([
            &toolchain,
            "check",
            "--quiet",
            "--locked",
            "--package",
            &name,
        ]);
        if let Outcome::Failed = passes(command.args(["--features", &features])) {
            return Outcome::Failed;
        }
    }
    missing.sort();
    missing.dedup();
    if missing.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Skipped(format!("rustup toolchain install {}", missing.join(" ")))
    }
}

fn miri() -> Outcome {
    if !is_there(Command::new("cargo").args(["+nightly", "miri", "--version"])) {
        let how = "rustup toolchain install nightly --component miri";
        return Outcome::Skipped(how.into());
    }
    let mut command = Command::new("cargo");
    // Proptest looks for its file of failures. Miri is some thousand times as slow as the processor.
    command.env("MIRIFLAGS", "-Zmiri-disable-isolation");
    command.env("PROPTEST_CASES", "4");
    passes(command.args(["+nightly", "miri", "test", "--package", "art-linalg"]))
}

fn targets() -> Outcome {
    const TARGETS: [&str; 4] = [
        "aarch64-unknown-linux-gnu",
        "aarch64-apple-darwin",
        "x86_64-pc-windows-msvc",
        "wasm32-unknown-unknown",
    ];
    let installed = installed_targets();
    let has = |target: &&&str| installed.lines().any(|line| line == **target);
    for target in TARGETS.iter().filter(has) {
        let mut command = cargo();
        command.args(["check", "--quiet", "--locked", "--target", target]);
        command.args([
            "--package=art-core",
            "--package=art-linalg",
            "--package=art-stats",
        ]);
        if let Outcome::Failed = passes(&mut command) {
            return Outcome::Failed;
        }
    }
    let missing: Vec<&str> = TARGETS
        .iter()
        .filter(|target| !has(target))
        .copied()
        .collect();
    if missing.is_empty() {
        Outcome::Passed
    } else {
        Outcome::Skipped(format!("rustup target add {}", missing.join(" ")))
    }
}

fn installed_targets() -> String {
    let output = Command::new("rustup")
        .args(["target", "list", "--installed"])
        .output();
    output.map_or_else(
        |_| String::new(),
        |output| String::from_utf8_lossy(&output.stdout).into_owned(),
    )
}

/// Not the tests of what starts git, which Wine has none of.
fn windows() -> Outcome {
    const TARGET: &str = "x86_64-pc-windows-gnu";
    if !installed_targets().lines().any(|line| line == TARGET) {
        return Outcome::Skipped(format!("rustup target add {TARGET}"));
    }
    for (tool, package) in [
        ("x86_64-w64-mingw32-gcc", "gcc-mingw-w64-x86-64"),
        ("wine", "wine and wine64"),
    ] {
        if !is_there(Command::new(tool).arg("--version")) {
            return Outcome::Skipped(format!("{tool}, in Debian's {package}"));
        }
    }
    let mut command = cargo();
    command
        .env("CARGO_TARGET_X86_64_PC_WINDOWS_GNU_RUNNER", "wine")
        .env("WINEDEBUG", "-all")
        // Snapshots are found without asking cargo, which Wine cannot start.
        .env(
            "INSTA_WORKSPACE_ROOT",
            env::current_dir().unwrap_or_default(),
        );
    command.args(["test", "--quiet", "--locked", "--no-fail-fast"]);
    passes(command.args(["--target", TARGET, "--", "--skip", "with_git::"]))
}

/// The crates, each with all its features but `cuda`, which needs CUDA's compiler.
fn crates() -> Vec<(String, String)> {
    let entries = fs::read_dir("crates").into_iter().flatten().flatten();
    let mut found: Vec<(String, String)> = entries
        .map(|entry| {
            let manifest = fs::read_to_string(entry.path().join("Cargo.toml")).unwrap_or_default();
            let section = manifest.split("[features]").nth(1).unwrap_or_default();
            let section = section.split("\n[").next().unwrap_or_default();
            let names = section.lines().filter_map(|line| {
                let name = line.split_once(" = ")?.0;
                (!name.starts_with('#') && name != "cuda").then_some(name)
            });
            let names: Vec<&str> = names.collect();
            (
                entry.file_name().to_string_lossy().into_owned(),
                names.join(","),
            )
        })
        .collect();
    found.sort();
    found
}

/// Runs a command of cargo that has to be installed.
fn with_tool(name: &str, how: &str, run: impl FnOnce(&mut Command) -> Outcome) -> Outcome {
    let tool = || {
        let mut command = cargo();
        // Where it is set, cargo-machete takes itself for a program that is being developed, and its name for an argument.
        command.env_remove("CARGO_PKG_NAME").arg(name);
        command
    };
    if !is_there(tool().arg("--version")) {
        return Outcome::Skipped(how.to_owned());
    }
    run(&mut tool())
}

fn is_there(command: &mut Command) -> bool {
    let silent = command.stdout(Stdio::null()).stderr(Stdio::null());
    silent.status().is_ok_and(|status| status.success())
}

fn passes(command: &mut Command) -> Outcome {
    match command.status() {
        Ok(status) if status.success() => Outcome::Passed,
        _ => Outcome::Failed,
    }
}
