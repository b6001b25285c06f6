//! Models and comparisons as their users meet them.

mod common;

use common::{art, file, stderr, stdout};
use std::{fmt::Write as _, fs, path::Path};

/// 90 and 30 rows of two classes that overlap, with a column of words and holes in both columns.
fn people(folder: &Path) -> String {
    let mut text = String::from("id,age,town,left\n");
    for row in 0..120_u32 {
        let rare = row % 4 == 0;
        let age = 30 + (row * 37) % 25 + if rare { 12 } else { 0 };
        let town = ["Bonn", "Ulm", "Kiel"][(row as usize * 7 + usize::from(rare)) % 3];
        let age = if row % 17 == 3 {
            String::new()
        } else {
            age.to_string()
        };
        let town = if row % 23 == 5 { "" } else { town };
        let left = if rare { "yes" } else { "no" };
        let _ = writeln!(text, "p{row},{age},{town},{left}");
    }
    file(folder, "people.csv", text)
}

fn train(folder: &Path, name: &str, more: &[&str]) -> String {
    let (table, model) = (people(folder), folder.join(name).display().to_string());
    let mut arguments = vec![
        "train", &table, "--target", "left", "--ignore", "id", "--out", &model,
    ];
    arguments.extend(more);
    stdout(&arguments);
    model
}

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
fn a_decision_rule_may_follow_any_method_and_is_kept_in_the_model() {
    let folder = tempfile::tempdir().unwrap();
    let load = |name: &str| art_train::Classifier::load(Path::new(name)).unwrap();
    let plain = load(&train(
        folder.path(),
        "plain.art",
        &["--method", "power-sampling"],
    ));
    assert_eq!(
        (plain.offsets(), plain.temperature()),
        (&[0.0, 0.0][..], None)
    );
    let moved = ["--method", "power-sampling+tau-e"];
    let moved = load(&train(folder.path(), "moved.art", &moved));
    assert_ne!(moved.offsets()[0], moved.offsets()[1]);
    assert!(
        moved
            .temperature()
            .is_some_and(|t| (0.6..=2.1).contains(&t))
    );
    let table = people(folder.path());
    let refused = |method: &str| {
        let out = folder.path().join("x.art").display().to_string();
        stderr(&[
            "train", &table, "--target", "left", "--out", &out, "--method", method,
        ])
    };
    let message = refused("art+tau");
    assert!(
        message.contains("unknown decision rule \"tau\", did you mean \"tau-e\""),
        "{message}"
    );
    assert!(refused("baseline-la+tau-e").contains("does not move its decision already"));
    assert!(refused("arty+tau-e").contains("unknown method \"arty\""));
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
            "train", &table, "--target", "left", "--ignore", "id", "--out", &model, "--method",
            method, "--json",
        ]);
        let said: serde_json::Value = serde_json::from_str(&said).unwrap();
        let rows = |part: &serde_json::Value| part["rows"].as_u64().unwrap();
        let parts = said["parts"].as_array().unwrap();
        assert_eq!(parts.iter().map(rows).sum::<u64>(), 120);

        let out = folder.path().join("answers.csv").display().to_string();
        let judged = stdout(&[
            "predict", &model, &table, "--id", "id", "--out", &out, "--json",
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
fn a_comparison_judges_goes_on_and_says_what_to_do() {
    let folder = tempfile::tempdir().unwrap();
    let (table, out) = (
        people(folder.path()),
        folder.path().join("out").display().to_string(),
    );
    let run = |seeds: &str, metric: &str| {
        stdout(&[
            "compare",
            &table,
            "--metric",
            metric,
            "--target",
            "left",
            "--ignore",
            "id",
            "--methods",
            "art,baseline-thresholds",
            "--seeds",
            seeds,
            "--out",
            &out,
            "--json",
        ])
    };
    let first: serde_json::Value = serde_json::from_str(&run("2", "macro-f1")).unwrap();
    let records = || fs::read_to_string(format!("{out}/records.jsonl")).unwrap();
    let before = records();
    assert_eq!(before.lines().count(), 8, "plain training twice");
    let more: serde_json::Value = serde_json::from_str(&run("4", "macro-f1")).unwrap();
    assert!(
        records().starts_with(&before),
        "what was stored is not run again"
    );
    assert_eq!(records().lines().count(), 16);
    let methods = more["methods"].as_array().unwrap();
    let ids: Vec<&str> = methods
        .iter()
        .map(|m| m["method"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["baseline", "art", "baseline-thresholds"]);
    assert_eq!(
        methods[1]["scores"].as_array().unwrap()[..2],
        first["methods"][1]["scores"].as_array().unwrap()[..]
    );
    assert!(more["advice"].as_str().unwrap().starts_with("people: "));
    // The scores by seed are a table that the program tests.
    let tables = fs::read_dir(format!("{out}/tables")).unwrap();
    let mut tables = tables.map(|entry| entry.unwrap().path().display().to_string());
    let by_seed = tables.find(|path| path.contains("by_seed_own-people"));
    let said = stdout(&["stats", &by_seed.unwrap(), "--against", "art"]);
    assert!(said.starts_with("3 methods, 4 rows"), "{said}");
    // By another score the same runs are judged again.
    let before = records();
    let again: serde_json::Value = serde_json::from_str(&run("4", "mcc")).unwrap();
    assert_eq!(records(), before);
    assert!(again["methods"][0]["score"].as_f64() < again["methods"][0]["macro_f1"].as_f64());
    assert!(again["advice"].as_str().unwrap().contains("MCC"));
    let report = fs::read_to_string(format!("{out}/report.md")).unwrap();
    for title in [
        "Difference of mean MCC",
        "against plain training on people",
        "Precision and recall",
        "Probabilities: people",
        "Truth against",
    ] {
        assert!(report.contains(title), "{title}");
    }
    assert!(!report.contains("(Table"), "no place of the paper");
    let tuned = stdout(&[
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "art",
        "--seeds",
        "2",
        "--tune",
        "2",
        "--out",
        &folder.path().join("tuned").display().to_string(),
    ]);
    assert!(tuned.contains("over plain"), "{tuned}");
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
        "bf 2.0",
        "F1 of yes",
        "losses by epoch",
        "test rows",
    ] {
        assert!(page.contains(part), "{part}");
    }
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table of cases")]
fn wrong_input_to_models_and_comparisons_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path();
    let model = train(here, "m.art", &[]);
    let bytes = fs::read(&model).unwrap();
    file(here, "cut.art", &bytes[..bytes.len() / 2]);
    file(here, "empty.art", b"");
    let mut flipped = bytes.clone();
    *flipped.last_mut().unwrap() ^= 1;
    file(here, "flipped.art", &flipped);
    let version = b"\"art-model-version\":\"2\"";
    let place = bytes.windows(version.len()).position(|w| w == version);
    let mut newer = bytes.clone();
    newer[place.unwrap() + version.len() - 2] = b'7';
    file(here, "newer.art", &newer);
    fs::write(here.join("other.csv.checkpoint"), b"x").unwrap();

    file(here, "typo.csv", "aeg,town\n30,Bonn\n");
    file(here, "short.csv", "age\n30\n");
    file(here, "more.csv", "age,town,income\n30,Bonn,1\n");
    file(here, "letters.csv", "age,town\n30,Bonn\nold,Ulm\n");
    file(here, "unseen.csv", "age,town\n30,Bonn\n31,Rome\n");
    file(here, "header.csv", "age,town\n");
    file(here, "ragged.csv", "age,town\n30\n");
    file(here, "twice.csv", "age,age,town\n30,31,Ulm\n");
    file(here, "nul.csv", b"age,town\n30,U\0m\n");
    file(here, "bytes.csv", b"age,town\n30,\xff\xfe\n");
    file(here, "huge.csv", "age,town\n1e99,Ulm\n");
    let rows = |n: usize, row: &dyn Fn(usize) -> String| (0..n).map(row).collect::<String>();
    let two = rows(40, &|i| format!("{i},{}\n", if i < 2 { "b" } else { "a" }));
    file(here, "two.csv", format!("x,t\n{two}"));
    let void = rows(40, &|i| {
        format!("{i},,{}\n", if i % 4 == 0 { "b" } else { "a" })
    });
    file(here, "void.csv", format!("x,v,t\n{void}"));
    let many = rows(2_400, &|i| format!("{i},c{}\n", i / 2));
    file(here, "many.csv", format!("x,t\n{many}"));
    let ids = rows(3_000, &|i| format!("k{i},{i},{}\n", ["a", "b"][i % 2]));
    file(here, "ids.csv", format!("key,x,t\n{ids}"));
    let good = "train HERE/people.csv --target left --ignore id --out HERE/other.art";
    let compare = "compare HERE/people.csv --target left --ignore id --out HERE/never";
    let wide = "--learning-rate 1e30 --epochs 3";
    let cases: Vec<(String, &str)> = [
        ("predict HERE/none.art HERE/people.csv", "cannot read model"),
        ("predict HERE HERE/people.csv", "cannot read model"),
        ("predict HERE/people.csv HERE/people.csv", "it is no model"),
        (
            "predict HERE/empty.art HERE/people.csv",
            "truncated or altered",
        ),
        (
            "predict HERE/cut.art HERE/people.csv",
            "truncated or altered",
        ),
        (
            "predict HERE/flipped.art HERE/people.csv",
            "its SHA-256 differs",
        ),
        (
            "predict HERE/newer.art HERE/people.csv",
            "version 7, this program reads up to 2",
        ),
        ("predict HERE/m.art HERE/none.csv", "cannot read"),
        ("predict HERE/m.art HERE", "directory"),
        (
            "predict HERE/m.art HERE/more.csv",
            "does not know the column \"income\"",
        ),
        (
            "predict HERE/m.art HERE/typo.csv",
            "did you mean \"age\", which is missing?",
        ),
        (
            "predict HERE/m.art HERE/short.csv",
            "has no column \"town\"",
        ),
        (
            "predict HERE/m.art HERE/more.csv",
            "leave it out (--ignore income)",
        ),
        (
            "predict HERE/m.art HERE/more.csv --id incme",
            "no column \"incme\", did you mean \"income\"?",
        ),
        (
            "predict HERE/m.art HERE/short.csv --id age",
            "is one that the model reads",
        ),
        (
            "predict HERE/m.art HERE/letters.csv",
            "line 3: column \"age\" holds \"old\"",
        ),
        (
            "predict HERE/m.art HERE/unseen.csv",
            "\"Rome\" in data row 2",
        ),
        ("predict HERE/m.art HERE/header.csv", "a header and no row"),
        (
            "predict HERE/m.art HERE/ragged.csv",
            "line 2: the row has 1 fields",
        ),
        (
            "predict HERE/m.art HERE/twice.csv",
            "two columns are called \"age\"",
        ),
        ("predict HERE/m.art HERE/nul.csv", "NUL byte"),
        ("predict HERE/m.art HERE/bytes.csv", "not UTF-8"),
        (
            "predict HERE/m.art HERE/huge.csv",
            "\"1e99\", which is no finite number",
        ),
        ("predict HERE/m.art HERE/short.csv --json", "needs --out"),
        ("report HERE/people.csv", "it is no model"),
        (
            "report HERE/m.art --out HERE/none/page.html",
            "there is no folder",
        ),
        (&format!("{good} --method artt"), "did you mean \"art\"?"),
        (&format!("{good} --set c"), "expected NAME=VALUE"),
        (&format!("{good} --set d=1"), "unknown setting \"d\""),
        (&format!("{good} --blend 1.5"), "is 1.5"),
        (&format!("{good} --boost-every 0"), "is 0"),
        (&format!("{good} --epochs 0"), "max_epochs is 0"),
        (&format!("{good} --batch-size 0"), "batch_size is 0"),
        (&format!("{good} --hidden 8,0"), "hidden is 0"),
        (&format!("{good} --valid-share 0"), "valid_share is 0"),
        (
            &format!("{good} --test-share 0.9"),
            "valid_share + test_share",
        ),
        (&format!("{good} {wide}"), "learning rate"),
        (
            "train HERE/people.csv --target left --ignore id --out HERE/other.csv",
            "it is no checkpoint",
        ),
        (
            "train HERE/two.csv --target t --out HERE/other.art",
            "class 1 (b) has 2 rows",
        ),
        (
            "train HERE/void.csv --target t --out HERE/other.art",
            "no value in the training rows",
        ),
        (
            "train HERE/many.csv --target t --out HERE/other.art",
            "1200 different labels",
        ),
        (
            "train HERE/ids.csv --target t --out HERE/other.art",
            "leave it out (--ignore key)",
        ),
        (
            "train HERE/people.csv --target left --out HERE/none/other.art --ignore id",
            "there is no folder",
        ),
        (
            &format!("{compare} --methods art,smite"),
            "did you mean \"smote\"?",
        ),
        (
            &format!("{compare} --methods art,art"),
            "the method \"art\" twice",
        ),
        (&format!("{compare} --seeds 1"), "at least 2"),
        (&format!("{compare} --tune 0"), "--tune"),
        (
            &format!("{compare} --shard 3/3"),
            "the last of 3 shards is 2/3",
        ),
        (
            "compare HERE/two.csv --target t --out HERE/never",
            "class 1 (b) has 2 rows",
        ),
        (
            "compare HERE/many.csv --target t --out HERE/never",
            "1200 different labels",
        ),
    ]
    .iter()
    .map(|(line, expected)| ((*line).to_owned(), *expected))
    .collect();
    let before = fs::read_dir(here).unwrap().count();
    for (line, expected) in cases {
        let line = line.replace("HERE", &here.display().to_string());
        let arguments: Vec<&str> = line.split(' ').collect();
        let output = art(&arguments).assert().code(2).get_output().clone();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(error.contains(expected), "{line}\n{error}");
        let after = fs::read_dir(here).unwrap().count();
        assert_eq!(after, before, "{line} leaves something behind");
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
            "train", &table, "--target", "left", "--out", &model, "--json",
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
    let line = format!(
        "{} predict {model} {table} --out /dev/stdout > {redirected}",
        env!("CARGO_BIN_EXE_art")
    );
    let ran = std::process::Command::new("sh")
        .args(["-c", &line])
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
    assert!(refused(&["--set", "c=0.1", "--blend", "0.2"]).contains("c is given twice"));
    assert!(refused(&["--method", "art:c=0.1", "--blend", "0.2"]).contains("c is given twice"));
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
    assert!(refused("/dev/null").contains("a model is a file of its own"));
    assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
}
