//! How numbers are written, here and elsewhere.

use serde::{Deserialize, Serialize};

/// How the numbers of a column are written.
///
/// ```
/// use art_data::NumberStyle;
/// assert_eq!(NumberStyle::Comma.parse("2.793,89 €"), Some(2793.89));
/// assert_eq!(NumberStyle::Point.parse("2,793.89"), Some(2793.89));
/// assert_eq!(NumberStyle::Plain.parse("2,793.89"), None);
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NumberStyle {
    /// As programs write them: `-12.5`, `1e6`.
    #[default]
    Plain,
    /// With a decimal point, and perhaps groups of digits, a unit, or the minus of a ledger: `1,234.5`, `1’234.5`,
    /// `1,23,456.0`, `12.5 %`, `(135.29)`, `135.29-`.
    Point,
    /// With a decimal comma, and the same besides: `1.234,5`, `7,6 %`, `135,29-`.
    Comma,
}

/// Signs of units that may stand before or behind a number.
const UNITS: [char; 6] = ['%', '€', '$', '£', '¥', '‰'];
/// Signs between groups of digits, besides the comma or the point.
const SPACES: [char; 5] = [' ', '\u{a0}', '\u{202f}', '\'', '\u{2019}'];

impl NumberStyle {
    /// The number that `text` is in this style; infinite or NaN where it says so.
    pub fn parse(self, text: &str) -> Option<f64> {
        match self {
            Self::Plain => text.parse().ok(),
            _ => self.parse_with_unit(text).map(|(value, _)| value),
        }
    }

    /// The number, and the unit beside it.
    pub(super) fn parse_with_unit(self, text: &str) -> Option<(f64, Option<char>)> {
        if let (Self::Plain | Self::Point, Ok(value)) = (self, text.parse()) {
            return Some((value, None));
        }
        // The usual number of a program is one with a decimal comma where its point may stand before thousands.
        if self == Self::Comma && fraction_of_decimal(text).is_some_and(|n| n != 3) {
            return None;
        }
        let (decimal, group) = match self {
            Self::Plain => return None,
            Self::Point => ('.', ','),
            Self::Comma => (',', '.'),
        };
        let (text, unit) = without_unit(text);
        let (text, inner_unit, is_negative) = match of_ledger(text, decimal) {
            Some(text) => {
                let (text, unit) = without_unit(text);
                (text, unit, true)
            }
            None => match behind_minus(text) {
                Some((text, inner)) => (text, Some(inner), true),
                None => (text, None, false),
            },
        };
        if is_negative && text.starts_with(['-', '−', '+']) {
            return None;
        }
        let value: f64 = plain(text, decimal, group)?.parse().ok()?;
        let value = if is_negative { -value } else { value };
        Some((value, unit.or(inner_unit)))
    }
}

/// Digits behind the point of a text that is one point among digits, behind a minus or not.
fn fraction_of_decimal(text: &str) -> Option<usize> {
    let (whole, fraction) = text.strip_prefix('-').unwrap_or(text).split_once('.')?;
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_digits(whole) && is_digits(fraction)).then_some(fraction.len())
}

/// Whether a text is digits and at most one point, behind a minus or not.
pub(super) fn is_decimal(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let mut n_points = 0;
    digits.bytes().all(|byte| {
        n_points += usize::from(byte == b'.');
        byte.is_ascii_digit() || byte == b'.' && n_points == 1
    })
}

/// The amount of a number that is negative as ledgers write it: in parentheses, or with the minus behind a fraction. Behind a
/// whole number it may be a grade, or a range without an end.
fn of_ledger(text: &str, decimal: char) -> Option<&str> {
    if let Some(inner) = text.strip_prefix('(') {
        return inner.strip_suffix(')');
    }
    let amount = text.strip_suffix(['-', '−'])?;
    amount.contains(decimal).then_some(amount)
}

/// What stands behind a minus and the unit behind that, and the unit: -$20.50.
fn behind_minus(text: &str) -> Option<(&str, char)> {
    let amount = text.strip_prefix(['-', '−'])?;
    let unit = UNITS.into_iter().find(|unit| amount.starts_with(*unit))?;
    let amount = amount.strip_prefix(unit)?;
    Some((
        amount.trim_start_matches(|c: char| SPACES[..3].contains(&c)),
        unit,
    ))
}

/// `text` without a unit at one of its ends.
fn without_unit(text: &str) -> (&str, Option<char>) {
    let is_space = |c: char| SPACES[..3].contains(&c);
    for unit in UNITS {
        let rest = text.strip_suffix(unit).or_else(|| text.strip_prefix(unit));
        if let Some(rest) = rest {
            return (rest.trim_matches(is_space), Some(unit));
        }
    }
    (text, None)
}

/// The same number as programs write it; none where it is no number of this style.
fn plain(text: &str, decimal: char, group: char) -> Option<String> {
    let mut made = String::with_capacity(text.len());
    let mut rest = text;
    if let Some(behind) = rest.strip_prefix(['-', '−']) {
        made.push('-');
        rest = behind;
    } else if let Some(behind) = rest.strip_prefix('+') {
        rest = behind;
    }
    let (mantissa, exponent) = match rest.find(['e', 'E']) {
        Some(at) => rest.split_at(at),
        None => (rest, ""),
    };
    let (whole, fraction) = match mantissa.split_once(decimal) {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (mantissa, None),
    };
    let is_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let separator = whole.chars().find(|c| !c.is_ascii_digit());
    if let Some(separator) = separator {
        if separator != group && !SPACES.contains(&separator) {
            return None;
        }
        let groups: Vec<&str> = whole.split(separator).collect();
        let (first, last) = (groups[0], groups[groups.len() - 1]);
        let between = &groups[1..groups.len() - 1];
        let are = |groups: &[&str], len: usize| groups.iter().all(|group| group.len() == len);
        // India writes lakhs and crores: the last group has three digits, those before it two.
        let is_indian = group == ',' && first.len() < 3 && !between.is_empty() && are(between, 2);
        // A group that begins with 0 is the whole part of a number below 1, not thousands.
        let starts = (1..=3).contains(&first.len()) && !first.starts_with('0');
        let are_digits = groups.iter().all(|group| is_digits(group));
        if !starts || !are_digits || last.len() != 3 || !(are(between, 3) || is_indian) {
            return None;
        }
        made.push_str(&groups.concat());
    } else {
        made.push_str(whole);
    }
    let fraction = fraction.unwrap_or("");
    if !is_digits(fraction) || whole.is_empty() && fraction.is_empty() {
        return None;
    }
    if !fraction.is_empty() {
        made.push('.');
        made.push_str(fraction);
    }
    made.push_str(exponent);
    Some(made)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_before_three_digits_alone_may_stand_before_thousands() {
        for whole in ["", "0", "7", "12", "012", "123", "1234"] {
            for fraction in ["", "1", "25", "125", "1250"] {
                for sign in ["", "-"] {
                    let text = format!("{sign}{whole}.{fraction}");
                    let is_group = (1..=3).contains(&whole.len())
                        && !whole.starts_with('0')
                        && fraction.len() == 3;
                    let thousands = format!("{sign}{whole}{fraction}").parse().ok();
                    let expected: Option<f64> = thousands.filter(|_| is_group);
                    assert_eq!(NumberStyle::Comma.parse(&text), expected, "{text}");
                }
            }
        }
    }

    #[test]
    fn each_style_reads_its_own_numbers() {
        let cases: &[(&str, [Option<f64>; 3])] = &[
            ("12", [Some(12.0), Some(12.0), Some(12.0)]),
            ("-7.6", [Some(-7.6), Some(-7.6), None]),
            ("7,6", [None, None, Some(7.6)]),
            ("0,500", [None, None, Some(0.5)]),
            ("1,234", [None, Some(1234.0), Some(1.234)]),
            ("1.234", [Some(1.234), Some(1.234), Some(1234.0)]),
            ("1.234.567", [None, None, Some(1_234_567.0)]),
            ("1,234,567.8", [None, Some(1_234_567.8), None]),
            ("2.793,89", [None, None, Some(2793.89)]),
            ("1 234,5", [None, None, Some(1234.5)]),
            ("1'234.5", [None, Some(1234.5), None]),
            ("3,83%", [None, None, Some(3.83)]),
            ("$ 3.50", [None, Some(3.5), None]),
            ("−4,5", [None, None, Some(-4.5)]),
            ("1,5e3", [None, None, Some(1500.0)]),
            (",5", [None, None, Some(0.5)]),
            ("1e6", [Some(1e6), Some(1e6), Some(1e6)]),
            ("1’234.50", [None, Some(1234.5), None]),
            ("12,34,567", [None, Some(1_234_567.0), None]),
            ("1,23,456.00", [None, Some(123_456.0), None]),
            ("123,45,678", [None, None, None]),
            ("1,2,345", [None, None, None]),
            ("12.34.567", [None, None, None]),
            ("(135.29)", [None, Some(-135.29), None]),
            ("(1.135,29 €)", [None, None, Some(-1135.29)]),
            ("$(7)", [None, Some(-7.0), Some(-7.0)]),
            ("(-7)", [None, None, None]),
            ("(7", [None, None, None]),
            ("135.29-", [None, Some(-135.29), None]),
            ("-$20.50", [None, Some(-20.5), None]),
            ("-€ 1.135,29", [None, None, Some(-1135.29)]),
            ("-$-20", [None, None, None]),
            ("2-", [None, None, None]),
            ("1.2.2024", [None, None, None]),
            ("abc", [None, None, None]),
            ("%", [None, None, None]),
            ("", [None, None, None]),
            (",", [None, None, None]),
            ("1,", [None, None, Some(1.0)]),
        ];
        for (text, expected) in cases {
            let styles = [NumberStyle::Plain, NumberStyle::Point, NumberStyle::Comma];
            assert_eq!(styles.map(|style| style.parse(text)), *expected, "{text:?}");
        }
    }

    #[test]
    fn units_are_told() {
        let with_unit = |text| NumberStyle::Comma.parse_with_unit(text).unwrap().1;
        assert_eq!(with_unit("3,83%"), Some('%'));
        assert_eq!(with_unit("€ 3"), Some('€'));
        assert_eq!(with_unit("3"), None);
    }
}
