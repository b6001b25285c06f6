//! A table with its target, read as the command line says.

use crate::args::{DivisionArgs, FormatArgs, TableArgs};
use anyhow::{Result, bail};
use art_data::{Column, LabelledFrame, ReadOptions, read_frame};

/// How the table's text is to be read.
pub(crate) fn read_options(args: &FormatArgs) -> Result<ReadOptions> {
    let delimiter = match args.delimiter {
        None => None,
        Some(char) if char.is_ascii() => Some(char as u8),
        Some(char) => bail!("--delimiter {char} is no ASCII character"),
    };
    let mut options = ReadOptions {
        delimiter,
        ..ReadOptions::default()
    };
    options.missing.extend(args.missing.iter().cloned());
    options.words.extend(args.words.iter().cloned());
    Ok(options)
}

/// The table with its target, divided as its columns say, to train on; features that seem to name rows are warned of.
pub(crate) fn read_divided(args: &TableArgs, division: &DivisionArgs) -> Result<LabelledFrame> {
    let DivisionArgs { group, split } = division;
    let columns: Vec<String> = group.iter().chain(split).cloned().collect();
    let table = read_table(args, &columns)?;
    let table = match (group, split) {
        (Some(group), _) => table.grouped_by(group)?,
        (None, Some(split)) => table.split_by(split)?,
        (None, None) => table,
    };
    for warning in names_of_rows(&table) {
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

/// What to say of features that seem to name rows: a model learns nothing from them, and predictions for other rows
/// have other names.
pub(crate) fn names_of_rows(table: &LabelledFrame) -> Vec<String> {
    let columns = table.frame().columns().iter();
    let features = columns.filter(|column| table.features().contains(&column.name));
    let named = features.filter(|column| column.values.seems_to_name_rows());
    let warning = |column: &Column| {
        let name = &column.name;
        format!(
            "column {name:?} seems to name rows rather than to describe them; --ignore {name:?} leaves it out"
        )
    };
    named.map(warning).collect()
}
