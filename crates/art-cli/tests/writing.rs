//! Tables as they are written elsewhere, from training to the answers.

mod common;

use common::{art, class, file, stderr, stdout, table};
use std::{fs, path::Path};

/// Trains a short run and returns the model's file.
fn trained(folder: &Path, table: &str, target: &str, more: &[&str]) -> String {
    let model = folder.join("model.art").display().to_string();
    let _ = fs::remove_file(&model);
    let mut arguments = vec![
        "train", table, "--target", target, "--epochs", "8", "--out", &model,
    ];
    arguments.extend(more);
    stdout(&arguments);
    model
}

#[test]
fn commas_and_points_make_one_model() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let point = table("Alter;Zins;Status\n", |x, rare, at| {
        format!("{};{x};{}", 20 + at % 50, class(rare))
    });
    let comma = table("Alter;Zins;Status\n", |x, rare, at| {
        format!(
            "{};{};{}",
            20 + at % 50,
            x.to_string().replace('.', ","),
            class(rare)
        )
    });
    let scores = |text: &str| {
        let path = file(folder, "t.csv", text);
        stdout(&[
            "train",
            &path,
            "--target",
            "Status",
            "--epochs",
            "8",
            "--json",
            "--out",
            &format!("{path}.art"),
        ])
    };
    let (one, other) = (scores(&point), {
        fs::remove_file(folder.join("t.csv.art")).unwrap();
        scores(&comma)
    });
    assert_eq!(one, other);
    // Whole numbers of such a file have a comma in another one, and points are thousands there.
    let model = format!("{}/t.csv.art", folder.display());
    let new = file(folder, "new.csv", "Alter;Zins\n30,5;7,6\n1.030;1\n");
    assert_eq!(stdout(&["predict", &model, &new]).lines().count(), 3);
    let wrong = file(folder, "wrong.csv", "Alter;Zins\n30;7.6\n");
    let error = stderr(&["predict", &model, &wrong]);
    assert!(
        error.contains(
            "line 2: column \"Zins\" holds \"7.6\", which is no finite number with a decimal comma"
        ),
        "{error}"
    );
    let doubtful = file(
        folder,
        "doubt.csv",
        table("a;t\n", |x, rare, _| {
            format!("{},{:03};{}", x as u32 + 1, 7, class(rare))
        }),
    );
    let comma = if cfg!(windows) { "\",\"" } else { "," };
    let remedy = format!("\n  --decimal {comma} ");
    assert!(stderr(&["inspect", &doubtful, "--target", "t"]).contains(&remedy));
    let inspected = stdout(&["inspect", &doubtful, "--target", "t", "--decimal", ","]);
    assert!(inspected.contains("1.007"), "{inspected}");
}

#[test]
fn dates_are_read_in_the_order_of_training() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("seen,x,t\n", |x, rare, at| {
        format!(
            "{:02}/{:02}/{},{x},{}",
            at % 28 + 1,
            at % 12 + 1,
            2019 + at % 5,
            class(rare)
        )
    });
    let path = file(folder, "t.csv", text);
    let inspected = stdout(&["inspect", &path, "--target", "t"]);
    assert!(inspected.contains("dates"), "{inspected}");
    let model = trained(folder, &path, "t", &[]);
    // In new rows day and month may be told apart by nothing, and they are read as in training.
    let new = file(folder, "new.csv", "seen,x\n01/02/2024,1\n");
    assert_eq!(stdout(&["predict", &model, &new]).lines().count(), 2);
    let other = file(folder, "other.csv", "seen,x\n01/31/2024,1\n");
    let error = stderr(&["predict", &model, &other]);
    assert!(
        error.contains("holds \"01/31/2024\", which is no date with the day first"),
        "{error}"
    );
}

#[test]
fn a_table_to_predict_may_be_written_otherwise_where_the_command_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("seen;x;t\n", |x, rare, at| {
        let day = format!("{:02}/{:02}/{}", at % 28 + 1, at % 12 + 1, 2019 + at % 5);
        format!("{day};{};{}", x.to_string().replace('.', ","), class(rare))
    });
    let model = trained(folder, &file(folder, "t.csv", text), "t", &[]);
    let answers = |name: &str, row: &str, more: &[&str]| {
        let new = file(folder, name, format!("seen;x\n{row}\n"));
        let mut arguments = vec!["predict", &*model, &*new];
        arguments.extend(more);
        stdout(&arguments)
    };
    let as_trained = answers("a.csv", "05/03/2022;2,5", &[]);
    let otherwise = ["--dates", "month-first", "--decimal", "."];
    assert_eq!(answers("b.csv", "03/05/2022;2.5", &otherwise), as_trained);
    // A year in front is in no doubt.
    assert_eq!(answers("c.csv", "2022-03-05;2,5", &[]), as_trained);
    let error = stderr(&[
        "predict",
        &model,
        &format!("{}/a.csv", folder.display()),
        "--words",
        "x",
    ]);
    assert!(
        error.contains("the model knows what its columns hold"),
        "{error}"
    );
}

#[test]
fn quantities_that_are_all_different_are_made_and_codes_of_nines_are_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("salary,answer,odd,t\n", |_, rare, at| {
        let salary = 100_000 + (at * 7_919) % 150_000;
        let answer = if at % 9 == 4 { -99 } else { at as i32 % 5 + 1 };
        let odd = if at % 2 == 0 {
            "unknown".to_owned()
        } else {
            (at * 37 % 83).to_string()
        };
        format!("{salary},{answer},{odd},{}", class(rare))
    });
    let path = file(folder, "t.csv", text);
    let said = stdout(&["inspect", &path, "--target", "t"]);
    for warning in [
        "column \"answer\" holds -99",
        "if \"unknown\" stands for a missing value",
    ] {
        assert!(said.contains(warning), "{said}");
    }
    let out = folder.join("out.csv").display().to_string();
    stdout(&[
        "resample", &path, "--target", "t", "--method", "smote", "--out", &out,
    ]);
    let made = fs::read_to_string(&out).unwrap();
    assert!(
        made.lines().skip(1).all(|line| !line.starts_with(',')),
        "{made}"
    );
}

#[test]
fn times_in_no_known_form_are_left_out_with_a_note() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("clock,x,t\n", |x, rare, at| {
        format!(
            "{:02}:{:02}.{},{x},{}",
            at % 24,
            at % 60,
            at % 10,
            class(rare)
        )
    });
    let path = file(folder, "t.csv", text);
    let model = folder.join("m.art").display().to_string();
    let run = art(&[
        "train", &path, "--target", "t", "--epochs", "3", "--out", &model,
    ])
    .assert()
    .success();
    let said = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(said.contains("column \"clock\" is left out"), "{said}");
    // The model does not ask for it, and does not mind it.
    let new = file(folder, "new.csv", "clock,x\n10:10.1,1\n");
    assert_eq!(stdout(&["predict", &model, &new]).lines().count(), 2);
}

#[test]
fn markers_go_from_training_to_prediction() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("lactate,country,t\n", |x, rare, at| {
        let country = ["NA", "BW", "ZA"][at % 3];
        let lactate = if at % 4 == 1 {
            "-999.0".to_owned()
        } else {
            x.to_string()
        };
        format!("{lactate},{country},{}", class(rare))
    });
    let path = file(folder, "t.csv", text);
    let inspected = stdout(&["inspect", &path, "--target", "t"]);
    for warning in [
        "column \"lactate\" holds -999 40 times, far away",
        "--not-missing NA takes it for a word",
    ] {
        assert!(inspected.contains(warning), "{inspected}");
    }
    let options = ["--missing", "-999", "--not-missing", "NA", "--json"];
    let mut arguments = vec!["inspect", &path, "--target", "t"];
    arguments.extend(options);
    let inspected: serde_json::Value = serde_json::from_str(&stdout(&arguments)).unwrap();
    assert_eq!(inspected["columns"][0]["missing"], 40);
    assert_eq!(inspected["columns"][1]["distinct"], 3);
    let model = trained(folder, &path, "t", &options[..4]);
    let new = file(folder, "new.csv", "lactate,country\n-999,NA\n,NA\n");
    let answers = stdout(&["predict", &model, &new]);
    let rows: Vec<&str> = answers.lines().skip(1).collect();
    assert_eq!(rows[0], rows[1]);
    let run = art(&["inspect", &path, "--target", "t", "--missing", "-99"])
        .assert()
        .success();
    let said = String::from_utf8(run.get_output().stderr.clone()).unwrap();
    assert!(said.contains("no field of the table is \"-99\""), "{said}");
}

#[test]
fn a_label_that_is_a_marker_is_quoted_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let path = file(
        folder.path(),
        "t.csv",
        table("x,country\n", |x, rare, at| {
            format!("{x},{}", if rare { "NA" } else { ["BW", "ZA"][at % 2] })
        }),
    );
    let error = stderr(&["inspect", &path, "--target", "country"]);
    assert!(
        error.contains("(32 such rows)") && error.contains("\n  --not-missing NA "),
        "{error}"
    );
    let kept = stdout(&[
        "inspect",
        &path,
        "--target",
        "country",
        "--not-missing",
        "NA",
    ]);
    assert!(kept.contains("3 classes"), "{kept}");
}

#[test]
fn what_is_carried_along_comes_out_as_it_was_written() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let keys = [
        "00123",
        "9007199254740993",
        "1.10",
        "NA",
        "1e5",
        "  7 ",
        "\"x, y\"",
        "null",
        "+5",
        "?",
    ];
    let path = file(
        folder,
        "t.csv",
        table("key,x,t\n", |x, rare, at| {
            format!("{},{x},{}", keys[at % 10], class(rare))
        }),
    );
    let model = trained(folder, &path, "t", &["--ignore", "key"]);
    let rows = keys.iter().map(|key| format!("{key},1,1\n"));
    let rows = rows.collect::<Vec<_>>().concat();
    let new = file(folder, "new.csv", format!("key,x,z\n{rows}"));
    let answers = stdout(&["predict", &model, &new, "--id", "key", "--ignore", "z"]);
    for (answer, key) in answers.lines().skip(1).zip(keys) {
        assert!(answer.starts_with(&format!("{key},")), "{answer} {key}");
    }
    let out = folder.join("out.csv").display().to_string();
    stdout(&[
        "resample", &path, "--target", "t", "--ignore", "x", "--method", "ros", "--out", &out,
    ]);
    let before = fs::read_to_string(&path).unwrap();
    let kept = fs::read_to_string(&out).unwrap();
    for (kept, before) in kept.lines().skip(1).zip(before.lines().skip(1).take(128)) {
        let quoted = before.starts_with('"');
        let key = if quoted {
            "\"x, y\""
        } else {
            before.split(',').next().unwrap()
        };
        assert!(kept.starts_with(&format!("{key},")), "{kept} {before}");
    }
}

#[test]
fn labels_spelled_otherwise_are_one_or_named() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let written = Path::new(env!("CARGO_MANIFEST_DIR")).join("../art-data/tests/golden/written");
    let [csv, parquet] =
        ["bool.csv", "bool.parquet"].map(|name| written.join(name).display().to_string());
    let model = trained(folder, &csv, "y", &[]);
    let out = folder.join("answers.csv").display().to_string();
    let said = stdout(&["predict", &model, &parquet, "--out", &out]);
    assert!(
        said.contains("bool.parquet") && said.contains("macro F1"),
        "{said}"
    );

    let path = file(
        folder,
        "t.csv",
        table("x,income\n", |x, rare, _| {
            format!("{x},{}", if rare { ">50K" } else { "<=50K" })
        }),
    );
    let model = trained(folder, &path, "income", &[]);
    let new = file(folder, "new.csv", "x,income\n1,>50K.\n2,<=50K.\n");
    let said = stdout(&["predict", &model, &new, "--out", &out, "--overwrite"]);
    assert!(
        said.contains("such as \"<=50K.\", written much like \"<=50K\""),
        "{said}"
    );
    let mixed = file(
        folder,
        "mixed.csv",
        table("x,t\n", |x, rare, at| {
            format!("{x},{}", if rare { "No" } else { ["yes", "Yes"][at % 2] })
        }),
    );
    let warning = "classes \"Yes\" and \"yes\" are written alike";
    assert!(stdout(&["inspect", &mixed, "--target", "t"]).contains(warning));
    let run = art(&[
        "train",
        &mixed,
        "--target",
        "t",
        "--epochs",
        "2",
        "--out",
        &format!("{mixed}.art"),
    ])
    .assert()
    .success();
    assert!(String::from_utf8_lossy(&run.get_output().stderr).contains(warning));
}

#[test]
fn a_table_without_names_of_columns_is_trained_on_and_answered() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("", |x, rare, at| {
        format!("{x},-{}.5,{}", at % 7, class(rare))
    });
    let path = file(folder, "t.csv", &text);
    let error = stderr(&["inspect", &path, "--target", "t"]);
    assert!(
        error.contains("looks like a row") && error.contains("\n  --header absent "),
        "{error}"
    );
    let model = trained(folder, &path, "column 3", &["--header", "absent"]);
    let answers = stdout(&["predict", &model, &path]);
    assert_eq!(answers.lines().count(), 161);
    // Here one too many may have moved the others.
    let wide = file(folder, "wide.csv", text.replace('\n', ",\n"));
    let error = stderr(&["predict", &model, &wide]);
    assert!(
        error.contains("does not know the column \"column 4\""),
        "{error}"
    );
}

#[test]
fn a_column_without_a_name_that_the_model_does_not_read_is_passed_over() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("x,t\n", |x, rare, _| format!("{x},{}", class(rare)));
    let path = file(folder, "t.csv", &text);
    let model = trained(folder, &path, "t", &[]);
    let expected = stdout(&["predict", &model, &path]);
    // An index in front, as pandas writes it, and a delimiter at the end of each line.
    let numbered = text.lines().enumerate().map(|(row, line)| match row {
        0 => format!(",{line},\n"),
        row => format!("{row},{line},\n"),
    });
    let numbered = file(folder, "numbered.csv", numbered.collect::<String>());
    let output = art(&["predict", &model, &numbered]).assert().success();
    let output = output.get_output();
    assert_eq!(String::from_utf8_lossy(&output.stdout), expected);
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(
        said.contains(
            "note: 2 columns without a name, which the model does not read: \"column 1\", \"column 4\""
        ),
        "{said}"
    );
    // One that is carried along, or left out, is nothing to speak of.
    let command = [
        "predict", &model, &numbered, "--id", "column 1", "--ignore", "column 4",
    ];
    let output = art(&command).assert().success().get_output().clone();
    assert!(output.stdout.starts_with(b"column 1,predicted t"));
    let said = String::from_utf8_lossy(&output.stderr);
    assert!(!said.contains("note"), "{said}");
    // One that the model reads is read.
    let own = trained(folder, &numbered, "t", &[]);
    let error = stderr(&["predict", &own, &path]);
    assert!(error.contains("no column \"column 1\""), "{error}");
}

#[test]
fn all_small_classes_are_named_at_once_with_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = file(
        folder,
        "t.csv",
        table("x,t\n", |x, rare, at| {
            let label = match at {
                7 | 8 => "two",
                9 => "one",
                _ => class(rare),
            };
            format!("{x},{label}")
        }),
    );
    let model = folder.join("m.art").display().to_string();
    let train = |more: &[&'static str]| {
        let mut arguments = vec![
            "train", &*path, "--target", "t", "--epochs", "2", "--out", &*model,
        ];
        arguments.extend(more);
        arguments.into_iter().map(str::to_owned).collect::<Vec<_>>()
    };
    let plain = train(&[]);
    let plain: Vec<&str> = plain.iter().map(String::as_str).collect();
    let error = stderr(&plain);
    assert!(
        error.contains("the classes \"one\" (1 row), \"two\" (2 rows) have too few rows")
            && error.contains("\n  --small-classes join "),
        "{error}"
    );
    let compared = stderr(&[
        "compare",
        &path,
        "--target",
        "t",
        "--methods",
        "ros",
        "--seeds",
        "2",
        "--out",
        &format!("{path}.results"),
    ]);
    assert!(
        compared.contains("\"one\" (1 row)") && compared.contains("--small-classes"),
        "{compared}"
    );
    for (how, classes) in [
        ("leave-out", vec!["ill", "well"]),
        ("join", vec!["ill", "other", "well"]),
    ] {
        let _ = fs::remove_file(&model);
        let arguments = train(&["--json", "--small-classes"]);
        let mut arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        arguments.push(how);
        let said: serde_json::Value = serde_json::from_str(&stdout(&arguments)).unwrap();
        assert_eq!(said["classes"], serde_json::json!(classes));
        // Rows of classes that were joined are judged as rows of the joined one.
        let out = folder.join("answers.csv").display().to_string();
        let judged = stdout(&["predict", &model, &path, "--out", &out, "--json"]);
        let judged: serde_json::Value = serde_json::from_str(&judged).unwrap();
        let (rows, unknown) = match how {
            "join" => (160, serde_json::json!({})),
            _ => (157, serde_json::json!({"one": 1, "two": 2})),
        };
        assert_eq!(judged["judged"]["rows"], rows);
        assert_eq!(judged["unknown_labels"], unknown);
        let _ = fs::remove_file(&out);
    }
}

#[test]
fn fields_far_outside_the_training_rows_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let header = "x,day,b,c,t\n";
    let path = file(
        folder,
        "t.csv",
        table(header, |x, rare, at| {
            let day = format!("{:02}.0{}.2023", at % 28 + 1, at % 9 + 1);
            format!("{x},{day},{},{},{}", at % 11, at % 13, class(rare))
        }),
    );
    let model = trained(folder, &path, "t", &[]);
    let said = |name: &str, rows: &str, more: &[&str]| {
        let new = file(folder, name, format!("x,day,b,c\n{rows}"));
        let out = folder.join(format!("{name}.out")).display().to_string();
        let command = ["predict", &model, &new, "--out", &out, "--overwrite"];
        stdout(&[&command[..], more].concat())
    };
    // Twice as far as any training row is no news.
    let usual = said(
        "usual.csv",
        "1.5,15.05.2023,3,5\n12,15.05.2024,22,26\n",
        &[],
    );
    assert!(!usual.contains("far outside"), "{usual}");
    let rows = "1,31.12.9999,3,5\n1e20,01.02.2023,3,5\n1,31.12.9998,3,5\n";
    let far = said("far.csv", rows, &[]);
    let expected = [
        "note: 1 field of column \"x\" is far outside the training rows, such as 1e20 in data row 2; answers for such rows are guesses",
        "note: 2 fields of column \"day\" are far outside the training rows, such as 31/12/9999 in data row 1; answers for such rows \
         are guesses",
    ];
    let notes = far.lines().filter(|line| line.starts_with("note: "));
    assert_eq!(notes.collect::<Vec<_>>(), expected);
    // Of many columns three are named.
    let all = said("all.csv", "1e20,31.12.9999,1e6,1e6\n", &[]);
    let notes: Vec<&str> = all.lines().filter(|l| l.starts_with("note: ")).collect();
    assert_eq!(
        (notes.len(), notes[3]),
        (4, "note: 1 more column has such fields as well")
    );
    let json: serde_json::Value =
        serde_json::from_str(&said("far.csv", rows, &["--json"])).unwrap();
    let expected =
        serde_json::json!({"column": "day", "fields": 2, "first": "31/12/9999", "row": 1});
    assert_eq!(json["far_fields"][1], expected);
}

#[test]
fn an_endless_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let path = file(
        folder,
        "t.csv",
        table("x,t\n", |x, rare, _| format!("{x},{}", class(rare))),
    );
    let model = trained(folder, &path, "t", &[]);
    if Path::new("/dev/zero").exists() {
        let error = stderr(&["predict", &model, "/dev/zero"]);
        assert!(
            error.contains("/dev/zero") && error.contains("longer than 256 MiB"),
            "{error}"
        );
    }
}

#[test]
fn delimiters_have_names() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    for (name, sign) in [
        ("comma", ","),
        ("semicolon", ";"),
        ("tab", "\t"),
        ("\\t", "\t"),
        ("pipe", "|"),
        ("space", " "),
    ] {
        let text = table(&format!("x{sign}t\n"), |x, rare, _| {
            format!("{x}{sign}{}", class(rare))
        });
        let path = file(folder, "t.csv", text);
        let said = stdout(&["inspect", &path, "--target", "t", "--delimiter", name]);
        assert!(said.contains("160 rows, 1 column besides"), "{said}");
        if ["pipe", "space"].contains(&name) {
            let error = stderr(&["inspect", &path, "--target", "t"]);
            assert!(
                error.contains("is another delimiter meant?")
                    && error.contains(&format!("\n  --delimiter {name} ")),
                "{error}"
            );
        }
    }
}
