//! Runs the cells of a plan that the store does not have yet.

use crate::{
    cell::{CellRecord, CellSpec},
    error::BenchError,
    plan::{Left, Plan},
    record_lines::Records,
    runner::CellRunner,
    store::Store,
    terminal::terminal_field,
};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use rayon::ThreadPoolBuilder;
use std::{
    collections::BTreeMap,
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
    let mut pace = Pace::default();
    for record in store.records().values() {
        pace.take(record);
    }
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

/// How long cells take, from those that have a record.
#[derive(Default)]
struct Pace {
    /// Seconds and number of cells by data set and method.
    measured: BTreeMap<(String, String), (f64, u32)>,
}

impl Pace {
    fn take(&mut self, record: &CellRecord) {
        let spec = &record.result.spec;
        let key = (spec.dataset.clone(), spec.method.clone());
        let (seconds, n) = self.measured.entry(key).or_default();
        *seconds += record.measured.total.as_secs_f64();
        *n += 1;
    }

    /// Mean seconds of the cells that `is_alike` holds for.
    fn mean(&self, is_alike: impl Fn(&(String, String)) -> bool) -> Option<f64> {
        let alike = self.measured.iter().filter(|(key, _)| is_alike(key));
        let (seconds, n) = alike.fold((0.0, 0), |sum, (_, one)| (sum.0 + one.0, sum.1 + one.1));
        (n > 0).then(|| seconds / f64::from(n))
    }

    /// Time for the cells that are left, by the pace of cells of the same method on the same data set; of the
    /// data set where there is none; of all cells where there is none either.
    fn left(&self, left: &Left, jobs: usize) -> Option<Duration> {
        let mut seconds = 0.0;
        for (key, n) in left {
            let pace = self
                .mean(|other| other == key)
                .or_else(|| self.mean(|other| other.0 == key.0))
                .or_else(|| self.mean(|_| true))?;
            seconds += pace * *n as f64;
        }
        Duration::try_from_secs_f64(seconds / jobs as f64).ok()
    }
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

    #[test]
    fn time_left_goes_by_what_is_most_alike() {
        let key = |dataset: &str, method: &str| (dataset.to_owned(), method.to_owned());
        let pace = Pace {
            measured: [
                (key("pima", "art"), (4.0, 2)),
                (key("pima", "ros"), (6.0, 1)),
                (key("wine", "art"), (30.0, 1)),
            ]
            .into(),
        };
        let left = |dataset, method| {
            let left = [(key(dataset, method), 4)].into();
            pace.left(&left, 2).unwrap().as_secs_f64()
        };
        assert_eq!(left("pima", "art"), 4.0);
        assert!((left("pima", "rus") - 20.0 / 3.0).abs() < 1e-6);
        assert_eq!(left("yeast", "rus"), 20.0);
        assert!(
            Pace::default()
                .left(&[(key("pima", "art"), 1)].into(), 2)
                .is_none()
        );
    }
}
