//! `art`: what the workspace's libraries do, for your own table and the paper's experiment. Glue only.

#![warn(clippy::unwrap_used, clippy::print_stdout, clippy::print_stderr)]

mod advice;
mod args;
mod commands;
mod concerns;
mod consent;
mod contradictions;
mod doubts;
mod folded;
mod left_out;
mod live;
mod made_rows;
mod markers;
mod output;
mod paths;
mod problems;
mod remedies;
mod rules;
mod settings;
mod stdin;
mod table;
mod text;

use args::{Cli, Command};
use art_bench::say;
use art_methods::Registry;
use clap::{CommandFactory, FromArgMatches};
use std::{io::Write, process::ExitCode};

fn main() -> ExitCode {
    let parsed = command().try_get_matches();
    let mut cli = match parsed.and_then(|matches| Cli::from_arg_matches(&matches)) {
        Ok(cli) => cli,
        Err(help_or_error) => {
            // Nothing is left to do when even this cannot be written.
            let _ = help_or_error.print();
            return ExitCode::from(u8::try_from(help_or_error.exit_code()).unwrap_or(2));
        }
    };
    let spool = match stdin::Spool::of(&mut cli.command) {
        Ok(spool) => spool,
        Err(error) => {
            say(format_args!("error: {error:#}"));
            return ExitCode::from(2);
        }
    };
    let outcome = match cli.command {
        Command::Inspect(args) => done(commands::inspect::run(&args)),
        Command::Compare(args) => commands::compare::run(&args),
        Command::Train(args) => commands::train::run(&args),
        Command::Predict(args) => commands::predict::run(&args),
        Command::Report(args) => done(commands::report::run(&args)),
        Command::Resample(args) => done(commands::resample::run(&args)),
        Command::Draw(args) => done(commands::draw::run(&args)),
        Command::Stats(args) => done(commands::stats::run(&args)),
        Command::Bench(command) => {
            command.run_telling(Registry::standard(), advice::advised_options)
        }
        Command::Methods(args) => done(commands::methods::run(&args)),
        Command::Completions { shell } => {
            let mut script = vec![];
            clap_complete::generate(shell, &mut command(), "art", &mut script);
            done(std::io::stdout().write_all(&script).map_err(Into::into))
        }
        Command::Man { folder } => done(commands::man::run(&folder, command())),
    };
    match outcome {
        Ok(code) => code,
        // Whoever read our output has seen enough.
        Err(error) if is_broken_pipe(&error) => ExitCode::SUCCESS,
        Err(error) => {
            let named = |text: &str| {
                let spool = spool.as_ref();
                spool.map_or_else(|| text.to_owned(), |spool| spool.named(text))
            };
            say(format_args!("error: {}", named(&format!("{error:#}"))));
            for line in remedies::remedies(&error) {
                say(named(&line));
            }
            ExitCode::from(2)
        }
    }
}

/// The program's commands; what `predict` takes only to say why it does not is not shown.
fn command() -> clap::Command {
    Cli::command().mut_subcommand("predict", |predict| {
        let hidden = |argument: clap::Arg| argument.hide(true);
        predict.mut_arg("words", hidden).mut_arg("numbers", hidden)
    })
}

fn done(outcome: anyhow::Result<()>) -> anyhow::Result<ExitCode> {
    outcome.map(|()| ExitCode::SUCCESS)
}

fn is_broken_pipe(error: &anyhow::Error) -> bool {
    let is_broken = |error: &std::io::Error| error.kind() == std::io::ErrorKind::BrokenPipe;
    error.chain().any(|cause| {
        let of_csv = cause.downcast_ref::<csv::Error>();
        let of_csv = of_csv.is_some_and(
            |error| matches!(error.kind(), csv::ErrorKind::Io(error) if is_broken(error)),
        );
        of_csv || cause.downcast_ref().is_some_and(is_broken)
    })
}
