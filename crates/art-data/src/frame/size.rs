//! How large a table is, before anything of it is kept.

use super::{ReadOptions, source::Source};
use crate::error::DataError;
use std::path::Path;

/// Rows and columns of a table.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TableSize {
    /// Rows below the names of the columns.
    pub rows: usize,
    /// Columns of the file.
    pub columns: usize,
}

impl TableSize {
    /// That of the table in the file `path`: a text is read to its end, a Parquet file says it.
    ///
    /// # Errors
    /// As [`read_frame`](super::read_frame) for a file that cannot be read, or whose rows differ in their number of fields.
    pub fn of(path: &Path, options: &ReadOptions) -> Result<Self, DataError> {
        let source = Source::open(path, options)?;
        let columns = source.names.len();
        let rows = source.count_rows()?;
        Ok(Self { rows, columns })
    }

    /// Fields of all rows.
    pub fn cells(self) -> usize {
        self.rows.saturating_mul(self.columns)
    }
}
