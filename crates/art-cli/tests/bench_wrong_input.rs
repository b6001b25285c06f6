//! `art bench`: wrong input is named, with what to do.

mod common;

use common::bench::{TUNED, bench, stderr_of};
use common::data;
use std::{fs, path::Path};

#[test]
fn wrong_input_is_named_and_told_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let with = |arguments: &[&str]| {
        let mut command = bench(&["run", "--quick"]);
        command.args(arguments).arg("--out").arg(&out);
        stderr_of(&mut command, 2)
    };
    let error = with(&["--only", "pina/*"]);
    assert!(
        error.contains("matches no cell") && error.contains("data sets pima, yeast, wine"),
        "{error}"
    );
    assert!(with(&["--only", "[pima"]).contains("is no pattern"));
    assert!(with(&["--jobs", "0"]).contains("invalid value '0'"));
    let error = with(&["--data", "/no-such-folder"]);
    let manifest = Path::new("/no-such-folder").join("manifest.toml");
    assert!(
        error.contains("--data DIR") && error.contains(&*manifest.to_string_lossy()),
        "{error}"
    );
    assert!(
        !out.exists(),
        "a run that cannot start leaves nothing behind"
    );

    let file = folder.path().join("file");
    fs::write(&file, "").unwrap();
    let mut command = bench(&["run", "--quick", "--out"]);
    command.arg(file.join("inside"));
    assert!(stderr_of(&mut command, 2).contains("cannot make the folder"));

    let mut first = bench(&["run", "--quick", "--only", "pima/rus/1834", "--out"]);
    first.arg(&out).assert().success();
    let mut command = bench(&["run", "--matrix", "fixed", "--out"]);
    let error = stderr_of(command.arg(&out), 2);
    assert!(
        error.contains("or of other training settings, than \"fixed\""),
        "{error}"
    );
    let mut command = bench(&["report"]);
    assert!(stderr_of(command.arg(folder.path()), 2).contains("matrix.json"));
}

#[test]
fn altered_data_are_refused_before_anything_is_run() {
    let folder = tempfile::tempdir().unwrap();
    for entry in fs::read_dir(data("")).unwrap() {
        let path = entry.unwrap().path();
        fs::copy(&path, folder.path().join(path.file_name().unwrap())).unwrap();
    }
    let wine = folder.path().join("winequality-red.csv");
    fs::write(
        &wine,
        fs::read_to_string(&wine).unwrap().replacen("7.4", "7.5", 1),
    )
    .unwrap();
    let out = folder.path().join("out");
    let mut command = bench(&["run", "--quick", "--data"]);
    command.arg(folder.path()).arg("--out").arg(&out);
    let error = stderr_of(&mut command, 2);
    assert!(
        error.contains("winequality-red.csv is truncated or altered"),
        "{error}"
    );
    assert!(!out.exists());
    let mut check = bench(&["data", "check", "--data"]);
    check.arg(folder.path());
    let output = check.assert().code(1).get_output().stdout.clone();
    let text = String::from_utf8(output).unwrap();
    assert_eq!(text.matches("ok     ").count(), 8);
}

#[test]
fn a_wrong_matrix_is_named_with_what_may_have_been_meant() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("mine.toml");
    let error = |text: &str| {
        fs::write(&path, text).unwrap();
        let mut command = bench(&["run", "--matrix"]);
        let out = folder.path().join("out");
        stderr_of(command.arg(&path).arg("--out").arg(&out), 2)
    };
    let with = |from: &str, to: &str| error(&TUNED.replacen(from, to, 1));
    assert!(with("\"ros\"", "\"rosé\"").contains("unknown method \"rosé\", did you mean \"ros\"?"));
    assert!(with("\"imdb\"", "\"imbd\"").contains("did you mean \"imdb\"?"));
    let text = with("trials_per_setting", "trials_per_settings");
    assert!(
        text.contains("line 20") && text.contains("did you mean `trials_per_setting`?"),
        "{text}"
    );
    assert!(with("[1, 2, 3]", "[1, 11]").contains("tunes on seed 11"));
    assert!(error("name = ").contains("mine.toml, line 1"));
    let text = stderr_of(&mut bench(&["run", "--matrix", "papr"]), 2);
    assert!(text.contains("did you mean \"paper\"?"), "{text}");
    let text = stderr_of(&mut bench(&["run", "--shard", "3/3"]), 2);
    assert!(text.contains("the last of 3 shards is 2/3"), "{text}");
}
