//! Tables as people have them: numbers and words, holes in both, one column that is to be predicted.
//!
//! A [`Frame`] is read from a file as it is. An [`Encoder`] is fitted on the training rows alone and makes
//! finite features of any rows: numbers are filled and scaled, words become one column each.

mod division;
mod encoder;
mod kinship;
mod labelled;
#[cfg(feature = "parquet")]
mod parquet;
mod place;
mod read;
mod repeated;
mod source;
mod telltale;
mod text;

pub use encoder::{Encoded, Encoder, MOST_LEVELS, Unseen};
pub use kinship::Kinship;
pub use labelled::{EncodedSplit, LabelledFrame};
pub use read::{ColumnKind, ReadOptions, read_frame, read_frames};
pub use repeated::RepeatedRows;
pub use telltale::{Telltale, TelltaleSign};

use crate::DataError;
use ndarray::ArrayView2;
use std::path::{Path, PathBuf};

/// Code of a word that is missing.
pub const MISSING: u32 = u32::MAX;

/// A column of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// Its values, one a row.
    pub values: Values,
}

/// Values of a column.
#[derive(Clone, Debug, PartialEq)]
pub enum Values {
    /// Numbers; NaN where one is missing.
    Numbers(Vec<f64>),
    /// Words.
    Words {
        /// The different words, sorted: by value where all are numbers, else by letters.
        levels: Vec<String>,
        /// The position of each row's word among them; [`MISSING`] where it is missing.
        codes: Vec<u32>,
    },
}

impl Values {
    /// Number of missing values.
    pub fn n_missing(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.iter().filter(|x| x.is_nan()).count(),
            Self::Words { codes, .. } => codes.iter().filter(|&&code| code == MISSING).count(),
        }
    }

    /// How many rows have each word, in the order of the levels; empty for numbers.
    pub fn level_counts(&self) -> Vec<usize> {
        let Self::Words { levels, codes } = self else {
            return vec![];
        };
        let mut counts = vec![0; levels.len()];
        for &code in codes.iter().filter(|&&code| code != MISSING) {
            counts[code as usize] += 1;
        }
        counts
    }

    /// Whether it seems to name rows rather than to describe them: nine different words in ten rows, or whole numbers that
    /// rise or fall from each row to the next, with few left out. Never where there are fewer than 20.
    pub fn seems_to_name_rows(&self) -> bool {
        let n_rows = match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Words { codes, .. } => codes.len() - self.n_missing(),
        };
        let names = match self {
            Self::Numbers(numbers) => {
                let rises = numbers.is_sorted_by(|a, b| a < b);
                let falls = numbers.is_sorted_by(|a, b| a > b);
                let range = numbers.first().zip(numbers.last());
                // Times rise as well, with larger gaps.
                let is_dense =
                    range.is_some_and(|(first, last)| (last - first).abs() < 10.0 * n_rows as f64);
                (rises || falls) && is_dense && numbers.iter().all(|x| x.fract() == 0.0)
            }
            Self::Words { levels, .. } => 10 * levels.len() >= 9 * n_rows,
        };
        names && n_rows >= 20
    }

    /// Whether there are not two different values.
    pub fn is_constant(&self) -> bool {
        match self {
            Self::Numbers(numbers) => {
                let mut present = numbers.iter().filter(|x| !x.is_nan());
                let first = present.next();
                present.all(|x| Some(x) == first)
            }
            Self::Words { levels, .. } => levels.len() < 2,
        }
    }
}

/// A table as it was read.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    path: PathBuf,
    columns: Vec<Column>,
    n_rows: usize,
    /// Data rows of the file before the first one here.
    n_before: usize,
}

impl Frame {
    /// A frame of numbers, `(rows, columns)`; NaN where one is missing.
    ///
    /// # Panics
    /// If there is not one name a column.
    pub fn of_numbers(features: ArrayView2<'_, f32>, names: &[String]) -> Self {
        assert_eq!(features.ncols(), names.len(), "names");
        let columns = features.columns().into_iter().zip(names);
        Self {
            path: "the features".into(),
            columns: columns
                .map(|(values, name)| Column {
                    name: name.clone(),
                    values: Values::Numbers(values.iter().map(|&x| f64::from(x)).collect()),
                })
                .collect(),
            n_rows: features.nrows(),
            n_before: 0,
        }
    }

    /// The file that it was read from.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Its columns.
    pub fn columns(&self) -> &[Column] {
        &self.columns
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.n_rows
    }

    /// Number in its file of a row, counted from 1.
    pub fn row_number(&self, row: usize) -> usize {
        self.n_before + row + 1
    }

    /// The column called `name`.
    ///
    /// # Errors
    /// [`DataError::NoColumn`], with the name that it resembles.
    pub fn column(&self, name: &str) -> Result<&Column, DataError> {
        let found = self.columns.iter().find(|column| column.name == name);
        found.ok_or_else(|| {
            let names: Vec<&str> = self.columns.iter().map(|c| &*c.name).collect();
            DataError::no_column(&self.path, name, &names)
        })
    }

    /// The frame without the columns `names`.
    ///
    /// # Errors
    /// [`DataError::NoColumn`] for one that it does not have.
    pub fn without(mut self, names: &[String]) -> Result<Self, DataError> {
        for name in names {
            self.column(name)?;
        }
        self.columns.retain(|column| !names.contains(&column.name));
        Ok(self)
    }
}
