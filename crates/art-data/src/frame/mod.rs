//! Tables as people have them: numbers and categories, missing values in both, one column that is to be predicted.
//!
//! A [`Frame`] is read from a file as it is. An [`Encoder`] is fitted on the training rows alone and makes
//! finite features of any rows: numbers are filled and scaled, words become one column each.

mod date;
mod division;
mod encoder;
mod foreign;
mod guess;
mod kinship;
mod labelled;
mod lookalike;
mod markers;
mod number;
mod options;
#[cfg(feature = "parquet")]
mod parquet;
#[cfg(feature = "parquet")]
mod parquet_input;
mod prepared;
mod read;
mod repeated;
mod scale;
mod size;
mod source;
mod spelling;
mod spill;
mod streamed;
mod telltale;
mod text;

use art_core::elementary::log10;
pub use date::DateOrder;
pub use encoder::{Encoded, Encoder, MOST_LEVELS, Unseen};
pub use kinship::Kinship;
pub use labelled::LabelledFrame;
pub use lookalike::{Lookalike, LookalikeKind};
pub use markers::MISSING_MARKERS;
pub use number::NumberStyle;
pub use options::{Header, ReadOptions};
pub use prepared::{Prepared, Steering};
pub use read::{ColumnKind, read_frame, read_frames};
pub use repeated::RepeatedRows;
pub use size::TableSize;
pub use spelling::{alike_pairs, shown_alike, spelling_key, written_alike};
pub(crate) use streamed::encoded;
pub use streamed::{FittedEncoder, KeptRows, StreamedTable};
pub use telltale::{Telltale, TelltaleSign};

use markers::Markers;

use crate::{
    error::DataError,
    place::{Place, RowNumber},
};
use ndarray::ArrayView2;
use std::{
    collections::{HashMap, HashSet},
    path::{Path, PathBuf},
};

/// Code of a word that is missing.
pub const MISSING: u32 = u32::MAX;

/// A column of a frame.
#[derive(Clone, Debug, PartialEq)]
pub struct Column {
    /// Its name.
    pub name: String,
    /// What it holds, and how that is written.
    pub kind: ColumnKind,
    /// Its values, one a row.
    pub values: Values,
    /// Fields that were taken for missing values though something stands in them, sorted.
    pub markers: Vec<Marker>,
    /// The first and the last of its dates, as they are written.
    pub ends: Option<[String; 2]>,
    /// Where the first row is that has no value, for columns that divide rows.
    gap: Option<Place>,
    /// The units that stand beside its numbers, each once; none is one too.
    units: Vec<Option<char>>,
}

/// A field that was taken for a missing value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Marker {
    /// What stands in it.
    pub text: String,
    /// In how many rows.
    pub n: usize,
}

impl Column {
    /// The unit that stands beside all its numbers, such as %.
    pub fn unit(&self) -> Option<char> {
        match self.units[..] {
            [unit] => unit,
            _ => None,
        }
    }

    /// A column of plain numbers or of words.
    pub fn new(name: impl Into<String>, values: Values) -> Self {
        let kind = match values {
            Values::Numbers(_) => ColumnKind::Numbers(NumberStyle::Plain),
            Values::Words { .. } => ColumnKind::Words,
        };
        Self {
            name: name.into(),
            kind,
            units: vec![],
            values,
            markers: vec![],
            ends: None,
            gap: None,
        }
    }

    /// Its numbers, one a row; `path` is the file's, for messages.
    fn numbers(&self, path: &Path) -> Result<&[f64], DataError> {
        let problem = |problem: &str| Err(DataError::column(path, &self.name, problem));
        match &self.values {
            Values::Words { .. } => problem("holds words, where only numbers can be used"),
            Values::Numbers(_) if self.values.n_missing() > 0 => {
                problem("lacks values, where every row must have one")
            }
            Values::Numbers(numbers) => Ok(numbers),
        }
    }

    /// Whether it seems to name rows rather than to describe them: it [names rows](Self::names_rows), or is one of whole
    /// numbers that are all different and lie close together or have equally many digits (six or more), as a quantity of a
    /// small table may be too.
    pub fn seems_to_name_rows(&self) -> bool {
        const LONG: f64 = 1e5;
        let n_digits = |x: f64| log10(x.abs()).floor();
        let is_long = |numbers: &[f64]| {
            let (low, high) = (numbers[0], numbers[numbers.len() - 1]);
            low >= LONG && n_digits(low) == n_digits(high)
        };
        let is_dense =
            |numbers: &[f64]| numbers[numbers.len() - 1] - numbers[0] < 10.0 * numbers.len() as f64;
        self.names_rows()
            || self
                .different_whole_numbers()
                .is_some_and(|numbers| is_dense(&numbers) || is_long(&numbers))
    }

    /// Whether it names rows: nine different words in ten rows, or whole numbers that are all different and rise or fall from
    /// each row to the next with few left out, or are called an id or a key.
    /// Never where there are fewer than 20, nor words that [look like](Self::lookalike) numbers or dates.
    pub fn names_rows(&self) -> bool {
        if let Values::Words { levels, codes } = &self.values {
            let n_rows = codes.len() - self.values.n_missing();
            let differ = n_rows >= FEWEST_NAMES && 10 * levels.len() >= 9 * n_rows;
            return differ && self.lookalike().is_none();
        }
        let (Values::Numbers(as_read), Some(sorted)) =
            (&self.values, self.different_whole_numbers())
        else {
            return false;
        };
        let (low, high) = (sorted[0], sorted[sorted.len() - 1]);
        let counts = as_read.is_sorted_by(|a, b| a < b) || as_read.is_sorted_by(|a, b| a > b);
        let is_count = counts && high - low < 10.0 * sorted.len() as f64;
        is_count || is_name_of_names(&self.name)
    }

    /// Its numbers, sorted, where they are whole, all different and enough to tell; dates are none.
    fn different_whole_numbers(&self) -> Option<Vec<f64>> {
        let (Values::Numbers(numbers), ColumnKind::Numbers(_)) = (&self.values, self.kind) else {
            return None;
        };
        let mut present: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
        if present.len() < FEWEST_NAMES || present.iter().any(|x| x.fract() != 0.0) {
            return None;
        }
        present.sort_by(f64::total_cmp);
        let differ = present.windows(2).all(|pair| pair[0] != pair[1]);
        differ.then_some(present)
    }
}

/// Below this many rows everything may be different.
const FEWEST_NAMES: usize = 20;

/// Whether a column of this name is one that names rows.
fn is_name_of_names(name: &str) -> bool {
    let lower = name.to_lowercase();
    let mut words = lower.split(|c: char| !c.is_alphanumeric());
    let is_one = |word: &str| ["id", "key", "uuid", "guid", "identifier"].contains(&word);
    words.any(is_one) || name.ends_with("Id") || name.ends_with("ID")
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
    /// Words by the place of each row's word among `words`, [`MISSING`] where there is none. As in a file, spaces around a word
    /// count for nothing, an empty one is missing, and spellings that are certainly one word are one ([`spelling_key`]).
    ///
    /// # Errors
    /// [`DataError::RowOutOfRange`] for a place that there is not.
    pub fn of_words(words: &[String], places: &[u32]) -> Result<Self, DataError> {
        let n_rows = words.len();
        let field = |&place: &u32| match words.get(place as usize) {
            Some(word) => Ok(Some(word.trim_ascii()).filter(|word| !word.is_empty())),
            None if place == MISSING => Ok(None),
            None => Err(DataError::RowOutOfRange {
                row: place as usize,
                n_rows,
            }),
        };
        let fields: Vec<Option<&str>> = places.iter().map(field).collect::<Result<_, _>>()?;
        Ok(read::words_of(fields, true))
    }

    /// Labels by the place of each row's label among `labels`, as they are: spaces, spellings and empty ones count.
    ///
    /// # Panics
    /// For a place that there is not.
    pub fn of_labels(labels: &[String], places: &[u32]) -> Self {
        let fields = places.iter().map(|&place| Some(&*labels[place as usize]));
        read::words_of(fields, false)
    }

    /// Number of rows.
    fn n_rows(&self) -> usize {
        match self {
            Self::Numbers(numbers) => numbers.len(),
            Self::Words { codes, .. } => codes.len(),
        }
    }

    /// Those of these rows, in this order.
    fn in_order(&self, rows: &[u32]) -> Self {
        let of = rows.iter().map(|&row| row as usize);
        match self {
            Self::Numbers(numbers) => Self::Numbers(of.map(|row| numbers[row]).collect()),
            Self::Words { levels, codes } => Self::Words {
                levels: levels.clone(),
                codes: of.map(|row| codes[row]).collect(),
            },
        }
    }

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

    /// Whether all rows are alike: one value alone and no row without it, or no value at all.
    pub fn says_nothing(&self) -> bool {
        self.is_constant() && [0, self.n_rows()].contains(&self.n_missing())
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
    /// The rows that were kept, where some were left out.
    kept: Option<Vec<u32>>,
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
                .map(|(values, name)| {
                    Column::new(
                        name.clone(),
                        Values::Numbers(values.iter().map(|&x| f64::from(x)).collect()),
                    )
                })
                .collect(),
            n_rows: features.nrows(),
            n_before: 0,
            kept: None,
        }
    }

    /// A frame of columns that were made by somebody, as from a table of another library.
    ///
    /// # Errors
    /// [`DataError::Empty`] for no column; [`DataError::Column`] where two columns have one name, one has another number of rows
    /// than the first, or a number is infinite.
    pub fn of_columns(columns: Vec<Column>) -> Result<Self, DataError> {
        let path = Path::new("the table");
        let Some(first) = columns.first() else {
            return Err(DataError::Empty {
                rows: 0,
                columns: 0,
            });
        };
        let n_rows = first.values.n_rows();
        let mut names = HashSet::new();
        for column in &columns {
            let refuse = |problem: String| DataError::column(path, &column.name, problem);
            if !names.insert(&column.name) {
                return Err(refuse("is there twice; names must differ".into()));
            }
            let own = column.values.n_rows();
            if own != n_rows {
                return Err(refuse(format!("has {own} rows, the first one {n_rows}")));
            }
            if let Values::Numbers(numbers) = &column.values
                && let Some(row) = numbers.iter().position(|x| x.is_infinite())
            {
                let (number, row) = (numbers[row], RowNumber::behind(row));
                return Err(refuse(format!(
                    "is {number} in row {row}; numbers must be finite or missing"
                )));
            }
        }
        Ok(Self {
            path: path.to_owned(),
            n_rows,
            columns,
            n_before: 0,
            kept: None,
        })
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

    /// The number in its file of a row, counted from 0 here.
    pub fn row_number(&self, row: usize) -> RowNumber {
        let row = self.kept.as_ref().map_or(row, |kept| kept[row] as usize);
        RowNumber::behind(self.n_before + row)
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

    /// Where the columns are, for looking up many.
    fn places(&self) -> HashMap<&str, usize> {
        let names = self.columns.iter().map(|column| &*column.name);
        names.zip(0..).collect()
    }

    /// As [`column`](Self::column), by the places of the columns.
    fn column_at(&self, places: &HashMap<&str, usize>, name: &str) -> Result<&Column, DataError> {
        match places.get(name) {
            Some(&place) => Ok(&self.columns[place]),
            None => self.column(name),
        }
    }

    /// The frame without the columns `names`.
    #[must_use]
    pub fn without(mut self, names: &[String]) -> Self {
        self.columns.retain(|column| !names.contains(&column.name));
        self
    }

    /// Puts other words into the column `name`.
    fn set_words(&mut self, name: &str, fields: &[String]) {
        let column = self.columns.iter_mut().find(|column| column.name == name);
        let column = column.expect("the column is one of the frame's");
        let fields = fields.iter().map(|field| Some(&**field));
        column.values = read::words_of(fields, false);
    }

    /// The same with the values of one column in another order: each row has that of the row `order` names for it.
    ///
    /// # Errors
    /// [`DataError::NoColumn`] for a column that there is not.
    ///
    /// # Panics
    /// If `order` is not as long as the frame, or names a row that there is not.
    pub fn with_column_in_order(&self, name: &str, order: &[u32]) -> Result<Self, DataError> {
        assert_eq!(order.len(), self.n_rows, "rows");
        let values = self.column(name)?.values.in_order(order);
        let mut frame = self.clone();
        let mut columns = frame.columns.iter_mut();
        if let Some(column) = columns.find(|column| column.name == name) {
            column.values = values;
        }
        Ok(frame)
    }

    /// The rows `rows` alone, in this order.
    ///
    /// # Panics
    /// If there is no such row.
    #[must_use]
    pub fn select(&self, rows: &[u32]) -> Self {
        let number = |&row: &u32| self.kept.as_ref().map_or(row, |kept| kept[row as usize]);
        let column = |column: &Column| Column {
            values: column.values.in_order(rows),
            gap: None,
            ..column.clone()
        };
        Self {
            path: self.path.clone(),
            columns: self.columns.iter().map(column).collect(),
            n_rows: rows.len(),
            n_before: self.n_before,
            kept: Some(rows.iter().map(number).collect()),
        }
    }
}
