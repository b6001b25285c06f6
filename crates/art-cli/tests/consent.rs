//! What is there already is replaced only where the command says so, and what cannot be written is known at once.

mod common;

use common::{file, people, stderr, stdout, train};
use std::{fs, path::Path};

#[test]
fn what_cannot_be_written_is_known_before_training() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let refused = |out: &str| {
        let arguments = [
            "train", &table, "--target", "left", "--ignore", "id", "--out", out,
        ];
        stderr(&arguments)
    };
    let own = folder.path().display().to_string();
    assert!(refused(&own).contains("is a folder; name a file in it"));
    assert!(refused(&format!("{own}/none/m.art")).contains("there is no folder"));
    if cfg!(unix) {
        assert!(refused("/dev/null").contains("a model is a file of its own"));
    }
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}

#[test]
fn another_model_is_replaced_only_where_the_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let first = ["--epochs", "2"];
    let model = train(folder.path(), "m.art", &first);
    let bytes = fs::read(&model).unwrap();
    // The same command makes the same file.
    train(folder.path(), "m.art", &first);
    assert_eq!(fs::read(&model).unwrap(), bytes);
    let table = people(folder.path());
    let command = |more: &[&str]| {
        let command = [
            "train", &table, "--target", "left", "--ignore", "id", "--out", &model,
        ];
        [&command[..], more]
            .concat()
            .into_iter()
            .map(String::from)
            .collect::<Vec<_>>()
    };
    for more in [
        &["--epochs", "2", "--seed", "1"][..],
        &["--epochs", "3"],
        &["--epochs", "2", "--method", "ros"],
        &["--epochs", "2", "--blend", "0.2"],
        &["--epochs", "2", "--hidden", "8"],
        &["--epochs", "2", "--ignore", "town"],
        &["--epochs", "2", "--test-share", "0.2"],
    ] {
        let command = command(more);
        let command: Vec<&str> = command.iter().map(String::as_str).collect();
        let said = stderr(&command);
        assert!(
            said.contains("there is another model already (Break-even feedback (folds=5) + plug-in for \"left\", seed 0)"),
            "{said}"
        );
        assert_eq!(fs::read(&model).unwrap(), bytes, "{more:?}");
    }
    let other = command(&["--epochs", "2", "--seed", "1", "--overwrite"]);
    stdout(&other.iter().map(String::as_str).collect::<Vec<_>>());
    assert_ne!(fs::read(&model).unwrap(), bytes);
    // Nor any other file.
    let text = file(folder.path(), "notes.txt", "mine");
    let said = stderr(&[
        "train", &table, "--target", "left", "--ignore", "id", "--out", &text,
    ]);
    assert!(
        said.contains("it is no model; --overwrite replaces it"),
        "{said}"
    );
    assert_eq!(fs::read_to_string(&text).unwrap(), "mine");
}

#[test]
fn an_existing_table_is_replaced_only_where_the_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let (table, model) = (
        people(folder.path()),
        train(folder.path(), "m.art", &["--epochs", "2"]),
    );
    let mine = file(folder.path(), "mine.csv", "mine");
    let new = folder.path().join("new.csv").display().to_string();
    let predict = ["predict", &model, &table, "--ignore", "id", "--out"];
    let resample = ["resample", &table, "--target", "left", "--method", "ros"];
    let with_origins = ["--origins", &mine, "--out", &new];
    for (command, option) in [
        ([&predict[..], &[&mine]].concat(), "--out"),
        ([&resample[..], &["--out", &mine]].concat(), "--out"),
        ([&resample[..], &with_origins].concat(), "--origins"),
    ] {
        let _ = fs::remove_file(&new);
        fs::write(&mine, "mine").unwrap();
        let said = stderr(&command);
        let expected =
            format!("{option} {mine}: there is a file already; --overwrite replaces it\n");
        assert!(said.ends_with(&expected), "{said}");
        assert_eq!(fs::read_to_string(&mine).unwrap(), "mine");
        assert!(!Path::new(&new).exists());
        stdout(&[&command[..], &["--overwrite"]].concat());
        assert_ne!(fs::read_to_string(&mine).unwrap(), "mine");
    }
    // What is no file cannot be replaced.
    if Path::new("/dev/null").exists() {
        stdout(&[&predict[..], &["/dev/null"]].concat());
    }
}
