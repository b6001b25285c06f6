//! Tables as people have them: what is read, what is refused, what becomes of it.

use art_core::Seed;
use art_data::{
    Column, Encoder, Frame, LabelledFrame, MISSING, ReadOptions, SplitConfig, Unseen, Values,
    read_frame,
};
use std::{collections::BTreeSet, fmt::Write as _, fs, io::Write, path::Path};

fn options(words: &[&str]) -> ReadOptions {
    ReadOptions {
        words: words.iter().map(|&word| word.to_owned()).collect(),
        ..ReadOptions::default()
    }
}

fn with_file<T>(bytes: &[u8], see: impl FnOnce(&Path) -> T) -> T {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, bytes).unwrap();
    see(&path)
}

fn read(bytes: &[u8], words: &[&str]) -> Frame {
    with_file(bytes, |path| read_frame(path, &options(words)).unwrap())
}

fn error(bytes: &[u8], words: &[&str]) -> String {
    with_file(bytes, |path| {
        read_frame(path, &options(words)).unwrap_err().to_string()
    })
}

fn numbers(frame: &Frame, name: &str) -> Vec<f64> {
    match &frame.column(name).unwrap().values {
        Values::Numbers(numbers) => numbers.clone(),
        Values::Words { .. } => panic!("{name} is one of words"),
    }
}

fn words(frame: &Frame, name: &str) -> (Vec<String>, Vec<u32>) {
    match &frame.column(name).unwrap().values {
        Values::Words { levels, codes } => (levels.clone(), codes.clone()),
        Values::Numbers(_) => panic!("{name} is one of numbers"),
    }
}

const PLAIN: &str = "age,town,left\n30,Bonn,no\n40.5,Ulm,yes\n-2e1,Bonn,no\n";

#[test]
fn one_table_in_many_writings_is_one_table() {
    let plain = read(PLAIN.as_bytes(), &[]);
    assert_eq!(numbers(&plain, "age"), [30.0, 40.5, -20.0]);
    assert_eq!(
        words(&plain, "town"),
        (vec!["Bonn".into(), "Ulm".into()], vec![0, 1, 0])
    );
    let mut packed = flate2::write::GzEncoder::new(vec![], flate2::Compression::fast());
    packed.write_all(PLAIN.as_bytes()).unwrap();
    let variants: Vec<Vec<u8>> = vec![
        PLAIN.replace(',', "\t").into(),
        PLAIN.replace(',', ";").into(),
        PLAIN.replace('\n', "\r\n").into(),
        format!("\u{feff}{PLAIN}").into(),
        PLAIN.trim_end().into(),
        PLAIN
            .replace("town", "\"town\"")
            .replace("Ulm", "\"Ulm\"")
            .into(),
        PLAIN.replace(',', " , ").into(),
        packed.finish().unwrap(),
    ];
    for bytes in variants {
        let frame = read(&bytes, &[]);
        let text = String::from_utf8_lossy(&bytes).into_owned();
        assert_eq!(frame.columns(), plain.columns(), "{text}");
    }
    // A delimiter inside quotes does not count.
    let quoted = read(b"\"a,b,c\";n\nx;1\ny;2\n", &[]);
    assert_eq!(quoted.columns()[0].name, "a,b,c");
}

#[test]
fn missing_values_unicode_and_labels_that_look_like_numbers() {
    let text = "größe,ja,klasse\n1,,10\nNA,wahr,9\n?,falsch,10\n";
    let frame = read(text.as_bytes(), &["klasse"]);
    assert!(numbers(&frame, "größe")[1].is_nan() && numbers(&frame, "größe")[2].is_nan());
    assert_eq!(frame.column("ja").unwrap().values.n_missing(), 1);
    assert_eq!(
        words(&frame, "klasse"),
        (vec!["9".into(), "10".into()], vec![1, 0, 1])
    );
}

#[test]
fn bad_files_are_named_with_their_place() {
    let cases: &[(&[u8], &str)] = &[
        (b"", "the file is empty"),
        (b"a,b\n", "there is a header and no row"),
        (
            b"a,b\n1,2\n3\n",
            "line 3: the row has 1 field, the header has 2",
        ),
        (b"a,a\n1,2\n", "two columns are called \"a\""),
        (
            b"a,,column 2\n1,2,3\n",
            "two columns are called \"column 2\"",
        ),
        (b"a,b\n1,\0\n", "line 2: column \"b\" holds a NUL byte"),
        (b"a,b\nx,\xff\n", "line 2: column \"b\" is not UTF-8"),
        (b"a\xff,b\nx,y\n", "the name of column 1 is not UTF-8"),
    ];
    for (bytes, expected) in cases {
        let found = error(bytes, &[]);
        assert!(
            found.contains("table.csv") && found.contains(expected),
            "{found}"
        );
    }
    let field = |row: usize| if row == 20 { "1O" } else { "10" };
    let rows: Vec<String> = (0..50).map(|row| format!("{row},{}", field(row))).collect();
    let typo = format!("a,b\n{}\n", rows.join("\n"));
    let found = error(typo.as_bytes(), &[]);
    assert!(
        found.contains("line 22: column \"b\" holds \"1O\" among numbers"),
        "{found}"
    );
    assert_eq!(words(&read(typo.as_bytes(), &["b"]), "b").0, ["10", "1O"]);
    assert!(error(PLAIN.as_bytes(), &["twon"]).contains("did you mean \"town\"?"));
    let missing = read_frame(Path::new("/no/such.csv"), &options(&[])).unwrap_err();
    assert!(missing.to_string().contains("cannot read /no/such.csv"));
    let folder = tempfile::tempdir().unwrap();
    let found = read_frame(folder.path(), &options(&[]))
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("it is a folder; name a file in it"),
        "{found}"
    );
}

#[test]
fn targets_that_are_no_classes_are_refused() {
    let classes = |text: &str| {
        let frame = read(text.as_bytes(), &["t"]);
        LabelledFrame::new(frame, "t").unwrap_err().to_string()
    };
    assert!(classes("x,t\n1,a\n2,a\n").contains("one class, \"a\", alone"));
    assert!(classes("x,t\n1,a\n2,\n3,b\n").contains("no label in data row 2 (1 such row)"));
    let rows: Vec<String> = (0..30).map(|row| format!("1,{row}.5")).collect();
    let found = classes(&format!("x,t\n{}\n", rows.join("\n")));
    assert!(found.contains("30 different labels in 30 rows"), "{found}");
    let frame = read(PLAIN.as_bytes(), &["left"]);
    let table = LabelledFrame::new(frame.clone(), "left").unwrap();
    assert_eq!(table.class_names(), ["no", "yes"]);
    assert_eq!(table.labels(), [0, 1, 0]);
    let error = LabelledFrame::new(frame, "lef").unwrap_err().to_string();
    assert!(error.contains("did you mean \"left\"?"), "{error}");
    assert!(classes("t\na\nb\n").contains("nothing to predict it from"));
}

fn names(list: &[&str]) -> Vec<String> {
    list.iter().map(|&name| name.to_owned()).collect()
}

#[test]
fn everything_is_fitted_on_the_rows_given() {
    let text = "n,w\n1,a\n3,b\n,c\n100,d\n";
    let frame = read(text.as_bytes(), &[]);
    let encoder = Encoder::fit(&frame, &names(&["n", "w"]), &[0, 1, 2]).unwrap();
    assert_eq!(
        encoder.feature_names(),
        ["n", "n missing", "w = a", "w = b", "w = c"]
    );
    // Filled with the median 2: values 1, 3, 2 with mean 2 and deviation √(2/3).
    let rows = encoder.encode(&frame, &[0, 2], Unseen::Refused).unwrap();
    let one = (1.0 / (2.0_f64 / 3.0).sqrt()) as f32;
    assert_eq!(rows.features.row(0).to_vec(), [-one, 0.0, 1.0, 0.0, 0.0]);
    assert_eq!(rows.features.row(1).to_vec(), [0.0, 1.0, 0.0, 0.0, 1.0]);
    let refused = encoder
        .encode(&frame, &[3], Unseen::Refused)
        .unwrap_err()
        .to_string();
    assert!(
        refused.contains("holds \"d\" in data row 4") && refused.contains("\"a\", \"b\", \"c\""),
        "{refused}"
    );
    let counted = encoder.encode(&frame, &[3], Unseen::Counted).unwrap();
    assert_eq!((counted.n_unseen, counted.features[[0, 2]]), (1, 0.0));

    // Other columns, in any order, may stand beside; a missing or changed one is named.
    let other = read(b"w,extra,n\nb,1,3\n", &[]);
    let again = encoder.encode(&other, &[0], Unseen::Refused).unwrap();
    assert_eq!(again.features.row(0).to_vec(), [one, 0.0, 0.0, 1.0, 0.0]);
    let lacking = read(b"w,m\nb,1\n", &[]);
    let found = encoder
        .encode(&lacking, &[0], Unseen::Refused)
        .unwrap_err()
        .to_string();
    assert!(found.contains("has no column \"n\""), "{found}");
    let changed = read(b"w,n\nb,many\n", &[]);
    let found = encoder
        .encode(&changed, &[0], Unseen::Refused)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("holds words such as \"many\"; in training it held numbers"),
        "{found}"
    );
    let changed = read(b"w,n\n1,2\n", &[]);
    let found = encoder
        .encode(&changed, &[0], Unseen::Refused)
        .unwrap_err()
        .to_string();
    assert!(
        found.contains("holds numbers; in training it held words"),
        "{found}"
    );

    let found = Encoder::fit(&frame, &names(&["n"]), &[2])
        .unwrap_err()
        .to_string();
    assert!(found.contains("no value in the training rows"), "{found}");
}

/// 40 groups of 1 to 9 rows; every third row of the rare class.
fn grouped(extra: &str) -> LabelledFrame {
    let mut text = String::from("patient,x,t\n");
    for group in 0..40_usize {
        for row in 0..=group % 9 {
            let class = if (group + row) % 3 == 0 {
                "sick"
            } else {
                "well"
            };
            let _ = writeln!(text, "{group},{row},{class}");
        }
    }
    text += extra;
    let frame = read(text.as_bytes(), &["patient", "t"]);
    LabelledFrame::new(frame, "t")
        .unwrap()
        .grouped_by("patient")
        .unwrap()
}

#[test]
fn rows_of_a_group_stay_together() {
    let table = grouped("");
    assert_eq!(table.features(), ["x"]);
    let config = SplitConfig::default();
    let groups = |rows: &[u32]| -> BTreeSet<u32> {
        let (_, codes) = words(table.frame(), "patient");
        rows.iter().map(|&row| codes[row as usize]).collect()
    };
    let mut splits = vec![];
    for seed in 0..20 {
        let rows = table.rows(&config, Seed::new(seed)).unwrap();
        let [train, valid, test] = [&rows.train, &rows.valid, &rows.test].map(|part| groups(part));
        assert!(train.is_disjoint(&valid) && train.is_disjoint(&test) && valid.is_disjoint(&test));
        let n = table.labels().len();
        assert_eq!(rows.train.len() + rows.valid.len() + rows.test.len(), n);
        for part in [&rows.valid, &rows.test] {
            let share = part.len() as f64 / n as f64;
            assert!((0.10..0.20).contains(&share), "{share}");
            let sick = part
                .iter()
                .filter(|&&row| table.labels()[row as usize] == 0)
                .count();
            let share = sick as f64 / part.len() as f64;
            assert!((0.2..0.5).contains(&share), "{share}");
        }
        assert_eq!(rows, table.rows(&config, Seed::new(seed)).unwrap());
        splits.push(rows.test);
    }
    splits.dedup();
    assert!(splits.len() > 15, "seeds make different splits");
}

#[test]
fn a_column_that_divides_badly_is_named() {
    let table = |text: &str| LabelledFrame::new(read(text.as_bytes(), &["g", "t"]), "t").unwrap();
    let fails = |table: LabelledFrame| {
        let rows = table.rows(&SplitConfig::default(), Seed::new(1));
        rows.unwrap_err().to_string()
    };
    let one_group = table("g,x,t\na,1,u\na,2,v\na,3,u\n")
        .grouped_by("g")
        .unwrap();
    assert!(fails(one_group).contains("leaves no row for the validation part"));
    let given = |text: &str| table(text).split_by("g");
    let parts = "g,x,t\ntrain,1,u\nTraining,2,v\nvalid,3,u\ntest,4,v\n";
    let rows = given(parts)
        .unwrap()
        .rows(&SplitConfig::default(), Seed::new(1))
        .unwrap();
    assert_eq!(
        (rows.train, rows.valid, rows.test),
        (vec![0, 1], vec![2], vec![3])
    );
    let error = |text: &str| given(text).unwrap_err().to_string();
    assert!(error("g,x,t\ntrain,1,u\nhold,2,v\n").contains("\"hold\" in data row 2"));
    assert!(error("g,x,t\ntrain,1,u\ntrain,2,v\n").contains("no row that says valid"));
    assert!(
        error("g,x,t\ntrain,1,u\n,2,v\n").contains("no value in 1 row (data row 2); write one")
    );
    let no_test = given("g,x,t\ntrain,1,u\ntrain,2,v\nvalid,3,u\n").unwrap();
    assert!(fails(no_test).contains("no row for the test part"));
    let untrained = given("g,x,t\ntrain,1,u\nvalid,2,v\ntest,3,u\n").unwrap();
    assert!(fails(untrained).contains("no training row for the class \"v\""));
    let numbers = table("g,x,t\na,1,u\nb,2,v\n").grouped_by("x").unwrap_err();
    assert!(numbers.to_string().contains("read as numbers"));
    assert!(table("g,x,t\na,1,u\nb,2,v\n").grouped_by("t").is_err());
}

#[test]
fn columns_that_name_rows_are_told_from_those_that_describe_them() {
    let mut text = String::from("number,customer,city,age,shuffled,year,date,class\n");
    for row in 0..40 {
        writeln!(
            text,
            "{},c{row},city{},{},{},{},{},{}",
            100_000_001 + row,
            row % 30,
            (row * 7) % 37,
            (row * 7) % 40,
            2000 + row / 2,
            // More rows of a day than single precision can take for one number.
            20_240_101 + row / 8,
            row % 2
        )
        .unwrap();
    }
    let frame = read(text.as_bytes(), &["class"]);
    let named = frame.columns().iter();
    let named = named.filter(|column| column.seems_to_name_rows());
    let found: Vec<&str> = named.map(|column| &*column.name).collect();
    assert_eq!(found, ["number", "customer", "shuffled"]);
    // In a few rows everything is different.
    let few: String = text.lines().take(11).flat_map(|l| [l, "\n"]).collect();
    let frame = read(few.as_bytes(), &["class"]);
    let mut columns = frame.columns().iter();
    assert!(columns.all(|column| !column.seems_to_name_rows()));
}

#[test]
fn an_unseen_word_is_neither_of_two() {
    let frame = read(b"town,y\nBonn,a\nUlm,b\nBonn,a\nUlm,b\n", &[]);
    let encoder = Encoder::fit(&frame, &["town".into()], &[0, 1, 2, 3]).unwrap();
    let new = read(b"town,y\nParis,a\nUlm,b\nBonn,a\n", &[]);
    let made = encoder.encode(&new, &[0, 1, 2], Unseen::Counted).unwrap();
    assert_eq!(made.n_unseen, 1);
    assert_eq!(made.features.column(0).to_vec(), [0.5, 1.0, 0.0]);
}

#[test]
fn a_number_that_cannot_be_scaled_is_named() {
    let frame = read(b"x,y\n1e-10,a\n2e-10,b\n3e-10,a\n", &[]);
    let encoder = Encoder::fit(&frame, &["x".into()], &[0, 1, 2]).unwrap();
    let new = read(b"x,y\n1e-10,a\n-3e38,b\n", &[]);
    let error = encoder.encode(&new, &[0, 1], Unseen::Counted).unwrap_err();
    let error = error.to_string();
    assert!(error.contains("-3e38 in data row 2, too far"), "{error}");
}

#[cfg(unix)]
#[test]
fn what_cannot_be_read_twice_is_refused_by_that_name() {
    let error = read_frame(Path::new("/dev/null"), &ReadOptions::default());
    assert!(error.unwrap_err().to_string().contains("no regular file"));
}

#[test]
fn rows_inside_a_stray_quote_are_named() {
    let rows = (0..30).map(|row| format!("{row},{row},a\n"));
    let rows = rows.collect::<Vec<_>>().concat();
    let opened = |text: &str| error(format!("x,y,t\n{text}").as_bytes(), &["t"]);
    // Never closed, and closed many rows on.
    let open = opened(&format!("1,2,\"a\n{rows}"));
    assert!(
        open.contains("line 2: a field in quotes goes on over 29 lines that look like rows"),
        "{open}"
    );
    let closed = opened(&format!("1,2,\"a\n{rows}3,4,a\"\n5,6,b\n"));
    assert!(closed.contains("line 2: a field in quotes"), "{closed}");
    let header = error(b"x,\"y,t\n1,2,a\n3,4,b\n", &[]);
    assert!(
        header.contains("line 1: a quote in this row is never closed"),
        "{header}"
    );
    let label = error(b"x,t\n1,a\n2,b\n3,\"a\n4,b\n", &["t"]);
    assert!(
        label.contains("line 4: a quote in this row is never closed"),
        "{label}"
    );
    // A quote behind a space would be part of the field.
    let spaced = error(b"x, \"y\", t\n1, \"2\", a\n", &[]);
    assert!(
        spaced.contains("line 1: field 2 has a space before its quotes"),
        "{spaced}"
    );
    // Text of several lines is text.
    let letter =
        "Dear all,\nThanks for the quick reply, it helped.\nI will call tomorrow, as agreed.\nBye";
    let text = format!("x,t\n\"{letter}\",a\n\"short\",b\n");
    let (levels, _) = words(&read(text.as_bytes(), &["t"]), "x");
    assert_eq!(levels, [letter, "short"]);
    let address = "12 High Street\nFlat 3, Block B, Leeds, UK\nLS1 4AP";
    let text = format!("x,y,z,t\n\"{address}\",1,2,a\nshort,1,2,b\n");
    assert_eq!(
        words(&read(text.as_bytes(), &["t"]), "x").0,
        [address, "short"]
    );
}

#[test]
fn large_numbers_keep_their_digits() {
    let rows = (0..6).map(|row| format!("{},{}\n", 1_700_000_000_000_u64 + row, row % 2));
    let rows = rows.collect::<Vec<_>>().concat();
    let frame = read(format!("ms,t\n{rows}").as_bytes(), &["t"]);
    let encoder = Encoder::fit(&frame, &["ms".into()], &[0, 1, 2, 3, 4, 5]).unwrap();
    let made = encoder.encode(&frame, &[0, 1], Unseen::Refused).unwrap();
    // 0 to 5 have mean 2.5 and deviation √(35/12).
    for (found, expected) in made.features.iter().zip([-2.5, -1.5]) {
        let expected = expected / (35.0_f32 / 12.0).sqrt();
        assert!((found - expected).abs() < 1e-6, "{found} {expected}");
    }
}

fn made(columns: Vec<Column>) -> Result<Frame, String> {
    Frame::of_columns(columns).map_err(|error| error.to_string())
}

#[test]
fn columns_of_another_library_are_the_table_that_a_file_would_be() {
    let read = read(
        b"age,town,left\n30.5, Bonn,no\n,ulm,yes\n2,Ulm,no\n7,,no\n8,Ulm,no\n",
        &["left"],
    );
    let fields = [" Bonn", "ulm", "Ulm", ""].map(String::from);
    let town = Values::of_words(&fields, &[0, 1, 2, 3, 2]).unwrap();
    let missing = Values::of_words(&fields, &[0, 1, 2, MISSING, 2]).unwrap();
    assert_eq!(town, missing);
    let left = Values::of_labels(&["yes", "no"].map(String::from), &[1, 0, 1, 1, 1]);
    let frame = made(vec![
        Column::new("age", Values::Numbers(vec![30.5, f64::NAN, 2.0, 7.0, 8.0])),
        Column::new("town", town),
        Column::new("left", left),
    ])
    .unwrap();
    for (made, read) in frame.columns().iter().zip(read.columns()) {
        assert_eq!((&made.name, made.kind), (&read.name, read.kind));
        match (&made.values, &read.values) {
            (Values::Numbers(made), Values::Numbers(read)) => {
                let bits = |of: &[f64]| of.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
                assert_eq!(bits(made), bits(read));
            }
            (made, read) => assert_eq!(made, read),
        }
    }
}

#[test]
fn columns_that_make_no_table_are_refused() {
    let numbers = |name: &str, values: &[f64]| Column::new(name, Values::Numbers(values.to_vec()));
    let refused = |columns: Vec<Column>| made(columns).unwrap_err();
    let none = refused(vec![]);
    assert!(none.contains("column"), "{none}");
    let twice = refused(vec![numbers("a", &[1.0]), numbers("a", &[2.0])]);
    assert!(twice.contains("\"a\" is there twice"), "{twice}");
    let shorter = refused(vec![numbers("a", &[1.0, 2.0]), numbers("b", &[2.0])]);
    assert!(shorter.contains("\"b\" has 1 rows"), "{shorter}");
    let infinite = refused(vec![numbers("a", &[1.0, f64::INFINITY])]);
    assert!(infinite.contains("\"a\" is inf in row"), "{infinite}");
    let place = Values::of_words(&["a".to_owned()], &[0, 1]).unwrap_err();
    assert!(place.to_string().contains('1'), "{place}");
    // Labels are not trimmed or joined.
    let labels = Values::of_labels(&["a", "A", " a"].map(String::from), &[0, 1, 2]);
    assert_eq!(labels.level_counts(), [1; 3]);
}
