//! What is wrong with a table or one of its columns: what another way of reading would mend as data, everything else in words.

use crate::{counted::counted, place::RowNumber, remedy::Remedy};

/// What is wrong with a file as a whole, or with a line of it.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum TableProblem {
    /// What only another file would mend, in words.
    #[error("{0}")]
    Text(String),
    /// The first line looks like a row.
    #[error("the first line looks like a row, not like the names of columns ({:.60})", .names.join(", "))]
    SeemsRow {
        /// Its fields.
        names: Vec<String>,
    },
    /// The first line looks like a comment.
    #[error("the file begins with a comment, not with the names of its columns")]
    SeemsComment {
        /// What it begins with.
        sign: char,
    },
    /// The name of a column is no UTF-8.
    #[error("the name of column {number} is not UTF-8")]
    NameNotUtf8 {
        /// The column, counted from 1.
        number: usize,
    },
}

/// What is wrong with a column. The texts go on behind its name.
#[derive(Clone, Debug, PartialEq, thiserror::Error)]
#[non_exhaustive]
pub enum ColumnProblem {
    /// What only other values would mend, in words.
    #[error("{0}")]
    Text(String),
    /// A field that is no finite number, where nearly all are.
    #[error("holds {field:?} among numbers ({n_others} of {} {} no finite number); correct it", counted(*.n_fields, "field"), is_or_are(*.n_others))]
    AmongNumbers {
        /// The first such field.
        field: String,
        /// How many such fields there are.
        n_others: usize,
        /// Fields that are not missing.
        n_fields: usize,
    },
    /// A field that is no date, or one in another order, where nearly all are dates.
    #[error("holds {field:?} among dates ({n_others} of {} {} none, or written in another order); correct it", counted(*.n_fields, "field"), is_or_are(*.n_others))]
    AmongDates {
        /// The first such field.
        field: String,
        /// How many such fields there are.
        n_others: usize,
        /// Fields that are not missing.
        n_fields: usize,
    },
    /// Numbers that mean one thing with a decimal point and another with a decimal comma.
    #[error(
        "holds {field:?}, which is {with_point} with a decimal point and {with_comma} with a decimal comma"
    )]
    TwoDecimals {
        /// The first such number.
        field: String,
        /// Its value with a decimal point.
        with_point: f64,
        /// Its value with a decimal comma.
        with_comma: f64,
    },
    /// Dates that can be read with the day or the month first.
    #[error("holds dates whose day and month cannot be told apart: none is above 12")]
    DayOrMonth,
    /// Dates whose year, in two digits, can be read in front or behind.
    #[error(
        "holds {field:?}, whose year may stand in front or behind; write years with four digits"
    )]
    YearFirstOrLast {
        /// The first such date.
        field: String,
        /// Whether the month may come first.
        month_first: bool,
        /// Whether the day may come first.
        day_first: bool,
    },
    /// A field that is not what the column was said to hold.
    #[error("holds {field:?}, which is {wanted}")]
    OtherKind {
        /// The field.
        field: String,
        /// What it is not.
        wanted: String,
        /// How it can be read as such a value.
        otherwise: Vec<Remedy>,
    },
    /// Bytes that are no UTF-8.
    #[error("is not UTF-8")]
    NotUtf8,
    /// Rows without a label.
    #[error("has no label in data row {row} ({}); give it one or remove the row", counted(*.n_rows, "such row"))]
    NoLabel {
        /// The first such row.
        row: RowNumber,
        /// How many such rows there are.
        n_rows: usize,
        /// What stands in such a row and was taken for a missing value.
        marker: Option<String>,
    },
    /// No value in the training rows.
    #[error("has no value in the training rows")]
    NoValue,
    /// More different words than a feature may have.
    #[error(
        "has {n_words} different words, more than {most}; it looks like an identifier or free text"
    )]
    TooManyWords {
        /// How many it has.
        n_words: usize,
        /// How many a feature may have.
        most: usize,
    },
    /// Numbers or dates where there were words in training.
    #[error("holds {holds}; in training it held words")]
    NoWords {
        /// What it holds.
        holds: String,
    },
    /// A number that is so far from those of the training rows that it cannot be scaled.
    #[error("holds {value:e} in data row {row}, too far from the training rows to be scaled")]
    TooFar {
        /// The number.
        value: f64,
        /// Its row.
        row: RowNumber,
    },
    /// A word that no training row has.
    #[error("holds {word:?} in data row {row}, which no training row has{}; known are {}", like(.alike.as_deref()), shown(.known))]
    UnseenWord {
        /// The word.
        word: String,
        /// Its row.
        row: RowNumber,
        /// A known word that is written much like it.
        alike: Option<String>,
        /// The words that training rows have.
        known: Vec<String>,
    },
}

impl TableProblem {
    pub(crate) fn remedies(&self) -> Vec<Remedy> {
        match self {
            Self::SeemsRow { .. } => vec![Remedy::HeaderAbsent, Remedy::HeaderPresent],
            Self::SeemsComment { sign } => vec![Remedy::Comment { sign: *sign }],
            Self::NameNotUtf8 { .. } => vec![Remedy::Encoding],
            Self::Text(_) => vec![],
        }
    }
}

impl ColumnProblem {
    /// What would mend it in the column `name`.
    pub(crate) fn remedies(&self, name: &str) -> Vec<Remedy> {
        let column = || name.to_owned();
        let missing = |field: &str| Remedy::TakeForMissing {
            field: field.to_owned(),
        };
        match self {
            Self::AmongNumbers { field, .. } => {
                vec![missing(field), Remedy::ReadAsWords { column: column() }]
            }
            Self::AmongDates { field, .. } => {
                vec![missing(field), Remedy::LeaveOut { column: column() }]
            }
            Self::TwoDecimals { .. } => vec![Remedy::DecimalPoint, Remedy::DecimalComma],
            Self::DayOrMonth => vec![Remedy::DayFirst, Remedy::MonthFirst],
            Self::YearFirstOrLast {
                month_first,
                day_first,
                ..
            } => {
                let orders = [
                    (*day_first, Remedy::DayFirst),
                    (*month_first, Remedy::MonthFirst),
                ];
                let fit = orders.into_iter().filter(|(fits, _)| *fits);
                fit.map(|(_, remedy)| remedy).collect()
            }
            Self::OtherKind {
                field, otherwise, ..
            } => {
                let mut remedies = otherwise.clone();
                remedies.push(missing(field));
                remedies
            }
            Self::NotUtf8 => vec![Remedy::Encoding],
            Self::NoLabel {
                marker: Some(field),
                ..
            } => vec![Remedy::TakeForValue {
                field: field.clone(),
            }],
            Self::NoValue | Self::TooManyWords { .. } => {
                vec![Remedy::LeaveOut { column: column() }]
            }
            Self::NoWords { .. } => vec![Remedy::ReadAsWords { column: column() }],
            Self::TooFar { value, .. } => vec![missing(&short(*value))],
            Self::UnseenWord { .. } => vec![Remedy::CountUnseen],
            Self::Text(_) | Self::NoLabel { .. } => vec![],
        }
    }
}

impl<T: Into<String>> From<T> for TableProblem {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

impl<T: Into<String>> From<T> for ColumnProblem {
    fn from(text: T) -> Self {
        Self::Text(text.into())
    }
}

/// A number as people write it, and not its 38 digits where it has that many.
fn short(value: f64) -> String {
    const LONG: f64 = 1e15;
    if value.abs() < LONG && (value == 0.0 || value.abs() > 1.0 / LONG) {
        value.to_string()
    } else {
        format!("{value:e}")
    }
}

fn is_or_are(n: usize) -> &'static str {
    if n == 1 { "is" } else { "are" }
}

fn like(word: Option<&str>) -> String {
    word.map_or_else(String::new, |word| format!(", written much like {word:?}"))
}

/// The first of some words, and how many more there are.
fn shown(words: &[String]) -> String {
    const MOST: usize = 10;
    let first: Vec<String> = words
        .iter()
        .take(MOST)
        .map(|word| format!("{word:?}"))
        .collect();
    match words.len().saturating_sub(MOST) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}
