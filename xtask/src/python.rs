//! Builds the Python package and runs its tests in an environment that is made for them.

use crate::{complain, root, say};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

const HELP: &str = "\
cargo xtask python-test [--fast]

Builds the wheel of python/ with maturin, installs it in target/python, and runs its tests: samplers, loaders and processes in
PyTorch, imbalanced-learn's own checks, examples, types. The first run installs PyTorch, some gigabytes.

  --fast   what needs numpy and no more
";

/// What the tests need; the first two build and run, the others are for what is heavy.
const TOOLS: &[&str] = &["maturin>=1.16,<2", "pytest>=8", "numpy>=1.26"];
const HEAVY: &[&str] = &[
    "accelerate>=1",
    "imbalanced-learn>=0.14",
    "lightning>=2.4",
    "mypy>=1.11",
    "pandas>=2.2",
    "polars>=1",
    "torch>=2.2",
    "torchdata>=0.11",
    "transformers>=4.50",
];

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let is_fast = match arguments {
        [] => false,
        ["--fast"] => true,
        _ => {
            say(HELP.trim_end());
            return ExitCode::from(if arguments == ["--help"] { 0 } else { 2 });
        }
    };
    let starter = env::var_os("PYTHON").unwrap_or_else(|| "python3".into());
    let version = Command::new(&starter)
        .arg("--version")
        .stdout(Stdio::null())
        .status();
    if version.is_err() {
        complain(format_args!(
            "error: there is no {}, so that the Python package cannot be tested; install Python 3.11 or newer, or name one in \
             PYTHON",
            starter.display()
        ));
        return ExitCode::from(2);
    }
    let environment = Environment {
        root: root(),
        folder: root().join("target/python"),
    };
    match environment.check(Path::new(&starter), is_fast) {
        Ok(()) => {
            say("== the Python package passed");
            ExitCode::SUCCESS
        }
        Err(step) => {
            complain(format_args!("error: {step} failed"));
            ExitCode::FAILURE
        }
    }
}

struct Environment {
    root: PathBuf,
    folder: PathBuf,
}

impl Environment {
    /// Runs everything; the error is the step that failed.
    fn check(&self, starter: &Path, is_fast: bool) -> Result<(), &'static str> {
        let package = self.root.join("python");
        let wheels = self.folder.join("wheels");
        if !self.program("python").exists() {
            let mut make = Command::new(starter);
            succeed(
                "the environment",
                make.args(["-m", "venv"]).arg(&self.folder),
            )?;
        }
        let mut install = self.pip();
        install.args(TOOLS);
        if !is_fast {
            install.args(HEAVY);
        }
        succeed("installing what the tests need", &mut install)?;
        // An older wheel must not be the one that is tested.
        match fs::remove_dir_all(&wheels) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err("removing old wheels");
            }
            _ => {}
        }
        let mut build = Command::new(self.program("maturin"));
        build
            .args(["build", "--quiet", "--release", "--out"])
            .arg(&wheels);
        succeed("the wheel", build.current_dir(&package))?;
        let wheel = fs::read_dir(&wheels)
            .ok()
            .and_then(|mut files| files.next()?.ok());
        let wheel = wheel.ok_or("finding the wheel")?.path();
        let mut install = self.pip();
        install.args(["--no-deps", "--force-reinstall"]).arg(wheel);
        succeed("installing the wheel", &mut install)?;
        // By their own programs: `python -m` would look for the package in the folder, where its compiled part is not.
        let pytest = || {
            let mut command = Command::new(self.program("pytest"));
            command.current_dir(&package).arg("--quiet");
            command
        };
        if is_fast {
            return succeed(
                "tests",
                pytest().args([
                    "-m",
                    "not heavy",
                    "tests/test_samplers.py",
                    "tests/test_stats.py",
                ]),
            );
        }
        succeed("tests", &mut pytest())?;
        let examples = ["--doctest-modules", "--pyargs", "imbalanced_art"];
        succeed("examples in documents", pytest().args(examples))?;
        let mut types = Command::new(self.program("mypy"));
        succeed("types", types.current_dir(&package))?;
        // Outside of the folder, so that the installed package is looked at.
        let mut stub = Command::new(self.program("stubtest"));
        stub.arg("--mypy-config-file")
            .arg(package.join("pyproject.toml"));
        succeed(
            "the stub",
            stub.current_dir(&self.folder).arg("imbalanced_art._core"),
        )
    }

    /// A program of the environment.
    fn program(&self, name: &str) -> PathBuf {
        if cfg!(windows) {
            self.folder.join("Scripts").join(name).with_extension("exe")
        } else {
            self.folder.join("bin").join(name)
        }
    }

    fn pip(&self) -> Command {
        let mut command = Command::new(self.program("python"));
        command.args(["-m", "pip", "install", "--quiet"]);
        command
    }
}

fn succeed(step: &'static str, command: &mut Command) -> Result<(), &'static str> {
    say(format_args!("== {step}"));
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(step),
        Err(error) => {
            complain(format_args!(
                "error: cannot start {}: {error}",
                command.get_program().display()
            ));
            Err(step)
        }
    }
}
