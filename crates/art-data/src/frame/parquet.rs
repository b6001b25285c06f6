//! Parquet files, row by row as the text that their fields would be in a CSV file: one reader of kinds, missing
//! values and words serves both, and a table is the same table in either.

use super::parquet_input::ParquetInput;
use crate::{error::DataError, place::Place};
use ::parquet::{
    basic::{ConvertedType, LogicalType, TimeUnit, Type},
    column::reader::{ColumnReader, ColumnReaderImpl},
    data_type::DataType,
    errors::ParquetError,
    file::reader::{FileReader, SerializedFileReader},
    record::Field,
    schema::types::{ColumnDescPtr, ColumnDescriptor},
};
use csv::ByteRecord;
use half::f16;
use std::{
    fs::File,
    io::Write as _,
    panic::{AssertUnwindSafe, catch_unwind},
    path::Path,
};

/// Rows that are in memory at a time.
const BATCH: usize = 4_096;

pub(super) struct ParquetRows {
    reader: SerializedFileReader<ParquetInput>,
    /// Number of columns, one of which may be nested and have several leaves.
    n_columns: usize,
}

impl ParquetRows {
    /// The names of the columns, and the rows.
    pub(super) fn open(path: &Path) -> Result<(Vec<String>, Self), DataError> {
        let file = File::open(path).map_err(DataError::io("read", path))?;
        let input = ParquetInput::new(file);
        let reader = library(path, || SerializedFileReader::new(input))?;
        let schema = reader.metadata().file_metadata().schema_descr();
        let columns = schema.root_schema().get_fields();
        let names: Vec<String> = columns
            .iter()
            .map(|column| column.name().to_owned())
            .collect();
        if names.is_empty() {
            return Err(DataError::format(path, None, "the file has no column"));
        }
        let n_columns = names.len();
        Ok((names, Self { reader, n_columns }))
    }

    /// The number of rows that the file says it has.
    pub(super) fn n_rows(&self) -> usize {
        usize::try_from(self.reader.metadata().file_metadata().num_rows()).unwrap_or(0)
    }

    /// Shows every row; the fields of columns that are not `wanted` are empty.
    pub(super) fn each<E: From<DataError>>(
        self,
        path: &Path,
        wanted: &[usize],
        mut see: impl FnMut(Place, &ByteRecord) -> Result<(), E>,
    ) -> Result<(), E> {
        let schema = self.reader.metadata().file_metadata().schema_descr();
        let mut leaves: Vec<Option<usize>> = vec![None; self.n_columns];
        for leaf in 0..schema.num_columns() {
            leaves[schema.get_column_root_idx(leaf)].get_or_insert(leaf);
        }
        // A file is read even where no column of it is wanted: its rows count.
        let mut read: Vec<usize> = wanted.to_vec();
        read.sort_unstable();
        read.dedup();
        let mut leaf_of = vec![];
        for &place in &read {
            let Some(leaf) = leaves[place] else { continue };
            if let Some(problem) = refused(&schema.column(leaf)) {
                let name = schema.root_schema().get_fields()[place].name();
                return Err(DataError::column(path, name, problem).into());
            }
            leaf_of.push((place, leaf));
        }
        let mut record = ByteRecord::new();
        let mut number = 0;
        for group in 0..self.reader.num_row_groups() {
            let group = library(path, || self.reader.get_row_group(group))?;
            let columns = leaf_of.iter().map(|&(_, leaf)| {
                let description = group.metadata().column(leaf).column_descr_ptr();
                let reader = library(path, || group.get_column_reader(leaf))?;
                Ok::<_, DataError>(Column::new(description, reader))
            });
            let mut columns: Vec<Column> = columns.collect::<Result<_, _>>()?;
            loop {
                let n = next_batch(path, &mut columns)?;
                if n == 0 {
                    break;
                }
                for row in 0..n {
                    record.clear();
                    let mut known = leaf_of.iter().zip(&columns).peekable();
                    for place in 0..self.n_columns {
                        let own = known.next_if(|((own, _), _)| *own == place);
                        record
                            .push_field(own.map_or(&[][..], |(_, column)| column.fields.get(row)));
                    }
                    number += 1;
                    see(Place::Row(number), &record)?;
                }
            }
        }
        Ok(())
    }
}

/// What the library makes of the file; altered files make it panic here and there, which is an error as well.
fn library<T>(path: &Path, work: impl FnOnce() -> Result<T, ParquetError>) -> Result<T, DataError> {
    let outcome = catch_unwind(AssertUnwindSafe(work));
    let problem = match outcome {
        Ok(Ok(value)) => return Ok(value),
        Ok(Err(error)) if is_unsupported(&error) => format!("this cannot be read: {error}"),
        Ok(Err(error)) => format!("the Parquet file is truncated or altered: {error}"),
        Err(_) => "the Parquet file is truncated or altered: it cannot be decoded".to_owned(),
    };
    Err(DataError::format(path, None, problem))
}

/// Whether a whole file may lead to this error.
fn is_unsupported(error: &ParquetError) -> bool {
    matches!(error, ParquetError::NYI(_)) || error.to_string().contains("Disabled feature")
}

/// Why a column cannot be read as one of numbers or words.
fn refused(column: &ColumnDescriptor) -> Option<String> {
    use ConvertedType as C;
    /// Digits behind the point, beyond which nobody means it.
    const MOST_DIGITS: i32 = 100;
    if column.path().parts().len() > 1 || column.max_rep_level() > 0 {
        return Some("is nested; a table has one value a row and column".into());
    }
    let known = match column.physical_type() {
        Type::BOOLEAN | Type::FLOAT | Type::DOUBLE | Type::INT96 => true,
        Type::INT32 => matches!(
            column.converted_type(),
            C::NONE
                | C::INT_8
                | C::INT_16
                | C::INT_32
                | C::UINT_8
                | C::UINT_16
                | C::UINT_32
                | C::DATE
                | C::TIME_MILLIS
                | C::DECIMAL
        ),
        Type::INT64 => matches!(
            column.converted_type(),
            C::NONE
                | C::INT_64
                | C::UINT_64
                | C::TIME_MICROS
                | C::TIMESTAMP_MILLIS
                | C::TIMESTAMP_MICROS
                | C::DECIMAL
        ),
        Type::BYTE_ARRAY => matches!(
            column.converted_type(),
            C::NONE | C::UTF8 | C::ENUM | C::JSON | C::DECIMAL
        ),
        Type::FIXED_LEN_BYTE_ARRAY => {
            column.converted_type() == C::DECIMAL || is_half_precision(column)
        }
    };
    if column.converted_type() == C::DECIMAL && !(0..=MOST_DIGITS).contains(&column.type_scale()) {
        return Some(format!(
            "is decimal with {} digits behind the point",
            column.type_scale()
        ));
    }
    (!known).then(|| {
        format!(
            "holds {} as {}, which is neither numbers nor words; write it as one of these",
            column.converted_type(),
            column.physical_type()
        )
    })
}

/// Whether whole numbers are nanoseconds since 1970, which have no older name in these files.
fn is_nanoseconds(column: &ColumnDescriptor) -> bool {
    matches!(
        column.logical_type_ref(),
        Some(LogicalType::Timestamp(time)) if time.unit == TimeUnit::NANOS
    )
}

fn is_half_precision(column: &ColumnDescriptor) -> bool {
    matches!(column.logical_type_ref(), Some(LogicalType::Float16))
}

/// Writes a value that is a number, a time or a decimal.
fn write_field(field: &Field, text: &mut Vec<u8>) -> Result<(), ParquetError> {
    /// The calendar of the reader ends some way behind.
    const MOST_YEARS: i64 = 200_000;
    const DAYS: i64 = 365 * MOST_YEARS;
    const MILLIS: i64 = DAYS * 24 * 3_600_000;
    const MICROS: i64 = MILLIS * 1_000;
    let in_calendar = match *field {
        Field::Date(days) => (-DAYS..=DAYS).contains(&i64::from(days)),
        Field::TimestampMillis(time) => (-MILLIS..=MILLIS).contains(&time),
        Field::TimestampMicros(time) => (-MICROS..=MICROS).contains(&time),
        _ => true,
    };
    if !in_calendar {
        return Err(ParquetError::NYI("a time is out of range".into()));
    }
    write!(text, "{field}")?;
    // A decimal without digits behind the point is written with the point.
    if matches!(field, Field::Decimal(_)) && text.ends_with(b".") {
        text.pop();
    }
    Ok(())
}

/// A column of a group of rows, and its fields of the batch in work.
struct Column {
    description: ColumnDescPtr,
    reader: ColumnReader,
    fields: Fields,
}

/// Fields, one behind the other.
#[derive(Default)]
struct Fields {
    text: Vec<u8>,
    ends: Vec<usize>,
}

impl Fields {
    fn get(&self, row: usize) -> &[u8] {
        let start = if row == 0 { 0 } else { self.ends[row - 1] };
        &self.text[start..self.ends[row]]
    }
}

/// Reads the next rows of each column; their number, 0 at the end of the group.
fn next_batch(path: &Path, columns: &mut [Column]) -> Result<usize, DataError> {
    let mut n_rows = None;
    for column in columns {
        let n = library(path, || column.read())?;
        if *n_rows.get_or_insert(n) != n {
            let name = column.description.path().string();
            let problem = "has another number of rows than the one before".to_owned();
            return Err(DataError::column(path, &name, problem));
        }
    }
    Ok(n_rows.unwrap_or(0))
}

impl Column {
    fn new(description: ColumnDescPtr, reader: ColumnReader) -> Self {
        Self {
            description,
            reader,
            fields: Fields::default(),
        }
    }

    fn read(&mut self) -> Result<usize, ParquetError> {
        let Self {
            description,
            reader,
            fields,
        } = self;
        fields.text.clear();
        fields.ends.clear();
        let level = description.max_def_level();
        let is_decimal = description.converted_type() == ConvertedType::DECIMAL;
        let is_half = is_half_precision(description);
        let bytes = |value: &::parquet::data_type::ByteArray, text: &mut Vec<u8>| {
            if is_decimal {
                return write_field(
                    &Field::convert_byte_array(description, value.clone())?,
                    text,
                );
            }
            match *value.data() {
                [low, high] if is_half => {
                    write!(text, "{:?}", f16::from_le_bytes([low, high]).to_f32())?;
                }
                ref data => text.extend_from_slice(data),
            }
            Ok(())
        };
        match reader {
            ColumnReader::BoolColumnReader(reader) => fill(reader, level, fields, |value, text| {
                Ok(write!(text, "{value}")?)
            }),
            ColumnReader::Int32ColumnReader(reader) => {
                fill(reader, level, fields, |value, text| {
                    write_field(&Field::convert_int32(description, *value), text)
                })
            }
            ColumnReader::Int64ColumnReader(reader) if is_nanoseconds(description) => {
                fill(reader, level, fields, |value, text| {
                    write_field(&Field::TimestampMicros(value.div_euclid(1_000)), text)
                })
            }
            ColumnReader::Int64ColumnReader(reader) => {
                fill(reader, level, fields, |value, text| {
                    write_field(&Field::convert_int64(description, *value), text)
                })
            }
            ColumnReader::Int96ColumnReader(reader) => {
                fill(reader, level, fields, |value, text| {
                    write_field(&Field::convert_int96(description, *value), text)
                })
            }
            // As CSV writers do: 1.0, not 1.
            ColumnReader::FloatColumnReader(reader) => {
                fill(reader, level, fields, |value, text| {
                    Ok(write!(text, "{value:?}")?)
                })
            }
            ColumnReader::DoubleColumnReader(reader) => {
                fill(reader, level, fields, |value, text| {
                    Ok(write!(text, "{value:?}")?)
                })
            }
            ColumnReader::ByteArrayColumnReader(reader) => fill(reader, level, fields, bytes),
            ColumnReader::FixedLenByteArrayColumnReader(reader) => {
                fill(reader, level, fields, |value, text| bytes(value, text))
            }
        }
    }
}

/// Reads up to [`BATCH`] rows of a column and writes the text of each value; nothing for one that is missing.
fn fill<T: DataType>(
    reader: &mut ColumnReaderImpl<T>,
    level_of_present: i16,
    fields: &mut Fields,
    write: impl Fn(&T::T, &mut Vec<u8>) -> Result<(), ParquetError>,
) -> Result<usize, ParquetError> {
    let (mut levels, mut values) = (vec![], vec![]);
    let can_miss = level_of_present > 0;
    let (n_rows, _, _) =
        reader.read_records(BATCH, can_miss.then_some(&mut levels), None, &mut values)?;
    let lacks = || ParquetError::EOF("a column ends before its rows do".into());
    let mut values = values.iter();
    for row in 0..n_rows {
        let is_present = !can_miss || *levels.get(row).ok_or_else(lacks)? == level_of_present;
        if is_present {
            write(values.next().ok_or_else(lacks)?, &mut fields.text)?;
        }
        fields.ends.push(fields.text.len());
    }
    Ok(n_rows)
}
