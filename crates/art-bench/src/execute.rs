//! Runs the cells of a plan that the store does not have yet.

use crate::{
    cell::{CellRecord, CellSpec},
    error::BenchError,
    pace::Pace,
    plan::Plan,
    record_lines::Records,
    runner::CellRunner,
    store::Store,
    terminal::terminal_field,
};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use rayon::ThreadPoolBuilder;
use std::{
    num::NonZeroUsize,
    sync::{
        Condvar, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread::available_parallelism,
    time::Duration,
};

/// Most cells at a time: more threads than that only stand in one another's way.
pub const MOST_JOBS: usize = 512;

/// How many cells to run at a time where `wanted` were asked for: one a core where that is none, and never more than
/// [`MOST_JOBS`].
pub fn jobs_at_most(wanted: Option<NonZeroUsize>) -> usize {
    wanted.unwrap_or_else(n_cores).get().min(MOST_JOBS)
}

fn n_cores() -> NonZeroUsize {
    available_parallelism().unwrap_or(NonZeroUsize::MIN)
}

/// Threads for `n_cells` cells, `jobs` at a time: those beyond the cells help inside of them, which only a core of their own
/// makes faster.
fn n_workers(jobs: usize, n_cells: usize) -> usize {
    jobs.min(n_cells.max(n_cores().get())).clamp(1, MOST_JOBS)
}

/// What became of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// Cells that were run now.
    pub run: usize,
    /// Cells of the plan that failed, now or before, or cannot be run since every trial of their method did.
    /// Trials, which may fail, do not count.
    pub failed: usize,
    /// Cells that were not run because of an interrupt.
    pub left: usize,
}

/// Runs every cell of `plan` that has no record, `jobs` at a time, until `cancel` is set; never more than there are cells or
/// than [`MOST_JOBS`].
///
/// A record is stored as soon as its cell is done, so a crash loses only the cells in work. The
/// progress bar shows on a terminal. The records do not depend on `jobs`.
///
/// # Errors
/// The first failure to store a record; cells in work are then given up.
pub fn execute(
    plan: &mut Plan,
    runner: &dyn CellRunner,
    store: &mut Store,
    jobs: usize,
    cancel: &AtomicBool,
) -> Result<Executed, BenchError> {
    let n_stored = plan.known_cells().filter(|(id, _)| store.get(id).is_some());
    let bar = progress_bar(n_stored.count(), plan.n_left());
    let jobs = n_workers(jobs, plan.n_left());
    let mut pace = Pace::of(store.records().values());
    let (mut run, mut error) = (0, None);
    run_all(plan, runner, jobs, cancel, &mut |plan, record| {
        if error.is_some() {
            return;
        }
        pace.take(&record);
        bar.inc(1);
        let left = pace.left(plan.left(), jobs);
        let left = left.map_or_else(String::new, |left| format!("{} left", HumanDuration(left)));
        let cell = record.result.spec.to_string();
        bar.set_message(format!("{left}  {}", terminal_field(&cell)));
        match store.append(record) {
            Ok(()) => run += 1,
            Err(failure) => {
                error = Some(failure);
                cancel.store(true, Ordering::Relaxed);
            }
        }
    })?;
    bar.finish_and_clear();
    if let Some(error) = error {
        return Err(error);
    }
    let records = plan.known_cells().filter_map(|(id, _)| store.get(id));
    Ok(Executed {
        run,
        failed: plan.n_hopeless() + records.filter(|record| record.is_failed()).count(),
        left: plan.n_left(),
    })
}

/// Runs the cells of `plan`, `jobs` at a time, and hands each record to `done`.
///
/// Each worker takes the next cell when it is done with one. Where none may be run yet it helps with parts of
/// the cells in work, never with a cell of its own: the workers are the threads of one pool, and work inside a
/// cell that is split over threads stays in it.
fn run_all(
    plan: &mut Plan,
    runner: &dyn CellRunner,
    jobs: usize,
    cancel: &AtomicBool,
    done: &mut (dyn FnMut(&Plan, CellRecord) + Send),
) -> Result<(), BenchError> {
    /// How long a worker without anything to do waits before it looks for a part to help with.
    const PAUSE: Duration = Duration::from_millis(2);
    let pool = ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|error| BenchError::Threads {
        jobs,
        reason: error.to_string(),
    })?;
    let shared = Mutex::new((plan, done, 0_usize));
    let news = Condvar::new();
    let lock = || shared.lock().unwrap_or_else(PoisonError::into_inner);
    pool.broadcast(|_| {
        while !cancel.load(Ordering::Relaxed) {
            let mut state = lock();
            let (plan, _, at_work) = &mut *state;
            let Some(cell) = plan.next_cell() else {
                if *at_work == 0 {
                    break;
                }
                drop(news.wait_timeout(state, PAUSE));
                rayon::yield_now();
                continue;
            };
            *at_work += 1;
            drop(state);
            let record = runner.run(&cell, cancel);
            let mut state = lock();
            let (plan, done, at_work) = &mut *state;
            if let Some(record) = record {
                plan.take(&record);
                done(plan, record);
            }
            *at_work -= 1;
            drop(state);
            news.notify_all();
        }
    });
    Ok(())
}

/// Runs `cells` again and returns those whose reproducible part differs from their record, in order.
///
/// Cells without a record are passed over.
///
/// # Errors
/// [`BenchError::Threads`] when the workers cannot be started.
pub fn verify(
    cells: &[CellSpec],
    runner: &dyn CellRunner,
    records: &Records,
    jobs: usize,
    cancel: &AtomicBool,
) -> Result<Vec<CellSpec>, BenchError> {
    let stored = |spec: &&CellSpec| records.contains_key(&spec.id());
    let stored: Vec<CellSpec> = cells.iter().filter(stored).cloned().collect();
    let bar = progress_bar(0, stored.len());
    let mut same = vec![];
    let mut plan = Plan::of_cells(stored.clone());
    let jobs = n_workers(jobs, stored.len());
    run_all(&mut plan, runner, jobs, cancel, &mut |_, record| {
        bar.inc(1);
        let id = record.result.id.clone();
        let kept = records.get(&id).map(|kept| kept.result.canonical());
        if kept == Some(record.result.canonical()) {
            same.push(id);
        }
    })?;
    bar.finish_and_clear();
    let differs = |spec: &CellSpec| !same.contains(&spec.id());
    Ok(stored.into_iter().filter(differs).collect())
}

/// What was stored before counts; what does not fit into the line is cut.
fn progress_bar(stored: usize, left: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:20} {pos}/{len} cells, {wide_msg}")
        .expect("the template is valid");
    let bar = ProgressBar::new((stored + left) as u64).with_style(style);
    bar.with_position(stored as u64)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workers_are_no_more_than_cells_and_never_very_many() {
        let cores = n_cores().get();
        assert_eq!(n_workers(100_000, 1_000_000), MOST_JOBS);
        assert_eq!(n_workers(100_000, 0), cores.min(MOST_JOBS));
        assert_eq!(n_workers(100_000, cores + 3), (cores + 3).min(MOST_JOBS));
        assert_eq!(n_workers(1, 1_000), 1);
        let asked = NonZeroUsize::new(100_000);
        assert_eq!(jobs_at_most(asked), MOST_JOBS);
        assert_eq!(jobs_at_most(NonZeroUsize::new(3)), 3);
    }
}
