//! Runs the cells of a plan that the store does not have yet.

use crate::{BenchError, CellId, CellRecord, CellRunner, CellSpec, Store};
use indicatif::{ProgressBar, ProgressStyle};
use rayon::ThreadPoolBuilder;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicBool, AtomicUsize, Ordering},
    },
};

/// How to run a plan.
#[derive(Clone, Copy, Debug)]
pub struct ExecuteOptions {
    /// Cells at a time, at least 1. The records do not depend on it.
    pub jobs: usize,
    /// Whether cells that failed before are run again.
    pub retry_failed: bool,
}

/// What became of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// Cells that were in the store already.
    pub skipped: usize,
    /// Cells that were run now.
    pub run: usize,
    /// Cells of the plan that failed, now or before.
    pub failed: usize,
    /// Cells that were not run because of an interrupt.
    pub left: usize,
}

/// Runs every cell of `plan` that `store` lacks, until `cancel` is set.
///
/// A record is stored as soon as its cell is done, so a crash loses only the cells in work. The
/// progress bar shows on a terminal.
///
/// # Errors
/// The first failure to store a record; cells in work are then given up.
pub fn execute(
    plan: &[CellSpec],
    runner: &dyn CellRunner,
    store: &mut Store,
    options: ExecuteOptions,
    cancel: &AtomicBool,
) -> Result<Executed, BenchError> {
    let is_done = |spec: &&CellSpec| {
        let record = store.get(&spec.id());
        record.is_some_and(|record| !(options.retry_failed && record.is_failed()))
    };
    let (done, pending): (Vec<&CellSpec>, Vec<&CellSpec>) = plan.iter().partition(is_done);
    let bar = progress_bar(pending.len());
    let shared = Mutex::new((&mut *store, None::<BenchError>, 0));
    let run_pending = run_all(&pending, runner, options.jobs, cancel, &|spec, record| {
        let mut shared = shared.lock().unwrap_or_else(PoisonError::into_inner);
        let (store, error, run) = &mut *shared;
        if error.is_some() {
            return;
        }
        bar.inc(1);
        bar.set_message(spec.to_string());
        match store.append(record) {
            Ok(()) => *run += 1,
            Err(failure) => {
                error.get_or_insert(failure);
                cancel.store(true, Ordering::Relaxed);
            }
        }
    });
    bar.finish_and_clear();
    run_pending?;
    let (_, error, run) = shared.into_inner().unwrap_or_else(PoisonError::into_inner);
    if let Some(error) = error {
        return Err(error);
    }
    let records = plan.iter().filter_map(|spec| store.get(&spec.id()));
    Ok(Executed {
        skipped: done.len(),
        run,
        failed: records.filter(|record| record.is_failed()).count(),
        left: pending.len() - run,
    })
}

/// Runs `cells` in order, `jobs` at a time, and hands each record to `done`.
///
/// Each worker takes the next cell when it is done with one. They are the threads of one pool, so that
/// work inside a cell that is split over threads stays in the pool as well; a worker that waits for
/// such a part helps with other parts, never with another cell.
fn run_all(
    cells: &[&CellSpec],
    runner: &dyn CellRunner,
    jobs: usize,
    cancel: &AtomicBool,
    done: &(dyn Fn(&CellSpec, CellRecord) + Sync),
) -> Result<(), BenchError> {
    let pool = ThreadPoolBuilder::new()
        .num_threads(jobs.clamp(1, cells.len().max(1)))
        .build()
        .map_err(|error| BenchError::Threads {
            jobs,
            reason: error.to_string(),
        })?;
    let next = AtomicUsize::new(0);
    pool.broadcast(|_| {
        while let Some(cell) = cells.get(next.fetch_add(1, Ordering::Relaxed))
            && !cancel.load(Ordering::Relaxed)
        {
            if let Some(record) = runner.run(cell, cancel) {
                done(cell, record);
            }
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
    records: &BTreeMap<CellId, CellRecord>,
    jobs: usize,
    cancel: &AtomicBool,
) -> Result<Vec<CellSpec>, BenchError> {
    let stored: Vec<&CellSpec> = cells
        .iter()
        .filter(|spec| records.contains_key(&spec.id()))
        .collect();
    let bar = progress_bar(stored.len());
    let differing = Mutex::new(BTreeSet::new());
    let verified = run_all(&stored, runner, jobs, cancel, &|spec, record| {
        bar.inc(1);
        let kept = records
            .get(&spec.id())
            .map(|record| record.result.canonical());
        if kept != Some(record.result.canonical()) {
            differing
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(spec.id());
        }
    });
    bar.finish_and_clear();
    verified?;
    let differing = differing
        .into_inner()
        .unwrap_or_else(PoisonError::into_inner);
    Ok(stored
        .into_iter()
        .filter(|spec| differing.contains(&spec.id()))
        .cloned()
        .collect())
}

fn progress_bar(cells: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} cells, {eta} left  {msg}")
        .expect("the template is valid");
    ProgressBar::new(cells as u64).with_style(style)
}
