//! The command line of arrays: as it is typed, then as it is meant.

use super::super::args::{MatrixArgs, MatrixOptions};
use crate::{array::MOST_TASKS, matrix::MatrixMethod};
use anyhow::ensure;
use clap::{Args, ValueEnum};
use std::{num::NonZeroUsize, path::PathBuf};

pub(in crate::program) const SUBMIT_HELP: &str = "\
The results folder gets a plan of the tasks (plan.json) and a job script (job.sh). Each task has a store of its own in tasks/ and
a log in logs/. Tasks are about equally long by the times of cells that are stored, the longest first; a tuned method stays
in one task on a data set. The folder must be one that all nodes see.

A task that is stopped, killed or out of time goes back into the queue and goes on where it was. Once all tasks have ended, the last
job merges their records and writes the report; it says which cells are missing, if any. The same command again submits the tasks
that are not done.

Examples:
  submit --matrix paper --on slurm --partition short --time 1:00:00 --costs docs/results/paper
  submit --matrix paper --on slurm --dry-run       prints what it would submit
  submit --quick --on local                        the same on this machine

Exit codes: 0 submitted, or all cells are done; 1 a cell failed, 2 it could not be submitted or a task could not run,
130 interrupted.";

pub(in crate::program) const MERGE_HELP: &str = "\
Merging twice is merging once. Folders of other matrices or programs are refused, and cells whose results differ are named.

Exit codes: 0 merged, 2 nothing was merged.";

/// Where the tasks of an array run.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Place {
    /// On a cluster, by its Slurm
    Slurm,
    /// On this machine, a few at a time
    Local,
}

/// As typed.
#[derive(Args, Debug)]
pub(in crate::program) struct SubmitArgs {
    #[command(flatten)]
    matrix: MatrixArgs,
    /// Where the tasks run.
    #[arg(long, value_name = "WHERE")]
    on: Place,
    /// How many tasks, 1,000 at most [default: as many as make one about ten minutes long, 16 where no times are known].
    #[arg(long, value_name = "N")]
    tasks: Option<NonZeroUsize>,
    /// Tasks at a time, at most [default: as many as the cluster grants; here one for each --cpus cores].
    #[arg(long, value_name = "N")]
    at_once: Option<NonZeroUsize>,
    /// Cores of a task, and so its cells at a time.
    #[arg(long, value_name = "N", default_value = "1")]
    cpus: NonZeroUsize,
    /// Results folder whose times say how long cells take; several may be given. Those of the results folder count by themselves.
    #[arg(long, value_name = "DIR")]
    costs: Vec<PathBuf>,
    /// Print what would be submitted; the plan and the job script are written.
    #[arg(long)]
    dry_run: bool,
    /// Slurm: partition.
    #[arg(long, value_name = "NAME")]
    partition: Option<String>,
    /// Slurm: time limit of a task, such as 1:00:00; a task that needs longer goes on in its next turn.
    #[arg(long, value_name = "TIME")]
    time: Option<String>,
    /// Slurm: memory of a task, such as 4G.
    #[arg(long, value_name = "SIZE")]
    mem: Option<String>,
    /// Slurm: account.
    #[arg(long, value_name = "NAME")]
    account: Option<String>,
    /// Slurm: any other option of sbatch, such as --sbatch=--qos=long; several may be given.
    #[arg(long, value_name = "OPTION", allow_hyphen_values = true)]
    sbatch: Vec<String>,
}

/// What Slurm is asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct SlurmOptions {
    pub(super) partition: Option<String>,
    pub(super) time: Option<String>,
    pub(super) mem: Option<String>,
    pub(super) account: Option<String>,
    pub(super) others: Vec<String>,
}

/// As meant.
#[derive(Debug)]
pub(in crate::program) struct SubmitOptions {
    pub(super) of: MatrixOptions,
    pub(super) on: Place,
    pub(super) n_tasks: Option<usize>,
    pub(super) at_once: Option<usize>,
    pub(super) cpus: usize,
    pub(super) costs: Vec<PathBuf>,
    pub(super) dry_run: bool,
    pub(super) slurm: SlurmOptions,
}

impl SubmitArgs {
    /// `additions` join the matrix.
    pub(in crate::program) fn resolve(
        self,
        additions: Vec<MatrixMethod>,
    ) -> anyhow::Result<SubmitOptions> {
        let is_local = self.on == Place::Local;
        let for_slurm = [
            ("--partition", self.partition.is_some()),
            ("--time", self.time.is_some()),
            ("--mem", self.mem.is_some()),
            ("--account", self.account.is_some()),
            ("--sbatch", !self.sbatch.is_empty()),
        ];
        for (option, is_given) in for_slurm {
            ensure!(
                !(is_local && is_given),
                "{option} is for --on slurm; a task on this machine has no limits but --cpus"
            );
        }
        let n_tasks = self.tasks.map(NonZeroUsize::get);
        ensure!(
            n_tasks.is_none_or(|n| n <= MOST_TASKS),
            "--tasks {} are more than {MOST_TASKS}, which is what Slurm takes as one array",
            n_tasks.unwrap_or(0)
        );
        Ok(SubmitOptions {
            of: self.matrix.resolve(additions)?,
            on: self.on,
            n_tasks,
            at_once: self.at_once.map(NonZeroUsize::get),
            cpus: self.cpus.get(),
            costs: self.costs,
            dry_run: self.dry_run,
            slurm: SlurmOptions {
                partition: self.partition,
                time: self.time,
                mem: self.mem,
                account: self.account,
                others: self.sbatch,
            },
        })
    }
}

#[derive(Args, Debug)]
pub(in crate::program) struct TaskArgs {
    /// Results folder with a plan.
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Which task, counted from 0.
    #[arg(value_name = "INDEX")]
    pub(super) index: usize,
    /// Cells at a time.
    #[arg(long, short, value_name = "N", default_value = "1")]
    pub(super) jobs: NonZeroUsize,
    /// Run cells again that failed before.
    #[arg(long)]
    pub(super) retry_failed: bool,
}

#[derive(Args, Debug)]
pub(in crate::program) struct WatchArgs {
    /// Results folder with a plan.
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Show it once and end; otherwise it is shown until all tasks are done.
    #[arg(long)]
    pub(super) once: bool,
    /// Seconds from one look to the next.
    #[arg(
        long,
        value_name = "SECONDS",
        default_value = "5",
        conflicts_with = "once"
    )]
    pub(super) every: NonZeroUsize,
}

#[derive(Args, Debug)]
pub(in crate::program) struct MergeArgs {
    /// Results folders of one matrix.
    #[arg(required = true, value_name = "DIR")]
    pub(super) folders: Vec<PathBuf>,
    /// Results folder for all of it [default: the first one].
    #[arg(long, value_name = "DIR")]
    pub(super) out: Option<PathBuf>,
    /// Merge what is there, though cells are missing.
    #[arg(long)]
    pub(super) partial: bool,
    /// Merge records of programs that were built from different revisions; their arithmetic must be the same.
    #[arg(long)]
    pub(super) any_revision: bool,
}
