//! Several results folders of one matrix, such as those of its shards, read as if they were one.

use crate::{
    cell::{CellId, CellRecord},
    environment::Environment,
    error::BenchError,
    record_lines::Records,
    run_info::{MATRIX_FILE, RunInfo},
    store::read_with_torn,
};
use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

/// Which programs the records that are joined may be from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Programs {
    /// Any: results of one cell must agree to the byte all the same.
    Any,
    /// Those of one arithmetic.
    OneArithmetic,
    /// One: the same arithmetic, built from the same revision.
    One,
}

/// The records of several folders, as if they were one.
#[derive(Debug)]
pub(crate) struct Joined {
    pub(crate) info: RunInfo,
    pub(crate) records: Records,
    /// Folders with a last line that has no end, and its bytes.
    pub(crate) torn: Vec<(PathBuf, usize)>,
}

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
    let Joined { info, records, .. } = join_folders(folders, Programs::Any)?;
    Ok((info, records))
}

/// The records of several folders, as [`read_folders`] takes them, of `programs`.
///
/// # Errors
/// Those of [`read_folders`], and [`BenchError::OtherProgram`].
pub(crate) fn join_folders(folders: &[PathBuf], programs: Programs) -> Result<Joined, BenchError> {
    let [first, others @ ..] = folders else {
        panic!("there must be a folder to read");
    };
    let mut joined = Joined {
        info: RunInfo::load(first)?,
        records: Records::new(),
        torn: vec![],
    };
    let mut from = Sources {
        programs,
        first: None,
        folders: BTreeMap::new(),
    };
    joined.add(first, &mut from)?;
    for folder in others {
        let other = RunInfo::load(folder)?;
        let info = &joined.info;
        let named_alike = |(id, names): (&String, &Vec<String>)| {
            other.class_names.get(id).is_none_or(|other| other == names)
        };
        if other.matrix != info.matrix || !info.class_names.iter().all(named_alike) {
            return Err(BenchError::OtherMatrix {
                path: folder.join(MATRIX_FILE),
                wanted: joined.info.matrix.name,
            });
        }
        joined.info.join(other);
        joined.add(folder, &mut from)?;
    }
    Ok(joined)
}

/// Where joined records are from.
struct Sources<'f> {
    programs: Programs,
    /// The program of the first record, and its folder.
    first: Option<(Environment, &'f Path)>,
    /// The folder of each record.
    folders: BTreeMap<CellId, &'f Path>,
}

impl<'f> Sources<'f> {
    /// Makes sure that a record of `folder` is of a program that may stand beside those before it.
    fn check(&mut self, record: &CellRecord, folder: &'f Path) -> Result<(), BenchError> {
        let found = &record.measured.environment;
        let (first, _) = self.first.get_or_insert_with(|| (found.clone(), folder));
        let differs = match self.programs {
            Programs::Any => false,
            Programs::OneArithmetic => first.arithmetic != found.arithmetic,
            Programs::One => {
                first.arithmetic != found.arithmetic || first.revision != found.revision
            }
        };
        if !differs {
            return Ok(());
        }
        let program = |of: &Environment| {
            let arithmetic = format!("arithmetic {}", of.arithmetic);
            if of.revision.is_empty() {
                arithmetic
            } else {
                format!("revision {}, {arithmetic}", of.revision)
            }
        };
        Err(BenchError::OtherProgram {
            folder: folder.to_owned(),
            found: program(found),
            wanted: program(first),
            of_revision: first.arithmetic == found.arithmetic,
        })
    }
}

impl Joined {
    fn add<'f>(&mut self, folder: &'f Path, from: &mut Sources<'f>) -> Result<(), BenchError> {
        let (records, torn) = read_with_torn(folder)?;
        if torn > 0 {
            self.torn.push((folder.to_owned(), torn));
        }
        let mut contradictions = vec![];
        for (id, record) in records {
            from.check(&record, folder)?;
            let is_new = match self.records.get(&id) {
                None => true,
                // A result says more than a failure, and one failure is as good as another.
                Some(_) if record.is_failed() => false,
                Some(kept) if kept.is_failed() => true,
                Some(kept) if kept.result.canonical() != record.result.canonical() => {
                    let earlier = from.folders.get(&id).copied().unwrap_or(folder);
                    contradictions.push((record.result.spec.to_string(), earlier.to_owned()));
                    false
                }
                Some(kept) => kept.course().is_none(),
            };
            if is_new {
                from.folders.insert(id.clone(), folder);
                self.records.insert(id, record);
            }
        }
        match contradictions.len() {
            0 => Ok(()),
            n => {
                let (cell, earlier) = contradictions.swap_remove(0);
                Err(BenchError::Contradiction {
                    cell,
                    folder: folder.to_owned(),
                    earlier,
                    others: n - 1,
                })
            }
        }
    }
}
