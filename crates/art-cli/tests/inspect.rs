//! What the program says of a table.

mod common;

use common::{data, file, stdout};

#[test]
fn a_real_table_is_described() {
    let text = stdout(&[
        "inspect",
        &data("winequality-red.csv"),
        "--target",
        "quality",
    ]);
    assert!(
        text.contains("1599 rows, 11 columns besides the target \"quality\""),
        "{text}"
    );
    assert!(
        text.contains("6 classes, largest to smallest 68.10 : 1"),
        "{text}"
    );
    assert!(
        text.contains("240 rows repeat an earlier one; 0 rows have the features"),
        "{text}"
    );
    assert!(text.contains("warning: class \"3\" has 10 rows"), "{text}");
    let json = stdout(&["inspect", &data("yeast.csv"), "--target", "class", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["rows"], 1484);
    assert_eq!(value["duplicate_rows"], 31);
    assert_eq!(value["classes"].as_array().unwrap().len(), 10);
}

#[test]
fn contradictions_and_empty_columns_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let text = "x,y,t\n1,,a\n1,,b\n1,,b\n2,,a\n";
    let path = file(folder.path(), "t.csv", text);
    let text = stdout(&["inspect", &path, "--target", "t"]);
    assert!(
        text.contains("1 row repeats an earlier one; 3 rows have the features"),
        "{text}"
    );
    assert!(text.contains("column \"y\" has no value at all"), "{text}");
    assert!(text.contains("class \"a\" has 2 rows: too few"), "{text}");
}

#[test]
fn columns_that_name_rows_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..60).map(|row| format!("c{row},{},{}\n", (row * 7) % 11, row % 3 / 2));
    let text = format!("customer,visits,churned\n{}", rows.collect::<String>());
    let table = file(folder.path(), "churn.csv", text);
    let said = stdout(&["inspect", &table, "--target", "churned"]);
    assert!(said.contains("--ignore \"customer\""), "{said}");
    let said = stdout(&[
        "inspect", &table, "--target", "churned", "--ignore", "customer",
    ]);
    assert!(!said.contains("name rows"), "{said}");
}

#[test]
fn columns_that_are_not_what_they_seem_are_warned_of() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..60).map(|row| {
        let mostly = if row % 5 == 0 {
            "-".to_owned()
        } else {
            (row % 13).to_string()
        };
        let label = ["Yes", "no", "yes"][row % 3];
        format!(
            "{mostly};{},{};{:02}:30;{label}\n",
            row % 25,
            row % 5,
            row % 25
        )
    });
    let text = format!("mostly;comma;clock;y\n{}", rows.collect::<String>());
    let table = file(folder.path(), "t.csv", text);
    let said = stdout(&["inspect", &table, "--target", "y"]);
    for expected in [
        "column \"mostly\" is taken for words, though nearly all of its words are numbers; if \"-\" stands",
        "column \"clock\" is taken for words, though 60 of its 60 values look like times that cannot be read so",
        "classes \"Yes\" and \"yes\" are written alike",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    // A decimal comma is read.
    assert!(!said.contains("column \"comma\""), "{said}");
    let said = stdout(&["inspect", &table, "--target", "y", "--missing", "-"]);
    assert!(!said.contains("column \"mostly\" is taken"), "{said}");
}

#[test]
fn marks_before_the_text_and_missing_codes_with_a_minus_are_understood() {
    let folder = tempfile::tempdir().unwrap();
    let labels = file(folder.path(), "labels.txt", "\u{feff}a\nb\na\nb\na\na\n");
    let said = stdout(&["draw", &labels, "--json"]);
    assert!(said.contains("\"a\":"), "{said}");
    let rows: Vec<String> = (0..60).map(|i| format!("{},{}\n", i % 7, i % 2)).collect();
    let table = file(
        folder.path(),
        "t.csv",
        format!("x,y\n-999,1\n{}", rows.concat()),
    );
    let said = stdout(&[
        "inspect",
        &table,
        "--target",
        "y",
        "--missing",
        "-999",
        "--json",
    ]);
    let said: serde_json::Value = serde_json::from_str(&said).unwrap();
    assert_eq!(said["columns"][0]["missing"], 1);
}

#[test]
fn a_column_that_gives_the_answer_away_is_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..200).map(|row| {
        let churned = row % 9 == 4;
        let code = if churned { "X1" } else { "" };
        format!(
            "{},{code},{}\n",
            row * 37 % 53,
            if churned { "yes" } else { "no" }
        )
    });
    let text = format!("months,cancel_code,churned\n{}", rows.collect::<String>());
    let table = file(folder.path(), "churn.csv", text);
    let said = stdout(&["inspect", &table, "--target", "churned"]);
    let alarm = "whether column \"cancel_code\" has a value alone predicts \"churned\" almost perfectly (macro F1 1.00";
    assert!(said.contains(alarm), "{said}");
    assert!(!said.contains("says nothing"), "{said}");
    let json = stdout(&["inspect", &table, "--target", "churned", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    let warnings = json["warnings"].as_array().unwrap();
    assert!(
        warnings
            .iter()
            .any(|w| w.as_str().unwrap().starts_with(alarm))
    );
    assert_eq!(json["columns"][1]["constant"], false);
    let said = stdout(&[
        "inspect",
        &table,
        "--target",
        "churned",
        "--ignore",
        "cancel_code",
    ]);
    assert!(!said.contains("almost perfectly"), "{said}");
}

#[test]
fn rows_that_belong_together_are_told_of() {
    let folder = tempfile::tempdir().unwrap();
    let rows = (0..240).map(|row| {
        let patient = row / 3;
        let (age, sex) = (20 + patient * 29 % 61, ["f", "m"][patient * 7 % 5 % 2]);
        let (pulse, ill) = (60 + row * 41 % 37, row * 23 % 19 / 13);
        format!("{patient:04},{age},{sex},{pulse},{ill}\n")
    });
    let text = format!("patient_id,age,sex,pulse,ill\n{}", rows.collect::<String>());
    let table = file(folder.path(), "visits.csv", text);
    let proposal = "--group \"patient_id\" keeps them in one part";
    let inspect = ["inspect", &table, "--target", "ill"];
    let said = stdout(&inspect);
    assert!(
        said.contains("(240 rows with 80 values, alike in \"age\", \"sex\")"),
        "{said}"
    );
    assert!(said.contains(proposal), "{said}");
    let said = stdout(&[&inspect[..], &["--ignore", "patient_id"]].concat());
    assert!(
        said.contains(proposal),
        "left out, it still says so: {said}"
    );
}

#[test]
fn weights_of_rows_are_no_silent_feature() {
    let folder = tempfile::tempdir().unwrap();
    for (name, is_told) in [
        ("weight", true),
        ("Sample_Weight", true),
        ("fnlwgt", true),
        ("birth_weight", false),
    ] {
        let rows =
            (0..60).map(|row| format!("{},{}.5,{}\n", row * 7 % 31, 1 + row * 5 % 9, row % 3 / 2));
        let text = format!("a,{name},y\n{}", rows.collect::<String>());
        let table = file(folder.path(), "t.csv", text);
        let said = stdout(&["inspect", &table, "--target", "y"]);
        let warning =
            format!("column {name:?} is a feature here. If it says how much each row counts");
        assert_eq!(said.contains(&warning), is_told, "{said}");
        let said = stdout(&["inspect", &table, "--target", "y", "--ignore", name]);
        assert!(!said.contains("is a feature here"), "{said}");
    }
}
