use super::{
    Column, Frame, MISSING, Values,
    place::At,
    source::{NO_ROW, Source},
};
use crate::{DataError, is_stream};
use csv::ByteRecord;
use std::{collections::HashMap, path::Path};

/// How a table is written, where it does not speak for itself.
#[derive(Clone, Debug)]
pub struct ReadOptions {
    /// Byte between fields; found out from the header where it is not given: comma, tab or semicolon.
    pub delimiter: Option<u8>,
    /// Fields that stand for a missing value, besides empty ones.
    pub missing: Vec<String>,
    /// Columns that are words even where they look like numbers; the target is always one of them.
    pub words: Vec<String>,
}

impl Default for ReadOptions {
    fn default() -> Self {
        Self {
            delimiter: None,
            missing: ["NA", "N/A", "NaN", "nan", "null", "NULL", "?"]
                .map(String::from)
                .to_vec(),
            words: vec![],
        }
    }
}

/// Share of numbers from which a column is one of numbers, and a word in it a mistake.
const MOSTLY_NUMBERS: f64 = 0.9;

/// The table in the file `path`: comma-, tab- or semicolon-separated text with one header row, packed by gzip
/// or not; or, with the feature `parquet`, a Parquet file, which is the same table as the text with its fields.
/// The file is read twice, row by row.
///
/// A column without a name is called `column N`. A column is one of numbers when every present field is a finite number. One in which nearly all are is
/// taken for numbers with a mistake in it, and the mistake is named.
///
/// # Errors
/// [`DataError::Io`]; [`DataError::Format`] for what is no regular file, and naming the line for a ragged row, a byte that is no UTF-8, a NUL
/// byte, a column name twice, no row; [`DataError::NoColumn`] for an unknown name in the options.
pub fn read_frame(path: &Path, options: &ReadOptions) -> Result<Frame, DataError> {
    if is_stream(path) {
        let problem = "it is no regular file, and a table is read twice; write it to a file first";
        return Err(DataError::format(path, None, problem));
    }
    let mut source = Source::open(path, options)?;
    let names = std::mem::take(&mut source.names);
    for name in &options.words {
        if !names.contains(name) {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(DataError::no_column(path, name, &known));
        }
    }
    let mut kinds: Vec<Kind> = names.iter().map(|_| Kind::default()).collect();
    let mut n_rows = 0;
    source.each_row(|at, record| {
        n_rows += 1;
        for (kind, field) in kinds.iter_mut().zip(record.iter()) {
            kind.see(at, field, options);
        }
        Ok::<_, DataError>(())
    })?;
    if n_rows == 0 {
        return Err(DataError::format(path, None, NO_ROW));
    }
    let mut columns = vec![];
    for (place, (name, kind)) in names.into_iter().zip(&kinds).enumerate() {
        let is_words = options.words.contains(&name) || kind.is_words(path, &name)?;
        let kind = if is_words {
            ColumnKind::Words
        } else {
            ColumnKind::Numbers
        };
        columns.push(Wanted { name, place, kind });
    }
    let mut rows = Rows::new(path, &columns, n_rows);
    Source::open(path, options)?.each_row(|at, record| rows.push(at, record, options))?;
    Ok(rows.take())
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Numbers.
    Numbers,
    /// Words.
    Words,
}

/// The columns that `wanted` chooses of the table in the file `path`, shown to `see` in frames of at most
/// `n_rows` rows, so that memory does not grow with the file. `wanted` is given the names of all columns and
/// returns those to read, with their kinds; the words of each frame are its own.
///
/// # Errors
/// As [`read_frame`], [`DataError::NoColumn`] for a column that is wanted and not there, [`DataError::Format`]
/// for a field of another kind, and whatever `wanted` or `see` refuse.
pub fn read_frames<E: From<DataError>>(
    path: &Path,
    options: &ReadOptions,
    n_rows: usize,
    wanted: impl FnOnce(&[String]) -> Result<Vec<(String, ColumnKind)>, E>,
    mut see: impl FnMut(&Frame) -> Result<(), E>,
) -> Result<(), E> {
    let source = Source::open(path, options)?;
    let mut columns = vec![];
    for (name, kind) in wanted(&source.names)? {
        let place = source.names.iter().position(|known| *known == name);
        let place = place.ok_or_else(|| {
            let names: Vec<&str> = source.names.iter().map(String::as_str).collect();
            DataError::no_column(path, &name, &names)
        })?;
        columns.push(Wanted { name, place, kind });
    }
    let mut rows = Rows::new(path, &columns, n_rows);
    source.each_row(|at, record| {
        rows.push(at, record, options)?;
        if rows.len == n_rows {
            see(&rows.take())?;
        }
        Ok::<_, E>(())
    })?;
    if rows.len > 0 {
        see(&rows.take())?;
    }
    if rows.n_before == 0 {
        return Err(DataError::format(path, None, NO_ROW).into());
    }
    Ok(())
}

/// A column to read.
struct Wanted {
    name: String,
    /// Its position in the file.
    place: usize,
    kind: ColumnKind,
}

/// Rows on their way into a frame.
struct Rows<'a> {
    path: &'a Path,
    columns: &'a [Wanted],
    builders: Vec<Builder>,
    /// Rows since the last frame.
    len: usize,
    /// Rows of the file that were taken already.
    n_before: usize,
}

impl<'a> Rows<'a> {
    fn new(path: &'a Path, columns: &'a [Wanted], capacity: usize) -> Self {
        let builders = columns.iter().map(|c| Builder::new(c.kind, capacity));
        Self {
            path,
            columns,
            builders: builders.collect(),
            len: 0,
            n_before: 0,
        }
    }

    fn push(
        &mut self,
        at: At,
        record: &ByteRecord,
        options: &ReadOptions,
    ) -> Result<(), DataError> {
        for (builder, column) in self.builders.iter_mut().zip(self.columns) {
            let column_of = (self.path, &*column.name);
            builder.push(column_of, at, &record[column.place], options)?;
        }
        self.len += 1;
        Ok(())
    }

    /// The frame of the rows since the last one.
    fn take(&mut self) -> Frame {
        let columns = self.builders.iter_mut().zip(self.columns);
        let columns = columns.map(|(builder, column)| {
            let fresh = Builder::new(column.kind, 0);
            Column {
                name: column.name.clone(),
                values: std::mem::replace(builder, fresh).finish(),
            }
        });
        let frame = Frame {
            path: self.path.to_owned(),
            columns: columns.collect(),
            n_rows: self.len,
            n_before: self.n_before,
        };
        self.n_before += self.len;
        self.len = 0;
        frame
    }
}

fn is_missing(field: &[u8], options: &ReadOptions) -> bool {
    field.is_empty()
        || options
            .missing
            .iter()
            .any(|missing| missing.as_bytes() == field)
}

/// The number that a field is, where single precision has a finite one near it: features are made in that.
fn number(field: &[u8]) -> Option<f64> {
    let text = std::str::from_utf8(field).ok()?;
    let number = text.parse().ok();
    number.filter(|&number: &f64| (number as f32).is_finite())
}

/// What a column's fields are.
#[derive(Default)]
struct Kind {
    numbers: usize,
    others: usize,
    /// Place and text of the first field that is no number.
    first_other: Option<(At, String)>,
}

impl Kind {
    fn see(&mut self, at: At, field: &[u8], options: &ReadOptions) {
        if is_missing(field, options) {
        } else if number(field).is_some() {
            self.numbers += 1;
        } else {
            self.others += 1;
            let shown = || (at, String::from_utf8_lossy(field).into_owned());
            self.first_other.get_or_insert_with(shown);
        }
    }

    fn is_words(&self, path: &Path, name: &str) -> Result<bool, DataError> {
        let Some((at, text)) = &self.first_other else {
            return Ok(false);
        };
        let all = (self.numbers + self.others) as f64;
        if (self.numbers as f64) < MOSTLY_NUMBERS * all {
            return Ok(true);
        }
        let problem = format!(
            "column {name:?} holds {text:?} among numbers ({} of {all} fields are no finite number); correct \
             it, name it a missing value (--missing), or declare the column one of words (--words {name})",
            self.others
        );
        Err(at.error(path, problem))
    }
}

/// A column in the making.
enum Builder {
    Numbers(Vec<f64>),
    /// Words in the order of their first row, and the rows' words.
    Words(HashMap<String, u32>, Vec<u32>),
}

impl Builder {
    fn new(kind: ColumnKind, capacity: usize) -> Self {
        match kind {
            ColumnKind::Numbers => Self::Numbers(Vec::with_capacity(capacity)),
            ColumnKind::Words => Self::Words(HashMap::new(), Vec::with_capacity(capacity)),
        }
    }

    fn push(
        &mut self,
        (path, name): (&Path, &str),
        at: At,
        field: &[u8],
        options: &ReadOptions,
    ) -> Result<(), DataError> {
        let missing = is_missing(field, options);
        match self {
            Self::Numbers(numbers) if missing => numbers.push(f64::NAN),
            Self::Numbers(numbers) => {
                let value = number(field).ok_or_else(|| {
                    let text = String::from_utf8_lossy(field);
                    let problem =
                        format!("column {name:?} holds {text:?}, which is no finite number");
                    at.error(path, problem)
                })?;
                numbers.push(value);
            }
            Self::Words(_, codes) if missing => codes.push(MISSING),
            Self::Words(known, codes) => {
                let word = std::str::from_utf8(field)
                    .map_err(|_| at.error(path, "the row is not UTF-8"))?;
                let code = if let Some(&code) = known.get(word) {
                    code
                } else {
                    let code = known.len() as u32;
                    known.insert(word.to_owned(), code);
                    code
                };
                codes.push(code);
            }
        }
        Ok(())
    }

    fn finish(self) -> Values {
        match self {
            Self::Numbers(numbers) => Values::Numbers(numbers),
            Self::Words(known, mut codes) => {
                let mut words: Vec<(String, u32)> = known.into_iter().collect();
                let value = |word: &str| word.parse::<f64>().ok().filter(|x| x.is_finite());
                let all_numbers = words.iter().all(|(word, _)| value(word).is_some());
                words.sort_by(|(a, _), (b, _)| {
                    let by_value = || value(a).partial_cmp(&value(b));
                    let by_value = if all_numbers { by_value() } else { None };
                    by_value
                        .unwrap_or(std::cmp::Ordering::Equal)
                        .then_with(|| a.cmp(b))
                });
                let mut places = vec![0; words.len()];
                for (place, (_, code)) in words.iter().enumerate() {
                    places[*code as usize] = place as u32;
                }
                for code in codes.iter_mut().filter(|code| **code != MISSING) {
                    *code = places[*code as usize];
                }
                Values::Words {
                    levels: words.into_iter().map(|(word, _)| word).collect(),
                    codes,
                }
            }
        }
    }
}
