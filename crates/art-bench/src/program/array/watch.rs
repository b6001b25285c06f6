//! `watch`: how far the tasks of an array are.

use super::args::WatchArgs;
use crate::{
    array::{ArrayPlan, Progress, TaskProgress, TaskState},
    counted::counted,
    interrupt::{INTERRUPTED, cancel_on_interrupt},
    screen::Screen,
    terminal::{show, terminal_field},
};
use anyhow::Context;
use console::Term;
use indicatif::HumanDuration;
use std::{
    fmt::Write as _,
    process::ExitCode,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, Instant},
};

/// Most tasks that are shown one by one.
const MOST_SHOWN: usize = 20;
/// On narrower screens it is not said who runs a task.
const WIDE: usize = 80;

/// Shows it once, or again and again until all tasks are done.
pub(in crate::program) fn run(args: &WatchArgs) -> anyhow::Result<ExitCode> {
    let folder = &args.folder;
    let plan = ArrayPlan::load(folder)
        .context("there is nothing to watch without the plan that `submit` writes")?;
    let mut progress = Progress::default();
    if args.once {
        let tasks = progress.look(folder, &plan)?;
        let text = text(&plan, &tasks, &progress, Screen::of_output());
        return show(ExitCode::SUCCESS, |out| out.write_all(text.as_bytes()));
    }
    let cancel = cancel_on_interrupt("look")?;
    let term = Term::stdout();
    let (mut shown, mut lines) = (String::new(), 0);
    loop {
        let tasks = progress.look(folder, &plan)?;
        let screen = Screen::of_output();
        let text = text(&plan, &tasks, &progress, screen);
        if text != shown {
            if screen.width.is_some() {
                let _ = term.clear_last_lines(lines);
            }
            show(ExitCode::SUCCESS, |out| out.write_all(text.as_bytes()))?;
            lines = text.lines().count();
            shown = text;
        }
        if tasks.iter().all(|task| task.state == TaskState::Done) {
            return Ok(ExitCode::SUCCESS);
        }
        if !pause(Duration::from_secs(args.every.get() as u64), &cancel) {
            return Ok(ExitCode::from(INTERRUPTED));
        }
    }
}

/// Waits that long; whether nobody interrupted.
fn pause(time: Duration, cancel: &AtomicBool) -> bool {
    const STEP: Duration = Duration::from_millis(100);
    let start = Instant::now();
    while start.elapsed() < time && !cancel.load(Ordering::Relaxed) {
        std::thread::sleep(STEP.min(time));
    }
    !cancel.load(Ordering::Relaxed)
}

/// The sum, and below it the tasks that run or have stopped.
fn text(plan: &ArrayPlan, tasks: &[TaskProgress], progress: &Progress, screen: Screen) -> String {
    let count = |is: fn(&TaskState) -> bool| tasks.iter().filter(|task| is(&task.state)).count();
    let (n_left, done): (usize, usize) = (
        tasks.iter().map(TaskProgress::n_left).sum(),
        tasks.iter().map(|task| task.done).sum(),
    );
    let failed: usize = tasks.iter().map(|task| task.failed).sum();
    let n_cells = done + n_left;
    let mut out = String::new();
    let percent = 100 * done / n_cells.max(1);
    let _ = write!(
        out,
        "{}: {done} of {}",
        plan.info.matrix.name,
        counted(n_cells, "cell")
    );
    let _ = write!(out, ", {percent} %");
    if failed > 0 {
        let _ = write!(out, ", {failed} failed");
    }
    let running = count(|state| matches!(state, TaskState::Runs(_)));
    let left = progress
        .seconds_left(tasks)
        .filter(|_| n_left > 0 && running > 0);
    let left = left.and_then(|seconds| {
        let at_a_time = (running * plan.cpus).max(1);
        Duration::try_from_secs_f64(seconds / at_a_time as f64).ok()
    });
    if let Some(left) = left {
        let _ = write!(out, ", {} left at this pace", HumanDuration(left));
    }
    let kinds = [
        (count(|state| *state == TaskState::Done), "done"),
        (running, "running"),
        (
            count(|state| matches!(state, TaskState::Quiet(..))),
            "not heard of",
        ),
        (count(|state| *state == TaskState::Stopped), "stopped"),
        (count(|state| *state == TaskState::Waits), "waiting"),
    ];
    let kinds = kinds.iter().filter(|(n, _)| *n > 0);
    let kinds: Vec<String> = kinds.map(|(n, kind)| format!("{n} {kind}")).collect();
    let head = format!("{}: {}", counted(tasks.len(), "task"), kinds.join(", "));
    let mut out = screen.wrapped(&out) + "\n" + &screen.wrapped(&head) + "\n";
    let is_wide = screen.width.is_none_or(|width| width >= WIDE);
    let told = |task: &&TaskProgress| !matches!(task.state, TaskState::Done | TaskState::Waits);
    let told: Vec<&TaskProgress> = tasks.iter().filter(told).collect();
    for task in told.iter().take(MOST_SHOWN) {
        let of = format!("{}/{}", task.done, task.done + task.n_left());
        let _ = writeln!(out, "{:>5}  {of:>9}  {}", task.index, state(task, is_wide));
    }
    if let Some(others) = told.len().checked_sub(MOST_SHOWN).filter(|n| *n > 0) {
        let _ = writeln!(out, "       and {} more", counted(others, "task"));
    }
    out
}

fn state(task: &TaskProgress, is_wide: bool) -> String {
    let failed = match task.failed {
        0 => String::new(),
        n => format!(", {n} failed"),
    };
    let text = match (&task.state, is_wide) {
        (TaskState::Runs(holder), true) => format!("running{failed}: {holder}"),
        (TaskState::Quiet(holder, ago), true) => {
            format!("not heard of for {} s{failed}: {holder}", ago.as_secs())
        }
        (TaskState::Runs(_), false) => format!("running{failed}"),
        (TaskState::Quiet(_, ago), false) => format!("quiet {} s{failed}", ago.as_secs()),
        (TaskState::Stopped, true) => {
            format!("stopped{failed}; it goes on when it is submitted again")
        }
        (TaskState::Stopped, false) => format!("stopped{failed}"),
        (TaskState::Done, _) => format!("done{failed}"),
        (TaskState::Waits, _) => "waiting".to_owned(),
    };
    terminal_field(&text).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{array::Task, holder::Holder, matrix::Matrix, run_info::RunInfo, unit::Units};

    fn task(index: usize, done: usize, state: TaskState) -> TaskProgress {
        TaskProgress {
            index,
            done,
            failed: index % 2,
            left: [(("pima".into(), "art".into()), 12 - done)].into(),
            state,
        }
    }

    #[test]
    fn what_runs_and_what_has_stopped_is_shown_on_narrow_screens_too() {
        let info = RunInfo::new(Matrix::quick(), [].into(), [].into());
        let units: Units = [("pima/art".parse().unwrap(), 12)].into();
        let planned = Task {
            units,
            seconds: None,
        };
        let plan = ArrayPlan::new(info, vec![planned; 5]);
        let holder = || Holder::elsewhere("a-node-with-a-long-name.example.org", 12345, "then");
        let tasks = [
            task(0, 12, TaskState::Done),
            task(1, 3, TaskState::Runs(holder())),
            task(2, 4, TaskState::Quiet(holder(), Duration::from_secs(33))),
            task(3, 5, TaskState::Stopped),
            task(4, 0, TaskState::Waits),
        ];
        let shown = |width| {
            let screen = Screen {
                width,
                is_colored: false,
            };
            text(&plan, &tasks, &Progress::default(), screen)
        };
        let narrow = shown(Some(40));
        assert!(
            narrow.lines().all(|line| line.chars().count() <= 40),
            "{narrow}"
        );
        for part in ["1       3/12  running, 1 failed\n", "quiet 33 s"] {
            assert!(narrow.contains(part), "{narrow}");
        }
        let wide = shown(None);
        let on = "process 12345 on a-node-with-a-long-name.example.org since then";
        for part in [
            "quick: 24 of 60 cells, 40 %, 2 failed\n5 tasks: 1 done, 1 running, 1 not heard of, 1 stopped, 1 waiting\n",
            &format!("1       3/12  running, 1 failed: {on}\n"),
            &format!("2       4/12  not heard of for 33 s: {on}\n"),
            "3       5/12  stopped, 1 failed; it goes on when it is submitted again\n",
        ] {
            assert!(wide.contains(part), "{wide}");
        }
    }

    #[test]
    fn of_very_many_tasks_some_are_shown_and_the_others_counted() {
        let info = RunInfo::new(Matrix::quick(), [].into(), [].into());
        let plan = ArrayPlan::new(info, vec![]);
        let tasks = (0..50).map(|k| task(2 * k, 1, TaskState::Stopped));
        let tasks: Vec<_> = tasks.collect();
        let shown = text(&plan, &tasks, &Progress::default(), Screen::default());
        assert_eq!(shown.lines().count(), 2 + MOST_SHOWN + 1);
        assert!(shown.ends_with("and 30 tasks more\n"), "{shown}");
    }
}
