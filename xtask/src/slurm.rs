//! A real Slurm on this machine, in name spaces that end with the command: the quick matrix as an array, with kills.

use crate::{cargo, complain, root, say};
use std::{
    collections::{BTreeMap, BTreeSet},
    env, fs,
    io::{self, Write},
    path::{Path, PathBuf},
    process::{Command, ExitCode, Stdio},
    thread::sleep,
    time::{Duration, Instant},
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

/// What is stopped, and how, one after the other.
const KILLS: [Kill; 8] = [
    Kill::Signal,
    Kill::Program,
    Kill::Requeue,
    Kill::Script,
    Kill::Signal,
    Kill::Program,
    Kill::Requeue,
    Kill::Node,
];

/// How a task is ended early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Kill {
    /// TERM to its batch shell, as before the end of its time.
    Signal,
    /// KILL to the program.
    Program,
    /// `scontrol requeue`.
    Requeue,
    /// KILL to its batch shell, after which it is requeued by hand.
    Script,
    /// KILL to everything on the node, which then starts anew.
    Node,
}

impl Kill {
    fn in_words(self) -> &'static str {
        match self {
            Self::Signal => "TERM to the batch shell (`scancel --batch --signal=TERM`)",
            Self::Program => "KILL to the program",
            Self::Requeue => "`scontrol requeue` while it runs",
            Self::Script => "KILL to the batch shell, then `scontrol requeue`",
            Self::Node => "KILL to slurmd, slurmstepd and all below them, then slurmd anew",
        }
    }
}

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
        install()?;
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

fn install() -> Outcome<()> {
    say("== packages");
    // Nothing that is installed is started by that.
    fs::write("/usr/sbin/policy-rc.d", "#!/bin/sh\nexit 101\n").map_err(text)?;
    shell("chmod", &["+x", "/usr/sbin/policy-rc.d"])?;
    let packages = ["slurmctld", "slurmd", "slurm-client", "munge"];
    let mut command = Command::new("apt-get");
    command
        .args(["install", "-y", "-qq", "--no-install-recommends"])
        .args(packages);
    command.env("DEBIAN_FRONTEND", "noninteractive");
    let output = command.output().map_err(text)?;
    if output.status.success() {
        return Ok(());
    }
    let errors = String::from_utf8_lossy(&output.stderr).into_owned();
    Err(format!(
        "apt-get could not install {}:\n{errors}",
        packages.join(", ")
    ))
}

/// Starts a Slurm of one node and runs everything on it.
fn in_cluster(options: &Options, layer: &Path) -> Outcome<()> {
    let program = options
        .program
        .as_deref()
        .ok_or("no program was passed on")?;
    let host = start(layer)?;
    say(format_args!("== {}", shell("slurmctld", &["-V"])?.trim()));
    let test = Test {
        program,
        one: layer.join("one"),
        array: layer.join("array"),
    };
    let tasks = options.tasks.as_deref().unwrap_or("12");
    test.refused()?;
    let alone = test.run_alone()?;
    let (together, kills) = test.run_array(tasks, &host)?;
    let cells = test.compare()?;
    say("== as Slurm tells it");
    say(table(layer)?);
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

/// Network, keys, configuration and the daemons; the name of the node.
fn start(layer: &Path) -> Outcome<String> {
    shell("ip", &["link", "set", "lo", "up"])?;
    // A network that has `lo` alone has no address that daemons accept.
    let dummy = shell("ip", &["link", "add", "d0", "type", "dummy"]);
    if dummy.is_err() {
        shell(
            "ip",
            &["link", "add", "d0", "type", "veth", "peer", "name", "d1"],
        )?;
        shell("ip", &["link", "set", "d1", "up"])?;
    }
    shell("ip", &["addr", "add", "10.9.9.1/24", "dev", "d0"])?;
    shell("ip", &["link", "set", "d0", "up"])?;
    let host = fs::read_to_string("/proc/sys/kernel/hostname")
        .map_err(text)?
        .trim()
        .to_owned();
    let hosts = fs::read_to_string("/etc/hosts").unwrap_or_default();
    fs::write("/etc/hosts", format!("{hosts}\n127.0.0.1 {host}\n")).map_err(text)?;

    let mut key = vec![0; 1024];
    io::Read::read_exact(&mut fs::File::open("/dev/urandom").map_err(text)?, &mut key)
        .map_err(text)?;
    fs::write("/etc/munge/munge.key", key).map_err(text)?;
    for folder in ["/run/munge", "/var/log/munge", "/var/lib/munge"] {
        fs::create_dir_all(folder).map_err(text)?;
        shell("chmod", &["755", folder])?;
        shell("chown", &["munge:munge", folder])?;
    }
    shell("chown", &["munge:munge", "/etc/munge/munge.key"])?;
    shell("chmod", &["400", "/etc/munge/munge.key"])?;
    shell("su", &["-s", "/bin/sh", "munge", "-c", "/usr/sbin/munged"])?;

    for folder in [
        "/var/spool/slurmctld",
        "/var/spool/slurmd",
        "/var/log/slurm",
        "/etc/slurm",
    ] {
        fs::create_dir_all(folder).map_err(text)?;
    }
    let done = layer.join("done.txt");
    fs::write(&done, "").map_err(text)?;
    let configuration = CONFIGURATION
        .replace("@HOST@", &host)
        .replace("@DONE@", &path(&done));
    fs::write("/etc/slurm/slurm.conf", configuration).map_err(text)?;
    shell("slurmctld", &[])?;
    start_node(&host)?;
    Ok(host)
}

fn start_node(host: &str) -> Outcome<()> {
    until("the node to be ready", Duration::from_secs(90), || {
        // It may have to be started more than once: the controller must listen first.
        if !is_running("slurmd") {
            let _ = shell("slurmd", &["-N", host]);
        }
        let state = shell("sinfo", &["--noheader", "--format=%t"]).unwrap_or_default();
        let state = state.trim();
        (["idle", "mix", "alloc"].contains(&state)).then_some(())
    })
}

const CONFIGURATION: &str = "\
ClusterName=one
SlurmctldHost=@HOST@(127.0.0.1)
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=cred_expire=5
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
KillWait=5
SlurmdTimeout=10
MinJobAge=600
SchedulerParameters=sched_interval=5,bf_interval=5
StateSaveLocation=/var/spool/slurmctld
SlurmdSpoolDir=/var/spool/slurmd
SlurmctldPidFile=/run/slurmctld.pid
SlurmdPidFile=/run/slurmd.pid
SlurmctldLogFile=/var/log/slurm/ctld.log
SlurmdLogFile=/var/log/slurm/d.log
MpiDefault=none
JobAcctGatherType=jobacct_gather/none
JobCompType=jobcomp/filetxt
JobCompLoc=@DONE@
NodeName=@HOST@ NodeAddr=127.0.0.1 CPUs=2 RealMemory=2000 State=UNKNOWN
PartitionName=short Nodes=@HOST@ Default=YES MaxTime=INFINITE State=UP
";

/// The matrix on this machine and as an array.
struct Test<'a> {
    program: &'a Path,
    one: PathBuf,
    array: PathBuf,
}

impl Test<'_> {
    fn bench(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(self.program);
        command.arg("bench").args(arguments);
        command
            .env("ART_DATA", root().join("data"))
            .env("RAYON_NUM_THREADS", "1");
        command
    }

    fn submit(&self, partition: &str, tasks: &str) -> Command {
        let mut command = self.bench(&["submit", "--quick", "--on", "slurm", "--time", "10"]);
        command.args([
            "--partition",
            partition,
            "--tasks",
            tasks,
            "--mem",
            "500M",
            "--out",
        ]);
        command.arg(&self.array);
        command
    }

    /// A partition that there is not is refused in Slurm's own words.
    fn refused(&self) -> Outcome<()> {
        let output = self.submit("nowhere", "12").output().map_err(text)?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        say(format_args!(
            "== a partition that does not exist\n{}",
            errors.trim_end()
        ));
        if output.status.code() == Some(2) && errors.contains("invalid partition") {
            fs::remove_dir_all(&self.array).map_err(text)
        } else {
            Err("Slurm's refusal was not passed on".into())
        }
    }

    fn run_alone(&self) -> Outcome<Duration> {
        say("== the quick matrix on this machine");
        let start = Instant::now();
        let mut command = self.bench(&["run", "--quick", "--jobs", "2", "--out"]);
        let status = command.arg(&self.one).stdout(Stdio::null()).status();
        if status.map_err(text)?.success() {
            Ok(start.elapsed())
        } else {
            Err("the matrix did not run".into())
        }
    }

    /// The array with its kills; how long it took, and how often each was done.
    fn run_array(&self, tasks: &str, host: &str) -> Outcome<(Duration, BTreeMap<Kill, usize>)> {
        say("== the quick matrix as an array");
        let start = Instant::now();
        let status = self.submit("short", tasks).status().map_err(text)?;
        if !status.success() {
            return Err("the array was not submitted".into());
        }
        let mut kills = BTreeMap::new();
        let mut at_kill = BTreeMap::new();
        for kill in KILLS {
            // A task may be done just before it is reached.
            let mut tries = 0;
            let job = loop {
                match self.kill(kill, &mut at_kill, host) {
                    Ok(job) => break job,
                    Err(error) if tries == 5 => return Err(error),
                    Err(error) => say(format_args!("note: {error}; another one")),
                }
                tries += 1;
            };
            let at = start.elapsed().as_secs_f64();
            say(format_args!("{at:4.0} s  job {job}: {}", kill.in_words()));
            *kills.entry(kill).or_default() += 1;
        }
        until("all jobs to end", Duration::from_secs(420), || {
            let jobs = shell("squeue", &["--noheader", "--states=all", "--format=%T"]).ok()?;
            let is_over = |state: &str| ["COMPLETED", "FAILED", "CANCELLED"].contains(&state);
            jobs.split_whitespace().all(is_over).then_some(())
        })
        .map_err(|error| {
            let queue = shell("squeue", &[]).unwrap_or_default();
            format!("{error}:\n{queue}")
        })?;
        let took = start.elapsed();
        // What every store had at a kill is still there.
        for (store, before) in &at_kill {
            let now = fs::read(store).unwrap_or_default();
            if !now.starts_with(before) {
                return Err(format!("{} lost a record", store.display()));
            }
        }
        Ok((took, kills))
    }

    /// Waits for a task that has stored a cell since it was last killed, and kills it; the job that it belongs to.
    fn kill(
        &self,
        kill: Kill,
        at_kill: &mut BTreeMap<PathBuf, Vec<u8>>,
        host: &str,
    ) -> Outcome<String> {
        let found = until(
            "a task to have stored a cell",
            Duration::from_secs(120),
            || {
                let tasks = fs::read_dir(self.array.join("tasks")).ok()?;
                let mut stores: Vec<PathBuf> = tasks.filter_map(|t| Some(t.ok()?.path())).collect();
                stores.sort();
                stores.into_iter().find_map(|store| {
                    let writer = fs::read_to_string(store.join("writer.json")).ok()?;
                    let process = field(&writer, "\"process\":")?;
                    let job = field(&writer, "\"job\":\"")?;
                    let records = store.join("records.jsonl");
                    let now = whole_lines(&fs::read(&records).ok()?);
                    let before = at_kill.get(&records).map_or(0, Vec::len);
                    let runs = Path::new("/proc").join(&process).exists();
                    (runs && now.len() > before).then_some((records, process, job))
                })
            },
        )?;
        let (records, process, job) = found;
        match kill {
            Kill::Signal => {
                // It asks again and again while the task goes back into the queue.
                let mut scancel = Command::new("scancel")
                    .args(["--batch", "--signal=TERM", &job])
                    .stderr(Stdio::null())
                    .spawn()
                    .map_err(text)?;
                let stopped = until("the program to stop", Duration::from_secs(30), || {
                    (!Path::new("/proc").join(&process).exists()).then_some(())
                });
                let _ = scancel.kill();
                let _ = scancel.wait();
                stopped?;
            }
            Kill::Program => drop(shell("kill", &["-9", &process])?),
            Kill::Requeue => drop(shell("scontrol", &["requeue", &job])?),
            Kill::Script => {
                let shell_of = parent(&process).ok_or("the program has no parent")?;
                shell("kill", &["-9", &shell_of])?;
                until("the job to be over", Duration::from_secs(60), || {
                    shell("scontrol", &["requeue", &job]).ok()
                })?;
            }
            Kill::Node => {
                for process in processes(&["slurmd", "slurmstepd", "slurm_script", "art"]) {
                    let _ = shell("kill", &["-9", &process]);
                }
                let _ = fs::remove_file("/run/slurmd.pid");
                start_node(host)?;
            }
        }
        let now = whole_lines(&fs::read(&records).map_err(text)?);
        at_kill.insert(records, now);
        Ok(job)
    }

    /// Makes sure that the array has the cells of one run, each once and with the same bytes; how many.
    fn compare(&self) -> Outcome<usize> {
        let one = reproducible(&self.one)?;
        let array = reproducible(&self.array)?;
        if one != array {
            let log = fs::read_to_string(self.array.join("logs/merge.txt")).unwrap_or_default();
            return Err(format!(
                "of {} cells {} are there and {} are the same; the merge said:\n{log}",
                one.len(),
                array.len(),
                one.intersection(&array).count()
            ));
        }
        let mut written = 0;
        for task in fs::read_dir(self.array.join("tasks")).map_err(text)? {
            let store = task.map_err(text)?.path().join("records.jsonl");
            written += fs::read_to_string(store).map_err(text)?.lines().count();
        }
        if written == one.len() {
            Ok(written)
        } else {
            Err(format!(
                "{written} cells were run to their end, of {}",
                one.len()
            ))
        }
    }
}

/// The reproducible part of every record of a folder: what stands before the times.
fn reproducible(folder: &Path) -> Outcome<BTreeSet<String>> {
    let path = folder.join("records.jsonl");
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    let part = |line: &str| Some(line.split_once(",\"measured\":")?.0.to_owned());
    let parts: BTreeSet<String> = text.lines().filter_map(part).collect();
    Ok(parts)
}

/// How jobs ended, each turn of a task on a line of its own, as Slurm's record of completed jobs has it.
fn table(layer: &Path) -> Outcome<String> {
    let format = "--format=JobID,JobName,State,Start,End,ExitCode";
    let file = path(&layer.join("done.txt"));
    shell("sacct", &["--completion", "--file", &file, format])
        .or_else(|_| shell("sacct", &["--completion", "--file", &file]))
        .or_else(|_| fs::read_to_string(&file).map_err(text))
}

/// The value that follows `name` in a line of JSON.
fn field(text: &str, name: &str) -> Option<String> {
    let (_, rest) = text.split_once(name)?;
    let value: String = rest
        .chars()
        .take_while(|c| c.is_alphanumeric() || *c == '_')
        .collect();
    (!value.is_empty()).then_some(value)
}

fn whole_lines(bytes: &[u8]) -> Vec<u8> {
    let end = bytes
        .iter()
        .rposition(|&byte| byte == b'\n')
        .map_or(0, |at| at + 1);
    bytes[..end].to_vec()
}

/// The process that started another one.
fn parent(process: &str) -> Option<String> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (_, rest) = text.rsplit_once(')')?;
    rest.split_whitespace().nth(1).map(str::to_owned)
}

/// The living processes of this name space whose program has one of these names.
fn processes(names: &[&str]) -> Vec<String> {
    let Ok(entries) = fs::read_dir("/proc") else {
        return vec![];
    };
    let numbers = entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok());
    let numbers = numbers.filter(|name| name.bytes().all(|byte| byte.is_ascii_digit()));
    let is_one = |number: &String| {
        let stat = fs::read_to_string(format!("/proc/{number}/stat")).unwrap_or_default();
        let name = stat
            .split_once('(')
            .and_then(|(_, rest)| rest.rsplit_once(')'));
        // One that has ended is there until somebody asks how.
        name.is_some_and(|(name, state)| names.contains(&name) && !state.starts_with(" Z"))
    };
    numbers.filter(is_one).collect()
}

fn is_running(name: &str) -> bool {
    !processes(&[name]).is_empty()
}

/// Asks again and again until there is an answer.
fn until<T>(what: &str, most: Duration, mut ask: impl FnMut() -> Option<T>) -> Outcome<T> {
    let start = Instant::now();
    while start.elapsed() < most {
        if let Some(answer) = ask() {
            return Ok(answer);
        }
        sleep(Duration::from_millis(50));
    }
    Err(format!("waited {} s in vain for {what}", most.as_secs()))
}

/// What a command prints; its errors where it fails.
fn shell(program: &str, arguments: &[&str]) -> Outcome<String> {
    let output = Command::new(program).args(arguments).output();
    let output = output.map_err(|error| format!("cannot start {program}: {error}"))?;
    let [said, errors] =
        [&output.stdout, &output.stderr].map(|bytes| String::from_utf8_lossy(bytes).into_owned());
    if output.status.success() {
        return Ok(said);
    }
    let _ = io::stdout().flush();
    Err(format!(
        "{program} {}: {}",
        arguments.join(" "),
        errors.trim_end()
    ))
}

fn path(path: &Path) -> String {
    path.display().to_string()
}

#[allow(clippy::needless_pass_by_value, reason = "as `map_err` hands it over")]
fn text(error: io::Error) -> String {
    error.to_string()
}
