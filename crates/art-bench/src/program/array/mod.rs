//! `submit`, `task`, `watch` and `merge`: a matrix as the tasks of an array.

mod args;
mod local;
mod merge;
mod script;
mod slurm;
mod submit;
mod task;
mod watch;

pub(super) use args::{MERGE_HELP, MergeArgs, SUBMIT_HELP, SubmitArgs, TaskArgs, WatchArgs};
pub(super) use merge::run as merge;
pub(super) use submit::run as submit;
pub(super) use task::run as task;
pub(super) use watch::run as watch;
