//! Tables that are resampled pass by pass: the files are those of the table in memory, byte for byte.

mod common;

use common::{art, file, stderr, stdout};
use flate2::{Compression, write::GzEncoder};
use std::{
    fmt::Write as _,
    fs,
    io::Write as _,
    path::{Path, PathBuf},
};

/// Methods that read a table pass by pass, with settings that change what they do.
const METHODS: [&[&str]; 8] = [
    &["ros"],
    &["rus"],
    &["rus", "--ratio", "0.4"],
    &["smote"],
    &["smote", "--ratio", "0.3", "--k", "1"],
    &["borderline-smote"],
    &["borderline-smote", "--set", "variant=2"],
    &[
        "borderline-smote",
        "--set",
        "m=3",
        "--k",
        "7",
        "--set",
        "variant=2",
    ],
];

/// What a run in memory and runs pass by pass have in common: the table, the origins and all that is said.
fn assert_equal_runs(folder: &Path, table: &str, more: &[&str]) {
    let at = |name: &str| folder.join(name).display().to_string();
    for method in METHODS {
        let run = |stream: &[&str]| {
            let (out, origins) = (at("out.csv"), at("origins.csv"));
            let mut arguments = vec!["resample", table, "--method"];
            arguments.extend(method);
            arguments.extend(["--seed", "7", "--out", &out, "--origins", &origins]);
            arguments.extend(["--overwrite"]);
            arguments.extend(more);
            arguments.extend(stream);
            let done = art(&arguments).assert().success().get_output().clone();
            let files = [&out, &origins].map(|path| fs::read_to_string(path).unwrap());
            (files, done.stdout, done.stderr)
        };
        let (files, said, warned) = run(&[]);
        assert!(files[0].lines().count() > 5, "{method:?}");
        for stream in ["--stream", "--stream=7", "--stream=1"] {
            let streamed = run(&[stream]);
            assert!(streamed.0 == files, "{table} {method:?} {stream}");
            assert_eq!(streamed.1, said, "{method:?} {stream}");
            let text = |said: &[u8]| String::from_utf8_lossy(said).into_owned();
            assert_eq!(text(&streamed.2), text(&warned), "{method:?} {stream}");
        }
    }
}

/// Numbers below `n` that look random.
fn numbers(n: u64) -> impl FnMut() -> u64 {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    move || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 20) % n
    }
}

/// Five classes, one of a single row; numbers with holes, whole ones with points, words in several spellings and dates.
fn mixed(delimiter: char, decimal: char) -> String {
    let mut next = numbers(1 << 30);
    let mut text = [
        "id", "group", "a", "b", "word", "flag", "day", "only one", "y",
    ]
    .join(&delimiter.to_string());
    for row in 0..500 {
        let class = match next() % 100 {
            _ if row == 211 => 4,
            0..=66 => 0,
            67..=84 => 1,
            85..=94 => 2,
            _ => 3,
        };
        let mut number = |spread: u64| (next() % spread) as f64 / 7.0 + f64::from(class);
        let a = format!("{:.3}", number(40)).replace('.', &decimal.to_string());
        let b = format!("{:.1}", number(300).round());
        let b = b.replace('.', &decimal.to_string());
        let hole = |text: String, n: u64, marker: &str| match n % 9 {
            0 => marker.to_owned(),
            _ => text,
        };
        let (a, b) = (hole(a, next(), ""), hole(b, next(), "NA"));
        let word = ["red", "Red", " blue", "green", "", "\"a, b\""][next() as usize % 6];
        let flag = ["yes", "no"][next() as usize % 2];
        let day = format!(
            "20{:02}-{:02}-{:02}",
            next() % 9 + 10,
            next() % 12 + 1,
            next() % 28 + 1
        );
        let fields = [
            &format!("row {row}"),
            &format!("g{}", row / 3),
            &a,
            &b,
            word,
            flag,
            &day,
            "1",
            ["x", "m", "s", "q", "lone"][class as usize],
        ];
        let _ = write!(text, "\n{}", fields.join(&delimiter.to_string()));
    }
    text
}

#[test]
fn mixed_columns_are_resampled_as_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let table = file(folder.path(), "mixed.csv", mixed(',', '.'));
    assert_equal_runs(
        folder.path(),
        &table,
        &["--target", "y", "--group", "group"],
    );
}

#[test]
fn packed_text_with_decimal_commas_is_resampled_as_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut packed = GzEncoder::new(vec![], Compression::fast());
    packed.write_all(mixed(';', ',').as_bytes()).unwrap();
    let table = file(folder.path(), "mixed.csv.gz", packed.finish().unwrap());
    let more = ["--target", "y", "--ignore", "word", "--id", "group"];
    assert_equal_runs(folder.path(), &table, &more);
}

#[test]
fn numbers_alone_are_resampled_as_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let mut next = numbers(12);
    let mut text = String::from("a,b,c,y");
    // On a grid, so that many rows are as far away as others.
    for row in 0..400 {
        let class = [0, 0, 0, 0, 1, 0, 2][row % 7];
        let y = ["many", "few", "less"][class];
        let _ = write!(
            text,
            "\n{},{},{},{y}",
            next() + class as u64,
            next(),
            next()
        );
    }
    let table = file(folder.path(), "numbers.csv", text);
    assert_equal_runs(folder.path(), &table, &["--target", "y"]);
}

#[test]
fn parquet_is_resampled_as_in_memory() {
    let folder = tempfile::tempdir().unwrap();
    let golden = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../art-data/tests/golden");
    let table = golden.join("tables.snappy.parquet").display().to_string();
    assert_equal_runs(folder.path(), &table, &["--target", "class"]);
}

#[test]
fn a_table_of_over_ten_million_fields_is_read_pass_by_pass_unasked() {
    let folder = tempfile::tempdir().unwrap();
    // A thousand columns, of which all but one are constant.
    let row = ",1".repeat(999);
    let mut text = String::from("x");
    for column in 0..998 {
        let _ = write!(text, ",c{column}");
    }
    text.push_str(",y");
    for row_number in 0..10_001 {
        let class = if row_number % 3 == 0 { "a" } else { "b" };
        let _ = write!(text, "\n{row_number}{}{class}", &row[..row.len() - 1]);
    }
    let table = file(folder.path(), "wide.csv", text);
    let out = folder.path().join("out.csv").display().to_string();
    let arguments = [
        "resample", &table, "--target", "y", "--method", "rus", "--out", &out,
    ];
    let done = art(&arguments).assert().success().get_output().clone();
    let said = String::from_utf8(done.stderr).unwrap();
    assert!(said.contains("is read pass by pass"), "{said}");
    assert!(said.contains("in the first 10000"), "{said}");
    let written = fs::read_to_string(&out).unwrap();
    assert_eq!(written.lines().count(), 1 + 2 * 3_334);
}

#[test]
fn classes_that_are_large_enough_leave_the_table_as_it_is() {
    let folder = tempfile::tempdir().unwrap();
    let text = "x,y\n1,a\n2,b\n3,a\n4,b\n5,a\n6,b\n";
    let table = file(folder.path(), "t.csv", text);
    let out = folder.path().join("out.csv").display().to_string();
    for method in ["ros", "rus", "smote", "borderline-smote"] {
        let arguments = ["resample", &table, "--target", "y", "--method", method];
        let said = [&arguments[..], &["--out", &out, "--overwrite", "--stream"]].concat();
        stdout(&said);
        assert_eq!(fs::read_to_string(&out).unwrap(), text, "{method}");
    }
}

#[test]
fn methods_that_look_at_all_rows_at_once_refuse_to_stream_and_large_tables() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out.csv").display().to_string();
    let refused = |table: &str, method: &str, more: &[&str]| {
        let arguments = ["resample", table, "--target", "y", "--method", method];
        let said = stderr(&[&arguments[..], &["--out", &out], more].concat());
        assert!(!Path::new(&out).exists(), "{method}");
        said
    };
    let small = file(folder.path(), "t.csv", "x,y\n1,a\n2,b\n3,a\n");
    let said = refused(&small, "tomek", &["--stream"]);
    assert!(said.contains("tomek looks at all rows at once"), "{said}");
    let mut text = String::from("x,y\n");
    for row in 0..1_000_001 {
        text.push_str(if row % 3 == 0 { "1,a\n" } else { "2,b\n" });
    }
    let large = file(folder.path(), "large.csv", text);
    let said = refused(&large, "tomek", &[]);
    for part in ["at most 1000000 rows", "1000001", "SMOTE"] {
        assert!(said.contains(part), "{said}");
    }
}

#[test]
fn what_is_wrong_with_a_table_is_said_as_in_memory_and_nothing_is_left() {
    let folder = tempfile::tempdir().unwrap();
    let mut many = String::new();
    for row in 0..3_000 {
        let _ = writeln!(many, "w{},{}", row / 2, ["a", "b"][row % 2]);
    }
    let tables = [
        ("ragged", "x,y\n1,a\n2\n".to_owned()),
        ("label", "x,y\n1,a\n2,\n3,b\n".to_owned()),
        ("one", "x,y\n1,a\n2,a\n".to_owned()),
        ("alone", "y\na\nb\n".to_owned()),
        ("empty", "x,z,y\n,1,a\n,2,b\n,3,a\n".to_owned()),
        ("words", format!("x,y\n{many}")),
        ("none", "x,z\n1,a\n".to_owned()),
    ];
    for (name, text) in tables {
        let table = file(folder.path(), name, text);
        let out = folder.path().join("out").display().to_string();
        let arguments = [
            "resample", &table, "--target", "y", "--method", "smote", "--out", &out,
        ];
        let expected = stderr(&arguments);
        let said = stderr(&[&arguments[..], &["--stream"]].concat());
        assert_eq!(said, expected, "{name}");
        assert!(!Path::new(&out).exists(), "{name}");
    }
}
