//! The crates as whoever takes them from a registry gets them: packed, unpacked elsewhere, built, tested and used from there.

use crate::{
    at_root, cargo, complain,
    markdown::blocks,
    say,
    steps::{make, names, output, read, remove, size, succeed, write},
};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const HELP: &str = "\
cargo xtask package [--test]

Packs every crate that is to be published into target/package, in the state of the working tree, and looks at what is in each.

  --test   unpacks them into target/packages, builds and tests each from its package alone, and runs the examples of all
           READMEs in a crate outside the workspace. Takes as long as building everything anew.
";

/// What a registry takes, packed.
const MOST_BYTES: u64 = 10 << 20;
/// What each package must have.
const FILES: [&str; 4] = ["README.md", "LICENSE-MIT", "LICENSE-APACHE", "Cargo.toml"];
/// Features without which tests of a package do not compile, because its own dev-dependency on itself is left out of it.
const FEATURES: [(&str, &str); 3] = [
    ("art-core", "serde,conformance"),
    ("art-data", "parquet,conformance"),
    ("art-losses", "conformance"),
];

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    match arguments {
        [] => at_root(|| told(pack())),
        ["--test"] => at_root(|| told(pack().and_then(|packages| test(&packages)))),
        _ => {
            say(HELP.trim_end());
            ExitCode::from(if arguments == ["--help"] { 0 } else { 2 })
        }
    }
}

/// Packs all crates, as one of the checks.
pub(crate) fn check() -> ExitCode {
    told(pack())
}

fn told<T>(outcome: Result<T, String>) -> ExitCode {
    match outcome {
        Ok(_) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(format_args!("error: {problem}"));
            ExitCode::FAILURE
        }
    }
}

/// A crate that was packed.
struct Package {
    name: String,
    version: String,
}

impl Package {
    fn file(&self) -> PathBuf {
        let name = format!("{}-{}.crate", self.name, self.version);
        Path::new("target/package").join(name)
    }

    /// Where it is unpacked.
    fn folder(&self) -> PathBuf {
        Path::new("target/packages").join(format!("{}-{}", self.name, self.version))
    }
}

/// Packs every crate that is to be published. What is compiled from the packages is left to [`test()`].
fn pack() -> Result<Vec<Package>, String> {
    let packages = published()?;
    let mut command = cargo();
    command.args(["package", "--quiet", "--no-verify", "--allow-dirty"]);
    for package in &packages {
        command.args(["--package", &package.name]);
    }
    succeed(&mut command)?;
    for package in &packages {
        let file = package.file();
        let bytes = size(&file)?;
        if bytes > MOST_BYTES {
            let file = file.display();
            return Err(format!(
                "{file} has {bytes} bytes, and a registry takes {MOST_BYTES}"
            ));
        }
        let listed = output(Command::new("tar").arg("tzf").arg(&file))?;
        let inside = format!("{}-{}/", package.name, package.version);
        for wanted in FILES {
            if !listed
                .lines()
                .any(|line| line == format!("{inside}{wanted}"))
            {
                return Err(format!("{} has no {wanted}", file.display()));
            }
        }
        say(format_args!(
            "{:<12} {:>4} files {:>7} bytes packed",
            package.name,
            listed.lines().count(),
            bytes
        ));
    }
    Ok(packages)
}

/// The names of the crates that are to be published.
pub(crate) fn published_names() -> Result<Vec<String>, String> {
    let names = published()?.into_iter().map(|package| package.name);
    Ok(names.collect())
}

/// The crates that do not refuse it, by their names. Their order is cargo's business.
fn published() -> Result<Vec<Package>, String> {
    let workspace = read(Path::new("Cargo.toml"))?;
    let version = workspace
        .split("[workspace.package]")
        .nth(1)
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("version = "))
        })
        .ok_or("Cargo.toml has no version under [workspace.package]")?;
    let mut packages = vec![];
    for name in names(Path::new("crates"))? {
        let manifest = read(&Path::new("crates").join(&name).join("Cargo.toml"))?;
        if !manifest.contains("\npublish = false") {
            packages.push(Package {
                name,
                version: version.trim_matches('"').to_owned(),
            });
        }
    }
    Ok(packages)
}

/// Builds, tests and uses each package from what is in it.
fn test(packages: &[Package]) -> Result<(), String> {
    let folder = Path::new("target/packages");
    for package in packages {
        remove(&package.folder())?;
        make(folder)?;
        let mut unpack = Command::new("tar");
        unpack.arg("xzf").arg(package.file()).arg("-C").arg(folder);
        succeed(&mut unpack)?;
    }
    let outside = folder.join("outside");
    remove(&outside)?;
    let examples = write_outside(&outside, packages)?;
    write_workspace(folder, packages)?;
    for package in packages {
        say(format_args!("== {} from its package alone", package.name));
        let mut command = cargo();
        command
            .current_dir(folder)
            .args(["test", "--quiet", "--package", &package.name]);
        if let Some((_, features)) = FEATURES.iter().find(|(name, _)| *name == package.name) {
            command.args(["--features", features]);
        }
        succeed(&mut command)?;
    }
    for example in examples {
        say(format_args!(
            "== the README of {example}, in a crate outside"
        ));
        let mut command = cargo();
        command
            .current_dir(folder)
            .args(["run", "--quiet", "--package", "outside", "--bin"]);
        succeed(command.arg(&example))?;
    }
    say("== what publishing would do");
    let mut command = cargo();
    command.args([
        "publish",
        "--quiet",
        "--dry-run",
        "--no-verify",
        "--allow-dirty",
    ]);
    for package in packages {
        command.args(["--package", &package.name]);
    }
    succeed(&mut command)?;
    say(format_args!("== {} packages passed", packages.len()));
    Ok(())
}

/// A workspace of the unpacked crates in which each takes the others from beside it, as it would from a registry, built like the
/// checkout and with its versions.
fn write_workspace(folder: &Path, packages: &[Package]) -> Result<(), String> {
    let names: Vec<String> = packages
        .iter()
        .map(|package| format!("{}-{}", package.name, package.version))
        .collect();
    let patches: Vec<String> = packages
        .iter()
        .zip(&names)
        .map(|(package, name)| format!("{} = {{ path = {name:?} }}\n", package.name))
        .collect();
    let mut text = format!(
        "[workspace]\nresolver = \"3\"\nmembers = {:?}\n\n[patch.crates-io]\n{}\n",
        [names, vec!["outside".to_owned()]].concat(),
        patches.concat()
    );
    let workspace = read(Path::new("Cargo.toml"))?;
    let profiles = workspace.find("[profile.dev]").unwrap_or(workspace.len());
    let end = workspace
        .find("[profile.release]")
        .unwrap_or(workspace.len());
    text += &workspace[profiles..end];
    write(&folder.join("Cargo.toml"), &text)?;
    write(&folder.join("Cargo.lock"), &read(Path::new("Cargo.lock"))?)
}

/// A crate that uses the packages: the examples of their READMEs, each a program. Returns the names of these.
fn write_outside(outside: &Path, packages: &[Package]) -> Result<Vec<String>, String> {
    let programs = outside.join("src/bin");
    make(&programs)?;
    let mut dependencies = vec![];
    let mut examples = vec![];
    for package in packages {
        let Package { name, version } = package;
        let readme = read(&package.folder().join("README.md"))?;
        let Some((_, code)) = blocks(&readme, "rust").into_iter().next() else {
            continue;
        };
        dependencies.push(format!("{name} = {version:?}\n"));
        write(&programs.join(format!("{name}.rs")), &code)?;
        examples.push(name.clone());
    }
    let head = "[package]\nname = \"outside\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n";
    write(
        &outside.join("Cargo.toml"),
        &(head.to_owned() + &dependencies.concat()),
    )?;
    Ok(examples)
}
