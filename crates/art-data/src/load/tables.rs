use crate::{counted::counted, dataset::Dataset, error::DataError};
use ndarray::Array2;
use std::path::Path;

/// How a table of numbers with one label column is written.
#[derive(Clone, Debug)]
pub struct TableFormat {
    /// Byte between fields.
    pub delimiter: u8,
    /// Header of the label column.
    pub label: &'static str,
    /// Labels in class order, as written in the file, with the names to show for them.
    pub classes: &'static [(&'static str, &'static str)],
    /// Labels whose rows are left out.
    pub left_out: &'static [&'static str],
}

/// Outcome 1 is a positive test.
pub(super) fn pima() -> TableFormat {
    TableFormat {
        delimiter: b',',
        label: "Outcome",
        classes: &[("0", "negative"), ("1", "positive")],
        left_out: &[],
    }
}

/// ERL, with 5 rows, is left out as in the paper.
pub(super) fn yeast() -> TableFormat {
    TableFormat {
        delimiter: b',',
        label: "class",
        classes: &[
            ("CYT", "CYT"),
            ("NUC", "NUC"),
            ("MIT", "MIT"),
            ("ME3", "ME3"),
            ("ME2", "ME2"),
            ("ME1", "ME1"),
            ("EXC", "EXC"),
            ("VAC", "VAC"),
            ("POX", "POX"),
        ],
        left_out: &["ERL"],
    }
}

pub(super) fn wine_red() -> TableFormat {
    TableFormat {
        delimiter: b';',
        label: "quality",
        classes: &[
            ("3", "grade 3"),
            ("4", "grade 4"),
            ("5", "grade 5"),
            ("6", "grade 6"),
            ("7", "grade 7"),
            ("8", "grade 8"),
        ],
        left_out: &[],
    }
}

/// Places of proteins in the cell, in alphabetical order and by the words of the file.
pub(super) fn ecoli() -> TableFormat {
    TableFormat {
        delimiter: b',',
        label: "class",
        classes: &[
            ("cp", "cp"),
            ("im", "im"),
            ("imL", "imL"),
            ("imS", "imS"),
            ("imU", "imU"),
            ("om", "om"),
            ("omL", "omL"),
            ("pp", "pp"),
        ],
        left_out: &[],
    }
}

/// Kinds of glass, in the order of their numbers and with the names of UCI; no row is of type 4.
pub(super) fn glass() -> TableFormat {
    TableFormat {
        delimiter: b',',
        label: "Type",
        classes: &[
            ("1", "building windows, float"),
            ("2", "building windows, non-float"),
            ("3", "vehicle windows, float"),
            ("5", "containers"),
            ("6", "tableware"),
            ("7", "headlamps"),
        ],
        left_out: &[],
    }
}

/// Kinds of blocks of a printed page, in the order of their numbers and with the names of UCI's list of classes; its description
/// of the data exchanges picture and graphic.
pub(super) fn page_blocks() -> TableFormat {
    TableFormat {
        delimiter: b',',
        label: "class",
        classes: &[
            ("1", "text"),
            ("2", "horizontal line"),
            ("3", "graphic"),
            ("4", "vertical line"),
            ("5", "picture"),
        ],
        left_out: &[],
    }
}

/// Kinds of land, in the order of their numbers and with the names of UCI; no row is of type 6.
pub(super) fn satimage() -> TableFormat {
    TableFormat {
        delimiter: b',',
        label: "class",
        classes: &[
            ("1", "red soil"),
            ("2", "cotton crop"),
            ("3", "grey soil"),
            ("4", "damp grey soil"),
            ("5", "soil with vegetation stubble"),
            ("7", "very damp grey soil"),
        ],
        left_out: &[],
    }
}

/// The table in `bytes`, with one header row; `path` is for messages only.
///
/// # Errors
/// [`DataError::Format`] naming the line: a ragged row, a feature that is no finite number, an
/// unknown label, a missing label column.
pub fn read_table(path: &Path, bytes: &[u8], format: &TableFormat) -> Result<Dataset, DataError> {
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(format.delimiter)
        .trim(csv::Trim::All)
        .from_reader(bytes);
    let header = reader
        .headers()
        .map_err(|error| csv_error(path, &error))?
        .clone();
    let Some(label_column) = header.iter().position(|name| name == format.label) else {
        let columns: Vec<&str> = header.iter().collect();
        let problem = format!(
            "there is no label column {:?}; the columns are {}",
            format.label,
            columns.join(", ")
        );
        return Err(DataError::format(path, Some(1), problem));
    };
    let is_feature = |&(column, _): &(usize, &str)| column != label_column;
    let feature_names: Vec<String> = header
        .iter()
        .enumerate()
        .filter(is_feature)
        .map(|(_, name)| name.to_owned())
        .collect();
    let mut features = vec![];
    let mut labels = vec![];
    for record in reader.records() {
        let record = record.map_err(|error| csv_error(path, &error))?;
        let line = record.position().map(csv::Position::line);
        let name = &record[label_column];
        if format.left_out.contains(&name) {
            continue;
        }
        let class = format
            .classes
            .iter()
            .position(|(written, _)| *written == name);
        let Some(class) = class else {
            let known: Vec<&str> = format.classes.iter().map(|(written, _)| *written).collect();
            let problem = format!("class {name:?} is unknown; known are {}", known.join(", "));
            return Err(DataError::format(path, line, problem));
        };
        labels.push(class as u32);
        for (column, field) in record.iter().enumerate().filter(is_feature) {
            match field.parse::<f32>() {
                Ok(value) if value.is_finite() => features.push(value),
                _ => {
                    let column = &header[column];
                    let problem =
                        format!("column {column:?} holds {field:?}, expected a finite number");
                    return Err(DataError::format(path, line, problem));
                }
            }
        }
    }
    let features = Array2::from_shape_vec((labels.len(), feature_names.len()), features)
        .expect("every row has passed with all of its columns");
    let class_names = format
        .classes
        .iter()
        .map(|(_, shown)| (*shown).to_owned())
        .collect();
    Dataset::new(features, labels, feature_names, class_names)
}

fn csv_error(path: &Path, error: &csv::Error) -> DataError {
    let line = error.position().map(csv::Position::line);
    let problem = match error.kind() {
        csv::ErrorKind::UnequalLengths {
            expected_len, len, ..
        } => {
            let fields = counted(*len as usize, "field");
            format!("the row has {fields}, the header has {expected_len}")
        }
        csv::ErrorKind::Utf8 { err, .. } => format!("the row is not UTF-8: {err}"),
        _ => error.to_string(),
    };
    DataError::format(path, line, problem)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Dataset, DataError> {
        let format = TableFormat {
            delimiter: b',',
            label: "y",
            classes: &[("no", "negative"), ("yes", "positive")],
            left_out: &["maybe"],
        };
        read_table(Path::new("t.csv"), text.as_bytes(), &format)
    }

    #[test]
    fn columns_and_classes_are_found_by_name() {
        let data = read("a,y,b\n1,yes,2\n5,maybe,5\n3,no,4.5\n").unwrap();
        assert_eq!(data.feature_names(), ["a", "b"]);
        assert_eq!(data.labels(), [1, 0]);
        assert_eq!(data.features_as_slice(), [1.0, 2.0, 3.0, 4.5]);
        assert_eq!(data.class_names(), ["negative", "positive"]);
    }

    #[test]
    fn every_fault_names_file_and_line() {
        for (text, message) in [
            (
                "a,b\n1,no\n",
                "t.csv, line 1: there is no label column \"y\"; the columns are a, b",
            ),
            (
                "a,y\n1,no\n1,no,3\n",
                "t.csv, line 3: the row has 3 fields, the header has 2",
            ),
            (
                "a,y\n1,no\n1\n",
                "t.csv, line 3: the row has 1 field, the header has 2",
            ),
            (
                "a,y\n1,no\nx,yes\n",
                "t.csv, line 3: column \"a\" holds \"x\", expected a finite",
            ),
            (
                "a,y\n1,no\nNaN,yes\n",
                "t.csv, line 3: column \"a\" holds \"NaN\", expected a finite",
            ),
            (
                "a,y\n1,no\n,yes\n",
                "t.csv, line 3: column \"a\" holds \"\", expected a finite",
            ),
            (
                "a,y\n1,no\n1e99,yes\n",
                "t.csv, line 3: column \"a\" holds \"1e99\"",
            ),
            (
                "a,y\n1,no\n1,nein\n",
                "t.csv, line 3: class \"nein\" is unknown; known are no, yes",
            ),
            ("a,y\n", "the table has 0 rows"),
            ("", "there is no label column"),
        ] {
            let error = read(text).unwrap_err().to_string();
            assert!(error.contains(message), "{text:?}: {error}");
        }
        let not_utf8 = read_table(Path::new("t.csv"), b"a,y\n\xff,no\n", &pima()).unwrap_err();
        assert!(not_utf8.to_string().contains("t.csv"), "{not_utf8}");
    }
}
