//! The rows that are finished, in a file that survives an interrupt.

use crate::error::EmbedError;
use std::{
    fs::{File, OpenOptions, TryLockError, remove_file},
    io::{Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Newest version of the file's form that this code reads and the one that it writes.
const VERSION: u32 = 1;
const NAME: &str = "art-embed-part";

/// Finished rows of a pool: a line that says whose rows they are, then the rows as little-endian f32.
///
/// Rows are appended in chunks of the same number of rows and flushed to disk. What a kill has torn is cut off
/// when the file is opened again, back to whole chunks, so that the later chunks hold the same texts as without
/// the kill. One process at a time holds the file.
#[derive(Debug)]
pub(crate) struct PartFile {
    path: PathBuf,
    file: File,
    header: u64,
    columns: usize,
    rows: usize,
}

impl PartFile {
    /// Opens or makes the file for a pool of `total` rows by the embedder `digest`.
    ///
    /// # Errors
    /// [`EmbedError::Part`] when its rows belong to another pool or another process writes to it,
    /// [`EmbedError::Io`] when it cannot be read or written.
    pub(crate) fn open(
        path: &Path,
        digest: &str,
        (total, columns): (usize, usize),
        chunk: usize,
    ) -> Result<Self, EmbedError> {
        let mut options = OpenOptions::new();
        options.read(true).write(true).create(true).truncate(false);
        let mut file = options.open(path).map_err(EmbedError::io("open", path))?;
        match file.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => {
                return Err(EmbedError::part(path, "another process is writing to it"));
            }
            Err(TryLockError::Error(error)) => return Err(EmbedError::io("lock", path)(error)),
        }
        let header = format!("{NAME} {VERSION} {digest} {total} {columns}\n");
        let length = file.metadata().map_err(EmbedError::io("read", path))?.len();
        let mut found = vec![
            0;
            header
                .len()
                .min(usize::try_from(length).unwrap_or(usize::MAX))
        ];
        file.read_exact(&mut found)
            .map_err(EmbedError::io("read", path))?;
        let mut part = Self {
            path: path.to_owned(),
            file,
            header: header.len() as u64,
            columns,
            rows: 0,
        };
        if found == header.as_bytes() {
            let whole = (length - part.header) / (part.row_bytes() * chunk as u64);
            let rows = usize::try_from(whole)
                .unwrap_or(usize::MAX)
                .saturating_mul(chunk);
            // The last chunk is shorter; where only it is missing its end, the rest is whole.
            let all = (length - part.header) / part.row_bytes() >= total as u64;
            part.rows = if all { total } else { rows };
            part.cut()?;
        } else if header.as_bytes().starts_with(&found) {
            // New, or killed within the first line.
            part.file
                .seek(SeekFrom::Start(0))
                .and_then(|_| part.file.write_all(header.as_bytes()))
                .and_then(|()| part.file.sync_data())
                .map_err(EmbedError::io("write", path))?;
        } else {
            return Err(EmbedError::part(path, strange(&found)));
        }
        Ok(part)
    }

    /// Finished rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// Appends whole rows and flushes them to disk.
    pub(crate) fn append(&mut self, values: &[f32]) -> Result<(), EmbedError> {
        let bytes: Vec<u8> = values
            .iter()
            .flat_map(|value| value.to_le_bytes())
            .collect();
        let start = self.header + self.rows as u64 * self.row_bytes();
        self.file
            .seek(SeekFrom::Start(start))
            .and_then(|_| self.file.write_all(&bytes))
            .and_then(|()| self.file.sync_data())
            .map_err(EmbedError::io("write", &self.path))?;
        self.rows += values.len() / self.columns;
        Ok(())
    }

    /// All rows, read back.
    pub(crate) fn read(&mut self) -> Result<Vec<f32>, EmbedError> {
        let mut bytes = vec![0; self.rows * self.columns * size_of::<f32>()];
        self.file
            .seek(SeekFrom::Start(self.header))
            .and_then(|_| self.file.read_exact(&mut bytes))
            .map_err(EmbedError::io("read", &self.path))?;
        let words = bytes.chunks_exact(size_of::<f32>());
        Ok(words
            .map(|b| f32::from_le_bytes([b[0], b[1], b[2], b[3]]))
            .collect())
    }

    /// Deletes the file.
    pub(crate) fn remove(self) -> Result<(), EmbedError> {
        drop(self.file);
        remove_file(&self.path).map_err(EmbedError::io("delete", &self.path))
    }

    fn row_bytes(&self) -> u64 {
        (self.columns * size_of::<f32>()) as u64
    }

    fn cut(&self) -> Result<(), EmbedError> {
        let end = self.header + self.rows as u64 * self.row_bytes();
        self.file
            .set_len(end)
            .map_err(EmbedError::io("shorten", &self.path))
    }
}

/// What is wrong with a first line that is not ours.
fn strange(found: &[u8]) -> String {
    let line = String::from_utf8_lossy(found);
    let mut words = line.split_whitespace();
    let ours = words.next() == Some(NAME);
    match words.next().and_then(|word| word.parse::<u32>().ok()) {
        Some(version) if ours && version > VERSION => format!(
            "has version {version}, this program knows versions up to {VERSION}; use the newer program"
        ),
        Some(_) if ours => {
            "has rows of another model or another number of them; go on with that model, or delete the file to \
             start anew"
                .to_owned()
        }
        _ => "is no file of finished rows; move it away".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn open(path: &Path) -> Result<PartFile, EmbedError> {
        PartFile::open(path, "tiny", (5, 2), 2)
    }

    #[test]
    fn rows_come_back_and_a_torn_chunk_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.part");
        let mut part = open(&path).unwrap();
        part.append(&[1.0, 2.0, 3.0, 4.0]).unwrap();
        part.append(&[5.0, 6.0, 7.0, 8.0]).unwrap();
        drop(part);
        let whole = fs::read(&path).unwrap();
        for torn in 1..=16 {
            fs::write(&path, &whole[..whole.len() - torn]).unwrap();
            let mut part = open(&path).unwrap();
            assert_eq!(part.rows(), 2, "{torn} bytes short");
            part.append(&[5.0, 6.0, 7.0, 8.0]).unwrap();
            assert_eq!(
                part.read().unwrap(),
                [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0]
            );
            drop(part);
            assert_eq!(fs::read(&path).unwrap(), whole);
        }
        let mut part = open(&path).unwrap();
        part.append(&[9.0, 9.5]).unwrap();
        drop(part);
        let part = open(&path).unwrap();
        assert_eq!(part.rows(), 5);
        part.remove().unwrap();
        assert!(!path.exists());
    }

    #[test]
    fn a_kill_within_the_first_line_leaves_a_usable_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.part");
        drop(open(&path).unwrap());
        let header = fs::read(&path).unwrap();
        for length in 0..header.len() {
            fs::write(&path, &header[..length]).unwrap();
            assert_eq!(open(&path).unwrap().rows(), 0);
            assert_eq!(fs::read(&path).unwrap(), header);
        }
    }

    #[test]
    fn rows_of_others_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x.part");
        let held = open(&path).unwrap();
        let message = || open(&path).unwrap_err().to_string();
        assert!(message().contains("another process"), "{}", message());
        drop(held);
        drop(open(&path).unwrap());
        let other = PartFile::open(&path, "huge", (5, 2), 2)
            .unwrap_err()
            .to_string();
        assert!(
            other.contains("another model") && other.contains("x.part"),
            "{other}"
        );
        fs::write(&path, "art-embed-part 2 tiny 5 2\n").unwrap();
        assert!(message().contains("has version 2"), "{}", message());
        fs::write(&path, "holiday pictures, not to be lost").unwrap();
        assert!(message().contains("move it away"), "{}", message());
    }
}
