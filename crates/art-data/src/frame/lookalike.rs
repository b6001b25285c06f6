//! Words that look like numbers, dates or times, and are written in no one form that is known.

use super::{
    Column, DateOrder, NumberStyle, Values,
    date::{cut, named_month},
};
use std::collections::{BTreeMap, BTreeSet};

/// Fewer different words may look like anything.
const FEWEST: usize = 18;
/// Most units of one quantity; more are parts of codes.
const MOST_UNITS: usize = 4;
/// Most names of months, in two languages or in full and short.
const MOST_MONTHS: usize = 24;

/// What the words of a column look like, though they cannot be read so.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Lookalike {
    /// What they look like.
    pub like: LookalikeKind,
    /// Fields that look so.
    pub n: usize,
    /// Fields that have a value.
    pub of: usize,
    /// Two of those that look so, in different forms where there are some.
    pub examples: Vec<String>,
    /// The forms, such as "with %", and how many fields have each, the most frequent first; empty where all have one.
    pub forms: Vec<(String, usize)>,
    /// The most frequent word that does not look so.
    pub other: Option<String>,
}

/// What words may look like.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookalikeKind {
    /// Numbers, such as 9.0 kg, or 12 beside 12 %.
    Numbers,
    /// Dates, such as 28JAN2023 or 3. März 2021.
    Dates,
    /// Times of a day, or how long something took.
    Times,
}

impl Column {
    /// What nine in ten of its many different words look like: numbers, dates or times that cannot be read so. None where they
    /// could be, and were declared words.
    pub fn lookalike(&self) -> Option<Lookalike> {
        let Values::Words { levels, .. } = &self.values else {
            return None;
        };
        if levels.len() < FEWEST {
            return None;
        }
        let counts = self.values.level_counts();
        numbers(levels, &counts)
            .or_else(|| dates(levels, &counts))
            .or_else(|| times(levels, &counts))
    }
}

/// How a number is written.
struct NumberForm {
    /// What stands beside it.
    unit: String,
    decimal: &'static str,
    minus: &'static str,
    /// Whether programs write numbers so.
    is_plain: bool,
}

fn numbers(levels: &[String], counts: &[usize]) -> Option<Lookalike> {
    let forms = forms_of(levels, number_form)?;
    let units: BTreeSet<&str> = forms.iter().flatten().map(|form| &*form.unit).collect();
    if units.len() > MOST_UNITS {
        return None;
    }
    let known = || forms.iter().flatten();
    let fits = |style: NumberStyle| {
        let fits = levels.iter().map(|level| style.parse(level).is_some());
        nearly_all(fits, counts)
    };
    // What can be read was declared words, or has too many words beside it.
    let is_read = known().all(|form| form.is_plain)
        || units.len() == 1
            && !known().all(|form| form.minus == PARENTHESES)
            && (fits(NumberStyle::Point) || fits(NumberStyle::Comma));
    if is_read {
        return None;
    }
    let with_unit = |form: &NumberForm| match &*form.unit {
        "" => "without".to_owned(),
        unit => format!("with {unit}"),
    };
    let ways: [&dyn Fn(&NumberForm) -> String; 3] =
        [&with_unit, &|form| form.decimal.to_owned(), &|form| {
            form.minus.to_owned()
        }];
    // The first way in which they differ.
    let differ = |way: &&&dyn Fn(&NumberForm) -> String| {
        let kinds: BTreeSet<String> = known().map(*way).filter(|kind| !kind.is_empty()).collect();
        kinds.len() > 1
    };
    let way = ways.iter().find(differ);
    let kind = |form: &Option<NumberForm>| {
        let kind = way.map(|way| form.as_ref().map(way));
        kind.flatten().filter(|kind| !kind.is_empty())
    };
    let kinds: Vec<Option<String>> = forms.iter().map(kind).collect();
    let looks_so: Vec<bool> = forms.iter().map(Option::is_some).collect();
    let like = LookalikeKind::Numbers;
    Some(seen(like, levels, counts, &looks_so, &kinds))
}

const PARENTHESES: &str = "in parentheses";

/// How `text` is written, where it looks like a number, perhaps beside a unit that is not known here.
fn number_form(text: &str) -> Option<NumberForm> {
    const LONG: usize = 15;
    const LONGEST_UNIT: usize = 8;
    let is_digit = |c: char| c.is_ascii_digit();
    let (first, last) = (text.find(is_digit)?, text.rfind(is_digit)? + 1);
    let (before, digits, behind) = (&text[..first], &text[first..last], &text[last..]);
    // A code is compared as it is written.
    let is_whole = text.chars().all(is_digit);
    if is_whole && (text.len() > LONG || text.len() > 1 && text.starts_with('0')) {
        return None;
    }
    let parsed = |style: NumberStyle| style.parse(digits).is_some();
    let (point, comma) = (parsed(NumberStyle::Point), parsed(NumberStyle::Comma));
    if !point && !comma {
        return None;
    }
    let decimal = match (point, comma) {
        (true, false) => "with a decimal point",
        (false, true) => "with a decimal comma",
        _ => "",
    };
    let minus = if before.contains('(') && behind.contains(')') {
        PARENTHESES
    } else if behind.starts_with(['-', '−']) {
        "with a minus behind"
    } else {
        ""
    };
    let is_mark = |c: char| "+-−().,".contains(c) || c.is_whitespace();
    let (front, back) = (before.trim_matches(is_mark), behind.trim_matches(is_mark));
    let has_sign = |text: &str| text.chars().all(|c| "%‰€$£¥".contains(c));
    let is_unit = |c: char| c.is_alphabetic() || "%‰€$£¥°²³µ/".contains(c);
    // A letter behind a whole number is rather a part of a code, as in 12B.
    let is_apart = digits.contains(['.', ',']) || behind.starts_with(char::is_whitespace);
    let is_certain = has_sign(back) || back.chars().count() > 1 || "kKmM".contains(back);
    let is_likely = (has_sign(front) || digits.contains(['.', ','])) && (is_apart || is_certain);
    let unit = format!("{front}{back}");
    let is_one = unit.chars().count() <= LONGEST_UNIT && unit.chars().all(is_unit);
    (is_one && is_likely).then_some(NumberForm {
        unit,
        decimal,
        minus,
        is_plain: text.parse::<f64>().is_ok(),
    })
}

fn dates(levels: &[String], counts: &[usize]) -> Option<Lookalike> {
    let forms = forms_of(levels, date_form)?;
    let months: BTreeSet<&str> = forms.iter().flatten().map(|(_, month)| &**month).collect();
    if months.len() > MOST_MONTHS {
        return None;
    }
    let orders = [
        DateOrder::YearFirst,
        DateOrder::DayFirst,
        DateOrder::MonthFirst,
    ];
    let fits = |order: &DateOrder| {
        let fits = levels.iter().map(|level| order.parse(level).is_some());
        nearly_all(fits, counts)
    };
    if orders.iter().any(fits) {
        return None;
    }
    let mut kinds: Vec<Option<String>> = forms
        .iter()
        .map(|form| form.as_ref().map(|(form, _)| form.clone()))
        .collect();
    let different: BTreeSet<&String> = kinds.iter().flatten().collect();
    if different.len() == 1 {
        let order = |level: &String| {
            let [_, day, month] = orders.map(|order| order.parse(level).is_some());
            match (day, month) {
                (true, false) => Some(format!("with the {}", DateOrder::DayFirst)),
                (false, true) => Some(format!("with the {}", DateOrder::MonthFirst)),
                _ => None,
            }
        };
        kinds = levels.iter().map(order).collect();
    } else {
        // A form is known by the first date that is written so.
        let mut first: BTreeMap<String, &String> = BTreeMap::new();
        for (kind, level) in kinds.iter_mut().zip(levels) {
            if let Some(kind) = kind {
                let example = first.entry(kind.clone()).or_insert(level);
                *kind = format!("like {example:?}");
            }
        }
    }
    let looks_so: Vec<bool> = forms.iter().map(Option::is_some).collect();
    Some(seen(
        LookalikeKind::Dates,
        levels,
        counts,
        &looks_so,
        &kinds,
    ))
}

/// The form of what looks like a date, and the name of its month in small letters.
fn date_form(text: &str) -> Option<(String, String)> {
    const LONGEST: usize = 40;
    if text.len() > LONGEST || !text.contains(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let (date, _) = cut(text);
    let mut parts: Vec<&str> = vec![];
    let mut form = String::new();
    let mut rest = date;
    while let Some(c) = rest.chars().next() {
        let is_same: fn(char) -> bool = match c {
            _ if c.is_ascii_digit() => |c| c.is_ascii_digit(),
            _ if c.is_alphabetic() => char::is_alphabetic,
            _ if "-/., '’".contains(c) || c.is_whitespace() => |c| !c.is_alphanumeric(),
            _ => return None,
        };
        let end = rest.find(|c| !is_same(c)).unwrap_or(rest.len());
        let (part, behind) = rest.split_at(end);
        if c.is_alphanumeric() {
            parts.push(part);
        }
        match c {
            _ if !c.is_alphanumeric() => form.push_str(part),
            _ if c.is_alphabetic() => form.push('a'),
            _ => form.push(if part.len() > 2 { 'y' } else { 'd' }),
        }
        rest = behind;
    }
    let is_digits = |part: &str| part.starts_with(|c: char| c.is_ascii_digit());
    // The ending of a number, or "of" in any language.
    parts.retain(|part| is_digits(part) || part.chars().count() > 2);
    if let [weekday, _, _, _] = parts[..]
        && !is_digits(weekday)
    {
        parts.remove(0);
    }
    let is_within = |part: &str, len: usize, from: u32, to: u32| {
        is_digits(part)
            && part.len() <= len
            && part.parse().is_ok_and(|n: u32| (from..=to).contains(&n))
    };
    let is_day = |part: &str| is_within(part, 2, 1, 31);
    let is_year = |part: &str| is_within(part, 4, 1800, 2199) && part.len() == 4;
    let is_short_year = |part: &str| is_within(part, 2, 0, 99) && part.len() == 2;
    let is_month = |part: &str| !is_digits(part) && part.chars().count() <= 12;
    let is_read = || {
        let orders = [DateOrder::DayFirst, DateOrder::MonthFirst];
        orders.iter().any(|order| order.parse(text).is_some())
    };
    let month = match parts[..] {
        [day, month, year] if is_day(day) && is_month(month) => {
            (is_year(year) || is_short_year(year)).then_some(month)
        }
        [month, day, year] if is_month(month) && is_day(day) => is_year(year).then_some(month),
        [year, month, day] if is_year(year) && is_month(month) => is_day(day).then_some(month),
        [month, year] if named_month(month).is_some() => is_year(year).then_some(month),
        [day, month, year] if is_day(day) && is_day(month) && !date.contains(' ') => {
            is_year(year).then_some("")
        }
        [year, month, day] if is_year(year) && is_day(month) && !date.contains(' ') => {
            is_day(day).then_some("")
        }
        _ => None,
    };
    let month = month.or_else(|| is_read().then_some(""))?;
    Some((form, month.to_lowercase()))
}

fn times(levels: &[String], counts: &[usize]) -> Option<Lookalike> {
    let is_time = |text: &str| {
        let parts: Vec<&str> = text.split(':').collect();
        let is_part = |part: &&str| part.len() == 2 && part.bytes().all(|b| b.is_ascii_digit());
        let (first, last) = (parts[0], parts[parts.len() - 1]);
        let whole = last.split_once('.').map_or(last, |(whole, _)| whole);
        let starts = (1..=3).contains(&first.len()) && first.bytes().all(|b| b.is_ascii_digit());
        let is_one = (2..=3).contains(&parts.len())
            && starts
            && parts[1..parts.len() - 1].iter().all(is_part)
            && is_part(&whole);
        is_one.then_some(())
    };
    let forms = forms_of(levels, is_time)?;
    let looks_so: Vec<bool> = forms.iter().map(Option::is_some).collect();
    let kinds = vec![None; levels.len()];
    Some(seen(
        LookalikeKind::Times,
        levels,
        counts,
        &looks_so,
        &kinds,
    ))
}

/// The form of each level, where nine in ten have one.
fn forms_of<'l, T>(
    levels: &'l [String],
    form: impl Fn(&'l str) -> Option<T>,
) -> Option<Vec<Option<T>>> {
    let mut n_others = 0;
    let mut forms = Vec::with_capacity(levels.len());
    for level in levels {
        let form = form(level);
        n_others += usize::from(form.is_none());
        if 10 * n_others > levels.len() {
            return None;
        }
        forms.push(form);
    }
    Some(forms)
}

/// Whether nine in ten fields fit.
fn nearly_all(fits: impl Iterator<Item = bool>, counts: &[usize]) -> bool {
    let fitting = fits.zip(counts).filter(|(fits, _)| *fits);
    let n: usize = fitting.map(|(_, n)| n).sum();
    10 * n >= 9 * counts.iter().sum::<usize>()
}

/// What there is to say of levels, some of which look so, in the forms `kinds`.
fn seen(
    like: LookalikeKind,
    levels: &[String],
    counts: &[usize],
    looks_so: &[bool],
    kinds: &[Option<String>],
) -> Lookalike {
    // Of each form how many fields have it, and the first level.
    let mut by_form: BTreeMap<&str, (usize, &String)> = BTreeMap::new();
    for ((kind, n), level) in kinds.iter().zip(counts).zip(levels) {
        if let Some(kind) = kind {
            by_form.entry(kind).or_insert((0, level)).0 += n;
        }
    }
    let mut by_form: Vec<(&str, (usize, &String))> = by_form.into_iter().collect();
    // Of equals the one whose name sorts first.
    by_form.sort_by_key(|(_, (n, _))| std::cmp::Reverse(*n));
    let of_forms = by_form.iter().map(|(_, (_, level))| *level);
    let mut examples: Vec<&String> = of_forms.take(2).collect();
    let so = levels.iter().zip(looks_so).filter(|(_, so)| **so);
    for (level, _) in so {
        if examples.len() < 2 && !examples.contains(&level) {
            examples.push(level);
        }
    }
    let mut forms: Vec<(String, usize)> = by_form
        .iter()
        .map(|(form, (n, _))| ((*form).to_owned(), *n))
        .collect();
    if forms.len() < 2 {
        forms.clear();
    }
    let fields = looks_so.iter().zip(counts).filter(|(so, _)| **so);
    let others = (0..levels.len()).rev().filter(|&level| !looks_so[level]);
    Lookalike {
        like,
        n: fields.map(|(_, n)| n).sum(),
        of: counts.iter().sum(),
        examples: examples.into_iter().cloned().collect(),
        forms,
        other: others
            .max_by_key(|&level| counts[level])
            .map(|level| levels[level].clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    type Word<'w> = &'w dyn Fn(u32) -> String;

    /// What a column of these words, each in one row, looks like.
    fn lookalike(words: impl Iterator<Item = String>) -> Option<Lookalike> {
        let mut levels: Vec<String> = words.collect();
        levels.sort();
        levels.dedup();
        let codes = (0..levels.len() as u32).collect();
        Column::new("x", Values::Words { levels, codes }).lookalike()
    }

    #[test]
    fn a_mixture_is_counted_by_its_forms() {
        let found = lookalike((0..53).map(|n| match n {
            0..12 => format!("{n}.5"),
            _ => format!("{n}.1%"),
        }));
        let found = found.unwrap();
        assert_eq!(
            (found.like, found.n, found.of),
            (LookalikeKind::Numbers, 53, 53)
        );
        assert_eq!(
            found.forms,
            [("with %".to_owned(), 41), ("without".to_owned(), 12)]
        );
        assert_eq!(found.examples, ["12.1%", "0.5"]);
        let dates = lookalike((10..40).map(|n| match n {
            30.. => format!("{}JAN2023", n - 10),
            _ => format!("2021-03-{n}"),
        }));
        let dates = dates.unwrap();
        assert_eq!(dates.like, LookalikeKind::Dates);
        let forms = [
            ("like \"2021-03-10\"".to_owned(), 20),
            ("like \"20JAN2023\"".to_owned(), 10),
        ];
        assert_eq!(dates.forms, forms);
        let orders = lookalike((13..33).flat_map(|n| {
            [
                format!("{}/01/{}", n % 15 + 13, 2000 + n),
                format!("01/{}/{}", n % 15 + 13, 2000 + n),
            ]
        }));
        let orders = orders.unwrap().forms;
        assert_eq!(
            orders.iter().map(|(form, _)| &**form).collect::<Vec<_>>(),
            ["with the day first", "with the month first"]
        );
    }

    #[test]
    fn what_looks_like_numbers_dates_or_times_is_told_from_codes() {
        use LookalikeKind::{Dates, Numbers, Times};
        let cases: [(Word<'_>, Option<LookalikeKind>); 18] = [
            (&|n| format!("{n}.0 kg"), Some(Numbers)),
            (&|n| format!("{n}.5k"), Some(Numbers)),
            (&|n| format!("USD {n}.50"), Some(Numbers)),
            (&|n| format!("({n})"), Some(Numbers)),
            (
                &|n| {
                    if n % 2 == 0 {
                        format!("{n}.5")
                    } else {
                        format!("{n},5")
                    }
                },
                Some(Numbers),
            ),
            (
                &|n| format!("{:02}JAN{}", n % 28 + 1, 1990 + n),
                Some(Dates),
            ),
            (
                &|n| format!("{}. März {}", n % 28 + 1, 1990 + n),
                Some(Dates),
            ),
            (
                &|n| format!("lundi {} janvier {}", n % 28 + 1, 1990 + n),
                Some(Dates),
            ),
            (
                &|n| format!("{} de mayo de {}", n % 28 + 1, 1990 + n),
                Some(Dates),
            ),
            (&|n| format!("{:02}:{:02}", n % 24, n), Some(Times)),
            (&|n| format!("A{n}"), None),
            (&|n| format!("{n}B"), None),
            (&|n| format!("{}-{}", 5 * n, 5 * n + 4), None),
            (&|n| format!("10.0.0.{n}"), None),
            (&|n| format!("030-123-{n}"), None),
            (&|n| format!("{n:05}"), None),
            (&|n| format!("{n} Main Street"), None),
            (&|n| format!("word{n}"), None),
        ];
        for (word, expected) in cases {
            let found = lookalike((1..31).map(word));
            assert_eq!(found.map(|found| found.like), expected, "{}", word(7));
        }
        // What could be read was declared otherwise.
        assert_eq!(lookalike((1..31).map(|n| format!("{n}.5"))), None);
        assert_eq!(lookalike((1..31).map(|n| format!("2021-03-{n:02}"))), None);
        assert_eq!(lookalike((1..31).map(|n| format!("{n},000 €"))), None);
    }

    #[test]
    fn a_word_beside_them_is_named() {
        let words = (1..31).map(|n| format!("{n}.5 kg"));
        let found = lookalike(words.chain(["unknown".to_owned()])).unwrap();
        assert_eq!((found.n, found.of), (30, 31));
        assert_eq!(found.other.as_deref(), Some("unknown"));
    }
}
