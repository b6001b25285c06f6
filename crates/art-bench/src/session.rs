//! Runs a matrix into a results folder and writes its report.

use crate::{
    error::BenchError,
    execute::{Executed, execute},
    plan::{Plan, Selection},
    report::{HowTo, write_report_for},
    results::Results,
    run_info::RunInfo,
    runner::Experiment,
    store::Store,
};
use std::{
    path::{Path, PathBuf},
    sync::atomic::AtomicBool,
};

/// How a matrix is run.
#[derive(Clone, Copy, Debug)]
pub struct SessionOptions<'a> {
    /// The results folder; it is made where there is none and taken over where it is of the same matrix.
    pub folder: &'a Path,
    /// Cells at a time.
    pub jobs: usize,
    /// Whether cells that failed before are run again.
    pub retry_failed: bool,
    /// How the program is told to train what is advised.
    pub how_to: HowTo,
}

/// What came of running a matrix.
#[derive(Debug)]
pub struct Session {
    /// What was run and what is left.
    pub executed: Executed,
    /// Records that the folder had before.
    pub n_stored: usize,
    /// Bytes of a record that a crash had torn, which were cut off.
    pub torn_bytes: usize,
    /// The numbers.
    pub results: Results,
    /// The files of the report.
    pub files: Vec<PathBuf>,
}

impl Session {
    /// Runs the cells of `info`'s matrix that `selection` has and the folder lacks, until `cancel` is set, and
    /// writes the report of all that is there.
    ///
    /// # Errors
    /// [`BenchError::OtherMatrix`] when the folder belongs to another matrix, [`BenchError::Locked`] when another
    /// run has it, [`BenchError::Moved`] when it is deleted or moved while cells run, or whatever is wrong with a file.
    pub fn run(
        info: &RunInfo,
        experiment: &Experiment,
        selection: &Selection<'_>,
        options: SessionOptions<'_>,
        cancel: &AtomicBool,
    ) -> Result<Self, BenchError> {
        let SessionOptions {
            folder,
            jobs,
            retry_failed,
            how_to,
        } = options;
        info.check(folder)?;
        let mut store = Store::open(folder)?;
        let torn_bytes = store.torn_bytes();
        info.save(folder)?;
        let (mut plan, n_stored) = {
            let succeeded = retry_failed.then(|| {
                let mut records = store.records().clone();
                records.retain(|_, record| !record.is_failed());
                records
            });
            let records = succeeded.as_ref().unwrap_or(store.records());
            let plan = Plan::new(&info.matrix, &experiment.registry, records, selection)?;
            (plan, records.len())
        };
        let executed = execute(&mut plan, experiment, &mut store, jobs, cancel)?;
        store.check_place()?;
        let results = Results::new(info, store.records(), &experiment.registry)?;
        let files = write_report_for(&results, folder, how_to)?;
        store.check_place()?;
        Ok(Self {
            executed,
            n_stored,
            torn_bytes,
            results,
            files,
        })
    }
}
