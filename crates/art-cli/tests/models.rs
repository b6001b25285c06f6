//! Models as their users meet them: trained, kept, used.

mod common;

use common::{art, file, people, stderr, stdout, train};
use std::{fmt::Write as _, fs, path::Path};

/// The model, its table and its answers were made by the program that wrote version 1 of model files.
#[test]
fn a_model_of_the_first_version_answers_as_it_did() {
    let golden = |name: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/golden");
        folder.join(name).display().to_string()
    };
    let found = stdout(&["predict", &golden("model-v1.art"), &golden("model-v1.csv")]);
    let expected = fs::read_to_string(golden("model-v1-answers.csv")).unwrap();
    assert_eq!(found.lines().count(), expected.lines().count());
    for (found, expected) in found.lines().zip(expected.lines()).skip(1) {
        let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let (found, expected) = (fields(found), fields(expected));
        assert_eq!(found[0], expected[0]);
        for (found, expected) in found.iter().zip(&expected).skip(1) {
            let difference = found.parse::<f64>().unwrap() - expected.parse::<f64>().unwrap();
            // Other processors round products of matrices differently.
            assert!(difference.abs() < 1e-4, "{found} {expected}");
        }
    }
}

#[test]
fn what_is_found_and_what_answers_are_worth_is_said_of_rows_that_did_not_train() {
    let folder = tempfile::tempdir().unwrap();
    let (table, out) = (
        people(folder.path()),
        folder.path().join("m.art").display().to_string(),
    );
    let train = [
        "train",
        "--target",
        "left",
        "--ignore",
        "id",
        "--method",
        "baseline",
        "--epochs",
        "2",
        "--overwrite",
        "--out",
        &out,
        &table,
    ];
    let said = stdout(&train);
    let header = said.lines().find(|line| line.starts_with("test ")).unwrap();
    let words: Vec<&str> = header.split_whitespace().collect();
    assert_eq!(
        words,
        [
            "test", "rows", "found", "answers", "right", "PR-AUC", "as", "no", "as", "yes"
        ]
    );
    let json: serde_json::Value =
        serde_json::from_str(&stdout(&[&train[..], &["--json"]].concat())).unwrap();
    let test = json["parts"].as_array().unwrap().last().unwrap();
    let rows = test["confusion"].as_array().unwrap();
    let sum: u64 = rows
        .iter()
        .flat_map(|row| row.as_array().unwrap())
        .filter_map(serde_json::Value::as_u64)
        .sum();
    assert_eq!(sum, test["rows"].as_u64().unwrap());
    // Without a test part there are still rows that a network has not seen.
    let last = stdout(&[&train[..], &["--test-share", "0", "--folds", "3"]].concat());
    let header = last.lines().find(|line| line.starts_with("out of fold "));
    assert!(
        header.is_some_and(|line| line.contains("answers right")),
        "{last}"
    );
}

#[test]
fn predictions_on_the_training_file_are_the_runs_own() {
    let folder = tempfile::tempdir().unwrap();
    for method in [
        "art",
        "smote",
        "ldam-drw",
        "balms",
        "baseline-thresholds",
        "break-even+tau-e",
        "logistic-art",
        "cost+prior",
    ] {
        let (table, model) = (people(folder.path()), folder.path().join("m.art"));
        let model = model.display().to_string();
        let said = stdout(&[
            "train",
            &table,
            "--target",
            "left",
            "--ignore",
            "id",
            "--out",
            &model,
            "--method",
            method,
            "--json",
            "--overwrite",
        ]);
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let rows = |part: &serde_json::Value| part["rows"].as_u64().unwrap();
        let parts = said["parts"].as_array().unwrap();
        assert_eq!(parts.iter().map(rows).sum::<u64>(), 120);

        let out = folder.path().join("answers.csv").display().to_string();
        let judged = stdout(&[
            "predict",
            &model,
            &table,
            "--id",
            "id",
            "--out",
            &out,
            "--json",
            "--overwrite",
        ]);
        let judged: serde_json::Value = serde_json::from_str(&judged).unwrap();
        let classifier = art_train::Classifier::load(Path::new(&model)).unwrap();
        let mut whole = art_core::ConfusionMatrix::new(2).unwrap();
        for part in &classifier.record().parts {
            whole.merge(&part.confusion).unwrap();
        }
        assert_eq!(judged["judged"]["macro_f1"], whole.macro_f1(), "{method}");

        let best = &classifier.record().epochs[classifier.record().best_epoch as usize - 1];
        let moved = method.contains('+') || ["balms", "baseline-thresholds"].contains(&method);
        if !moved {
            assert_eq!(
                classifier.record().parts[1].confusion,
                best.confusion,
                "{method}"
            );
        }
        let answers = fs::read_to_string(out).unwrap();
        assert!(
            answers.starts_with("id,predicted left,p(no),p(yes)\np0,"),
            "{answers}"
        );
        assert_eq!(answers.lines().count(), 121);
    }
}

#[test]
fn columns_may_come_in_any_order_and_rows_in_any_number_of_pieces() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(folder.path(), "m.art", &[]);
    let table = fs::read_to_string(people(folder.path())).unwrap();
    let turned = |line: &str| {
        let fields: Vec<&str> = line.split(',').collect();
        format!("{},{}\n", fields[2], fields[1])
    };
    let rows: String = table.lines().skip(1).map(turned).collect();
    // More rows than are in memory at a time.
    let text = format!("town,age\n{}", rows.repeat(300));
    let turned = file(folder.path(), "turned.csv", text);
    let plain = stdout(&["predict", &model, &people(folder.path()), "--ignore", "id"]);
    let answers = stdout(&["predict", &model, &turned]);
    let expected: Vec<&str> = plain.lines().skip(1).collect();
    let found: Vec<&str> = answers.lines().skip(1).collect();
    assert_eq!(found.len(), 36_000);
    assert!(found.chunks(120).all(|rows| rows == expected));
    let trained = stdout(&["predict", &model, &turned, "--prior", "trained"]);
    assert_ne!(trained, answers);
}

#[test]
fn a_training_run_that_was_cut_off_goes_on_to_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let fixed = [
        "--epochs",
        "60",
        "--patience",
        "60",
        "--learning-rate",
        "0.01",
    ];
    let whole = fs::read(train(folder.path(), "whole.art", &fixed)).unwrap();
    let again = fs::read(train(folder.path(), "again.art", &fixed)).unwrap();
    assert!(whole == again, "equal runs make equal files");
    // What a run leaves behind that is cut off after an epoch: the checkpoint of the trainer.
    let (table, part) = (people(folder.path()), folder.path().join("part.art"));
    let part = part.display().to_string();
    let mut arguments = vec![
        "train", &table, "--target", "left", "--ignore", "id", "--out", &part,
    ];
    arguments.extend(fixed);
    let checkpoint = format!("{part}.checkpoint");
    let mut kills = 0;
    for kill_after in [1, 20, 40] {
        let mut running = std::process::Command::new(env!("CARGO_BIN_EXE_art"))
            .args(&arguments)
            .stdout(std::process::Stdio::null())
            .stderr(std::process::Stdio::null())
            .spawn()
            .unwrap();
        while running.try_wait().unwrap().is_none() {
            let kept = art_train::Checkpoint::load(&checkpoint);
            if kept.is_ok_and(|kept| kept.epochs_done() >= kill_after) {
                running.kill().unwrap();
                kills += 1;
            }
            std::thread::yield_now();
        }
        running.wait().unwrap();
    }
    assert!(kills > 0);
    stdout(&arguments);
    assert!(fs::read(&part).unwrap() == whole);
    assert!(!Path::new(&checkpoint).exists());

    art_train::Checkpoint::load(&checkpoint).unwrap_err();
    fs::write(&checkpoint, b"junk").unwrap();
    assert!(stderr(&arguments).contains("it is no checkpoint"));
}

#[test]
fn a_models_page_shows_its_training() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(
        folder.path(),
        "m.art",
        &["--epochs", "6", "--boost-every", "2"],
    );
    let said = stdout(&["report", &model]);
    let page = fs::read_to_string(said.trim()).unwrap();
    for part in [
        "Model of left",
        "boost_frequency 2,",
        "F1 of yes",
        "losses by epoch",
        "test rows",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
fn columns_can_divide_the_rows() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let mut text = String::from("patient,part,x,left\n");
    for row in 0..120 {
        let part = ["train", "train", "valid", "test"][row / 3 % 4];
        let left = if row % 4 == 0 { "yes" } else { "no" };
        let x = (row * 37) % 25 + if row % 4 == 0 { 12 } else { 0 };
        let _ = writeln!(text, "{},{part},{x},{left}", row / 3);
    }
    let table = file(here, "visits.csv", text);
    let model = here.join("m.art").display().to_string();
    let parts = |divide: &[&str]| {
        let mut arguments = vec![
            "train",
            &table,
            "--target",
            "left",
            "--out",
            &model,
            "--json",
            "--overwrite",
            "--method",
            "art",
        ];
        arguments.extend(divide);
        let said: serde_json::Value = serde_json::from_str(&stdout(&arguments)).unwrap();
        let rows = |part: &serde_json::Value| part["rows"].as_u64().unwrap();
        said["parts"]
            .as_array()
            .unwrap()
            .iter()
            .map(rows)
            .collect::<Vec<_>>()
    };
    assert_eq!(
        parts(&["--split", "part", "--ignore", "patient"]),
        [60, 30, 30]
    );
    let rows = parts(&["--group", "patient", "--ignore", "part"]);
    assert!(rows.iter().all(|n| n % 3 == 0), "{rows:?}");
    assert_eq!(rows.iter().sum::<u64>(), 120);
    let out = here.join("out").display().to_string();
    let compare = [
        "compare",
        &table,
        "--target",
        "left",
        "--methods",
        "art",
        "--seeds",
        "2",
        "--out",
        &out,
    ];
    stdout(&[&compare[..], &["--group", "patient", "--ignore", "part"]].concat());
    let both = [&compare[..], &["--group", "patient", "--split", "part"]].concat();
    assert!(stderr(&both).contains("cannot be used with"));
    // A share says nothing where a column says it all.
    let train = [
        "train", &table, "--target", "left", "--split", "part", "--out", "m",
    ];
    let refused = |more: [&str; 2]| stderr(&[&train[..], &more].concat());
    assert!(refused(["--valid-share", "0.4"]).contains("cannot be used with"));
    assert!(refused(["--test-share", "0.3"]).contains("says which rows judge the model"));
    let logistic = [
        "--method", "logistic", "--hidden", "7", "--ignore", "patient",
    ];
    let error = stderr(&[&train[..], &logistic].concat());
    assert!(
        error.contains("logistic has a network of its own"),
        "{error}"
    );
    let none = [&compare[..], &["--group", "patent"]].concat();
    assert!(stderr(&none).contains("did you mean \"patient\"?"));
}

#[test]
fn a_model_remembers_how_its_table_was_read() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let rows = (0..90).map(|row: u32| {
        let x = if row.is_multiple_of(10) {
            "-999".to_owned()
        } else {
            (row % 7 + 9 * (row % 3 / 2)).to_string()
        };
        format!("{row},{x},g{},{}\n", row % 30, row % 3 / 2)
    });
    let text = format!("id,x,site,y\n{}", rows.collect::<String>());
    let table = file(folder.path(), "t.csv", &text);
    let model = at("m.art");
    stdout(&[
        "train",
        &table,
        "--target",
        "y",
        "--ignore",
        "id",
        "--group",
        "site",
        "--missing",
        "-999",
        "--epochs",
        "3",
        "--out",
        &model,
    ]);
    // Neither what is missing nor what was left out has to be said again.
    let found = stdout(&["predict", &model, &table]);
    let told = stdout(&["predict", &model, &table, "--missing", "-999"]);
    assert_eq!(found, told);
    let other = text.replace("-999", "");
    let holes = file(folder.path(), "holes.csv", other);
    assert_eq!(stdout(&["predict", &model, &holes]), found);
    // A label that the model does not know is told of.
    let strange = text.replace(",1\n", ",yes\n");
    let strange = file(folder.path(), "strange.csv", strange);
    let out = at("p.tsv");
    let said = stdout(&["predict", &model, &strange, "--id", "id", "--out", &out]);
    assert!(
        said.contains("30 rows have a label that the model does not know, such as \"yes\""),
        "{said}"
    );
    let written = fs::read_to_string(&out).unwrap();
    assert!(written.starts_with("id\tpredicted y\tp(0)\tp(1)\n0\t"));
    let ignored = |name: &str| stderr(&["predict", &model, &table, "--ignore", name]);
    assert!(ignored("nope").contains("has no such column"));
    assert!(ignored("x").contains("one that the model reads"));
    // The standard output has the answers alone, by whatever name.
    let redirected = at("redirected.csv");
    let ran = std::process::Command::new(env!("CARGO_BIN_EXE_art"))
        .args(["predict", &model, &table, "--out", "/dev/stdout"])
        .stdout(fs::File::create(&redirected).unwrap())
        .status();
    assert!(ran.unwrap().success());
    assert_eq!(fs::read_to_string(redirected).unwrap(), found);
    let refused = stderr(&["predict", &model, &table, "--id", "id", "--id", "id"]);
    assert!(refused.contains("given twice"), "{refused}");
    let nope = art(&["predict", &model, &table, "--id", "nope"])
        .output()
        .unwrap();
    assert!(nope.stdout.is_empty(), "nothing before the input is known");
}

#[test]
fn settings_are_typed_as_methods_have_them() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let short = ["--epochs", "2"];
    let with = |name: &str, more: &[&str]| train(folder.path(), name, &[&short, more].concat());
    let load = |path: &str| art_train::Classifier::load(Path::new(path)).unwrap();
    // Behind the name or apart, it is one setting.
    let apart = with("b.art", &["--set", "bf=2", "--blend", "0.3"]);
    let behind = with("c.art", &["--method", "art:c=0.3:bf=2"]);
    let settings = |path: &str| load(path).record().settings.clone();
    assert_eq!(settings(&apart), settings(&behind));
    // A word that looks like a number.
    let model = with("a.art", &["--method", "cdb-ce", "--set", "tau=0.5"]);
    assert_eq!(load(&model).record().settings["tau"], "0.5");
    let refused = |more: &[&str]| {
        let out = folder.path().join("x.art").display().to_string();
        let train = ["train", &table, "--target", "left", "--out", &out];
        stderr(&[&train, more].concat())
    };
    assert!(refused(&["--set", "c=0.1", "--blend", "0.2"]).contains("blend is given twice"));
    assert!(refused(&["--method", "art:c=0.1", "--blend", "0.2"]).contains("blend is given twice"));
    assert!(refused(&["--method", "SMOTE"]).contains("did you mean \"smote\"?"));
    assert!(refused(&["--patience", "0"]).contains("patience is 0, expected at least 1"));
    // In a comparison a method may have settings behind its name.
    let out = folder.path().join("r").display().to_string();
    let compare = [
        "compare", &table, "--target", "left", "--ignore", "id", "--seeds", "2", "--out", &out,
        "--json",
    ];
    let json = stdout(&[&compare[..], &["--methods", "art:c=0.05:bf=1, art"]].concat());
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    let score = |method: usize| value["methods"][method]["macro_f1"].as_f64().unwrap();
    assert_eq!(value["methods"][1]["method"], "art:c=0.05:bf=1");
    assert!((score(1) - score(2)).abs() > 1e-9, "{json}");
    let eager = stderr(&[&compare[..], &["--methods", "art:eager"]].concat());
    assert!(eager.contains("write NAME=VALUE"), "{eager}");
}

#[test]
fn rows_that_trained_a_model_are_no_evidence_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let model = train(folder.path(), "m.art", &["--epochs", "2"]);
    let table = people(folder.path());
    let text = fs::read_to_string(&table).unwrap();
    let out = folder.path().join("a.csv").display().to_string();
    let said = |table: &str| {
        stdout(&[
            "predict",
            &model,
            table,
            "--ignore",
            "id",
            "--out",
            &out,
            "--overwrite",
            "--ignore-unseen",
        ])
    };
    let own = said(&table);
    // Test rows are as new as any, but for those that repeat another row.
    let expected = " of 120 judged rows trained or steered this model: their scores say nothing about other rows";
    let line = own.lines().find(|line| line.ends_with(expected));
    let line = line.unwrap_or_else(|| panic!("{own}"));
    let known: u32 = line["warning: ".len()..]
        .split(' ')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((102..120).contains(&known), "{own}");
    // Other columns in another order are the same rows.
    let turned = text.lines().map(|line| {
        let fields: Vec<&str> = line.split(',').collect();
        format!("{},{},{},{}\n", fields[3], fields[2], fields[0], fields[1])
    });
    let turned = file(folder.path(), "turned.csv", turned.collect::<String>());
    assert!(said(&turned).contains(line));
    // Rows with other numbers, other labels or no labels are not.
    let aged = text
        .replace(",3", ",13")
        .replace(",4", ",14")
        .replace(",5", ",15")
        .replace(",6", ",16");
    let aged: Vec<&str> = aged.lines().filter(|line| !line.contains(",,")).collect();
    let aged = aged.join("\n");
    let aged = file(folder.path(), "aged.csv", aged);
    assert!(!said(&aged).contains("judged rows"), "{}", said(&aged));
    let json = stdout(&[
        "predict",
        &model,
        &table,
        "--ignore",
        "id",
        "--out",
        &out,
        "--json",
        "--overwrite",
    ]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["trained_on"], known);
}
