//! The command line of the experiment: glue only.

mod args;
mod imdb;

use crate::{
    cell::CellSpec,
    counted::{counted, counted_doing},
    dataset::{DataSets, dataset_title},
    environment::Environment,
    error::BenchError,
    execute::{Executed, verify},
    folders::read_folders,
    interrupt::{INTERRUPTED, cancel_on_interrupt},
    matrix::MatrixMethod,
    plan::{Plan, Selection},
    report::{macro_f1_text, write_report},
    results::Results,
    run_info::RunInfo,
    runner::Experiment,
    session::{Session, SessionOptions},
    store::{Records, pack_records, read_records},
    terminal::{say, show},
};
use anyhow::Context;
use args::{Cli, Command, DataCommand, MakeCommand, RunOptions};
use art_data::{DataFolder, make_mnist_pool};
use art_methods::Registry;
use clap::Parser;
use std::{
    ffi::OsString,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
};

/// What to do where the one data set is lacking that does not come with the project.
const POOL: &str = "`cargo xtask data make imdb --reviews ACLIMDB_DIR --model MINILM_DIR` makes it, --data or ART_DATA names a \
    folder that has it";

/// The program `art-bench` with the methods of `registry`: parses `arguments`, the first of which is the
/// program's name, and returns its exit code.
///
/// Methods that [`Registry::standard`] lacks join the matrix, so a program of your own runs
/// `bench-all` with them:
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
    let outcome = match cli.command {
        Command::Run(args) => args
            .resolve(additions(&registry))
            .and_then(|options| run(&options, registry)),
        Command::Report { folders, out } => {
            let out = out.unwrap_or_else(|| folders[0].clone());
            report(&folders, &out, &registry)
        }
        Command::Pack { folder } => pack_records(&folder)
            .map_err(Into::into)
            .and_then(|path| show(ExitCode::SUCCESS, |out| list(out, [&path]))),
        Command::Data(DataCommand::Check { data }) => check_data(&data),
        Command::Data(DataCommand::Make(MakeCommand::Mnist { from, out })) => {
            make_mnist(&from, &out)
        }
        Command::Data(DataCommand::Make(MakeCommand::Imdb {
            reviews,
            model,
            out,
        })) => imdb::make(&reviews, &model, &out),
    };
    outcome.unwrap_or_else(|error| {
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

fn run(options: &RunOptions, registry: Registry) -> anyhow::Result<ExitCode> {
    let matrix = options.matrix.clone().resolved(&registry)?;
    let folder = DataFolder::open(&options.data)
        .context("the data folder is needed; --data DIR or ART_DATA names another one")?;
    let mut ids = matrix.datasets.clone();
    ids.extend(matrix.ablations.iter().map(|a| a.dataset.clone()));
    let data = DataSets::load(&ids, &folder)?;
    for (id, reason) in data.unavailable() {
        say(format_args!(
            "note: {} is left out: {reason}; {POOL}",
            dataset_title(id)
        ));
    }
    let info = RunInfo::new(matrix, data.class_names()?, data.unavailable().clone());
    let wanted = |name: &str| options.only.as_ref().is_none_or(|only| only.matches(name));
    let selection = Selection {
        wanted: Some(&wanted),
        shard: options.shard,
        unavailable: data.unavailable().keys().cloned().collect(),
    };
    let plan = |registry: &Registry, records: &Records| {
        Plan::new(&info.matrix, registry, records, &selection)
    };
    if plan(&registry, &Records::new())?.n_left() == 0 {
        let of_missing = |id: &&String| wanted(&format!("{id}/{}/{}", "art", info.matrix.seeds[0]));
        return Err(
            match info.unavailable.iter().find(|(id, _)| of_missing(id)) {
                Some((id, reason)) => BenchError::Unavailable {
                    dataset: dataset_title(id).to_owned(),
                    reason: format!("{reason}; {POOL}"),
                }
                .into(),
                None => options.nothing_selected(),
            },
        );
    }
    let experiment = Experiment {
        data,
        registry,
        environment: Environment::current(options.jobs),
    };
    let cancel = cancel_on_interrupt("epochs")?;
    if let Some(n) = options.verify {
        let records = read_records(&options.out)
            .context("there is nothing to verify; run the matrix first")?;
        let plan = plan(&experiment.registry, &records)?;
        let cells: Vec<CellSpec> = plan.known_cells().map(|(_, spec)| spec.clone()).collect();
        return verify_cells(&cells, n, &records, &experiment, options, &cancel);
    }
    let session = SessionOptions {
        folder: &options.out,
        jobs: options.jobs,
        retry_failed: options.retry_failed,
    };
    let session = Session::run(&info, &experiment, &selection, session, &cancel)?;
    if session.torn_bytes > 0 {
        say(format_args!(
            "note: cut off {} bytes of a record that a crash had torn",
            session.torn_bytes
        ));
    }
    let code = match session.executed {
        Executed { left, .. } if left > 0 => ExitCode::from(INTERRUPTED),
        Executed { failed, .. } if failed > 0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    };
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

fn verify_cells(
    plan: &[CellSpec],
    n: usize,
    records: &Records,
    experiment: &Experiment,
    options: &RunOptions,
    cancel: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let stored: Vec<_> = plan
        .iter()
        .filter(|spec| records.contains_key(&spec.id()))
        .collect();
    anyhow::ensure!(
        !stored.is_empty(),
        "there is no stored cell to verify; run the matrix first"
    );
    let n = n.min(stored.len());
    let spread: Vec<_> = (0..n)
        .map(|k| stored[k * stored.len() / n].clone())
        .collect();
    let differing = verify(&spread, experiment, records, options.jobs, cancel)?;
    if cancel.load(Ordering::Relaxed) {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    let own = &experiment.environment.instructions;
    let is_of_others = |spec: &&CellSpec| {
        let record = records.get(&spec.id());
        record.is_some_and(|record| record.measured.environment.instructions != *own)
    };
    let of_others = differing.iter().filter(is_of_others).count();
    let code = if differing.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    };
    show(code, |out| {
        for spec in &differing {
            writeln!(out, "{spec} differs from its record")?;
        }
        if of_others > 0 {
            writeln!(
                out,
                "{of_others} of them were recorded by a processor with other instructions than {own:?}, or it was not \
                 noted with which: products round differently there, and in long runs a last digit decides an epoch"
            )?;
        }
        writeln!(
            out,
            "{} of {} byte for byte",
            n - differing.len(),
            counted_doing(n, "cell", "reproduces its record", "reproduce their record")
        )
    })
}

fn report(folders: &[PathBuf], out: &Path, registry: &Registry) -> anyhow::Result<ExitCode> {
    let (info, records) = read_folders(folders)?;
    let results = Results::new(&info, &records, registry)?;
    std::fs::create_dir_all(out).map_err(BenchError::io("make the folder", out))?;
    let files = write_report(&results, out)?;
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
