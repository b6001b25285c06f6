//! Dates as people and programs write them, as days.

use super::number::is_decimal;
use chrono::{NaiveDate, NaiveTime};
use serde::{Deserialize, Serialize};
use std::fmt;

/// In which order the dates of a column have their parts.
///
/// 2024-01-31 is read in any order. Parts stand apart by `-`, `/`, `.` or spaces; months are numbers or English names, years have four digits, or two
/// (69 to 99 are of the last century) where they stand last. A time of day may follow, in 24 or 12 hours, and an offset from UTC,
/// which is taken off.
///
/// ```
/// use art_data::DateOrder;
/// assert_eq!(DateOrder::YearFirst.parse("1970-01-02"), Some(1.0));
/// assert_eq!(DateOrder::DayFirst.parse("2.1.1970 12:00"), Some(1.5));
/// assert_eq!(DateOrder::MonthFirst.parse("1/2/1970"), Some(1.0));
/// assert_eq!(DateOrder::DayFirst.parse("31/02/2024"), None);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DateOrder {
    /// 2024-01-31, or 2024-01 for the first of the month.
    YearFirst,
    /// 31/01/2024, 31.1.2024, 31-Jan-2024.
    DayFirst,
    /// 01/31/2024, Jan 31, 2024.
    MonthFirst,
}

impl fmt::Display for DateOrder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::YearFirst => "year first",
            Self::DayFirst => "day first",
            Self::MonthFirst => "month first",
        })
    }
}

const MONTHS: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

impl DateOrder {
    /// Days from 1970-01-01 to the date that `text` is, parts of a day included.
    pub fn parse(self, text: &str) -> Option<f64> {
        // A date has two marks, or a year before the only one, which is a minus.
        if !(6..=40).contains(&text.len()) || !text.is_ascii() || is_decimal(text) {
            return None;
        }
        let (date, time) = cut(text);
        // A year of four digits in front leaves no doubt in any order.
        let days = self.days(date).or_else(|| Self::YearFirst.days(date))?;
        Some(f64::from(days) + day_part(time)?)
    }

    /// The date `days` from 1970-01-01, without the time of day, in this order.
    pub fn write(self, days: f64) -> Option<String> {
        let days = days.is_finite().then(|| days.floor() as i32)?;
        let date = NaiveDate::from_epoch_days(days)?;
        let pattern = match self {
            Self::YearFirst => "%Y-%m-%d",
            Self::DayFirst => "%d/%m/%Y",
            Self::MonthFirst => "%m/%d/%Y",
        };
        Some(date.format(pattern).to_string())
    }

    fn days(self, date: &str) -> Option<i32> {
        let is_mark = |c: char| "-/.".contains(c);
        let mark = date.chars().find(|&c| is_mark(c) || c == ' ')?;
        let date = date.replace(", ", " ");
        let parts: Vec<&str> = date.split(mark).collect();
        let number = |text: &str| {
            let is_number =
                (1..=4).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
            is_number.then(|| text.parse::<u32>().ok()).flatten()
        };
        let month = |text: &str| match number(text) {
            Some(month) => (text.len() <= 2).then_some(month),
            None => named_month(text),
        };
        let day = |text: &str| number(text).filter(|_| text.len() <= 2);
        let last_year = |text: &str| match (text.len(), number(text)?) {
            (4, year) => Some(year),
            (2, year) => Some(if year < 69 { 2000 + year } else { 1900 + year }),
            _ => None,
        };
        let (year, month, day) = match (self, &*parts) {
            (Self::YearFirst, [year, month_of])
                if year.len() == 4 && month_of.len() == 2 && mark == '-' =>
            {
                (number(year)?, month(month_of)?, 1)
            }
            (Self::YearFirst, [year, month_of, day_of]) if year.len() == 4 => {
                (number(year)?, month(month_of)?, day(day_of)?)
            }
            (Self::DayFirst, [day_of, month_of, year]) => {
                (last_year(year)?, month(month_of)?, day(day_of)?)
            }
            // With points nobody writes the month first.
            (Self::MonthFirst, [month_of, day_of, year]) if mark != '.' => {
                (last_year(year)?, month(month_of)?, day(day_of)?)
            }
            _ => return None,
        };
        // Three numbers with spaces between them are no date.
        if mark == ' ' && !date.contains(|c: char| c.is_ascii_alphabetic()) {
            return None;
        }
        let date = NaiveDate::from_ymd_opt(year as i32, month, day)?;
        Some(date.to_epoch_days())
    }
}

/// The month of an English name, in full or its first three letters.
pub(super) fn named_month(text: &str) -> Option<u32> {
    let text = text.trim_end_matches('.').to_ascii_lowercase();
    let is_it = |name: &str| {
        text.len() >= 3
            && (text == name || text == name[..3] || text == "sept" && name.starts_with("sept"))
    };
    let place = MONTHS.iter().position(|name| is_it(name))?;
    Some(place as u32 + 1)
}

/// The date and the time behind it, which is empty where there is none.
pub(super) fn cut(text: &str) -> (&str, &str) {
    let Some(colon) = text.find(':') else {
        return (text, "");
    };
    let digits = text[..colon].trim_end_matches(|c: char| c.is_ascii_digit());
    match digits.strip_suffix(['T', 't', ' ']) {
        Some(date) => (date.trim_end(), &text[digits.len()..]),
        None => (text, ""),
    }
}

/// The part of a day that has gone by at `time`, less the offset from UTC that stands behind it.
fn day_part(time: &str) -> Option<f64> {
    const SECONDS: f64 = 86_400.0;
    if time.is_empty() {
        return Some(0.0);
    }
    let end = time.find(|c: char| !(c.is_ascii_digit() || ":.".contains(c)));
    let (clock, zone) = time.split_at(end.unwrap_or(time.len()));
    let zone = zone.trim();
    let (half, zone) = match zone.get(..2).map(str::to_ascii_uppercase).as_deref() {
        Some(half @ ("AM" | "PM")) => (Some(half == "PM"), zone[2..].trim()),
        _ => (None, zone),
    };
    let parsed = ["%H:%M:%S%.f", "%H:%M"]
        .iter()
        .find_map(|pattern| NaiveTime::parse_from_str(clock, pattern).ok())?;
    let since_midnight = parsed.signed_duration_since(NaiveTime::MIN);
    let mut seconds = since_midnight.num_microseconds()? as f64 / 1e6;
    if let Some(is_afternoon) = half {
        let noon = SECONDS / 2.0;
        if !(3600.0..noon + 3600.0).contains(&seconds) {
            return None;
        }
        seconds = seconds % noon + if is_afternoon { noon } else { 0.0 };
    }
    Some((seconds - offset(zone)?) / SECONDS)
}

/// Seconds east of UTC.
fn offset(zone: &str) -> Option<f64> {
    if ["", "Z", "z", "UTC", "GMT"].contains(&zone) {
        return Some(0.0);
    }
    let sign = match zone.chars().next()? {
        '+' => 1.0,
        '-' => -1.0,
        _ => return None,
    };
    let digits = zone[1..].replace(':', "");
    let is_offset = [2, 4].contains(&digits.len()) && digits.bytes().all(|b| b.is_ascii_digit());
    let number: u32 = digits.parse().ok().filter(|_| is_offset)?;
    let (hours, minutes) = if digits.len() == 2 {
        (number, 0)
    } else {
        (number / 100, number % 100)
    };
    Some(sign * f64::from(3600 * hours + 60 * minutes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use DateOrder::{DayFirst, MonthFirst, YearFirst};

    #[test]
    fn common_forms_are_days() {
        // 2024-03-05 is 19787 days after 1970-01-01.
        let cases = [
            (YearFirst, "2024-03-05"),
            (YearFirst, "2024/3/5"),
            (YearFirst, "2024.03.05"),
            (DayFirst, "05.03.2024"),
            (DayFirst, "5.3.24"),
            (DayFirst, "05/03/2024"),
            (DayFirst, "5-Mar-2024"),
            (DayFirst, "5 March 2024"),
            (MonthFirst, "03/05/2024"),
            (MonthFirst, "3-5-24"),
            (MonthFirst, "Mar 5, 2024"),
            (MonthFirst, "March 5, 2024"),
        ];
        for (order, text) in cases {
            assert_eq!(order.parse(text), Some(19_787.0), "{text}");
        }
        assert_eq!(YearFirst.parse("2024-03"), Some(19_783.0));
        assert_eq!(DayFirst.parse("31.12.69"), Some(-1.0));
    }

    #[test]
    fn times_are_parts_of_days_at_utc() {
        let cases = [
            ("2024-03-05T12:00:00Z", 0.5),
            ("2024-03-05 12:00", 0.5),
            ("2024-03-05 12:00:00 +00:00", 0.5),
            ("2024-03-05 14:00:00.000+02:00", 0.5),
            ("2024-03-05T06:00:00-0600", 0.5),
            ("2024-03-05 12:00 UTC", 0.5),
            ("2024-03-05 6:00 PM", 0.75),
            ("2024-03-05 12:00 am", 0.0),
        ];
        for (text, part) in cases {
            assert_eq!(YearFirst.parse(text), Some(19_787.0 + part), "{text}");
        }
        assert_eq!(MonthFirst.parse("3/5/2024 6:00:00 PM"), Some(19_787.75));
    }

    #[test]
    fn what_is_no_date_is_none() {
        for text in [
            "",
            "12",
            "2024",
            "12.5",
            "1.2.3",
            "10.0.19x",
            "2024-13-01",
            "2024-02-30",
            "31/12",
            "12:30",
            "1 2 2024",
            "2024-1",
            "Monday",
            "a-b-c",
            "2024-01-01 25:00",
            "2024-01-01 10:00 CET",
            "1234-567-89",
            "+49-30-123456",
        ] {
            for order in [YearFirst, DayFirst, MonthFirst] {
                assert_eq!(order.parse(text), None, "{text} {order:?}");
            }
        }
        assert_eq!(MonthFirst.parse("03.05.2024"), None);
    }

    #[test]
    fn a_date_is_written_in_its_order() {
        for (order, text) in [
            (YearFirst, "2024-03-05"),
            (DayFirst, "05/03/2024"),
            (MonthFirst, "03/05/2024"),
        ] {
            assert_eq!(order.write(19_787.5).as_deref(), Some(text));
            assert_eq!(order.parse(text), Some(19_787.0));
        }
        assert_eq!(YearFirst.write(f64::NAN), None);
    }
}
