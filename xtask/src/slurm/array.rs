//! The quick matrix on this machine and as an array whose tasks are ended early, and whether both come to the same.

use super::{
    Outcome, cluster,
    processes::{parent, processes, shell, text, until},
};
use crate::{root, say};
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

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
pub(super) enum Kill {
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
    pub(super) fn in_words(self) -> &'static str {
        match self {
            Self::Signal => "TERM to the batch shell (`scancel --batch --signal=TERM`)",
            Self::Program => "KILL to the program",
            Self::Requeue => "`scontrol requeue` while it runs",
            Self::Script => "KILL to the batch shell, then `scontrol requeue`",
            Self::Node => "KILL to slurmd, slurmstepd and all below them, then slurmd anew",
        }
    }
}

/// The matrix on this machine and as an array.
pub(super) struct Array<'a> {
    program: &'a Path,
    alone: PathBuf,
    together: PathBuf,
}

impl<'a> Array<'a> {
    pub(super) fn new(program: &'a Path, layer: &Path) -> Self {
        Self {
            program,
            alone: layer.join("one"),
            together: layer.join("array"),
        }
    }

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
        command.arg(&self.together);
        command
    }

    /// A partition that there is not is refused in Slurm's own words.
    pub(super) fn refused(&self) -> Outcome<()> {
        let output = self.submit("nowhere", "12").output().map_err(text)?;
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        say(format_args!(
            "== a partition that does not exist\n{}",
            errors.trim_end()
        ));
        if output.status.code() == Some(2) && errors.contains("invalid partition") {
            fs::remove_dir_all(&self.together).map_err(text)
        } else {
            Err("Slurm's refusal was not passed on".into())
        }
    }

    pub(super) fn run_alone(&self) -> Outcome<Duration> {
        say("== the quick matrix on this machine");
        let start = Instant::now();
        let mut command = self.bench(&["run", "--quick", "--jobs", "2", "--out"]);
        let status = command.arg(&self.alone).stdout(Stdio::null()).status();
        if status.map_err(text)?.success() {
            Ok(start.elapsed())
        } else {
            Err("the matrix did not run".into())
        }
    }

    /// The array with its kills; how long it took, and how often each was done.
    pub(super) fn run(
        &self,
        tasks: &str,
        host: &str,
    ) -> Outcome<(Duration, BTreeMap<Kill, usize>)> {
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
                let tasks = fs::read_dir(self.together.join("tasks")).ok()?;
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
                cluster::start_node(host)?;
            }
        }
        let now = whole_lines(&fs::read(&records).map_err(text)?);
        at_kill.insert(records, now);
        Ok(job)
    }

    /// Makes sure that the array has the cells of one run, each once and with the same bytes; how many.
    pub(super) fn compare(&self) -> Outcome<usize> {
        let one = reproducible(&self.alone)?;
        let array = reproducible(&self.together)?;
        if one != array {
            let log = fs::read_to_string(self.together.join("logs/merge.txt")).unwrap_or_default();
            return Err(format!(
                "of {} cells {} are there and {} are the same; the merge said:\n{log}",
                one.len(),
                array.len(),
                one.intersection(&array).count()
            ));
        }
        let mut written = 0;
        for task in fs::read_dir(self.together.join("tasks")).map_err(text)? {
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
