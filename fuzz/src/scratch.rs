//! Files for what reads files.

use std::{fs, path::Path};
use tempfile::TempDir;

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("a folder can be made");
}

/// What `look` makes of a file called `name` with these bytes.
pub(crate) fn with_file<T>(name: &str, bytes: &[u8], look: impl FnOnce(&Path) -> T) -> T {
    FOLDER.with(|folder| {
        let path = folder.path().join(name);
        fs::write(&path, bytes).expect("the file can be written");
        look(&path)
    })
}
