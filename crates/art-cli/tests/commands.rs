//! The program as its users meet it.

mod common;

use common::{data, file, stderr, stdout};
use std::{fmt::Write as _, fs, path::Path};

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
        text.contains("1 rows repeat an earlier one; 3 rows have the features"),
        "{text}"
    );
    assert!(text.contains("column \"y\" has no value at all"), "{text}");
    assert!(text.contains("class \"a\" has 2 rows: too few"), "{text}");
}

#[test]
fn resampled_rows_come_from_where_the_origins_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let pima = data("pima.csv");
    let run = |out: &str, method: &str| {
        let (out, origins) = (at(out), at("origins.csv"));
        stdout(&[
            "resample",
            &pima,
            "--target",
            "Outcome",
            "--method",
            method,
            "--seed",
            "7",
            "--out",
            &out,
            "--origins",
            &origins,
        ]);
        fs::read_to_string(out).unwrap()
    };
    let table: Vec<Vec<f32>> = numbers(&fs::read_to_string(&pima).unwrap());
    for method in [
        "ros",
        "rus",
        "smote",
        "msmote",
        "nearmiss1",
        "nearmiss2",
        "nearmiss3",
        "borderline1",
        "borderline2",
        "adasyn",
        "safe-level-smote",
        "kmeans-smote",
        "msyn",
        "smote-enn",
        "smote-tomek",
        "enn",
        "tomek",
        "cnn",
        "oss",
        "sbc",
    ] {
        let text = run("out.csv", method);
        assert_eq!(
            text,
            run("again.csv", method),
            "{method}: equal seeds give equal bytes"
        );
        let rows = numbers(&text);
        let origins = fs::read_to_string(at("origins.csv")).unwrap();
        assert_eq!(origins.lines().count(), rows.len() + 1, "{method}");
        for (row, origin) in rows.iter().zip(origins.lines().skip(1)) {
            let fields: Vec<&str> = origin.split(',').collect();
            let base = &table[fields[1].parse::<usize>().unwrap() - 1];
            match fields[0] {
                "original" | "duplicate" => assert_eq!(row, base, "{method}"),
                "synthetic" => {
                    let partner = &table[fields[2].parse::<usize>().unwrap() - 1];
                    let gap: f64 = fields[3].parse().unwrap();
                    // The last column is the class, which is the base's.
                    assert_eq!(row[8], base[8], "{method}");
                    for ((x, a), b) in row.iter().zip(base).zip(partner).take(8) {
                        let expected = f64::from(*a) + gap * (f64::from(*b) - f64::from(*a));
                        assert!((f64::from(*x) - expected).abs() < 1e-4, "{method}");
                    }
                }
                other => panic!("{method}: {other}"),
            }
        }
    }
    // The table keeps its words, its holes and its order of columns.
    let path = file(folder.path(), "t.csv", "w,t,n\nu,a,1\n,a,\nv,a,3\nv,b,4\n");
    let out = at("words.csv");
    stdout(&[
        "resample", &path, "--target", "t", "--method", "ros", "--out", &out,
    ]);
    let text = fs::read_to_string(&out).unwrap();
    assert!(
        text.starts_with("w,t,n\nu,a,1\n,a,\nv,a,3\nv,b,4\nv,b,4\n"),
        "{text}"
    );
}

#[test]
fn made_rows_have_whole_words() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("age,town,member,class\n");
    for row in 0..60 {
        let class = if row % 6 == 0 { "rare" } else { "common" };
        let age = if row % 10 == 3 {
            String::new()
        } else {
            (row * 7 % 40).to_string()
        };
        let town = ["Bonn", "Ulm", "Jena", ""][row % 4];
        let member = ["yes", "no"][row % 2];
        writeln!(text, "{age},{town},{member},{class}").unwrap();
    }
    let path = file(folder.path(), "t.csv", text);
    let [out, origins] = ["o.csv", "from.csv"].map(|n| folder.path().join(n).display().to_string());
    for (method, kind) in [("smote", "voted"), ("msmote", "synthetic")] {
        let arguments = ["resample", &path, "--target", "class", "--method", method];
        let files = ["--out", &out, "--origins", &origins, "--seed", "3"];
        stdout(&[&arguments[..], &files].concat());
        let rows = fs::read_to_string(&out).unwrap();
        assert_eq!(rows.lines().count(), 1 + 100, "{method}");
        let kinds = fs::read_to_string(&origins).unwrap();
        assert_eq!(
            kinds.lines().filter(|line| line.starts_with(kind)).count(),
            40
        );
        for line in rows.lines().skip(61) {
            let fields: Vec<&str> = line.split(',').collect();
            assert!(["Bonn", "Ulm", "Jena", ""].contains(&fields[1]), "{line}");
            assert!(["yes", "no"].contains(&fields[2]), "{line}");
            assert!(
                fields[0].is_empty() || fields[0].parse::<f32>().is_ok(),
                "{line}"
            );
            assert_eq!(fields[3], "rare");
        }
    }
}

fn numbers(text: &str) -> Vec<Vec<f32>> {
    let row = |line: &str| {
        line.split(',')
            .map(|field| field.parse().unwrap())
            .collect()
    };
    text.lines().skip(1).map(row).collect()
}

#[test]
fn drawn_rows_are_those_of_the_library() {
    use art_core::{ArtParams, ArtSampler, ClassIndex, ConfusionMatrix, EpochSampler, Seed};
    let folder = tempfile::tempdir().unwrap();
    let labels: Vec<u32> = (0..200).map(|row| u32::from(row % 5 == 0)).collect();
    let lines: Vec<&str> = labels
        .iter()
        .map(|&l| if l == 0 { "no" } else { "yes" })
        .collect();
    let path = file(folder.path(), "labels.txt", lines.join("\n"));
    let index = ClassIndex::new(&labels, 2).unwrap();
    let config = ArtParams::new()
        .blend_constant(0.3)
        .boost_frequency(2)
        .check()
        .unwrap();
    let mut sampler = ArtSampler::new(config, index, Seed::new(9)).unwrap();
    let common = [
        "draw",
        &path,
        "--blend",
        "0.3",
        "--boost-every",
        "2",
        "--seed",
        "9",
    ];
    let printed = |more: &[&str]| {
        let text = stdout(&[&common[..], more].concat());
        text.lines()
            .map(|line| line.parse().unwrap())
            .collect::<Vec<u32>>()
    };
    assert_eq!(printed(&["--epoch", "2"]), sampler.draw(2).to_vec());
    let matrix = ConfusionMatrix::from_rows(&[vec![8, 2], vec![3, 7]]).unwrap();
    sampler.observe(2, &matrix).unwrap();
    let f1 = matrix.per_class_f1();
    let json = serde_json::json!({"no": f1[0], "yes": f1[1]}).to_string();
    let f1 = file(folder.path(), "f1.json", json);
    let whole = printed(&["--epoch", "3", "--f1", &f1]);
    assert_eq!(whole, sampler.draw(3).to_vec());
    let shard = printed(&["--epoch", "3", "--f1", &f1, "--shard", "1/4"]);
    let expected: Vec<u32> = whole.iter().copied().skip(1).step_by(4).collect();
    assert_eq!(shard, expected);
}

#[test]
fn scores_are_tested_and_ranked() {
    let folder = tempfile::tempdir().unwrap();
    let text =
        "seed,art,base,worse\na,0.80,0.70,0.5\nb,0.82,0.75,0.4\nc,0.78,0.79,0.5\nd,0.85,0.71,0.6\n";
    let path = file(folder.path(), "scores.csv", text);
    let json = stdout(&["stats", &path, "--test-over-train", "0.2", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["subject"], "art");
    assert_eq!(value["ranks"][0]["mean_rank"], 1.25);
    let first = &value["comparisons"][0];
    assert!((first["difference"].as_f64().unwrap() - 0.075).abs() < 1e-12);
    assert!(first["p_corrected_t"].as_f64() > first["p_t"].as_f64());
    let plot = folder.path().join("ranks.svg").display().to_string();
    assert!(stdout(&["stats", &path, "--plot", &plot]).contains("--test-over-train"));
    assert!(fs::read_to_string(plot).unwrap().contains("worse 3.00"));
    let error = stderr(&["stats", &path, "--against", "artt"]);
    assert!(error.contains("did you mean \"art\"?"), "{error}");
}

#[test]
#[allow(clippy::too_many_lines, reason = "one table of cases")]
fn wrong_input_is_named_and_leaves_nothing_behind() {
    let folder = tempfile::tempdir().unwrap();
    let good = file(folder.path(), "good.csv", "x,t\n1,a\n2,b\n3,a\n");
    let labels = file(folder.path(), "labels.txt", "a\nb\na\n");
    let out = folder.path().join("out.csv").display().to_string();
    let table = |name: &str, text: &[u8]| file(folder.path(), name, text);
    let scores = |text: &str| file(folder.path(), "scores.csv", text);
    let parquet = |name: &str| {
        let tables = Path::new(env!("CARGO_MANIFEST_DIR")).join("../art-data/tests/golden");
        fs::read(tables.join(name)).unwrap()
    };
    let mut whole = parquet("tables.snappy.parquet");
    let cut = table("cut.parquet", &whole[..whole.len() / 2]);
    whole[40..400].fill(0x5a);
    let altered = table("altered.parquet", &whole);
    let nested = table("nested.parquet", &parquet("nested.parquet"));
    let cases: Vec<(Vec<String>, &str)> = vec![
        (
            words(&["inspect", &cut, "--target", "class"]),
            "cut.parquet: the Parquet file is truncated or altered",
        ),
        (
            words(&["inspect", &altered, "--target", "class"]),
            "altered.parquet: the Parquet file is truncated or altered",
        ),
        (
            words(&["inspect", &nested, "--target", "n"]),
            "is nested; a table has one value a row and column",
        ),
        (
            words(&["inspect", "/no/such.csv", "--target", "t"]),
            "cannot read /no/such.csv",
        ),
        (
            words(&["inspect", &good, "--target", "tt"]),
            "has no column \"tt\"",
        ),
        (
            words(&["inspect", &table("e.csv", b""), "--target", "t"]),
            "the file is empty",
        ),
        (
            words(&["inspect", &table("h.csv", b"x,t\n"), "--target", "t"]),
            "a header and no row",
        ),
        (
            words(&["inspect", &table("r.csv", b"x,t\n1\n"), "--target", "t"]),
            "line 2",
        ),
        (
            words(&["inspect", &table("n.csv", b"x,t\n\0,a\n"), "--target", "t"]),
            "NUL",
        ),
        (
            words(&["inspect", &table("d.csv", b"t,t\n1,2\n"), "--target", "t"]),
            "two columns",
        ),
        (
            words(&[
                "inspect",
                &table("o.csv", b"x,t\n1,a\n2,a\n"),
                "--target",
                "t",
            ]),
            "one class",
        ),
        (
            words(&[
                "inspect",
                &table("m.csv", b"x,t\n1,a\n2,\n3,b\n"),
                "--target",
                "t",
            ]),
            "data row 2",
        ),
        (
            words(&["inspect", &table("s.csv", b"t\na\nb\n"), "--target", "t"]),
            "nothing to predict it from",
        ),
        (
            words(&["inspect", &good, "--target", "t", "--ignore", "y"]),
            "has no column \"y\"",
        ),
        (
            words(&["inspect", &good, "--target", "t", "--ignore", "t"]),
            "cannot be left out",
        ),
        (
            words(&["inspect", &good, "--target", "t", "--delimiter", "é"]),
            "no single ASCII character",
        ),
        (words(&["inspect", &good]), "--target"),
        (
            words(&[
                "resample", &good, "--target", "t", "--method", "ros", "--ratio", "1.5", "--out",
                &out,
            ]),
            "ratio",
        ),
        (
            words(&[
                "resample", &good, "--target", "t", "--method", "smot", "--out", &out,
            ]),
            "'smote'",
        ),
        (
            words(&[
                "resample",
                &good,
                "--target",
                "t",
                "--method",
                "ros",
                "--out",
                "/no/such/out.csv",
            ]),
            "--out /no/such/out.csv: there is no folder /no/such",
        ),
        (
            words(&[
                "resample",
                &good,
                "--target",
                "t",
                "--method",
                "ros",
                "--out",
                &out,
                "--origins",
                &out,
            ]),
            "the same file",
        ),
        (words(&["draw", &labels, "--epoch", "0"]), "counted from 1"),
        (
            words(&["draw", &labels, "--epoch", "6"]),
            "--f1 names the scores",
        ),
        (words(&["draw", &labels, "--blend", "1.5"]), "blend"),
        (
            words(&["draw", &labels, "--boost-every", "0"]),
            "at least 1 epoch",
        ),
        (words(&["draw", &labels, "--shard", "4/4"]), "index"),
        (words(&["draw", &labels, "--shard", "x"]), "INDEX/COUNT"),
        (
            words(&["draw", &table("l.txt", b"a\n\nb\n")]),
            "line 2: there is no label",
        ),
        (words(&["draw", &table("q.txt", b"a\na\n")]), "alone"),
        (
            words(&[
                "draw",
                &labels,
                "--epoch",
                "6",
                "--f1",
                &table("f.json", b"{\"a\":0.5}"),
            ]),
            "has no F1 of \"b\"",
        ),
        (
            words(&[
                "draw",
                &labels,
                "--epoch",
                "6",
                "--f1",
                &table("g.json", b"{\"a\":1.5,\"b\":1}"),
            ]),
            "expected 0 to 1",
        ),
        (
            words(&[
                "draw",
                &labels,
                "--epoch",
                "6",
                "--f1",
                &table("i.json", b"[1,2]"),
            ]),
            "is not of the form",
        ),
        (
            words(&["stats", &scores("a,b\n1,2\n3,x\n")]),
            "column \"b\" holds \"x\"",
        ),
    ];
    for (arguments, expected) in cases {
        let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
        let error = stderr(&arguments);
        assert!(error.contains(expected), "{arguments:?}\n{error}");
    }
    assert!(!Path::new(&out).exists());
    for text in ["a\n1\n2\n", "a,b\n", "a,b\n1,NaN\n", "a,a\n1,2\n3,4\n"] {
        stderr(&["stats", &scores(text)]);
    }
}

fn words(list: &[&str]) -> Vec<String> {
    list.iter().map(|&word| word.to_owned()).collect()
}

#[test]
fn all_methods_are_listed_with_what_is_missing() {
    let text = stdout(&["methods"]);
    for expected in [
        "A1   ART",
        "k-means-SMOTE (Douzas et al. 2018)",
        "not built: the weights inside a batch",
        "+tau-e               tauE",
    ] {
        assert!(text.contains(expected), "{expected} in {text}");
    }
    let works: serde_json::Value = serde_json::from_str(&stdout(&["methods", "--json"])).unwrap();
    assert_eq!(works.as_array().unwrap().len(), 48);
    assert_eq!(works[12]["methods"][0]["settings"][1]["name"], "k");
}

#[test]
fn completions_are_printed() {
    assert!(stdout(&["completions", "bash"]).contains("_art"));
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
fn a_column_of_seeds_is_no_method_and_a_reader_may_leave() {
    let folder = tempfile::tempdir().unwrap();
    let scores = "seed,a,b\n1834,0.5,0.7\n1835,0.4,0.8\n1836,0.5,0.6\n";
    let scores = file(folder.path(), "scores.csv", scores);
    let said = stdout(&["stats", &scores]);
    assert!(said.starts_with("2 methods, 3 rows"), "{said}");
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_art"))
        .args(["stats", &scores])
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert!(
        output.status.success() && output.stderr.is_empty(),
        "{output:?}"
    );
}

#[test]
fn outputs_never_take_the_place_of_inputs() {
    let folder = tempfile::tempdir().unwrap();
    let rows: Vec<String> = (0..80)
        .map(|i| format!("{},{}\n", i % 9, i % 4 / 3))
        .collect();
    let text = format!("x,y\n{}", rows.concat());
    let table = file(folder.path(), "t.csv", &text);
    let again = format!("{}/./t.csv", folder.path().display());
    let common = [&table[..], "--target", "y"];
    for rest in [
        &["train", "--out", &again][..],
        &["resample", "--method", "ros", "--out", &again],
        &[
            "resample",
            "--method",
            "ros",
            "--out",
            "new.csv",
            "--origins",
            "./new.csv",
        ],
    ] {
        let arguments = [&rest[..1], &common, &rest[1..]].concat();
        let said = stderr(&arguments);
        assert!(said.contains("would be gone"), "{said}");
    }
    assert_eq!(std::fs::read_to_string(&table).unwrap(), text);
}

#[test]
fn rows_that_are_kept_are_written_digit_for_digit() {
    let folder = tempfile::tempdir().unwrap();
    let amount = |i: usize| format!("{}.{:03}", 123_456_700 + i, 7 * i);
    let rows: Vec<String> = (0..40)
        .map(|i| format!("{},{}\n", amount(i), u8::from(i < 8)))
        .collect();
    let table = file(
        folder.path(),
        "t.csv",
        format!("amount,y\n{}", rows.concat()),
    );
    for method in ["ros", "smote"] {
        let out = folder.path().join("out.csv").display().to_string();
        stdout(&[
            "resample", &table, "--target", "y", "--method", method, "--out", &out,
        ]);
        let made = std::fs::read_to_string(&out).unwrap();
        for i in 0..40 {
            assert!(made.contains(&format!("\n{},", amount(i))), "{method} {i}");
        }
    }
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
            "{mostly};{},{};2024-01-{:02};{label}\n",
            row % 25,
            row % 5,
            row % 25 + 1
        )
    });
    let text = format!("mostly;comma;day;y\n{}", rows.collect::<String>());
    let table = file(folder.path(), "t.csv", text);
    let said = stdout(&["inspect", &table, "--target", "y"]);
    for expected in [
        "column \"mostly\" is taken for words, though most of its fields are numbers; if \"-\" stands",
        "column \"comma\" holds words that look like numbers or dates",
        "column \"day\" holds words that look like numbers or dates",
        "classes \"Yes\" and \"yes\" are written alike",
    ] {
        assert!(said.contains(expected), "{expected}\n{said}");
    }
    let said = stdout(&["inspect", &table, "--target", "y", "--missing", "-"]);
    assert!(!said.contains("column \"mostly\" is taken"), "{said}");
}

#[test]
fn tables_are_written_as_their_names_end() {
    use std::io::Read;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let rows = (0..60).map(|row| format!("{},{}\n", row % 9, row % 4 / 3));
    let table = file(
        folder.path(),
        "t.csv",
        format!("x,y\n{}", rows.collect::<String>()),
    );
    let resample = ["resample", &table, "--target", "y"];
    let write = |name: &str| {
        let out = at(name);
        let smote = ["--method", "smote", "--out", &out];
        stdout(&[&resample[..], &smote].concat());
        fs::read(out).unwrap()
    };
    let plain = String::from_utf8(write("a.csv")).unwrap();
    let tabs = String::from_utf8(write("a.tsv")).unwrap();
    assert_eq!(plain.replace(',', "\t"), tabs);
    let mut unpacked = String::new();
    flate2::read::GzDecoder::new(&*write("a.csv.gz"))
        .read_to_string(&mut unpacked)
        .unwrap();
    assert_eq!(plain, unpacked);
    let refused = |more: &[&str]| stderr(&[&resample[..], more].concat());
    let parquet = at("a.parquet");
    assert!(refused(&["--method", "smote", "--out", &parquet]).contains("written as text"));
    // Options that a method has no use for.
    let out = at("b.csv");
    assert!(refused(&["--method", "ros", "--k", "3", "--out", &out]).contains("--k: ros"));
    let enn = ["--method", "enn", "--ratio", "0.5", "--out", &out];
    assert!(refused(&enn).contains("--ratio: enn"));
}

#[test]
fn intervals_agree_with_the_test_beside_them() {
    let folder = tempfile::tempdir().unwrap();
    let text = "repeat,fold,a,b,c\n1,1,0.80,0.70,0.7\n1,2,0.82,0.75,0.72\n2,1,0.78,0.74,0.68\n2,2,0.85,0.71,0.75\n";
    let path = file(folder.path(), "scores.csv", text);
    let json = stdout(&["stats", &path, "--test-over-train", "1", "--json"]);
    let value: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(value["ranks"].as_array().unwrap().len(), 3, "{json}");
    let b = &value["comparisons"][0];
    assert!(b["p_corrected_t"].as_f64().unwrap() > 0.05);
    assert!(b["interval_95"][0].as_f64().unwrap() < 0.0, "{b}");
    let tabs = file(folder.path(), "scores.tsv", text.replace(',', "\t"));
    assert_eq!(
        stdout(&["stats", &tabs, "--test-over-train", "1", "--json"]),
        json
    );
    // c is a less a constant, but for rounding: the difference has no scale.
    let said = stdout(&["stats", &path]);
    let line = said
        .lines()
        .find(|line| line.starts_with("c ") && line.contains("to"));
    let line = line.unwrap();
    assert!(line.contains('—') && line.contains(" 0 "), "{line}");
}
