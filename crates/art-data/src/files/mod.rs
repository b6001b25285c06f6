//! Writing files that are never torn.

mod replacing;

use replacing::{Disk, replace};
use std::{
    collections::BTreeSet,
    fs::{self, File, TryLockError},
    io::{BufWriter, Error, ErrorKind, Result, Write},
    path::{Path, PathBuf},
    sync::{Mutex, PoisonError},
};
use tempfile::NamedTempFile;

/// What the names of files end with that are being written, before they take the place of another one.
const UNFINISHED: &str = ".art-tmp";
/// Letters of such a name that are drawn.
const DRAWN: usize = 6;

/// Replaces the file at `path` by one with these bytes, once it is complete and flushed to disk.
///
/// A crash or a full disk leaves the old file or the new one, never a part.
///
/// # Errors
/// Why the file could not be written; the old one is then unchanged.
pub fn write_atomically(path: &Path, bytes: &[u8]) -> Result<()> {
    write_file(path, |file| file.write_all(bytes))
}

/// Replaces the file at `path` by what `write` writes, once that is complete and flushed to disk.
///
/// What a process that was killed left of such a file is cleared away by the next one that writes to `path`.
/// A link is followed, and an existing file's permissions stay. What is no regular file, such as a pipe, cannot be replaced
/// and is written to as it is.
///
/// # Errors
/// Why the file could not be written; the old one is then unchanged and nothing is left behind. Where the folder's list of files
/// cannot be flushed, the new one is there, and a loss of power may bring back the old one.
pub fn write_file(path: &Path, write: impl FnOnce(&mut dyn Write) -> Result<()>) -> Result<()> {
    // These name what the shell opened for us, a regular file perhaps, which is written to where it stands.
    if path == Path::new("/dev/stdout") {
        return write(&mut std::io::stdout().lock());
    }
    if path == Path::new("/dev/stderr") {
        return write(&mut std::io::stderr().lock());
    }
    if is_stream(path) || path.starts_with("/dev/fd") {
        let mut file = BufWriter::new(std::fs::OpenOptions::new().append(true).open(path)?);
        write(&mut file)?;
        return file.flush();
    }
    let target = followed(path);
    let path = &*target;
    let existing = std::fs::metadata(path).ok();
    let folder = match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    clear_unfinished(folder, path);
    let permissions = existing.filter(std::fs::Metadata::is_file);
    let permissions = permissions.map(|data| data.permissions());
    replace(&mut System { permissions }, folder, path, write)
}

/// The operating system's disk.
struct System {
    /// Those of the file that is replaced.
    permissions: Option<fs::Permissions>,
}

impl Disk for System {
    type File = NamedTempFile;

    fn unfinished(&mut self, folder: &Path, path: &Path) -> Result<NamedTempFile> {
        unfinished(folder, path)
    }

    fn sync(&mut self, file: &NamedTempFile) -> Result<()> {
        if let Some(permissions) = self.permissions.take() {
            file.as_file().set_permissions(permissions)?;
        }
        file.as_file().sync_all()
    }

    fn rename(&mut self, file: NamedTempFile, path: &Path) -> Result<()> {
        file.persist(path)?;
        Ok(())
    }

    fn sync_folder(&mut self, folder: &Path) -> Result<()> {
        sync_folder(folder)
    }
}

/// What the name of a file begins with that is to become `path`: short enough for any file system.
fn beginning(path: &Path) -> String {
    const LONGEST: usize = 200;
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let ends = name.char_indices().map(|(start, c)| start + c.len_utf8());
    let end = ends.take_while(|&end| end <= LONGEST).last();
    format!(".{}.", &name[..end.unwrap_or(0)])
}

/// A new file in `folder` that is to become `path`. It is locked while it is open, which tells it from what a killed process
/// left.
fn unfinished(folder: &Path, path: &Path) -> Result<NamedTempFile> {
    const TRIES: usize = 100;
    let beginning = beginning(path);
    let mut builder = tempfile::Builder::new();
    builder.prefix(&beginning).suffix(UNFINISHED);
    builder.rand_bytes(DRAWN);
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the process's mask decides who may read it.
        builder.permissions(fs::Permissions::from_mode(0o666));
    }
    for _ in 0..TRIES {
        // Without the name of a file that nobody asked for.
        let plain = |error: Error| Error::from(error.kind());
        let file = builder.tempfile_in(folder).map_err(plain)?;
        // Another process may take it for a killed one's before it is locked, and clear it away. Where nothing can be locked
        // nothing is cleared away.
        let is_kept = match file.as_file().try_lock() {
            Ok(()) => file.path().exists(),
            Err(TryLockError::WouldBlock) => false,
            Err(TryLockError::Error(_)) => true,
        };
        if is_kept {
            return Ok(file);
        }
    }
    Err(ErrorKind::ResourceBusy.into())
}

/// Removes what killed processes left of files that were to become `path`, once for each path.
fn clear_unfinished(folder: &Path, path: &Path) {
    static CLEARED: Mutex<BTreeSet<PathBuf>> = Mutex::new(BTreeSet::new());
    let mut cleared = CLEARED.lock().unwrap_or_else(PoisonError::into_inner);
    if !cleared.insert(path.to_owned()) {
        return;
    }
    drop(cleared);
    let beginning = beginning(path);
    let is_ours = |name: &str| {
        let drawn = name.strip_prefix(&*beginning);
        let drawn = drawn.and_then(|rest| rest.strip_suffix(UNFINISHED));
        drawn.is_some_and(|drawn| drawn.len() == DRAWN)
    };
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    for entry in entries.filter(|entry| is_ours(&entry.file_name().to_string_lossy())) {
        let is_file = entry.file_type().is_ok_and(|kind| kind.is_file());
        // It stays locked until it is gone, so that nobody begins to write to it meanwhile.
        if is_file
            && let Ok(file) = File::open(entry.path())
            && file.try_lock().is_ok()
        {
            // What cannot be removed hinders nobody.
            let _ = fs::remove_file(entry.path());
        }
    }
}

/// Whether there is something at `path` that is neither a file nor a folder, such as a pipe: it can be read once, from
/// its beginning, and not be replaced.
pub fn is_stream(path: &Path) -> bool {
    std::fs::metadata(path).is_ok_and(|m| !m.is_file() && !m.is_dir())
}

/// Where a link leads, also one to a file that is not there yet; any other path is returned as it is.
pub fn followed(path: &Path) -> PathBuf {
    const MOST_LINKS: usize = 40;
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(there) = std::fs::canonicalize(&path) {
            return there;
        }
        match std::fs::read_link(&path) {
            Ok(to) => path = path.parent().unwrap_or(Path::new(".")).join(to),
            Err(_) => break,
        }
    }
    path
}

/// Flushes a folder's list of files to disk, where the system can.
///
/// # Errors
/// Why it could not be flushed.
pub fn sync_folder(folder: &Path) -> Result<()> {
    #[cfg(unix)]
    std::fs::File::open(folder)?.sync_all()?;
    #[cfg(not(unix))]
    let _ = folder;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
    }

    #[test]
    fn what_a_killed_process_left_is_cleared_away_and_what_is_being_written_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        for name in [".a.abc123.art-tmp", ".a.XYZ_12.art-tmp"] {
            fs::write(at(name), b"half").unwrap();
        }
        // Of another target, of a longer name, and what only looks alike.
        let others = [
            ".b.abc123.art-tmp",
            ".a.b.abc123.art-tmp",
            ".a.abc.art-tmp",
            ".a.abc123",
        ];
        for name in others {
            fs::write(at(name), b"other").unwrap();
        }
        let living = unfinished(folder.path(), &at("a")).unwrap();
        write_atomically(&at("a"), b"whole").unwrap();
        assert!(living.path().exists());
        living.persist(at("c")).unwrap();
        let mut left: Vec<String> = fs::read_dir(&folder)
            .unwrap()
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        left.sort();
        let mut expected = [&others[..], &["a", "c"]].concat();
        expected.sort_unstable();
        assert_eq!(left, expected);
        let long = at(&"ä".repeat(120));
        write_atomically(&long, b"whole").unwrap();
        assert_eq!(fs::read(long).unwrap(), b"whole");
    }

    #[cfg(unix)]
    #[test]
    fn links_are_followed_and_permissions_stay() {
        use std::os::unix::fs::{PermissionsExt, symlink};
        let folder = tempfile::tempdir().unwrap();
        let [path, link] = ["a", "link"].map(|name| folder.path().join(name));
        write_atomically(&path, b"first").unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
        symlink(&path, &link).unwrap();
        write_atomically(&link, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        let mode = fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
        // A link to what is not there yet.
        let [new, to_new, to_that] = ["new", "to new", "to that"].map(|n| folder.path().join(n));
        symlink("new", &to_new).unwrap();
        symlink("to new", &to_that).unwrap();
        write_atomically(&to_that, b"third").unwrap();
        assert_eq!(fs::read(&new).unwrap(), b"third");
        for link in [to_new, to_that] {
            assert!(fs::symlink_metadata(&link).unwrap().is_symlink());
        }
    }

    #[cfg(unix)]
    #[test]
    fn what_is_no_file_is_written_to_and_not_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("socket");
        let _socket = std::os::unix::net::UnixListener::bind(&path).unwrap();
        assert!(is_stream(&path) && !is_stream(folder.path()));
        // A socket cannot be opened as a file; it is still there.
        assert!(write_atomically(&path, b"x").is_err());
        assert!(is_stream(&path));
        let pipe = folder.path().join("pipe");
        let made = std::process::Command::new("mkfifo").arg(&pipe).status();
        assert!(made.unwrap().success());
        let from = pipe.clone();
        let reader = std::thread::spawn(move || fs::read(from).unwrap());
        write_atomically(&pipe, b"through").unwrap();
        assert_eq!(reader.join().unwrap(), b"through");
        assert!(is_stream(&pipe));
    }

    #[test]
    fn a_folder_that_is_not_there_is_an_error() {
        let folder = tempfile::tempdir().unwrap();
        assert!(write_atomically(&folder.path().join("none/a"), b"x").is_err());
    }
}
