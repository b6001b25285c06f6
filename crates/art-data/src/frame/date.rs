//! Dates as people and programs write them, as days.

use super::number::is_decimal;
use chrono::{DateTime, NaiveDate, NaiveTime};
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

/// Seconds of a day.
const DAY: f64 = 86_400.0;

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

    /// The date and time `days` from 1970-01-01 in the form of `like`, a date of this order: its marks, digits and names, its
    /// time of day as precisely, its offset from UTC. None where that is no date.
    ///
    /// ```
    /// use art_data::DateOrder::DayFirst;
    /// assert_eq!(DayFirst.write_like(19_787.0, "31.12.2023").unwrap(), "05.03.2024");
    /// assert_eq!(DayFirst.write_like(19_787.5, "1-Jan-99 8:30").unwrap(), "5-Mar-24 12:00");
    /// ```
    pub fn write_like(self, days: f64, like: &str) -> Option<String> {
        self.parse(like)?;
        let (date, time) = cut(like);
        let (form, unit, east) = clock_form(time)?;
        let steps = (days + east / DAY) * DAY / unit;
        // A day lasts to its end; a clock shows the nearest of its steps.
        let steps = if time.is_empty() {
            steps.floor()
        } else {
            steps.round()
        };
        let microseconds = steps * unit * 1e6;
        let whole = microseconds.is_finite().then_some(microseconds as i64)?;
        let at = DateTime::from_timestamp_micros(whole)?.naive_utc();
        let runs = date.split(|c: char| !c.is_ascii_alphanumeric());
        let runs: Vec<&str> = runs.filter(|run| !run.is_empty()).collect();
        let parts = match (self, runs.first()?.len()) {
            (_, 4) | (Self::YearFirst, _) => "ymd",
            (Self::DayFirst, _) => "dmy",
            (Self::MonthFirst, _) => "mdy",
        };
        let mut pattern = String::new();
        let mut rest = date;
        for (run, part) in runs.into_iter().zip(parts.chars()) {
            let (marks, behind) = rest.split_once(run)?;
            pattern.push_str(marks);
            pattern.push_str(match (part, run.len()) {
                ('y', 2) => "%y",
                ('y', _) => "%Y",
                ('m', _) if run.starts_with(|c: char| c.is_ascii_alphabetic()) => {
                    if run.len() == 3 { "%b" } else { "%B" }
                }
                ('m', 1) => "%-m",
                ('m', _) => "%m",
                (_, 1) => "%-d",
                _ => "%d",
            });
            rest = behind;
        }
        let between = &like[date.len()..like.len() - time.len()];
        let pattern = format!("{pattern}{rest}{between}{form}");
        Some(at.format(&pattern).to_string())
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

/// Whether `text` is a date of numbers alone that may have its year in front, in two digits: 22-03-13 or 22/03/13. With points
/// nobody writes it so.
pub(super) fn may_begin_with_short_year(text: &str) -> bool {
    let (date, _) = cut(text);
    let parts: Vec<&str> = date.split(['-', '/']).collect();
    let [year, rest @ ..] = &parts[..] else {
        return false;
    };
    let is_numbers = parts
        .iter()
        .all(|part| part.bytes().all(|byte| byte.is_ascii_digit()));
    let in_full = format!("20{year}-{}", rest.join("-"));
    is_numbers
        && rest.len() == 2
        && year.len() == 2
        && rest[1].len() == 2
        && DateOrder::YearFirst.days(&in_full).is_some()
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
        let noon = DAY / 2.0;
        if !(3600.0..noon + 3600.0).contains(&seconds) {
            return None;
        }
        seconds = seconds % noon + if is_afternoon { noon } else { 0.0 };
    }
    Some((seconds - offset(zone)?) / DAY)
}

/// How a time of day is written, the seconds that its last digit stands for, and its seconds east of UTC.
fn clock_form(time: &str) -> Option<(String, f64, f64)> {
    if time.is_empty() {
        // The day that a time is in.
        return Some((String::new(), DAY, 0.0));
    }
    let begin = time.find(|c: char| c.is_ascii_digit())?;
    let (before, clock) = time.split_at(begin);
    let end = clock.find(|c: char| !(c.is_ascii_digit() || ":.".contains(c)));
    let (clock, behind) = clock.split_at(end.unwrap_or(clock.len()));
    let zone = behind.trim_start();
    let is_half = zone
        .get(..2)
        .is_some_and(|half| half.eq_ignore_ascii_case("am") || half.eq_ignore_ascii_case("pm"));
    let hour = match (is_half, clock.find(':')?) {
        (true, 1) => "%-I",
        (true, _) => "%I",
        (false, 1) => "%-H",
        (false, _) => "%H",
    };
    let (seconds, unit) = match (clock.matches(':').count(), clock.split_once('.')) {
        (1, _) => ("", 60.0),
        (_, None) => (":%S", 1.0),
        (_, Some((_, digits))) if digits.len() <= 3 => (":%S%.3f", 1e-3),
        _ => (":%S%.6f", 1e-6),
    };
    let gap = &behind[..behind.len() - zone.len()];
    let (half, zone) = if is_half {
        ("%p", &zone[2..])
    } else {
        ("", zone)
    };
    let form = format!("{before}{hour}:%M{seconds}{gap}{half}{zone}");
    Some((form, unit, offset(zone.trim())?))
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
    fn a_date_is_written_like_another() {
        // 2024-03-05 at 6 in the evening, and a bit.
        let days = 19_787.75 + 1e-9;
        for (order, like, expected) in [
            (YearFirst, "2021-12-31", "2024-03-05"),
            (DayFirst, "2021/1/1", "2024/3/5"),
            (YearFirst, "2021-12", "2024-03"),
            (DayFirst, "31.12.21", "05.03.24"),
            (MonthFirst, "January 1, 2021", "March 5, 2024"),
            (YearFirst, "2021-01-01T08:00:00Z", "2024-03-05T18:00:00Z"),
            (
                YearFirst,
                "2021-01-01 08:00:00.250 +02:00",
                "2024-03-05 20:00:00.000 +02:00",
            ),
            (MonthFirst, "1/1/2021 9:00 AM", "3/5/2024 6:00 PM"),
        ] {
            let written = order.write_like(days, like).unwrap();
            assert_eq!(written, expected);
            let apart = order.parse(&written).unwrap() - days;
            assert!(apart.abs() < 1.0 || like.len() == 7, "{written}");
        }
        assert_eq!(DayFirst.write_like(f64::NAN, "31.12.21"), None);
    }

    #[test]
    fn a_year_of_two_digits_may_stand_in_front() {
        for text in ["22-03-13", "22/03/13", "01-01-01 10:00"] {
            assert!(may_begin_with_short_year(text), "{text}");
        }
        for text in [
            "22-13-03",
            "2022-03-13",
            "22.03.13",
            "22-03-2013",
            "5/3/24",
            "22-Mar-13",
            "1-2",
        ] {
            assert!(!may_begin_with_short_year(text), "{text}");
        }
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
