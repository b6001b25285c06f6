//! A model's training as a page.

use crate::{args::ReportArgs, paths::check_outputs, text};
use anyhow::{Context, Result};
use art_bench::model_page;
use art_data::write_atomically;
use art_train::Classifier;
use std::io::Write;

pub(crate) fn run(args: &ReportArgs) -> Result<()> {
    let page = model_page(&Classifier::load(&args.model)?)?;
    let out = args
        .out
        .clone()
        .unwrap_or_else(|| args.model.with_extension("html"));
    check_outputs(&[("the model", &args.model)], &[("--out", Some(&*out))])?;
    write_atomically(&out, page.as_bytes())
        .with_context(|| format!("cannot write {}", out.display()))?;
    writeln!(text::output(), "{}", out.display())?;
    Ok(())
}
