//! The checks of the repository itself: which crate may know which, which Rust it needs, what the README may claim, and
//! whether documents read and link well.

use crate::{cargo, complain, flags, modules, rust_version, say, site};
use std::{fs, path::Path, process::ExitCode};

/// What each crate may depend on inside the workspace. ARCHITECTURE.md gives the reasons.
const LAYERS: [(&str, &[&str]); 15] = [
    ("art-core", &[]),
    ("art-linalg", &[]),
    ("art-cuda", &[]),
    ("art-stats", &[]),
    ("art-data", &["art-core", "art-linalg"]),
    ("art-embed", &["art-data"]),
    ("art-losses", &["art-core"]),
    (
        "art-train",
        &[
            "art-core",
            "art-cuda",
            "art-data",
            "art-linalg",
            "art-losses",
        ],
    ),
    (
        "art-methods",
        &["art-core", "art-data", "art-losses", "art-train"],
    ),
    ("art-advice", &["art-methods", "art-stats"]),
    (
        "art-bench",
        &[
            "art-advice",
            "art-core",
            "art-data",
            "art-embed",
            "art-methods",
            "art-stats",
            "art-train",
        ],
    ),
    (
        "art-cli",
        &[
            "art-bench",
            "art-core",
            "art-data",
            "art-methods",
            "art-stats",
            "art-train",
        ],
    ),
    (
        "art-python",
        &[
            "art-advice",
            "art-core",
            "art-data",
            "art-methods",
            "art-stats",
            "art-train",
        ],
    ),
    (
        "art-fuzz",
        &[
            "art-bench",
            "art-core",
            "art-data",
            "art-losses",
            "art-methods",
            "art-train",
        ],
    ),
    ("xtask", &[]),
];

/// Crates whose modules point one way.
const PARTED: [&str; 10] = [
    "art-advice",
    "art-core",
    "art-cuda",
    "art-data",
    "art-embed",
    "art-losses",
    "art-stats",
    "art-train",
    "art-methods",
    "art-bench",
];

/// What art-core may depend on outside: it has no files, clocks, threads or tensors.
const CORE_DEPENDENCIES: [&str; 5] = ["libm", "rand", "rand_xoshiro", "serde", "thiserror"];

/// Modules of `std` that art-core must not use.
const CORE_ABSENCES: [&str; 7] = ["env", "fs", "io", "net", "process", "thread", "time"];

/// Runs the checks and prints what is wrong.
pub(crate) fn run() -> ExitCode {
    say("== tidy");
    let mut faults = layer_faults();
    faults.extend(absence_faults(Path::new("crates/art-core/src")));
    faults.extend(rust_version::faults(&LAYERS.map(|(package, _)| package)));
    faults.extend(modules::faults(&PARTED));
    faults.extend(flags::faults(Path::new("crates")));
    faults.extend(readme_faults());
    faults.extend(site::faults());
    for fault in &faults {
        complain(format_args!("error: {fault}"));
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
        for module in std_modules(&text) {
            if CORE_ABSENCES.contains(&&*module) {
                faults.push(format!(
                    "{}: art-core must not use std::{module}",
                    path.display()
                ));
            }
        }
    }
    faults
}

/// The modules that follow `std::` in a source, also inside braces.
fn std_modules(text: &str) -> Vec<String> {
    let is_name = |c: char| c.is_alphanumeric() || c == '_';
    let mut modules = vec![];
    for (start, _) in text.match_indices("std::") {
        let rest = &text[start + "std::".len()..];
        let Some(list) = rest.strip_prefix('{') else {
            modules.push(rest.chars().take_while(|&c| is_name(c)).collect());
            continue;
        };
        let (mut depth, mut name, mut wanted) = (0, String::new(), true);
        for c in list.chars() {
            match c {
                '}' if depth == 0 => break,
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    modules.push(std::mem::take(&mut name));
                    wanted = true;
                }
                ':' if depth == 0 => wanted = false,
                c if depth == 0 && wanted && is_name(c) => name.push(c),
                _ => {}
            }
        }
        modules.push(name);
    }
    modules.retain(|module| !module.is_empty());
    modules
}

/// Rows of the README's tables of results that the reports they are from do not have.
fn readme_faults() -> Vec<String> {
    const START: &str = "<!-- from ";
    let Ok(readme) = fs::read_to_string("README.md") else {
        return vec!["README.md cannot be read".to_owned()];
    };
    let mut faults = vec![];
    let mut n_rows = 0;
    for block in readme.split(START).skip(1) {
        let path = block.split(';').next().unwrap_or_default();
        let Ok(report) = fs::read_to_string(path) else {
            faults.push(format!("README.md quotes {path:?}, which cannot be read"));
            continue;
        };
        let quoted = block.split("<!-- end -->").next().unwrap_or_default();
        for row in quoted.lines().filter(|line| line.starts_with('|')) {
            n_rows += 1;
            if !report.lines().any(|line| line == row || bare(line) == row) {
                faults.push(format!(
                    "README.md shows a row that {path} does not have: {row}"
                ));
            }
        }
    }
    if n_rows < 3 {
        faults.push("README.md shows no results".to_owned());
    }
    faults
}

/// A row of a table without what stands on a second line of its cells, and without notes.
fn bare(row: &str) -> String {
    let cell = |cell: &str| {
        let Some((first, _)) = cell.split_once("<br>") else {
            return cell.to_owned();
        };
        first.to_owned() + " "
    };
    let cells: Vec<String> = row.split('|').map(cell).collect();
    cells.join("|")
}

#[cfg(test)]
mod tests {
    use super::{bare, std_modules};

    #[test]
    fn a_bare_row_has_what_stands_on_the_first_line_of_its_cells() {
        let row = "| ART | 71.92 ± 4.81<br>paper 76.31: -4.39 [1] | left out |";
        assert_eq!(bare(row), "| ART | 71.92 ± 4.81 | left out |");
        assert_eq!(bare("| a | b |"), "| a | b |");
    }

    #[test]
    fn modules_are_found_singly_and_in_braces() {
        let text = "use std::fs; let t = std::time::Instant::now();\n\
                    use std::{\n    io::{Read, Write},\n    sync::Arc, env,\n};";
        assert_eq!(std_modules(text), ["fs", "time", "io", "sync", "env"]);
    }
}
