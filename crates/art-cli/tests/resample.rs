//! Resampled tables: where rows come from, and how they are written.

mod common;

use art_methods::{Method, Registry, Settings};
use common::{data, file, stderr, stdout};
use std::{collections::BTreeSet, fmt::Write as _, fs, path::Path};

#[test]
fn resampled_rows_come_from_where_the_origins_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).display().to_string();
    let pima = data("pima.csv");
    let run = |out: &str, method: &str, set: Option<&str>| {
        let (out, origins) = (at(out), at("origins.csv"));
        let mut words = vec![
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
            "--overwrite",
        ];
        words.extend(set.iter().flat_map(|set| ["--set", *set]));
        stdout(&words);
        fs::read_to_string(out).unwrap()
    };
    let table: Vec<Vec<f32>> = numbers(&fs::read_to_string(&pima).unwrap());
    let registry = Registry::standard();
    let is_resampler = |m: &&Method| m.make_resampler(&Settings::default()).is_some();
    let methods = registry.methods().iter().filter(is_resampler);
    let methods = methods.map(|method| (method.id(), None));
    let variants = [
        ("nearmiss", Some("version=1")),
        ("nearmiss", Some("version=2")),
        ("borderline-smote", Some("variant=2")),
    ];
    for (method, set) in methods.chain(variants) {
        let text = run("out.csv", method, set);
        assert_eq!(
            text,
            run("again.csv", method, set),
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
                    for (column, x) in row.iter().enumerate().take(8) {
                        let (a, b) = (f64::from(base[column]), f64::from(partner[column]));
                        let expected = a + gap * (b - a);
                        let is_whole = table.iter().all(|row| row[column].fract() == 0.0);
                        // Whole numbers stay whole; halves may have been rounded in single precision.
                        let near = if is_whole { 0.5001 } else { 1e-4 };
                        assert!((f64::from(*x) - expected).abs() < near, "{method}");
                        assert!(!is_whole || x.fract() == 0.0, "{method}");
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
        let files = [
            "--out",
            &out,
            "--origins",
            &origins,
            "--seed",
            "3",
            "--overwrite",
        ];
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
            "resample",
            &table,
            "--target",
            "y",
            "--method",
            method,
            "--out",
            &out,
            "--overwrite",
        ]);
        let made = std::fs::read_to_string(&out).unwrap();
        for i in 0..40 {
            assert!(made.contains(&format!("\n{},", amount(i))), "{method} {i}");
        }
    }
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
fn whole_numbers_stay_whole_and_are_written_as_they_were() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("minutes,rating,flag,score,y\n");
    for row in 0..80_usize {
        let (minutes, rating) = (row * 37 % 91, 1 + row * 7 % 5);
        let score = (row * 53 % 97) as f64 / 8.0;
        let y = if row % 8 == 0 { "rare" } else { "common" };
        writeln!(text, "{minutes},{rating}.0,{},{score},{y}", row % 2).unwrap();
    }
    let table = file(folder.path(), "t.csv", &text);
    let out = folder.path().join("o.csv").display().to_string();
    for method in [
        "smote",
        "adasyn",
        "borderline-smote",
        "safe-level-smote",
        "smote-tomek",
    ] {
        stdout(&[
            "resample",
            &table,
            "--target",
            "y",
            "--method",
            method,
            "--out",
            &out,
            "--overwrite",
        ]);
        let made = fs::read_to_string(&out).unwrap();
        let made: Vec<&str> = made
            .lines()
            .filter(|line| !text.contains(&format!("{line}\n")))
            .collect();
        assert!(!made.is_empty(), "{method}");
        for line in &made {
            let fields: Vec<&str> = line.split(',').collect();
            let minutes: u32 = fields[0].parse().unwrap();
            assert!(minutes <= 90, "{line}");
            assert!(
                ["1.0", "2.0", "3.0", "4.0", "5.0"].contains(&fields[1]),
                "{line}"
            );
            assert!(["0", "1"].contains(&fields[2]), "{line}");
        }
        let is_between = |line: &&str| {
            line.split(',').nth(3).unwrap().parse::<f64>().unwrap() * 8.0 % 1.0 != 0.0
        };
        assert!(
            made.iter().any(is_between),
            "{method}: other numbers lie between"
        );
    }
}

#[test]
fn names_groups_and_codes_are_not_made_up() {
    let folder = tempfile::tempdir().unwrap();
    let mut text = String::from("visit,patient,code,x,z,y\n");
    for row in 0..90_usize {
        let y = if row % 9 < 2 { "rare" } else { "common" };
        let x = (row * 53 % 97) as f64 / 8.0;
        let z = (row * 31 % 89) as f64 / 8.0;
        writeln!(text, "v{row},{},{:03},{x},{z},{y}", row / 3, row % 4).unwrap();
    }
    let table = file(folder.path(), "t.csv", &text);
    let [out, origins] = ["o.csv", "from.csv"].map(|n| folder.path().join(n).display().to_string());
    let resample = |method: &str, more: &[&str]| {
        let command = [
            "resample",
            &table,
            "--target",
            "y",
            "--method",
            method,
            "--out",
            &out,
            "--origins",
            &origins,
            "--overwrite",
        ];
        stdout(&[&command[..], more].concat());
        let fields = |line: &str| line.split(',').map(str::to_owned).collect::<Vec<_>>();
        let read = |path: &str| {
            let text = fs::read_to_string(path).unwrap();
            text.lines().skip(1).map(fields).collect::<Vec<_>>()
        };
        (read(&out), read(&origins))
    };
    let table: Vec<Vec<&str>> = text
        .lines()
        .skip(1)
        .map(|line| line.split(',').collect())
        .collect();
    for method in ["smote", "msmote"] {
        let (rows, origins) = resample(method, &["--id", "visit", "--group", "patient"]);
        assert!(rows.len() > 90 && rows[..90] == table, "{method}");
        for (row, origin) in rows.iter().zip(&origins).skip(90) {
            let base = &table[origin[1].parse::<usize>().unwrap() - 1];
            assert_eq!((&*row[0], &*row[1]), ("", base[1]), "{method}");
            assert!(
                ["000", "001", "002", "003"].contains(&&*row[2]),
                "{method}: {row:?}"
            );
        }
        // A column that seems to name rows is known without being told.
        let (rows, _) = resample(method, &["--group", "patient"]);
        assert!(rows[90..].iter().all(|row| row[0].is_empty()));
    }
    // A copy is the row itself, name and all.
    let (rows, origins) = resample("ros", &["--id", "visit", "--group", "patient"]);
    for (row, origin) in rows.iter().zip(&origins) {
        assert_eq!(*row, table[origin[1].parse::<usize>().unwrap() - 1]);
    }
    let refused = |more: &[&str]| {
        let path = folder.path().join("t.csv").display().to_string();
        let command = [
            "resample",
            &path,
            "--target",
            "y",
            "--method",
            "smote",
            "--out",
            &out,
            "--overwrite",
        ];
        stderr(&[&command[..], more].concat())
    };
    assert!(refused(&["--id", "y"]).contains("the target \"y\" cannot be an --id"));
    assert!(refused(&["--id", "x", "--group", "x"]).contains("is given twice"));
    assert!(refused(&["--id", "visitt"]).contains("did you mean \"visit\"?"));
}

/// The table "t.csv" of 60 rows with these fields and a class `y`, of which every fourth is the rare one.
fn sixty_rows(folder: &Path, header: &str, fields: impl Fn(u32) -> String) -> String {
    let mut text = format!("{header},y\n");
    for row in 0..60 {
        let class = if row % 4 == 0 { "yes" } else { "no" };
        writeln!(text, "{},{class}", fields(row)).unwrap();
    }
    file(folder, "t.csv", text)
}

#[test]
fn made_times_are_written_like_those_that_were_there() {
    let folder = tempfile::tempdir().unwrap();
    let table = sixty_rows(folder.path(), "when,x", |row| {
        let (day, hour, minute) = (1 + row % 3, row % 24, row * 7 % 60);
        format!("{day}.3.24 {hour:02}:{minute:02},{row}")
    });
    let out = folder.path().join("out.csv").display().to_string();
    let command = ["resample", &table, "--target", "y", "--method", "smote"];
    stdout(&[&command[..], &["--dates", "day-first", "--out", &out]].concat());
    let written = fs::read_to_string(out).unwrap();
    let form = |line: &str| {
        let when = line.split(',').next().unwrap();
        when.replace(|c: char| c.is_ascii_digit(), "0")
    };
    let forms: BTreeSet<String> = written.lines().skip(1).map(form).collect();
    assert_eq!(forms, BTreeSet::from(["0.0.00 00:00".to_owned()]));
    assert_eq!(written.lines().count(), 1 + 2 * 45);
}

#[test]
fn two_columns_of_one_name_are_no_trouble_where_they_are_left_out() {
    let folder = tempfile::tempdir().unwrap();
    let table = sixty_rows(folder.path(), "x,note,note", |row| {
        format!("{}.5,a{row},b{row}", row * 7 % 50)
    });
    let at = |name: &str| folder.path().join(name).display().to_string();
    let with = ["--target", "y", "--ignore", "note", "--out"];
    let method = ["--method", "ros"];
    let whole = at("whole.csv");
    stdout(&[&["resample", &table][..], &with, &[&whole], &method].concat());
    let streamed = at("streamed.csv");
    let stream = ["--stream"];
    stdout(
        &[
            &["resample", &table][..],
            &with,
            &[&streamed],
            &method,
            &stream,
        ]
        .concat(),
    );
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&streamed).unwrap());
    let model = at("m.art");
    stdout(&[&["train", &table][..], &with, &[&model, "--epochs", "2"]].concat());
    let answers = stdout(&["predict", &model, &table]);
    assert_eq!(answers.lines().count(), 61);
    // A target that is left out judges nothing.
    let output = at("answers.csv");
    let predict = ["predict", &model, &table, "--out", &output];
    assert!(stdout(&predict).contains("macro F1"));
    let blind = stdout(&[&predict[..], &["--ignore", "y", "--overwrite"]].concat());
    assert!(!blind.contains("macro F1"), "{blind}");
}

fn numbers(text: &str) -> Vec<Vec<f32>> {
    let row = |line: &str| {
        line.split(',')
            .map(|field| field.parse().unwrap())
            .collect()
    };
    text.lines().skip(1).map(row).collect()
}
