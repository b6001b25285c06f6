//! Runs a matrix into a results folder and writes its report.

use crate::{
    error::BenchError,
    execute::{Executed, execute},
    plan::{Plan, Selection},
    record_lines::Records,
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
        let Ran {
            executed,
            n_stored,
            torn_bytes,
            store,
        } = run_cells(
            info,
            experiment,
            selection,
            &Records::new(),
            options,
            cancel,
        )?;
        let results = Results::new(info, store.records(), &experiment.registry)?;
        let files = write_report_for(&results, options.folder, options.how_to)?;
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

/// What came of running cells.
pub(crate) struct Ran {
    pub(crate) executed: Executed,
    pub(crate) n_stored: usize,
    pub(crate) torn_bytes: usize,
    pub(crate) store: Store,
}

/// Runs cells as a [`Session`] does, without a report. Those that `known` has, from elsewhere, are not run.
///
/// # Errors
/// Those of [`Session::run`].
pub(crate) fn run_cells(
    info: &RunInfo,
    experiment: &Experiment,
    selection: &Selection<'_>,
    known: &Records,
    options: SessionOptions<'_>,
    cancel: &AtomicBool,
) -> Result<Ran, BenchError> {
    let SessionOptions {
        folder,
        jobs,
        retry_failed,
        ..
    } = options;
    info.check(folder)?;
    let mut store = Store::open(folder)?;
    let torn_bytes = store.torn_bytes();
    info.save(folder)?;
    let (mut plan, n_stored) = {
        let joined = (retry_failed || !known.is_empty()).then(|| {
            let mut records = known.clone();
            records.extend(store.records().clone());
            records.retain(|_, record| !(retry_failed && record.is_failed()));
            records
        });
        let records = joined.as_ref().unwrap_or(store.records());
        let plan = Plan::new(&info.matrix, &experiment.registry, records, selection)?;
        (plan, records.len())
    };
    let executed = execute(&mut plan, experiment, &mut store, jobs, cancel)?;
    store.check_place()?;
    Ok(Ran {
        executed,
        n_stored,
        torn_bytes,
        store,
    })
}
