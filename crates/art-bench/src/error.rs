//! What can go wrong between a command line and a report.

use crate::holder::Holder;
use art_methods::{MethodError, UnknownName};
use std::{
    path::{Path, PathBuf},
    time::Duration,
};

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
         use a newer program, or another folder",
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
    #[error("{} is in use by {}{}; wait for it, or choose another folder", .path.display(), held_by(holder.as_deref()), heard_of(*heard))]
    Locked {
        /// The record file.
        path: PathBuf,
        /// Who writes, where that is known.
        holder: Option<Box<Holder>>,
        /// How long ago it was heard of, and after how long it counts as gone; for one that this machine cannot look up.
        heard: Option<(Duration, Duration)>,
    },
    /// Another process took the store over from this one.
    #[error(
        "{} was taken over by {}: this run was not heard of for a minute, as when its machine or network stood still; what it \
         had stored is kept, and it stops here",
        .path.display(),
        held_by(Some(holder))
    )]
    TakenOver {
        /// The folder.
        path: PathBuf,
        /// Who writes now.
        holder: Box<Holder>,
    },
    /// There is no room for a record.
    #[error(
        "cannot write a record to {}: {reason}; the {n_stored} that are stored are safe: make room there, or have the quota \
         raised, and the same command goes on",
        .path.display()
    )]
    NoRoom {
        /// The record file.
        path: PathBuf,
        /// Records that it has.
        n_stored: usize,
        /// What the system says.
        reason: std::io::Error,
    },
    /// A folder with the results of another matrix.
    #[error(
        "{} holds the results of another matrix, or of other training settings, than {wanted:?}; \
         choose another folder",
        .path.display()
    )]
    OtherMatrix {
        /// The matrix file.
        path: PathBuf,
        /// Name of the matrix that was asked for.
        wanted: String,
    },
    /// Interrupts cannot be caught.
    #[error("cannot wait for interrupts: {reason}")]
    Interrupt {
        /// Why.
        reason: String,
    },
    /// The workers could not be started.
    #[error("cannot start {jobs} workers: {reason}; ask for fewer")]
    Threads {
        /// Workers that were asked for.
        jobs: usize,
        /// Why they could not be started.
        reason: String,
    },
    /// A name that is not known.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// A method's name or settings.
    #[error(transparent)]
    Method(MethodError),
    /// A file of the wrong form.
    #[error("{}{}: {problem}", .path.display(), .line.map(|n| format!(", line {n}")).unwrap_or_default())]
    Format {
        /// The file.
        path: PathBuf,
        /// One-based line.
        line: Option<usize>,
        /// What is wrong with it.
        problem: String,
    },
    /// A data file is not the one that the manifest describes.
    #[error(
        "{} is truncated or altered: its SHA-256 is {found}, the manifest says {expected}; restore \
         the file from the repository",
        .path.display()
    )]
    Checksum {
        /// The file.
        path: PathBuf,
        /// Digest in the manifest.
        expected: String,
        /// Digest of the file.
        found: String,
    },
    /// A data file that the manifest does not list.
    #[error("the manifest {} does not list {name}", .manifest.display())]
    NotListed {
        /// The manifest.
        manifest: PathBuf,
        /// The missing name.
        name: String,
    },
    /// A matrix that contradicts itself.
    #[error("the matrix {matrix:?} {problem}")]
    Inconsistent {
        /// Its name.
        matrix: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An id that cannot be a part of a file's name.
    #[error(
        "the {what} {name:?} is no plain name: 1 to {longest} bytes, without /, \\ and control characters, not dots alone"
    )]
    NoPlainName {
        /// What has the name.
        what: &'static str,
        /// The name.
        name: String,
        /// Most bytes.
        longest: usize,
    },
    /// The record file is no longer where the run opened it.
    #[error(
        "{} is no longer the file that this run writes to: the results folder was deleted, moved or replaced while \
         it ran; records went to where it is now, or are lost",
        .path.display()
    )]
    Moved {
        /// Where the file was opened.
        path: PathBuf,
    },
    /// Two stores with different results of one cell.
    #[error(
        "the cell {cell} has another result in {} than in {}{}; cells are reproducible, so one of the programs or files was \
         altered: report one folder alone, or delete the records of the other and run the cell again",
        .folder.display(),
        .earlier.display(),
        and_others(*others)
    )]
    Contradiction {
        /// The cell.
        cell: String,
        /// The later folder.
        folder: PathBuf,
        /// The folder before it.
        earlier: PathBuf,
        /// Other cells of the later folder that contradict one before it.
        others: usize,
    },
    /// Records of different programs.
    #[error(
        "{} has records of another program ({found}) than those before it ({wanted}), so that they are not merged",
        .folder.display()
    )]
    OtherProgram {
        /// The folder.
        folder: PathBuf,
        /// Its program.
        found: String,
        /// The program before.
        wanted: String,
        /// Whether the revision alone differs: what both compute is the same.
        of_revision: bool,
    },
    /// A matrix some of whose cells have no record.
    #[error("{missing} of {planned} cells are missing: {named}; nothing was merged")]
    Incomplete {
        /// Cells without a record.
        missing: usize,
        /// Cells of the matrix.
        planned: usize,
        /// Of which pairs they are, and which tasks have them.
        named: String,
    },
    /// A task of an array that there is not.
    #[error("{} has a plan of {n_tasks} tasks, counted from 0, and no task {index}", .folder.display())]
    NoTask {
        /// The folder of the array.
        folder: PathBuf,
        /// The task.
        index: usize,
        /// Its tasks.
        n_tasks: usize,
    },
    /// Cells that were asked for are of a data set that cannot be had.
    #[error("{dataset} cannot be run: {reason}")]
    Unavailable {
        /// Title of the data set.
        dataset: String,
        /// Why, and what to do.
        reason: String,
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
    /// The pool of film reviews could not be read or made.
    #[error(transparent)]
    Embed(#[from] art_embed::EmbedError),
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

fn held_by(holder: Option<&Holder>) -> String {
    match holder {
        Some(holder) if !holder.host.is_empty() => holder.to_string(),
        _ => "another run".to_owned(),
    }
}

fn and_others(n: usize) -> String {
    match n {
        0 => String::new(),
        1 => ", and so has another cell".to_owned(),
        n => format!(", and so have {n} other cells"),
    }
}

fn heard_of(heard: Option<(Duration, Duration)>) -> String {
    heard.map_or_else(String::new, |(ago, most)| {
        let [ago, most] = [ago, most].map(|time| time.as_secs());
        format!(", which was heard of {ago} s ago and counts as gone after {most} s")
    })
}

impl From<MethodError> for BenchError {
    fn from(error: MethodError) -> Self {
        match error {
            MethodError::Unknown(unknown) => Self::Unknown(unknown),
            MethodError::Param(param) => Self::Param(param),
            other => Self::Method(other),
        }
    }
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

    /// A file that has the wrong form as a whole.
    pub(crate) fn form(path: &Path, problem: String) -> Self {
        Self::Format {
            path: path.to_owned(),
            line: None,
            problem,
        }
    }

    /// A file whose `text` has the wrong form from the byte at `offset` on.
    pub(crate) fn form_at(path: &Path, text: &str, offset: Option<usize>, problem: String) -> Self {
        let line = |at: usize| 1 + text[..at.min(text.len())].matches('\n').count();
        Self::Format {
            path: path.to_owned(),
            line: offset.map(line),
            problem,
        }
    }
}
