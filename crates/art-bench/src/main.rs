//! The program `art-bench`.

#![warn(clippy::print_stdout, clippy::print_stderr)]

use art_bench::{Registry, run_program};
use std::process::ExitCode;

fn main() -> ExitCode {
    run_program(Registry::standard(), std::env::args_os())
}
