//! Results that are there already: they go only where the command says so.

use anyhow::{Context, Result, bail};
use art_bench::{Matrix, RunInfo};
use art_train::Classifier;
use std::path::Path;

/// Refuses to replace a file by the model of `run`, unless it is the model of the same run or is to go.
pub(crate) fn to_replace_model(path: &Path, run: &str, overwrite: bool) -> Result<()> {
    if overwrite || !path.exists() {
        return Ok(());
    }
    let shown = path.display();
    let Ok(kept) = Classifier::load(path) else {
        bail!(
            "--out {shown}: there is a file already, and it is no model; --overwrite replaces it"
        );
    };
    if kept
        .provenance()
        .is_some_and(|provenance| provenance.run == run)
    {
        return Ok(());
    }
    let record = kept.record();
    bail!(
        "--out {shown}: there is another model already ({} for {:?}, seed {}); choose another name, or replace it with \
         --overwrite",
        record.method,
        kept.target(),
        record.seed.value()
    )
}

/// Refuses to replace the file that the option `option` names, unless it is to go. What the shell opened for us, and what is no
/// regular file, is written to as it is.
pub(crate) fn to_replace_file(option: &str, path: &Path, overwrite: bool) -> Result<()> {
    let is_open = ["/dev/stdout", "/dev/stderr", "/dev/fd"]
        .iter()
        .any(|opened| path.starts_with(opened));
    if overwrite || is_open || !path.is_file() {
        return Ok(());
    }
    bail!(
        "{option} {}: there is a file already; --overwrite replaces it",
        path.display()
    )
}

/// Refuses to replace a report by one that covers less, unless it is to go.
pub(crate) fn to_replace_report(folder: &Path, matrix: &Matrix, overwrite: bool) -> Result<()> {
    if overwrite {
        return Ok(());
    }
    let lost = RunInfo::lost_in(folder, matrix);
    let lost = lost.with_context(|| format!("cannot tell what {} holds", folder.display()))?;
    if lost.is_empty() {
        return Ok(());
    }
    bail!(
        "the report in {} covers {}, which this one would not; choose another --out, or replace it with --overwrite (its \
         records stay)",
        folder.display(),
        lost.join(" and ")
    )
}
