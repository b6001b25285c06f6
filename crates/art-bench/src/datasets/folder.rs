//! The folder of data files, and the manifest that says what each file must be.

use crate::error::BenchError;
use art_data::sha256_hex;
use serde::Deserialize;
use std::{
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
const OWN: &str = include_str!("manifest.toml");

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
    /// [`BenchError`] when there is no such folder, or its manifest cannot be read or has the wrong form.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, BenchError> {
        let path = path.into();
        let manifest = path.join(MANIFEST);
        let text = match fs::read_to_string(&manifest) {
            Err(error) if error.kind() == ErrorKind::NotFound && path.is_dir() => OWN.to_owned(),
            other => other.map_err(BenchError::io("read", &manifest))?,
        };
        let parsed: Manifest = toml::from_str(&text).map_err(|error| {
            let offset = error.span().map(|span| span.start);
            BenchError::form_at(&manifest, &text, offset, error.message().to_owned())
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

    /// Looks whether the file `name` is the one that the manifest describes.
    ///
    /// # Errors
    /// As [`read`](Self::read).
    pub fn check(&self, name: &str) -> Result<(), BenchError> {
        self.read(name).map(drop)
    }

    /// The bytes of `name`, once they match the manifest.
    ///
    /// # Errors
    /// [`BenchError::NotListed`], [`BenchError::Io`] or [`BenchError::Checksum`].
    pub fn read(&self, name: &str) -> Result<Vec<u8>, BenchError> {
        let Some(entry) = self.files.iter().find(|entry| entry.name == name) else {
            return Err(BenchError::NotListed {
                manifest: self.path.join(MANIFEST),
                name: name.to_owned(),
            });
        };
        let path = self.path.join(name);
        let bytes = fs::read(&path).map_err(BenchError::io("read", &path))?;
        let found = sha256_hex(&bytes);
        if found != entry.sha256 {
            return Err(BenchError::Checksum {
                path,
                expected: entry.sha256.clone(),
                found,
            });
        }
        Ok(bytes)
    }
}
