//! A table with its target, read as the command line says.

use crate::args::{
    DatesArg, DecimalArg, DivisionArgs, FormatArgs, HeaderArg, SmallClassArgs, SmallClasses,
    TableArgs,
};
use anyhow::{Result, bail};
use art_bench::say;
use art_data::{
    Column, ColumnKind, DataError, DateOrder, Frame, Header, LabelledFrame, NumberStyle,
    ReadOptions, SplitConfig, Values, alike_pairs, read_frame,
};
use art_train::TableHabits;
use std::collections::HashSet;

/// How the table's text is to be read.
pub(crate) fn read_options(args: &FormatArgs) -> Result<ReadOptions> {
    Ok(ReadOptions {
        delimiter: byte("--delimiter", args.delimiter.as_deref(), b"\"\r\n")?,
        comment: byte("--comment", args.comment.as_deref(), b"\"\r\n,;")?,
        missing: args.missing.clone(),
        not_missing: args.not_missing.clone(),
        words: args.words.clone(),
        numbers: args.numbers.clone(),
        decimal: args.decimal.map(|sign| match sign {
            DecimalArg::Point => NumberStyle::Point,
            DecimalArg::Comma => NumberStyle::Comma,
        }),
        dates: args.dates.map(|first| match first {
            DatesArg::DayFirst => DateOrder::DayFirst,
            DatesArg::MonthFirst => DateOrder::MonthFirst,
        }),
        header: header(args),
        encoding: args.encoding.clone(),
        ..ReadOptions::default()
    })
}

fn header(args: &FormatArgs) -> Header {
    match args.header {
        None => Header::Found,
        Some(HeaderArg::Present) => Header::Present,
        Some(HeaderArg::Absent) => Header::Absent,
    }
}

/// The byte that an option names.
fn byte(option: &str, typed: Option<&str>, refused: &[u8]) -> Result<Option<u8>> {
    Ok(match typed {
        None => None,
        Some(r"\t" | "tab") => Some(b'\t'),
        Some(text) => match *text.as_bytes() {
            [byte] if byte.is_ascii() && !refused.contains(&byte) => Some(byte),
            _ => bail!("{option} {text:?} is no single ASCII character that may stand there"),
        },
    })
}

/// The table with its target, divided as its columns say, to train on; features that may not be what they seem are warned of.
pub(crate) fn read_divided(
    args: &TableArgs,
    division: &DivisionArgs,
    small: &SmallClassArgs,
    split: &SplitConfig,
) -> Result<LabelledFrame> {
    let DivisionArgs {
        group,
        split: given,
    } = division;
    let columns: Vec<String> = group.iter().chain(given).cloned().collect();
    let table = read_table(args, &columns)?;
    let table = without_small_classes(table, small, split)?;
    let table = match (group, given) {
        (Some(group), _) => table.grouped_by(group)?,
        (None, Some(given)) => table.split_by(given)?,
        (None, None) => table,
    };
    let table = without_unreadable(table, args)?;
    for warning in doubts(&table, &args.format) {
        say(format_args!("warning: {warning}"));
    }
    Ok(table)
}

/// The table with its target.
/// `keys` are columns that divide the rows.
pub(crate) fn read_table(args: &TableArgs, keys: &[String]) -> Result<LabelledFrame> {
    let mut options = read_options(&args.format)?;
    options.words.push(args.target.clone());
    // A column that is given to be predicted as well is refused with that reason.
    options
        .keys
        .extend(keys.iter().filter(|name| **name != args.target).cloned());
    options.ignored.clone_from(&args.ignore);
    if args.ignore.contains(&args.target) {
        bail!("the target {:?} cannot be left out", args.target);
    }
    let frame = read_frame(&args.data, &options)?;
    for marker in unused_markers(&frame, &args.format.missing) {
        say(format_args!(
            "warning: no field of the table is {marker:?}, which --missing names"
        ));
    }
    Ok(LabelledFrame::new(frame, &args.target)?)
}

/// The markers that were named and that no field is.
fn unused_markers<'a>(frame: &Frame, named: &'a [String]) -> Vec<&'a String> {
    let is_it = |marker: &str, text: &str| {
        let value = |text: &str| {
            let styles = [NumberStyle::Plain, NumberStyle::Point, NumberStyle::Comma];
            styles.map(|style| style.parse(text))
        };
        marker == text
            || value(text)
                .iter()
                .any(|own| own.is_some() && *own == value(marker)[0])
    };
    let is_used = |marker: &str| {
        let columns = frame.columns().iter();
        columns
            .flat_map(|column| &column.markers)
            .any(|seen| is_it(marker, &seen.text))
    };
    named.iter().filter(|marker| !is_used(marker)).collect()
}

/// The table without classes that cannot be in every part, where that is wanted.
fn without_small_classes(
    table: LabelledFrame,
    args: &SmallClassArgs,
    split: &SplitConfig,
) -> Result<LabelledFrame> {
    const JOINED: &str = "other";
    let small = table.small_classes(split.rows_needed());
    let (Some(how), false) = (args.small_classes, small.is_empty()) else {
        return Ok(table);
    };
    let names: Vec<String> = small.iter().map(|(name, _)| name.clone()).collect();
    let listed: Vec<String> = small
        .iter()
        .map(|(name, n)| format!("{name:?} ({n})"))
        .collect();
    let listed = listed.join(", ");
    Ok(match how {
        SmallClasses::LeaveOut => {
            say(format_args!(
                "note: the rows of small classes are left out: {listed}"
            ));
            table.without_classes(&names)?
        }
        SmallClasses::Join => {
            say(format_args!(
                "note: small classes are one, called {JOINED:?}: {listed}"
            ));
            table.with_joined_classes(&names, JOINED)?
        }
    })
}

/// An error of a split, with the option that mends it.
pub(crate) fn with_remedy(error: DataError, args: &SmallClassArgs) -> anyhow::Error {
    match error {
        DataError::SmallClasses { .. } if args.small_classes.is_none() => anyhow::anyhow!(
            "{error}; --small-classes leave-out goes on without their rows, --small-classes join makes one class of them"
        ),
        error => error.into(),
    }
}

/// The table without columns of numbers or dates that cannot be read as such, which would become a feature for each of
/// their fields.
fn without_unreadable(table: LabelledFrame, args: &TableArgs) -> Result<LabelledFrame> {
    let features = table
        .feature_columns()
        .filter(|c| !args.format.words.contains(&c.name));
    let unreadable = features.filter(|column| is_written_otherwise(&column.values));
    let names: Vec<String> = unreadable.map(|column| column.name.clone()).collect();
    for name in &names {
        say(format_args!(
            "note: column {name:?} is left out: it holds what looks like numbers or dates, in no one form that is known; \
             --words {name:?} takes each different field for a word"
        ));
    }
    Ok(if names.is_empty() {
        table
    } else {
        table.without_features(&names)?
    })
}

/// What tables to predict have in common with this one.
pub(crate) fn habits(
    args: &TableArgs,
    division: &DivisionArgs,
    table: &LabelledFrame,
) -> TableHabits {
    let mut left_out = args.ignore.clone();
    left_out.extend(division.group.iter().chain(&division.split).cloned());
    let columns = table.frame().columns().iter().map(|column| &column.name);
    let features: HashSet<&String> = table.features().iter().collect();
    let unused = columns.filter(|name| *name != table.target() && !features.contains(name));
    for name in unused {
        if !left_out.contains(name) {
            left_out.push(name.clone());
        }
    }
    TableHabits {
        missing: args.format.missing.clone(),
        not_missing: args.format.not_missing.clone(),
        header: header(&args.format),
        left_out,
    }
}

/// What to say of features that may not be what they seem, and of classes: a person knows better.
pub(crate) fn doubts(table: &LabelledFrame, format: &FormatArgs) -> Vec<String> {
    let features = table.feature_columns();
    let doubt = |column: &Column| doubt(column, format);
    let mut doubts: Vec<String> = features.filter_map(doubt).collect();
    for (name, other) in alike_pairs(table.class_names()) {
        doubts.push(format!(
            "classes {name:?} and {other:?} are written alike; if they are one, write them so"
        ));
    }
    doubts
}

fn doubt(column: &Column, format: &FormatArgs) -> Option<String> {
    let name = &column.name;
    // A model learns nothing from them, and predictions for other rows have other names.
    if column.seems_to_name_rows() {
        return Some(format!(
            "column {name:?} seems to name rows rather than to describe them; --ignore {name:?} leaves it out"
        ));
    }
    if column.values.n_missing() == 0 && column.values.is_constant() {
        return Some(format!(
            "column {name:?} has one value alone and says nothing"
        ));
    }
    if let Values::Numbers(numbers) = &column.values
        && let (ColumnKind::Numbers(_), Some((value, n))) = (column.kind, far_away(numbers))
    {
        return Some(format!(
            "column {name:?} holds {value} {n} times, far away from its other numbers; if it stands for a missing value, say \
             so (--missing {value})"
        ));
    }
    if format.words.contains(name) {
        return None;
    }
    if let Some((marker, n)) = marker_like_words(column) {
        return Some(format!(
            "{n} fields of column {name:?} are {marker:?} and taken for missing values, and its words are like it; \
             --not-missing {marker} takes it for a word"
        ));
    }
    if let Some(code) = code(&column.values) {
        return Some(format!(
            "column {name:?} is taken for words, since whole numbers in it, such as {code:?}, begin with zeros or are longer \
             than a number may be; --numbers {name:?} takes it for numbers"
        ));
    }
    if let Some(word) = word_among_numbers(&column.values) {
        return Some(format!(
            "column {name:?} is taken for words, though nearly all of its words are numbers; if {word:?} stands for a missing \
             value, say so (--missing {word:?})"
        ));
    }
    if let Values::Words { levels, .. } = &column.values
        && let Some((one, other)) = alike_pairs(levels).first()
    {
        return Some(format!(
            "column {name:?} holds {one:?} and {other:?}, which are written alike; if they are one word, write them so"
        ));
    }
    is_written_otherwise(&column.values).then(|| {
        format!(
            "column {name:?} holds words that look like numbers or dates, in no one form that is known; train and compare \
             leave it out (--words {name:?} takes each different field for a word)"
        )
    })
}

/// A marker of missing values that looks like the words of its column, as NA does among the codes of countries.
fn marker_like_words(column: &Column) -> Option<(&str, usize)> {
    let Values::Words { levels, .. } = &column.values else {
        return None;
    };
    let is_like = |marker: &str, level: &String| {
        level.len() == marker.len() && level.bytes().all(|byte| byte.is_ascii_uppercase())
    };
    let marker = column.markers.iter().find(|marker| {
        let is_word = marker.text.bytes().all(|byte| byte.is_ascii_uppercase());
        is_word && levels.len() > 1 && levels.iter().all(|level| is_like(&marker.text, level))
    })?;
    Some((&marker.text, marker.n))
}

/// The largest or smallest number, where several rows have it and it is further from the next one than all others from one
/// another; and how many rows have it.
fn far_away(numbers: &[f64]) -> Option<(f64, usize)> {
    const SEVERAL: usize = 3;
    const DIFFERENT: usize = 10;
    let mut sorted: Vec<f64> = numbers.iter().copied().filter(|x| !x.is_nan()).collect();
    sorted.sort_by(f64::total_cmp);
    let runs: Vec<&[f64]> = sorted.chunk_by(|a, b| a == b).collect();
    let [lowest, second, .., last_but_one, highest] = &*runs else {
        return None;
    };
    // Codes of nines are no measurements even where there are few others.
    let is_code = |end: &[f64]| [99.0, 999.0, 9_999.0, 99_999.0].contains(&end[0].abs());
    let is_many = |end: &[f64]| runs.len() > DIFFERENT || is_code(end);
    let is_far = |end: &[f64], next: f64, other_end: f64| {
        end.len() >= SEVERAL && is_many(end) && (next - end[0]).abs() > (other_end - next).abs()
    };
    if is_far(lowest, second[0], highest[0]) {
        Some((lowest[0], lowest.len()))
    } else if is_far(highest, last_but_one[0], lowest[0]) {
        Some((highest[0], highest.len()))
    } else {
        None
    }
}

/// A whole number of a column of words, nearly all of which are whole numbers, that is a code: it begins with zeros, or is
/// too long.
fn code(values: &Values) -> Option<&str> {
    const LONG: usize = 15;
    let Values::Words { levels, .. } = values else {
        return None;
    };
    let is_whole = |level: &&String| level.bytes().all(|byte| byte.is_ascii_digit());
    let is_code = |level: &&String| level.len() > LONG || level.len() > 1 && level.starts_with('0');
    let whole = levels.iter().filter(is_whole);
    let code = whole.clone().find(is_code)?;
    (10 * whole.count() >= 9 * levels.len()).then_some(code)
}

/// The most frequent word that is no number, of a column most of whose fields are numbers.
fn word_among_numbers(values: &Values) -> Option<&str> {
    const MANY: usize = 10;
    let Values::Words { levels, .. } = values else {
        return None;
    };
    let is_number: Vec<bool> = levels.iter().map(|l| l.parse::<f64>().is_ok()).collect();
    let counts = values.level_counts();
    let all: usize = counts.iter().sum();
    let of_numbers = counts.iter().zip(&is_number).filter(|(_, is)| **is);
    let numbers: usize = of_numbers.map(|(n, _)| n).sum();
    let others = (0..levels.len()).filter(|&level| !is_number[level]);
    let most = others.max_by_key(|&level| counts[level])?;
    // One word among many different numbers is no word, however often it stands there.
    let is_alone = is_number.iter().filter(|is| !**is).count() == 1 && levels.len() > MANY;
    (2 * numbers > all || is_alone).then(|| &*levels[most])
}

/// Whether nearly all of many different words are digits and what stands between those of a number or a date, as in 12,5
/// or 3 % or 2024-01-31.
fn is_written_otherwise(values: &Values) -> bool {
    const MANY: usize = 20;
    let Values::Words { levels, .. } = values else {
        return false;
    };
    let is_mark = |c: char| ",.:/-+%$€£' TZ−".contains(c);
    let looks_so = |level: &&String| {
        let marks = level.chars().filter(|&c| is_mark(c)).count();
        let has_sign = level.contains([',', '%', '$', '€', '£', '−', ':', '/']);
        level.chars().all(|c| c.is_ascii_digit() || is_mark(c))
            && level.contains(|c: char| c.is_ascii_digit())
            && (has_sign || marks > 1)
            && level.parse::<f64>().is_err()
    };
    levels.len() > MANY && 10 * levels.iter().filter(looks_so).count() >= 9 * levels.len()
}
