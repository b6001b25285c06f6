//! Every check, cheapest first.

use crate::{cargo, tidy};
use std::process::ExitCode;

/// Runs the checks until one fails.
pub(crate) fn run() -> ExitCode {
    if tidy::run() != ExitCode::SUCCESS {
        return ExitCode::FAILURE;
    }
    let steps: [(&str, &[&str], &[(&str, &str)]); 4] = [
        ("format", &["fmt", "--all", "--check"], &[]),
        (
            "lints",
            &[
                "clippy",
                "--quiet",
                "--workspace",
                "--all-targets",
                "--",
                "--deny",
                "warnings",
            ],
            &[],
        ),
        (
            "tests",
            &["test", "--workspace"],
            &[("RAYON_NUM_THREADS", "1")],
        ),
        (
            "documents",
            &["doc", "--quiet", "--workspace", "--no-deps"],
            &[("RUSTDOCFLAGS", "--deny warnings")],
        ),
    ];
    for (name, arguments, variables) in steps {
        println!("== {name}: cargo {}", arguments.join(" "));
        let status = cargo()
            .args(arguments)
            .envs(variables.iter().copied())
            .status();
        if !status.is_ok_and(|status| status.success()) {
            eprintln!("error: {name} failed");
            return ExitCode::FAILURE;
        }
    }
    println!("== all checks passed");
    ExitCode::SUCCESS
}
