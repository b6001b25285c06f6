//! `data make imdb`: the reviews' embeddings, where the program was built with them.

use std::{path::Path, process::ExitCode};

/// Makes the pool, or goes on with it.
#[cfg(feature = "embed")]
pub(super) fn make(reviews: &Path, model: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    use super::{INTERRUPTED, cancel_on_interrupt};
    use crate::terminal::show;
    use indicatif::{ProgressBar, ProgressStyle};

    let cancel = cancel_on_interrupt("reviews")?;
    let style =
        ProgressStyle::with_template("{bar:30} {pos}/{len} reviews, {per_sec}, {eta} left")?;
    let bar = ProgressBar::new(0).with_style(style);
    let mut known = false;
    let mut progress = |done: usize, all: usize| {
        if known {
            bar.set_position(done as u64);
        } else {
            // What was done before counts for the length of the bar and not for the speed.
            bar.set_length(all as u64);
            bar.set_position(done as u64);
            bar.reset_eta();
            known = true;
        }
    };
    let path = art_embed::make_review_pool(reviews, model, out, &mut progress, &cancel)?;
    bar.finish_and_clear();
    let Some(path) = path else {
        return show(ExitCode::from(INTERRUPTED), |out| {
            writeln!(out, "interrupted; the same command goes on")
        });
    };
    show(ExitCode::SUCCESS, |out| super::list(out, [&path]))
}

/// Says how to get a program that can.
#[cfg(not(feature = "embed"))]
pub(super) fn make(_: &Path, _: &Path, _: &Path) -> anyhow::Result<ExitCode> {
    anyhow::bail!(
        "this program was built without the sentence embedder; build it with --features embed, as \
         `cargo xtask data make imdb` does in a clone of the repository"
    )
}
