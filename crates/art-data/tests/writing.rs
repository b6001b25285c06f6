//! How tables are written in other places and by other programs, and what is made of it.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

mod written;

use art_data::{
    ColumnKind, DataError, DateOrder, Encoder, LabelledFrame, LookalikeKind, NumberStyle,
    ReadOptions, SplitConfig, Unseen, Values, read_frames,
};
use std::fmt::Write as _;
use written::{column, kind, levels, list, numbers, plain, read, with_file};

#[test]
fn decimal_commas_thousands_and_units_are_numbers() {
    let frame = plain(&column(&["2.793,89", "518,29", "-6", "NA"])).unwrap();
    assert_eq!(kind(&frame, "v"), ColumnKind::Numbers(NumberStyle::Comma));
    assert_eq!(numbers(&frame, "v")[..3], [2793.89, 518.29, -6.0]);
    assert!(numbers(&frame, "v")[3].is_nan());
    let frame = plain(&column(&["3,83%", "9,79%", "12%"])).unwrap();
    assert_eq!(numbers(&frame, "v"), [3.83, 9.79, 12.0]);
    let frame = plain(&column(&["1,234.5", "1,000", "7"])).unwrap();
    assert_eq!(kind(&frame, "v"), ColumnKind::Numbers(NumberStyle::Point));
    assert_eq!(numbers(&frame, "v"), [1234.5, 1000.0, 7.0]);
    // A share without its sign beside shares with one may be anything.
    let frame = plain(&column(&["3,83%", "0,04", "12%"])).unwrap();
    assert_eq!(kind(&frame, "v"), ColumnKind::Words);
}

#[test]
fn a_column_with_two_readings_is_named_and_the_file_or_an_option_decides() {
    let text = column(&["1,234", "5,678", "12"]);
    let error = plain(&text).unwrap_err();
    assert!(
        error
            .contains("column \"v\" holds \"1,234\", which is 1234 with a decimal point and 1.234"),
        "{error}"
    );
    let said = |decimal| {
        let options = ReadOptions {
            decimal: Some(decimal),
            ..ReadOptions::default()
        };
        numbers(&read(text.as_bytes(), &options).unwrap(), "v")
    };
    assert_eq!(said(NumberStyle::Comma), [1.234, 5.678, 12.0]);
    assert_eq!(said(NumberStyle::Point), [1234.0, 5678.0, 12.0]);
    // Another column says how the file is written.
    let frame = plain("v;w\n1,234;7,6\n5,678;3\n").unwrap();
    assert_eq!(numbers(&frame, "v"), [1.234, 5.678]);
    // There, 1.234 may be a thousand.
    let error = plain("v;w\n1.234;7,6\n5.678;3\n").unwrap_err();
    assert!(error.contains("column \"v\" holds \"1.234\""), "{error}");
    // In a file without commas it is what every program writes.
    assert_eq!(
        numbers(&plain(&column(&["1.234", "5.678"])).unwrap(), "v"),
        [1.234, 5.678]
    );
}

#[test]
fn dates_become_days_and_their_season() {
    let mut text = "d,y\n".to_owned();
    for row in 0..40 {
        writeln!(
            text,
            "{:02}.{:02}.{},{}",
            row % 28 + 1,
            row % 12 + 1,
            2020 + row % 4,
            row % 2
        )
        .unwrap();
    }
    let frame = plain(&text).unwrap();
    assert_eq!(kind(&frame, "d"), ColumnKind::Dates(DateOrder::DayFirst));
    // 2020-01-01 is 18262 days after 1970-01-01.
    assert_eq!(numbers(&frame, "d")[0], 18_262.0);
    let rows: Vec<u32> = (0..40).collect();
    let encoder = Encoder::fit(&frame, &list(&["d"]), &rows).unwrap();
    assert_eq!(encoder.feature_names(), ["d", "d year sin", "d year cos"]);
    let made = encoder.encode(&frame, &rows, Unseen::Refused).unwrap();
    for row in made.features.rows() {
        assert!((row[1].powi(2) + row[2].powi(2) - 1.0).abs() < 1e-6);
    }
    // A model file keeps how they are written.
    let again: Encoder = serde_json::from_str(&serde_json::to_string(&encoder).unwrap()).unwrap();
    assert_eq!(again, encoder);
    assert_eq!(
        again.columns().next(),
        Some(("d", ColumnKind::Dates(DateOrder::DayFirst)))
    );
    // Days of one season are days alone.
    let short = plain("d,y\n2024-01-05,1\n2024-02-05,2\n2024-03-05,1\n").unwrap();
    let encoder = Encoder::fit(&short, &list(&["d"]), &[0, 1, 2]).unwrap();
    assert_eq!(encoder.feature_names(), ["d"]);
}

#[test]
fn days_and_months_that_cannot_be_told_apart_are_named() {
    let text = "d,y\n01/02/2024,1\n03/04/2024,2\n";
    let error = plain(text).unwrap_err();
    assert!(
        error.contains("column \"d\" holds dates whose day and month"),
        "{error}"
    );
    let said = |dates| {
        let options = ReadOptions {
            dates: Some(dates),
            ..ReadOptions::default()
        };
        numbers(&read(text.as_bytes(), &options).unwrap(), "d")[0]
    };
    assert_eq!(said(DateOrder::DayFirst), 19_754.0);
    assert_eq!(said(DateOrder::MonthFirst), 19_724.0);
    // A year in front or behind, in two digits.
    let short = "d,y\n22-03-13,1\n25-04-16,2\n";
    let error = plain(short).unwrap_err();
    assert!(
        error.contains("column \"d\" holds \"22-03-13\", whose year may stand in front or behind"),
        "{error}"
    );
    let options = ReadOptions {
        dates: Some(DateOrder::DayFirst),
        ..ReadOptions::default()
    };
    let given = read(short.as_bytes(), &options).unwrap();
    assert_eq!(kind(&given, "d"), ColumnKind::Dates(DateOrder::DayFirst));
    let clear = plain("d,y\n22-03-13,1\n25-04-99,2\n").unwrap();
    assert_eq!(kind(&clear, "d"), ColumnKind::Dates(DateOrder::DayFirst));
    let by_other = plain("d,e\n01/02/2024,31/01/2024\n03/04/2024,1/1/2024\n").unwrap();
    assert_eq!(kind(&by_other, "d"), ColumnKind::Dates(DateOrder::DayFirst));
    let rows = (0..30).map(|row| format!("2024-01-{:02},1\n", row + 1));
    let rows = rows.collect::<Vec<_>>().concat();
    let error = plain(&format!("d,y\n{rows}yesterday,1\n")).unwrap_err();
    assert!(
        error.contains("line 32: column \"d\" holds \"yesterday\" among dates"),
        "{error}"
    );
}

#[test]
fn infinite_values_are_refused_whatever_their_share() {
    for n in [1, 15] {
        let field = |row: usize| {
            if row < n {
                "Infinity".to_owned()
            } else {
                row.to_string()
            }
        };
        let rows = (0..30).map(|row| format!("{},1\n", field(row)));
        let rows = rows.collect::<Vec<_>>().concat();
        let text = format!("v,y\n{rows}");
        let error = plain(&text).unwrap_err();
        let expected = format!(
            "line 2: column \"v\" holds \"Infinity\" among numbers ({n} of 30 fields {} no finite number)",
            if n == 1 { "is" } else { "are" }
        );
        assert!(error.contains(&expected), "{error}");
        let options = ReadOptions {
            missing: list(&["inf"]),
            ..ReadOptions::default()
        };
        let frame = read(text.as_bytes(), &options).unwrap();
        assert_eq!(frame.column("v").unwrap().values.n_missing(), n);
    }
    let error = plain("v,y\n1e999,1\n2,1\n").unwrap_err();
    assert!(error.contains("\"1e999\""), "{error}");
}

#[test]
fn numbers_beyond_single_precision_are_numbers() {
    let frame =
        plain("v,w,y\n1e300,1e-300,a\n-1e300,3e-300,b\n1.5e308,2e-300,a\n-1.5e308,0,b\n").unwrap();
    let encoder = Encoder::fit(&frame, &list(&["v", "w"]), &[0, 1, 2, 3]).unwrap();
    let made = encoder
        .encode(&frame, &[0, 1, 2, 3], Unseen::Refused)
        .unwrap();
    for column in made.features.columns() {
        let squares: f32 = column.iter().map(|x| x * x).sum();
        assert!(
            (column.sum()).abs() < 1e-5 && (squares - 4.0).abs() < 1e-4,
            "{column}"
        );
    }
}

#[test]
fn codes_are_words_and_long_ones_stay_as_written() {
    let frame =
        plain("zip,key,n,y\n01067,9007199254740993,01,1\n10115,9007199254740995,2,2\n").unwrap();
    assert_eq!(levels(&frame, "zip"), ["01067", "10115"]);
    assert_eq!(
        levels(&frame, "key"),
        ["9007199254740993", "9007199254740995"]
    );
    let options = ReadOptions {
        numbers: list(&["zip", "n"]),
        ..ReadOptions::default()
    };
    let text = b"zip,key,n,y\n01067,9007199254740993,01,1\n10115,9007199254740995,2,2\n";
    let frame = read(text, &options).unwrap();
    assert_eq!(numbers(&frame, "zip"), [1067.0, 10_115.0]);
    // What a double holds stays a number.
    let frame = plain("ms,y\n1700000000000,1\n1700000000001,2\n").unwrap();
    assert_eq!(kind(&frame, "ms"), ColumnKind::Numbers(NumberStyle::Plain));
}

#[test]
fn identifiers_are_known_in_any_order() {
    let mut text = "a,b,c,customer_id,d,e\n".to_owned();
    for row in 0..50_u64 {
        let scattered = 1_000_000_007 * (row + 3) % 8_999_999_999 + 1_000_000_000;
        let spread = (row * 37) % 50;
        writeln!(
            text,
            "{spread},{scattered},{},{},{},{}",
            100 * row * row,
            31 * row * row,
            row % 49,
            0.5 + row as f64
        )
        .unwrap();
    }
    let frame = plain(&text).unwrap();
    let found: Vec<&str> = frame
        .columns()
        .iter()
        .filter(|c| c.seems_to_name_rows())
        .map(|c| &*c.name)
        .collect();
    assert_eq!(found, ["a", "b", "customer_id"]);
}

#[test]
fn spellings_that_are_certainly_one_are_one() {
    let options = ReadOptions {
        words: list(&["y"]),
        ..ReadOptions::default()
    };
    let frame = read(b"a,y\nTrue,0\nFALSE,0.0\ntrue,0\nfalse,1.0\n", &options).unwrap();
    assert_eq!(levels(&frame, "y"), ["0", "1.0"]);
    assert_eq!(levels(&frame, "a"), ["FALSE", "True"]);
    // A table that is spelled otherwise has the same words to a model.
    let encoder = Encoder::fit(&frame, &list(&["a"]), &[0, 1, 2, 3]).unwrap();
    let other = read(b"a,y\nfalse,1\nTRUE,0\n", &options).unwrap();
    let made = encoder.encode(&other, &[0, 1], Unseen::Refused).unwrap();
    assert_eq!(made.features.column(0).to_vec(), [0.0, 1.0]);
    let strange = plain("a,y\nbonn,1\nUlm,2\n").unwrap();
    let encoder = Encoder::fit(&strange, &list(&["a"]), &[0, 1]).unwrap();
    let error = encoder.encode(&plain("a,y\nBonn,1\n").unwrap(), &[0], Unseen::Refused);
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("written much like \"bonn\"")
    );
}

#[test]
fn markers_are_counted_quoted_and_can_be_values() {
    let text = "country,v\nNA,-999.0\nBW,1\nNA,2.5\n";
    let options = ReadOptions {
        missing: list(&["-999"]),
        ..ReadOptions::default()
    };
    let frame = read(text.as_bytes(), &options).unwrap();
    let marker = &frame.column("country").unwrap().markers[0];
    assert_eq!((&*marker.text, marker.n), ("NA", 2));
    assert!(numbers(&frame, "v")[0].is_nan());
    let labelled = |options: &ReadOptions| {
        let options = ReadOptions {
            words: list(&["country"]),
            ..options.clone()
        };
        let frame = read(text.as_bytes(), &options).unwrap();
        LabelledFrame::new(frame, "country").map_err(|error| error.to_string())
    };
    let error = labelled(&options).unwrap_err();
    assert!(
        error.contains("has no label in data row 1 (2 such rows)"),
        "{error}"
    );
    let kept = ReadOptions {
        not_missing: list(&["NA"]),
        ..options
    };
    assert_eq!(labelled(&kept).unwrap().class_names(), ["BW", "NA"]);
}

#[test]
fn keys_and_verbatim_columns_keep_what_stands_in_them() {
    let text = b"key,v\nNA, x \n null ,NA\n1.0,\n1,0012\n";
    let options = ReadOptions {
        keys: list(&["key"]),
        ..ReadOptions::default()
    };
    assert_eq!(
        levels(&read(text, &options).unwrap(), "key"),
        ["1", "1.0", "NA", "null"]
    );
    let all = |names: &[String]| {
        let wanted = names
            .iter()
            .map(|name| (name.clone(), ColumnKind::Verbatim));
        Ok::<_, DataError>(wanted.collect())
    };
    let mut seen = vec![];
    with_file(text, |path| {
        read_frames(path, &options, 2, all, |frame| {
            for row in 0..frame.n_rows() {
                seen.push(
                    frame
                        .columns()
                        .iter()
                        .map(|column| word(column, row))
                        .collect::<Vec<_>>(),
                );
            }
            Ok::<_, DataError>(())
        })
        .unwrap();
    });
    assert_eq!(
        seen,
        [["NA", " x "], [" null ", "NA"], ["1.0", ""], ["1", "0012"]]
    );
}

fn word(column: &art_data::Column, row: usize) -> String {
    match &column.values {
        Values::Words { levels, codes } => levels[codes[row] as usize].clone(),
        Values::Numbers(_) => panic!("a column as it stands is one of words"),
    }
}

#[test]
fn all_small_classes_are_named_and_can_be_left_out_or_joined() {
    let mut text = "x,g,y\n".to_owned();
    for (class, n) in [("a", 20), ("b", 10), ("c", 2), ("d", 1)] {
        for row in 0..n {
            writeln!(text, "{row},{class},{class}").unwrap();
        }
    }
    let options = ReadOptions {
        words: list(&["y"]),
        ..ReadOptions::default()
    };
    let table = LabelledFrame::new(read(text.as_bytes(), &options).unwrap(), "y").unwrap();
    let split = SplitConfig::default();
    let seed = art_core::Seed::new(1);
    let error = table.rows(&split, seed).unwrap_err().to_string();
    assert!(
        error.contains("the classes \"c\" (2 rows), \"d\" (1 row) have too few rows"),
        "{error}"
    );
    let small = table.small_classes(split.rows_needed());
    assert_eq!(small, [("c".to_owned(), 2), ("d".to_owned(), 1)]);
    let names = list(&["c", "d"]);
    let less = table.clone().without_classes(&names).unwrap();
    assert_eq!((less.class_names().len(), less.frame().n_rows()), (2, 30));
    assert!(less.rows(&split, seed).is_ok());
    let joined = table.clone().with_joined_classes(&names, "other").unwrap();
    assert_eq!(joined.class_names(), ["a", "b", "other"]);
    assert_eq!(
        joined.labels().iter().filter(|&&label| label == 2).count(),
        3
    );
    assert!(joined.rows(&split, seed).is_ok());
    let known: Vec<_> = joined.joined().iter().collect();
    let other = "other".to_owned();
    assert_eq!(known, [(&names[0], &other), (&names[1], &other)]);
    assert_ne!(joined.digest(), table.digest());
    let taken = table.clone().with_joined_classes(&names, "a").unwrap_err();
    assert!(taken.to_string().contains("has a class \"a\" already"));
    // Rows that are left keep their numbers.
    let last = table.without_classes(&list(&["a"])).unwrap();
    assert_eq!(last.frame().row_number(0).get(), 21);
}

#[test]
fn units_of_training_are_those_of_prediction() {
    let frame = plain(&column(&["3,83%", "9,79 %", "12%"])).unwrap();
    assert_eq!(frame.column("v").unwrap().unit(), Some('%'));
    let encoder = Encoder::fit(&frame, &list(&["v"]), &[0, 1, 2]).unwrap();
    let encode = |encoder: &Encoder, fields: &[&str]| {
        let options = ReadOptions {
            numbers: list(&["v"]),
            ..ReadOptions::default()
        };
        let frame = read(column(fields).as_bytes(), &options).unwrap();
        let features = encoder.encode(&frame, &[0], Unseen::Refused);
        features.map_or_else(|error| error.to_string(), |_| String::new())
    };
    assert_eq!(encode(&encoder, &["4,5 %"]), "");
    for (fields, problem) in [
        (
            &["4,5 €"][..],
            "holds numbers in €; in training they were in %",
        ),
        (
            &["4,5 %", "4,5 €"],
            "holds numbers in €; in training they were in %",
        ),
        (
            &["0,045"],
            "holds numbers without a unit; in training they were in %",
        ),
    ] {
        let error = encode(&encoder, fields);
        assert!(error.contains(problem), "{fields:?} {error}");
    }
    let frame = plain(&column(&["3,83€", "9,79 €", "12 €"])).unwrap();
    let encoder = Encoder::fit(&frame, &list(&["v"]), &[0, 1, 2]).unwrap();
    assert_eq!(encode(&encoder, &["4,5", "3 €"]), "");
}

#[test]
fn minus_signs_of_ledgers_and_groups_of_other_countries_are_numbers() {
    let read = |fields: &[&str]| plain(&column(fields)).unwrap();
    for (fields, expected) in [
        (["1,200.50", "(135.29)", "(7)"], [1200.5, -135.29, -7.0]),
        (["135.29-", "12.00", "7"], [-135.29, 12.0, 7.0]),
        (["1’234.50", "12’000", "7"], [1234.5, 12_000.0, 7.0]),
        (
            ["1,23,456.00", "12,34,567", "45,678"],
            [123_456.0, 1_234_567.0, 45_678.0],
        ),
    ] {
        let frame = read(&fields);
        assert_eq!(kind(&frame, "v"), ColumnKind::Numbers(NumberStyle::Point));
        assert_eq!(numbers(&frame, "v"), expected);
    }
    // Parentheses alone, grades and open ranges may be anything.
    for fields in [
        ["(1)", "(2)", "(3)"],
        ["2-", "1", "3-"],
        ["65-", "18-", "21-"],
    ] {
        assert_eq!(kind(&read(&fields), "v"), ColumnKind::Words);
    }
}

#[test]
fn words_that_look_like_numbers_do_not_name_rows() {
    let fields: Vec<String> = (0..40)
        .map(|n| {
            if n % 4 == 0 {
                format!("{n}.5")
            } else {
                format!("{n}.5%")
            }
        })
        .collect();
    let fields: Vec<&str> = fields.iter().map(String::as_str).collect();
    let frame = plain(&column(&fields)).unwrap();
    let column = frame.column("v").unwrap();
    assert!(!column.names_rows() && !column.seems_to_name_rows());
    let found = column.lookalike().unwrap();
    assert_eq!(found.like, LookalikeKind::Numbers);
    assert_eq!(
        found.forms,
        [("with %".to_owned(), 30), ("without".to_owned(), 10)]
    );
}

#[test]
fn the_first_and_last_date_are_kept_as_they_are_written() {
    let frame = plain(&column(&["31.12.9999", "1.2.2003", "NA", "28.02.1999"])).unwrap();
    let ends = frame.column("v").unwrap().ends.clone().unwrap();
    assert_eq!(ends, ["28.02.1999", "31.12.9999"]);
    assert_eq!(frame.column("w").unwrap().ends, None);
}
