//! Text: fields between delimiters, one header row, packed by gzip or not.

use super::{ReadOptions, place::At};
use crate::DataError;
use csv::ByteRecord;
use flate2::read::MultiGzDecoder;
use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

pub(super) struct TextRows {
    reader: csv::Reader<Box<dyn Read>>,
    delimiter: u8,
}

impl TextRows {
    /// The names of the columns, and the rows behind them.
    pub(super) fn open(
        path: &Path,
        mut file: BufReader<File>,
        options: &ReadOptions,
    ) -> Result<(Vec<String>, Self), DataError> {
        const GZIP: [u8; 2] = [0x1f, 0x8b];
        const BOM: [u8; 3] = [0xef, 0xbb, 0xbf];
        let io = |error| DataError::io("read", path)(error);
        let is_packed = file.fill_buf().map_err(io)?.starts_with(&GZIP);
        let unpacked: Box<dyn Read> = if is_packed {
            Box::new(MultiGzDecoder::new(file))
        } else {
            Box::new(file)
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
        let header = reader.byte_headers().map_err(|e| read_error(path, &e))?;
        let name = |(place, name): (usize, &[u8])| {
            let problem = || format!("the name of column {} is not UTF-8", place + 1);
            let name = std::str::from_utf8(name);
            name.map(str::to_owned)
                .map_err(|_| At::Line(1).error(path, problem()))
        };
        let names = header.iter().enumerate().map(name);
        let names = names.collect::<Result<_, _>>()?;
        Ok((names, Self { reader, delimiter }))
    }

    pub(super) fn each<E: From<DataError>>(
        mut self,
        path: &Path,
        mut see: impl FnMut(At, &ByteRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let mut record = ByteRecord::new();
        let mut next = |record: &mut ByteRecord| self.reader.read_byte_record(record);
        while next(&mut record).map_err(|error| read_error(path, &error))? {
            let at = At::Line(record.position().map_or(0, csv::Position::line));
            if let Some(n_lines) = swallowed(&record, self.delimiter) {
                let problem = format!(
                    "a field in quotes goes on over {n_lines} lines that look like rows; is a quote one too many, or \
                     never closed?"
                );
                return Err(at.error(path, problem).into());
            }
            see(at, &record)?;
        }
        Ok(())
    }
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
        let mut lines = field.split(|&byte| byte == b'\n');
        // The first and the last line of a field are parts of rows.
        lines.next();
        lines.next_back();
        let lines: Vec<&[u8]> = lines.collect();
        (lines.len() >= least && lines.iter().all(is_row)).then_some(lines.len())
    })
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
            "the row has {len} fields, the header has {expected_len}; is another delimiter meant, a field \
             with a delimiter not quoted, or a quote not closed?"
        ),
        csv::ErrorKind::Io(error) => format!("the file cannot be read: {error}"),
        _ => error.to_string(),
    };
    DataError::format(path, line, problem)
}
