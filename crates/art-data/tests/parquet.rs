//! Parquet files: the same table as its text, whoever wrote it; cut or altered ones are errors.

use art_data::{
    ColumnKind, DataError, Frame, LabelledFrame, NumberStyle, ReadOptions, Values, read_frame,
    read_frames,
};
use proptest::prelude::*;
use std::{
    fs,
    path::{Path, PathBuf},
};

const WRITINGS: [&str; 6] = ["none", "snappy", "gzip", "zstd", "lz4", "polars"];

fn golden(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden")
        .join(name)
}

fn read(path: &Path) -> Result<Frame, DataError> {
    read_frame(path, &ReadOptions::default())
}

#[test]
fn a_table_is_the_same_in_every_writing() {
    let columns = |name: &str| {
        let frame = read(&golden(name)).unwrap();
        assert_eq!(frame.n_rows(), 60);
        frame.columns().to_vec()
    };
    let text = columns("tables.csv");
    for writing in WRITINGS {
        for (found, expected) in columns(&format!("tables.{writing}.parquet"))
            .iter()
            .zip(&text)
        {
            let [found, expected] = [found, expected].map(|column| match &column.values {
                // Single precision has many decimal writings; the numbers are those of single precision.
                Values::Numbers(numbers) if column.name == "single" => {
                    let single = numbers.iter().map(|&x| f64::from(x as f32).to_bits());
                    format!("{:?}", single.collect::<Vec<_>>())
                }
                values => format!("{values:?}"),
            });
            assert_eq!(found, expected, "{writing}");
        }
    }
}

#[test]
fn a_table_in_pieces_is_the_whole_table() {
    let all = |names: &[String]| {
        let words = names.iter().map(|name| (name.clone(), ColumnKind::Words));
        Ok::<_, DataError>(words.collect())
    };
    let mut sizes = vec![];
    let path = golden("tables.snappy.parquet");
    read_frames(&path, &ReadOptions::default(), 28, all, |frame| {
        sizes.push(frame.n_rows());
        Ok(())
    })
    .unwrap();
    assert_eq!(sizes, [28, 28, 4]);
}

#[test]
fn what_is_refused_is_named() {
    let error = read(&golden("nested.parquet")).unwrap_err().to_string();
    assert!(
        error.contains("list") && error.contains("nested"),
        "{error}"
    );
    let path = golden("tables.none.parquet");
    let frame = read(&path).unwrap();
    let error = LabelledFrame::new(frame, "clas").unwrap_err().to_string();
    assert!(error.contains("did you mean \"class\"?"), "{error}");
    // A word among numbers is found with its row, for want of a line.
    let numbers = |_: &[String]| {
        Ok(vec![(
            "town".to_owned(),
            ColumnKind::Numbers(NumberStyle::Plain),
        )])
    };
    let read = read_frames::<DataError>(&path, &ReadOptions::default(), 28, numbers, |_| Ok(()));
    let error = read.unwrap_err().to_string();
    assert!(
        error.contains("data row 1: column \"town\" holds \"Ulm\""),
        "{error}"
    );
}

/// What is read of a file of these bytes.
fn read_bytes(bytes: &[u8]) -> Result<Frame, DataError> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.parquet");
    fs::write(&path, bytes).unwrap();
    read(&path).map_err(|error| {
        assert!(error.to_string().contains("t.parquet"), "{error}");
        error
    })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_cut_file_is_an_error(writing in 0..WRITINGS.len(), length: prop::sample::Index) {
        let bytes = fs::read(golden(&format!("tables.{}.parquet", WRITINGS[writing]))).unwrap();
        let cut = &bytes[..length.index(bytes.len())];
        prop_assert!(read_bytes(cut).is_err());
    }

    #[test]
    fn altered_bytes_are_a_table_or_an_error(
        writing in 0..WRITINGS.len(),
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..4),
    ) {
        let mut bytes = fs::read(golden(&format!("tables.{}.parquet", WRITINGS[writing]))).unwrap();
        for (place, byte) in changes {
            let place = place.index(bytes.len());
            bytes[place] = byte;
        }
        if let Ok(frame) = read_bytes(&bytes) {
            prop_assert!(frame.n_rows() > 0);
        }
    }
}

/// A file that another program wrote.
fn written(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests/golden/written")
        .join(name)
}

#[test]
fn lists_and_binary_columns_stop_nothing_where_they_are_left_out() {
    for (name, column, problem) in [
        ("list.parquet", "tags", "is nested"),
        ("ty_binary.parquet", "c", "column \"c\" holds a NUL byte"),
    ] {
        let path = written(name);
        let error = read_frame(&path, &ReadOptions::default()).unwrap_err();
        assert!(error.to_string().contains(problem), "{error}");
        let options = ReadOptions {
            ignored: vec![column.to_owned()],
            ..ReadOptions::default()
        };
        let frame = read_frame(&path, &options).unwrap();
        assert!(frame.n_rows() > 0 && frame.column(column).is_err());
    }
}

#[test]
fn half_precision_and_brotli_are_read() {
    let half = read_frame(&written("ty_f16.parquet"), &ReadOptions::default()).unwrap();
    let brotli = read_frame(&written("cz_brotli.parquet"), &ReadOptions::default()).unwrap();
    let Values::Numbers(single) = &brotli.column("a").unwrap().values else {
        panic!("numbers");
    };
    let Values::Numbers(half) = &half.column("c").unwrap().values else {
        panic!("half-precision numbers are numbers");
    };
    for (half, whole) in half.iter().zip(single) {
        assert!(
            (half - whole).abs() <= whole.abs() / 1024.0,
            "{half} {whole}"
        );
    }
}

#[test]
fn nanoseconds_since_1970_are_times() {
    let frame = read(&written("nanoseconds.parquet")).unwrap();
    let is_time = |column: &&art_data::Column| matches!(column.kind, ColumnKind::Dates(_));
    let times = frame.columns().iter().find(is_time).unwrap();
    let Values::Numbers(days) = &times.values else {
        panic!("times are numbers of days");
    };
    // From 2000 to 2100, not days counted in nanoseconds.
    assert!(
        days.iter()
            .all(|day| day.is_nan() || (10_957.0..47_482.0).contains(day))
    );
}
