//! From the columns of a frame to finite features.

use super::{
    Column, ColumnKind, DateOrder, Frame, MISSING, NumberStyle, Values, scale::Scale, spelling_key,
    written_alike,
};
use crate::{error::DataError, problem::ColumnProblem};
use art_core::elementary::{cos, sin};
use ndarray::Array2;
use serde::{Deserialize, Serialize};
use std::{
    collections::{HashMap, HashSet},
    ops::Range,
    path::Path,
};

/// Days of a year.
const YEAR: f64 = 365.2425;
/// Most different words of a feature.
pub const MOST_LEVELS: usize = 1_000;

/// Makes finite features of a frame's rows, fitted on the training rows alone.
///
/// Numbers: missing ones become the median, then mean 0 and deviation 1 (ddof 0) by the training rows. Words:
/// one column for each word of the training rows, 1 where the row has it; two words make one column. A
/// missing word is taken for the most frequent one. A column with a missing training value gets one more
/// column, `NAME missing`, that is 1 where it is missing. Dates: days, as numbers, and where the training rows are of two years
/// or more the season, `NAME year sin` and `NAME year cos`.
///
/// ```
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// use art_data::{Encoder, ReadOptions, Unseen, read_frame};
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("people.csv");
/// std::fs::write(&path, "age,town,left\n30,Bonn,no\n40,Ulm,yes\n,Bonn,no\n")?;
/// let frame = read_frame(&path, &ReadOptions { words: vec!["left".into()], ..ReadOptions::default() })?;
/// let encoder = Encoder::fit(&frame, &["age".into(), "town".into()], &[0, 1, 2])?;
/// assert_eq!(encoder.feature_names(), ["age", "age missing", "town = Ulm"]);
/// let encoded = encoder.encode(&frame, &[2], Unseen::Refused)?;
/// assert_eq!(encoded.features.row(0).to_vec(), [0.0, 1.0, 0.0]);
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "Written")]
pub struct Encoder {
    columns: Vec<ColumnEncoder>,
}

/// What a file says of an encoder.
#[derive(Deserialize)]
struct Written {
    columns: Vec<ColumnEncoder>,
}

impl TryFrom<Written> for Encoder {
    type Error = String;

    fn try_from(Written { columns }: Written) -> Result<Self, String> {
        let mut names = HashSet::new();
        for ColumnEncoder { name, kind, .. } in &columns {
            if !names.insert(name) {
                return Err(format!("two columns are called {name:?}"));
            }
            let problem = match kind {
                Kind::Numbers { scale, .. } | Kind::Dates { scale, .. } => scale.problem(),
                Kind::Words { levels, mode } if *mode >= levels.len() => {
                    let n = levels.len();
                    Some(format!(
                        "its most frequent category is number {mode}, counted from 0, of {n}"
                    ))
                }
                Kind::Words { levels, .. } => {
                    let mut known = HashSet::new();
                    let again = levels.iter().find(|level| !known.insert(*level));
                    again.map(|level| format!("its category {level:?} is there twice"))
                }
            };
            if let Some(problem) = problem {
                return Err(format!("column {name:?}: {problem}"));
            }
        }
        Ok(Self { columns })
    }
}

/// How one column is encoded.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct ColumnEncoder {
    name: String,
    has_missing: bool,
    kind: Kind,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "kebab-case")]
enum Kind {
    Numbers {
        /// How they are written, where not as programs do.
        #[serde(default, skip_serializing_if = "is_plain")]
        style: NumberStyle,
        /// The unit that stands beside them.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        unit: Option<char>,
        #[serde(flatten)]
        scale: Scale,
    },
    Dates {
        order: DateOrder,
        /// Whether the season is a feature.
        seasonal: bool,
        #[serde(flatten)]
        scale: Scale,
    },
    Words {
        levels: Vec<String>,
        mode: usize,
    },
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
fn is_plain(style: &NumberStyle) -> bool {
    *style == NumberStyle::Plain
}

/// What becomes of a word that no training row has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unseen {
    /// It is an error.
    Refused,
    /// The row has none of the known words (half of each, where there are two), and it is counted.
    Counted,
}

/// Encoded rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded {
    /// The features, `(rows, features)`.
    pub features: Array2<f32>,
    /// Fields with a word that no training row has.
    pub n_unseen: usize,
}

impl Encoder {
    /// The encoder of the columns `names` of `frame`, fitted on `rows`.
    ///
    /// # Errors
    /// [`DataError::NoColumn`]; [`DataError::Column`] for a column without any value in these rows, or words
    /// that look like identifiers; [`DataError::Empty`] for no column or row.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn fit(frame: &Frame, names: &[String], rows: &[u32]) -> Result<Self, DataError> {
        if names.is_empty() || rows.is_empty() {
            return Err(DataError::Empty {
                rows: rows.len(),
                columns: names.len(),
            });
        }
        let places = frame.places();
        let fit = |name: &String| {
            let column = frame.column_at(&places, name)?;
            ColumnEncoder::fit(frame, column, rows)
        };
        Ok(Self {
            columns: names.iter().map(fit).collect::<Result<_, _>>()?,
        })
    }

    /// The encoder of these columns.
    pub(super) fn of_columns(columns: Vec<ColumnEncoder>) -> Self {
        Self { columns }
    }

    /// Names and kinds of the columns that go in.
    pub fn columns(&self) -> impl Iterator<Item = (&str, ColumnKind)> {
        self.columns.iter().map(|column| {
            let kind = match column.kind {
                Kind::Numbers { style, .. } => ColumnKind::Numbers(style),
                Kind::Dates { order, .. } => ColumnKind::Dates(order),
                Kind::Words { .. } => ColumnKind::Words,
            };
            (&*column.name, kind)
        })
    }

    /// Names of the features that come out.
    pub fn feature_names(&self) -> Vec<String> {
        self.columns
            .iter()
            .flat_map(ColumnEncoder::feature_names)
            .collect()
    }

    /// The features that are one category together: the columns of a column of words, or the one that says that a
    /// value is missing.
    pub fn categories(&self) -> Vec<Range<usize>> {
        let mut start = 0;
        let mut categories = vec![];
        for column in &self.columns {
            let (own, width) = (column.own_width(), column.width());
            if let Kind::Words { .. } = column.kind {
                categories.push(start..start + own);
            }
            if column.has_missing {
                categories.push(start + own..start + width);
            }
            start += width;
        }
        categories
    }

    /// The word of the column `name` in the features of a row; none where it is missing, or for a column of
    /// numbers.
    ///
    /// # Panics
    /// If the row has fewer features than the encoder makes.
    pub fn word(&self, name: &str, row: &[f32]) -> Option<&str> {
        let place = self.columns.iter().position(|c| c.name == name)?;
        let start: usize = self.columns[..place].iter().map(ColumnEncoder::width).sum();
        let column = &self.columns[place];
        let fields = &row[start..][..column.width()];
        let (own, missing) = fields.split_at(column.own_width());
        let Kind::Words { levels, .. } = &column.kind else {
            return None;
        };
        if missing == [1.0] {
            return None;
        }
        let level = if levels.len() <= 2 {
            Some(own[0] as usize)
        } else {
            own.iter().position(|&x| x == 1.0)
        };
        Some(&levels[level?])
    }

    /// The features of `rows` of a frame that has the columns by name, in any order.
    ///
    /// # Errors
    /// [`DataError::NoColumn`]; [`DataError::Column`] for a column of another kind, a word that no training
    /// row has where those are refused, or a number that is so far from those of the training rows that it cannot be scaled.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn encode(
        &self,
        frame: &Frame,
        rows: &[u32],
        unseen: Unseen,
    ) -> Result<Encoded, DataError> {
        let width = self.columns.iter().map(ColumnEncoder::width).sum();
        let mut features = Array2::zeros((rows.len(), width));
        let (mut start, mut n_unseen) = (0, 0);
        let known = frame.places();
        for encoder in &self.columns {
            let column = frame.column_at(&known, &encoder.name)?;
            let places = encoder.places(frame, column)?;
            for (mut features, &row) in features.rows_mut().into_iter().zip(rows) {
                let fields = features.as_slice_mut().expect("rows of a fresh array");
                let fields = &mut fields[start..][..encoder.width()];
                let known = encoder.encode(column, &places, row as usize, fields);
                if !fields[0].is_finite() {
                    return Err(encoder.too_far(frame, column, row as usize));
                }
                if !known {
                    n_unseen += 1;
                    if unseen == Unseen::Refused {
                        return Err(encoder.unseen(frame, column, row as usize));
                    }
                }
            }
            start += encoder.width();
        }
        Ok(Encoded { features, n_unseen })
    }
}

impl ColumnEncoder {
    fn fit(frame: &Frame, column: &Column, rows: &[u32]) -> Result<Self, DataError> {
        let (path, name, n_rows) = (frame.path(), &*column.name, rows.len());
        match &column.values {
            Values::Numbers(numbers) => {
                let values = rows.iter().map(|&row| numbers[row as usize]);
                let present: Vec<f64> = values.filter(|x| !x.is_nan()).collect();
                Self::of_numbers((path, name), (column.kind, column.unit()), present, n_rows)
            }
            Values::Words { levels, codes } => {
                let mut counts = vec![0_usize; levels.len()];
                for &row in rows {
                    let code = codes[row as usize];
                    if code != MISSING {
                        counts[code as usize] += 1;
                    }
                }
                Self::of_words((path, name), levels, &counts, n_rows)
            }
        }
    }

    /// That of a column of `n_rows` rows with these numbers or dates; `path` is the file's, for messages.
    pub(super) fn of_numbers(
        (path, name): (&Path, &str),
        (kind, unit): (ColumnKind, Option<char>),
        present: Vec<f64>,
        n_rows: usize,
    ) -> Result<Self, DataError> {
        let n_present = present.len();
        let low = present.iter().copied().fold(f64::INFINITY, f64::min);
        let high = present.iter().copied().fold(f64::NEG_INFINITY, f64::max);
        let empty = || DataError::column(path, name, ColumnProblem::NoValue);
        let scale = Scale::of(present, n_rows).ok_or_else(empty)?;
        let kind = match kind {
            ColumnKind::Dates(order) => Kind::Dates {
                order,
                seasonal: high - low >= 2.0 * YEAR,
                scale,
            },
            ColumnKind::Numbers(style) => Kind::Numbers { style, unit, scale },
            _ => Kind::Numbers {
                style: NumberStyle::Plain,
                unit: None,
                scale,
            },
        };
        Ok(Self {
            name: name.to_owned(),
            has_missing: n_present < n_rows,
            kind,
        })
    }

    /// That of a column of `n_rows` rows with these words, each so often.
    pub(super) fn of_words(
        (path, name): (&Path, &str),
        levels: &[String],
        counts: &[usize],
        n_rows: usize,
    ) -> Result<Self, DataError> {
        let problem = |problem| DataError::column(path, name, problem);
        let n_present: usize = counts.iter().sum();
        let seen = counts.iter().zip(levels).filter(|(n, _)| **n > 0);
        let (counts, levels): (Vec<usize>, Vec<String>) =
            seen.map(|(n, level)| (*n, level.clone())).unzip();
        if levels.is_empty() {
            return Err(problem(ColumnProblem::NoValue));
        }
        if levels.len() > MOST_LEVELS {
            return Err(problem(ColumnProblem::TooManyWords {
                n_words: levels.len(),
                most: MOST_LEVELS,
            }));
        }
        let most = counts.iter().max().copied().unwrap_or(0);
        let mode = counts.iter().position(|&n| n == most).unwrap_or(0);
        Ok(Self {
            name: name.to_owned(),
            has_missing: n_present < n_rows,
            kind: Kind::Words { levels, mode },
        })
    }

    /// Features that the kind makes, without the one for missing values.
    fn own_width(&self) -> usize {
        match &self.kind {
            Kind::Numbers { .. }
            | Kind::Dates {
                seasonal: false, ..
            } => 1,
            Kind::Dates { seasonal: true, .. } => 3,
            // Of two words the second one's column says everything; one alone says nothing but keeps a place.
            Kind::Words { levels, .. } if levels.len() <= 2 => 1,
            Kind::Words { levels, .. } => levels.len(),
        }
    }

    fn width(&self) -> usize {
        self.own_width() + usize::from(self.has_missing)
    }

    fn feature_names(&self) -> Vec<String> {
        let mut names = match &self.kind {
            Kind::Numbers { .. }
            | Kind::Dates {
                seasonal: false, ..
            } => vec![self.name.clone()],
            Kind::Dates { seasonal: true, .. } => {
                let season = |of: &str| format!("{} year {of}", self.name);
                vec![self.name.clone(), season("sin"), season("cos")]
            }
            Kind::Words { levels, .. } => {
                let shown = if levels.len() == 2 {
                    &levels[1..]
                } else {
                    &levels[..]
                };
                shown
                    .iter()
                    .map(|level| format!("{} = {level}", self.name))
                    .collect()
            }
        };
        if self.has_missing {
            names.push(format!("{} missing", self.name));
        }
        names
    }

    /// The place of each of a column's own words among those known; empty for numbers.
    ///
    /// # Errors
    /// [`DataError::Column`] for a column of another kind than in training. One without any value has none.
    fn places(&self, frame: &Frame, column: &Column) -> Result<Vec<Option<usize>>, DataError> {
        let problem: ColumnProblem = match (&self.kind, &column.values) {
            (Kind::Numbers { unit, .. }, Values::Numbers(_)) if !is_dates(column) => {
                let Some(own) = *unit else {
                    return Ok(vec![]);
                };
                // A sum of money may stand without its sign. A number of percent without its own may be a fraction.
                let is_share = "%‰".contains(own);
                let differs = |other: &&Option<char>| match other {
                    Some(other) => *other != own,
                    None => is_share,
                };
                match column.units.iter().find(differs) {
                    None => return Ok(vec![]),
                    Some(Some(other)) => {
                        format!("holds numbers in {other}; in training they were in {own}").into()
                    }
                    Some(None) => {
                        format!("holds numbers without a unit; in training they were in {own}")
                            .into()
                    }
                }
            }
            (Kind::Dates { .. }, Values::Numbers(_)) if is_dates(column) => return Ok(vec![]),
            (Kind::Words { levels, .. }, Values::Words { levels: own, .. }) => {
                let known: HashMap<_, _> = levels
                    .iter()
                    .map(|level| spelling_key(level))
                    .zip(0..)
                    .collect();
                let place = |word: &String| known.get(&spelling_key(word)).copied();
                return Ok(own.iter().map(place).collect());
            }
            (_, values) if values.n_missing() == frame.n_rows() => return Ok(vec![]),
            (Kind::Words { .. }, Values::Numbers(_)) => ColumnProblem::NoWords {
                holds: column.kind.to_string(),
            },
            (kind, _) => format!(
                "holds {}{}; in training it held {}",
                column.kind,
                match &column.values {
                    Values::Words { levels, .. } => {
                        format!(" such as {:?}", levels.first().map_or("", |level| level))
                    }
                    Values::Numbers(_) => String::new(),
                },
                if matches!(kind, Kind::Dates { .. }) {
                    "dates"
                } else {
                    "numbers"
                }
            )
            .into(),
        };
        Err(DataError::column(frame.path(), &self.name, problem))
    }

    /// Writes the features of `row`; whether its word is known.
    fn encode(
        &self,
        column: &Column,
        places: &[Option<usize>],
        row: usize,
        fields: &mut [f32],
    ) -> bool {
        let (is_missing, is_known) = match &self.kind {
            Kind::Numbers { scale, .. } | Kind::Dates { scale, .. } => {
                let value = match &column.values {
                    Values::Numbers(numbers) => numbers[row],
                    Values::Words { .. } => f64::NAN,
                };
                let (feature, filled) = scale.apply(value);
                fields[0] = feature;
                if let Kind::Dates { seasonal: true, .. } = self.kind {
                    let angle = std::f64::consts::TAU * (filled / YEAR).fract();
                    fields[1] = sin(angle) as f32;
                    fields[2] = cos(angle) as f32;
                }
                (value.is_nan(), true)
            }
            Kind::Words { levels, mode } => {
                let code = match &column.values {
                    Values::Words { codes, .. } => codes[row],
                    Values::Numbers(_) => MISSING,
                };
                let is_missing = code == MISSING;
                let level = if is_missing {
                    Some(*mode)
                } else {
                    places[code as usize]
                };
                if let Some(level) = level {
                    set_level(level, levels.len(), fields);
                } else if levels.len() == 2 {
                    // Neither of the two: half way, since 0 is the first of them.
                    fields[0] = 0.5;
                }
                (is_missing, level.is_some())
            }
        };
        if self.has_missing {
            fields[self.own_width()] = f32::from(u8::from(is_missing));
        }
        is_known
    }

    fn too_far(&self, frame: &Frame, column: &Column, row: usize) -> DataError {
        let value = match &column.values {
            Values::Numbers(numbers) => numbers[row],
            Values::Words { .. } => f64::NAN,
        };
        let problem = ColumnProblem::TooFar {
            value,
            row: frame.row_number(row),
        };
        DataError::column(frame.path(), &self.name, problem)
    }

    fn unseen(&self, frame: &Frame, column: &Column, row: usize) -> DataError {
        let word = match &column.values {
            Values::Words { levels, codes } => &*levels[codes[row] as usize],
            Values::Numbers(_) => "",
        };
        let known = match &self.kind {
            Kind::Words { levels, .. } => &levels[..],
            Kind::Numbers { .. } | Kind::Dates { .. } => &[],
        };
        let problem = ColumnProblem::UnseenWord {
            word: word.to_owned(),
            row: frame.row_number(row),
            alike: written_alike(word, known).map(str::to_owned),
            known: known.to_vec(),
        };
        DataError::column(frame.path(), &self.name, problem)
    }
}

fn is_dates(column: &Column) -> bool {
    matches!(column.kind, ColumnKind::Dates(_))
}

/// Writes the place of a word: as a number where there are two, else as a 1 in its column.
fn set_level(level: usize, n_levels: usize, fields: &mut [f32]) {
    if n_levels <= 2 {
        fields[0] = level as f32;
    } else {
        fields[level] = 1.0;
    }
}
