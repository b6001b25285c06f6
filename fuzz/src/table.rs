//! Tables: text in its dialects, packed or not, and Parquet.

use crate::{
    scratch::{gzip, with_file},
    seed::Seed,
};
use art_data::{
    ColumnKind, DataError, DateOrder, Encoder, Frame, Header, LabelledFrame, NumberStyle,
    ReadOptions, SplitConfig, StreamedTable, Unseen, read_frame, read_frames,
};
use std::{collections::BTreeSet, path::Path};

/// What the first byte of an input says about how to read the rest, each by a bit.
fn options(byte: u8) -> ReadOptions {
    let is = |bit: u8| byte & (1 << bit) != 0;
    let several = |are: bool, words: &[&str]| -> Vec<String> {
        let words = words.iter().filter(|_| are);
        words.map(|&word| word.to_owned()).collect()
    };
    ReadOptions {
        header: match (is(0), is(1)) {
            (false, false) => Header::Found,
            (true, false) => Header::Absent,
            _ => Header::Present,
        },
        comment: is(2).then_some(b'#'),
        decimal: is(3).then_some(NumberStyle::Comma),
        dates: is(4).then_some(DateOrder::DayFirst),
        encoding: is(5).then(|| "windows-1252".to_owned()),
        delimiter: (is(0) && is(1)).then_some(b'|'),
        missing: several(is(6), &["-1", "?"]),
        not_missing: several(is(7), &["NA"]),
        ..ReadOptions::default()
    }
}

pub(crate) fn run(bytes: &[u8]) {
    let Some((&first, table)) = bytes.split_first() else {
        return;
    };
    with_file("t.csv", table, |path| look(path, &options(first)));
}

/// An error names the file.
fn told(error: &DataError) {
    let text = error.to_string();
    assert!(text.contains("t.csv"), "{text}");
}

fn look(path: &Path, options: &ReadOptions) {
    let frame = match read_frame(path, options) {
        Err(error) => return told(&error),
        Ok(frame) => frame,
    };
    let names: Vec<String> = frame.columns().iter().map(|c| c.name.clone()).collect();
    let unique: BTreeSet<&String> = names.iter().collect();
    assert_eq!(unique.len(), names.len(), "{names:?}");
    if let Ok(n_rows) = rows_in_pieces(path, options) {
        assert_eq!(n_rows, frame.n_rows());
    }
    encode(&frame, &names);
    let target = names.last().expect("a table has a column");
    labelled(path, options, target);
}

/// Rows that are seen when the file is read three at a time.
fn rows_in_pieces(path: &Path, options: &ReadOptions) -> Result<usize, DataError> {
    let mut n_rows = 0;
    let all = |names: &[String]| {
        let wanted = names.iter().map(|name| (name.clone(), ColumnKind::Words));
        Ok::<_, DataError>(wanted.collect())
    };
    read_frames(path, options, 3, all, |frame| {
        n_rows += frame.n_rows();
        Ok(())
    })?;
    Ok(n_rows)
}

fn encode(frame: &Frame, names: &[String]) {
    let rows: Vec<u32> = (0..frame.n_rows() as u32).collect();
    match Encoder::fit(frame, names, &rows) {
        Err(error) => told(&error),
        Ok(encoder) => {
            let made = encoder.encode(frame, &rows, Unseen::Refused);
            let features = made.expect("it was fitted to these rows").features;
            assert!(features.iter().all(|x| x.is_finite()));
        }
    }
}

/// A table in memory and one that is read pass by pass have the same classes and the same labels, or neither has any.
fn labelled(path: &Path, options: &ReadOptions, target: &str) {
    let mut options = options.clone();
    options.words.push(target.to_owned());
    let whole = read_frame(path, &options).and_then(|frame| LabelledFrame::new(frame, target));
    let streamed = StreamedTable::open(path, &options, target);
    match (whole, streamed) {
        (Err(error), Err(other)) => {
            told(&error);
            told(&other);
        }
        (Ok(whole), Ok(streamed)) => {
            assert_eq!(whole.class_names(), streamed.class_names());
            assert_eq!(whole.labels(), streamed.labels());
            prepare(&whole);
        }
        (whole, streamed) => panic!(
            "in memory: {:?}; pass by pass: {:?}",
            whole.map(|_| "a table"),
            streamed.map(|_| "a table")
        ),
    }
}

fn prepare(table: &LabelledFrame) {
    let seed = art_core::Seed::new(1);
    let Ok(rows) = table.rows(&SplitConfig::default(), seed) else {
        return;
    };
    if let Ok(prepared) = table.prepare(&rows) {
        let features = prepared.train.data().features();
        assert!(features.iter().all(|x| x.is_finite()));
    }
}

/// Small tables in the ways that tables are written.
const TABLES: [(&str, u8, &str); 13] = [
    (
        "plain",
        0,
        "age,town,left\n30,Bonn,no\n40,Ulm,yes\n,Bonn,no\n",
    ),
    ("semicolons", 0, "a;b;c\n1,5;x;ja\n2,25;y;nein\n-3,5;x;ja\n"),
    ("tabs", 0, "a\tb\n1\tx\n2\ty\n"),
    (
        "quotes",
        0,
        "a,\"b \"\"c\"\"\"\n\"1\",\"x\ny\"\n2,\"z,z\"\n",
    ),
    ("dates", 0, "day,c\n2024-02-29,a\n2023-12-31,b\n"),
    ("day first", 1 << 4, "day,c\n01.02.2024,a\n03.04.2023,b\n"),
    ("comma", 1 << 3, "a;c\n1,234;x\n2,5;y\n"),
    ("no header", 1, "1,2,x\n3,4,y\n5,6,x\n"),
    ("bars", 3, "a|b\n1|x\n2|y\n"),
    ("comments", 1 << 2, "# made\na,b\n1,x\n# more\n2,y\n"),
    ("missing", 1 << 6, "a,b,c\n-1,x,p\n2,?,q\n3,NA,p\n4,N/A,q\n"),
    ("not missing", 1 << 7, "land,c\nNA,a\nDE,b\nNA,a\n"),
    (
        "long numbers",
        0,
        "id,x,c\n007,1e39,a\n008,-1e-320,b\n12345678901234567890,0x1F,a\n",
    ),
];

pub(crate) fn seeds() -> Vec<Seed> {
    let table = |&(name, options, text): &(&str, u8, &str)| {
        Seed::new(name, [&[options], text.as_bytes()].concat())
    };
    let mut seeds: Vec<Seed> = TABLES.iter().map(table).collect();
    let utf_16 = |text: &str| -> Vec<u8> {
        let units = text.encode_utf16();
        [0xfeff]
            .into_iter()
            .chain(units)
            .flat_map(u16::to_le_bytes)
            .collect()
    };
    let plain = TABLES[0].2;
    let files = [
        ("utf 16", utf_16(plain)),
        ("gzip", gzip(plain.as_bytes())),
        (
            "parquet",
            include_bytes!("../../crates/art-data/tests/golden/tables.none.parquet").to_vec(),
        ),
        (
            "parquet snappy",
            include_bytes!("../../crates/art-data/tests/golden/tables.snappy.parquet").to_vec(),
        ),
        (
            "parquet polars",
            include_bytes!("../../crates/art-data/tests/golden/tables.polars.parquet").to_vec(),
        ),
        (
            "parquet nested",
            include_bytes!("../../crates/art-data/tests/golden/nested.parquet").to_vec(),
        ),
        (
            "golden",
            include_bytes!("../../crates/art-data/tests/golden/tables.csv").to_vec(),
        ),
    ];
    let latin = b"\x20ort,c\nM\xfcnchen,a\nUlm,b\n";
    seeds.push(Seed::new("latin", latin.to_vec()));
    seeds.extend(files.map(|(name, bytes)| Seed::new(name, [&[0], &bytes[..]].concat())));
    seeds
}
