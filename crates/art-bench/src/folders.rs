//! Several results folders of one matrix, such as those of its shards, read as if they were one.

use crate::{
    error::BenchError,
    record_lines::Records,
    run_info::{MATRIX_FILE, RunInfo},
    store::read_records,
};
use std::path::PathBuf;

/// The records of several folders of the same matrix, such as those of its shards, as if they were one. A
/// data set is unavailable where no folder had it; a result is taken before a failure.
///
/// # Errors
/// [`BenchError::OtherMatrix`] when they belong to different matrices or name the classes of a data set otherwise, [`BenchError::Contradiction`] when two
/// of them have different results of a cell, or whatever is wrong with a file.
///
/// # Panics
/// If there is no folder.
pub fn read_folders(folders: &[PathBuf]) -> Result<(RunInfo, Records), BenchError> {
    let [first, others @ ..] = folders else {
        panic!("there must be a folder to read");
    };
    let mut info = RunInfo::load(first)?;
    let mut records = read_records(first)?;
    for folder in others {
        let other = RunInfo::load(folder)?;
        let named_alike = |(id, names): (&String, &Vec<String>)| {
            other.class_names.get(id).is_none_or(|other| other == names)
        };
        if other.matrix != info.matrix || !info.class_names.iter().all(named_alike) {
            return Err(BenchError::OtherMatrix {
                path: folder.join(MATRIX_FILE),
                wanted: info.matrix.name,
            });
        }
        info.join(other);
        for (id, record) in read_records(folder)? {
            let Some(kept) = records.get(&id) else {
                records.insert(id, record);
                continue;
            };
            // A result says more than a failure, and one failure is as good as another.
            if record.is_failed() {
                continue;
            }
            if kept.is_failed() {
                records.insert(id, record);
            } else if kept.result.canonical() != record.result.canonical() {
                return Err(BenchError::Contradiction {
                    cell: record.result.spec.to_string(),
                    folder: folder.clone(),
                });
            } else if kept.course().is_none() {
                records.insert(id, record);
            }
        }
    }
    Ok((info, records))
}
