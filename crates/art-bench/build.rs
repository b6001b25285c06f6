//! Passes on what records name: the compiler, and the revision that the program is built from.

#[path = "build/revision.rs"]
mod revision;

use revision::Revision;
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

/// Packages of the workspace that no cell is computed by. Their changes do not build this crate again.
const OTHERS: [&str; 1] = ["art-cli"];

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| "rustc".to_owned());
    let version = Command::new(rustc).arg("--version").output();
    let version = version.map_or_else(
        |_| "unknown".to_owned(),
        |output| String::from_utf8_lossy(&output.stdout).trim().to_owned(),
    );
    println!("cargo::rustc-env=ART_RUSTC_VERSION={version}");

    // Cargo runs this in the folder of the package.
    let sources = sources();
    let revision = Revision::of(Path::new("."), &sources);
    println!("cargo::rustc-env=ART_REVISION={}", revision.text);
    for path in sources.iter().chain(&revision.watched) {
        println!("cargo::rerun-if-changed={}", path.display());
    }
}

/// What the program is built from: this package, those beside it that it stands on, and what the workspace says of them.
/// Where it is no member of the workspace, what lies beside it is something else.
fn sources() -> Vec<PathBuf> {
    let mut packages = vec![PathBuf::from(".")];
    if Path::new("../../Cargo.toml").exists() {
        let beside = fs::read_dir("..").into_iter().flatten().flatten();
        let beside = beside.filter(|entry| OTHERS.iter().all(|other| entry.file_name() != *other));
        packages = beside.map(|entry| entry.path()).collect();
    }
    packages.sort();
    let parts = ["Cargo.toml", "build.rs", "build", "src", "matrices"];
    let of_packages = packages
        .iter()
        .flat_map(|package| parts.map(|part| package.join(part)));
    let of_workspace = ["../../.cargo", "../../Cargo.lock", "../../Cargo.toml"].map(PathBuf::from);
    of_packages
        .chain(of_workspace)
        .filter(|path| path.exists())
        .collect()
}
