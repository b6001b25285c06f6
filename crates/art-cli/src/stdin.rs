//! `-` as a table: the standard input, kept in a file while the command runs, since a table is read twice.

use crate::args::Command;
use anyhow::{Context, Result, bail};
use std::{
    fs::{self, File, TryLockError},
    io,
    path::{Path, PathBuf},
};
use tempfile::TempDir;

/// What the standard input is called in messages.
const NAME: &str = "standard input";
/// Name of the file: reports and results folders go by it.
const FILE: &str = "stdin";
/// What the name of its folder begins with.
const FOLDER: &str = "art-stdin-";
/// A file that is locked as long as the folder is in use.
const LOCK: &str = "lock";

/// The standard input in a file that goes when this does.
pub(crate) struct Spool {
    _file: File,
    _lock: File,
    folder: TempDir,
}

impl Spool {
    /// Keeps the standard input where the command reads it, and names the file in its place.
    pub(crate) fn of(command: &mut Command) -> Result<Option<Self>> {
        if input(command).is_none_or(|path| **path != *"-") {
            return Ok(None);
        }
        if let Command::Predict(args) = command
            && args.batch_shares
        {
            bail!(
                "--batch-shares: the rows of a stream need not be all there are; write them to a file, which is then the batch"
            );
        }
        clear_killed();
        let keep = || {
            let (lock, folder) = locked_folder()?;
            let mut file = file_at(&folder.path().join(FILE))?;
            io::copy(&mut io::stdin().lock(), &mut file)?;
            Ok::<_, io::Error>(Self {
                _file: file,
                _lock: lock,
                folder,
            })
        };
        let spool = keep().context("cannot keep the standard input in a file")?;
        if let Some(path) = input(command) {
            *path = spool.folder.path().join(FILE);
        }
        Ok(Some(spool))
    }

    /// A message with the standard input by its name.
    pub(crate) fn named(&self, message: &str) -> String {
        let path = self.folder.path().join(FILE);
        message.replace(&*path.to_string_lossy(), NAME)
    }
}

/// A new folder, and the lock that tells it from what a killed process left.
fn locked_folder() -> io::Result<(File, TempDir)> {
    const TRIES: usize = 100;
    for _ in 0..TRIES {
        let folder = tempfile::Builder::new().prefix(FOLDER).tempdir()?;
        let lock = File::create(folder.path().join(LOCK))?;
        // Another process may take it for a killed one's before it is locked, and clear it away. Where nothing can be locked
        // nothing is cleared away.
        let is_kept = match lock.try_lock() {
            Ok(()) => folder.path().join(LOCK).exists(),
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => true,
        };
        if is_kept {
            return Ok((lock, folder));
        }
    }
    Err(io::ErrorKind::ResourceBusy.into())
}

/// A new file that can be opened as `path` while it is open here: one without a name where the system has a link to it, so that
/// nothing is left of it however the process ends.
fn file_at(path: &Path) -> io::Result<File> {
    #[cfg(target_os = "linux")]
    {
        use std::os::{fd::AsRawFd, unix::fs::symlink};
        let file = tempfile::tempfile()?;
        symlink(format!("/proc/self/fd/{}", file.as_raw_fd()), path)?;
        if path.exists() {
            return Ok(file);
        }
        fs::remove_file(path)?;
    }
    File::create(path)
}

/// Removes what killed processes left.
fn clear_killed() {
    let entries = fs::read_dir(std::env::temp_dir()).into_iter().flatten();
    for entry in entries.flatten() {
        let is_ours = entry.file_name().to_string_lossy().starts_with(FOLDER)
            && entry.file_type().is_ok_and(|kind| kind.is_dir());
        let folder = entry.path();
        let lock = folder.join(LOCK);
        let is_lock = || fs::symlink_metadata(&lock).is_ok_and(|lock| lock.is_file());
        // It stays locked until it is gone, so that nobody begins to use it meanwhile.
        if is_ours
            && is_lock()
            && let Ok(lock) = File::open(&lock)
            && lock.try_lock().is_ok()
        {
            // What cannot be removed hinders nobody.
            let _ = fs::remove_file(folder.join(FILE));
            let _ = fs::remove_file(folder.join(LOCK));
            let _ = fs::remove_dir(folder);
        }
    }
}

/// How a table is called: the standard input by its name, any other by its path.
pub(crate) fn shown(path: &Path) -> String {
    let folder = path.parent().and_then(Path::file_name);
    let is_spooled = path.ends_with(FILE)
        && path.starts_with(std::env::temp_dir())
        && folder.is_some_and(|name| name.to_string_lossy().starts_with(FOLDER));
    if is_spooled {
        NAME.to_owned()
    } else {
        path.display().to_string()
    }
}

/// The table that a command reads.
fn input(command: &mut Command) -> Option<&mut PathBuf> {
    match command {
        Command::Inspect(args) => Some(&mut args.table.data),
        Command::Compare(args) => Some(&mut args.table.data),
        Command::Train(args) => Some(&mut args.table.data),
        Command::Predict(args) => Some(&mut args.data),
        Command::Resample(args) => Some(&mut args.table.data),
        Command::Draw(args) => Some(&mut args.labels),
        Command::Stats(args) => Some(&mut args.scores),
        Command::Report(_)
        | Command::Bench(_)
        | Command::Methods(_)
        | Command::Completions { .. }
        | Command::Man { .. } => None,
    }
}
