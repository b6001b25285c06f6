//! Tables of any bytes: an error or a frame, never a panic, and never much more memory than the file is large.
//! `PROPTEST_CASES=1000000 cargo test -p art-data --test bytes --release` goes on for longer.

use art_data::{
    ColumnKind, DataError, Encoder, LabelledFrame, ReadOptions, Unseen, read_frame, read_frames,
};
use proptest::prelude::*;
use std::{fs, path::Path};

/// Memory that reading and encoding may take: buffers, and so many times the file.
const BUFFERS: u64 = 1 << 20;
const TIMES: u64 = 500;

fn read_all_ways(bytes: &[u8]) {
    let used = allocation_counter::measure(|| read_each_way(bytes)).bytes_max;
    let most = BUFFERS + TIMES * bytes.len() as u64;
    assert!(used <= most, "{used} bytes for a file of {}", bytes.len());
}

/// What becomes of a file in every way that it can be read.
fn read_each_way(bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, bytes).unwrap();
    let options = ReadOptions::default();
    let is_named = |error: DataError| assert!(error.to_string().contains("t.csv"), "{error}");
    let in_pieces = |path: &Path| {
        let mut n = 0;
        let all = |names: &[String]| {
            let wanted = names.iter().map(|name| (name.clone(), ColumnKind::Words));
            Ok::<_, DataError>(wanted.collect())
        };
        let read = read_frames(path, &options, 3, all, |frame| {
            n += frame.n_rows();
            Ok(())
        });
        read.map(|()| n)
    };
    match read_frame(&path, &options) {
        Err(error) => is_named(error),
        Ok(frame) => {
            let rows: Vec<u32> = (0..frame.n_rows() as u32).collect();
            if let Ok(n) = in_pieces(&path) {
                assert_eq!(n, frame.n_rows());
            }
            let names: Vec<String> = frame.columns().iter().map(|c| c.name.clone()).collect();
            match Encoder::fit(&frame, &names, &rows) {
                Err(error) => is_named(error),
                Ok(encoder) => {
                    let made = encoder.encode(&frame, &rows, Unseen::Refused).unwrap();
                    assert!(made.features.iter().all(|x| x.is_finite()));
                }
            }
            if let Err(error) = LabelledFrame::new(frame, &names[0]) {
                is_named(error);
            }
        }
    }
}

/// Pieces that tables are made of, so that more than the first line is reached.
fn piece() -> impl Strategy<Value = Vec<u8>> {
    const PIECES: [&[u8]; 16] = [
        b",",
        b"\n",
        b"\r\n",
        b"\"",
        b"1",
        b"-2.5e3",
        b"NaN",
        b"NA",
        b"Ulm",
        b"\t",
        b";",
        b"\0",
        b"\xef\xbb\xbf",
        b"1e39",
        b"\xff",
        b" ",
    ];
    prop_oneof![
        4 => proptest::sample::select(&PIECES[..]).prop_map(<[u8]>::to_vec),
        1 => any::<u8>().prop_map(|byte| vec![byte]),
    ]
}

proptest! {
    #[test]
    fn any_bytes_are_a_table_or_an_error(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        read_all_ways(&bytes);
    }

    #[test]
    fn any_pieces_of_tables_are_a_table_or_an_error(pieces in proptest::collection::vec(piece(), 0..60)) {
        read_all_ways(&[&b"a,b\n"[..], &pieces.concat()].concat());
    }

    #[test]
    fn a_packed_table_that_is_altered_is_a_table_or_an_error(place in 0_usize..80, byte: u8) {
        use std::io::Write as _;
        let mut packer = flate2::write::GzEncoder::new(vec![], flate2::Compression::default());
        packer.write_all(b"a,b\n1,x\n2,y\n3,x\n4,y\n").unwrap();
        let mut packed = packer.finish().unwrap();
        let place = place % packed.len();
        packed[place] = byte;
        read_all_ways(&packed);
    }
}
