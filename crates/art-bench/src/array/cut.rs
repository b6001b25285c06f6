//! Cutting a plan into the tasks of an array, about equally long.

use crate::{pace::Pace, unit::Units};
use serde::{Deserialize, Serialize};

/// Most tasks of an array: what Slurm takes unless it is told otherwise (`MaxArraySize`, 1,001).
pub(crate) const MOST_TASKS: usize = 1_000;
/// How long a task is made where nothing else is asked for: long beside the seconds in which a program starts, short beside the
/// hours that a node may be lent for.
const TASK_SECONDS: f64 = 600.0;
/// Tasks where nothing is known of how long cells take.
const TASKS_UNMEASURED: usize = 16;

/// A task of an array.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Task {
    /// What it runs.
    pub(crate) units: Units,
    /// How long that takes, one cell after the other, by cells that were measured; none where none was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) seconds: Option<f64>,
}

impl Task {
    /// Cells that it had to run when it was planned.
    pub(crate) fn n_cells(&self) -> usize {
        self.units.values().sum()
    }
}

/// How many tasks make each of them about ten minutes long on `cpus` cores.
pub(crate) fn n_tasks(units: &Units, pace: &Pace, cpus: usize) -> usize {
    let costs = units.iter().map(|(unit, &n)| cost(pace, &unit.key(), n));
    let wanted = match costs.sum::<Option<f64>>() {
        Some(seconds) => (seconds / cpus as f64 / TASK_SECONDS).ceil() as usize,
        None => TASKS_UNMEASURED,
    };
    wanted.clamp(1, units.len().clamp(1, MOST_TASKS))
}

/// Cuts `units` into `n_tasks` tasks, the longest one first; no task is empty, so that there may be fewer.
///
/// The longest unit that is left goes to the task that has least (Graham 1969): no task is longer than the mean and the longest
/// unit together. Where nothing was measured every cell counts alike.
pub(crate) fn cut(units: &Units, pace: &Pace, n_tasks: usize) -> Vec<Task> {
    let of_unit = |(unit, &n): (&_, &usize)| {
        let unit: &crate::unit::Unit = unit;
        cost(pace, &unit.key(), n)
    };
    let costs: Option<Vec<f64>> = units.iter().map(of_unit).collect();
    let is_measured = costs.is_some();
    let costs = costs.unwrap_or_else(|| units.values().map(|&n| n as f64).collect());
    let mut sorted: Vec<_> = units.iter().zip(costs).collect();
    // Stable: equal ones stay in the order of their names.
    sorted.sort_by(|one, other| other.1.total_cmp(&one.1));
    let n_tasks = n_tasks.clamp(1, units.len().max(1));
    let mut tasks = vec![(0.0, Units::new()); n_tasks];
    for ((unit, n), cost) in sorted {
        let least = tasks.iter_mut().reduce(|least, task| {
            // Of tasks that have as much the one with fewer units, so that none stays empty.
            let key = |task: &(f64, Units)| (task.0, task.1.len());
            match key(task).partial_cmp(&key(least)) {
                Some(std::cmp::Ordering::Less) => task,
                _ => least,
            }
        });
        let (seconds, units) = least.expect("there is a task");
        *seconds += cost;
        units.insert(unit.clone(), *n);
    }
    tasks.retain(|(_, units)| !units.is_empty());
    tasks.sort_by(|one, other| other.0.total_cmp(&one.0));
    let task = |(seconds, units)| Task {
        units,
        seconds: is_measured.then_some(seconds),
    };
    tasks.into_iter().map(task).collect()
}

fn cost(pace: &Pace, key: &(String, String), n_cells: usize) -> Option<f64> {
    pace.seconds(key).map(|seconds| seconds * n_cells as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::unit::Unit;
    use proptest::prelude::*;

    fn units(sizes: &[(u8, usize)]) -> Units {
        let unit = |(k, (method, n)): (usize, &(u8, usize))| {
            (
                Unit::of_pair(&format!("set-{k}"), &format!("m{method}")),
                *n,
            )
        };
        sizes.iter().enumerate().map(unit).collect()
    }

    proptest! {
        #[test]
        fn every_unit_is_in_one_task_and_tasks_are_balanced(
            sizes in prop::collection::vec((0_u8..5, 1_usize..60), 1..80),
            wanted in 1_usize..100,
            seconds in prop::option::of(prop::collection::vec(0.01_f64..100.0, 5)),
        ) {
            let units = units(&sizes);
            let pace = seconds.map_or_else(Pace::default, |seconds| {
                Pace::of_seconds(units.keys().map(|unit| {
                    let key = unit.key();
                    let method: usize = key.1[1..].parse().unwrap();
                    (key, seconds[method])
                }))
            });
            let tasks = cut(&units, &pace, wanted);
            prop_assert_eq!(tasks.len(), wanted.min(units.len()));
            let mut joined: Vec<_> = tasks.iter().flat_map(|task| task.units.clone()).collect();
            joined.sort();
            prop_assert_eq!(joined, units.clone().into_iter().collect::<Vec<_>>());
            let of = |units: &Units| -> f64 {
                let costs = units.iter().map(|(unit, &n)| {
                    pace.seconds(&unit.key()).unwrap_or(1.0) * n as f64
                });
                costs.sum()
            };
            let loads: Vec<f64> = tasks.iter().map(|task| of(&task.units)).collect();
            prop_assert!(loads.windows(2).all(|pair| pair[0] >= pair[1] - 1e-6));
            let longest = units.iter().map(|(unit, &n)| of(&[(unit.clone(), n)].into()));
            let longest = longest.fold(0.0, f64::max);
            let mean = of(&units) / tasks.len() as f64;
            prop_assert!(loads[0] <= mean + longest + 1e-6, "{} {} {}", loads[0], mean, longest);
            prop_assert_eq!(cut(&units, &pace, wanted), tasks);
        }
    }

    #[test]
    fn tasks_are_about_ten_minutes_long_where_that_is_known() {
        let units = units(&[(0, 60), (0, 60), (0, 60), (0, 60)]);
        let pace = Pace::of_seconds(units.keys().map(|unit| (unit.key(), 10.0)));
        assert_eq!(n_tasks(&units, &pace, 1), 4);
        assert_eq!(n_tasks(&units, &pace, 2), 2);
        assert_eq!(
            n_tasks(&units, &Pace::default(), 1),
            4,
            "no more than units"
        );
        assert_eq!(cut(&units, &pace, 3)[0].seconds, Some(1200.0));
        assert_eq!(cut(&units, &Pace::default(), 3)[0].seconds, None);
        assert!(cut(&Units::new(), &pace, 3).is_empty());
    }
}
