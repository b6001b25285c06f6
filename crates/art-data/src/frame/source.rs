//! Rows of a file as records of text fields, whatever the file is.

#[cfg(feature = "parquet")]
use super::parquet::ParquetRows;
use super::{ReadOptions, place::At, text::TextRows};
use crate::DataError;
use csv::ByteRecord;
use std::{
    fs::File,
    io::{BufRead, BufReader},
    path::Path,
};

pub(super) const NO_ROW: &str = "there is a header and no row";

/// A file whose column names are known.
pub(super) struct Source<'a> {
    path: &'a Path,
    /// Names of its columns.
    pub(super) names: Vec<String>,
    rows: Rows,
}

enum Rows {
    Text(TextRows),
    #[cfg(feature = "parquet")]
    Parquet(Box<ParquetRows>),
}

impl Rows {
    #[cfg_attr(
        not(feature = "parquet"),
        allow(clippy::unnecessary_wraps, reason = "not every kind of file has lines")
    )]
    fn line_of_names(&self) -> Option<u64> {
        match self {
            Self::Text(_) => Some(1),
            #[cfg(feature = "parquet")]
            Self::Parquet(_) => None,
        }
    }
}

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path, options: &ReadOptions) -> Result<Self, DataError> {
        const PARQUET: &[u8] = b"PAR1";
        let io = |error| DataError::io("read", path)(error);
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
        let (mut names, rows): (Vec<String>, _) = if file
            .fill_buf()
            .map_err(io)?
            .starts_with(PARQUET)
        {
            #[cfg(feature = "parquet")]
            {
                let (names, rows) = ParquetRows::open(path)?;
                (names, Rows::Parquet(Box::new(rows)))
            }
            #[cfg(not(feature = "parquet"))]
            {
                let problem =
                    "this is a Parquet file, and the program was built without the feature parquet";
                return Err(DataError::format(path, None, problem));
            }
        } else {
            let (names, rows) = TextRows::open(path, file, options)?;
            (names, Rows::Text(rows))
        };
        // Programs write a column of row numbers without a name.
        for (place, name) in names.iter_mut().enumerate() {
            if name.is_empty() {
                *name = format!("column {}", place + 1);
            }
        }
        for (place, name) in names.iter().enumerate() {
            if name.contains('\n') {
                let problem = format!(
                    "the name of column {} holds a line break; is a quote in the header never closed?",
                    place + 1
                );
                return Err(DataError::format(path, rows.line_of_names(), problem));
            }
            if names[..place].contains(name) {
                let problem = format!("two columns are called {name:?}; rename one");
                return Err(DataError::format(path, rows.line_of_names(), problem));
            }
        }
        Ok(Self { path, names, rows })
    }

    /// Shows every row and where it is.
    pub(super) fn each_row<E: From<DataError>>(
        self,
        mut see: impl FnMut(At, &ByteRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let path = self.path;
        let see = |at: At, record: &ByteRecord| {
            if record.as_slice().contains(&0) {
                return Err(at
                    .error(path, "there is a NUL byte; is this a text file?")
                    .into());
            }
            see(at, record)
        };
        match self.rows {
            Rows::Text(rows) => rows.each(path, see),
            #[cfg(feature = "parquet")]
            Rows::Parquet(rows) => rows.each(path, see),
        }
    }
}
