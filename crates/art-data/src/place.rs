//! Where in a file a row is.

use std::fmt;

/// The number of a data row in its file, counted from 1, those before the part that was read and those that were left out
/// included.
///
/// What holds a row of a [`Frame`](crate::Frame) or [`Dataset`](crate::Dataset) counts from 0, and is no such number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct RowNumber(usize);

impl RowNumber {
    /// Of the row that `n_before` rows of its file stand before.
    pub(crate) fn behind(n_before: usize) -> Self {
        Self(n_before + 1)
    }

    /// Of the row of a table from its first row on that has this number, counted from 0.
    pub fn of(row: u32) -> Self {
        Self::behind(row as usize)
    }

    /// The number.
    pub fn get(self) -> usize {
        self.0
    }
}

impl fmt::Display for RowNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Where a row is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// The line of a text file, from 1.
    Line(u64),
    /// The row of a file without lines, from 1.
    Row(u64),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(f, "line {line}"),
            Self::Row(row) => write!(f, "data row {row}"),
        }
    }
}
