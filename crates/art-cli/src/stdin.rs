//! `-` as a table: the standard input, kept in a file while the command runs, since a table is read twice.

use crate::args::Command;
use anyhow::{Context, Result};
use std::{
    fs::File,
    io,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// What the standard input is called in messages.
const NAME: &str = "standard input";
/// Name of the file: reports and results folders go by it.
const FILE: &str = "stdin";

/// The standard input in a file that goes when this does.
pub(crate) struct Spool {
    folder: TempDir,
}

impl Spool {
    /// Keeps the standard input where the command reads it, and names the file in its place.
    pub(crate) fn of(command: &mut Command) -> Result<Option<Self>> {
        let Some(path) = input(command).filter(|path| **path == *"-") else {
            return Ok(None);
        };
        let folder = tempfile::Builder::new().prefix("art-").tempdir();
        let folder = folder.context("cannot keep the standard input in a file")?;
        *path = folder.path().join(FILE);
        let keep = || io::copy(&mut io::stdin().lock(), &mut File::create(&*path)?);
        keep().context("cannot keep the standard input in a file")?;
        Ok(Some(Self { folder }))
    }

    /// A message with the standard input by its name.
    pub(crate) fn named(&self, message: &str) -> String {
        let path = self.folder.path().join(FILE);
        message.replace(&*path.to_string_lossy(), NAME)
    }
}

/// How a table is called: the standard input by its name, any other by its path.
pub(crate) fn shown(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name);
    let is_spooled = path.ends_with(FILE)
        && path.starts_with(std::env::temp_dir())
        && folder.is_some_and(|name| name.to_string_lossy().starts_with("art-"));
    if is_spooled {
        NAME.to_owned()
    } else {
        path.display().to_string()
    }
}

/// The table that a command reads.
fn input(command: &mut Command) -> Option<&mut PathBuf> {
    match command {
        Command::Inspect(args) => Some(&mut args.table.data),
        Command::Compare(args) => Some(&mut args.table.data),
        Command::Train(args) => Some(&mut args.table.data),
        Command::Predict(args) => Some(&mut args.data),
        Command::Resample(args) => Some(&mut args.table.data),
        Command::Draw(args) => Some(&mut args.labels),
        Command::Stats(args) => Some(&mut args.scores),
        Command::Report(_) | Command::Methods(_) | Command::Completions { .. } => None,
    }
}
