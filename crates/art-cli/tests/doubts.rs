//! What is told of a table before its results are believed: look-alikes, far-off values, contradictions, many warnings at once.

mod common;

use common::{class, file, stderr, stdout, table};
use std::path::Path;

/// What `inspect` says of the column `x` of these fields.
fn inspected(folder: &Path, name: &str, field: impl Fn(usize) -> String, more: &[&str]) -> String {
    let text = table("x;w;t\n", |w, rare, at| {
        format!("{};{w};{}", field(at), class(rare))
    });
    let path = file(folder, name, text);
    let mut arguments = vec!["inspect", &*path, "--target", "t"];
    arguments.extend(more);
    stdout(&arguments)
}

#[test]
fn columns_that_are_nearly_numbers_or_dates_are_no_identifiers() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let day = |at: usize| format!("{:02}", at % 28 + 1);
    let year = |at: usize| 1950 + at % 70;
    let cases: [(&dyn Fn(usize) -> String, &str); 6] = [
        (
            &|at| format!("{at}.5{}", if at % 4 == 0 { "" } else { "%" }),
            "160 of its 160 values look like numbers that cannot be read so, such as \"1.5%\" and \"0.5\" (120 with %, 40 \
             without); write them all as 1234.5, without a unit",
        ),
        (
            &|at| format!("{at}.0 kg"),
            "such as \"0.0 kg\" and \"1.0 kg\"; write them all as 1234.5",
        ),
        (
            &|at| format!("{at}.5k"),
            "160 of its 160 values look like numbers",
        ),
        (
            &|at| format!("{}JAN{}", day(at), year(at)),
            "look like dates that cannot be read so",
        ),
        (
            &|at| format!("{}. März {}", day(at), year(at)),
            "write them all as 2021-03-28",
        ),
        (
            &|at| match at % 4 {
                0 => format!("{}JAN{}", day(at), year(at)),
                _ => format!("{}-01-{}", year(at), day(at)),
            },
            "(120 like \"1950-01-15\", 40 like \"01JAN1950\")",
        ),
    ];
    for (field, expected) in cases {
        let said = inspected(folder, "t.csv", field, &[]);
        assert!(said.contains(expected), "{said}");
        assert!(!said.contains("seems to name rows"), "{said}");
    }
    let said = inspected(
        folder,
        "t.csv",
        |at| match at % 9 {
            0 => "unknown".to_owned(),
            _ => format!("{at},50 kg"),
        },
        &[],
    );
    assert!(
        said.contains("if \"unknown\" stands for a missing value, say so (--missing \"unknown\")"),
        "{said}"
    );
    // What a ledger takes from is read.
    let said = inspected(
        folder,
        "t.csv",
        |at| {
            format!(
                "{}{at}.5{}",
                if at % 3 == 0 { "(" } else { "" },
                if at % 3 == 0 { ")" } else { "" }
            )
        },
        &[],
    );
    assert!(
        said.contains("-159.5") && !said.contains("column \"x\""),
        "{said}"
    );
}

#[test]
fn far_off_dates_and_markers_at_both_ends_are_pointed_out() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let date = |at: usize| match at % 10 {
        3 => "31.12.9999".to_owned(),
        _ => format!("{:02}.{:02}.{}", at % 28 + 1, at % 12 + 1, 2001 + at % 20),
    };
    let said = inspected(folder, "t.csv", date, &[]);
    let warning = "column \"x\" holds 31.12.9999 16 times, far away from its other dates; if it stands for a missing value, say \
                   so (--missing 31.12.9999)";
    assert!(said.contains(warning), "{said}");
    let said = inspected(folder, "t.csv", date, &["--missing", "31.12.9999"]);
    assert!(!said.contains("far away"), "{said}");
    let said = inspected(
        folder,
        "t.csv",
        |at| match at % 10 {
            3 => "-999".to_owned(),
            4 => "999".to_owned(),
            _ => format!("{}.5", at % 37),
        },
        &[],
    );
    assert!(
        said.contains("holds -999 16 times and 999 16 times")
            && said.contains("(--missing -999 --missing 999)"),
        "{said}"
    );
    let said = inspected(
        folder,
        "t.csv",
        |at| format!("{:02}.{:02}.{:02}", at % 28 + 1, at % 12 + 1, 40 + at % 40),
        &[],
    );
    assert!(
        said.contains("after the day on which the file was written, up to"),
        "{said}"
    );
}

#[test]
fn options_that_contradict_each_other_are_refused_with_both() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let text = table("x,w,t\n", |x, rare, at| format!("{x},{at},{}", class(rare)));
    let path = file(folder, "t.csv", text);
    let refused = |more: &[&str]| {
        let mut arguments = vec!["inspect", &*path, "--target", "t"];
        arguments.extend(more);
        stderr(&arguments)
    };
    for [one, other] in [
        ["--words", "--numbers"],
        ["--ignore", "--words"],
        ["--ignore", "--numbers"],
    ] {
        let error = refused(&[one, "x", other, "x"]);
        assert!(
            error.contains(&format!(
                "{one} \"x\" and {other} \"x\" contradict each other"
            )),
            "{error}"
        );
    }
    let error = refused(&["--numbers", "t"]);
    assert!(
        error.contains("--target \"t\" and --numbers \"t\""),
        "{error}"
    );
    let error = refused(&["--missing", "NA", "--not-missing", "NA"]);
    assert!(
        error.contains("--missing \"NA\" and --not-missing \"NA\""),
        "{error}"
    );
    let error = stderr(&[
        "train",
        &path,
        "--target",
        "t",
        "--group",
        "w",
        "--ignore",
        "w",
        "--out",
        &format!("{path}.art"),
    ]);
    assert!(
        error.contains("\"w\" and --ignore \"w\" contradict each other"),
        "{error}"
    );
}

#[test]
fn many_warnings_of_one_kind_are_folded_and_listed_in_json() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let names: Vec<String> = (0..1_204).map(|n| format!("c{n}")).collect();
    let header = format!("x,{},t\n", names.join(","));
    let constant = vec!["1"; names.len()].join(",");
    let path = file(
        folder,
        "t.csv",
        table(&header, |x, rare, _| {
            format!("{x},{constant},{}", class(rare))
        }),
    );
    let said = stdout(&["inspect", &path, "--target", "t"]);
    assert_eq!(said.matches("has one value alone").count(), 5);
    assert!(
        said.contains("warning: and 1,199 more columns like these; art inspect --json lists them")
    );
    let all: serde_json::Value =
        serde_json::from_str(&stdout(&["inspect", &path, "--target", "t", "--json"])).unwrap();
    let warnings = all["warnings"].as_array().unwrap();
    let is_constant =
        |warning: &&serde_json::Value| warning.as_str().unwrap().contains("has one value alone");
    assert_eq!(warnings.iter().filter(is_constant).count(), 1_204);
}

#[test]
fn labels_in_two_unicode_forms_are_named() {
    let folder = tempfile::tempdir().unwrap();
    let text = table("x,t\n", |x, rare, at| {
        format!(
            "{x},{}",
            if rare {
                "no"
            } else {
                ["caf\u{e9}", "cafe\u{301}"][at % 2]
            }
        )
    });
    let path = file(folder.path(), "t.csv", text);
    let said = stdout(&["inspect", &path, "--target", "t"]);
    assert!(
        said.contains("are shown alike and stored otherwise"),
        "{said}"
    );
}
