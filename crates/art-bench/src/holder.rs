//! Who writes to a store, and whether that one still lives.

use serde::{Deserialize, Serialize};
use std::{
    fmt, fs, process,
    time::{Duration, SystemTime, UNIX_EPOCH},
};

/// How often a writer lets itself be heard.
pub(crate) const BEAT: Duration = Duration::from_secs(10);
/// A writer elsewhere that was not heard of for so long is gone: six beats.
pub(crate) const GONE_AFTER: Duration = Duration::from_mins(1);
/// One on a machine of this name that was started anew since: two beats, since another machine may have the same name.
const REBOOTED_AFTER: Duration = Duration::from_secs(20);

/// A process that writes to a store, as it says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// Name of its machine.
    pub host: String,
    /// Number of the process there.
    pub process: u32,
    /// When it opened the store, by its own clock.
    pub since: String,
    /// Its job, where a scheduler started it.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub job: String,
    /// Drawn when the machine started; empty where the system does not tell.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    boot: String,
    /// In which name space the number of the process holds.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    name_space: String,
    /// When the process started, in ticks since the machine did: numbers of processes are used again.
    #[serde(default, skip_serializing_if = "is_zero")]
    started: u64,
}

#[allow(
    clippy::trivially_copy_pass_by_ref,
    reason = "serde asks for a reference"
)]
fn is_zero(number: &u64) -> bool {
    *number == 0
}

impl fmt::Display for Holder {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            host,
            process,
            since,
            job,
            ..
        } = self;
        write!(f, "process {process} on {host} since {since}")?;
        if job.is_empty() {
            return Ok(());
        }
        write!(f, " (job {job})")
    }
}

/// Whether a writer lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Life {
    /// The process runs on this machine.
    Runs,
    /// It was heard of this long ago, and counts as gone after the other time.
    Heard(Duration, Duration),
    /// It is gone.
    Gone,
}

impl Holder {
    /// This process.
    #[allow(
        clippy::disallowed_methods,
        reason = "since when a store is held is told to people, and no result depends on it"
    )]
    pub(crate) fn this() -> Self {
        let seconds = SystemTime::now().duration_since(UNIX_EPOCH);
        let seconds = seconds.map_or(0, |since| since.as_secs() as i64);
        let since = chrono::DateTime::from_timestamp(seconds, 0);
        Self {
            host: host(),
            process: process::id(),
            since: since.map_or_else(String::new, |time| {
                time.format("%Y-%m-%d %H:%M:%S UTC").to_string()
            }),
            job: job().unwrap_or_default(),
            boot: line_of("/proc/sys/kernel/random/boot_id"),
            name_space: fs::read_link("/proc/self/ns/pid")
                .map_or_else(|_| String::new(), |link| link.display().to_string()),
            started: started_at(process::id()).unwrap_or(0),
        }
    }

    /// Whether this holder of a store lives, as `judge` can tell.
    ///
    /// The table of processes decides where both are in the same one. Everywhere else its heartbeat does: `heard` is
    /// how old that is by the clock of the file system, since those of two machines may differ. `runs` says whether a process
    /// of that number and start runs here.
    pub(crate) fn life(
        &self,
        judge: &Self,
        runs: impl FnOnce(&Self) -> bool,
        heard: Duration,
    ) -> Life {
        let same_table =
            !self.boot.is_empty() && self.boot == judge.boot && self.name_space == judge.name_space;
        if same_table {
            return if runs(self) { Life::Runs } else { Life::Gone };
        }
        let is_rebooted = self.host == judge.host
            && ![&self.boot, &judge.boot].iter().any(|boot| boot.is_empty())
            && self.boot != judge.boot;
        let most = if is_rebooted {
            REBOOTED_AFTER
        } else {
            GONE_AFTER
        };
        if heard >= most {
            Life::Gone
        } else {
            Life::Heard(heard, most)
        }
    }

    /// Whether `judge` may take this holder for dead where it has the operating system's lock on the records: both are on one
    /// machine, and its system tells nothing of its processes.
    pub(crate) fn is_told_by_the_lock(&self, judge: &Self) -> bool {
        let both_told_nothing = self.boot.is_empty() && judge.boot.is_empty();
        both_told_nothing && self.host == judge.host
    }

    /// Whether this process, and no later one of the same number, runs on this machine; this one itself does not count.
    pub(crate) fn runs_here(&self) -> bool {
        self.process != process::id()
            && is_process(self.process)
            && started_at(self.process)
                .is_none_or(|ticks| ticks == self.started && !is_zombie(self.process))
    }
}

/// The first line of a file of Linux; empty on other systems, whose disks may have any file of that name.
fn line_of(path: &str) -> String {
    if !cfg!(target_os = "linux") {
        return String::new();
    }
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().next().unwrap_or_default().trim().to_owned()
}

/// What the system says of a process from its state on, field by field; none where it does not tell.
fn stat(process: u32) -> Option<Vec<String>> {
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    // The name of the program, in brackets, may have spaces and brackets of its own.
    let (_, rest) = text.rsplit_once(')')?;
    Some(rest.split_whitespace().map(str::to_owned).collect())
}

/// When a process started, in ticks since the machine did.
fn started_at(process: u32) -> Option<u64> {
    stat(process)?.get(19)?.parse().ok()
}

/// Whether a process has ended and is only waited for.
fn is_zombie(process: u32) -> bool {
    let state = stat(process).and_then(|fields| fields.into_iter().next());
    state.is_some_and(|state| state == "Z" || state == "X")
}

/// The job of a scheduler that this process belongs to.
fn job() -> Option<String> {
    let variable = |name: &str| std::env::var(name).ok();
    match (
        variable("SLURM_ARRAY_JOB_ID"),
        variable("SLURM_ARRAY_TASK_ID"),
    ) {
        (Some(job), Some(task)) => Some(format!("{job}_{task}")),
        _ => variable("SLURM_JOB_ID"),
    }
}

#[cfg(unix)]
fn host() -> String {
    let name = nix::unistd::gethostname();
    name.map_or_else(
        |_| "an unnamed machine".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    )
}

#[cfg(not(unix))]
fn host() -> String {
    std::env::var("COMPUTERNAME").unwrap_or_else(|_| "an unnamed machine".to_owned())
}

#[cfg(unix)]
fn is_process(process: u32) -> bool {
    use nix::{errno::Errno, sys::signal::kill, unistd::Pid};
    let pid = Pid::from_raw(process as i32);
    // Another user's process may be asked, and answers that it may not be.
    !matches!(kill(pid, None), Err(Errno::ESRCH))
}

#[cfg(not(unix))]
fn is_process(_: u32) -> bool {
    true
}

#[cfg(test)]
impl Holder {
    /// A process on a machine that tells nothing else of itself.
    pub(crate) fn elsewhere(host: &str, process: u32, since: &str) -> Self {
        Self {
            host: host.to_owned(),
            process,
            since: since.to_owned(),
            ..Self::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn holder(host: &str, boot: &str, name_space: &str) -> Holder {
        Holder {
            host: host.into(),
            process: 7,
            boot: boot.into(),
            name_space: name_space.into(),
            started: 3,
            ..Holder::default()
        }
    }

    #[test]
    fn a_dead_writer_is_told_from_one_that_lives() {
        let me = holder("a", "b1", "n1");
        let s = Duration::from_secs;
        let life = |other: &Holder, runs: bool, heard| other.life(&me, |_| runs, s(heard));
        // On the same machine the process decides, however old the heartbeat is: it may have been stopped for a while.
        let same = holder("a", "b1", "n1");
        assert_eq!(life(&same, true, 100_000), Life::Runs);
        assert_eq!(life(&same, false, 0), Life::Gone);
        // In a container on it, whose numbers of processes mean others here.
        let container = holder("c", "b1", "n2");
        assert_eq!(life(&container, false, 59), Life::Heard(s(59), GONE_AFTER));
        assert_eq!(life(&container, true, 60), Life::Gone);
        // Started anew, unless another machine has the name.
        let rebooted = holder("a", "b2", "n1");
        assert_eq!(
            life(&rebooted, true, 19),
            Life::Heard(s(19), REBOOTED_AFTER)
        );
        assert_eq!(life(&rebooted, true, 20), Life::Gone);
        // Where nothing is told of processes the lock says who lives, on one machine.
        let silent = holder("a", "", "");
        assert!(holder("a", "", "").is_told_by_the_lock(&silent));
        for other in [holder("z", "", ""), holder("a", "b1", "n1")] {
            assert!(!other.is_told_by_the_lock(&silent));
            assert!(!silent.is_told_by_the_lock(&other));
        }
        // Another machine, and one that tells nothing of itself.
        for other in [holder("z", "b3", "n1"), holder("a", "", "")] {
            assert_eq!(life(&other, true, 59), Life::Heard(s(59), GONE_AFTER));
            assert_eq!(life(&other, true, 60), Life::Gone);
        }
    }

    #[cfg(unix)]
    #[test]
    fn processes_of_this_machine_are_known_by_number_and_start() {
        let mut child = process::Command::new("cat")
            .stdin(process::Stdio::piped())
            .spawn()
            .unwrap();
        let mut other = Holder {
            process: child.id(),
            started: started_at(child.id()).unwrap_or(0),
            ..Holder::this()
        };
        assert!(other.runs_here());
        other.started += 1;
        assert!(!other.runs_here() || started_at(child.id()).is_none());
        other.started -= 1;
        child.kill().unwrap();
        child.wait().unwrap();
        assert!(!other.runs_here());
        assert!(!Holder::this().runs_here(), "what this process once held");
    }

    #[test]
    fn a_holder_is_told_by_machine_process_and_time() {
        let holder = Holder {
            since: "2026-01-02 03:04:05 UTC".into(),
            job: "12_3".into(),
            ..holder("node7", "", "")
        };
        let text = "process 7 on node7 since 2026-01-02 03:04:05 UTC (job 12_3)";
        assert_eq!(holder.to_string(), text);
    }
}
