//! The bytes of a Parquet file.

use ::parquet::{
    errors::{ParquetError, Result},
    file::reader::{ChunkReader, Length},
};
use bytes::Bytes;
use std::{
    fs::File,
    io::{self, BufReader, ErrorKind, Read, Seek as _, SeekFrom},
};

/// A file beyond whose end nobody reads: the library takes no bytes for bytes where it passes over what it does not know, and would go on
/// for as many elements as an altered file claims to have.
pub(super) struct ParquetInput(File);

impl ParquetInput {
    pub(super) fn new(file: File) -> Self {
        Self(file)
    }
}

impl Length for ParquetInput {
    fn len(&self) -> u64 {
        Length::len(&self.0)
    }
}

impl ChunkReader for ParquetInput {
    type T = BufReader<ToTheEnd>;

    fn get_read(&self, start: u64) -> Result<Self::T> {
        let mut file = self.0.try_clone()?;
        file.seek(SeekFrom::Start(start))?;
        Ok(BufReader::new(ToTheEnd(file)))
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes> {
        let end = start.checked_add(length as u64);
        if end.is_none_or(|end| end > self.len()) {
            let problem = format!("{length} bytes from byte {start} on, of {}", self.len());
            return Err(ParquetError::EOF(problem));
        }
        self.0.get_bytes(start, length)
    }
}

/// A file whose end is an error.
pub(super) struct ToTheEnd(File);

impl Read for ToTheEnd {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        match self.0.read(into)? {
            0 if !into.is_empty() => Err(ErrorKind::UnexpectedEof.into()),
            n => Ok(n),
        }
    }
}
