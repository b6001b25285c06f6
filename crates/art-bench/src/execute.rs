//! Runs the cells of a plan that the store does not have yet.

use crate::{BenchError, CellRecord, CellRunner, CellSpec, Plan, Records, Store, plan::Left};
use indicatif::{HumanDuration, ProgressBar, ProgressStyle};
use rayon::{Scope, ThreadPoolBuilder};
use std::{
    collections::BTreeMap,
    sync::{
        Mutex, MutexGuard, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

/// What became of a plan.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Executed {
    /// Cells that were run now.
    pub run: usize,
    /// Cells of the plan that failed, now or before; trials, which may fail, do not count.
    pub failed: usize,
    /// Cells that were not run because of an interrupt.
    pub left: usize,
}

/// Runs every cell of `plan` that has no record, `jobs` at a time, until `cancel` is set.
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
    let bar = progress_bar(plan.n_left());
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
        bar.set_message(format!("{left}  {}", record.result.spec));
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
        failed: records.filter(|record| record.is_failed()).count(),
        left: plan.n_left(),
    })
}

/// What workers share.
struct Shared<'a> {
    runner: &'a dyn CellRunner,
    cancel: &'a AtomicBool,
    jobs: usize,
    state: Mutex<State<'a>>,
}

struct State<'a> {
    plan: &'a mut Plan,
    workers: usize,
    done: &'a mut (dyn FnMut(&Plan, CellRecord) + Send),
}

/// Runs the cells of `plan`, `jobs` at a time, and hands each record to `done`.
///
/// A worker takes the next cell when it is done with one and ends when none may be run; a cell that lets
/// others be run starts workers for them. They are tasks of one pool, so that work inside a cell that is
/// split over threads stays in the pool as well.
fn run_all<'a>(
    plan: &'a mut Plan,
    runner: &'a dyn CellRunner,
    jobs: usize,
    cancel: &'a AtomicBool,
    done: &'a mut (dyn FnMut(&Plan, CellRecord) + Send),
) -> Result<(), BenchError> {
    let pool = ThreadPoolBuilder::new().num_threads(jobs).build();
    let pool = pool.map_err(|error| BenchError::Threads {
        jobs,
        reason: error.to_string(),
    })?;
    let shared = Shared {
        runner,
        cancel,
        jobs,
        state: Mutex::new(State {
            plan,
            workers: 0,
            done,
        }),
    };
    pool.scope(|scope| shared.start_workers(scope));
    Ok(())
}

impl<'a> Shared<'a> {
    fn state(&self) -> MutexGuard<'_, State<'a>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A cell for a worker, as long as there is room for one more.
    fn hire(&self) -> Option<CellSpec> {
        let mut state = self.state();
        if state.workers == self.jobs || self.cancel.load(Ordering::Relaxed) {
            return None;
        }
        let cell = state.plan.next()?;
        state.workers += 1;
        Some(cell)
    }

    fn start_workers<'s>(&'s self, scope: &Scope<'s>) {
        while let Some(cell) = self.hire() {
            scope.spawn(move |scope| self.work(scope, cell));
        }
    }

    fn work<'s>(&'s self, scope: &Scope<'s>, first: CellSpec) {
        let mut next = Some(first);
        while let Some(cell) = next {
            let record = self.runner.run(&cell, self.cancel);
            let mut state = self.state();
            if let Some(record) = record {
                state.plan.take(&record);
                let State { plan, done, .. } = &mut *state;
                done(plan, record);
            }
            next = match self.cancel.load(Ordering::Relaxed) {
                true => None,
                false => state.plan.next(),
            };
            if next.is_none() {
                state.workers -= 1;
            }
            drop(state);
            self.start_workers(scope);
        }
    }
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
    let bar = progress_bar(stored.len());
    let mut same = vec![];
    let mut plan = Plan::of_cells(stored.clone());
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

fn progress_bar(cells: usize) -> ProgressBar {
    let style = ProgressStyle::with_template("{bar:40} {pos}/{len} cells, {msg}")
        .expect("the template is valid");
    ProgressBar::new(cells as u64).with_style(style)
}

#[cfg(test)]
mod tests {
    use super::*;

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
