//! Columns of numbers on disk, while a file is read row by row.

use crate::error::DataError;
use std::{
    fs::File,
    io::{self, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

/// Numbers of several columns, which are written to a file without a name where they are many.
pub(super) struct Spill {
    folder: PathBuf,
    file: Option<File>,
    /// Bytes of the file.
    len: u64,
    /// Numbers of a column that are in memory at a time.
    most: usize,
    columns: Vec<Spilled>,
}

#[derive(Clone, Default)]
struct Spilled {
    waiting: Vec<f64>,
    /// Where its numbers are in the file, and how many: one piece after the other.
    pieces: Vec<(u64, usize)>,
}

impl Spill {
    /// Room for `n_columns` columns, of which about `most` numbers are in memory; the others are in a file in `folder`,
    /// which the system removes with the process.
    pub(super) fn new(folder: &Path, n_columns: usize, most: usize) -> Self {
        Self {
            folder: folder.to_owned(),
            file: None,
            len: 0,
            most: (most / n_columns.max(1)).max(1),
            columns: vec![Spilled::default(); n_columns],
        }
    }

    /// One more number of a column.
    pub(super) fn push(&mut self, column: usize, number: f64) -> Result<(), DataError> {
        let waiting = &mut self.columns[column].waiting;
        waiting.push(number);
        if waiting.len() < self.most {
            return Ok(());
        }
        self.write(column)
            .map_err(DataError::io("write a file of numbers in", &self.folder))
    }

    fn write(&mut self, column: usize) -> io::Result<()> {
        let file = match &mut self.file {
            Some(file) => file,
            none => none.insert(tempfile::tempfile_in(&self.folder)?),
        };
        let Spilled { waiting, pieces } = &mut self.columns[column];
        let bytes: Vec<u8> = waiting.iter().flat_map(|x| x.to_le_bytes()).collect();
        file.write_all(&bytes)?;
        pieces.push((self.len, waiting.len()));
        self.len += bytes.len() as u64;
        waiting.clear();
        Ok(())
    }

    /// The numbers of a column in the order that they came in; they are gone here.
    pub(super) fn take(&mut self, column: usize) -> Result<Vec<f64>, DataError> {
        let Spilled { waiting, pieces } = std::mem::take(&mut self.columns[column]);
        let n: usize = pieces.iter().map(|(_, n)| n).sum();
        if n == 0 {
            return Ok(waiting);
        }
        let mut numbers = Vec::with_capacity(n + waiting.len());
        self.read(&pieces, &mut numbers)
            .map_err(DataError::io("read a file of numbers in", &self.folder))?;
        numbers.extend(waiting);
        Ok(numbers)
    }

    fn read(&mut self, pieces: &[(u64, usize)], numbers: &mut Vec<f64>) -> io::Result<()> {
        use io::Read as _;
        const WIDTH: usize = size_of::<f64>();
        let Some(file) = &mut self.file else {
            return Ok(());
        };
        let mut bytes = vec![];
        for &(start, n) in pieces {
            file.seek(SeekFrom::Start(start))?;
            bytes.resize(n * WIDTH, 0);
            file.read_exact(&mut bytes)?;
            let own = bytes.as_chunks::<WIDTH>().0.iter();
            numbers.extend(own.map(|bytes| f64::from_le_bytes(*bytes)));
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_come_back_in_their_order_and_bits() {
        let folder = tempfile::tempdir().unwrap();
        for most in [1, 7, 1_000] {
            let mut spill = Spill::new(folder.path(), 2, most);
            let number = |row: usize| (row as f64 - 50.0) / 3.0;
            for row in 0..100 {
                spill.push(0, number(row)).unwrap();
                if row % 3 == 0 {
                    spill.push(1, -number(row)).unwrap();
                }
            }
            let expected: Vec<f64> = (0..100).map(number).collect();
            assert_eq!(spill.take(0).unwrap(), expected, "{most}");
            assert_eq!(spill.take(1).unwrap().len(), 34, "{most}");
            let n_files = || std::fs::read_dir(&folder).unwrap().count();
            if cfg!(unix) {
                assert_eq!(n_files(), 0);
            }
            drop(spill);
            assert_eq!(n_files(), 0);
        }
    }
}
