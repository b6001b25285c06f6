//! Packed records: any bytes as a packed file, and any lines, packed.

use crate::{records, scratch::with_file, seed::Seed};
use art_bench::read_records;
use lzma_rust2::{XzOptions, XzWriter};
use std::{fs, io::Write as _};

/// What XZ files begin with.
const XZ: &[u8] = b"\xfd7zXZ\0";

pub(crate) fn run(bytes: &[u8]) {
    if bytes.starts_with(XZ) {
        look(bytes);
    } else {
        look(&xz(bytes));
    }
}

fn look(bytes: &[u8]) {
    // A folder of its own in that of the files, so that no plain records are beside.
    with_file("packed", &[], |path| {
        let folder = path.with_file_name("of-packed");
        let records = folder.join("records");
        fs::create_dir_all(&records).expect("a folder can be made");
        fs::write(records.join("pima.jsonl.xz"), bytes).expect("a file can be written");
        if let Err(error) = read_records(&folder) {
            let text = error.to_string();
            assert!(text.contains("of-packed"), "{text}");
        }
    });
}

fn xz(bytes: &[u8]) -> Vec<u8> {
    let writer = XzWriter::new(vec![], XzOptions::with_preset(0));
    let mut writer = writer.expect("the preset is known");
    writer.write_all(bytes).expect("memory takes it");
    writer.finish().expect("memory takes it")
}

pub(crate) fn seeds() -> Vec<Seed> {
    let mut seeds = records::seeds();
    let packed: Vec<Seed> = seeds
        .iter()
        .map(|seed| Seed::new(format!("{} packed", seed.name), xz(&seed.bytes)))
        .collect();
    seeds.extend(packed);
    seeds
}
