//! What a column holds, from its fields.

use super::{
    ColumnKind, DateOrder, Markers, NumberStyle, ReadOptions, date::may_begin_with_short_year,
};
use crate::{error::DataError, place::Place, problem::ColumnProblem};
use std::path::Path;

/// Share of numbers from which a column is one of numbers, and a word in it a mistake; the same for dates.
const MOSTLY: f64 = 0.9;
/// Digits that a number in double precision holds for certain.
const EXACT_DIGITS: usize = 15;

/// Fields that are of a kind, and the first that is not.
#[derive(Default)]
struct Fits {
    n: usize,
    first_other: Option<(Place, String)>,
}

impl Fits {
    fn see(&mut self, fits: bool, at: Place, text: &str) {
        if fits {
            self.n += 1;
        } else if self.first_other.is_none() {
            self.first_other = Some((at, text.to_owned()));
        }
    }
}

/// What was seen of a column's fields.
#[derive(Default)]
pub(super) struct Evidence {
    /// Fields that are not missing.
    n: usize,
    plain: Fits,
    point: Fits,
    comma: Fits,
    year_first: Fits,
    day_first: Fits,
    month_first: Fits,
    /// Dates that may begin with a year of two digits, and the first.
    n_short_years: usize,
    first_short_year: Option<String>,
    /// Numbers in any style, the unit of the first, and whether another one has another unit or none.
    n_numbers: usize,
    first_unit: Option<char>,
    has_mixed_units: bool,
    /// Numbers that mean one thing with a decimal point and another with a decimal comma; the first of them.
    both_ways: Option<String>,
    /// Whether a number can only be read with a decimal point.
    only_point: bool,
    /// Numbers in parentheses, which are negative beside others and may be anything alone.
    n_in_parentheses: usize,
    /// Infinite numbers, and the first.
    n_infinite: usize,
    first_infinite: Option<(Place, String)>,
    /// Whole numbers that begin with a zero, or that a double does not hold.
    n_codes: usize,
}

/// What the columns of a file say together about how it is written.
#[derive(Clone, Copy)]
pub(super) struct FileStyle {
    decimal: Option<NumberStyle>,
    /// Whether the decimal sign was given, not found.
    is_given: bool,
    date: Option<DateOrder>,
    /// Whether the order of dates was given, not found.
    is_order_given: bool,
}

impl Evidence {
    pub(super) fn see(&mut self, at: Place, field: &[u8], markers: &Markers) {
        let field = field.trim_ascii();
        if markers.is_missing(field) {
            return;
        }
        self.n += 1;
        let text = String::from_utf8_lossy(field);
        let text = &*text;
        let starts_so =
            |c: char| c.is_alphanumeric() || "+-.,−'(".contains(c) || "%€$£¥‰".contains(c);
        // Text is no number, and is told from one by its first sign or its length; it need not be tried in every way.
        let may_be = text.len() <= 40
            && text.starts_with(starts_so)
            && text.contains(|c: char| c.is_ascii_digit())
            || text.parse::<f64>().is_ok();
        if may_be {
            self.see_number(at, text);
            self.see_date(at, text);
        } else {
            let kinds = [
                &mut self.plain,
                &mut self.point,
                &mut self.comma,
                &mut self.year_first,
                &mut self.day_first,
                &mut self.month_first,
            ];
            for fits in kinds {
                fits.see(false, at, text);
            }
        }
    }

    fn see_number(&mut self, at: Place, text: &str) {
        let plain = NumberStyle::Plain.parse(text);
        let has_point = text.contains('.');
        // A whole number is one in every style, and most numbers are plain.
        let (point, comma) = match plain {
            Some(value) if has_point => (
                Some((value, None)),
                NumberStyle::Comma.parse_with_unit(text),
            ),
            Some(value) => (Some((value, None)), Some((value, None))),
            None => (
                NumberStyle::Point.parse_with_unit(text),
                NumberStyle::Comma.parse_with_unit(text),
            ),
        };
        self.plain.see(plain.is_some(), at, text);
        self.point.see(point.is_some(), at, text);
        self.comma.see(comma.is_some(), at, text);
        if let Some((value, unit)) = point.or(comma) {
            if self.n_numbers == 0 {
                self.first_unit = unit;
            }
            self.n_numbers += 1;
            self.n_in_parentheses += usize::from(text.contains('('));
            self.has_mixed_units |= self.first_unit != unit;
            if value.is_infinite() {
                self.n_infinite += 1;
                self.first_infinite
                    .get_or_insert_with(|| (at, text.to_owned()));
            }
        }
        match (point, comma) {
            (Some((one, _)), Some((other, _))) if one != other && !one.is_nan() => {
                self.both_ways.get_or_insert_with(|| text.to_owned());
            }
            (Some(_), None) => self.only_point = true,
            _ => {}
        }
        let digits = text.strip_prefix('-').unwrap_or(text);
        let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
        let is_lost =
            |value: f64| digits.len() > EXACT_DIGITS && format!("{:.0}", value.abs()) != digits;
        if is_whole
            && let Some(value) = plain
            && (digits.len() > 1 && digits.starts_with('0') || is_lost(value))
        {
            self.n_codes += 1;
        }
    }

    fn see_date(&mut self, at: Place, text: &str) {
        let see =
            |fits: &mut Fits, order: DateOrder| fits.see(order.parse(text).is_some(), at, text);
        see(&mut self.year_first, DateOrder::YearFirst);
        see(&mut self.day_first, DateOrder::DayFirst);
        see(&mut self.month_first, DateOrder::MonthFirst);
        if may_begin_with_short_year(text) {
            self.n_short_years += 1;
            self.first_short_year.get_or_insert_with(|| text.to_owned());
        }
    }

    /// Whether no field has a value.
    pub(super) fn is_empty(&self) -> bool {
        self.n == 0
    }

    fn is_all(&self, fits: &Fits) -> bool {
        self.n > 0 && fits.n == self.n
    }

    /// What the column says about how the file writes numbers: with a point, or with a comma.
    fn decimal(&self) -> Option<NumberStyle> {
        match (self.is_all(&self.point), self.is_all(&self.comma)) {
            (true, false) if self.only_point => Some(NumberStyle::Point),
            (false, true) => Some(NumberStyle::Comma),
            _ => None,
        }
    }

    /// Whether day or month comes first, where the column leaves no doubt.
    fn date(&self) -> Option<DateOrder> {
        match (self.is_all(&self.day_first), self.is_all(&self.month_first)) {
            (true, false) => Some(DateOrder::DayFirst),
            (false, true) => Some(DateOrder::MonthFirst),
            _ => None,
        }
    }

    /// What the column `name` holds.
    ///
    /// # Errors
    /// [`DataError::Column`] for a word among numbers or dates, and where two readings are possible.
    pub(super) fn kind(
        &self,
        path: &Path,
        name: &str,
        file: FileStyle,
        options: &ReadOptions,
    ) -> Result<ColumnKind, DataError> {
        let is_numbers = options.numbers.iter().any(|known| known == name);
        if self.n == 0 {
            return Ok(ColumnKind::Numbers(NumberStyle::Plain));
        }
        if !is_numbers && let Some(order) = self.date_order(path, name, file)? {
            return Ok(ColumnKind::Dates(order));
        }
        let style = self.number_style(path, name, file)?;
        let fits = match style {
            NumberStyle::Plain => &self.plain,
            NumberStyle::Point => &self.point,
            NumberStyle::Comma => &self.comma,
        };
        let is_mostly = fits.n as f64 >= MOSTLY * self.n as f64;
        let is_doubtful = self.n_codes > 0
            || self.has_mixed_units
            || self.n_in_parentheses > 0 && self.n_in_parentheses == self.n_numbers;
        if !is_numbers && (!is_mostly || is_doubtful) {
            return Ok(ColumnKind::Words);
        }
        if let Some((at, text)) = fits.first_other.as_ref().or(self.first_infinite.as_ref()) {
            let n_others = self.n - fits.n + self.n_infinite;
            let problem = ColumnProblem::AmongNumbers {
                field: text.clone(),
                n_others,
                n_fields: self.n,
            };
            return Err(DataError::column_at(path, *at, name, problem));
        }
        Ok(ColumnKind::Numbers(style))
    }

    fn number_style(
        &self,
        path: &Path,
        name: &str,
        file: FileStyle,
    ) -> Result<NumberStyle, DataError> {
        use NumberStyle::{Comma, Plain, Point};
        let all_plain = self.is_all(&self.plain);
        let both = self.is_all(&self.point) && self.is_all(&self.comma);
        if let Some(text) = self.both_ways.as_ref().filter(|_| both) {
            return match file.decimal {
                // Every program writes 1.234; in a file with decimal commas it may be a thousand.
                Some(Comma) if all_plain && !file.is_given => Err(Self::doubtful(path, name, text)),
                Some(Comma) => Ok(Comma),
                _ if all_plain => Ok(Plain),
                Some(_) => Ok(Point),
                None => Err(Self::doubtful(path, name, text)),
            };
        }
        Ok(if all_plain && both && file.decimal == Some(Comma) {
            // Whole numbers of such a file may have a comma in another one.
            Comma
        } else if self.plain.n >= self.point.n.max(self.comma.n) {
            Plain
        } else if self.point.n >= self.comma.n {
            Point
        } else {
            Comma
        })
    }

    fn doubtful(path: &Path, name: &str, text: &str) -> DataError {
        let value = |style: NumberStyle| style.parse(text).unwrap_or(f64::NAN);
        let problem = ColumnProblem::TwoDecimals {
            field: text.to_owned(),
            with_point: value(NumberStyle::Point),
            with_comma: value(NumberStyle::Comma),
        };
        DataError::column(path, name, problem)
    }

    /// The order of dates, where the column is one of dates.
    fn date_order(
        &self,
        path: &Path,
        name: &str,
        file: FileStyle,
    ) -> Result<Option<DateOrder>, DataError> {
        if self.is_all(&self.plain) {
            return Ok(None);
        }
        let orders = [
            (&self.year_first, DateOrder::YearFirst),
            (&self.day_first, DateOrder::DayFirst),
            (&self.month_first, DateOrder::MonthFirst),
        ];
        let most = orders.iter().map(|(fits, _)| fits.n).max().unwrap_or(0);
        if (most as f64) < MOSTLY * self.n as f64 {
            return Ok(None);
        }
        if self.is_all(&self.year_first) {
            return Ok(Some(DateOrder::YearFirst));
        }
        if let Some(field) = self.first_short_year.as_ref()
            && self.n_short_years == self.n
            && !file.is_order_given
        {
            let problem = ColumnProblem::YearFirstOrLast {
                field: field.clone(),
                month_first: self.is_all(&self.month_first),
                day_first: self.is_all(&self.day_first),
            };
            return Err(DataError::column(path, name, problem));
        }
        if self.is_all(&self.day_first) && self.is_all(&self.month_first) {
            let doubt = || DataError::column(path, name, ColumnProblem::DayOrMonth);
            return Ok(Some(file.date.ok_or_else(doubt)?));
        }
        let (fits, order) = orders
            .into_iter()
            .rev()
            .max_by_key(|(fits, order)| (fits.n, file.date == Some(*order)))
            .expect("there are orders");
        match &fits.first_other {
            None => Ok(Some(order)),
            Some((at, text)) => {
                let problem = ColumnProblem::AmongDates {
                    field: text.clone(),
                    n_others: self.n - fits.n,
                    n_fields: self.n,
                };
                Err(DataError::column_at(path, *at, name, problem))
            }
        }
    }
}

impl FileStyle {
    /// What the columns say together; what is given goes before what is found.
    pub(super) fn of<'e>(
        columns: impl Iterator<Item = &'e Evidence> + Clone,
        options: &ReadOptions,
    ) -> Self {
        Self {
            decimal: options
                .decimal
                .or_else(|| agreed(columns.clone().map(Evidence::decimal))),
            is_given: options.decimal.is_some(),
            date: options
                .dates
                .or_else(|| agreed(columns.map(Evidence::date))),
            is_order_given: options.dates.is_some(),
        }
    }
}

/// What all that say something say; none where they differ.
fn agreed<T: PartialEq + Copy>(said: impl Iterator<Item = Option<T>>) -> Option<T> {
    let mut said = said.flatten();
    let first = said.next()?;
    said.all(|other| other == first).then_some(first)
}
