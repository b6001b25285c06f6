//! The form of packed records: a compressed file for each data set, small enough to keep in a repository.
//!
//! They leave out what follows from the rest, and of most runs how they went epoch by epoch ([`Course`](crate::Course)).

use crate::{
    cell::{CellRecord, CellSpec},
    error::BenchError,
    outcome::Outcome,
    record_lines::{RECORDS, Records, parse, whole_record},
    run_info::RunInfo,
};
use art_core::ConfusionMatrix;
use flate2::read::GzDecoder;
use lzma_rust2::{XzOptions, XzReader, XzWriter};
use serde::Serialize;
use serde_json::value::RawValue;
use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::{Path, PathBuf},
};

/// Name of the folder of packed records inside an output folder.
pub(crate) const PACKED: &str = "records";
pub(crate) const SUFFIX: &str = ".jsonl.xz";
/// Of xz: 9 asks for ten times the memory and takes off less than a hundredth.
const PRESET: u32 = 6;

/// A JSON object whose values stay as they are written.
type Object = BTreeMap<String, Box<RawValue>>;

/// The packed records of `folder`; none where there are none.
pub(crate) fn read_packed(folder: &Path, info: Option<&RunInfo>) -> Result<Records, BenchError> {
    let mut records = Records::new();
    // What packing once made.
    let gzip = folder.join(format!("{RECORDS}.gz"));
    if gzip.exists() {
        let bytes = unpacked(&gzip, |file| Box::new(GzDecoder::new(file)))?;
        records.extend(parse(&gzip, &bytes, info, whole_record)?.records);
    }
    for path in packed_files(folder)? {
        let bytes = unpacked(&path, |file| Box::new(XzReader::new(file, false)))?;
        records.extend(parse(&path, &bytes, info, completed)?.records);
    }
    Ok(records)
}

/// Whether `folder` has packed records.
pub(crate) fn is_packed(folder: &Path) -> bool {
    folder.join(PACKED).exists() || folder.join(format!("{RECORDS}.gz")).exists()
}

fn unpacked(path: &Path, decoder: fn(File) -> Box<dyn Read>) -> Result<Vec<u8>, BenchError> {
    let mut bytes = vec![];
    File::open(path)
        .and_then(|file| decoder(file).read_to_end(&mut bytes))
        .map_err(BenchError::io("unpack", path))?;
    Ok(bytes)
}

/// In the order of their names.
fn packed_files(folder: &Path) -> Result<Vec<PathBuf>, BenchError> {
    let folder = folder.join(PACKED);
    if !folder.exists() {
        return Ok(vec![]);
    }
    let listed = fs::read_dir(&folder).and_then(Iterator::collect::<io::Result<Vec<_>>>);
    let entries = listed.map_err(BenchError::io("list", &folder))?;
    let paths = entries.into_iter().map(|entry| entry.path());
    let is_packed = |path: &PathBuf| path.to_string_lossy().ends_with(SUFFIX);
    let mut paths: Vec<PathBuf> = paths.filter(is_packed).collect();
    paths.sort();
    Ok(paths)
}

/// The bytes of a packed file.
pub(crate) fn compressed(records: &[CellRecord]) -> io::Result<Vec<u8>> {
    let mut encoder = XzWriter::new(vec![], XzOptions::with_preset(PRESET))?;
    for record in records {
        writeln!(encoder, "{}", shortened(record)?)?;
    }
    encoder.finish()
}

/// The line of a record without what follows from the rest of it.
fn shortened(record: &CellRecord) -> serde_json::Result<String> {
    let mut parts = object(&serde_json::to_string(record)?)?;
    if record.result.id == record.result.spec.id() {
        parts.remove("id");
    }
    if let Outcome::Evaluated(evaluation) = &record.result.outcome {
        let mut outcome = object(parts["outcome"].get())?;
        for (name, value) in that_follow(&evaluation.confusion)? {
            if outcome[name].get() == value.get() {
                outcome.remove(name);
            }
        }
        parts.insert("outcome".into(), raw(&outcome)?);
    }
    serde_json::to_string(&parts)
}

/// The record of a line that [`shortened`] wrote.
fn completed(line: &[u8]) -> serde_json::Result<CellRecord> {
    let mut parts: Object = serde_json::from_slice(line)?;
    if let (None, Some(spec)) = (parts.get("id"), parts.get("spec")) {
        let spec: CellSpec = serde_json::from_str(spec.get())?;
        parts.insert("id".into(), raw(&spec.id())?);
    }
    if let Some(outcome) = parts.get("outcome") {
        let mut outcome = object(outcome.get())?;
        if let Some(confusion) = outcome.get("confusion") {
            let confusion: ConfusionMatrix = serde_json::from_str(confusion.get())?;
            for (name, value) in that_follow(&confusion)? {
                outcome.entry(name.into()).or_insert(value);
            }
        }
        parts.insert("outcome".into(), raw(&outcome)?);
    }
    serde_json::from_str(&serde_json::to_string(&parts)?)
}

/// The scores that follow from a confusion matrix.
fn that_follow(
    confusion: &ConfusionMatrix,
) -> serde_json::Result<[(&'static str, Box<RawValue>); 2]> {
    Ok([
        ("macro_f1", raw(&confusion.macro_f1())?),
        ("per_class_f1", raw(&confusion.per_class_f1())?),
    ])
}

fn object(text: &str) -> serde_json::Result<Object> {
    serde_json::from_str(text)
}

fn raw(value: &impl Serialize) -> serde_json::Result<Box<RawValue>> {
    serde_json::value::to_raw_value(value)
}
