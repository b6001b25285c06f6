//! The program `art-bench`.

#![warn(clippy::print_stdout, clippy::print_stderr)]

use art_bench::run_program;
use art_methods::Registry;
use std::process::ExitCode;

fn main() -> ExitCode {
    run_program(Registry::standard(), std::env::args_os())
}
