//! Our side of `cargo xtask bench-peers models`: networks beside trees on the same splits, under the same decision rules.
//!
//! `models export` writes splits and folds, `benches/peers/models.py` trains trees on them and writes log-probabilities,
//! `models score` decides by our rules and scores, `models ours` trains our recipes on the same splits, `models time` repeats
//! one training. `benches/peers/models_page.py` calls them all. A line of results is one object of JSON.

mod export;
mod ours;
mod score;
mod split_files;
mod timing;

use clap::{Parser, Subcommand};
use serde::{Deserialize, Serialize};

/// Networks beside trees.
#[derive(Parser)]
enum Cli {
    #[command(flatten)]
    Command(Command),
}

#[derive(Subcommand)]
enum Command {
    /// Write the splits and folds of tables.
    Export(export::Args),
    /// Decide and score what the other side wrote back, a line each to the standard output.
    Score(score::Args),
    /// Train our recipes on the splits, a line each to the end of a file.
    Ours(ours::Args),
    /// Train one recipe on one split several times.
    Time(timing::Args),
}

/// One model on one split under one rule.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Line {
    table: String,
    seed: u64,
    /// A model of the other side or a method of ours.
    model: String,
    /// `plain` or `balanced`; nothing for ours, whose method says it.
    weights: String,
    /// `hold-out` or `folds`; for ours the name of how it is trained.
    scheme: String,
    rule: String,
    macro_f1: f64,
    /// Of one core, fits of all folds together.
    train_seconds: f64,
    /// Of one core, for the test rows.
    answer_seconds: f64,
}

fn main() -> anyhow::Result<()> {
    let Cli::Command(command) = Cli::parse();
    match command {
        Command::Export(args) => export::run(&args),
        Command::Score(args) => score::run(&args),
        Command::Ours(args) => ours::run(&args),
        Command::Time(args) => timing::run(&args),
    }
}
