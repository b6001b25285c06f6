//! Builds the check of training on a graphics card, and runs it where there is one.

use crate::{become_command, cargo, complain, root, say};
use std::{
    env, fs,
    io::{self, ErrorKind},
    path::{Path, PathBuf},
    process::{Command, ExitCode},
};

const HELP: &str = "\
cargo xtask gpu-check [--build FOLDER | --print-env FOLDER | --emulate]

Builds target/gpu/release/examples/gpu_check and runs benches/gpu/gpu_check.py with it, which writes docs/performance/gpu.md.

  --build FOLDER      build only, with the CUDA toolkit or the virtual environment of its wheels in FOLDER
  --print-env FOLDER  print the variables that such a build needs
  --emulate           run the kernels on the processor beside plain loops (needs a C++ 20 compiler, and no toolkit)
";

pub(crate) fn run(arguments: &[&str]) -> ExitCode {
    let (toolkit, then) = match arguments {
        [] => (
            env::var_os("CUDA_HOME").map_or("/usr/local/cuda".into(), PathBuf::from),
            Then::Check,
        ),
        ["--emulate"] => return emulate(),
        ["--build", folder] => (PathBuf::from(folder), Then::Stop),
        ["--print-env", folder] => (PathBuf::from(folder), Then::Print),
        _ => {
            say(HELP.trim_end());
            return ExitCode::from(if arguments == ["--help"] { 0 } else { 2 });
        }
    };
    let toolkit = match Toolkit::find(&toolkit, &root().join("target/gpu")) {
        Ok(toolkit) => toolkit,
        Err(error) => {
            complain(format_args!(
                "error: no CUDA toolkit in {}: {error}; docs/gpu.md says how to have one",
                toolkit.display()
            ));
            return ExitCode::from(2);
        }
    };
    if matches!(then, Then::Print) {
        for (name, value) in toolkit.variables() {
            say(format_args!("export {name}='{value}'"));
        }
        return ExitCode::SUCCESS;
    }
    let mut build = cargo();
    build.current_dir(root()).envs(toolkit.variables());
    build.args([
        "build",
        "--release",
        "--package=art-train",
        "--features=cuda",
        "--example=gpu_check",
    ]);
    if !build.status().is_ok_and(|status| status.success()) {
        return ExitCode::from(2);
    }
    if matches!(then, Then::Stop) {
        return ExitCode::SUCCESS;
    }
    let mut check = Command::new(env::var_os("PYTHON").unwrap_or_else(|| "python3".into()));
    check.arg(root().join("benches/gpu/gpu_check.py"));
    check
        .arg("--program")
        .arg(root().join("target/gpu/release/examples/gpu_check"));
    become_command(check)
}

/// Compiles the kernels for the processor, and runs them there.
fn emulate() -> ExitCode {
    let (source, folder) = (
        root().join("crates/art-cuda/emulation/emulated.cpp"),
        root().join("target"),
    );
    let program = folder.join("emulated");
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let mut compile = Command::new(compiler);
    compile
        .args(["-std=c++20", "-O1", "-pthread", "-Wno-attributes", "-o"])
        .arg(&program)
        .arg(&source);
    if fs::create_dir_all(folder).is_err() || !compile.status().is_ok_and(|status| status.success())
    {
        complain(
            "error: the kernels could not be compiled; a compiler of C++ 20 is needed, in CXX or as c++",
        );
        return ExitCode::from(2);
    }
    become_command(Command::new(program))
}

/// What comes after the toolkit was found.
enum Then {
    Print,
    Stop,
    Check,
}

/// A CUDA toolkit with the names that a linker looks for.
struct Toolkit {
    home: PathBuf,
    /// Where those names are.
    names: PathBuf,
    target: PathBuf,
}

impl Toolkit {
    /// The one in `folder`, which is a toolkit or the virtual environment that its wheels are in; what it lacks is made under
    /// `target`.
    fn find(folder: &Path, target: &Path) -> io::Result<Self> {
        let folder = folder.canonicalize()?;
        let home = if folder.join("bin/nvcc").exists() {
            folder
        } else {
            wheels(&folder)?
        };
        let names = target.join("names");
        fs::create_dir_all(&names)?;
        for entry in fs::read_dir(home.join("lib"))?
            .chain(fs::read_dir(home.join("lib64")).into_iter().flatten())
        {
            let path = entry?.path();
            let file = path
                .file_name()
                .unwrap_or_default()
                .to_string_lossy()
                .into_owned();
            if let Some((name, _)) = file.split_once(".so.") {
                link(&path, &names.join(format!("{name}.so")))?;
            }
        }
        stub(&home, &names)?;
        Ok(Self {
            home,
            names,
            target: target.to_owned(),
        })
    }

    fn variables(&self) -> Vec<(&'static str, String)> {
        let home = self.home.display();
        let path = env::var("PATH").unwrap_or_default();
        let capability = env::var("CUDA_COMPUTE_CAP").unwrap_or_else(|_| "90".to_owned());
        vec![
            ("CUDA_HOME", home.to_string()),
            ("CUDA_COMPUTE_CAP", capability),
            ("PATH", format!("{home}/bin:{path}")),
            (
                "RUSTFLAGS",
                format!("-L native={} -L native={home}/lib", self.names.display()),
            ),
            ("CARGO_TARGET_DIR", self.target.display().to_string()),
        ]
    }
}

/// The toolkit among the wheels of a virtual environment or a folder that they were installed to.
fn wheels(folder: &Path) -> io::Result<PathBuf> {
    let mut places = vec![folder.to_owned()];
    for entry in fs::read_dir(folder.join("lib")).into_iter().flatten() {
        places.push(entry?.path().join("site-packages"));
    }
    let homes = places
        .iter()
        .flat_map(|place| fs::read_dir(place.join("nvidia")).into_iter().flatten());
    let mut homes = homes.filter_map(|entry| Some(entry.ok()?.path()));
    homes
        .find(|home| home.join("bin/nvcc").exists())
        .ok_or_else(|| {
            io::Error::new(
                ErrorKind::NotFound,
                "there is no bin/nvcc in it, nor wheels with one",
            )
        })
}

/// The driver's library by name alone: a program is linked against it, and finds the driver's own where it runs.
fn stub(home: &Path, names: &Path) -> io::Result<()> {
    let header = fs::read_to_string(home.join("include/cuda.h"))?;
    let words = header.split(|c: char| !(c.is_ascii_alphanumeric() || c == '_'));
    let mut functions: Vec<&str> = words
        .filter(|word| {
            word.strip_prefix("cu")
                .is_some_and(|rest| rest.starts_with(|c: char| c.is_ascii_uppercase()))
        })
        .collect();
    functions.sort_unstable();
    functions.dedup();
    let endings = ["", "_v2", "_v3", "_v4", "_ptsz", "_v2_ptsz"];
    let mut all: Vec<String> = functions
        .iter()
        .flat_map(|name| endings.map(|ending| format!("{name}{ending}")))
        .collect();
    all.sort_unstable();
    all.dedup();
    let source = names.join("driver.c");
    let lines: Vec<String> = all
        .iter()
        .map(|name| format!("void {name}(void) {{}}"))
        .collect();
    fs::write(&source, lines.join("\n"))?;
    let compiler = env::var_os("CC").unwrap_or_else(|| "cc".into());
    let mut command = Command::new(compiler);
    command.args(["-shared", "-fPIC", "-Wl,-soname,libcuda.so.1", "-o"]);
    command.arg(names.join("libcuda.so")).arg(&source);
    if command.status()?.success() {
        Ok(())
    } else {
        Err(io::Error::other(
            "the C compiler did not make the driver's names",
        ))
    }
}

#[cfg(unix)]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    match std::os::unix::fs::symlink(from, to) {
        Err(error) if error.kind() == ErrorKind::AlreadyExists => Ok(()),
        linked => linked,
    }
}

#[cfg(not(unix))]
fn link(from: &Path, to: &Path) -> io::Result<()> {
    fs::copy(from, to).map(drop)
}
