//! Files for what reads files.

use flate2::{Compression, write::GzEncoder};
use std::{fs, io::Write as _, path::Path};
use tempfile::TempDir;

thread_local! {
    static FOLDER: TempDir = tempfile::tempdir().expect("a folder can be made");
}

/// What `look` makes of a file called `name` with these bytes.
pub(crate) fn with_file<T>(name: &str, bytes: &[u8], look: impl FnOnce(&Path) -> T) -> T {
    with_files(&[(name, bytes)], |folder| look(&folder.join(name)))
}

/// What `look` makes of a folder with these files.
pub(crate) fn with_files<T>(files: &[(&str, &[u8])], look: impl FnOnce(&Path) -> T) -> T {
    FOLDER.with(|folder| {
        let folder = folder.path();
        for (name, bytes) in files {
            fs::write(folder.join(name), bytes).expect("a file can be written");
        }
        look(folder)
    })
}

/// Not made smaller: a fuzzer sees through it.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(vec![], Compression::none());
    packer.write_all(bytes).expect("memory takes it");
    packer.finish().expect("memory takes it")
}
