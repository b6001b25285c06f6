//! Record files, as they are read and as a run opens them to add to them.

use crate::{scratch::with_file, seed::Seed};
use art_bench::{RECORDS, Store, read_records};
use std::fs;

pub(crate) fn run(bytes: &[u8]) {
    with_file(RECORDS, bytes, |path| {
        let folder = path.parent().expect("it is in a folder");
        let read = read_records(folder);
        let opened = Store::open(folder);
        match (read, opened) {
            (Err(error), Err(other)) => {
                assert_eq!(error.to_string(), other.to_string());
                assert_eq!(
                    fs::read(path).expect("it is there"),
                    bytes,
                    "nothing changes"
                );
            }
            (Ok(read), Ok(store)) => {
                let ids = |of: &art_bench::Records| of.keys().cloned().collect::<Vec<_>>();
                assert_eq!(ids(&read), ids(store.records()));
                let kept = fs::read(path).expect("it is there");
                assert_eq!(kept.len() + store.torn_bytes(), bytes.len());
                assert!(bytes.starts_with(&kept));
            }
            (read, opened) => panic!(
                "read: {:?}; opened: {:?}",
                read.map(|records| records.len()),
                opened.map(|store| store.records().len())
            ),
        }
    });
}

pub(crate) fn seeds() -> Vec<Seed> {
    let files = [
        (
            "version 1",
            &include_bytes!("../../crates/art-bench/tests/golden/records-v1.jsonl")[..],
        ),
        (
            "version 2",
            &include_bytes!("../../crates/art-bench/tests/golden/records-v2.jsonl")[..],
        ),
    ];
    let mut seeds = vec![];
    for (name, bytes) in files {
        for (number, line) in bytes
            .split_inclusive(|&byte| byte == b'\n')
            .take(6)
            .enumerate()
        {
            seeds.push(Seed::new(format!("{name} line {number}"), line));
        }
    }
    seeds.push(Seed::new("torn", b"{\"schema\":5,\"id\":"));
    seeds
}
