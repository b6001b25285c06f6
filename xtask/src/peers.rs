//! Times the same work here and in Python.

use crate::complain;
use crate::{become_command, cargo, root};
use std::{
    env, fs,
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
    if !has_environment(&folder, &environment, &python) {
        return ExitCode::from(2);
    }
    // Scores take an hour where seconds take minutes: they are no suite among the others.
    let (script, targets, arguments): (_, &[&str], _) = match arguments {
        ["track", rest @ ..] => ("track.py", &["--example=peer"], rest),
        ["models", rest @ ..] => ("models_page.py", &["--example=models"], rest),
        _ => (
            "bench_peers.py",
            &["--package=art-cli", "--bin=art", "--example=peer"],
            arguments,
        ),
    };
    let mut build = cargo();
    build.current_dir(&root);
    build.args(["build", "--release", "--no-default-features"]);
    build.arg("--package=art-bench").args(targets);
    if !succeeds(&mut build) {
        return ExitCode::from(2);
    }
    let mut command = Command::new(python);
    command.arg(folder.join(script)).args(arguments);
    become_command(command)
}

/// Makes the environment where it is missing, and installs what it lacks.
fn has_environment(folder: &Path, environment: &Path, python: &Path) -> bool {
    const REQUIREMENTS: &str = "requirements.txt";
    let (wanted, installed) = (folder.join(REQUIREMENTS), environment.join(REQUIREMENTS));
    if fs::read(&wanted).is_ok_and(|wanted| fs::read(&installed).is_ok_and(|text| text == wanted)) {
        return true;
    }
    let starter = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    (python.exists() || succeeds(Command::new(starter).args(["-m", "venv"]).arg(environment)))
        && succeeds(
            Command::new(python)
                .args(["-m", "pip", "install", "--quiet", "--requirement"])
                .arg(&wanted),
        )
        && fs::copy(&wanted, &installed).is_ok()
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
