//! Writing files that are never torn.

use std::{
    io::{BufWriter, Result, Write},
    path::{Path, PathBuf},
};

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
/// A link is followed, and an existing file's permissions stay. What is no regular file, such as a pipe, cannot be replaced
/// and is written to as it is.
///
/// # Errors
/// Why the file could not be written; the old one is then unchanged and nothing is left behind.
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
    let mut builder = tempfile::Builder::new();
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        // As any new file: the process's mask decides who may read it.
        builder.permissions(std::fs::Permissions::from_mode(0o666));
    }
    let mut file = BufWriter::new(
        builder
            .tempfile_in(folder)
            // Without the name of a file that nobody asked for.
            .map_err(|error| std::io::Error::from(error.kind()))?,
    );
    write(&mut file)?;
    let file = file.into_inner()?;
    if let Some(existing) = existing.filter(std::fs::Metadata::is_file) {
        file.as_file().set_permissions(existing.permissions())?;
    }
    file.as_file().sync_all()?;
    file.persist(path)?;
    sync_folder(folder)
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
    use std::fs;

    #[test]
    fn a_file_is_replaced_whole_and_nothing_else_is_left() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a");
        write_atomically(&path, b"first").unwrap();
        write_atomically(&path, b"second").unwrap();
        assert_eq!(fs::read(&path).unwrap(), b"second");
        assert_eq!(fs::read_dir(&folder).unwrap().count(), 1);
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
