//! From a file to a frame.

use super::{
    Column, DateOrder, Frame, MISSING, Marker, Markers, NumberStyle, Values,
    guess::{Evidence, FileStyle},
    options::{ReadOptions, unnamed},
    source::{NO_ROW, Source},
    spelling::spelling_key,
};
use crate::{
    error::DataError, files::is_stream, place::Place, problem::ColumnProblem, remedy::Remedy,
};
use csv::ByteRecord;
use std::{
    collections::{BTreeMap, HashMap},
    fmt,
    path::Path,
};

/// The table in the file `path`: comma-, tab- or semicolon-separated text with one header row, packed by gzip
/// or not; or, with the feature `parquet`, a Parquet file, which is the same table as the text with its fields.
/// The file is read twice, row by row.
///
/// A column without a name is called `column N`. A column is one of numbers when every present field is a finite number, in
/// one of the [`NumberStyle`]s; whole numbers that begin with zeros, or are longer than a double holds, are words. It is one of
/// dates when every field is a date in one of the [`DateOrder`]s. One in which nearly all are is
/// taken for numbers or dates with a mistake in it, and the mistake is named. Spellings of a word that are certainly one
/// ([`spelling_key`]) are one word, in the most frequent spelling.
///
/// # Errors
/// [`DataError::Io`]; [`DataError::Format`] for a folder and for what else is no regular file, for files of other formats by their names, and naming the line for a
/// ragged row, a row without end, a byte that is no UTF-8, a NUL byte, a column name twice, no row, no column with a name or a value; [`DataError::Column`] for a field
/// that is no number or date where nearly all are, or where they can be read in two ways; [`DataError::NoColumn`] for an unknown name in the options.
pub fn read_frame(path: &Path, options: &ReadOptions) -> Result<Frame, DataError> {
    refuse_stream(path, "twice")?;
    let survey = survey(path, options, |_, _, _| Ok(()))?;
    let Survey { columns, n_rows } = survey;
    let places = places_of(&columns);
    let markers = Markers::new(options);
    let mut rows = Rows::new(path, &columns, n_rows);
    let source = Source::open(path, options)?;
    source.each_row(&places, |at, record| rows.push(at, record, &markers))?;
    Ok(rows.take())
}

/// Refuses what cannot be read more than once.
pub(super) fn refuse_stream(path: &Path, times: &str) -> Result<(), DataError> {
    if !is_stream(path) {
        return Ok(());
    }
    let problem =
        format!("it is no regular file, and a table is read {times}; write it to a file first");
    Err(DataError::format(path, None, problem))
}

const NOTHING: &str = "no column has a name or a value";

/// What a first pass over a file says.
pub(super) struct Survey {
    /// The columns to read, with their kinds.
    pub(super) columns: Vec<Wanted>,
    pub(super) n_rows: usize,
}

/// The columns of the table in the file `path`, with their kinds, and the number of its rows. `see` is shown each row as well,
/// with the names of the file's columns.
pub(super) fn survey(
    path: &Path,
    options: &ReadOptions,
    mut see: impl FnMut(&[String], Place, &ByteRecord) -> Result<(), DataError>,
) -> Result<Survey, DataError> {
    let source = Source::open(path, options)?;
    let names = source.names.clone();
    for name in options.named_columns() {
        if !names.contains(name) {
            let known: Vec<&str> = names.iter().map(String::as_str).collect();
            return Err(DataError::no_column(path, name, &known));
        }
    }
    let places: Vec<usize> = (0..names.len())
        .filter(|&place| !options.ignored.contains(&names[place]))
        .collect();
    let mut seen: Vec<Evidence> = places.iter().map(|_| Evidence::default()).collect();
    let markers = Markers::new(options);
    let mut n_rows = 0;
    source.each_row(&places, |at, record| {
        n_rows += 1;
        see(&names, at, record)?;
        for (evidence, &place) in seen.iter_mut().zip(&places) {
            evidence.see(at, &record[place], &markers);
        }
        Ok::<_, DataError>(())
    })?;
    if n_rows == 0 {
        return Err(DataError::format(path, None, NO_ROW));
    }
    let is_said = |name: &String| options.keys.contains(name) || options.words.contains(name);
    let open = seen.iter().zip(&places);
    let open = open.filter(|(_, place)| !is_said(&names[**place]));
    let style = FileStyle::of(open.map(|(evidence, _)| evidence), options);
    let mut columns = vec![];
    for (&place, evidence) in places.iter().zip(&seen) {
        let name = names[place].clone();
        // A delimiter at the end of each line makes a column without a name or a value.
        let is_named = options.named_columns().any(|named| *named == name);
        if evidence.is_empty() && !is_named && name == unnamed(place) && places.len() > 1 {
            continue;
        }
        let kind = if options.keys.contains(&name) {
            ColumnKind::Keys
        } else if options.words.contains(&name) {
            ColumnKind::Words
        } else {
            evidence.kind(path, &name, style, options)?
        };
        columns.push(Wanted { name, place, kind });
    }
    if columns.is_empty() && !places.is_empty() {
        return Err(DataError::format(path, None, NOTHING));
    }
    Ok(Survey { columns, n_rows })
}

/// Where the columns are in the file.
pub(super) fn places_of(columns: &[Wanted]) -> Vec<usize> {
    columns.iter().map(|column| column.place).collect()
}

/// What a column holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ColumnKind {
    /// Numbers, written so.
    Numbers(NumberStyle),
    /// Dates, written so: numbers of days since 1970-01-01.
    Dates(DateOrder),
    /// Words.
    Words,
    /// Words that name something; none but empty fields are missing, and no two spellings are one.
    Keys,
    /// Fields as they stand in the file, spaces included; none is missing.
    Verbatim,
}

impl fmt::Display for ColumnKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Numbers(_) => "numbers",
            Self::Dates(_) => "dates",
            Self::Words | Self::Keys | Self::Verbatim => "words",
        })
    }
}

/// The columns that `wanted` chooses of the table in the file `path`, shown to `see` in frames of at most
/// `n_rows` rows, so that memory does not grow with the file. `wanted` is given the names of all columns and
/// returns those to read, with their kinds; the words of each frame are its own.
///
/// # Errors
/// As [`read_frame`], [`DataError::NoColumn`] for a column that is wanted and not there, [`DataError::Column`]
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
    let names = source.names.iter().map(String::as_str);
    let known: HashMap<&str, usize> = names.zip(0..).collect();
    for (name, kind) in wanted(&source.names)? {
        let place = known.get(&*name).copied().ok_or_else(|| {
            let names: Vec<&str> = source.names.iter().map(String::as_str).collect();
            DataError::no_column(path, &name, &names)
        })?;
        columns.push(Wanted { name, place, kind });
    }
    let places = places_of(&columns);
    let markers = Markers::new(options);
    let mut rows = Rows::new(path, &columns, n_rows);
    source.each_row(&places, |at, record| {
        rows.push(at, record, &markers)?;
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

/// Rows that there is room for before they are read.
const MOST_AT_FIRST: usize = 1 << 14;

/// A column to read.
#[derive(Clone, Debug)]
pub(super) struct Wanted {
    pub(super) name: String,
    /// Its position in the file.
    pub(super) place: usize,
    pub(super) kind: ColumnKind,
}

/// Rows on their way into a frame.
pub(super) struct Rows<'a> {
    path: &'a Path,
    columns: &'a [Wanted],
    builders: Vec<Builder>,
    /// Rows since the last frame.
    pub(super) len: usize,
    /// Rows of the file that were taken already.
    n_before: usize,
}

impl<'a> Rows<'a> {
    pub(super) fn new(path: &'a Path, columns: &'a [Wanted], capacity: usize) -> Self {
        // Who wants all rows at once does not know how many there are.
        let capacity = capacity.min(MOST_AT_FIRST);
        let builders = columns.iter().map(|c| Builder::new(c.kind, capacity));
        Self {
            path,
            columns,
            builders: builders.collect(),
            len: 0,
            n_before: 0,
        }
    }

    pub(super) fn push(
        &mut self,
        at: Place,
        record: &ByteRecord,
        markers: &Markers,
    ) -> Result<(), DataError> {
        for (builder, column) in self.builders.iter_mut().zip(self.columns) {
            let column_of = (self.path, &*column.name);
            builder.push(column_of, at, &record[column.place], markers)?;
        }
        self.len += 1;
        Ok(())
    }

    /// The frame of the rows since the last one.
    pub(super) fn take(&mut self) -> Frame {
        let columns = self.builders.iter_mut().zip(self.columns);
        let columns = columns.map(|(builder, column)| {
            let fresh = Builder::new(column.kind, 0);
            let units = std::mem::take(&mut builder.units);
            let (ends, gap) = (builder.ends.take(), builder.gap);
            let (values, markers) = std::mem::replace(builder, fresh).finish();
            Column {
                name: column.name.clone(),
                kind: column.kind,
                units,
                values,
                markers,
                ends: ends.map(|ends| ends.map(|(_, text)| text)),
                gap,
            }
        });
        let frame = Frame {
            path: self.path.to_owned(),
            columns: columns.collect(),
            n_rows: self.len,
            n_before: self.n_before,
            kept: None,
        };
        self.n_before += self.len;
        self.len = 0;
        frame
    }
}

/// What a field of a column is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Parsed<'a> {
    Missing,
    /// A number with the unit beside it, or a date in days.
    Number(f64, Option<char>),
    Word(&'a str),
}

/// The field as it counts, and what it is in a column of this kind; `path` and `name` are of its file and column.
///
/// # Errors
/// [`DataError::Column`] for a field of another kind.
pub(super) fn parse<'a>(
    kind: ColumnKind,
    (path, name): (&Path, &str),
    at: Place,
    field: &'a [u8],
    markers: &Markers,
) -> Result<(&'a [u8], Parsed<'a>), DataError> {
    let field = match kind {
        ColumnKind::Verbatim => field,
        _ => field.trim_ascii(),
    };
    let is_missing = match kind {
        ColumnKind::Verbatim => false,
        ColumnKind::Keys => field.is_empty(),
        _ => markers.is_missing(field),
    };
    if is_missing {
        return Ok((field, Parsed::Missing));
    }
    let text = std::str::from_utf8(field);
    let number = match kind {
        ColumnKind::Numbers(style) => style.parse_with_unit(text.unwrap_or_default()),
        ColumnKind::Dates(order) => order.parse(text.unwrap_or_default()).map(|x| (x, None)),
        ColumnKind::Words | ColumnKind::Keys | ColumnKind::Verbatim => {
            let word =
                text.map_err(|_| DataError::column_at(path, at, name, ColumnProblem::NotUtf8))?;
            return Ok((field, Parsed::Word(word)));
        }
    };
    let Some((value, unit)) = number.filter(|(value, _)| value.is_finite()) else {
        let problem = other_kind(kind, field);
        return Err(DataError::column_at(path, at, name, problem));
    };
    Ok((field, Parsed::Number(value, unit)))
}

/// Why a field is no value of a column of this kind.
fn other_kind(kind: ColumnKind, field: &[u8]) -> ColumnProblem {
    let wanted = match kind {
        ColumnKind::Dates(order) => format!("no date with the {order}"),
        ColumnKind::Numbers(NumberStyle::Comma) => {
            "no finite number with a decimal comma, as the column is written".to_owned()
        }
        _ => "no finite number".to_owned(),
    };
    let field = String::from_utf8_lossy(field).into_owned();
    ColumnProblem::OtherKind {
        otherwise: other_writing(kind, &field),
        field,
        wanted,
    }
}

/// How a field would have to be read to be what a column holds.
fn other_writing(kind: ColumnKind, field: &str) -> Vec<Remedy> {
    use ColumnKind::{Dates, Numbers};
    use DateOrder::{DayFirst, MonthFirst};
    let reads = |style: NumberStyle| style.parse(field).is_some_and(f64::is_finite);
    match kind {
        Numbers(NumberStyle::Comma) if reads(NumberStyle::Point) => vec![Remedy::DecimalPoint],
        Numbers(NumberStyle::Plain | NumberStyle::Point) if reads(NumberStyle::Comma) => {
            vec![Remedy::DecimalComma]
        }
        Dates(order) => {
            let orders = [
                (DayFirst, Remedy::DayFirst),
                (MonthFirst, Remedy::MonthFirst),
            ];
            let fit = orders.into_iter();
            let fit = fit.filter(|(other, _)| *other != order && other.parse(field).is_some());
            fit.map(|(_, remedy)| remedy).collect()
        }
        _ => vec![],
    }
}

/// A column in the making.
pub(super) struct Builder {
    kind: ColumnKind,
    /// The units beside numbers, each once; none is one too.
    units: Vec<Option<char>>,
    fields: Fields,
    /// Fields that stand for a missing value, and how often each did; empty ones left out.
    markers: BTreeMap<String, usize>,
    /// The first and the last date.
    ends: Option<[(f64, String); 2]>,
    /// The first missing value of a column that divides rows.
    gap: Option<Place>,
}

enum Fields {
    Numbers(Vec<f64>),
    /// Words in the order of their first row, and the rows' words.
    Words(HashMap<String, u32>, Vec<u32>),
}

impl Builder {
    pub(super) fn new(kind: ColumnKind, capacity: usize) -> Self {
        Self {
            kind,
            units: vec![],
            markers: BTreeMap::new(),
            ends: None,
            gap: None,
            fields: match kind {
                ColumnKind::Numbers(_) | ColumnKind::Dates(_) => {
                    Fields::Numbers(Vec::with_capacity(capacity))
                }
                ColumnKind::Words | ColumnKind::Keys | ColumnKind::Verbatim => {
                    Fields::Words(HashMap::new(), Vec::with_capacity(capacity))
                }
            },
        }
    }

    pub(super) fn push(
        &mut self,
        (path, name): (&Path, &str),
        at: Place,
        field: &[u8],
        markers: &Markers,
    ) -> Result<(), DataError> {
        let (field, parsed) = parse(self.kind, (path, name), at, field, markers)?;
        if parsed == Parsed::Missing {
            if self.kind == ColumnKind::Keys {
                self.gap.get_or_insert(at);
            }
            if !field.is_empty() {
                let text = String::from_utf8_lossy(field);
                match self.markers.get_mut(&*text) {
                    Some(n) => *n += 1,
                    None => {
                        self.markers.insert(text.into_owned(), 1);
                    }
                }
            }
        }
        match (&mut self.fields, parsed) {
            (Fields::Numbers(numbers), Parsed::Number(value, unit)) => {
                if !self.units.contains(&unit) {
                    self.units.push(unit);
                }
                numbers.push(value);
                if matches!(self.kind, ColumnKind::Dates(_)) {
                    let text = std::str::from_utf8(field).unwrap_or_default();
                    self.see_date(value, text);
                }
            }
            (Fields::Numbers(numbers), _) => numbers.push(f64::NAN),
            (Fields::Words(known, codes), Parsed::Word(word)) => {
                let code = if let Some(&code) = known.get(word) {
                    code
                } else {
                    let code = known.len() as u32;
                    known.insert(word.to_owned(), code);
                    code
                };
                codes.push(code);
            }
            (Fields::Words(_, codes), _) => codes.push(MISSING),
        }
        Ok(())
    }

    fn see_date(&mut self, date: f64, text: &str) {
        let here = || (date, text.to_owned());
        match &mut self.ends {
            None => self.ends = Some([here(), here()]),
            Some([first, _]) if date < first.0 => *first = here(),
            Some([_, last]) if date > last.0 => *last = here(),
            Some(_) => {}
        }
    }

    pub(super) fn finish(self) -> (Values, Vec<Marker>) {
        let markers = self.markers.into_iter();
        let markers = markers.map(|(text, n)| Marker { text, n }).collect();
        let values = match self.fields {
            Fields::Numbers(numbers) => Values::Numbers(numbers),
            Fields::Words(known, codes) => words(known, codes, self.kind == ColumnKind::Words),
        };
        (values, markers)
    }
}

/// The words of these fields, none where one is missing; spellings that are certainly one word become one where `joins`.
pub(super) fn words_of<'a>(
    fields: impl IntoIterator<Item = Option<&'a str>>,
    joins: bool,
) -> Values {
    let mut known: HashMap<String, u32> = HashMap::new();
    let code = |field: Option<&str>| {
        let Some(field) = field else {
            return MISSING;
        };
        if let Some(&code) = known.get(field) {
            return code;
        }
        let code = known.len() as u32;
        known.insert(field.to_owned(), code);
        code
    };
    let codes = fields.into_iter().map(code).collect();
    words(known, codes, joins)
}

/// Sorted levels of `known` words, and the rows' codes of them; spellings that are certainly one word become one where
/// `joins`.
fn words(known: HashMap<String, u32>, mut codes: Vec<u32>, joins: bool) -> Values {
    let mut counts = vec![0_usize; if joins { known.len() } else { 0 }];
    if joins {
        for &code in codes.iter().filter(|&&code| code != MISSING) {
            counts[code as usize] += 1;
        }
    }
    let (levels, places) = levels_of(known, joins.then_some(&counts));
    for code in codes.iter_mut().filter(|code| **code != MISSING) {
        *code = places[*code as usize];
    }
    Values::Words { levels, codes }
}

/// Sorted levels of `known` words, and the place among them of each word by its number. With `counts` of how often each stands
/// in the column, spellings that are certainly one word become one.
pub(super) fn levels_of(
    known: HashMap<String, u32>,
    counts: Option<&Vec<usize>>,
) -> (Vec<String>, Vec<u32>) {
    let mut words: Vec<(String, u32)> = known.into_iter().collect();
    // Which word stands for each one.
    let mut stands_for: Vec<u32> = (0..words.len() as u32).collect();
    if let Some(counts) = counts {
        // The most frequent spelling first, of equals the one that sorts first.
        words.sort_by(|(a, one), (b, other)| {
            let key = spelling_key(a).cmp(&spelling_key(b));
            let most = counts[*other as usize].cmp(&counts[*one as usize]);
            key.then(most).then_with(|| a.cmp(b))
        });
        for spellings in words.chunk_by(|(a, _), (b, _)| spelling_key(a) == spelling_key(b)) {
            for (_, code) in spellings {
                stands_for[*code as usize] = spellings[0].1;
            }
        }
        words.retain(|(_, code)| stands_for[*code as usize] == *code);
    }
    let value = |word: &str| word.parse::<f64>().ok().filter(|x| x.is_finite());
    let all_numbers = words.iter().all(|(word, _)| value(word).is_some());
    words.sort_by(|(a, _), (b, _)| {
        let by_value = || value(a).partial_cmp(&value(b));
        let by_value = if all_numbers { by_value() } else { None };
        by_value
            .unwrap_or(std::cmp::Ordering::Equal)
            .then_with(|| a.cmp(b))
    });
    let mut places = vec![0; stands_for.len()];
    for (place, (_, code)) in words.iter().enumerate() {
        places[*code as usize] = place as u32;
    }
    let places = stands_for.iter().map(|&code| places[code as usize]);
    let places = places.collect();
    let levels = words.into_iter().map(|(word, _)| word).collect();
    (levels, places)
}
