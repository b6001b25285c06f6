//! The checks of the repository itself: which crate may know which, and what must not be left over.

use crate::cargo;
use std::{fs, path::Path, process::ExitCode};

/// What each crate may depend on inside the workspace. ARCHITECTURE.md gives the reasons.
const LAYERS: [(&str, &[&str]); 7] = [
    ("art-core", &[]),
    ("art-stats", &[]),
    ("art-data", &["art-core"]),
    ("art-losses", &["art-core"]),
    ("art-train", &["art-core", "art-data", "art-losses"]),
    (
        "art-bench",
        &[
            "art-core",
            "art-data",
            "art-losses",
            "art-stats",
            "art-train",
        ],
    ),
    ("xtask", &[]),
];

/// What art-core may depend on outside: it has no files, clocks, threads or tensors.
const CORE_DEPENDENCIES: [&str; 4] = ["rand", "rand_xoshiro", "serde", "thiserror"];

/// Words that must not stand in art-core's sources, and what they would bring in.
const CORE_ABSENCES: [(&str, &str); 5] = [
    ("std::fs", "files"),
    ("std::time", "clocks"),
    ("std::thread", "threads"),
    ("std::env", "the environment"),
    ("candle", "tensors"),
];

/// Runs the checks and prints what is wrong.
pub(crate) fn run() -> ExitCode {
    println!("== tidy");
    let mut faults = layer_faults();
    faults.extend(absence_faults(Path::new("crates/art-core/src")));
    faults.extend(readme_faults());
    for fault in &faults {
        eprintln!("error: {fault}");
    }
    if faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Dependencies that point upwards, read from `cargo tree`.
fn layer_faults() -> Vec<String> {
    let mut faults = vec![];
    for (package, allowed) in LAYERS {
        let arguments = [
            "tree",
            "--package",
            package,
            "--edges",
            "normal",
            "--depth",
            "1",
        ];
        let output = cargo()
            .args(arguments)
            .args(["--prefix", "none", "--all-features"])
            .output();
        let Ok(output) = output else {
            return vec!["cargo tree cannot be started".to_owned()];
        };
        if !output.status.success() {
            faults.push(format!(
                "cargo tree knows no package {package}; mend LAYERS in tidy.rs"
            ));
        }
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        for name in text
            .lines()
            .skip(1)
            .filter_map(|line| line.split(' ').next())
        {
            let ours = LAYERS.iter().any(|(known, _)| *known == name);
            if ours && !allowed.contains(&name) {
                faults.push(format!(
                    "{package} must not depend on {name} (see ARCHITECTURE.md)"
                ));
            }
            if package == "art-core" && !CORE_DEPENDENCIES.contains(&name) {
                faults.push(format!(
                    "art-core gained the dependency {name}; it keeps to a handful"
                ));
            }
        }
    }
    faults
}

/// Lines of art-core that reach for what it must not know.
fn absence_faults(folder: &Path) -> Vec<String> {
    let Ok(entries) = fs::read_dir(folder) else {
        return vec![format!("{} cannot be read", folder.display())];
    };
    let mut paths: Vec<_> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .collect();
    paths.sort();
    let mut faults = vec![];
    for path in paths {
        if path.is_dir() {
            faults.extend(absence_faults(&path));
            continue;
        }
        let text = fs::read_to_string(&path).unwrap_or_default();
        for (number, line) in text.lines().enumerate() {
            for (word, what) in CORE_ABSENCES {
                if line.contains(word) {
                    let place = format!("{}:{}", path.display(), number + 1);
                    faults.push(format!(
                        "{place}: art-core knows no {what}, but says {word:?}"
                    ));
                }
            }
        }
    }
    faults
}

/// Rows of the README's table of results that the report does not have.
fn readme_faults() -> Vec<String> {
    const REPORT: &str = "docs/results/fixed/report.md";
    let (Ok(readme), Ok(report)) = (fs::read_to_string("README.md"), fs::read_to_string(REPORT))
    else {
        return vec![format!("README.md or {REPORT} cannot be read")];
    };
    let quoted = readme.split_once(&format!("<!-- from {REPORT}"));
    let quoted = quoted.and_then(|(_, rest)| Some(rest.split_once("<!-- end -->")?.0));
    let Some(quoted) = quoted else {
        return vec!["README.md has no marked table of results".to_owned()];
    };
    let rows: Vec<&str> = quoted
        .lines()
        .filter(|line| line.starts_with('|'))
        .collect();
    let strange = rows
        .iter()
        .filter(|row| !report.lines().any(|line| line == **row));
    let mut faults: Vec<String> = strange
        .map(|row| format!("README.md shows a row that {REPORT} does not have: {row}"))
        .collect();
    if rows.len() < 3 {
        faults.push("README.md shows no results".to_owned());
    }
    faults
}
