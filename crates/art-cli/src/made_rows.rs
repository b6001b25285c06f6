//! Rows of a resampled table as text: what is kept stands as it stood, what is made is written like it.

use art_data::{
    Column, ColumnKind, DateOrder, Encoder, Frame, MISSING, NumberStyle, Origin, Values,
};
use std::io;

/// Columns that are carried along and are no features.
#[derive(Clone, Debug, Default)]
pub(crate) struct Carried {
    /// They name rows; a row that is made has no name.
    pub(crate) ids: Vec<String>,
    /// It says which rows belong together; a row that is made belongs to those of the row that it starts from.
    pub(crate) group: Option<String>,
}

impl Carried {
    pub(crate) fn names(&self) -> Vec<String> {
        self.ids.iter().chain(&self.group).cloned().collect()
    }
}

/// Rows that others are made of, and their columns as they stand in the file, those included that are carried along.
pub(crate) struct Written<'a> {
    pub(crate) frame: &'a Frame,
    pub(crate) target: &'a str,
    pub(crate) text: &'a [Column],
    pub(crate) carried: &'a Carried,
}

/// Writes rows one after the other.
pub(crate) struct MadeRows<'a> {
    text: &'a [Column],
    parts: Vec<Part<'a>>,
    encoder: Option<&'a Encoder>,
    fields: Vec<String>,
}

/// What becomes of a column in rows that are made.
enum Part<'a> {
    Copied,
    Empty,
    Words,
    Numbers {
        values: &'a [f64],
        style: NumberStyle,
        are_whole: bool,
    },
    Dates {
        days: &'a [f64],
        order: DateOrder,
    },
}

impl<'a> Written<'a> {
    /// The rows in the units of the table. A row between two others lies between them in these units as well; where one
    /// of the two lacks a number, it has the number of the base or lacks it too. In a column of whole numbers, as `is_whole`
    /// says, it has the nearest one, of two the one away from zero, with as many digits behind the point as the base has.
    pub(crate) fn rows(
        &self,
        encoder: Option<&'a Encoder>,
        is_whole: impl Fn(&Column) -> bool,
    ) -> MadeRows<'a> {
        let parts = self.text.iter().map(|column| self.part(column, &is_whole));
        MadeRows {
            text: self.text,
            parts: parts.collect(),
            encoder,
            fields: vec![],
        }
    }

    fn part(&self, text: &Column, is_whole: impl Fn(&Column) -> bool) -> Part<'a> {
        if self.carried.ids.contains(&text.name) {
            return Part::Empty;
        }
        if text.name == self.target {
            return Part::Copied;
        }
        match self.frame.column(&text.name) {
            Ok(column) => match (&column.values, column.kind) {
                (Values::Words { .. }, _) => Part::Words,
                (Values::Numbers(days), ColumnKind::Dates(order)) => Part::Dates { days, order },
                (Values::Numbers(values), kind) => Part::Numbers {
                    values,
                    style: match kind {
                        ColumnKind::Numbers(style) => style,
                        _ => NumberStyle::Plain,
                    },
                    are_whole: is_whole(column),
                },
            },
            // A group is no feature.
            Err(_) => Part::Copied,
        }
    }
}

/// Whether a column holds whole numbers alone.
pub(crate) fn is_whole(column: &Column) -> bool {
    match &column.values {
        Values::Numbers(numbers) => numbers.iter().all(|x| x.is_nan() || x.fract() == 0.0),
        Values::Words { .. } => false,
    }
}

impl MadeRows<'_> {
    /// Writes the row of this origin, with its features where there is an encoder.
    pub(crate) fn write<W: io::Write>(
        &mut self,
        writer: &mut csv::Writer<W>,
        origin: Origin,
        features: &[f32],
    ) -> io::Result<()> {
        let base = origin.base() as usize;
        let is_kept = matches!(origin, Origin::Original { .. } | Origin::Duplicate { .. });
        let encoder = self.encoder.filter(|_| !is_kept);
        self.fields.clear();
        for (part, text) in self.parts.iter().zip(self.text) {
            self.fields.push(match (part, encoder) {
                (_, None) | (Part::Copied, _) => field(text, base).to_owned(),
                (Part::Empty, _) => String::new(),
                (Part::Words, Some(encoder)) => {
                    let word = encoder.word(&text.name, features);
                    word.unwrap_or_default().to_owned()
                }
                (
                    Part::Numbers {
                        values,
                        style,
                        are_whole,
                    },
                    _,
                ) => {
                    let like = field(text, base);
                    match number(values, origin) {
                        x if x.is_nan() => String::new(),
                        // Without a minus before nothing.
                        x if *are_whole => {
                            let whole = format!("{:.*}", decimals(like, *style), x.round() + 0.0);
                            written(whole, *style, like)
                        }
                        x => written(x.to_string(), *style, like),
                    }
                }
                (Part::Dates { days, order }, _) => {
                    let like = field(text, base).trim();
                    let written = order.write_like(number(days, origin), like);
                    written.unwrap_or_default()
                }
            });
        }
        writer.write_record(&self.fields)?;
        Ok(())
    }
}

/// A field as it stands in the file; empty where it is missing.
fn field(text: &Column, row: usize) -> &str {
    match &text.values {
        Values::Words { levels, codes } if codes[row] != MISSING => &levels[codes[row] as usize],
        _ => "",
    }
}

/// A number with the decimal sign of its column, and the unit of the field `like`.
fn written(number: String, style: NumberStyle, like: &str) -> String {
    let number = match style {
        NumberStyle::Plain => return number,
        NumberStyle::Point => number,
        NumberStyle::Comma => number.replace('.', ","),
    };
    let is_number = |c: char| c.is_ascii_digit() || "+-−.,".contains(c);
    let unit = like.trim_start_matches(|c: char| !is_number(c));
    // Parentheses are the minus of that field, not of this number.
    let before = like[..like.len() - unit.len()].replace('(', "");
    let behind = &like[like.trim_end_matches(|c: char| !is_number(c)).len()..];
    let behind = behind.replace(')', "");
    if like.contains(is_number) {
        format!("{before}{number}{behind}")
    } else {
        number
    }
}

/// Digits behind the decimal sign.
fn decimals(field: &str, style: NumberStyle) -> usize {
    let sign = if style == NumberStyle::Comma {
        ','
    } else {
        '.'
    };
    let behind = field.split_once(sign).map_or("", |(_, behind)| behind);
    behind.bytes().take_while(u8::is_ascii_digit).count()
}

/// The number of a row of this origin; NaN where it is missing.
fn number(numbers: &[f64], origin: Origin) -> f64 {
    let base = numbers[origin.base() as usize];
    match origin {
        Origin::Synthetic { partner, gap, .. } | Origin::Voted { partner, gap, .. } => {
            let between = base + gap * (numbers[partner as usize] - base);
            if between.is_nan() { base } else { between }
        }
        _ => base,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn made_numbers_are_written_like_their_column() {
        let cases = [
            ("12.5", NumberStyle::Plain, "7", "12.5"),
            ("12.5", NumberStyle::Comma, "1.234,5", "12,5"),
            ("-12.5", NumberStyle::Comma, "-7,6 %", "-12,5 %"),
            ("12.5", NumberStyle::Point, "€ 1,234.5", "€ 12.5"),
            ("12.5", NumberStyle::Point, "(7.0 €)", "12.5 €"),
            ("-12.5", NumberStyle::Point, "7.0-", "-12.5"),
            ("12.5", NumberStyle::Comma, "", "12,5"),
        ];
        for (number, style, like, expected) in cases {
            assert_eq!(written(number.to_owned(), style, like), expected, "{like}");
        }
    }

    #[test]
    fn digits_behind_the_point_are_counted_as_they_are_written() {
        for (field, expected) in [("3", 0), ("3.0", 1), ("-12.00", 2), ("1e3", 0), ("", 0)] {
            assert_eq!(decimals(field, NumberStyle::Plain), expected, "{field}");
        }
        assert_eq!(decimals("1.234,50", NumberStyle::Comma), 2);
    }
}
