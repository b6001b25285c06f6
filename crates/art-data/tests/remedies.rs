//! What would mend an error is data; the error itself knows no program.

use art_core::Seed;
use art_data::{
    ColumnProblem, DataError, Encoder, LabelledFrame, ReadOptions, Remedy, SplitConfig, Unseen,
    read_frame,
};
use std::fs;

fn read(text: impl AsRef<[u8]>, options: &ReadOptions) -> Result<art_data::Frame, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    fs::write(&path, text).unwrap();
    read_frame(&path, options)
}

fn plain(text: impl AsRef<[u8]>) -> Result<art_data::Frame, DataError> {
    read(text, &ReadOptions::default())
}

/// The remedies of an error that names no option of a program.
fn remedies(error: &DataError) -> Vec<Remedy> {
    let text = error.to_string();
    assert!(!text.contains("--"), "{text}");
    error.remedies()
}

fn missing(field: &str) -> Remedy {
    Remedy::TakeForMissing {
        field: field.into(),
    }
}

fn left_out(column: &str) -> Remedy {
    Remedy::LeaveOut {
        column: column.into(),
    }
}

fn words(column: &str) -> Remedy {
    Remedy::ReadAsWords {
        column: column.into(),
    }
}

#[test]
fn what_is_in_doubt_is_settled_by_an_option_of_reading() {
    let rows = |n: i32, last: &str, row: &dyn Fn(i32) -> String| {
        let rows: String = (1..=n).flat_map(|i| [row(i), ",1\n".into()]).collect();
        format!("v,y\n{rows}{last},1\n")
    };
    let number = rows(30, "1O", &|i| i.to_string());
    let date = rows(30, "soon", &|i| format!("2024-01-{i:02}"));
    let latin: &[u8] = b"v,y\na\xff,1\n";
    let latin_name: &[u8] = b"v\xff,y\na,1\n";
    let cases: [(&[u8], Vec<Remedy>); 9] = [
        (number.as_bytes(), vec![missing("1O"), words("v")]),
        (date.as_bytes(), vec![missing("soon"), left_out("v")]),
        (
            b"v;y\n1,234;a\n5,678;b\n",
            vec![Remedy::DecimalPoint, Remedy::DecimalComma],
        ),
        (
            b"v,y\n01/02/2024,a\n",
            vec![Remedy::DayFirst, Remedy::MonthFirst],
        ),
        (
            b"1.5,a\n2.5,b\n",
            vec![Remedy::HeaderAbsent, Remedy::HeaderPresent],
        ),
        (
            b"# exported\na,b\n1,2\n",
            vec![Remedy::Comment { sign: '#' }],
        ),
        (latin, vec![Remedy::Encoding]),
        (latin_name, vec![Remedy::Encoding]),
        (b"a,b\n1,2\n1\n", vec![]),
    ];
    for (text, expected) in cases {
        assert_eq!(remedies(&plain(text).unwrap_err()), expected);
    }
}

#[test]
fn what_is_wrong_is_data() {
    let rows: String = (1..=30)
        .flat_map(|i| [i.to_string(), ",1\n".into()])
        .collect();
    let error = plain(format!("v,y\n{rows}1O,1\n")).unwrap_err();
    let DataError::Column {
        at, name, problem, ..
    } = error
    else {
        panic!("{error}")
    };
    assert_eq!((at, &*name), (Some(art_data::Place::Line(32)), "v"));
    let expected = ColumnProblem::AmongNumbers {
        field: "1O".into(),
        n_others: 1,
        n_fields: 31,
    };
    assert_eq!(*problem, expected);
}

#[test]
fn a_lone_column_is_taken_apart_by_the_sign_in_its_name() {
    for (text, sign) in [
        ("a|b|t\n1|2|x\n", Some('|')),
        ("a b t\n1 2 x\n", Some(' ')),
        ("a  b  t\n1  2  x\n", None),
    ] {
        let error = plain(text).unwrap().column("t").unwrap_err();
        assert!(error.to_string().contains("is another delimiter meant?"));
        assert_eq!(remedies(&error), [Remedy::Delimiter { sign }]);
    }
    let error = plain("a,b\n1,2\n").unwrap().column("t").unwrap_err();
    assert_eq!(remedies(&error), []);
}

#[test]
fn a_marker_among_labels_may_be_a_label() {
    let target = ReadOptions {
        words: vec!["t".into()],
        ..ReadOptions::default()
    };
    let error = |text: &str| {
        let frame = read(text, &target).unwrap();
        remedies(&LabelledFrame::new(frame, "t").unwrap_err())
    };
    let field = "NA".to_owned();
    assert_eq!(
        error("x,t\n1,DE\n2,NA\n3,FR\n"),
        [Remedy::TakeForValue { field }]
    );
    assert_eq!(error("x,t\n1,DE\n2,\n3,FR\n"), []);
}

#[test]
fn what_cannot_be_encoded_is_left_out_counted_or_missing() {
    let frame = plain("x,w,none\n1e-10,Bonn,\n2e-10,Ulm,\n").unwrap();
    let fit = |names: &[&str]| {
        let names: Vec<String> = names.iter().map(|&name| name.into()).collect();
        Encoder::fit(&frame, &names, &[0, 1])
    };
    assert_eq!(remedies(&fit(&["none"]).unwrap_err()), [left_out("none")]);
    let encoder = fit(&["x", "w"]).unwrap();
    let error = |text: &str, words: &[&str]| {
        let options = ReadOptions {
            words: words.iter().map(|&name| name.into()).collect(),
            ..ReadOptions::default()
        };
        let new = read(text, &options).unwrap();
        remedies(&encoder.encode(&new, &[0], Unseen::Refused).unwrap_err())
    };
    assert_eq!(error("x,w\n1,Bon\n", &[]), [Remedy::CountUnseen]);
    assert_eq!(error("x,w\n1e37,Ulm\n", &[]), [missing("1e37")]);
    assert_eq!(error("x,w\n1,2\n", &[]), [words("w")]);
    let many: String = (0..1_200)
        .flat_map(|i| ["w".into(), i.to_string(), "\n".into()])
        .collect();
    let many = plain(format!("w\n{many}")).unwrap();
    let rows: Vec<u32> = (0..1_200).collect();
    let error = Encoder::fit(&many, &["w".into()], &rows).unwrap_err();
    assert_eq!(remedies(&error), [left_out("w")]);
}

#[test]
fn small_classes_are_joined_only_where_that_is_enough() {
    let split = |small: &[(&str, usize)]| {
        let mut text = "x,t\n".to_owned();
        for (name, n) in [("a", 20), ("b", 20)].iter().chain(small) {
            text += &format!("1,{name}\n").repeat(*n);
        }
        let options = ReadOptions {
            words: vec!["t".into()],
            ..ReadOptions::default()
        };
        let table = LabelledFrame::new(read(text, &options).unwrap(), "t").unwrap();
        let error = table.rows(&SplitConfig::default(), Seed::new(1));
        remedies(&error.unwrap_err())
    };
    let out = |names: &[&str]| Remedy::LeaveOutClasses {
        names: names.iter().map(|&name| name.into()).collect(),
    };
    assert_eq!(split(&[("c", 1)]), [out(&["c"])]);
    let names = || vec!["c".to_owned(), "d".to_owned()];
    assert_eq!(
        split(&[("c", 1), ("d", 2)]),
        [out(&["c", "d"]), Remedy::JoinClasses { names: names() }]
    );
}
