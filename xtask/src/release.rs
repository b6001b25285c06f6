//! A release: one version everywhere, its part of the changelog, and the files that people take.

use crate::{
    at_root, cargo, complain, package, say,
    steps::{copy, make, names, output, read, remove, size, succeed, write},
};
use std::{
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const HELP: &str = "\
cargo xtask release VERSION --date YYYY-MM-DD [--dry-run]

From a clean checkout: gives every crate and the Python package the version, turns what the changelog has under \"Unreleased\" into a
part of that version, and makes in target/release-VERSION the packages of all crates, the wheel, the program for this machine
and the checksums of all of them. Then it commits and tags; nothing is uploaded.

  --dry-run   all of it in a copy of the checkout; nothing is committed here
";

/// The heading of what no release has yet.
const UNRELEASED: &str = "## Unreleased";

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let (version, date, is_dry) = match arguments {
        [version, "--date", date] => (*version, *date, false),
        [version, "--date", date, "--dry-run"] => (*version, *date, true),
        _ => {
            say(HELP.trim_end());
            return ExitCode::from(if arguments == ["--help"] { 0 } else { 2 });
        }
    };
    at_root(|| match release(version, date, is_dry) {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            complain(format_args!("error: {problem}"));
            ExitCode::FAILURE
        }
    })
}

fn release(version: &str, date: &str, is_dry: bool) -> Result<(), String> {
    if parts(version, '.', 3).is_none() {
        return Err(format!("{version:?} is no version like 0.2.0"));
    }
    if parts(date, '-', 3).is_none_or(|parts| parts[1] > 12 || parts[2] > 31) {
        return Err(format!("{date:?} is no date like 2026-11-29"));
    }
    let changed = output(Command::new("git").args(["status", "--porcelain"]))?;
    if !changed.is_empty() {
        return Err(format!(
            "the checkout has changes that no commit has:\n{changed}"
        ));
    }
    let tag = format!("v{version}");
    if !output(Command::new("git").args(["tag", "--list", &tag]))?.is_empty() {
        return Err(format!("there is a tag {tag} already"));
    }
    let folder = PathBuf::from(format!("target/release-{version}"));
    remove(&folder)?;
    make(&folder)?;
    // Programs are built from a copy either way, so that a step that fails leaves the checkout as it was.
    let checkout = folder.join("checkout");
    succeed(
        Command::new("git")
            .args(["clone", "--quiet", "."])
            .arg(&checkout),
    )?;
    let before = set_version(&checkout, version)?;
    date_changelog(&checkout, version, date)?;
    say(format_args!("== {before} becomes {version}"));
    compare_interfaces(&checkout)?;
    make_files(&checkout, &folder, version)?;
    write_checksums(&folder)?;
    succeed(
        Command::new("git")
            .args(["-C"])
            .arg(&checkout)
            .args(["diff", "--stat"]),
    )?;
    if !is_dry {
        set_version(Path::new("."), version)?;
        date_changelog(Path::new("."), version, date)?;
        let message = format!("Version {version}");
        succeed(Command::new("git").args(["commit", "--quiet", "--all", "--message", &message]))?;
        succeed(Command::new("git").args(["tag", "--annotate", &tag, "--message", &message]))?;
    }
    remove(&checkout)?;
    for name in names(&folder)? {
        let bytes = size(&folder.join(&name))?;
        say(format_args!("{bytes:>12}  {name}"));
    }
    say(if is_dry {
        format!(
            "== a dry run: {} has the files, and nothing was committed",
            folder.display()
        )
    } else {
        format!("== committed and tagged {tag}; publish by: git push --follow-tags")
    });
    Ok(())
}

/// `count` numbers with `mark` between.
fn parts(text: &str, mark: char, count: usize) -> Option<Vec<u32>> {
    let parts: Option<Vec<u32>> = text.split(mark).map(|part| part.parse().ok()).collect();
    parts.filter(|parts| parts.len() == count)
}

/// Gives the workspace another version; returns that of before. The wheel has that of its crate.
fn set_version(root: &Path, version: &str) -> Result<String, String> {
    let path = root.join("Cargo.toml");
    let text = read(&path)?;
    let package = text.split("[workspace.package]").nth(1);
    let before = package
        .and_then(|text| {
            text.lines()
                .find_map(|line| line.strip_prefix("version = "))
        })
        .ok_or("Cargo.toml has no version under [workspace.package]")?
        .trim_matches('"')
        .to_owned();
    if parts(&before, '.', 3) > parts(version, '.', 3) {
        return Err(format!("{version} is older than {before}"));
    }
    let lines = text.lines().map(|line| {
        let is_ours = line.starts_with("version = ") || line.contains("path = \"crates/");
        if is_ours {
            line.replace(
                &format!("version = \"{before}\""),
                &format!("version = \"{version}\""),
            )
        } else {
            line.to_owned()
        }
    });
    write(&path, &(lines.collect::<Vec<_>>().join("\n") + "\n"))?;
    succeed(
        cargo()
            .current_dir(root)
            .args(["update", "--quiet", "--workspace", "--offline"]),
    )?;
    Ok(before)
}

/// What was not released becomes a part of the version, below a new empty one.
fn date_changelog(root: &Path, version: &str, date: &str) -> Result<(), String> {
    let path = root.join("CHANGELOG.md");
    write(&path, &dated(&read(&path)?, version, date)?)
}

fn dated(text: &str, version: &str, date: &str) -> Result<String, String> {
    let Some((head, rest)) = text.split_once(UNRELEASED) else {
        return Err(format!("CHANGELOG.md has no part {UNRELEASED:?}"));
    };
    let news = rest.split("\n## ").next().unwrap_or(rest);
    if news.trim().is_empty() {
        return Err(format!("CHANGELOG.md has nothing under {UNRELEASED:?}"));
    }
    Ok(format!("{head}{UNRELEASED}\n\n## {version} ({date}){rest}"))
}

/// What a caller would notice, against the last release in the registry; skipped where the tool is not there.
fn compare_interfaces(checkout: &Path) -> Result<(), String> {
    let has_release = !output(Command::new("git").args(["tag", "--list", "v*"]))?.is_empty();
    if !has_release {
        say("== SKIPPED cargo semver-checks: there is no release to compare with");
        return Ok(());
    }
    let is_there = cargo().args(["semver-checks", "--version"]).output();
    if !is_there.is_ok_and(|output| output.status.success()) {
        return Err(
            "cargo semver-checks is needed: cargo install --locked cargo-semver-checks".into(),
        );
    }
    succeed(
        cargo()
            .current_dir(checkout)
            .args(["semver-checks", "--workspace"]),
    )
}

/// Packages, wheel and program.
fn make_files(checkout: &Path, folder: &Path, version: &str) -> Result<(), String> {
    let target = std::env::current_dir()
        .map_err(|error| error.to_string())?
        .join("target");
    say("== packages");
    let mut command = cargo();
    command
        .current_dir(checkout)
        .env("CARGO_TARGET_DIR", &target);
    command.args(["package", "--quiet", "--no-verify", "--allow-dirty"]);
    let packages = package::published_names()?;
    for name in &packages {
        command.args(["--package", name]);
    }
    succeed(&mut command)?;
    for name in packages {
        let file = format!("{name}-{version}.crate");
        copy(&target.join("package").join(&file), &folder.join(&file))?;
    }
    say("== the program");
    let targets =
        output(Command::new("rustup").args(["target", "list", "--installed"])).unwrap_or_default();
    let musl = "x86_64-unknown-linux-musl";
    let mut command = cargo();
    command
        .current_dir(checkout)
        .env("CARGO_TARGET_DIR", &target);
    command.args([
        "build",
        "--quiet",
        "--release",
        "--locked",
        "--package",
        "art-cli",
    ]);
    let (name, built) = if targets.lines().any(|line| line == musl) {
        command.args(["--target", musl]);
        (musl, target.join(musl).join("release"))
    } else {
        say(format_args!(
            "note: {musl} is not installed (rustup target add {musl}), so that the program is for this system alone"
        ));
        ("this-system", target.join("release"))
    };
    succeed(&mut command)?;
    let program = format!("art{}", std::env::consts::EXE_SUFFIX);
    let packed = format!("art-{version}-{name}");
    let inside = folder.join(&packed);
    make(&inside)?;
    let art = inside.join(&program);
    copy(&built.join(&program), &art)?;
    let pages = inside.join("man/man1");
    make(&pages)?;
    output(Command::new(&art).arg("man").arg(&pages))?;
    for (shell, name) in [("bash", "art.bash"), ("zsh", "_art"), ("fish", "art.fish")] {
        let script = output(Command::new(&art).args(["completions", shell]))?;
        let completions = inside.join("completions");
        make(&completions)?;
        write(&completions.join(name), &script)?;
    }
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        copy(&checkout.join(name), &inside.join(name))?;
    }
    succeed(
        Command::new("tar")
            .arg("-C")
            .arg(folder)
            .args(["-czf"])
            .arg(folder.join(format!("{packed}.tar.gz")))
            .arg(&packed),
    )?;
    remove(&inside)?;
    say("== the wheel");
    let maturin = Path::new("target/python/bin/maturin");
    if !maturin.exists() {
        say("note: no wheel: `cargo xtask python-test` makes the environment that builds it");
        return Ok(());
    }
    let maturin = maturin.canonicalize().map_err(|error| error.to_string())?;
    let folder = folder.canonicalize().map_err(|error| error.to_string())?;
    let mut command = Command::new(maturin);
    command
        .current_dir(checkout.join("python"))
        .env("CARGO_TARGET_DIR", &target);
    succeed(
        command
            .args(["build", "--quiet", "--release", "--out"])
            .arg(folder),
    )
}

/// SHA-256 of every file, as `sha256sum --check` reads it.
fn write_checksums(folder: &Path) -> Result<(), String> {
    let files: Vec<String> = names(folder)?
        .into_iter()
        .filter(|name| name != "checkout")
        .collect();
    let sums = output(Command::new("sha256sum").args(files).current_dir(folder))?;
    write(&folder.join("SHA256SUMS"), &sums)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_not_released_becomes_a_part_of_the_version() {
        let text = "# Changelog\n\n## Unreleased\n\n- New.\n\n## 0.1.0 (2026-11-29)\n\n- Old.\n";
        let expected = "# Changelog\n\n## Unreleased\n\n## 0.2.0 (2026-12-01)\n\n- New.\n\n## 0.1.0 (2026-11-29)\n\n- Old.\n";
        assert_eq!(dated(text, "0.2.0", "2026-12-01").unwrap(), expected);
        let error = dated(expected, "0.3.0", "2027-01-01").unwrap_err();
        assert!(error.contains("nothing under"), "{error}");
        assert!(dated("# Changelog\n", "0.3.0", "2027-01-01").is_err());
    }

    #[test]
    fn versions_and_dates_are_three_numbers() {
        assert_eq!(parts("0.10.2", '.', 3), Some(vec![0, 10, 2]));
        assert!(parts("0.10", '.', 3).is_none() && parts("v0.1.0", '.', 3).is_none());
        assert!(parts("0.10.0", '.', 3) > parts("0.9.9", '.', 3));
    }
}
