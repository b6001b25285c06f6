//! Builds the Python package and runs its tests in an environment that is made for them.

use crate::{cargo, complain, root, say};
use std::{
    env, fs, io,
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
};

const HELP: &str = "\
cargo xtask python-test [--fast]

Builds the wheel of python/ with maturin, installs it in target/python, and runs its tests: samplers, loaders and processes in
PyTorch, imbalanced-learn's own checks, examples, types. The first run installs PyTorch, some gigabytes.

  --fast   what needs numpy and scikit-learn and no more, on a build that is quick to make: what `cargo xtask ci` runs
";

/// What the fast tests need, and what the others need besides.
const TOOLS: &[&str] = &[
    "maturin>=1.16,<2",
    "numpy>=1.26",
    "pytest>=8",
    "scikit-learn>=1.6",
];
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
    let starter = starter();
    if !is_usable(&starter) {
        complain(format_args!("error: {}", missing(&starter)));
        return ExitCode::from(2);
    }
    match Environment::new().check(&starter, is_fast) {
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

/// What came of the Python package among all checks.
pub(crate) enum Checked {
    Passed,
    /// It could not be tested, for this reason.
    Skipped(String),
    Failed,
}

/// Runs the fast tests where there is a Python that they can be run with.
pub(crate) fn check_if_possible() -> Checked {
    let starter = starter();
    if !is_usable(&starter) {
        return Checked::Skipped(missing(&starter));
    }
    match Environment::new().check(&starter, true) {
        Ok(()) => Checked::Passed,
        // Whoever has no way to the registry still has all other checks.
        Err(step @ (MAKING | INSTALLING)) => Checked::Skipped(format!("{step} failed")),
        Err(step) => {
            complain(format_args!("error: {step} failed"));
            Checked::Failed
        }
    }
}

/// The Python that makes the environment.
fn starter() -> PathBuf {
    env::var_os("PYTHON").map_or_else(|| "python3".into(), PathBuf::from)
}

/// Whether it is new enough and can make environments.
fn is_usable(starter: &Path) -> bool {
    let look = "import ensurepip, sys, venv; sys.exit(sys.version_info < (3, 11))";
    let mut command = Command::new(starter);
    command.args(["-c", look]).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}

fn missing(starter: &Path) -> String {
    format!(
        "{} is no Python 3.11 or newer with venv and pip, so that the Python package cannot be tested; install one, or name \
         it in PYTHON",
        starter.display()
    )
}

/// Steps that fail where the world is not as they need it.
const MAKING: &str = "making the environment";
const INSTALLING: &str = "installing what the tests need";

struct Environment {
    root: PathBuf,
    folder: PathBuf,
}

impl Environment {
    fn new() -> Self {
        Self {
            root: root(),
            folder: root().join("target/python"),
        }
    }

    /// Runs everything; the error is the step that failed.
    fn check(&self, starter: &Path, is_fast: bool) -> Result<(), &'static str> {
        let package = self.root.join("python");
        let wheels = self.folder.join("wheels");
        if !self.program("python").exists() {
            let mut make = Command::new(starter);
            succeed(MAKING, make.args(["-m", "venv"]).arg(&self.folder))?;
        }
        let mut install = self.pip();
        install.args(TOOLS);
        if !is_fast {
            install.args(HEAVY);
        }
        succeed(INSTALLING, &mut install)?;
        // An older wheel must not be the one that is tested.
        match fs::remove_dir_all(&wheels) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err("removing old wheels");
            }
            _ => {}
        }
        let mut build = Command::new(self.program("maturin"));
        build.args(["build", "--quiet", "--out"]).arg(&wheels);
        if !is_fast {
            build.arg("--release");
        }
        succeed("the wheel", build.current_dir(&package))?;
        let wheel = fs::read_dir(&wheels)
            .ok()
            .and_then(|mut files| files.next()?.ok());
        let wheel = wheel.ok_or("finding the wheel")?.path();
        let mut install = self.pip();
        install.args(["--no-deps", "--force-reinstall"]).arg(wheel);
        succeed("installing the wheel", &mut install)?;
        // Whose models they read, and which reads theirs.
        let mut program = cargo();
        program.args(["build", "--quiet", "--package", "art-cli"]);
        succeed("the program", program.current_dir(&self.root))?;
        // By their own programs: `python -m` would look for the package in the folder, where its compiled part is not.
        let pytest = || {
            let mut command = Command::new(self.program("pytest"));
            command.current_dir(&package).arg("--quiet");
            command.env("ART", self.art());
            command
        };
        if is_fast {
            return succeed("tests", pytest().args(["-m", "not heavy"]));
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

    /// The program of the checkout.
    fn art(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").map(PathBuf::from);
        let target = target.unwrap_or_else(|| "target".into());
        let name = format!("art{}", env::consts::EXE_SUFFIX);
        self.root.join(target).join("debug").join(name)
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
