//! What can go wrong between a command line and a report.

use std::path::{Path, PathBuf};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BenchError {
    /// A file or folder could not be used.
    #[error("cannot {action} {}: {reason}", .path.display())]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        reason: std::io::Error,
    },
    /// A line of a record file that is no record.
    #[error(
        "{}, line {line}: this is no record ({reason}); nothing was changed, please repair or \
         remove the line",
        .path.display()
    )]
    BadRecord {
        /// The file.
        path: PathBuf,
        /// One-based line.
        line: usize,
        /// What is wrong with it.
        reason: String,
    },
    /// A record of a newer program.
    #[error(
        "{}, line {line}: the record has schema {found}, this program reads up to {supported}; \
         use a newer program, or another --out folder",
        .path.display()
    )]
    NewerRecord {
        /// The file.
        path: PathBuf,
        /// One-based line.
        line: usize,
        /// Schema of the record.
        found: u32,
        /// Newest schema that this program reads.
        supported: u32,
    },
    /// Another process writes to the same store.
    #[error("{} is in use by another run; wait for it, or choose another --out folder", .path.display())]
    Locked {
        /// The record file.
        path: PathBuf,
    },
    /// A folder with the results of another matrix.
    #[error(
        "{} holds the results of another matrix, or of other training settings, than {wanted:?}; \
         choose another --out folder",
        .path.display()
    )]
    OtherMatrix {
        /// The matrix file.
        path: PathBuf,
        /// Name of the matrix that was asked for.
        wanted: String,
    },
    /// The workers could not be started.
    #[error("cannot start {jobs} workers: {reason}; ask for fewer with --jobs")]
    Threads {
        /// Workers that were asked for.
        jobs: usize,
        /// Why they could not be started.
        reason: String,
    },
    /// A name that is not known.
    #[error("unknown {what} {name:?}; known are {known}")]
    Unknown {
        /// Method, setting or data set.
        what: &'static str,
        /// The name.
        name: String,
        /// All that are known.
        known: String,
    },
    /// A name that is taken.
    #[error("there is a method {name:?} already")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A figure could not be drawn.
    #[error("cannot draw {figure}: {reason}")]
    Figure {
        /// Its name.
        figure: &'static str,
        /// Why.
        reason: String,
    },
    /// A statistic could not be computed.
    #[error(transparent)]
    Stats(#[from] art_stats::StatsError),
    /// Data could not be read.
    #[error(transparent)]
    Data(#[from] art_data::DataError),
    /// A sampler refused something.
    #[error(transparent)]
    Core(#[from] art_core::CoreError),
    /// A setting is out of range.
    #[error(transparent)]
    Param(#[from] art_core::ParamError),
    /// Training failed.
    #[error(transparent)]
    Train(#[from] art_train::TrainError),
}

impl BenchError {
    pub(crate) fn io(
        action: &'static str,
        path: &Path,
    ) -> impl FnOnce(std::io::Error) -> Self + use<> {
        let path = path.to_owned();
        move |reason| Self::Io {
            action,
            path,
            reason,
        }
    }
}
