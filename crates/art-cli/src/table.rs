//! A table with its target, read as the command line says.

use crate::args::{DivisionArgs, FormatArgs, TableArgs};
use anyhow::{Result, bail};
use art_data::{Column, LabelledFrame, ReadOptions, Values, read_frame};

/// How the table's text is to be read.
pub(crate) fn read_options(args: &FormatArgs) -> Result<ReadOptions> {
    let delimiter = match args.delimiter.as_deref() {
        None => None,
        Some(r"\t" | "tab") => Some(b'\t'),
        Some(text) => match *text.as_bytes() {
            [byte] if byte.is_ascii() && !b"\"\r\n".contains(&byte) => Some(byte),
            _ => bail!(
                "--delimiter {text:?} is no single ASCII character that may stand between fields"
            ),
        },
    };
    let mut options = ReadOptions {
        delimiter,
        ..ReadOptions::default()
    };
    options.missing.extend(args.missing.iter().cloned());
    options.words.extend(args.words.iter().cloned());
    Ok(options)
}

/// The table with its target, divided as its columns say, to train on; features that may not be what they seem are warned of.
pub(crate) fn read_divided(args: &TableArgs, division: &DivisionArgs) -> Result<LabelledFrame> {
    let DivisionArgs { group, split } = division;
    let columns: Vec<String> = group.iter().chain(split).cloned().collect();
    let table = read_table(args, &columns)?;
    let table = match (group, split) {
        (Some(group), _) => table.grouped_by(group)?,
        (None, Some(split)) => table.split_by(split)?,
        (None, None) => table,
    };
    for warning in doubts(&table, &args.format.words) {
        eprintln!("warning: {warning}");
    }
    Ok(table)
}

/// The table with its target.
/// `words` are columns that are words, whatever they look like.
pub(crate) fn read_table(args: &TableArgs, words: &[String]) -> Result<LabelledFrame> {
    let mut options = read_options(&args.format)?;
    options.words.push(args.target.clone());
    options.words.extend_from_slice(words);
    if args.ignore.contains(&args.target) {
        bail!("the target {:?} cannot be left out", args.target);
    }
    let frame = read_frame(&args.data, &options)?.without(&args.ignore)?;
    Ok(LabelledFrame::new(frame, &args.target)?)
}

/// What to say of features that may not be what they seem: a person knows better. Columns that are `words` were declared so.
pub(crate) fn doubts(table: &LabelledFrame, words: &[String]) -> Vec<String> {
    let columns = table.frame().columns().iter();
    let features = columns.filter(|column| table.features().contains(&column.name));
    let doubt = |column: &Column| doubt(column, words.contains(&column.name));
    features.filter_map(doubt).collect()
}

fn doubt(column: &Column, is_declared: bool) -> Option<String> {
    let name = &column.name;
    // A model learns nothing from them, and predictions for other rows have other names.
    if column.values.seems_to_name_rows() {
        return Some(format!(
            "column {name:?} seems to name rows rather than to describe them; --ignore {name:?} leaves it out"
        ));
    }
    if column.values.n_missing() == 0 && column.values.is_constant() {
        return Some(format!(
            "column {name:?} has one value alone and says nothing"
        ));
    }
    if is_declared {
        return None;
    }
    if let Some(word) = word_among_numbers(&column.values) {
        return Some(format!(
            "column {name:?} is taken for words, though most of its fields are numbers; if {word:?} stands for a missing \
             value, say so (--missing {word:?})"
        ));
    }
    is_written_otherwise(&column.values).then(|| {
        format!(
            "column {name:?} holds words that look like numbers or dates, and each different one is a word of its own; \
             write numbers as 12.5, or leave it out (--ignore {name:?})"
        )
    })
}

/// The most frequent word that is no number, of a column most of whose fields are numbers.
fn word_among_numbers(values: &Values) -> Option<&str> {
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
    (2 * numbers > all).then(|| &*levels[most])
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
        let has_sign = level.contains([',', '%', '$', '€', '£', '−']);
        level.chars().all(|c| c.is_ascii_digit() || is_mark(c))
            && level.contains(|c: char| c.is_ascii_digit())
            && (has_sign || marks > 1)
            && level.parse::<f64>().is_err()
    };
    levels.len() > MANY && 10 * levels.iter().filter(looks_so).count() >= 9 * levels.len()
}
