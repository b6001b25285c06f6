//! Every check, cheapest first.

use crate::{
    cargo, complain, package,
    python::{self, Checked},
    say, site, tidy,
};
use std::process::ExitCode;

/// A cargo command of the checks.
struct Step {
    name: &'static str,
    arguments: &'static [&'static str],
    /// An environment variable and its value.
    variable: Option<(&'static str, &'static str)>,
}

const STEPS: [Step; 7] = [
    Step {
        name: "format",
        arguments: &["fmt", "--all", "--check"],
        variable: None,
    },
    Step {
        name: "lints",
        arguments: &[
            "clippy",
            "--quiet",
            "--workspace",
            "--all-targets",
            "--",
            "--deny",
            "warnings",
        ],
        variable: None,
    },
    Step {
        name: "libraries without optional features",
        arguments: &[
            "check",
            "--quiet",
            "--no-default-features",
            "--package=art-core",
            "--package=art-data",
            "--package=art-losses",
            "--package=art-train",
        ],
        variable: None,
    },
    Step {
        name: "the program as bench-all builds it",
        arguments: &[
            "check",
            "--quiet",
            "--no-default-features",
            "--package=art-cli",
        ],
        variable: None,
    },
    Step {
        name: "tests",
        arguments: &["test", "--workspace"],
        variable: None,
    },
    Step {
        name: "tests of the embedder",
        arguments: &["test", "--package=art-embed", "--features=model"],
        variable: None,
    },
    Step {
        name: "documents",
        arguments: &[
            "doc",
            "--quiet",
            "--workspace",
            "--no-deps",
            "--features",
            "art-core/serde,art-core/conformance,art-data/conformance,art-losses/conformance",
        ],
        variable: Some(("RUSTDOCFLAGS", "--deny warnings")),
    },
];

/// Runs the checks until one fails.
pub(crate) fn run() -> ExitCode {
    if tidy::run() != ExitCode::SUCCESS {
        return ExitCode::FAILURE;
    }
    for step in &STEPS {
        say(format_args!(
            "== {}: cargo {}",
            step.name,
            step.arguments.join(" ")
        ));
        let status = cargo().args(step.arguments).envs(step.variable).status();
        if !status.is_ok_and(|status| status.success()) {
            complain(format_args!("error: {} failed", step.name));
            return ExitCode::FAILURE;
        }
    }
    say("== packages");
    if package::check() != ExitCode::SUCCESS {
        return ExitCode::FAILURE;
    }
    if site::build_and_check() != ExitCode::SUCCESS {
        return ExitCode::FAILURE;
    }
    say("== the Python package, as `cargo xtask python-test --fast` has it");
    match python::check_if_possible() {
        Checked::Passed => say("== all checks passed"),
        Checked::Skipped(why) => say(format_args!(
            "== SKIPPED the Python package: {why}\n== all other checks passed"
        )),
        Checked::Failed => return ExitCode::FAILURE,
    }
    ExitCode::SUCCESS
}
