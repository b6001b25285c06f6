//! Which Rust each crate needs: no less than what it is built on.

use crate::cargo;
use std::{collections::BTreeMap, fs};

/// A dependency that needs a newer Rust than it states, if it states one.
struct Correction {
    name: &'static str,
    version: &'static str,
    needs: &'static str,
    reason: &'static str,
}

const CORRECTIONS: [Correction; 1] = [Correction {
    name: "candle-core",
    version: "0.11.1",
    needs: "1.94",
    reason: "it calls core::arch::x86_64::__cpuid_count outside of an unsafe block (E0133 before)",
}];

/// The program, whose version the README gives.
const PROGRAM: &str = "art-cli";

/// Crates of the workspace that state an older Rust than something that they are built on, and a README that states another
/// than the program.
pub(crate) fn faults(packages: &[&str]) -> Vec<String> {
    let arguments = [
        "metadata",
        "--format-version=1",
        "--locked",
        "--all-features",
    ];
    let Some(metadata) = printed(&arguments) else {
        return vec!["cargo metadata fails; is Cargo.lock up to date?".to_owned()];
    };
    let stated = stated_versions(&metadata);
    let mut faults = vec![];
    for correction in &CORRECTIONS {
        let is_there = stated.contains_key(&package(correction.name, correction.version));
        if !is_there {
            faults.push(format!(
                "{} {} is not in Cargo.lock any more; see whether its successor states what it needs, and mend CORRECTIONS \
                 in rust_version.rs",
                correction.name, correction.version
            ));
        }
    }
    for name in packages {
        let tree = [
            "tree",
            "--locked",
            "--package",
            name,
            "--edges",
            "normal,build",
            "--target=all",
            "--prefix=none",
            "--all-features",
        ];
        let Some(tree) = printed(&tree) else {
            faults.push(format!("cargo tree knows no package {name}"));
            continue;
        };
        let built_on: Vec<String> = tree.lines().filter_map(tree_package).collect();
        faults.extend(too_old(&built_on, &stated));
    }
    let program = stated
        .iter()
        .find(|(name, _)| name.starts_with(&format!("{PROGRAM} ")));
    let program = program
        .and_then(|(_, version)| version.as_deref())
        .unwrap_or_default();
    let readme = fs::read_to_string("README.md").unwrap_or_default();
    if !readme.contains(&format!("Rust {program} ")) {
        faults.push(format!(
            "README.md does not say that the program needs Rust {program}"
        ));
    }
    faults
}

fn printed(arguments: &[&str]) -> Option<String> {
    let output = cargo().args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    output.status.success().then_some(text)
}

fn package(name: &str, version: &str) -> String {
    format!("{name} {version}")
}

/// `NAME VERSION` of a line of `cargo tree`.
fn tree_package(line: &str) -> Option<String> {
    let mut words = line.split(' ');
    let (name, version) = (words.next()?, words.next()?);
    Some(package(name, version.strip_prefix('v')?))
}

/// The Rust version that each package states, by `NAME VERSION`, read from the one line of `cargo metadata`.
fn stated_versions(metadata: &str) -> BTreeMap<String, Option<String>> {
    let mut stated = BTreeMap::new();
    let mut current = None;
    for object in metadata.split(r#"{"name":""#).skip(1) {
        // Dependencies and targets are objects inside of a package's; they have no version of their own.
        let (name, rest) = object.split_once('"').unwrap_or((object, ""));
        if let Some(rest) = rest.strip_prefix(r#","version":""#) {
            let version = rest.split('"').next().unwrap_or_default();
            let key = package(name, version);
            stated.insert(key.clone(), None);
            current = Some(key);
        }
        let found = object.split(r#""rust_version":""#).nth(1);
        if let (Some(key), Some(found)) = (&current, found) {
            let version = found.split('"').next().unwrap_or_default();
            stated.insert(key.clone(), Some(version.to_owned()));
        }
    }
    stated
}

/// What the first of `built_on`, a crate of ours, states less than: itself and what it is built on.
fn too_old(built_on: &[String], stated: &BTreeMap<String, Option<String>>) -> Vec<String> {
    let Some(own) = built_on.first() else {
        return vec![];
    };
    let of = |package: &String| stated.get(package).and_then(Option::as_deref);
    let Some(ours) = of(own) else {
        return vec![format!("{own} states no rust-version")];
    };
    let mut faults = vec![];
    for package in &built_on[1..] {
        let correction = CORRECTIONS
            .iter()
            .find(|known| *package == self::package(known.name, known.version));
        let needs = correction.map(|known| known.needs).or(of(package));
        if let Some(needs) = needs.filter(|needs| parts(needs) > parts(ours)) {
            let reason = correction.map_or("it says so", |known| known.reason);
            let fault = format!("{own} states Rust {ours}, and {package} needs {needs}: {reason}");
            if !faults.contains(&fault) {
                faults.push(fault);
            }
        }
    }
    faults
}

/// `1.89` and `1.89.0` are one.
fn parts(version: &str) -> [u32; 3] {
    let mut numbers = version.split('.').map(|part| part.parse().unwrap_or(0));
    [(); 3].map(|()| numbers.next().unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METADATA: &str = concat!(
        r#"{"packages":[{"name":"art-x","version":"0.1.0","dependencies":[{"name":"old","req":"^1"}],"#,
        r#""targets":[{"kind":["lib"],"name":"art_x"}],"rust_version":"1.89"},"#,
        r#"{"name":"old","version":"1.2.3","dependencies":[],"rust_version":null},"#,
        r#"{"name":"same","version":"1.0.0","dependencies":[],"rust_version":"1.89.0"},"#,
        r#"{"name":"candle-core","version":"0.11.1","dependencies":[{"name":"old","req":"^1"}],"rust_version":null},"#,
        r#"{"name":"new","version":"2.0.0","dependencies":[],"rust_version":"1.90.1"}],"workspace_members":[]}"#,
    );

    fn faults_of(tree: &str) -> Vec<String> {
        let built_on: Vec<String> = tree.lines().filter_map(tree_package).collect();
        too_old(&built_on, &stated_versions(METADATA))
    }

    #[test]
    fn versions_are_read_from_metadata() {
        let stated = stated_versions(METADATA);
        let of = |package| stated[package].as_deref();
        assert_eq!(stated.len(), 5);
        assert_eq!(of("art-x 0.1.0"), Some("1.89"));
        assert_eq!(of("old 1.2.3"), None);
        assert_eq!(of("candle-core 0.11.1"), None);
        assert_eq!(of("new 2.0.0"), Some("1.90.1"));
    }

    #[test]
    fn a_crate_that_states_less_than_what_it_is_built_on_is_named() {
        let fine = "art-x v0.1.0 (/x)\nold v1.2.3\nsame v1.0.0 (*)\n";
        assert!(faults_of(fine).is_empty());
        let faults = faults_of(&format!("{fine}new v2.0.0 (proc-macro)\nnew v2.0.0 (*)\n"));
        assert_eq!(
            faults,
            ["art-x 0.1.0 states Rust 1.89, and new 2.0.0 needs 1.90.1: it says so"]
        );
        let faults = faults_of(&format!("{fine}candle-core v0.11.1\n"));
        assert_eq!(faults.len(), 1);
        assert!(faults[0].contains("needs 1.94: it calls"), "{faults:?}");
    }
}
