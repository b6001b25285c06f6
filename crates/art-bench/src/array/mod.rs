//! A matrix as the tasks of an array: how it is cut, the plan that tasks read, and how far they are.

mod cut;
mod plan_file;
mod progress;

pub(crate) use cut::{MOST_TASKS, Task, cut, n_tasks};
pub(crate) use plan_file::{ArrayPlan, task_folder};
pub(crate) use progress::{Progress, TaskProgress, TaskState};
