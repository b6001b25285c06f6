//! Fields that stand for a missing value.

use super::ReadOptions;

/// Fields that stand for a missing value where nothing else is said.
pub const MISSING_MARKERS: [&str; 7] = ["NA", "N/A", "NaN", "nan", "null", "NULL", "?"];

/// Fields that stand for a missing value, ready to be compared: numbers by value, everything else as written.
pub(super) struct Markers {
    texts: Vec<Vec<u8>>,
    numbers: Vec<f64>,
    /// Whether what reads as "not a number" is missing, however it is written.
    with_nan: bool,
}

impl Markers {
    pub(super) fn new(options: &ReadOptions) -> Self {
        let usual = MISSING_MARKERS.iter().map(|&marker| marker.to_owned());
        let usual = usual.filter(|marker| !options.not_missing.contains(marker));
        let texts: Vec<String> = usual.chain(options.missing.iter().cloned()).collect();
        let values = || texts.iter().filter_map(|text| text.parse::<f64>().ok());
        Self {
            with_nan: values().any(f64::is_nan)
                && !options
                    .not_missing
                    .iter()
                    .any(|text| text.eq_ignore_ascii_case("nan")),
            numbers: values().filter(|value| !value.is_nan()).collect(),
            texts: texts.into_iter().map(String::into_bytes).collect(),
        }
    }

    /// Whether a field, without spaces around it, is missing.
    pub(super) fn is_missing(&self, field: &[u8]) -> bool {
        if field.is_empty() || self.texts.iter().any(|text| text == field) {
            return true;
        }
        // Most fields need no second look.
        let may_be_number =
            field.len() <= 40 && (self.with_nan && is_nan_like(field) || !self.numbers.is_empty());
        may_be_number && std::str::from_utf8(field).is_ok_and(|text| self.is_missing_number(text))
    }

    fn is_missing_number(&self, text: &str) -> bool {
        use super::NumberStyle::{Comma, Point};
        if let Ok(value) = text.parse::<f64>() {
            return value.is_nan() && self.with_nan || self.numbers.contains(&value);
        }
        let styled = |style: super::NumberStyle| {
            style
                .parse(text)
                .is_some_and(|value| self.numbers.contains(&value))
        };
        !self.numbers.is_empty() && (styled(Point) || styled(Comma))
    }
}

fn is_nan_like(field: &[u8]) -> bool {
    let unsigned = field
        .strip_prefix(b"-")
        .or(field.strip_prefix(b"+"))
        .unwrap_or(field);
    unsigned.eq_ignore_ascii_case(b"nan")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn markers(missing: &[&str], not_missing: &[&str]) -> Markers {
        let owned = |list: &[&str]| list.iter().map(|&text| text.to_owned()).collect();
        Markers::new(&ReadOptions {
            missing: owned(missing),
            not_missing: owned(not_missing),
            ..ReadOptions::default()
        })
    }

    #[test]
    fn numbers_go_by_value_and_words_as_written() {
        let with = markers(&["-999", "unknown"], &[]);
        for field in [
            "", "NA", "?", "-999", "-999.0", "-9.99e2", "-999,0", "unknown", "NaN", "-nan", "NAN",
        ] {
            assert!(with.is_missing(field.as_bytes()), "{field}");
        }
        for field in ["na", "Unknown", "999", "-999.5", "None", "0"] {
            assert!(!with.is_missing(field.as_bytes()), "{field}");
        }
        assert!(markers(&["inf"], &[]).is_missing(b"Infinity"));
    }

    #[test]
    fn a_usual_marker_may_be_a_value() {
        let kept = markers(&[], &["NA", "NaN"]);
        assert!(!kept.is_missing(b"NA") && kept.is_missing(b"null"));
        assert!(!kept.is_missing(b"NaN") && !kept.is_missing(b"-nan"));
    }
}
