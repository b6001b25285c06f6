//! Text: fields between delimiters, packed by gzip or not, in UTF-8 or another encoding.

use super::{Header, ReadOptions, foreign};
use crate::{counted::counted, error::DataError, place::Place, problem::TableProblem};
use csv::ByteRecord;
use encoding_rs::Encoding;
use encoding_rs_io::DecodeReaderBytesBuilder;
use flate2::read::MultiGzDecoder;
use std::{
    cell::Cell,
    fs::File,
    io::{BufRead, BufReader, Cursor, Read},
    path::Path,
    rc::Rc,
};

/// Most bytes of a row: room for a million numbers, and an end to a file that has none.
const MOST_BYTES: u64 = 256 << 20;

pub(super) struct TextRows {
    reader: csv::Reader<Box<dyn Read>>,
    delimiter: u8,
    progress: Rc<Progress>,
    /// Where the latest row with a line break in a field is, if that is the last one so far.
    broken: Option<Place>,
    /// The first row, where there is no header.
    first: Option<ByteRecord>,
}

impl TextRows {
    /// The names of the columns, the line that they are in, and the rows behind them.
    pub(super) fn open(
        path: &Path,
        mut file: BufReader<File>,
        options: &ReadOptions,
    ) -> Result<(Vec<String>, Option<u64>, Self), DataError> {
        const GZIP: [u8; 2] = [0x1f, 0x8b];
        /// Bytes of `sep=` and a delimiter.
        const SEP_LINE: usize = 5;
        let io = |error| DataError::io("read", path)(error);
        let is_packed = file.fill_buf().map_err(io)?.starts_with(&GZIP);
        let unpacked: Box<dyn Read> = if is_packed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
        };
        let mut unpacked = BufReader::with_capacity(1 << 16, unpacked);
        if let Some(problem) = foreign::refused(unpacked.fill_buf().map_err(io)?) {
            return Err(DataError::format(path, None, problem));
        }
        let progress = Rc::new(Progress::default());
        let decoded = DecodeReaderBytesBuilder::new()
            .encoding(encoding(path, options.encoding.as_deref())?)
            .utf8_passthru(true)
            .strip_bom(true)
            .build(unpacked);
        let mut counted = Counted {
            inner: decoded,
            progress: Rc::clone(&progress),
        };
        let mut start_of_file = vec![];
        let mut part = (&mut counted).take(1 << 16);
        part.read_to_end(&mut start_of_file).map_err(io)?;
        if start_of_file.is_empty() {
            return Err(DataError::format(path, None, "the file is empty"));
        }
        let (delimiter, says_so) = delimiter(path, &start_of_file, options)?;
        if says_so {
            // An empty line stays, so that lines keep their numbers.
            start_of_file.drain(..SEP_LINE);
        }
        let text = Cursor::new(start_of_file).chain(counted);
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(delimiter)
            .comment(options.comment)
            .has_headers(false)
            .from_reader(Box::new(text) as Box<dyn Read>);
        let mut header = ByteRecord::new();
        let is_there = reader
            .read_byte_record(&mut header)
            .map_err(|error| read_error(path, &error, reader.position().line()))?;
        if !is_there {
            let problem = "there is no row: all lines are empty or comments";
            return Err(DataError::format(path, None, problem));
        }
        let line = header.position().map_or(1, csv::Position::line);
        if let Some(problem) = quoted_behind_space(&header) {
            return Err(DataError::format(path, Some(line), problem));
        }
        let mut rows = Self {
            reader,
            delimiter,
            progress,
            broken: has_break(&header).then_some(Place::Line(line)),
            first: None,
        };
        if options.header == Header::Absent {
            let names = (1..=header.len()).map(|place| format!("column {place}"));
            let names = names.collect();
            rows.first = Some(header);
            return Ok((names, None, rows));
        }
        let name = |(place, name): (usize, &[u8])| {
            let name = std::str::from_utf8(name.trim_ascii());
            name.map(str::to_owned).map_err(|_| {
                let problem = TableProblem::NameNotUtf8 { number: place + 1 };
                DataError::format(path, Some(line), problem)
            })
        };
        let names = header.iter().enumerate().map(name);
        let names: Vec<String> = names.collect::<Result<_, _>>()?;
        if options.header == Header::Found && seems_row(&names) {
            return Err(DataError::format(
                path,
                Some(line),
                TableProblem::SeemsRow { names },
            ));
        }
        Ok((names, Some(line), rows))
    }

    pub(super) fn each<E: From<DataError>>(
        mut self,
        path: &Path,
        mut see: impl FnMut(Place, &ByteRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        if let Some(first) = self.first.take() {
            let line = first.position().map_or(1, csv::Position::line);
            see(Place::Line(line), &first)?;
        }
        let mut record = ByteRecord::new();
        loop {
            self.progress.since.set(0);
            let is_there = self
                .reader
                .read_byte_record(&mut record)
                .map_err(|error| read_error(path, &error, self.reader.position().line()))?;
            if !is_there {
                return match self.broken.filter(|_| self.progress.in_quotes.get()) {
                    Some(at) => {
                        let problem = "a quote in this row is never closed";
                        Err(DataError::format_at(path, at, problem).into())
                    }
                    None => Ok(()),
                };
            }
            let at = Place::Line(record.position().map_or(0, csv::Position::line));
            self.broken = has_break(&record).then_some(at);
            if let Some(problem) = quoted_behind_space(&record) {
                return Err(DataError::format_at(path, at, problem).into());
            }
            if let Some(n_lines) = swallowed(&record, self.delimiter) {
                let problem = format!(
                    "a field in quotes goes on over {n_lines} lines that look like rows; is a quote one too many, or \
                     never closed?"
                );
                return Err(DataError::format_at(path, at, problem).into());
            }
            see(at, &record)?;
        }
    }
}

/// What stands between fields, and whether a line in front of the header says so.
///
/// # Errors
/// [`DataError::Format`] for a file that begins with a comment or a title.
fn delimiter(path: &Path, file: &[u8], options: &ReadOptions) -> Result<(u8, bool), DataError> {
    let mut start = file;
    // Spreadsheets write the delimiter into a line of its own.
    let said = match start {
        [b's', b'e', b'p', b'=', said, b'\r' | b'\n', ..] => {
            start = after_line(start);
            Some(*said)
        }
        _ => None,
    };
    while options
        .comment
        .is_some_and(|comment| start.starts_with(&[comment]))
    {
        start = after_line(start);
    }
    let given = options.delimiter.or(said);
    if !start.starts_with(b"#")
        && let Some((n_before, n_fields)) = title(start, given)
    {
        let n_passed = file.len() - start.len();
        let n_passed = file[..n_passed].iter().filter(|&&byte| byte == b'\n');
        let n_passed = n_passed.count();
        let lines = match n_passed + n_before {
            1 => "line".to_owned(),
            n => format!("{n} lines"),
        };
        let problem = format!(
            "this looks like a title, not like the names of columns: it has 1 field, the lines behind it have {n_fields}; \
             remove the first {lines}, so that the file begins with the names"
        );
        return Err(DataError::format(path, Some(n_passed as u64 + 1), problem));
    }
    let first_line = first_record(start);
    let delimiter = given.unwrap_or_else(|| likely_delimiter(first_line));
    let seems_comment = options.comment.is_none() && first_line.starts_with(b"#") && {
        let count = |line: &[u8]| line.split(|&byte| byte == delimiter).count();
        let mut rest = start;
        while rest.starts_with(b"#") {
            rest = after_line(rest);
        }
        count(first_line) != count(first_record(rest))
    };
    if seems_comment {
        let problem = TableProblem::SeemsComment { sign: '#' };
        return Err(DataError::format(path, Some(1), problem));
    }
    Ok((delimiter, said.is_some()))
}

/// Lines in front of the names of the columns, which have one field where all behind them have as many as one another; and
/// how many those have.
fn title(text: &[u8], delimiter: Option<u8>) -> Option<(usize, usize)> {
    const MOST_LINES: usize = 12;
    let lines: Vec<&[u8]> = text.split(|&byte| byte == b'\n').take(MOST_LINES).collect();
    // The last line may be cut.
    let lines = &lines[..lines.len() - 1];
    if lines.iter().any(|line| count_outside(line, b'"') % 2 == 1) {
        return None;
    }
    let likely = delimiter.map_or(vec![b',', b'\t', b';'], |given| vec![given]);
    let is_title = |line: &&[u8]| {
        let is_in = |delimiter: &u8| count_outside(line, *delimiter) > 0;
        // A line of pipes has names between them.
        !likely.iter().chain(b"|").any(is_in)
    };
    likely.iter().find_map(|&delimiter| {
        let n_fields = |line: &&[u8]| count_outside(line, delimiter) + 1;
        let n_before = lines.iter().position(|line| n_fields(line) > 1)?;
        let (names, rows) = lines[n_before..].split_first()?;
        let mut rows = rows
            .iter()
            .filter(|line| !line.trim_ascii().is_empty())
            .peekable();
        let title = &lines[..n_before];
        let has_title = title.iter().any(|line| !line.trim_ascii().is_empty());
        let is_table = rows.peek().is_some() && rows.all(|row| n_fields(row) == n_fields(names));
        (has_title && title.iter().all(is_title) && is_table).then_some((n_before, n_fields(names)))
    })
}

/// What stands behind the first line.
fn after_line(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|&byte| byte == b'\n');
    end.map_or(&[], |end| &text[end + 1..])
}

/// The first line, and those that a field in quotes goes on over; the first line alone where a quote is never closed.
fn first_record(text: &[u8]) -> &[u8] {
    let mut quoted = false;
    let ends = |byte: &u8| {
        quoted ^= *byte == b'"';
        !quoted && *byte == b'\n'
    };
    let end = text.iter().position(ends);
    let end = end.or_else(|| text.iter().position(|&byte| byte == b'\n'));
    &text[..end.unwrap_or(text.len())]
}

fn encoding(path: &Path, label: Option<&str>) -> Result<Option<&'static Encoding>, DataError> {
    let known = |label: &str| {
        Encoding::for_label(label.as_bytes()).ok_or_else(|| {
            let problem = format!("there is no encoding called {label:?}; known are utf-8, utf-16le, windows-1252, iso-8859-15 and others");
            DataError::format(path, None, problem)
        })
    };
    label.map(known).transpose()
}

/// How far a file was read.
#[derive(Default)]
struct Progress {
    /// Bytes since the row before.
    since: Cell<u64>,
    /// Whether a quote is open: those inside a field come in twos.
    in_quotes: Cell<bool>,
}

fn has_break(record: &ByteRecord) -> bool {
    record.as_slice().contains(&b'\n')
}

/// What is wrong with a record that has a field in quotes behind a space, whose quotes would be part of it.
fn quoted_behind_space(record: &ByteRecord) -> Option<String> {
    let is_quoted = |field: &[u8]| {
        let inner = field.trim_ascii().strip_prefix(b"\"");
        field.starts_with(b" ") && inner.is_some_and(|inner| inner.ends_with(b"\""))
    };
    let place = record.iter().position(is_quoted)?;
    let number = place + 1;
    Some(format!(
        "field {number} has a space before its quotes, which would be part of it; write the file without spaces behind \
         delimiters"
    ))
}

/// Counts what it reads, and refuses to go on where a row has no end.
struct Counted<R> {
    inner: R,
    progress: Rc<Progress>,
}

impl<R: Read> Read for Counted<R> {
    fn read(&mut self, into: &mut [u8]) -> std::io::Result<usize> {
        let n = self.inner.read(into)?;
        let Progress { since, in_quotes } = &*self.progress;
        since.set(since.get() + n as u64);
        let turns = |quoted: bool, byte: &u8| quoted ^ (*byte == b'"');
        in_quotes.set(into[..n].iter().fold(in_quotes.get(), turns));
        if since.get() > MOST_BYTES {
            return Err(std::io::Error::other(format!(
                "the row is longer than {} MiB; is a quote never closed, or is this no text file?",
                MOST_BYTES >> 20
            )));
        }
        Ok(n)
    }
}

/// Whether names of columns are a row: numbers that nobody calls a column by, or half of them numbers that do not count up.
fn seems_row(names: &[String]) -> bool {
    let number = |name: &String| name.parse::<f64>().ok();
    let numbers: Vec<f64> = names.iter().filter_map(number).collect();
    let is_odd = |x: &f64| x.fract() != 0.0 || *x < 0.0;
    let counts_up = numbers.windows(2).all(|pair| pair[1] == pair[0] + 1.0);
    !numbers.is_empty()
        && (numbers.iter().any(is_odd) || 2 * numbers.len() >= names.len() && !counts_up)
}

/// The whole lines inside a field of `record`, where all of them have as many delimiters as a row: rows that a stray
/// quote made part of a field. Text of a few lines may look so by chance, above all where rows have few fields.
fn swallowed(record: &ByteRecord, delimiter: u8) -> Option<usize> {
    const FEW_FIELDS: usize = 4;
    let n_fields = record.len();
    let least = if n_fields < FEW_FIELDS { 10 } else { 3 };
    let is_row =
        |line: &&[u8]| n_fields > 1 && line.split(|&byte| byte == delimiter).count() == n_fields;
    record.iter().find_map(|field| {
        let mut lines = field.trim_ascii().split(|&byte| byte == b'\n');
        // The first and the last line of a field are parts of rows.
        lines.next();
        lines.next_back();
        let lines: Vec<&[u8]> = lines.collect();
        (lines.len() >= least && lines.iter().all(is_row)).then_some(lines.len())
    })
}

/// How often `sign` stands in a line, outside of quotes; or how many quotes there are.
fn count_outside(line: &[u8], sign: u8) -> usize {
    let mut quoted = false;
    let outside = line.iter().filter(|&&byte| {
        quoted ^= byte == b'"' && sign != b'"';
        !quoted && byte == sign
    });
    outside.count()
}

/// The delimiter that a header has most of; a comma where it has none.
fn likely_delimiter(header: &[u8]) -> u8 {
    let count = |delimiter: u8| count_outside(header, delimiter);
    // The first of those that are equally frequent.
    [b',', b'\t', b';']
        .into_iter()
        .rev()
        .max_by_key(|&d| count(d))
        .unwrap_or(b',')
}

/// `line` is where the reader stands, for errors that have no place of their own.
fn read_error(path: &Path, error: &csv::Error, line: u64) -> DataError {
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => format!(
            "the row has {}, the header has {expected_len}; is another delimiter meant, a field \
             with a delimiter not quoted, or a quote not closed?",
            counted(*len as usize, "field")
        ),
        csv::ErrorKind::Io(error) => format!("the file cannot be read: {error}"),
        _ => error.to_string(),
    };
    let at = error.position().map_or(line, csv::Position::line);
    DataError::format(path, Some(at), problem)
}
