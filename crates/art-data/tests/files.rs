//! What a file as a whole is read as: its first lines, encodings, comments, rows without end, columns that are left out.

mod written;

use art_data::{Header, LabelledFrame, ReadOptions, read_frame};
use std::fs;
use written::{list, numbers, plain, read};

#[test]
fn a_first_line_that_is_a_row_is_named() {
    let text = b"-1.31,0.58,0\n0.929,-0.684,0\n-1.0,0.024,1\n";
    let error = read(text, &ReadOptions::default()).unwrap_err();
    assert!(
        error.contains("line 1: the first line looks like a row"),
        "{error}"
    );
    let with = |header| {
        let options = ReadOptions {
            header,
            ..ReadOptions::default()
        };
        read(text, &options).unwrap()
    };
    let absent = with(Header::Absent);
    assert_eq!(
        (absent.n_rows(), &*absent.columns()[2].name),
        (3, "column 3")
    );
    assert_eq!(numbers(&absent, "column 1"), [-1.31, 0.929, -1.0]);
    assert_eq!(with(Header::Present).n_rows(), 2);
    // Columns may be called by numbers that count up, as years or places.
    for names in ["0,1,2,y", "2019,2020,2021", "1,y"] {
        assert!(plain(&format!("{names}\n{names}\n")).is_ok(), "{names}");
    }
}

#[test]
fn line_breaks_in_names_and_labels_are_text() {
    let text =
        "\"note\n(free text)\",size,label\r\n,-0.46,\"needs\nwork, \"\"soon\"\"\"\r\nx,1,fine\r\n";
    let options = ReadOptions {
        words: list(&["label"]),
        ..ReadOptions::default()
    };
    let frame = read(text.as_bytes(), &options).unwrap();
    assert_eq!(frame.columns()[0].name, "note\n(free text)");
    let table = LabelledFrame::new(frame, "label").unwrap();
    assert_eq!(table.class_names(), ["fine", "needs\nwork, \"soon\""]);
}

#[test]
fn other_encodings_and_comments() {
    let text = "größe;y\n1,5;a\n2;b\n";
    let utf16 = |bytes: fn(u16) -> [u8; 2], mark: [u8; 2]| {
        let mut all = mark.to_vec();
        all.extend(text.encode_utf16().flat_map(bytes));
        all
    };
    let files = [
        utf16(u16::to_le_bytes, [0xff, 0xfe]),
        utf16(u16::to_be_bytes, [0xfe, 0xff]),
    ];
    for bytes in files {
        let frame = read(&bytes, &ReadOptions::default()).unwrap();
        assert_eq!(numbers(&frame, "größe"), [1.5, 2.0]);
    }
    let latin: Vec<u8> = text.chars().map(|c| c as u8).collect();
    let error = read(&latin, &ReadOptions::default()).unwrap_err();
    assert!(error.contains("is not UTF-8"), "{error}");
    let encoded = |label: &str| {
        let options = ReadOptions {
            encoding: Some(label.to_owned()),
            ..ReadOptions::default()
        };
        read(&latin, &options)
    };
    assert_eq!(
        numbers(&encoded("windows-1252").unwrap(), "größe"),
        [1.5, 2.0]
    );
    assert!(
        encoded("latin-99")
            .unwrap_err()
            .contains("no encoding called \"latin-99\"")
    );

    let text = b"# exported\n# units: years\nage,y\n1,a\n# cut\n2,b\n";
    let error = read(text, &ReadOptions::default()).unwrap_err();
    assert!(error.contains("begins with a comment"), "{error}");
    let options = ReadOptions {
        comment: Some(b'#'),
        ..ReadOptions::default()
    };
    let frame = read(text, &options).unwrap();
    assert_eq!((frame.n_rows(), &*frame.columns()[0].name), (2, "age"));
    assert_eq!(plain("#,y\n1,a\n").unwrap().columns()[0].name, "#");
}

#[test]
fn a_row_without_end_is_refused() {
    use std::io::{Read as _, Write as _};
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("long.csv.gz");
    let file = fs::File::create(&path).unwrap();
    let mut packed = flate2::write::GzEncoder::new(file, flate2::Compression::fast());
    packed.write_all(b"a,b\n1,2\n3,").unwrap();
    let mut endless = std::io::repeat(b'7').take(300 << 20);
    std::io::copy(&mut endless, &mut packed).unwrap();
    packed.finish().unwrap();
    let error = read_frame(&path, &ReadOptions::default())
        .unwrap_err()
        .to_string();
    assert!(
        error.contains("line 3: the file cannot be read: the row is longer than 256 MiB"),
        "{error}"
    );
}

#[test]
fn what_spreadsheets_add_is_passed_over() {
    let frame = plain("sep=;\r\na;b\r\n1,5;x\r\n2;y\r\n").unwrap();
    assert_eq!(numbers(&frame, "a"), [1.5, 2.0]);
    let error = plain("sep=;\na;b\n1;x\n2\n").unwrap_err();
    assert!(error.contains("line 4: the row has 1 field"), "{error}");
    // A delimiter at the end of each line.
    let frame = plain("a,b,\n1,x,\n2,y,\n").unwrap();
    assert_eq!(frame.columns().len(), 2);
    assert_eq!(plain("a,b,\n1,x,\n2,y,z\n").unwrap().columns().len(), 3);
}

#[test]
fn a_title_above_the_names_is_refused_with_the_lines_to_remove() {
    for (text, n) in [
        ("Sales of 2021\na;b;c\n1;2;3\n4;5;6\n", "first line,"),
        ("Sales\nby region\n\na,b,c\n1,2,3\n", "first 3 lines,"),
    ] {
        let error = plain(text).unwrap_err();
        assert!(
            error.contains("line 1: this looks like a title")
                && error.contains("have 3; remove the ")
                && error.contains(n),
            "{error}"
        );
    }
    assert!(
        plain("# made\na,b\n1,2\n")
            .unwrap_err()
            .contains("begins with a comment")
    );
    // One column of text, and a table with a row of its own width.
    assert!(plain("text\n\"a, b\"\n\"c, d\"\n").is_ok());
    assert!(!plain("a\n1,2\n1,2,3\n").unwrap_err().contains("title"));
}

#[test]
fn a_column_that_is_left_out_stops_nothing() {
    let rows = (0..30).map(|row| format!("{},{row}\n", 536_365 + row));
    let rows = rows.collect::<Vec<_>>().concat();
    let text = format!("invoice,a\nC536379\u{0},1\n{rows}");
    assert!(plain(&text).is_err());
    let options = ReadOptions {
        ignored: list(&["invoice"]),
        ..ReadOptions::default()
    };
    let frame = read(text.as_bytes(), &options).unwrap();
    assert_eq!(frame.columns().len(), 1);
    let bytes = b"a,a,b\n1,\xff,2\n";
    let options = ReadOptions {
        ignored: list(&["a"]),
        ..ReadOptions::default()
    };
    assert_eq!(read(bytes, &options).unwrap().columns().len(), 1);
    let unknown = ReadOptions {
        ignored: list(&["c"]),
        ..ReadOptions::default()
    };
    assert!(read(bytes, &unknown).is_err());
}

#[test]
fn holes_of_a_column_that_divides_rows_are_counted_with_their_first_line() {
    let options = ReadOptions {
        keys: list(&["g"]),
        words: list(&["t"]),
        ..ReadOptions::default()
    };
    // A line break in a field, so that lines and rows differ.
    let text = "g,x,t\na,\"1\n2\",u\n,2,v\nb,3,u\n,4,v\n";
    let frame = read(text.as_bytes(), &options).unwrap();
    let table = LabelledFrame::new(frame, "t").unwrap();
    let error = table.grouped_by("g").unwrap_err().to_string();
    assert!(
        error.contains("has no value in 2 rows (the first is line 4); write one into each"),
        "{error}"
    );
}
