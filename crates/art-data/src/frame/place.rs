//! Where in a file a row is, for messages.

use crate::error::DataError;
use std::{fmt, path::Path};

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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
            Self::Row(_) => DataError::format(path, None, format!("{self}: {}", problem.into())),
        }
    }
}

impl fmt::Display for At {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            #[cfg(feature = "parquet")]
            Self::Row(row) => write!(f, "data row {row}"),
        }
    }
}
