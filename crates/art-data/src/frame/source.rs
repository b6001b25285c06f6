//! Rows of a file as records of text fields, whatever the file is.

#[cfg(feature = "parquet")]
use super::parquet::ParquetRows;
use super::{
    options::{ReadOptions, unnamed},
    text::TextRows,
};
use crate::{error::DataError, place::Place};
use csv::ByteRecord;
use std::{
    collections::HashSet,
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

impl<'a> Source<'a> {
    pub(super) fn open(path: &'a Path, options: &ReadOptions) -> Result<Self, DataError> {
        const PARQUET: &[u8] = b"PAR1";
        /// Lines of a name beyond which a quote was not closed.
        const MOST_LINES: usize = 10;
        let io = |error| DataError::io("read", path)(error);
        // Some systems would say that access is denied.
        if path.is_dir() {
            let problem = "it is a folder; name a file in it";
            return Err(DataError::format(path, None, problem));
        }
        let mut file = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
        let (mut names, line, rows): (Vec<String>, _, _) = if file
            .fill_buf()
            .map_err(io)?
            .starts_with(PARQUET)
        {
            #[cfg(feature = "parquet")]
            {
                let (names, rows) = ParquetRows::open(path)?;
                (names, None, Rows::Parquet(Box::new(rows)))
            }
            #[cfg(not(feature = "parquet"))]
            {
                let problem =
                    "this is a Parquet file, and the program was built without the feature parquet";
                return Err(DataError::format(path, None, problem));
            }
        } else {
            let (names, line, rows) = TextRows::open(path, file, options)?;
            (names, line, Rows::Text(rows))
        };
        // Programs write a column of row numbers without a name.
        for (place, name) in names.iter_mut().enumerate() {
            if name.is_empty() {
                *name = unnamed(place);
            }
        }
        let mut known = HashSet::new();
        for (place, name) in names.iter().enumerate() {
            if name.matches('\n').count() > MOST_LINES {
                let problem = format!(
                    "the name of column {} goes on over more than {MOST_LINES} lines; is a quote in the header never \
                     closed?",
                    place + 1
                );
                return Err(DataError::format(path, line, problem));
            }
            if !options.ignored.contains(name) && !known.insert(name) {
                let problem =
                    format!("two columns are called {name:?}; rename one, or leave them out");
                return Err(DataError::format(path, line, problem));
            }
        }
        Ok(Self { path, names, rows })
    }

    /// The number of rows.
    pub(super) fn count_rows(self) -> Result<usize, DataError> {
        #[cfg(feature = "parquet")]
        if let Rows::Parquet(rows) = &self.rows {
            return Ok(rows.n_rows());
        }
        let mut n_rows = 0;
        self.each_row(&[], |_, _| {
            n_rows += 1;
            Ok::<_, DataError>(())
        })?;
        Ok(n_rows)
    }

    /// Shows every row and where it is. Of the columns at the places `wanted`, the others' fields may be empty or anything.
    pub(super) fn each_row<E: From<DataError>>(
        self,
        wanted: &[usize],
        mut see: impl FnMut(Place, &ByteRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let (path, names) = (self.path, self.names);
        let see = |at: Place, record: &ByteRecord| {
            let mut holds_nul = wanted.iter().filter(|&&place| record[place].contains(&0));
            let place = if record.as_slice().contains(&0) {
                holds_nul.next()
            } else {
                None
            };
            match place {
                Some(&place) => {
                    let name = names.get(place).map_or("", |name| name);
                    let problem = format!("column {name:?} holds a NUL byte; is this text?");
                    Err(DataError::format_at(path, at, problem).into())
                }
                None => see(at, record),
            }
        };
        match self.rows {
            Rows::Text(rows) => rows.each(path, see),
            #[cfg(feature = "parquet")]
            Rows::Parquet(rows) => rows.each(path, wanted, see),
        }
    }
}
