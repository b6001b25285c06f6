//! What the program says of results that rest on little: one division, few splits, nothing that varies, classes without
//! rows, feedback without a part.

mod common;

use common::{art, file, people, stderr, stdout};
use serde_json::Value;
use std::{fmt::Write as _, fs, path::Path};

/// Groups of unequal size with rows of two classes.
fn clinics(folder: &Path, n: usize, extra: &str) -> String {
    let mut text = String::from("clinic,part,x,y,class\n");
    for clinic in 0..n {
        for row in 0..14 + 5 * (clinic % 3) {
            let rare = row % 3 == 0;
            let x = (row * 37 + clinic * 11) % 23 + if rare { 6 } else { 0 };
            let part = ["train", "train", "valid", "test"][clinic % 4];
            let class = if rare { "pos" } else { "neg" };
            let _ = writeln!(text, "c{clinic},{part},{x},{},{class}", row * 7 % 5);
        }
    }
    file(folder, "clinics.csv", text + extra)
}

fn compare(table: &str, out: &Path, more: &[&str]) -> (Value, String) {
    let out = out.display().to_string();
    let arguments = ["compare", table, "--target", "class", "--out", &out];
    let json = stdout(&[&arguments[..], more, &["--json"]].concat());
    // The runs are there already: the same command shows them.
    let text = stdout(&[&arguments[..], more].concat());
    (serde_json::from_str(&json).unwrap(), text)
}

#[test]
fn groups_that_allow_few_divisions_are_tested_by_their_number() {
    let folder = tempfile::tempdir().unwrap();
    let table = clinics(folder.path(), 4, "");
    let out = folder.path().join("out");
    let more = [
        "--group",
        "clinic",
        "--ignore",
        "part",
        "--methods",
        "ros",
        "--seeds",
        "12",
    ];
    let (json, text) = compare(&table, &out, &more);
    let divisions = &json["divisions"];
    assert_eq!(divisions["seeds"], 12);
    let different = divisions["different"].as_u64().unwrap();
    assert!((2..12).contains(&different), "{divisions}");
    let said = format!("{different} different divisions of 12 seeds");
    assert!(text.contains(&said), "{text}");
    assert!(json["to_keep_in_mind"].to_string().contains(&said));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains(&said));
    let matrix: Value =
        serde_json::from_str(&fs::read_to_string(out.join("matrix.json")).unwrap()).unwrap();
    assert_eq!(matrix["version"], 3);
}

#[test]
fn runs_on_one_given_split_are_not_tested() {
    let folder = tempfile::tempdir().unwrap();
    let table = clinics(folder.path(), 8, "");
    let out = folder.path().join("out");
    let more = [
        "--split",
        "part",
        "--ignore",
        "clinic",
        "--methods",
        "ros,art",
        "--seeds",
        "5",
    ];
    let (json, text) = compare(&table, &out, &more);
    assert_eq!(json["divisions"]["different"], 1);
    for method in json["methods"].as_array().unwrap() {
        for key in ["p_corrected_t", "p_holm", "interval_95"] {
            assert!(method[key].is_null(), "{method}");
        }
    }
    assert!(json["methods"][1]["over_plain"].is_number());
    assert!(
        json["advice"]
            .as_str()
            .unwrap()
            .starts_with("clinics: no advice.")
    );
    assert!(text.contains("1 division of 5 seeds") && text.contains("nothing is tested (-)"));
    let page = fs::read_to_string(out.join("report.html")).unwrap();
    assert!(page.contains("1 division of 5 seeds") && !page.contains("beyond chance (t-test"));
}

#[test]
fn fewer_than_five_splits_are_warned_of_and_other_tables_have_most_of_the_say() {
    let folder = tempfile::tempdir().unwrap();
    let table = clinics(folder.path(), 8, "");
    let out = folder.path().join("out");
    let more = [
        "--ignore",
        "part",
        "--ignore",
        "clinic",
        "--methods",
        "cost",
        "--seeds",
        "2",
    ];
    let (json, text) = compare(&table, &out, &more);
    assert!(text.contains("Only 2 splits: with fewer than 5"), "{text}");
    assert!(
        json["to_keep_in_mind"][0]
            .as_str()
            .unwrap()
            .starts_with("Only 2 splits")
    );
    let advice = json["advice"].as_str().unwrap();
    assert!(advice.contains("This weighs 2 splits"), "{advice}");
    assert!(
        !text.contains("p 0.000") && !text.contains("  0.000"),
        "{text}"
    );
}

#[test]
fn a_class_without_rows_in_a_part_is_named_and_left_out_of_the_mean() {
    let folder = tempfile::tempdir().unwrap();
    let odd = "only,train,60,9,odd\n".repeat(6);
    let table = clinics(folder.path(), 8, &odd);
    let model = folder.path().join("m.art").display().to_string();
    let train = [
        "train",
        &table,
        "--target",
        "class",
        "--group",
        "clinic",
        "--ignore",
        "part",
        "--out",
        &model,
        "--method",
        "power-sampling",
    ];
    let text = stdout(&train);
    assert!(
        text.contains("The test part has no row of the class \"odd\""),
        "{text}"
    );
    assert!(
        text.lines()
            .any(|l| l.starts_with("odd") && l.matches("no row").count() == 2),
        "{text}"
    );
    fs::remove_file(&model).unwrap();
    let json: Value = serde_json::from_str(&stdout(&[&train[..], &["--json"]].concat())).unwrap();
    let judged = &json["parts"][2];
    assert_eq!(judged["absent_classes"][0], "odd");
    let f1 = judged["per_class_f1"].as_array().unwrap();
    let present: Vec<f64> = f1.iter().filter_map(Value::as_f64).collect();
    assert_eq!((f1.len(), present.len()), (3, 2));
    let mean = present.iter().sum::<f64>() / 2.0;
    assert!((judged["macro_f1"].as_f64().unwrap() - mean).abs() < 1e-12);

    let known = clinics(folder.path(), 3, "");
    let answers = folder.path().join("a.csv").display().to_string();
    let predict = ["predict", &model, &known, "--out", &answers, "--overwrite"];
    let text = stdout(&predict);
    assert!(
        text.contains("No row of \"odd\": macro F1 is the mean over the 2 classes"),
        "{text}"
    );
    let json: Value = serde_json::from_str(&stdout(&[&predict[..], &["--json"]].concat())).unwrap();
    assert_eq!(json["judged"]["absent_classes"][0], "odd");
    assert!(
        json["judged"]["per_class_f1"]
            .as_array()
            .unwrap()
            .iter()
            .any(Value::is_null)
    );

    let table = clinics(folder.path(), 8, &odd);
    let out = folder.path().join("out");
    let more = [
        "--group",
        "clinic",
        "--ignore",
        "part",
        "--methods",
        "cost",
        "--seeds",
        "5",
    ];
    let (json, text) = compare(&table, &out, &more);
    let said = "The class \"odd\" has no row in the test part of every seed";
    assert!(text.contains(said), "{text}");
    assert!(
        json["to_keep_in_mind"]
            .to_string()
            .contains("no row in the validation part")
    );
    assert_eq!(json["absent_classes"].as_array().unwrap().len(), 2);
}

#[test]
fn a_table_that_says_nothing_is_refused_for_advice_and_warned_of_alike() {
    let folder = tempfile::tempdir().unwrap();
    let rows = |x: &dyn Fn(usize) -> usize| {
        let row = |i: usize| format!("1,same,{},{}\n", x(i), ["u", "v"][i % 2]);
        (0..60).map(row).collect::<String>()
    };
    let header = "a,b,x,t\n".to_owned();
    let constant = file(
        folder.path(),
        "constant.csv",
        header.clone() + &rows(&|_| 7),
    );
    let out = folder.path().join("out").display().to_string();
    let error = stderr(&["compare", &constant, "--target", "t", "--out", &out]);
    assert!(
        error.contains("every feature has one value alone (a, b, x)"),
        "{error}"
    );
    assert!(!Path::new(&out).exists());
    let partly = file(
        folder.path(),
        "partly.csv",
        header + &rows(&|i| i * 13 % 29),
    );
    let warning = "column \"b\" has one value alone and says nothing";
    assert!(stdout(&["inspect", &partly, "--target", "t"]).contains(warning));
    let model = folder.path().join("m.art").display().to_string();
    let said = |arguments: &[&str]| {
        let output = art(arguments).assert().success().get_output().clone();
        String::from_utf8(output.stderr).unwrap()
    };
    assert!(said(&["train", &partly, "--target", "t", "--out", &model]).contains(warning));
    let compare = [
        "compare",
        &partly,
        "--target",
        "t",
        "--out",
        &out,
        "--methods",
        "cost",
        "--seeds",
        "2",
    ];
    assert!(said(&compare).contains(warning));
}

#[test]
fn weights_from_before_the_first_refresh_are_said_to_be() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let train = |method: &str| {
        let model = folder.path().join("m.art");
        let _ = fs::remove_file(&model);
        stdout(&[
            "train",
            &table,
            "--target",
            "left",
            "--ignore",
            "id",
            "--out",
            &model.display().to_string(),
            "--method",
            method,
            "--epochs",
            "3",
        ])
    };
    let said = "The weights kept are from before the first refresh: the feedback had no part in this model.";
    // The first refresh follows epoch 5.
    assert!(train("art").contains(said));
    assert!(!train("static-blend").contains(said));
    let out = folder.path().join("out").display().to_string();
    let json = stdout(&[
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        "art:bf=10",
        "--seeds",
        "5",
        "--out",
        &out,
        "--json",
    ]);
    let json: Value = serde_json::from_str(&json).unwrap();
    let art = &json["methods"][1]["kept_before_first_refresh"];
    assert_eq!(art["of"], 5);
    let kept = art["runs"].as_u64().unwrap();
    let text = json["to_keep_in_mind"].to_string();
    let sentence =
        format!("art:bf=10: {kept} of 5 runs kept weights from before the first refresh");
    assert_eq!(text.contains(&sentence), kept > 0, "{text}");
    assert!(json["methods"][0]["kept_before_first_refresh"].is_null());
}

#[test]
fn equal_differences_have_no_p_value_in_stats() {
    let folder = tempfile::tempdir().unwrap();
    let scores = "seed,a,b,c\n1,0.9,0.5,0.8\n2,0.8,0.4,0.9\n";
    let scores = file(folder.path(), "scores.csv", scores);
    let stats = [
        "stats",
        &scores,
        "--against",
        "a",
        "--test-over-train",
        "0.2",
    ];
    let text = stdout(&stats);
    let line = text
        .lines()
        .find(|line| line.starts_with("b ") && line.contains('+'))
        .unwrap();
    // Interval, d_z, t, corrected t and Holm.
    assert_eq!(line.matches('—').count(), 5, "{line}");
    assert!(
        text.contains("The difference is the same in every row for b"),
        "{text}"
    );
    assert!(text.contains("Only 2 rows"), "{text}");
    let json: Value = serde_json::from_str(&stdout(&[&stats[..], &["--json"]].concat())).unwrap();
    let b = &json["comparisons"][0];
    assert!(
        b["p_t"].is_null() && b["p_holm"].is_null() && b["interval_95"].is_null(),
        "{b}"
    );
    assert!(json["comparisons"][1]["p_t"].is_number());
    assert_eq!(json["to_keep_in_mind"].as_array().unwrap().len(), 2);
}
