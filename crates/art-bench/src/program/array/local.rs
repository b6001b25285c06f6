//! Running an array on this machine: the same job script, a few tasks at a time.

use super::script::SCRIPT;
use crate::{array::task_folder, counted::counted, record_lines::RECORDS, terminal::say};
use anyhow::Context;
use std::{
    collections::{BTreeSet, VecDeque},
    fs::{self, OpenOptions},
    path::Path,
    process::{Command, ExitStatus},
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// What became of the tasks.
#[derive(Debug, Default)]
pub(super) struct Ended {
    /// Tasks with a cell that failed.
    pub(super) failed: usize,
    /// Tasks that could not run.
    pub(super) troubled: Vec<usize>,
    /// Tasks that were not done because of an interrupt.
    pub(super) stopped: usize,
}

/// What the workers share.
struct Shared<'a> {
    folder: &'a Path,
    waiting: VecDeque<usize>,
    /// Processes of tasks that run.
    running: BTreeSet<u32>,
    done: usize,
    n_tasks: usize,
    ended: Ended,
    /// Workers that have something to do.
    at_work: usize,
}

/// Runs `tasks`, `at_once` at a time, until `cancel` is set. One that is killed is started again, as long as the script says so.
pub(super) fn run(
    folder: &Path,
    tasks: &[usize],
    at_once: usize,
    cancel: &AtomicBool,
) -> anyhow::Result<Ended> {
    let at_once = at_once.clamp(1, tasks.len().max(1));
    let shared = Mutex::new(Shared {
        folder,
        waiting: tasks.iter().copied().collect(),
        running: BTreeSet::new(),
        done: 0,
        n_tasks: tasks.len(),
        ended: Ended::default(),
        at_work: at_once,
    });
    let news = Condvar::new();
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    let outcome = std::thread::scope(|scope| {
        let workers: Vec<_> = (0..at_once)
            .map(|_| {
                scope.spawn(|| {
                    let outcome = work(&shared, cancel);
                    if outcome.is_err() {
                        cancel.store(true, Ordering::Relaxed);
                    }
                    lock().at_work -= 1;
                    news.notify_all();
                    outcome
                })
            })
            .collect();
        pass_on(&shared, &news, cancel);
        let outcomes = workers.into_iter().map(|worker| {
            let outcome = worker.join();
            outcome.unwrap_or_else(|panic| std::panic::resume_unwind(panic))
        });
        outcomes.collect::<anyhow::Result<()>>()
    });
    outcome?;
    let mut shared = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    shared.ended.stopped += shared.waiting.len();
    shared.ended.troubled.sort_unstable();
    Ok(shared.ended)
}

/// Waits for the workers, and once `cancel` is set tells every task to stop, once.
fn pass_on(shared: &Mutex<Shared<'_>>, news: &Condvar, cancel: &AtomicBool) {
    /// How long an interrupt may go unseen.
    const PAUSE: Duration = Duration::from_millis(50);
    let mut told = BTreeSet::new();
    let mut state = shared.lock().unwrap_or_else(PoisonError::into_inner);
    while state.at_work > 0 {
        if cancel.load(Ordering::Relaxed) {
            for process in state.running.difference(&told.clone()) {
                stop(*process);
                told.insert(*process);
            }
        }
        let woken = news.wait_timeout(state, PAUSE);
        state = woken.unwrap_or_else(PoisonError::into_inner).0;
    }
}

/// Takes the next task until none is left.
fn work(shared: &Mutex<Shared<'_>>, cancel: &AtomicBool) -> anyhow::Result<()> {
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    while !cancel.load(Ordering::Relaxed) {
        let mut state = lock();
        let folder = state.folder;
        let Some(index) = state.waiting.pop_front() else {
            break;
        };
        let mut child = start(folder, index)?;
        let process = child.id();
        state.running.insert(process);
        drop(state);
        let status = child.wait().context("cannot wait for a task")?;
        end_rest(process);
        let mut state = lock();
        state.running.remove(&process);
        match status.code() {
            Some(code @ 0..=1) => {
                state.done += 1;
                state.ended.failed += usize::from(code == 1);
                let (done, n) = (state.done, state.n_tasks);
                say(format_args!(
                    "task {index} is done{}, {done} of {}",
                    if code == 1 {
                        ", with cells that failed"
                    } else {
                        ""
                    },
                    counted(n, "task")
                ));
            }
            Some(code) if code <= 128 => {
                state.ended.troubled.push(index);
                say(format_args!(
                    "task {index} could not run; {} says why",
                    log(folder, index).display()
                ));
            }
            _ if cancel.load(Ordering::Relaxed) => state.ended.stopped += 1,
            _ => {
                say(format_args!(
                    "task {index} was {} with {}; it goes on",
                    how_it_ended(status),
                    counted(n_records(folder, index), "record")
                ));
                // Ahead of those that were not begun: the longest tasks come first.
                state.waiting.push_front(index);
            }
        }
    }
    Ok(())
}

fn start(folder: &Path, index: usize) -> anyhow::Result<std::process::Child> {
    let path = log(folder, index);
    let file = OpenOptions::new().create(true).append(true).open(&path);
    let file = file.with_context(|| format!("cannot write to {}", path.display()))?;
    let mut command = Command::new("sh");
    command
        .arg(folder.join(SCRIPT))
        .args(["task", &index.to_string()]);
    // A job of this machine even inside of one of Slurm's.
    for name in ["SLURM_JOB_ID", "SLURM_CPUS_PER_TASK"] {
        command.env_remove(name);
    }
    command.stdin(std::process::Stdio::null());
    let errors = file.try_clone().context("cannot write a log")?;
    command.stdout(file).stderr(errors);
    in_own_group(&mut command);
    command
        .spawn()
        .context("cannot start sh, which runs the job script")
}

fn log(folder: &Path, index: usize) -> std::path::PathBuf {
    folder.join("logs").join(format!("{index}.txt"))
}

fn n_records(folder: &Path, index: usize) -> usize {
    let text = fs::read(task_folder(folder, index).join(RECORDS)).unwrap_or_default();
    let ends = text.split(|&byte| byte == b'\n');
    ends.count() - 1
}

/// Interrupts from the keyboard reach this process alone, which passes them on.
#[cfg(unix)]
fn in_own_group(command: &mut Command) {
    use std::os::unix::process::CommandExt;
    command.process_group(0);
}

#[cfg(not(unix))]
fn in_own_group(_: &mut Command) {}

#[cfg(unix)]
fn stop(process: u32) {
    use nix::{
        sys::signal::{Signal, kill},
        unistd::Pid,
    };
    let _ = kill(Pid::from_raw(process as i32), Signal::SIGTERM);
}

#[cfg(not(unix))]
fn stop(_: u32) {}

/// Ends what a script that was killed has left running.
#[cfg(unix)]
fn end_rest(process: u32) {
    use nix::{
        sys::signal::{Signal, killpg},
        unistd::Pid,
    };
    let _ = killpg(Pid::from_raw(process as i32), Signal::SIGKILL);
}

#[cfg(not(unix))]
fn end_rest(_: u32) {}

fn how_it_ended(status: ExitStatus) -> String {
    match status.code() {
        Some(130) => "stopped".to_owned(),
        Some(code) => format!("killed by signal {}", code - 128),
        None => "killed".to_owned(),
    }
}
