//! The plan of an array: one file that is written once and that every task reads.

use super::Task;
use crate::{error::BenchError, run_info::RunInfo, unit::Unit};
use art_data::write_atomically;
use serde::{Deserialize, Serialize};
use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

/// Name of the plan inside the folder of an array.
const PLAN: &str = "plan.json";
/// Newest version of that file that this program writes and reads.
const VERSION: u32 = 1;

/// The folder of a task inside that of its array: its own store, so that no two tasks write to one file.
pub(crate) fn task_folder(folder: &Path, index: usize) -> PathBuf {
    folder.join("tasks").join(index.to_string())
}

/// What the tasks of an array have in common, and what each of them runs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct ArrayPlan {
    version: u32,
    /// The matrix, as every store of a task says it too.
    pub(crate) info: RunInfo,
    /// The pattern that cells match, where not all are wanted.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) only: Option<String>,
    /// The folder with the data files, from the root on.
    pub(crate) data: PathBuf,
    /// Where networks are trained.
    pub(crate) device: String,
    /// The arithmetic of that.
    pub(crate) arithmetic: String,
    /// Whether logits are kept.
    pub(crate) keep_logits: bool,
    /// Cells at a time in each task, as it was last submitted.
    pub(crate) cpus: usize,
    /// The longest one first.
    pub(crate) tasks: Vec<Task>,
}

/// The version alone, readable whatever the rest looks like.
#[derive(Deserialize)]
struct Version {
    version: u32,
}

impl ArrayPlan {
    /// A plan of this version.
    pub(crate) fn new(info: RunInfo, tasks: Vec<Task>) -> Self {
        Self {
            version: VERSION,
            info,
            only: None,
            data: PathBuf::new(),
            device: String::new(),
            arithmetic: String::new(),
            keep_logits: false,
            cpus: 1,
            tasks,
        }
    }

    /// Where the plan of an array in `folder` is.
    pub(crate) fn path(folder: &Path) -> PathBuf {
        folder.join(PLAN)
    }

    /// Writes it to `folder`.
    ///
    /// # Errors
    /// [`BenchError::Io`].
    pub(crate) fn save(&self, folder: &Path) -> Result<(), BenchError> {
        let path = Self::path(folder);
        let text = serde_json::to_string_pretty(self).expect("a plan is plain data");
        write_atomically(&path, text.as_bytes()).map_err(BenchError::io("write", &path))
    }

    /// The plan in `folder`; none where there is none.
    ///
    /// # Errors
    /// Those of [`load`](Self::load).
    pub(crate) fn load_if_there(folder: &Path) -> Result<Option<Self>, BenchError> {
        let is_there = Self::path(folder).exists();
        is_there.then(|| Self::load(folder)).transpose()
    }

    /// The plan in `folder`.
    ///
    /// # Errors
    /// [`BenchError::Io`] when there is none, [`BenchError::NewerRecord`] when a newer program wrote it,
    /// [`BenchError::Format`] when it is damaged or two of its tasks have a unit in common.
    pub(crate) fn load(folder: &Path) -> Result<Self, BenchError> {
        let path = Self::path(folder);
        let text = fs::read_to_string(&path).map_err(BenchError::io("read", &path))?;
        let bad = |error: serde_json::Error| BenchError::Format {
            path: path.clone(),
            line: Some(error.line()),
            problem: format!("this is no plan of an array ({error})"),
        };
        let Version { version } = serde_json::from_str(&text).map_err(bad)?;
        if version > VERSION {
            return Err(BenchError::NewerRecord {
                path,
                line: 1,
                found: version,
                supported: VERSION,
            });
        }
        let plan: Self = serde_json::from_str(&text).map_err(bad)?;
        let content = plan.info.check_content().map_err(|error| error.to_string());
        content
            .and_then(|()| plan.check_apart())
            .map_err(|problem| BenchError::form(&path, problem))?;
        Ok(plan)
    }

    /// Makes sure that no cell is run twice.
    fn check_apart(&self) -> Result<(), String> {
        let mut known = BTreeSet::<&Unit>::new();
        let units = self.tasks.iter().flat_map(|task| task.units.keys());
        for unit in units {
            if !known.insert(unit) {
                return Err(format!("two of its tasks have {unit}"));
            }
        }
        Ok(())
    }

    /// A task, counted from 0.
    ///
    /// # Errors
    /// [`BenchError::NoTask`].
    pub(crate) fn task(&self, folder: &Path, index: usize) -> Result<&Task, BenchError> {
        self.tasks.get(index).ok_or_else(|| BenchError::NoTask {
            folder: folder.to_owned(),
            index,
            n_tasks: self.tasks.len(),
        })
    }

    /// The folders of the tasks that have a store, in their order.
    pub(crate) fn stores(&self, folder: &Path) -> Vec<PathBuf> {
        let folders = (0..self.tasks.len()).map(|index| task_folder(folder, index));
        folders
            .filter(|folder| crate::store::has_records(folder))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{matrix::Matrix, unit::Units};

    fn plan(units: &[&[&str]]) -> ArrayPlan {
        let info = RunInfo::new(Matrix::quick(), [].into(), [].into());
        let task = |units: &&[&str]| Task {
            units: units
                .iter()
                .map(|unit| (unit.parse().unwrap(), 1))
                .collect::<Units>(),
            seconds: Some(1.5),
        };
        ArrayPlan::new(info, units.iter().map(task).collect())
    }

    #[test]
    fn a_plan_that_is_written_is_read() {
        let folder = tempfile::tempdir().unwrap();
        assert_eq!(ArrayPlan::load_if_there(folder.path()).unwrap(), None);
        let plan = plan(&[&["pima/art/7", "pima@ratio=3/art/7"], &["wine/ros"]]);
        plan.save(folder.path()).unwrap();
        assert_eq!(ArrayPlan::load(folder.path()).unwrap(), plan);
        let error = plan.task(folder.path(), 2).unwrap_err().to_string();
        assert!(
            error.contains("2 tasks") && error.contains("no task 2"),
            "{error}"
        );
    }

    #[test]
    fn damage_a_newer_version_and_units_of_two_tasks_are_refused() {
        let folder = tempfile::tempdir().unwrap();
        let error = |plan: &ArrayPlan, from: &str, to: &str| {
            plan.save(folder.path()).unwrap();
            let path = ArrayPlan::path(folder.path());
            let text = fs::read_to_string(&path).unwrap();
            assert!(text.contains(from));
            fs::write(&path, text.replacen(from, to, 1)).unwrap();
            ArrayPlan::load(folder.path()).unwrap_err().to_string()
        };
        let good = plan(&[&["pima/art/7"], &["wine/ros"]]);
        assert!(error(&good, "\"tasks\"", "\"task\"").contains("no plan of an array"));
        assert!(error(&good, "pima/art/7", "pima").contains("neither DATASET/METHOD"));
        assert!(error(&good, "\"version\": 1", "\"version\": 2").contains("newer program"));
        let twice = plan(&[&["pima/art"], &["wine/ros", "pima/art"]]);
        assert!(error(&twice, "", "").contains("two of its tasks have pima/art"));
    }
}
