//! The revision that records name is that of the sources when the program was built.

#[path = "../build/revision.rs"]
mod revision;

use art_bench::Environment;
use art_train::DeviceName;
use revision::Revision;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

fn git(folder: &Path, arguments: &[&str]) -> String {
    let output = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(["-c", "user.name=A", "-c", "user.email=a@b.c"])
        .args(arguments)
        .output()
        .expect("git is there");
    assert!(output.status.success(), "{arguments:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

/// A checkout with a package and something else.
fn checkout(root: &Path) {
    git(root, &["init", "--quiet"]);
    for name in ["crates/it/Cargo.toml", "crates/it/src/lib.rs", "README.md"] {
        write(root, name, "one");
    }
    git(root, &["add", "."]);
    git(root, &["commit", "--quiet", "-m", "one"]);
}

fn of(root: &Path) -> Revision {
    let sources = ["Cargo.toml", "src"].map(PathBuf::from);
    Revision::of(&root.join("crates/it"), &sources)
}

/// Every file that is watched, with what is in it.
fn contents(revision: &Revision) -> BTreeMap<PathBuf, Vec<u8>> {
    fn add(path: &Path, all: &mut BTreeMap<PathBuf, Vec<u8>>) {
        if path.is_dir() {
            for entry in fs::read_dir(path).unwrap() {
                add(&entry.unwrap().path(), all);
            }
        } else {
            all.insert(path.to_owned(), fs::read(path).unwrap());
        }
    }
    let mut all = BTreeMap::new();
    for path in &revision.watched {
        assert!(path.exists(), "{} would count as changed", path.display());
        add(path, &mut all);
    }
    all
}

/// Makes a commit and checks that whoever watched what was to be watched before it looks again.
fn a_commit_is_noticed(root: &Path) {
    let before = of(root);
    let seen = contents(&before);
    git(root, &["commit", "--quiet", "--allow-empty", "-m", "more"]);
    let after = of(root);
    assert_ne!(before.text, after.text);
    assert_ne!(seen, contents(&before), "{:?}", before.watched);
}

/// Where git can be started: `cargo xtask guard` leaves these out under Wine.
mod with_git {
    use super::*;

    #[test]
    fn it_is_the_commit_with_a_mark_for_changed_sources() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        checkout(root);
        let commit = git(root, &["rev-parse", "--short=12", "HEAD"]);
        assert_eq!(of(root).text, commit);
        write(root, "README.md", "two");
        write(root, "crates/it/src/untracked.rs", "two");
        assert_eq!(of(root).text, commit, "no tracked file of the sources");
        write(root, "crates/it/src/lib.rs", "two");
        assert_eq!(of(root).text, format!("{commit}+"));
        git(root, &["add", "crates/it/src/lib.rs"]);
        assert_eq!(of(root).text, format!("{commit}+"));
        write(root, "crates/it/src/lib.rs", "one");
        git(root, &["add", "crates/it/src/lib.rs"]);
        assert_eq!(of(root).text, commit, "it is as it was");
    }

    #[test]
    fn another_commit_is_noticed_wherever_git_keeps_its_name() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        checkout(root);
        a_commit_is_noticed(root);
        git(root, &["pack-refs", "--all"]);
        a_commit_is_noticed(root);
        let linked = folder.path().join("linked");
        let path = linked.to_str().unwrap();
        git(
            root,
            &["worktree", "add", "--quiet", "-b", "side/branch", path],
        );
        assert!(linked.join(".git").is_file());
        a_commit_is_noticed(&linked);
        git(&linked, &["pack-refs", "--all"]);
        a_commit_is_noticed(&linked);
        git(&linked, &["checkout", "--quiet", "--detach"]);
        a_commit_is_noticed(&linked);
        // Without a log of HEAD, a packed ref is noticed by the folder that its file appears in.
        git(root, &["config", "core.logAllRefUpdates", "false"]);
        fs::remove_dir_all(root.join(".git/logs")).unwrap();
        git(root, &["pack-refs", "--all"]);
        a_commit_is_noticed(root);
    }

    #[test]
    fn a_look_at_the_state_changes_nothing_that_is_watched() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        checkout(root);
        let seen = contents(&of(root));
        write(root, "crates/it/src/lib.rs", "one");
        git(root, &["status"]);
        assert_eq!(contents(&of(root)), seen);
    }

    #[test]
    fn sources_outside_a_checkout_of_their_own_have_none() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        write(root, "crates/it/Cargo.toml", "one");
        assert_eq!(of(root), Revision::default());
        // Unpacked inside a checkout of something else.
        git(root, &["init", "--quiet"]);
        git(root, &["commit", "--quiet", "--allow-empty", "-m", "other"]);
        assert_eq!(of(root), Revision::default());
    }
}

#[test]
fn records_name_the_revision_of_the_build() {
    assert_eq!(
        Environment::current(1, DeviceName::Cpu).revision,
        env!("ART_REVISION")
    );
}

#[test]
fn a_package_says_what_it_was_packed_from() {
    let folder = tempfile::tempdir().unwrap();
    let root = folder.path();
    write(root, "crates/it/Cargo.toml", "one");
    let told = |dirty: &str| {
        format!("{{\n  \"git\": {{\n    \"sha1\": \"0123456789abcdef0123\"{dirty}\n  }}\n}}\n")
    };
    for (dirty, expected) in [
        ("", "0123456789ab"),
        (",\n    \"dirty\": true", "0123456789ab+"),
    ] {
        write(root, "crates/it/.cargo_vcs_info.json", &told(dirty));
        assert_eq!(of(root).text, expected);
    }
    write(root, "crates/it/.cargo_vcs_info.json", "{}");
    assert_eq!(of(root), Revision::default());
}
