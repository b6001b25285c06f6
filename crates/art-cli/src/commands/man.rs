//! Manual pages, from what the program says of its arguments.

use anyhow::{Context, Result};
use art_bench::counted;
use art_data::write_atomically;
use clap::Command;
use std::{fs, io::Write, path::Path};

/// Writes a page for the program and each of its commands.
pub(crate) fn run(folder: &Path, mut program: Command) -> Result<()> {
    let cannot = || format!("cannot write {}", folder.display());
    fs::create_dir_all(folder).with_context(cannot)?;
    program.build();
    let n_pages = write(folder, &program)?;
    let mut out = crate::text::output();
    let pages = counted(n_pages, "page");
    writeln!(out, "{pages} in {}", folder.display())?;
    Ok(())
}

/// Writes the page of a command and those of the commands below it; returns how many.
fn write(folder: &Path, command: &Command) -> Result<usize> {
    let man = clap_mangen::Man::new(command.clone());
    let path = folder.join(man.get_filename());
    let mut page = vec![];
    man.render(&mut page)?;
    write_atomically(&path, &page).with_context(|| format!("cannot write {}", path.display()))?;
    let below = command.get_subcommands();
    let below = below.filter(|command| !command.is_hide_set() && command.get_name() != "help");
    below
        .map(|command| write(folder, command))
        .try_fold(1, |n, more| Ok(n + more?))
}
