//! Wrong input to any command is named, and leaves nothing behind.

mod common;

use common::{art, file, stderr, train};
use std::{fs, path::Path};

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
            words(&["draw", &table("u.csv", b"x,t\n1,a\n1,b\n1,a\n")]),
            "looks like a table",
        ),
        (
            words(&[
                "draw",
                &table(
                    "v.txt",
                    (0..50)
                        .map(|i: u32| i.to_string())
                        .collect::<Vec<_>>()
                        .join("\n")
                        .as_bytes(),
                ),
            ]),
            "has 50 different lines among 50",
        ),
        (
            words(&[
                "resample", &good, "--target", "t", "--method", "ros", "--out", &out, "--weight",
                "x",
            ]),
            "--weight x: weights of rows are not built",
        ),
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
    let version = b"\"art-model-version\":\"3\"";
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
    file(here, "zero.csv", b"age,town\n30,U\0m\n");
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
            "version 7, this program reads up to 3",
        ),
        ("predict HERE/m.art HERE/none.csv", "cannot read"),
        ("predict HERE/m.art HERE", "it is a folder"),
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
            "leave it out (--ignore \"income\")",
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
            "line 2: the row has 1 field",
        ),
        (
            "predict HERE/m.art HERE/twice.csv",
            "two columns are called \"age\"",
        ),
        ("predict HERE/m.art HERE/zero.csv", "NUL byte"),
        ("predict HERE/m.art HERE/bytes.csv", "not UTF-8"),
        (
            "predict HERE/m.art HERE/huge.csv",
            "holds 1e99 in data row 1, too far from the training rows",
        ),
        ("predict HERE/m.art HERE/short.csv --json", "needs --out"),
        ("report HERE/people.csv", "it is no model"),
        (
            "report HERE/m.art --out HERE/none/page.html",
            "there is no folder",
        ),
        (
            &format!("{good} --weight age"),
            "Leave the column out (--ignore age)",
        ),
        (
            &format!("{compare} --weight age"),
            "weights of rows are not built",
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
            "the class \"b\" (2 rows) has too few rows",
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
            "--ignore key  leaves the column out",
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
            "the class \"b\" (2 rows) has too few rows",
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
