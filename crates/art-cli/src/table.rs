//! A table with its target, read as the command line says.

use crate::{
    args::{
        DatesArg, DecimalArg, DivisionArgs, FormatArgs, HeaderArg, SmallClassArgs, SmallClasses,
        TableArgs,
    },
    contradictions::{refuse_both, refuse_contradictions},
    doubts::{doubts, is_written_otherwise, of_lookalike},
    folded::{Kind, Warning, folded},
    problems::refuse_several,
};
use anyhow::{Result, bail};
use art_bench::say;
use art_data::{
    Column, DateOrder, Frame, Header, LabelledFrame, NumberStyle, ReadOptions, SplitConfig,
    read_frame,
};
use art_train::TableHabits;
use std::collections::HashSet;

/// How the table's text is to be read.
pub(crate) fn read_options(args: &FormatArgs) -> Result<ReadOptions> {
    refuse_both(
        ("--missing", &args.missing),
        ("--not-missing", &args.not_missing),
    )?;
    Ok(ReadOptions {
        delimiter: byte(
            "--delimiter",
            args.delimiter.as_deref().map(sign),
            b"\"\r\n",
        )?,
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

/// The sign that a word stands for.
fn sign(typed: &str) -> &str {
    match typed {
        "comma" => ",",
        "semicolon" => ";",
        "pipe" => "|",
        "space" => " ",
        typed => typed,
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
    if small.small_classes.is_none() {
        // Where a column says to which part a row belongs, a class need not be in every part.
        let needed = if given.is_some() {
            0
        } else {
            split.rows_needed()
        };
        refuse_several(&table, needed)?;
    }
    let table = without_small_classes(table, small, split)?;
    let table = match (group, given) {
        (Some(group), _) => table.grouped_by(group)?,
        (None, Some(given)) => table.split_by(given)?,
        (None, None) => table,
    };
    let table = without_unreadable(table, args)?;
    for warning in folded(&doubts(&table, &args.format)) {
        say(format_args!("warning: {warning}"));
    }
    Ok(table)
}

/// The table with its target.
/// `keys` are columns that divide the rows.
pub(crate) fn read_table(args: &TableArgs, keys: &[String]) -> Result<LabelledFrame> {
    let options = table_options(args, keys)?;
    let frame = read_frame(&args.data, &options)?;
    say_unused_markers(&frame, &args.format);
    Ok(LabelledFrame::new(frame, &args.target)?)
}

/// How the table is to be read, with the roles of its columns.
pub(crate) fn table_options(args: &TableArgs, keys: &[String]) -> Result<ReadOptions> {
    refuse_contradictions(args, keys)?;
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
    Ok(options)
}

/// Says which markers were named and are no field of the table.
pub(crate) fn say_unused_markers(frame: &Frame, format: &FormatArgs) {
    for marker in unused_markers(frame, &format.missing) {
        say(format_args!(
            "warning: no field of the table is {marker:?}, which --missing names"
        ));
    }
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

/// The table without columns of numbers or dates that cannot be read as such, which would become a feature for each of
/// their fields.
fn without_unreadable(table: LabelledFrame, args: &TableArgs) -> Result<LabelledFrame> {
    let features = table
        .feature_columns()
        .filter(|c| !args.format.words.contains(&c.name));
    let reason = |column: &Column| match column.lookalike() {
        Some(lookalike) => Some(of_lookalike(&lookalike)),
        None => is_written_otherwise(&column.values).then(|| {
            "it holds what looks like numbers or dates, in no one form that is known".to_owned()
        }),
    };
    let mut names = vec![];
    let mut notes = vec![];
    for column in features {
        if let Some(reason) = reason(column) {
            let name = &column.name;
            let note = format!(
                "column {name:?} is left out: {reason}; --words {name:?} takes each different field for a word"
            );
            notes.push(Warning::of(Kind::Unreadable, note));
            names.push(name.clone());
        }
    }
    for note in folded(&notes) {
        say(format_args!("note: {note}"));
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
