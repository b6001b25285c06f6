//! A table with its target, read as the command line says.

use crate::args::{FormatArgs, TableArgs};
use anyhow::{Result, bail};
use art_data::{LabelledFrame, ReadOptions, read_frame};

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

/// The table with its target.
pub(crate) fn read_table(args: &TableArgs) -> Result<LabelledFrame> {
    let mut options = read_options(&args.format)?;
    options.words.push(args.target.clone());
    if args.ignore.contains(&args.target) {
        bail!("the target {:?} cannot be left out", args.target);
    }
    let frame = read_frame(&args.data, &options)?.without(&args.ignore)?;
    Ok(LabelledFrame::new(frame, &args.target)?)
}
