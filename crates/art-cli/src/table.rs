//! A table with its target, read as the command line says.

use crate::args::TableArgs;
use anyhow::{Result, bail};
use art_core::ClassCounts;
use art_data::{Frame, ReadOptions, read_frame};

/// A table with its target apart.
pub(crate) struct Table {
    /// All columns that were not left out, the target included.
    pub(crate) frame: Frame,
    pub(crate) target: String,
    /// Names of the classes.
    pub(crate) classes: Vec<String>,
    /// The class of each row.
    pub(crate) labels: Vec<u32>,
}

impl Table {
    pub(crate) fn read(args: &TableArgs) -> Result<Self> {
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
        options.words.push(args.target.clone());
        if args.ignore.contains(&args.target) {
            bail!("the target {:?} cannot be left out", args.target);
        }
        let frame = read_frame(&args.data, &options)?.without(&args.ignore)?;
        let (classes, labels) = frame.classes(&args.target)?;
        if frame.columns().len() < 2 {
            bail!("{} has no column besides the target", args.data.display());
        }
        Ok(Self {
            frame,
            target: args.target.clone(),
            classes,
            labels,
        })
    }

    pub(crate) fn counts(&self) -> Result<ClassCounts> {
        Ok(ClassCounts::from_labels(&self.labels, self.classes.len())?)
    }

    /// Names of the columns besides the target.
    pub(crate) fn features(&self) -> Vec<String> {
        let names = self.frame.columns().iter().map(|column| &column.name);
        names
            .filter(|name| **name != self.target)
            .cloned()
            .collect()
    }
}
