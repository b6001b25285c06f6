//! The store: an append-only file of records, one JSON object a line.
//!
//! A record is flushed to disk before its cell counts as done. A line that was torn by a crash is
//! cut off when the file is opened for writing. One process writes at a time, held by a file lock
//! that ends with the process.

use crate::{
    cell::{CellId, CellRecord, SCHEMA},
    error::BenchError,
    outcome::Outcome,
    run_info::RunInfo,
};
use art_data::{sync_folder, write_atomically};
use flate2::{Compression, read::GzDecoder, write::GzEncoder};
use serde::Deserialize;
use std::{
    collections::BTreeMap,
    fs::{self, File, OpenOptions, TryLockError},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Name of the record file inside an output folder.
pub const RECORDS: &str = "records.jsonl";

/// Records by the id of their cell.
pub type Records = BTreeMap<CellId, CellRecord>;

/// The records of a folder, open for appending.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    file: File,
    /// Length of the file up to its last complete record.
    bytes: u64,
    records: Records,
    torn_bytes: usize,
}

impl Store {
    /// Opens the record file in `folder`, making both where they are missing.
    ///
    /// # Errors
    /// [`BenchError::Io`], [`BenchError::Packed`], [`BenchError::Locked`], [`BenchError::BadRecord`] or
    /// [`BenchError::NewerRecord`]; nothing is then changed.
    pub fn open(folder: &Path) -> Result<Self, BenchError> {
        fs::create_dir_all(folder).map_err(BenchError::io("make the folder", folder))?;
        let path = folder.join(RECORDS);
        let packed = folder.join(format!("{RECORDS}.gz"));
        if !path.exists() && packed.exists() {
            return Err(BenchError::Packed { path: packed });
        }
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(BenchError::io("open", &path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(BenchError::Locked { path }),
            Err(TryLockError::Error(error)) => return Err(BenchError::io("lock", &path)(error)),
        }
        let mut bytes = vec![];
        file.read_to_end(&mut bytes)
            .map_err(BenchError::io("read", &path))?;
        let parsed = parse(&path, &bytes, RunInfo::load_if_there(folder)?.as_ref())?;
        let torn_bytes = bytes.len() - parsed.complete_bytes;
        let complete = parsed.complete_bytes as u64;
        if torn_bytes > 0 {
            file.set_len(complete)
                .map_err(BenchError::io("repair", &path))?;
            file.seek(SeekFrom::End(0))
                .map_err(BenchError::io("repair", &path))?;
        }
        sync_folder(folder).map_err(BenchError::io("open", folder))?;
        Ok(Self {
            path,
            file,
            bytes: complete,
            records: parsed.records,
            torn_bytes,
        })
    }

    /// Bytes of a torn last line that were cut off when the store was opened.
    pub fn torn_bytes(&self) -> usize {
        self.torn_bytes
    }

    /// The record of a cell.
    pub fn get(&self, id: &CellId) -> Option<&CellRecord> {
        self.records.get(id)
    }

    /// All records, by id.
    pub fn records(&self) -> &Records {
        &self.records
    }

    /// Makes sure that the records are still where they are looked for: a folder that is deleted or moved takes the open file
    /// with it, and everything that is written to it.
    ///
    /// # Errors
    /// [`BenchError::Moved`].
    pub fn check_place(&self) -> Result<(), BenchError> {
        let is_there = match (fs::metadata(&self.path), self.file.metadata()) {
            (Ok(there), Ok(open)) => is_same_file(&there, &open),
            _ => false,
        };
        if is_there {
            return Ok(());
        }
        Err(BenchError::Moved {
            path: self.path.clone(),
        })
    }

    /// Adds a record; when this returns it is on disk. A later record of a cell replaces an
    /// earlier one. A result that could not be read again, since a number of it is not finite or contradicts another
    /// one, is stored as failed.
    ///
    /// # Errors
    /// [`BenchError::Io`]; the records that were there stay as they are. [`BenchError::Moved`] when the file is no longer in
    /// its place.
    pub fn append(&mut self, mut record: CellRecord) -> Result<(), BenchError> {
        let as_line =
            |record: &CellRecord| serde_json::to_string(record).expect("a record is plain data");
        let mut line = as_line(&record);
        // A number that is not finite would be written, and never be read again.
        let again = serde_json::from_str::<CellRecord>(&line).map_err(|error| error.to_string());
        if let Err(error) = again.and_then(|again| again.check()) {
            record.result.outcome = Outcome::Failed {
                error: format!("its record could not be read again: {error}"),
            };
            line = as_line(&record);
        }
        line.push('\n');
        let written = self
            .file
            .write_all(line.as_bytes())
            .and_then(|()| self.file.sync_data());
        if let Err(error) = written {
            // A part of the line may be there; without it the next record starts on a line of its own.
            let _ = self.file.set_len(self.bytes);
            return Err(BenchError::io("write a record to", &self.path)(error));
        }
        self.check_place()?;
        self.bytes += line.len() as u64;
        self.records.insert(record.result.id.clone(), record);
        Ok(())
    }
}

#[cfg(unix)]
fn is_same_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    use std::os::unix::fs::MetadataExt;
    (one.dev(), one.ino()) == (other.dev(), other.ino())
}

/// As far as that can be told: an open file cannot be deleted or moved everywhere.
#[cfg(not(unix))]
fn is_same_file(one: &fs::Metadata, other: &fs::Metadata) -> bool {
    one.len() == other.len()
}

/// Reads the records in `folder` without locking or changing anything; a record file that was packed
/// by gzip is read as well.
///
/// A record is not trusted: its name must be that of its cell, its scores those of its confusion matrix, its classes as many
/// as the folder says.
///
/// # Errors
/// [`BenchError::Io`], [`BenchError::BadRecord`] or [`BenchError::NewerRecord`]; [`BenchError::Format`] when what the
/// folder says about itself contradicts itself.
pub fn read_records(folder: &Path) -> Result<Records, BenchError> {
    let plain = folder.join(RECORDS);
    let packed = folder.join(format!("{RECORDS}.gz"));
    let info = RunInfo::load_if_there(folder)?;
    if !plain.exists() && packed.exists() {
        return read_packed(&packed, info.as_ref());
    }
    let bytes = fs::read(&plain).map_err(BenchError::io("read", &plain))?;
    Ok(parse(&plain, &bytes, info.as_ref())?.records)
}

fn read_packed(path: &Path, info: Option<&RunInfo>) -> Result<Records, BenchError> {
    let mut bytes = vec![];
    File::open(path)
        .and_then(|file| GzDecoder::new(file).read_to_end(&mut bytes))
        .map_err(BenchError::io("unpack", path))?;
    Ok(parse(path, &bytes, info)?.records)
}

/// Packs the records in `folder` by gzip, in the form that this program writes and in the order of data sets, methods and
/// seeds, and takes the plain file away: a folder to keep and no longer to add to. Records that were packed before stay; of
/// a cell that is in both files the plain one's is kept.
///
/// # Errors
/// As [`Store::open`], and [`BenchError::Io`] when the packed file cannot be written; the plain file then stays.
pub fn pack_records(folder: &Path) -> Result<PathBuf, BenchError> {
    let plain = folder.join(RECORDS);
    let packed = folder.join(format!("{RECORDS}.gz"));
    let mut records = match (plain.exists(), packed.exists()) {
        (_, true) => read_packed(&packed, RunInfo::load_if_there(folder)?.as_ref())?,
        (true, false) => Records::new(),
        (false, false) => return read_records(folder).map(|_| packed),
    };
    // Held open, so that no run adds to what is being packed.
    let store = plain.exists().then(|| Store::open(folder)).transpose()?;
    records.extend(store.iter().flat_map(|store| store.records().clone()));
    let mut records: Vec<CellRecord> = records.into_values().collect();
    records.sort_by_cached_key(|record| {
        let spec = &record.result.spec;
        let run = (spec.seed, spec.initialisation);
        let name = (spec.dataset.clone(), spec.method.clone());
        (name, spec.trial, run, record.result.id.clone())
    });
    let mut encoder = GzEncoder::new(vec![], Compression::best());
    for mut record in records {
        record.result.schema = SCHEMA;
        let line = serde_json::to_string(&record).expect("a record is plain data");
        writeln!(encoder, "{line}").expect("memory takes all that is written");
    }
    let bytes = encoder.finish().expect("memory takes all that is written");
    write_atomically(&packed, &bytes).map_err(BenchError::io("write", &packed))?;
    if store.is_some() {
        fs::remove_file(&plain).map_err(BenchError::io("remove", &plain))?;
    }
    Ok(packed)
}

struct Parsed {
    records: Records,
    /// Bytes up to the end of the last complete line.
    complete_bytes: usize,
}

/// The schema alone, readable whatever the rest looks like.
#[derive(Deserialize)]
struct Schema {
    schema: u32,
}

/// The records of a file, each of which must agree with itself and with `info`.
fn parse(path: &Path, bytes: &[u8], info: Option<&RunInfo>) -> Result<Parsed, BenchError> {
    // A record is written with its newline, so a last line without one was torn.
    let complete_bytes = bytes
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |end| end + 1);
    let mut records = BTreeMap::new();
    for (number, line) in bytes[..complete_bytes]
        .split(|&byte| byte == b'\n')
        .enumerate()
    {
        if line.is_empty() {
            continue;
        }
        let bad = |reason: String| BenchError::BadRecord {
            path: path.to_owned(),
            line: number + 1,
            reason,
        };
        let no_record = |error: serde_json::Error| bad(error.to_string());
        let Schema { schema } = serde_json::from_slice(line).map_err(no_record)?;
        if schema > SCHEMA {
            return Err(BenchError::NewerRecord {
                path: path.to_owned(),
                line: number + 1,
                found: schema,
                supported: SCHEMA,
            });
        }
        let record: CellRecord = serde_json::from_slice(line).map_err(no_record)?;
        record.check().map_err(bad)?;
        info.map_or(Ok(()), |info| info.check_record(&record))
            .map_err(bad)?;
        records.insert(record.result.id.clone(), record);
    }
    Ok(Parsed {
        records,
        complete_bytes,
    })
}
