//! The folder of data files, and the manifest that says what each file must be.

use crate::error::DataError;
use serde::Deserialize;
use sha2::{Digest, Sha256};
use std::{
    fmt::Write as _,
    fs,
    io::ErrorKind,
    path::{Path, PathBuf},
};

/// Name of the manifest inside a data folder.
pub const MANIFEST: &str = "manifest.toml";

/// What the manifest says about one file.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FileEntry {
    /// File name inside the folder.
    pub name: String,
    /// Size in bytes.
    pub bytes: u64,
    /// SHA-256 of the whole file, in lower-case hexadecimal.
    pub sha256: String,
    /// Who made the data, where they were published, and what was changed.
    pub origin: String,
    /// Licence under which the file may be passed on.
    pub licence: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    file: Vec<FileEntry>,
}

/// What the data files of the project are, for a folder that brings no manifest of its own.
const OWN: &str = include_str!("../../../data/manifest.toml");

/// A folder whose files are checked against a manifest whenever they are read: its own, or that of the
/// project where it has none.
#[derive(Clone, Debug)]
pub struct DataFolder {
    path: PathBuf,
    files: Vec<FileEntry>,
}

impl DataFolder {
    /// The data folder at `path`.
    ///
    /// # Errors
    /// [`DataError`] when there is no such folder, or its manifest cannot be read or has the wrong form.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, DataError> {
        let path = path.into();
        let manifest = path.join(MANIFEST);
        let text = match fs::read_to_string(&manifest) {
            Err(error) if error.kind() == ErrorKind::NotFound && path.is_dir() => OWN.to_owned(),
            other => other.map_err(DataError::io("read", &manifest))?,
        };
        let parsed: Manifest = toml::from_str(&text).map_err(|error| {
            let line = error.span().map(|span| line_of(&text, span.start));
            DataError::format(&manifest, line, error.message())
        })?;
        Ok(Self {
            path,
            files: parsed.file,
        })
    }

    /// The folder's path.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the manifest lists.
    pub fn files(&self) -> &[FileEntry] {
        &self.files
    }

    /// The bytes of `name`, once they match the manifest.
    ///
    /// # Errors
    /// [`DataError::NotListed`], [`DataError::Io`] or [`DataError::Checksum`].
    pub fn read(&self, name: &str) -> Result<Vec<u8>, DataError> {
        let Some(entry) = self.files.iter().find(|entry| entry.name == name) else {
            return Err(DataError::NotListed {
                manifest: self.path.join(MANIFEST),
                name: name.to_owned(),
            });
        };
        let path = self.path.join(name);
        let bytes = fs::read(&path).map_err(DataError::io("read", &path))?;
        let found = sha256_hex(&bytes);
        if found != entry.sha256 {
            return Err(DataError::Checksum {
                path,
                expected: entry.sha256.clone(),
                found,
            });
        }
        Ok(bytes)
    }
}

/// SHA-256 of `bytes` in lower-case hexadecimal.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut digest = Digest256::default();
    digest.add(bytes);
    digest.finish()
}

/// A SHA-256 of what is added piece by piece, so that a table need not be in memory twice.
#[derive(Default)]
pub(crate) struct Digest256(Sha256);

impl Digest256 {
    pub(crate) fn add(&mut self, bytes: &[u8]) {
        self.0.update(bytes);
    }

    /// Adds words as little-endian bytes.
    pub(crate) fn add_words(&mut self, words: impl Iterator<Item = u32>) {
        const WORDS: usize = 1024;
        let mut bytes = Vec::with_capacity(4 * WORDS);
        for word in words {
            bytes.extend_from_slice(&word.to_le_bytes());
            if bytes.len() == 4 * WORDS {
                self.add(&bytes);
                bytes.clear();
            }
        }
        self.add(&bytes);
    }

    /// The digest in lower-case hexadecimal.
    pub(crate) fn finish(self) -> String {
        let mut text = String::with_capacity(64);
        for byte in self.0.finalize() {
            let _ = write!(text, "{byte:02x}");
        }
        text
    }
}

/// One-based line of the byte at `offset`.
fn line_of(text: &str, offset: usize) -> u64 {
    1 + text[..offset.min(text.len())].matches('\n').count() as u64
}
