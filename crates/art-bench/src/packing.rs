//! Packing the records of a folder.

use crate::{
    cell::{CellId, CellRecord, SCHEMA},
    course::Course,
    datasets::DatasetName,
    error::BenchError,
    outcome::Outcome,
    packed::{PACKED, SUFFIX, compressed},
    record_lines::RECORDS,
    store::{Store, read_records},
};
use art_data::write_atomically;
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
};

/// Packs the records in `folder`, in the order of data sets, methods and seeds, and takes the plain file away; a run can add
/// to the folder as before. How a run went epoch by epoch stays for those that `keeps_course` names, and a digest of it for the
/// others. Records that were packed before stay; of a cell that is in both the plain one is kept.
///
/// # Errors
/// As [`Store::open`], and [`BenchError::Io`] when a packed file cannot be written; the plain file then stays.
pub fn pack_records(
    folder: &Path,
    keeps_course: impl Fn(&CellId) -> bool,
) -> Result<Vec<PathBuf>, BenchError> {
    let plain = folder.join(RECORDS);
    // Held open, so that no run adds to what is being packed.
    let store = plain.exists().then(|| Store::open(folder)).transpose()?;
    let records = match &store {
        Some(store) => store.records().clone(),
        None => read_records(folder)?,
    };
    let mut by_dataset = BTreeMap::<String, Vec<CellRecord>>::new();
    for mut record in records.into_values() {
        record.result.schema = SCHEMA;
        if let Outcome::Evaluated(evaluation) = &mut record.result.outcome
            && !keeps_course(&record.result.id)
        {
            evaluation.course = Course::Digest(evaluation.course.digest(evaluation.best_epoch));
        }
        let dataset = DatasetName::id_of(&record.result.spec.dataset).to_owned();
        by_dataset.entry(dataset).or_default().push(record);
    }
    let packed = folder.join(PACKED);
    fs::create_dir_all(&packed).map_err(BenchError::io("make the folder", &packed))?;
    let mut paths = vec![];
    for (dataset, mut records) in by_dataset {
        records.sort_by_cached_key(|record| {
            let spec = &record.result.spec;
            let run = (spec.seed, spec.initialisation);
            let name = (spec.dataset.clone(), spec.method.clone());
            (name, spec.trial, run, record.result.id.clone())
        });
        let path = packed.join(format!("{dataset}{SUFFIX}"));
        let bytes = compressed(&records).map_err(BenchError::io("pack", &path))?;
        write_atomically(&path, &bytes).map_err(BenchError::io("write", &path))?;
        paths.push(path);
    }
    let gzip = folder.join(format!("{RECORDS}.gz"));
    for replaced in [plain, gzip] {
        if replaced.exists() {
            fs::remove_file(&replaced).map_err(BenchError::io("remove", &replaced))?;
        }
    }
    Ok(paths)
}
