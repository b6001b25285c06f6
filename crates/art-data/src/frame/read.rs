use super::{Column, Frame, MISSING, Values};
use crate::DataError;
use csv::ByteRecord;
use flate2::read::MultiGzDecoder;
use std::{
    collections::HashMap,
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

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
/// or not. The file is read twice, line by line.
///
/// A column is one of numbers when every present field is a finite number. One in which nearly all are is
/// taken for numbers with a mistake in it, and the mistake is named.
///
/// # Errors
/// [`DataError::Io`]; [`DataError::Format`] naming the line for a ragged row, a byte that is no UTF-8, a NUL
/// byte, a column name twice or empty, no row; [`DataError::NoColumn`] for an unknown name in the options.
pub fn read_frame(path: &Path, options: &ReadOptions) -> Result<Frame, DataError> {
    let mut source = Source::open(path, options)?;
    for name in &options.words {
        if !source.names.contains(name) {
            let names: Vec<&str> = source.names.iter().map(String::as_str).collect();
            return Err(DataError::no_column(path, name, &names));
        }
    }
    let mut kinds: Vec<Kind> = source.names.iter().map(|_| Kind::default()).collect();
    let mut n_rows = 0;
    source.each_row(|line, record| {
        n_rows += 1;
        for (kind, field) in kinds.iter_mut().zip(record.iter()) {
            kind.see(line, field, options);
        }
        Ok::<_, DataError>(())
    })?;
    if n_rows == 0 {
        return Err(DataError::format(
            path,
            None,
            "there is a header and no row",
        ));
    }
    let names = source.names;
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
    Source::open(path, options)?.each_row(|line, record| rows.push(line, record, options))?;
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
    let mut source = Source::open(path, options)?;
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
    source.each_row(|line, record| {
        rows.push(line, record, options)?;
        if rows.len == n_rows {
            see(&rows.take())?;
        }
        Ok::<_, E>(())
    })?;
    if rows.len > 0 {
        see(&rows.take())?;
    }
    if rows.n_before == 0 {
        return Err(DataError::format(path, None, "there is a header and no row").into());
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
        line: u64,
        record: &ByteRecord,
        options: &ReadOptions,
    ) -> Result<(), DataError> {
        for (builder, column) in self.builders.iter_mut().zip(self.columns) {
            let place = (self.path, &*column.name);
            builder.push(place, line, &record[column.place], options)?;
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

/// A file whose header has been read.
struct Source<'a> {
    path: &'a Path,
    reader: csv::Reader<Box<dyn Read>>,
    names: Vec<String>,
}

impl<'a> Source<'a> {
    fn open(path: &'a Path, options: &ReadOptions) -> Result<Self, DataError> {
        const GZIP: [u8; 2] = [0x1f, 0x8b];
        const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
        let io = |error| DataError::io("read", path)(error);
        let mut plain = BufReader::with_capacity(1 << 16, File::open(path).map_err(io)?);
        let is_packed = plain.fill_buf().map_err(io)?.starts_with(&GZIP);
        let unpacked: Box<dyn Read> = if is_packed {
            Box::new(MultiGzDecoder::new(plain))
        } else {
            Box::new(plain)
        };
        let mut text = BufReader::with_capacity(1 << 16, unpacked);
        let start = text.fill_buf().map_err(io)?;
        if start.is_empty() {
            return Err(DataError::format(path, None, "the file is empty"));
        }
        let bom = if start.starts_with(&BOM) {
            BOM.len()
        } else {
            0
        };
        let first_line = start[bom..]
            .split(|&byte| byte == b'\n')
            .next()
            .unwrap_or_default();
        let delimiter = options
            .delimiter
            .unwrap_or_else(|| likely_delimiter(first_line));
        text.consume(bom);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .trim(csv::Trim::All)
            .from_reader(Box::new(text) as Box<dyn Read>);
        let header = reader
            .byte_headers()
            .map_err(|e| read_error(path, &e))?
            .clone();
        let mut names: Vec<String> = vec![];
        for (place, name) in header.iter().enumerate() {
            let problem = |problem: String| DataError::format(path, Some(1), problem);
            let name = std::str::from_utf8(name)
                .map_err(|_| problem(format!("the name of column {} is not UTF-8", place + 1)))?;
            if name.is_empty() {
                return Err(problem(format!("column {} has no name", place + 1)));
            }
            if names.iter().any(|other| other == name) {
                return Err(problem(format!(
                    "two columns are called {name:?}; rename one"
                )));
            }
            names.push(name.to_owned());
        }
        Ok(Self {
            path,
            reader,
            names,
        })
    }

    /// Shows every row with its line.
    fn each_row<E: From<DataError>>(
        &mut self,
        mut see: impl FnMut(u64, &ByteRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut record = ByteRecord::new();
        while self
            .reader
            .read_byte_record(&mut record)
            .map_err(|error| read_error(self.path, &error))?
        {
            let line = record.position().map_or(0, csv::Position::line);
            if record.as_slice().contains(&0) {
                let problem = "there is a NUL byte; is this a text file?";
                return Err(DataError::format(self.path, Some(line), problem).into());
            }
            see(line, &record)?;
        }
        Ok(())
    }
}

/// The delimiter that a header has most of; a comma where it has none.
fn likely_delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| {
        let mut quoted = false;
        let outside = header.iter().filter(|&&byte| {
            quoted ^= byte == b'"';
            !quoted && byte == delimiter
        });
        outside.count()
    };
    // The first of those that are equally frequent.
    [b',', b'\t', b';']
        .into_iter()
        .rev()
        .max_by_key(|&d| count(d))
        .unwrap_or(b',')
}

fn read_error(path: &Path, error: &csv::Error) -> DataError {
    let line = error.position().map(csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!(
            "the row has {len} fields, the header has {expected_len}; is another delimiter meant, or a \
             field with a delimiter not quoted?"
        ),
        csv::ErrorKind::Io(error) => format!("the file cannot be read: {error}"),
        _ => error.to_string(),
    };
    DataError::format(path, line, problem)
}

fn is_missing(field: &[u8], options: &ReadOptions) -> bool {
    field.is_empty()
        || options
            .missing
            .iter()
            .any(|missing| missing.as_bytes() == field)
}

/// The finite number that a field is.
fn number(field: &[u8]) -> Option<f32> {
    let text = std::str::from_utf8(field).ok()?;
    text.parse().ok().filter(|number: &f32| number.is_finite())
}

/// What a column's fields are.
#[derive(Default)]
struct Kind {
    numbers: usize,
    others: usize,
    /// Line and text of the first field that is no number.
    first_other: Option<(u64, String)>,
}

impl Kind {
    fn see(&mut self, line: u64, field: &[u8], options: &ReadOptions) {
        if is_missing(field, options) {
        } else if number(field).is_some() {
            self.numbers += 1;
        } else {
            self.others += 1;
            let shown = || (line, String::from_utf8_lossy(field).into_owned());
            self.first_other.get_or_insert_with(shown);
        }
    }

    fn is_words(&self, path: &Path, name: &str) -> Result<bool, DataError> {
        let Some((line, text)) = &self.first_other else {
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
        Err(DataError::format(path, Some(*line), problem))
    }
}

/// A column in the making.
enum Builder {
    Numbers(Vec<f32>),
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
        line: u64,
        field: &[u8],
        options: &ReadOptions,
    ) -> Result<(), DataError> {
        let missing = is_missing(field, options);
        match self {
            Self::Numbers(numbers) if missing => numbers.push(f32::NAN),
            Self::Numbers(numbers) => {
                let value = number(field).ok_or_else(|| {
                    let text = String::from_utf8_lossy(field);
                    let problem =
                        format!("column {name:?} holds {text:?}, which is no finite number");
                    DataError::format(path, Some(line), problem)
                })?;
                numbers.push(value);
            }
            Self::Words(_, codes) if missing => codes.push(MISSING),
            Self::Words(known, codes) => {
                let word = std::str::from_utf8(field)
                    .map_err(|_| DataError::format(path, Some(line), "the row is not UTF-8"))?;
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
