//! The revision of the sources of a package, and what may change it.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

/// The revision of the sources of a package.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Revision {
    /// 12 digits of the commit, with `+` when a tracked file of the sources differs from it; empty where neither a checkout nor a
    /// package has the sources.
    pub(crate) text: String,
    /// Files and folders of git, all of which exist, one of which changes whenever another commit is checked out.
    pub(crate) watched: Vec<PathBuf>,
}

impl Revision {
    /// The revision of `sources`, paths inside the folder `package` or beside it.
    pub(crate) fn of(package: &Path, sources: &[PathBuf]) -> Self {
        Self::found(package, sources)
            .or_else(|| Self::packed(package))
            .unwrap_or_default()
    }

    /// What Cargo wrote beside the sources when it packed them.
    fn packed(package: &Path) -> Option<Self> {
        let told = fs::read_to_string(package.join(".cargo_vcs_info.json")).ok()?;
        let (_, commit) = told.split_once("\"sha1\"")?;
        let commit = commit.split('"').nth(1)?.get(..12)?;
        let mark = if told.contains("\"dirty\": true") {
            "+"
        } else {
            ""
        };
        Some(Self {
            text: commit.to_owned() + mark,
            watched: vec![],
        })
    }

    fn found(package: &Path, sources: &[PathBuf]) -> Option<Self> {
        // The sources may lie unpacked inside a checkout of something else.
        git(package, &["ls-files", "--error-unmatch", "Cargo.toml"])?;
        let commit = git(package, &["rev-parse", "--short=12", "HEAD"])?;
        let mut status = vec!["status", "--porcelain", "--untracked-files=no", "--"];
        status.extend(sources.iter().filter_map(|path| path.to_str()));
        let mark = if git(package, &status)?.is_empty() {
            ""
        } else {
            "+"
        };
        Some(Self {
            text: commit + mark,
            watched: watched(package)?,
        })
    }
}

/// What changes when HEAD does. The index is not among them: it changes with every look at the state of the checkout.
fn watched(package: &Path) -> Option<Vec<PathBuf>> {
    // They differ in a linked work tree.
    let own = package.join(git(package, &["rev-parse", "--git-dir"])?);
    let common = package.join(git(package, &["rev-parse", "--git-common-dir"])?);
    let mut paths = vec![
        own.join("HEAD"),
        // Every move of HEAD adds a line, also one that makes a file of a packed ref.
        own.join("logs/HEAD"),
        common.join("packed-refs"),
        own.join("reftable"),
        common.join("reftable"),
    ];
    // None where HEAD is detached.
    if let Some(name) = git(package, &["symbolic-ref", "--quiet", "HEAD"]) {
        let file = common.join(name);
        // While a ref is packed, its file may appear in its folder at any time.
        paths.extend(
            file.ancestors()
                .find(|path| path.exists())
                .map(PathBuf::from),
        );
    }
    // A path that does not exist would count as changed in every build.
    paths.retain(|path| path.exists());
    paths.dedup();
    Some(paths)
}

/// What git prints, without the last line break; none where it fails or is not there.
fn git(folder: &Path, arguments: &[&str]) -> Option<String> {
    let mut command = Command::new("git");
    // A build inside a hook must not look at what the hook is about.
    for name in ["GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_PREFIX"] {
        command.env_remove(name);
    }
    let command = command.arg("-C").arg(folder).arg("--no-optional-locks");
    let output = command.args(arguments).output().ok()?;
    let text = String::from_utf8(output.stdout).ok()?;
    let is_done = output.status.success();
    is_done.then(|| text.trim_end().to_owned())
}
