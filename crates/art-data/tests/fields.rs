//! Properties of single fields: whatever they hold, they come out as they went in, or are missing where a marker says so.

use art_data::{
    ColumnKind, DataError, DateOrder, NumberStyle, ReadOptions, Values, read_frame, read_frames,
};
use proptest::prelude::*;
use std::path::PathBuf;

fn table(folder: &tempfile::TempDir, fields: &[String]) -> PathBuf {
    let path = folder.path().join("table.csv");
    let mut writer = csv::Writer::from_path(&path).unwrap();
    writer.write_record(["field", "other"]).unwrap();
    for field in fields {
        writer.write_record([field.as_str(), "1"]).unwrap();
    }
    writer.flush().unwrap();
    path
}

/// A number in a form that some program writes.
fn written(value: i32, form: u8) -> String {
    match form {
        0 => value.to_string(),
        1 => format!("{value}.0"),
        2 => format!("{value}.000"),
        3 => format!("{:e}", f64::from(value)),
        _ => format!(" {value} "),
    }
}

/// A number with `decimal` before two digits and `group` between thousands.
fn grouped(hundredths: i64, decimal: char, group: char) -> String {
    let digits = (hundredths.abs() / 100).to_string();
    let mut whole = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            whole.push(group);
        }
        whole.push(digit);
    }
    let sign = if hundredths < 0 { "-" } else { "" };
    format!("{sign}{whole}{decimal}{:02}", hundredths.abs() % 100)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    #[test]
    fn a_field_that_is_carried_along_comes_out_as_it_went_in(
        fields in prop::collection::vec("[ -~äß\n\t]{0,12}|NA|null|\\?|00[0-9]{1,4}|[0-9]{17,20}", 1..20),
        n_rows in 1_usize..7,
    ) {
        // Fields that look like rows of the table, many lines long, are taken for a stray quote.
        prop_assume!(fields.iter().all(|field| field.matches('\n').count() < 3));
        let folder = tempfile::tempdir().unwrap();
        let path = table(&folder, &fields);
        let mut seen = vec![];
        let wanted = |_: &[String]| Ok(vec![("field".to_owned(), ColumnKind::Verbatim)]);
        read_frames::<DataError>(&path, &ReadOptions::default(), n_rows, wanted, |frame| {
            let Values::Words { levels, codes } = &frame.columns()[0].values else {
                panic!("a column as it stands is one of words");
            };
            seen.extend(codes.iter().map(|&code| levels[code as usize].clone()));
            Ok(())
        }).unwrap();
        prop_assert_eq!(seen, fields);
    }

    #[test]
    fn a_marker_that_is_a_number_stands_for_all_of_its_value_and_no_other(
        marker in -2_000_i32..2_000,
        form in 0_u8..5,
        fields in prop::collection::vec((-2_000_i32..2_000, 0_u8..5, any::<bool>()), 20..60),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<i32> = fields.iter().map(|&(value, _, is_marker)| if is_marker { marker } else { value }).collect();
        let texts = values.iter().zip(&fields).map(|(&value, &(_, form, _))| written(value, form));
        let path = table(&folder, &texts.collect::<Vec<_>>());
        let options = ReadOptions { missing: vec![written(marker, form).trim().to_owned()], ..ReadOptions::default() };
        let frame = read_frame(&path, &options).unwrap();
        let Values::Numbers(numbers) = &frame.columns()[0].values else {
            panic!("numbers are numbers");
        };
        for (number, value) in numbers.iter().zip(&values) {
            if *value == marker {
                prop_assert!(number.is_nan());
            } else {
                prop_assert_eq!(*number, f64::from(*value));
            }
        }
    }

    #[test]
    fn a_number_is_the_same_in_every_country(hundredths in -10_000_000_000_i64..10_000_000_000) {
        let value = hundredths as f64 / 100.0;
        let cases = [
            (NumberStyle::Comma, ',', '.'),
            (NumberStyle::Comma, ',', '\u{202f}'),
            (NumberStyle::Point, '.', ','),
            (NumberStyle::Point, '.', '\''),
        ];
        for (style, decimal, group) in cases {
            let text = grouped(hundredths, decimal, group);
            prop_assert_eq!(style.parse(&text), Some(value), "{}", text);
            prop_assert_eq!(style.parse(&format!("{text} €")), Some(value));
        }
    }

    #[test]
    fn a_date_is_the_same_in_every_order(days in -100_000_i32..100_000) {
        for order in [DateOrder::YearFirst, DateOrder::DayFirst, DateOrder::MonthFirst] {
            let text = order.write(f64::from(days)).unwrap();
            prop_assert_eq!(order.parse(&text), Some(f64::from(days)), "{}", text);
        }
    }

    #[test]
    fn no_text_makes_a_parser_panic(text in "\\PC{0,40}") {
        for style in [NumberStyle::Plain, NumberStyle::Point, NumberStyle::Comma] {
            let _ = style.parse(&text);
        }
        for order in [DateOrder::YearFirst, DateOrder::DayFirst, DateOrder::MonthFirst] {
            let _ = order.parse(&text);
        }
    }
}
