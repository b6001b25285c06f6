//! Times the same work here and in Python.

use crate::complain;
use crate::{become_command, cargo, root};
use std::{
    env,
    path::Path,
    process::{Command, ExitCode},
};

/// Makes the Python environment where it is missing, builds our side, and runs the comparison.
pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let root = root();
    let folder = root.join("benches/peers");
    let environment = root.join("target/peers");
    let python = environment.join(if cfg!(windows) {
        "Scripts/python.exe"
    } else {
        "bin/python"
    });
    if !python.exists() && !make_environment(&folder, &environment, &python) {
        return ExitCode::from(2);
    }
    let mut build = cargo();
    build.current_dir(&root);
    build.args([
        "build",
        "--release",
        "--no-default-features",
        "--package=art-cli",
        "--package=art-bench",
        "--bin=art",
        "--example=peer",
    ]);
    if !succeeds(&mut build) {
        return ExitCode::from(2);
    }
    let mut command = Command::new(python);
    command.arg(folder.join("bench_peers.py")).args(arguments);
    become_command(command)
}

fn make_environment(folder: &Path, environment: &Path, python: &Path) -> bool {
    let starter = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    succeeds(Command::new(starter).args(["-m", "venv"]).arg(environment))
        && succeeds(
            Command::new(python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(folder.join("requirements.txt")),
        )
}

fn succeeds(command: &mut Command) -> bool {
    match command.status() {
        Ok(status) => status.success(),
        Err(error) => {
            complain(format_args!(
                "error: cannot start {}: {error}",
                command.get_program().display()
            ));
            false
        }
    }
}
