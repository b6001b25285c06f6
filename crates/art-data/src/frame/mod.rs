//! Tables as people have them: numbers and words, holes in both, one column that is to be predicted.
//!
//! A [`Frame`] is read from a file as it is. An [`Encoder`] is fitted on the training rows alone and makes
//! finite features of any rows: numbers are filled and scaled, words become one column each.

mod encoder;
mod read;

pub use encoder::{Encoded, Encoder, Unseen};
pub use read::{ReadOptions, read_frame};

use crate::DataError;
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
    Numbers(Vec<f32>),
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
}

impl Frame {
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

    /// The column called `name` as classes: their names and the class of each row. Numbers count as words.
    ///
    /// # Errors
    /// [`DataError::NoColumn`]; [`DataError::Column`] when a label is missing, when there are not two
    /// classes, or so many that the column looks like a quantity.
    pub fn classes(&self, name: &str) -> Result<(Vec<String>, Vec<u32>), DataError> {
        const MOST: usize = 1_000;
        const FEW: usize = 20;
        let column = self.column(name)?;
        let problem = |problem: String| DataError::column(&self.path, name, problem);
        let (levels, codes) = match &column.values {
            Values::Words { levels, codes } => (levels.clone(), codes.clone()),
            Values::Numbers(_) => {
                return Err(problem(
                    "is a feature, not the target that the file was read for".into(),
                ));
            }
        };
        if let Some(row) = codes.iter().position(|&code| code == MISSING) {
            let n = column.values.n_missing();
            return Err(problem(format!(
                "has no label in data row {} ({n} such rows); give it one or remove the row",
                row + 1
            )));
        }
        if levels.len() < 2 {
            return Err(problem(format!(
                "holds one class, {:?}, alone; there is nothing to tell apart",
                levels.first().map_or("", |level| level)
            )));
        }
        let few_rows_each = levels.len() > FEW && 2 * levels.len() > codes.len();
        if levels.len() > MOST || few_rows_each {
            return Err(problem(format!(
                "has {} different labels in {} rows; that looks like a quantity or an identifier, not like \
                 classes",
                levels.len(),
                codes.len()
            )));
        }
        Ok((levels, codes))
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
