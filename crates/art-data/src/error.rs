//! What can be wrong with data, with the file, line, row, column or class it is wrong at.

use crate::{
    counted::counted,
    names::nearest_name,
    place::Place,
    problem::{ColumnProblem, TableProblem},
    remedy::Remedy,
};
use art_core::{CoreError, ParamError};
use std::path::{Path, PathBuf};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum DataError {
    /// A file could not be read or written.
    #[error("cannot {action} {}: {reason}", .path.display())]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// Why it failed.
        reason: std::io::Error,
    },
    /// A file has the wrong form.
    #[error("{}{}: {problem}", .path.display(), behind_comma(*.at))]
    Format {
        /// The file.
        path: PathBuf,
        /// Where in it, where that can be said.
        at: Option<Place>,
        /// What is wrong.
        problem: TableProblem,
    },
    /// A column that a table does not have.
    #[error("{} has no column {name:?}{}; its columns are {}", .path.display(), .nearest.as_ref().map(|n| format!(", did you mean {n:?}?")).unwrap_or_default(), known_columns(.known))]
    NoColumn {
        /// The file.
        path: PathBuf,
        /// The name that was asked for.
        name: String,
        /// The column that it resembles.
        nearest: Option<String>,
        /// The columns that there are.
        known: Vec<String>,
    },
    /// A column whose values are not what is needed.
    #[error("{}{}: column {name:?} {problem}", .path.display(), behind_comma(*.at))]
    Column {
        /// The file.
        path: PathBuf,
        /// Where in it, where that can be said.
        at: Option<Place>,
        /// The column.
        name: String,
        /// What is wrong.
        problem: Box<ColumnProblem>,
    },
    /// A feature that is NaN or infinite.
    #[error("row {row}, column {column} ({name}) is {value}; features must be finite")]
    NonFinite {
        /// Zero-based row.
        row: usize,
        /// Zero-based column.
        column: usize,
        /// The column's name.
        name: String,
        /// The value.
        value: f32,
    },
    /// A weight of a row that is none.
    #[error("the weight of row {row} is {weight}; weights are finite and not negative")]
    Weight {
        /// Zero-based row.
        row: usize,
        /// The weight.
        weight: f64,
    },
    /// No row that counts.
    #[error("the weights of all {n_rows} rows are 0")]
    NoWeight {
        /// Number of rows.
        n_rows: usize,
    },
    /// Too few classes to tell apart.
    #[error("{} {} declared; a classifier needs at least 2", counted(*.found, "class"), if *.found == 1 { "is" } else { "are" })]
    TooFewClasses {
        /// Declared number of classes.
        found: usize,
    },
    /// A table without rows or columns.
    #[error("the table has {} and {}; both must be at least 1", counted(*.rows, "row"), counted(*.columns, "feature column"))]
    Empty {
        /// Rows.
        rows: usize,
        /// Feature columns.
        columns: usize,
    },
    /// A row that a table does not have.
    #[error("row {row} does not exist; the table has {}, counted from 0", counted(*.n_rows, "row"))]
    RowOutOfRange {
        /// The row that was asked for.
        row: usize,
        /// Rows of the table.
        n_rows: usize,
    },
    /// A row in two parts of a split, or twice in one.
    #[error(
        "row {row} is in the {first} part and again in the {second} part; each row belongs to one part, once"
    )]
    RowInTwoParts {
        /// The row.
        row: usize,
        /// The part that has it.
        first: &'static str,
        /// The part that has it as well.
        second: &'static str,
    },
    /// Rows that a resampler made of training rows, where only rows as they were collected may be.
    #[error(
        "{} that a resampler made cannot be {purpose}: copies and blends of a row would stand on both sides; split \
         first, then resample the training rows alone",
        counted(*.rows, "row")
    )]
    Resampled {
        /// What they were to be.
        purpose: &'static str,
        /// How many they are.
        rows: usize,
    },
    /// Features that cannot be one category.
    #[error(
        "features {range:?} cannot be a category: ranges must hold a feature, ascend, be apart, and end at the last of \
         {} at most",
        counted(*.n_features, "feature")
    )]
    BadCategory {
        /// The features, the last one excluded.
        range: std::ops::Range<usize>,
        /// Features of the table.
        n_features: usize,
    },
    /// Lists that belong together differ in length.
    #[error("{what}: found {found}, expected {expected}")]
    Length {
        /// What was counted.
        what: &'static str,
        /// The length it should have.
        expected: usize,
        /// The length it has.
        found: usize,
    },
    /// A class with too few rows for what was asked.
    #[error("class {class} ({name}) has {}, {purpose} needs at least {needed}", counted(*.rows, "row"))]
    SmallClass {
        /// The class.
        class: usize,
        /// Its name.
        name: String,
        /// Rows it has.
        rows: usize,
        /// Rows it needs.
        needed: usize,
        /// What they are needed for.
        purpose: &'static str,
    },
    /// Classes with too few rows for what was asked.
    #[error("{} {} too few rows for {purpose}, which needs at least {needed} of each", small_classes(.classes), if .classes.len() == 1 { "has" } else { "have" })]
    SmallClasses {
        /// Names of the classes, and the rows that each has.
        classes: Vec<(String, usize)>,
        /// Rows that each needs.
        needed: usize,
        /// Classes that have as many.
        n_others: usize,
        /// What they are needed for.
        purpose: &'static str,
    },
    /// A table that is too large for a method that looks at all rows at once.
    #[error(
        "{method} looks at all rows at once, in the end at all pairs of them, and takes tables of at most {most} rows; this \
         one has {rows}. Random over- and under-sampling, SMOTE and Borderline-SMOTE take tables of any size"
    )]
    TooManyRows {
        /// The method.
        method: String,
        /// Rows of the table.
        rows: usize,
        /// Most rows that it takes.
        most: usize,
    },
    /// A target count that a resampler cannot reach.
    #[error("class {class} has {}, which this method cannot bring to {target}", counted(*.rows, "row"))]
    Target {
        /// The class.
        class: usize,
        /// Rows it should have.
        target: usize,
        /// Rows it has.
        rows: usize,
    },
    /// A parameter outside its range.
    #[error(transparent)]
    Param(#[from] ParamError),
    /// A label or count that art-core refuses.
    #[error(transparent)]
    Core(#[from] CoreError),
}

/// `the class "a" (2 rows)`, or several of them; of many the first.
fn small_classes(classes: &[(String, usize)]) -> String {
    const MOST: usize = 20;
    let one = |(name, n): &(String, usize)| format!("{name:?} ({})", counted(*n, "row"));
    let listed: Vec<String> = classes.iter().take(MOST).map(one).collect();
    let noun = if classes.len() == 1 {
        "class"
    } else {
        "classes"
    };
    let more = match classes.len().saturating_sub(MOST) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("the {noun} {}{more}", listed.join(", "))
}

fn behind_comma(at: Option<Place>) -> String {
    at.map_or_else(String::new, |at| format!(", {at}"))
}

/// The columns of a table; of many the first.
fn known_columns(names: &[String]) -> String {
    const MOST: usize = 40;
    match names {
        [alone] => format!("{alone:?} alone; is another delimiter meant?"),
        names => {
            let more = if names.len() > MOST { ", …" } else { "" };
            names[..names.len().min(MOST)].join(", ") + more
        }
    }
}

impl DataError {
    pub(crate) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |reason| Self::Io {
            action,
            path,
            reason,
        }
    }

    pub(crate) fn no_column(path: &Path, name: &str, known: &[&str]) -> Self {
        Self::NoColumn {
            path: path.to_owned(),
            name: name.to_owned(),
            nearest: nearest_name(name, known.iter().copied()).map(str::to_owned),
            known: known.iter().map(|&name| name.to_owned()).collect(),
        }
    }

    pub(crate) fn column(path: &Path, name: &str, problem: impl Into<ColumnProblem>) -> Self {
        Self::Column {
            path: path.to_owned(),
            at: None,
            name: name.to_owned(),
            problem: Box::new(problem.into()),
        }
    }

    pub(crate) fn column_at(
        path: &Path,
        at: Place,
        name: &str,
        problem: impl Into<ColumnProblem>,
    ) -> Self {
        Self::Column {
            path: path.to_owned(),
            at: Some(at),
            name: name.to_owned(),
            problem: Box::new(problem.into()),
        }
    }

    pub(crate) fn format(path: &Path, line: Option<u64>, problem: impl Into<TableProblem>) -> Self {
        Self::Format {
            path: path.to_owned(),
            at: line.map(Place::Line),
            problem: problem.into(),
        }
    }

    pub(crate) fn format_at(path: &Path, at: Place, problem: impl Into<TableProblem>) -> Self {
        Self::Format {
            path: path.to_owned(),
            at: Some(at),
            problem: problem.into(),
        }
    }
}

impl DataError {
    /// What would mend it, where another way of reading or using the table does; each alone, the likeliest first.
    ///
    /// ```
    /// # fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// use art_data::{ReadOptions, Remedy, read_frame};
    /// let folder = tempfile::tempdir()?;
    /// let path = folder.path().join("dates.csv");
    /// std::fs::write(&path, "born\n01/02/2024\n03/04/2024\n")?;
    /// let error = read_frame(&path, &ReadOptions::default()).unwrap_err();
    /// assert_eq!(error.remedies(), [Remedy::DayFirst, Remedy::MonthFirst]);
    /// # Ok(())
    /// # }
    /// ```
    pub fn remedies(&self) -> Vec<Remedy> {
        match self {
            Self::Format { problem, .. } => problem.remedies(),
            Self::Column { name, problem, .. } => problem.remedies(name),
            Self::NoColumn { known, .. } => match &known[..] {
                [alone] => vec![Remedy::Delimiter {
                    sign: likely_delimiter(alone),
                }],
                _ => vec![],
            },
            Self::SmallClasses {
                classes,
                needed,
                n_others,
                ..
            } => {
                let names = || classes.iter().map(|(name, _)| name.clone()).collect();
                let mut remedies = vec![];
                // Two classes must be left.
                if *n_others > 1 {
                    remedies.push(Remedy::LeaveOutClasses { names: names() });
                }
                let together: usize = classes.iter().map(|(_, n)| n).sum();
                if *n_others > 0 && together >= *needed {
                    remedies.push(Remedy::JoinClasses { names: names() });
                }
                remedies
            }
            _ => vec![],
        }
    }
}

/// What the name of a lone column is taken apart by, where something is likely.
fn likely_delimiter(name: &str) -> Option<char> {
    // Names that are aligned have many spaces between them.
    let is_aligned = name.contains("  ");
    let mut likely = ['|', ':', '^', ' '].into_iter();
    likely.find(|sign| !is_aligned && name.contains(*sign))
}
