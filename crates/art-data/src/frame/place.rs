//! Where in a file a row is, for messages.

use crate::DataError;
use std::path::Path;

/// Where a row is.
#[derive(Clone, Copy)]
pub(super) enum At {
    /// The line of a text file, from 1.
    Line(u64),
    /// The row of a file without lines, from 1.
    #[cfg(feature = "parquet")]
    Row(u64),
}

impl At {
    pub(super) fn error(self, path: &Path, problem: impl Into<String>) -> DataError {
        match self {
            Self::Line(line) => DataError::format(path, Some(line), problem),
            #[cfg(feature = "parquet")]
            Self::Row(row) => {
                DataError::format(path, None, format!("data row {row}: {}", problem.into()))
            }
        }
    }
}
