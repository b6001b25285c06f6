//! A real Slurm on this machine, in name spaces that end with the command: the quick matrix as an array, with kills.

mod array;
mod cluster;
mod processes;

use crate::{cargo, complain, root, say};
use array::Array;
use processes::{path, shell, text};
use std::{
    env, fs,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const HELP: &str = "\
cargo xtask slurm-test [--install] [--program FILE] [--tasks N]

Runs the quick matrix once on this machine, then as an array on a Slurm of one node, whose tasks are stopped, requeued and killed,
and whose node dies once; compares the records byte for byte. Everything happens in name spaces of its own, with a network that
leads nowhere and a file system whose changes are thrown away. Needs root, unshare and the file system overlay.

  --install       take slurmctld, slurmd, slurm-client and munge from Debian's packages, into what is thrown away
  --program FILE  the program to test [default: it is built, optimized]
  --tasks N       tasks of the array [default: 12]
";

type Outcome<T> = Result<T, String>;

/// What was typed, and what is passed on from one name space into the next.
#[derive(Default)]
struct Options {
    is_installed: bool,
    program: Option<PathBuf>,
    tasks: Option<String>,
    /// The folder that is thrown away.
    layer: Option<PathBuf>,
    /// Whether the network is the one that leads nowhere.
    is_alone: bool,
}

impl Options {
    fn of(arguments: &[&str]) -> Option<Self> {
        let mut options = Self::default();
        let mut words = arguments.iter();
        while let Some(word) = words.next() {
            match *word {
                "--install" => options.is_installed = true,
                "--program" => options.program = Some(words.next()?.into()),
                "--tasks" => options.tasks = Some((*words.next()?).to_owned()),
                "--layer" => options.layer = Some(words.next()?.into()),
                "--alone" => options.is_alone = true,
                _ => return None,
            }
        }
        Some(options)
    }
}

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let Some(options) = Options::of(arguments) else {
        say(HELP.trim_end());
        return ExitCode::from(if arguments == ["--help"] { 0 } else { 2 });
    };
    let outcome = match (&options.layer, options.is_alone) {
        (None, _) => outside(&options),
        (Some(layer), false) => in_layer(&options, layer),
        (Some(layer), true) => in_cluster(&options, layer),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            complain(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Builds the program, and starts over in name spaces for mounts and processes.
fn outside(options: &Options) -> Outcome<()> {
    let program = match &options.program {
        Some(program) => {
            fs::canonicalize(program).map_err(|e| format!("{}: {e}", program.display()))?
        }
        None => built()?,
    };
    if shell("id", &["-u"])?.trim() != "0" {
        return Err("a Slurm of its own needs root".into());
    }
    let layer = env::temp_dir().join(format!("art-slurm-{}", std::process::id()));
    fs::create_dir_all(&layer).map_err(text)?;
    let mut command = Command::new("unshare");
    command.args(["--mount", "--pid", "--fork", "--kill-child", "--mount-proc"]);
    command.arg(env::current_exe().map_err(text)?);
    command.arg("slurm-test").arg("--layer").arg(&layer);
    command.arg("--program").arg(&program);
    if options.is_installed {
        command.arg("--install");
    }
    if let Some(tasks) = &options.tasks {
        command.args(["--tasks", tasks]);
    }
    let status = command.status();
    let _ = fs::remove_dir(&layer);
    match status {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err(
            "the test did not pass; root, unshare and the file system overlay are needed".into(),
        ),
        Err(error) => Err(format!("cannot start unshare: {error}")),
    }
}

fn built() -> Outcome<PathBuf> {
    let arguments = [
        "build",
        "--release",
        "--package=art-cli",
        "--no-default-features",
    ];
    let status = cargo().current_dir(root()).args(arguments).status();
    if !status.is_ok_and(|status| status.success()) {
        return Err("the program could not be built".into());
    }
    let target = env::var_os("CARGO_TARGET_DIR").map_or(root().join("target"), PathBuf::from);
    Ok(target.join("release/art"))
}

/// Puts a layer over the system's folders, installs what was asked for, and starts over without a network.
fn in_layer(options: &Options, layer: &Path) -> Outcome<()> {
    shell("mount", &["-t", "tmpfs", "layer", &path(layer)])?;
    for name in ["usr", "etc", "var"] {
        let [upper, work] = ["upper", "work"].map(|part| layer.join(name).join(part));
        for folder in [&upper, &work] {
            fs::create_dir_all(folder).map_err(text)?;
        }
        let how = format!(
            "lowerdir=/{name},upperdir={},workdir={}",
            path(&upper),
            path(&work)
        );
        shell(
            "mount",
            &["-t", "overlay", "layer", "-o", &how, &format!("/{name}")],
        )?;
    }
    shell("mount", &["-t", "tmpfs", "run", "/run"])?;
    if options.is_installed {
        cluster::install()?;
    }
    if !Path::new("/usr/sbin/slurmctld").exists() || !Path::new("/usr/sbin/munged").exists() {
        return Err(
            "there is no slurmctld or no munged; --install takes them from Debian's packages"
                .into(),
        );
    }
    let mut command = Command::new("unshare");
    command.arg("--net").arg(env::current_exe().map_err(text)?);
    command
        .args(["slurm-test", "--alone", "--layer"])
        .arg(layer);
    if let Some(program) = &options.program {
        command.arg("--program").arg(program);
    }
    if let Some(tasks) = &options.tasks {
        command.args(["--tasks", tasks]);
    }
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("the array did not pass".into()),
        Err(error) => Err(format!("cannot start unshare: {error}")),
    }
}

/// Starts a Slurm of one node and runs everything on it.
fn in_cluster(options: &Options, layer: &Path) -> Outcome<()> {
    let program = options
        .program
        .as_deref()
        .ok_or("no program was passed on")?;
    let host = cluster::start(layer)?;
    say(format_args!("== {}", shell("slurmctld", &["-V"])?.trim()));
    let test = Array::new(program, layer);
    let tasks = options.tasks.as_deref().unwrap_or("12");
    test.refused()?;
    let alone = test.run_alone()?;
    let (together, kills) = test.run(tasks, &host)?;
    let cells = test.compare()?;
    say("== as Slurm tells it");
    say(cluster::table(layer)?);
    say("== figures");
    say(format_args!("| cells of the quick matrix | {cells} |"));
    say(format_args!("| tasks of the array | {tasks} |"));
    for (kill, n) in &kills {
        say(format_args!("| {} | {n} |", kill.in_words()));
    }
    say("| cells lost | 0 |\n| cells run to their end twice | 0 |");
    say(format_args!(
        "| cells whose bytes differ from one run on this machine | 0 of {cells} |"
    ));
    say(format_args!(
        "| one run, two cells at a time | {:.0} s |",
        alone.as_secs_f64()
    ));
    say(format_args!(
        "| the array, two tasks at a time, with the kills and the merge | {:.0} s |",
        together.as_secs_f64()
    ));
    Ok(())
}
