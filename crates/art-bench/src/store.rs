//! The store: an append-only file of records, one JSON object a line, on top of those that were packed.
//!
//! A record is flushed to disk before its cell counts as done. A line that was torn by a crash is
//! cut off when the file is opened for writing. One process writes at a time, which says who it is
//! ([`Holder`](crate::Holder)).

use crate::{
    append_log::AppendLog,
    cell::{CellId, CellRecord},
    error::BenchError,
    outcome::Outcome,
    packed::{is_packed, read_packed},
    record_lines::{RECORDS, Records, parse, whole_record},
    run_info::RunInfo,
    writer_lock::{WriterLock, lock_file},
};
use art_data::sync_folder;
use std::{
    fs::{self, File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom},
    path::{Path, PathBuf},
};

/// The records of a folder, open for appending.
#[derive(Debug)]
pub struct Store {
    path: PathBuf,
    /// Given back before the file is closed, which ends the lock of the operating system.
    lock: WriterLock,
    log: AppendLog<File>,
    records: Records,
    torn_bytes: usize,
}

impl Store {
    /// Opens the record file in `folder`, making both where they are missing.
    ///
    /// # Errors
    /// [`BenchError::Io`], [`BenchError::Locked`], [`BenchError::BadRecord`] or [`BenchError::NewerRecord`]; nothing is then
    /// changed.
    pub fn open(folder: &Path) -> Result<Self, BenchError> {
        fs::create_dir_all(folder).map_err(BenchError::io("make the folder", folder))?;
        let path = folder.join(RECORDS);
        let mut file = OpenOptions::new()
            .read(true)
            .append(true)
            .create(true)
            .open(&path)
            .map_err(BenchError::io("open", &path))?;
        let is_locked = lock_file(&file, &path)?;
        let lock = WriterLock::take(folder, &path, is_locked)?;
        let mut bytes = vec![];
        file.read_to_end(&mut bytes)
            .map_err(BenchError::io("read", &path))?;
        let info = RunInfo::load_if_there(folder)?;
        let parsed = parse(&path, &bytes, info.as_ref(), whole_record)?;
        let torn_bytes = bytes.len() - parsed.complete_bytes;
        let complete = parsed.complete_bytes as u64;
        if torn_bytes > 0 {
            file.set_len(complete)
                .map_err(BenchError::io("repair", &path))?;
            file.seek(SeekFrom::End(0))
                .map_err(BenchError::io("repair", &path))?;
        }
        sync_folder(folder).map_err(BenchError::io("open", folder))?;
        let mut records = read_packed(folder, info.as_ref())?;
        records.extend(parsed.records);
        Ok(Self {
            path,
            lock,
            log: AppendLog::new(file, complete),
            records,
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
        let is_there = match (fs::metadata(&self.path), self.log.file().metadata()) {
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
    pub fn append(&mut self, record: CellRecord) -> Result<(), BenchError> {
        self.append_all([record])
    }

    /// Adds several records at once, as [`append`](Self::append) adds one.
    ///
    /// # Errors
    /// Those of [`append`](Self::append); none of the records is then added.
    pub(crate) fn append_all(
        &mut self,
        records: impl IntoIterator<Item = CellRecord>,
    ) -> Result<(), BenchError> {
        let (records, lines): (Vec<_>, Vec<_>) = records.into_iter().map(with_line).unzip();
        let lines = lines.concat();
        self.lock.check()?;
        let written = self.log.append(lines.as_bytes());
        written.map_err(|reason| self.not_written(reason))?;
        self.check_place()?;
        for record in records {
            self.records.insert(record.result.id.clone(), record);
        }
        Ok(())
    }

    fn not_written(&self, reason: std::io::Error) -> BenchError {
        let kinds = [
            ErrorKind::StorageFull,
            ErrorKind::QuotaExceeded,
            ErrorKind::FileTooLarge,
        ];
        if !kinds.contains(&reason.kind()) {
            return BenchError::io("write a record to", &self.path)(reason);
        }
        BenchError::NoRoom {
            path: self.path.clone(),
            n_stored: self.records.len(),
            reason,
        }
    }
}

/// A record with the line that it is stored as; one that could not be read again as failed.
fn with_line(mut record: CellRecord) -> (CellRecord, String) {
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
    (record, line)
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

/// Reads the records in `folder`, packed ones too, without locking or changing anything.
///
/// A record is not trusted: its name must be that of its cell, its scores those of its confusion matrix, its classes as many
/// as the folder says.
///
/// # Errors
/// [`BenchError::Io`], [`BenchError::BadRecord`] or [`BenchError::NewerRecord`]; [`BenchError::Format`] when what the
/// folder says about itself contradicts itself.
pub fn read_records(folder: &Path) -> Result<Records, BenchError> {
    read_with_torn(folder).map(|(records, _)| records)
}

/// The same with the bytes of a last line that has no end: a writer that died left it, or one that lives is writing it.
pub(crate) fn read_with_torn(folder: &Path) -> Result<(Records, usize), BenchError> {
    let plain = folder.join(RECORDS);
    let info = RunInfo::load_if_there(folder)?;
    let mut records = read_packed(folder, info.as_ref())?;
    let mut torn_bytes = 0;
    if records.is_empty() || plain.exists() {
        let bytes = fs::read(&plain).map_err(BenchError::io("read", &plain))?;
        let parsed = parse(&plain, &bytes, info.as_ref(), whole_record)?;
        torn_bytes = bytes.len() - parsed.complete_bytes;
        records.extend(parsed.records);
    }
    Ok((records, torn_bytes))
}

/// Whether `folder` has records, packed ones or others.
pub(crate) fn has_records(folder: &Path) -> bool {
    folder.join(RECORDS).exists() || is_packed(folder)
}
