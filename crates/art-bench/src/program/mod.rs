//! The command line of the experiment: glue only.

mod args;
mod array;
mod decide;
mod imdb;
mod verify;

use crate::{
    cell::CellId,
    counted::counted,
    datasets::{DataFolder, DataSets, dataset_title, make_mnist_pool},
    error::BenchError,
    execute::Executed,
    folders::read_folders,
    interrupt::{INTERRUPTED, cancel_on_interrupt},
    matrix::MatrixMethod,
    packing::pack_records,
    plan::{Plan, PlanShard, Selection},
    record_lines::Records,
    report::{HowTo, macro_f1_text, write_report_for},
    results::Results,
    run_info::RunInfo,
    runner::Experiment,
    session::{Session, SessionOptions},
    terminal::{say, show},
};
use anyhow::Context;
use args::{Command, DataCommand, MakeCommand, MatrixOptions, RunOptions};
use art_methods::Registry;
use clap::{Args, Parser};
use std::{
    collections::BTreeSet,
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

/// What to do where the one data set is lacking that does not come with the project.
const POOL: &str = "`cargo xtask data make imdb --reviews ACLIMDB_DIR --model MINILM_DIR` makes it, --data or ART_DATA names a \
    folder that has it";

/// The commands of the experiment, for the command line of a program: a variant of its own commands, or all that it has.
///
/// [`run_program`] is such a program.
#[derive(Args, Debug)]
pub struct BenchCommand {
    #[command(subcommand)]
    command: Command,
}

impl BenchCommand {
    /// Does what was typed, with the methods of `registry`. Those that [`Registry::standard`] lacks join the matrix.
    ///
    /// What came of it is shown on the standard output; the exit code says whether a cell failed or differs, or the run was
    /// interrupted.
    ///
    /// # Errors
    /// Whatever is wrong with the command or its input, in words for the user; exit code 2 is for these.
    pub fn run(self, registry: Registry) -> anyhow::Result<ExitCode> {
        self.run_telling(registry, |_| None)
    }

    /// The same; pages of a table of the user's own say by `how_to` how what is advised is trained.
    ///
    /// # Errors
    /// Those of [`BenchCommand::run`].
    pub fn run_telling(self, registry: Registry, how_to: HowTo) -> anyhow::Result<ExitCode> {
        match self.command {
            Command::Run(args) => {
                let options = args.resolve(additions(&registry))?;
                run(&options, registry, how_to)
            }
            Command::Report { folders, out } => {
                let out = out.unwrap_or_else(|| folders[0].clone());
                report(&folders, &out, &registry, how_to)
            }
            Command::Submit(args) => array::submit(&args.resolve(additions(&registry))?, &registry),
            Command::Watch(args) => array::watch(&args),
            Command::Merge(args) => array::merge(&args, &registry, how_to),
            Command::Task(args) => array::task(&args, registry, how_to),
            Command::Verify(args) => verify::run(&args.resolve()?, registry),
            Command::Decide(args) => decide::run(&args, &registry),
            Command::Pack { folder } => pack(&folder, &registry),
            Command::Data(DataCommand::Check { data }) => check_data(&data),
            Command::Data(DataCommand::Make(MakeCommand::Mnist { from, out })) => {
                make_mnist(&from, &out)
            }
            Command::Data(DataCommand::Make(MakeCommand::Imdb {
                reviews,
                model,
                out,
            })) => imdb::make(&reviews, &model, &out),
        }
    }
}

/// Trains every method on every data set and reports what came out.
#[derive(Parser, Debug)]
#[command(version, about)]
struct Cli {
    #[command(flatten)]
    bench: BenchCommand,
}

/// A program of your own: the commands of `art bench` with the methods of `registry`. It parses `arguments`, the first of
/// which is the program's name, and returns its exit code.
///
/// Methods that [`Registry::standard`] lacks join the matrix:
///
/// ```no_run
/// use art_bench::run_program;
/// use art_methods::{Kind, Method, Registry};
/// use art_train::Recipe;
///
/// fn main() -> std::process::ExitCode {
///     let mine = Method::new("mine", "My method", Kind::Sampler, |_, inputs| Ok(Recipe::plain(inputs)));
///     run_program(Registry::standard().with(mine).expect("a new id"), std::env::args_os())
/// }
/// ```
pub fn run_program<A: Into<OsString> + Clone>(
    registry: Registry,
    arguments: impl IntoIterator<Item = A>,
) -> ExitCode {
    let cli = match Cli::try_parse_from(arguments) {
        Ok(cli) => cli,
        Err(help_or_error) => {
            // Nothing is left to do when even this cannot be written.
            let _ = help_or_error.print();
            return ExitCode::from(help_or_error.exit_code() as u8);
        }
    };
    cli.bench.run(registry).unwrap_or_else(|error| {
        say(format_args!("error: {error:#}"));
        ExitCode::from(2)
    })
}

/// The names of files, one a line.
fn list<'p>(out: &mut dyn Write, files: impl IntoIterator<Item = &'p PathBuf>) -> io::Result<()> {
    let mut files = files.into_iter();
    files.try_for_each(|file| writeln!(out, "{}", file.display()))
}

/// The methods of `registry` that did not come with the project.
fn additions(registry: &Registry) -> Vec<MatrixMethod> {
    let standard = Registry::standard();
    let added = registry
        .methods()
        .iter()
        .filter(|m| standard.get(m.id()).is_err());
    added.map(|m| MatrixMethod::with_defaults(m.id())).collect()
}

/// A matrix with every setting written out, and its data sets.
struct Prepared {
    info: RunInfo,
    data: DataSets,
}

/// Reads what a matrix needs, and makes sure that there is something to run.
fn prepare(
    options: &MatrixOptions,
    shard: Option<PlanShard>,
    registry: &Registry,
) -> anyhow::Result<Prepared> {
    let matrix = options.matrix.clone().resolved(registry)?;
    let mut ids = matrix.datasets.clone();
    ids.extend(matrix.ablations.iter().map(|a| a.dataset.clone()));
    let data = load_data(&ids, &options.data)?;
    let info = RunInfo::new(matrix, data.class_names()?, data.unavailable().clone());
    let wanted = |name: &str| options.wants(name);
    let selection = Selection {
        wanted: Some(&wanted),
        shard,
        unavailable: info.unavailable.keys().cloned().collect(),
        task: None,
    };
    if Plan::new(&info.matrix, registry, &Records::new(), &selection)?.n_left() > 0 {
        return Ok(Prepared { info, data });
    }
    let of_missing = |id: &&String| wanted(&format!("{id}/{}/{}", "art", info.matrix.seeds[0]));
    Err(
        match info.unavailable.iter().find(|(id, _)| of_missing(id)) {
            Some((id, reason)) => unavailable(id, reason).into(),
            None => options.nothing_selected(shard),
        },
    )
}

/// That a data set cannot be had, and what to do.
fn unavailable(id: &str, reason: &str) -> BenchError {
    BenchError::Unavailable {
        dataset: dataset_title(id).to_owned(),
        reason: format!("{reason}; {POOL}"),
    }
}

fn run(options: &RunOptions, registry: Registry, how_to: HowTo) -> anyhow::Result<ExitCode> {
    let RunOptions {
        of: options,
        shard,
        jobs,
    } = options;
    let Prepared { info, data } = prepare(options, *shard, &registry)?;
    let wanted = |name: &str| options.wants(name);
    let selection = Selection {
        wanted: Some(&wanted),
        shard: *shard,
        unavailable: info.unavailable.keys().cloned().collect(),
        task: None,
    };
    let mut experiment = Experiment::new(data, registry, *jobs, options.device)?;
    if options.keep_logits {
        experiment = experiment.keep_logits(options.out.clone());
    }
    let cancel = cancel_on_interrupt("epochs")?;
    let session = SessionOptions {
        folder: &options.out,
        jobs: *jobs,
        retry_failed: options.retry_failed,
        how_to,
    };
    let session = Session::run(&info, &experiment, &selection, session, &cancel)?;
    say_torn(session.torn_bytes);
    let code = code_of(session.executed);
    show(code, |out| {
        writeln!(out, "{}", macro_f1_text(&session.results))?;
        describe(out, &session.executed, session.n_stored)?;
        let files = session.files.iter();
        list(
            out,
            files.filter(|file| file.extension().is_some_and(|e| e != "csv")),
        )
    })
}

fn say_torn(bytes: usize) {
    if bytes > 0 {
        say(format_args!(
            "note: cut off {bytes} bytes of a record that a crash had torn"
        ));
    }
}

fn code_of(executed: Executed) -> ExitCode {
    match executed {
        Executed { left, .. } if left > 0 => ExitCode::from(INTERRUPTED),
        Executed { failed, .. } if failed > 0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

/// Reads the data sets called `ids`, and says which cannot be had.
fn load_data(ids: &[String], folder: &Path) -> anyhow::Result<DataSets> {
    let folder = DataFolder::open(folder)
        .context("the data folder is needed; --data DIR or ART_DATA names another one")?;
    let data = DataSets::load(ids, &folder)?;
    for (id, reason) in data.unavailable() {
        say(format_args!(
            "note: {} is left out: {reason}; {POOL}",
            dataset_title(id)
        ));
    }
    Ok(data)
}

fn describe(out: &mut dyn Write, executed: &Executed, n_stored: usize) -> io::Result<()> {
    writeln!(
        out,
        "{} run now, {n_stored} were stored before",
        counted(executed.run, "cell")
    )?;
    if executed.failed > 0 {
        writeln!(
            out,
            "{} failed; the report says why, --retry-failed runs {} again",
            counted(executed.failed, "cell"),
            if executed.failed == 1 { "it" } else { "them" }
        )?;
    }
    if executed.left > 0 {
        writeln!(
            out,
            "interrupted with {} left; the same command goes on",
            counted(executed.left, "cell")
        )?;
    }
    Ok(())
}

fn report(
    folders: &[PathBuf],
    out: &Path,
    registry: &Registry,
    how_to: HowTo,
) -> anyhow::Result<ExitCode> {
    let (info, records) = read_folders(folders)?;
    let results = Results::new(&info, &records, registry)?;
    std::fs::create_dir_all(out).map_err(BenchError::io("make the folder", out))?;
    let files = write_report_for(&results, out, how_to)?;
    show(ExitCode::SUCCESS, |out| list(out, &files))
}

/// Packs the records of a folder; what its report shows stays the same.
fn pack(folder: &Path, registry: &Registry) -> anyhow::Result<ExitCode> {
    let (info, records) = read_folders(&[folder.to_owned()])?;
    let results = Results::new(&info, &records, registry)?;
    let curves = results.datasets.iter().flat_map(|dataset| &dataset.curves);
    let shown: BTreeSet<&CellId> = curves.flat_map(|curve| &curve.cells).collect();
    let files = pack_records(folder, |cell| shown.contains(cell))?;
    show(ExitCode::SUCCESS, |out| list(out, &files))
}

fn check_data(path: &Path) -> anyhow::Result<ExitCode> {
    let folder = DataFolder::open(path)?;
    let files = folder.files().iter();
    let checked: Vec<_> = files
        .map(|entry| (entry, folder.read(&entry.name)))
        .map(|(entry, read)| (entry, read.map(drop)))
        .collect();
    let code = if checked.iter().all(|(_, read)| read.is_ok()) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    show(code, |out| {
        for (entry, read) in &checked {
            match read {
                Ok(()) => writeln!(out, "ok     {}  ({})", entry.name, entry.licence)?,
                Err(error) => writeln!(out, "WRONG  {error}")?,
            }
        }
        Ok(())
    })
}

fn make_mnist(from: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(out).map_err(BenchError::io("make the folder", out))?;
    let files = make_mnist_pool(from, out)?;
    show(ExitCode::SUCCESS, |out| list(out, &files))
}
