//! How far the tasks of an array are, as their stores say.

use super::{ArrayPlan, task_folder};
use crate::{
    error::BenchError,
    holder::{Holder, Life},
    pace::Pace,
    plan::Left,
    record_lines::RECORDS,
    store::{has_records, read_records},
    writer_lock::writer_of,
};
use std::{fs, path::Path, time::Duration};

/// What a task does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum TaskState {
    /// It has all of its cells.
    Done,
    /// A process writes to its store.
    Runs(Holder),
    /// A process elsewhere wrote to its store and was last heard of this long ago, longer than usual.
    Quiet(Holder, Duration),
    /// It has cells, not all, and no process writes.
    Stopped,
    /// It was never started.
    Waits,
}

/// How far a task is.
#[derive(Clone, Debug)]
pub(crate) struct TaskProgress {
    pub(crate) index: usize,
    /// Cells with a record.
    pub(crate) done: usize,
    /// Cells that failed, trials not counted.
    pub(crate) failed: usize,
    /// Cells without a record.
    pub(crate) left: Left,
    pub(crate) state: TaskState,
}

impl TaskProgress {
    /// Number of cells without a record.
    pub(crate) fn n_left(&self) -> usize {
        self.left.values().sum()
    }

    /// Whether a process has it, as far as is known.
    pub(crate) fn is_held(&self) -> bool {
        matches!(self.state, TaskState::Runs(_) | TaskState::Quiet(..))
    }
}

/// How far the tasks of an array are. Looked at again, it reads the stores alone that have grown.
#[derive(Debug, Default)]
pub(crate) struct Progress {
    /// By task: bytes of its store, and what they say.
    known: Vec<(u64, Counts)>,
}

/// What a store says.
#[derive(Clone, Debug, Default)]
struct Counts {
    done: Left,
    failed: usize,
    pace: Pace,
}

/// One that was heard of this long ago has missed a beat.
const USUALLY: Duration = Duration::from_secs(20);

impl Progress {
    /// Looks at the stores of the tasks of `plan` in `folder`.
    ///
    /// # Errors
    /// Whatever is wrong with a store.
    pub(crate) fn look(
        &mut self,
        folder: &Path,
        plan: &ArrayPlan,
    ) -> Result<Vec<TaskProgress>, BenchError> {
        self.known
            .resize_with(plan.tasks.len(), <(u64, Counts)>::default);
        let tasks = plan.tasks.iter().enumerate().map(|(index, task)| {
            let place = task_folder(folder, index);
            // Before the records: what a writer stores before it goes is then seen.
            let writer = writer_of(&place);
            let counts = self.counts(index, &place)?;
            let mut left = Left::new();
            for (unit, n) in &task.units {
                *left.entry(unit.key()).or_default() += n;
            }
            for (key, n) in &mut left {
                *n = n.saturating_sub(counts.done.get(key).copied().unwrap_or(0));
            }
            let done = counts.done.values().sum();
            let state = match writer {
                Some((holder, Life::Runs)) => TaskState::Runs(holder),
                Some((holder, Life::Heard(ago, _))) if ago < USUALLY => TaskState::Runs(holder),
                Some((holder, Life::Heard(ago, _))) => TaskState::Quiet(holder, ago),
                _ if left.values().all(|&n| n == 0) => TaskState::Done,
                Some((_, Life::Gone)) => TaskState::Stopped,
                None if done > 0 => TaskState::Stopped,
                None => TaskState::Waits,
            };
            Ok(TaskProgress {
                index,
                done,
                failed: counts.failed,
                left,
                state,
            })
        });
        tasks.collect()
    }

    fn counts(&mut self, index: usize, place: &Path) -> Result<&Counts, BenchError> {
        let (bytes, counts) = &mut self.known[index];
        let found = fs::metadata(place.join(RECORDS)).map_or(0, |file| file.len());
        if has_records(place) && (found != *bytes || found == 0) {
            let records = read_records(place)?;
            *counts = Counts {
                pace: Pace::of(records.values()),
                ..Counts::default()
            };
            for record in records.values() {
                let spec = &record.result.spec;
                let key = (spec.dataset.clone(), spec.method.clone());
                *counts.done.entry(key).or_default() += 1;
                counts.failed += usize::from(record.is_failed() && spec.trial.is_none());
            }
            *bytes = found;
        }
        Ok(counts)
    }

    /// Seconds for what `tasks` have left, one cell after the other; none where nothing was measured.
    pub(crate) fn seconds_left(&self, tasks: &[TaskProgress]) -> Option<f64> {
        let mut pace = Pace::default();
        for (_, counts) in &self.known {
            pace.join(&counts.pace);
        }
        let mut left = Left::new();
        for (key, n) in tasks.iter().flat_map(|task| &task.left) {
            *left.entry(key.clone()).or_default() += n;
        }
        left.retain(|_, n| *n > 0);
        pace.seconds_left(&left)
    }
}
