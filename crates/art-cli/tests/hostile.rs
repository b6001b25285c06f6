//! Text and numbers that somebody made to do harm: they are shown, refused or kept, and never obeyed.

mod common;

use common::{art, file, stderr, stdout};
use std::{fmt::Write as _, fs, path::Path};

/// A table whose names, labels and words hold what terminals obey, and what programs take for something else.
fn hostile(folder: &Path) -> String {
    let mut text = String::from("x,\"w\u{1b}[31m|<b>\",t\n");
    for row in 0..60 {
        let label = if row % 3 == 0 {
            "=1+1\u{9b}2J"
        } else {
            "a|<b>`\\\u{202e}"
        };
        let word = ["\u{7}bell", "+plus", "@at"][row % 3];
        let _ = writeln!(text, "{},{word},{label}", row * 7 % 11);
    }
    file(folder, "hostile.csv", text)
}

fn has_control(text: &str) -> bool {
    text.contains(|c: char| (c.is_control() && c != '\n') || c == '\u{202e}')
}

#[test]
fn no_text_of_a_table_reaches_the_terminal_raw() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let table = hostile(folder.path());
    let (model, answers, results) = (at("m.art"), at("answers.csv"), at("results"));
    let target = ["--target", "t"];
    let commands: [&[&str]; 5] = [
        &["inspect", &table],
        &["inspect", &table, "--json"],
        &["train", &table, "--out", &model, "--epochs", "3"],
        &[
            "compare",
            &table,
            "--out",
            &results,
            "--methods",
            "ros",
            "--seeds",
            "2",
        ],
        &["resample", &table, "--method", "ros", "--out", &answers],
    ];
    for command in commands {
        let output = art(command)
            .args(target)
            .assert()
            .success()
            .get_output()
            .clone();
        for text in [output.stdout, output.stderr] {
            let text = String::from_utf8(text).unwrap();
            assert!(!has_control(&text), "{command:?}: {text:?}");
        }
    }
    let shown = stdout(&["predict", &model, &table, "--out", &answers, "--overwrite"]);
    assert!(
        shown.contains(r"=1+1\u009b2J") && !has_control(&shown),
        "{shown}"
    );
    let json = stdout(&["inspect", &table, "--target", "t", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["classes"][0]["name"], "=1+1\u{9b}2J");
    let error = stderr(&["inspect", &table, "--target", "\u{1b}[2J"]);
    assert!(!has_control(&error), "{error:?}");

    // Nothing of it makes a table of the report another table.
    let report = fs::read_to_string(Path::new(&results).join("report.md")).unwrap();
    assert!(!has_control(&report) && !report.contains("<b>"), "{report}");
    for lines in report.split("\n\n").filter(|part| part.starts_with("| ")) {
        let bars = |line: &str| {
            line.replace("\\\\", "")
                .replace("\\|", "")
                .matches('|')
                .count()
        };
        let mut lines = lines.trim_end().lines().map(bars);
        let of_header = lines.next().unwrap();
        assert!(lines.all(|n| n == of_header), "{report}");
    }
    let page = fs::read_to_string(Path::new(&results).join("report.html")).unwrap();
    assert!(!page.contains("<b>"));
}

#[test]
fn labels_that_look_like_formulas_are_written_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let labels = ["=cmd()", "+1a", "-x", "@sum"];
    let mut text = String::from("x,=key,t\n");
    for row in 0..80_usize {
        let _ = writeln!(
            text,
            "{},{}k,{}",
            row % 13,
            labels[row % 2],
            labels[row % 4]
        );
    }
    let table = file(folder.path(), "t.csv", text);
    let (model, out) = (at("m.art"), at("out.csv"));
    let fields = |path: &str, column: usize| {
        let text = fs::read_to_string(path).unwrap();
        let lines = text.lines().skip(1);
        let fields = lines.map(|line| line.split(',').nth(column).unwrap().to_owned());
        fields.collect::<std::collections::BTreeSet<String>>()
    };
    let expected = labels.map(String::from).into();
    stdout(&[
        "train", &table, "--target", "t", "--out", &model, "--epochs", "2",
    ]);
    stdout(&["predict", &model, &table, "--out", &out]);
    assert!(fields(&out, 0).is_subset(&expected));
    let header = fs::read_to_string(&out).unwrap();
    assert!(
        header.starts_with("predicted t,p(+1a),p(-x),p(=cmd()),p(@sum)\n"),
        "{header:.80}"
    );
    stdout(&[
        "resample",
        &table,
        "--target",
        "t",
        "--method",
        "ros",
        "--out",
        &out,
        "--overwrite",
    ]);
    assert_eq!(fields(&out, 2), expected);
    // And are read again as they were.
    let read = stdout(&["inspect", &out, "--target", "t", "--json"]);
    let read: serde_json::Value = serde_json::from_str(&read).unwrap();
    let names = read["classes"].as_array().unwrap().iter();
    let names: Vec<&str> = names.map(|class| class["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["+1a", "-x", "=cmd()", "@sum"]);
}

#[test]
fn sizes_beyond_all_memory_are_refused_by_arithmetic() {
    let folder = tempfile::tempdir().unwrap();
    let table = common::people(folder.path());
    let out = folder.path().join("m.art").display().to_string();
    for hidden in ["99999999999", "100000,100000"] {
        let error = stderr(&[
            "train", &table, "--target", "left", "--ignore", "id", "--out", &out, "--hidden",
            hidden,
        ]);
        assert!(error.contains("at most 268435456 weights"), "{error}");
    }
    assert!(!Path::new(&out).exists());
}

#[test]
fn jobs_beyond_measure_are_capped_and_that_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let table = common::people(folder.path());
    let out = folder.path().join("results").display().to_string();
    let mut command = art(&[
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "ros",
        "--seeds",
        "2",
    ]);
    let output = command
        .args(["--out", &out, "-j", "100000"])
        .assert()
        .success();
    let note = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        note.contains("--jobs 100000: 512 at a time, which is the most"),
        "{note}"
    );
}

#[test]
fn a_message_is_no_longer_than_a_page() {
    let folder = tempfile::tempdir().unwrap();
    let long = "ä".repeat(1_000_000);
    let table = file(folder.path(), "t.csv", format!("x,t\n1,{long}\n2,{long}\n"));
    let error = stderr(&["inspect", &table, "--target", "t"]);
    assert!(error.chars().count() < 2_100, "{}", error.len());
    assert!(error.contains("more characters)"), "{error}");
    // A name of that length makes no table wider than a page.
    let rows = "1,a\n2,b\n".repeat(20);
    let table = file(folder.path(), "n.csv", format!("{long},t\n{rows}"));
    let text = stdout(&["inspect", &table, "--target", "t"]);
    assert!(text.chars().count() < 10_000, "{}", text.len());
}

#[test]
fn a_table_whose_name_leads_elsewhere_gives_no_folder_its_name() {
    let folder = tempfile::tempdir().unwrap();
    let inside = folder.path().join("inside");
    fs::create_dir(&inside).unwrap();
    let table = common::people(folder.path());
    fs::rename(&table, folder.path().join("...csv")).unwrap();
    let command = [
        "compare",
        "../...csv",
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "ros",
        "--seeds",
        "2",
    ];
    let output = art(&command).current_dir(&inside).assert().code(2);
    let error = String::from_utf8(output.get_output().stderr.clone()).unwrap();
    assert!(
        error.contains("--out DIR") && error.contains("\"..\""),
        "{error}"
    );
    assert_eq!(fs::read_dir(&inside).unwrap().count(), 0);
    let mut named = art(&command);
    named
        .args(["--out", "results"])
        .current_dir(&inside)
        .assert()
        .success();
    assert_eq!(fs::read_dir(&inside).unwrap().count(), 1);
}

#[test]
fn what_a_killed_run_left_is_cleared_away_by_the_next() {
    let folder = tempfile::tempdir().unwrap();
    let left = [".m.art.abc123.art-tmp", ".m.art.checkpoint.abc123.art-tmp"];
    for name in left {
        fs::write(folder.path().join(name), "half").unwrap();
    }
    common::train(folder.path(), "m.art", &["--epochs", "2"]);
    let entries = fs::read_dir(folder.path()).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name()).collect();
    names.sort();
    assert_eq!(names, ["m.art", "people.csv"]);
}
