//! How a table is written, where it does not speak for itself.

use super::{DateOrder, NumberStyle};
use serde::{Deserialize, Serialize};

/// How a table is written, where it does not speak for itself. The default lets it.
#[derive(Clone, Debug, Default)]
pub struct ReadOptions {
    /// Byte between fields; found out from the header where it is not given: comma, tab or semicolon.
    pub delimiter: Option<u8>,
    /// Fields that stand for a missing value, besides empty ones and [`MISSING_MARKERS`](super::MISSING_MARKERS); one that is a
    /// number stands for all fields of its value.
    pub missing: Vec<String>,
    /// Those of [`MISSING_MARKERS`](super::MISSING_MARKERS) that are values here, such as NA for Namibia.
    pub not_missing: Vec<String>,
    /// Columns that are words even where they look like numbers; the target is always one of them.
    pub words: Vec<String>,
    /// Columns that are numbers even where they look like codes, such as 007.
    pub numbers: Vec<String>,
    /// Columns whose fields name something, such as a patient: words, and none but empty fields are missing.
    pub keys: Vec<String>,
    /// Columns that are not read, whatever they hold.
    pub ignored: Vec<String>,
    /// The decimal sign, where columns leave it in doubt: a point or a comma.
    pub decimal: Option<NumberStyle>,
    /// Whether day or month comes first, where dates leave it in doubt.
    pub dates: Option<DateOrder>,
    /// Whether the first line has the names of the columns.
    pub header: Header,
    /// A byte with which lines begin that are no rows.
    pub comment: Option<u8>,
    /// The encoding by its label, such as `windows-1252`; UTF-8, or UTF-16 by its mark, where it is not given.
    pub encoding: Option<String>,
}

/// Whether the first line of a text file has the names of the columns.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Header {
    /// It has, and is refused where it looks like a row.
    #[default]
    Found,
    /// It has, whatever it looks like.
    Present,
    /// It is a row, and columns are called `column 1` and so on.
    Absent,
}

impl ReadOptions {
    /// The columns that they name.
    pub(super) fn named_columns(&self) -> impl Iterator<Item = &String> {
        let lists = [&self.words, &self.numbers, &self.keys, &self.ignored];
        lists.into_iter().flatten()
    }
}

/// What a column without a name is called.
pub(super) fn unnamed(place: usize) -> String {
    format!("column {}", place + 1)
}
