//! The command line of the experiment: glue only.

mod args;

use anyhow::Context;
use args::{Cli, Command, DataCommand, MakeCommand, RunOptions};
use art_bench::{
    BenchError, DataSets, Environment, ExecuteOptions, Executed, Experiment, Registry, Results,
    RunInfo, Store, execute, read_records, verify, write_report,
};
use art_data::{DataFolder, make_mnist_pool};
use clap::Parser;
use std::{
    path::Path,
    process::ExitCode,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

/// Exit code of a run that was interrupted: 128 + SIGINT.
const INTERRUPTED: u8 = 130;

fn main() -> ExitCode {
    let outcome = match Cli::parse().command {
        Command::Run(args) => args.resolve().and_then(|options| run(&options)),
        Command::Report { folder } => report(&folder).map(|()| ExitCode::SUCCESS),
        Command::Data(DataCommand::Check { data }) => check_data(&data),
        Command::Data(DataCommand::Make(MakeCommand::Mnist { from, out })) => {
            make_mnist(&from, &out)
        }
    };
    outcome.unwrap_or_else(|error| {
        eprintln!("error: {error:#}");
        ExitCode::from(2)
    })
}

fn run(options: &RunOptions) -> anyhow::Result<ExitCode> {
    let registry = Registry::standard();
    let matrix = options.matrix.clone().resolved(&registry)?;
    let plan = options.select(matrix.cells())?;
    let folder = DataFolder::open(&options.data)
        .context("the data folder is needed; --data DIR or ART_DATA names another one")?;
    let data = DataSets::load(&options.matrix.datasets, &folder)?;
    let info = RunInfo::new(matrix, data.class_names());
    let experiment = Experiment {
        data,
        registry,
        environment: Environment::current(options.jobs),
    };
    let cancel = cancel_on_interrupt()?;
    if let Some(n) = options.verify {
        return verify_cells(&plan, n, &experiment, options, &cancel);
    }
    let mut store = Store::open(&options.out)?;
    if store.torn_bytes() > 0 {
        eprintln!(
            "note: cut off {} bytes of a record that a crash had torn",
            store.torn_bytes()
        );
    }
    info.save(&options.out)?;
    let execute_options = ExecuteOptions {
        jobs: options.jobs,
        retry_failed: options.retry_failed,
    };
    let executed = execute(&plan, &experiment, &mut store, execute_options, &cancel)?;
    let results = Results::new(&info, store.records(), &experiment.registry)?;
    let files = write_report(&results, &options.out)?;
    println!("{}", art_bench::macro_f1_text(&results));
    describe(&executed);
    for file in files
        .iter()
        .filter(|file| file.extension().is_some_and(|e| e != "csv"))
    {
        println!("{}", file.display());
    }
    Ok(match executed {
        Executed { left, .. } if left > 0 => ExitCode::from(INTERRUPTED),
        Executed { failed, .. } if failed > 0 => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    })
}

fn describe(executed: &Executed) {
    println!(
        "{} cells run now, {} were stored before",
        executed.run, executed.skipped
    );
    if executed.failed > 0 {
        println!(
            "{} cells failed; the report says why, --retry-failed runs them again",
            executed.failed
        );
    }
    if executed.left > 0 {
        println!(
            "interrupted with {} cells left; the same command goes on",
            executed.left
        );
    }
}

fn verify_cells(
    plan: &[art_bench::CellSpec],
    n: usize,
    experiment: &Experiment,
    options: &RunOptions,
    cancel: &AtomicBool,
) -> anyhow::Result<ExitCode> {
    let records =
        read_records(&options.out).context("there is nothing to verify; run the matrix first")?;
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
    let differing = verify(&spread, experiment, &records, options.jobs, cancel)?;
    if cancel.load(Ordering::Relaxed) {
        return Ok(ExitCode::from(INTERRUPTED));
    }
    for spec in &differing {
        println!("{spec} differs from its record");
    }
    println!(
        "{} of {n} cells reproduce their record byte for byte",
        n - differing.len()
    );
    Ok(if differing.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// A flag that the first interrupt sets; the second one ends the process.
fn cancel_on_interrupt() -> anyhow::Result<Arc<AtomicBool>> {
    let cancel = Arc::new(AtomicBool::new(false));
    let flag = Arc::clone(&cancel);
    ctrlc::set_handler(move || {
        if flag.swap(true, Ordering::Relaxed) {
            std::process::exit(i32::from(INTERRUPTED));
        }
        eprintln!("\nstopping after the epochs in work; interrupt again to stop at once");
    })?;
    Ok(cancel)
}

fn report(folder: &Path) -> anyhow::Result<()> {
    let info = RunInfo::load(folder)?;
    let records = read_records(folder)?;
    let results = Results::new(&info, &records, &Registry::standard())?;
    for file in write_report(&results, folder)? {
        println!("{}", file.display());
    }
    Ok(())
}

fn check_data(path: &Path) -> anyhow::Result<ExitCode> {
    let folder = DataFolder::open(path)?;
    let mut wrong = 0;
    for entry in folder.files() {
        match folder.read(&entry.name) {
            Ok(_) => println!("ok     {}  ({})", entry.name, entry.licence),
            Err(error) => {
                wrong += 1;
                println!("WRONG  {error}");
            }
        }
    }
    Ok(if wrong == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn make_mnist(from: &Path, out: &Path) -> anyhow::Result<ExitCode> {
    std::fs::create_dir_all(out).map_err(|reason| BenchError::Io {
        action: "make the folder",
        path: out.to_owned(),
        reason,
    })?;
    for path in make_mnist_pool(from, out)? {
        println!("{}", path.display());
    }
    Ok(ExitCode::SUCCESS)
}
