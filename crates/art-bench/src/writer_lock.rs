//! The hold that one writer has on a store: an operating-system lock where the file system has them, and beside it a file that
//! says who the writer is and a heartbeat, for file systems and machines where the lock is not seen.

use crate::{
    error::BenchError,
    holder::{BEAT, Holder, Life},
};
use std::{
    fs::{self, File, OpenOptions, TryLockError},
    io::{self, ErrorKind, Seek, Write},
    path::{Path, PathBuf},
    process,
    sync::mpsc::{RecvTimeoutError, Sender, channel},
    thread::JoinHandle,
    time::Duration,
};

/// Says who writes to the folder.
const HOLDER_FILE: &str = "writer.json";
/// Is written to as long as the writer lives.
const BEAT_FILE: &str = "writer.beat";
/// Others that take a dead writer's place at the same time make this many tries in vain at most.
const TRIES: usize = 8;

/// The hold of this process on a store, until it is dropped.
#[derive(Debug)]
pub(crate) struct WriterLock {
    folder: PathBuf,
    /// What the holder's file says.
    text: String,
    stop: Option<Sender<()>>,
    heart: Option<JoinHandle<()>>,
}

/// Takes the operating system's lock on a record file; false where the file system has none.
pub(crate) fn lock_file(file: &File, path: &Path) -> Result<bool, BenchError> {
    match file.try_lock() {
        Ok(()) => Ok(true),
        Err(TryLockError::WouldBlock) => Err(BenchError::Locked {
            path: path.to_owned(),
            holder: path.parent().and_then(holder_of).map(Box::new),
            heard: None,
        }),
        // The holder's file has to do.
        Err(TryLockError::Error(error)) if has_no_locks(&error) => Ok(false),
        Err(TryLockError::Error(error)) => Err(BenchError::io("lock", path)(error)),
    }
}

/// ENOLCK, which has no kind of its own, comes from network file systems without a lock service.
fn has_no_locks(error: &io::Error) -> bool {
    error.kind() == ErrorKind::Unsupported || error.raw_os_error() == Some(37)
}

impl WriterLock {
    /// Becomes the writer of the store in `folder`, whose record file is at `path`; `is_locked` says whether this process has
    /// the operating system's lock on that.
    ///
    /// # Errors
    /// [`BenchError::Locked`] where another writer lives or was heard of lately; [`BenchError::Io`].
    pub(crate) fn take(folder: &Path, path: &Path, is_locked: bool) -> Result<Self, BenchError> {
        let place = folder.join(HOLDER_FILE);
        let me = Holder::this();
        let text = serde_json::to_string(&me).expect("a holder is plain data");
        for _ in 0..TRIES {
            let new = OpenOptions::new().write(true).create_new(true).open(&place);
            match new {
                Ok(mut file) => {
                    let written = file
                        .write_all(text.as_bytes())
                        .and_then(|()| file.sync_all());
                    if let Err(error) = written {
                        let _ = fs::remove_file(&place);
                        return Err(BenchError::io("write", &place)(error));
                    }
                    return Self::beating(folder, text);
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(BenchError::io("write", &place)(error)),
            }
            let Some(found) = read(&place) else {
                continue;
            };
            let holder: Holder = serde_json::from_str(&found).unwrap_or_default();
            if is_locked && holder.is_told_by_the_lock(&me) {
                put_away(folder, &found);
                continue;
            }
            let locked = |heard| BenchError::Locked {
                path: path.to_owned(),
                holder: Some(Box::new(holder.clone())),
                heard,
            };
            let heard = last_heard(folder).map_err(BenchError::io("read the time in", folder))?;
            match holder.life(&me, Holder::runs_here, heard) {
                Life::Runs => return Err(locked(None)),
                Life::Heard(ago, most) => return Err(locked(Some((ago, most)))),
                Life::Gone => put_away(folder, &found),
            }
        }
        Err(BenchError::Locked {
            path: path.to_owned(),
            holder: holder_of(folder).map(Box::new),
            heard: None,
        })
    }

    fn beating(folder: &Path, text: String) -> Result<Self, BenchError> {
        let place = folder.join(BEAT_FILE);
        let (stop, stopped) = channel();
        let mut lock = Self {
            folder: folder.to_owned(),
            text,
            stop: Some(stop),
            heart: None,
        };
        let mut file = File::create(&place).map_err(BenchError::io("write", &place))?;
        beat(&mut file).map_err(BenchError::io("write", &place))?;
        let heart = std::thread::Builder::new().name("heartbeat".into());
        let heart = heart.spawn(move || {
            while stopped.recv_timeout(BEAT) == Err(RecvTimeoutError::Timeout) {
                // Where it cannot be written, records cannot either, and those say so.
                let _ = beat(&mut file);
            }
        });
        lock.heart = Some(heart.map_err(BenchError::io("start the heartbeat of", folder))?);
        Ok(lock)
    }

    /// Makes sure that nobody took the store over in the meantime.
    ///
    /// # Errors
    /// [`BenchError::TakenOver`].
    pub(crate) fn check(&self) -> Result<(), BenchError> {
        let place = self.folder.join(HOLDER_FILE);
        match read(&place) {
            Some(found) if found != self.text => Err(BenchError::TakenOver {
                path: self.folder.clone(),
                holder: Box::new(serde_json::from_str(&found).unwrap_or_default()),
            }),
            _ => Ok(()),
        }
    }
}

impl Drop for WriterLock {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(heart) = self.heart.take() {
            let _ = heart.join();
        }
        // What cannot be taken away is told from a living writer's by the next one.
        if read(&self.folder.join(HOLDER_FILE)).is_some_and(|found| found == self.text) {
            let _ = fs::remove_file(self.folder.join(BEAT_FILE));
            let _ = fs::remove_file(self.folder.join(HOLDER_FILE));
        }
    }
}

/// The byte in its place: what changes is the time of the file, by the clock of the file system.
fn beat(file: &mut File) -> io::Result<()> {
    file.rewind()?;
    file.write_all(b".")?;
    file.sync_all()
}

fn read(place: &Path) -> Option<String> {
    fs::read_to_string(place).ok()
}

/// The writer that the store in `folder` names, living or dead.
pub(crate) fn holder_of(folder: &Path) -> Option<Holder> {
    let text = read(&folder.join(HOLDER_FILE))?;
    Some(serde_json::from_str(&text).unwrap_or_default())
}

/// The writer that the store in `folder` names, and whether it lives. Where nothing may be written beside it, one elsewhere
/// counts as heard of now.
pub(crate) fn writer_of(folder: &Path) -> Option<(Holder, Life)> {
    let holder = holder_of(folder)?;
    let here = Holder::this();
    // Where the process decides, nothing is written.
    let life = match holder.life(&here, Holder::runs_here, Duration::ZERO) {
        Life::Heard(..) => {
            let heard = last_heard(folder).unwrap_or_default();
            holder.life(&here, Holder::runs_here, heard)
        }
        life => life,
    };
    Some((holder, life))
}

/// How long ago the writer of a store was last heard of, by the clock of the file system alone: a file is written now, and its
/// time compared with that of the heartbeat.
fn last_heard(folder: &Path) -> io::Result<Duration> {
    let here = Holder::this();
    let probe = folder.join(format!(".now-{}-{}", here.host, here.process));
    let mut file = File::create(&probe)?;
    let now = beat(&mut file).and_then(|()| fs::metadata(&probe)?.modified());
    let _ = fs::remove_file(&probe);
    let now = now?;
    let times = [BEAT_FILE, HOLDER_FILE].map(|name| fs::metadata(folder.join(name))?.modified());
    let latest = times.into_iter().filter_map(io::Result::ok).max();
    let ago = latest.and_then(|latest| now.duration_since(latest).ok());
    Ok(ago.unwrap_or_default())
}

/// Takes the file of a dead writer away; of several that do so at once each takes away what it judged.
fn put_away(folder: &Path, judged: &str) {
    let place = folder.join(HOLDER_FILE);
    let aside = folder.join(format!(".{HOLDER_FILE}-{}", process::id()));
    if fs::rename(&place, &aside).is_err() {
        return;
    }
    if read(&aside).is_some_and(|found| found != judged) {
        // Another one came first, and lives: it gets its file back.
        let _ = fs::hard_link(&aside, &place);
    }
    let _ = fs::remove_file(&aside);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn take(folder: &Path) -> Result<WriterLock, BenchError> {
        WriterLock::take(folder, &folder.join("records.jsonl"), false)
    }

    fn put(folder: &Path, holder: &Holder) {
        let text = serde_json::to_string(holder).unwrap();
        fs::write(folder.join(HOLDER_FILE), text).unwrap();
    }

    /// A writer elsewhere, with a heartbeat that this file system's clock finds `ago` old.
    fn elsewhere(folder: &Path, ago: Duration) -> Holder {
        let holder = Holder::elsewhere("node7", 7, "then");
        put(folder, &holder);
        for name in [BEAT_FILE, HOLDER_FILE] {
            let mut options = OpenOptions::new();
            let file = options.create(true).append(true);
            let file = file.open(folder.join(name)).unwrap();
            let now = file.metadata().unwrap().modified().unwrap();
            file.set_modified(now - ago).unwrap();
        }
        holder
    }

    #[test]
    fn a_lock_is_taken_and_given_back_without_a_trace() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        lock.check().unwrap();
        assert_eq!(holder_of(folder.path()).unwrap().process, process::id());
        assert!(folder.path().join(BEAT_FILE).exists());
        drop(lock);
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
    }

    #[test]
    fn a_writer_elsewhere_holds_its_store_until_it_is_quiet_for_a_minute() {
        let folder = tempfile::tempdir().unwrap();
        elsewhere(folder.path(), Duration::from_secs(30));
        let error = take(folder.path()).unwrap_err().to_string();
        for part in ["process 7 on node7 since then", "heard of 3", "60 s"] {
            assert!(error.contains(part), "{error}");
        }
        elsewhere(folder.path(), Duration::from_secs(61));
        drop(take(folder.path()).unwrap());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0);
        // A clock that was set back: heard of in the future is heard of now.
        let holder = elsewhere(folder.path(), Duration::ZERO);
        let file = File::open(folder.path().join(BEAT_FILE)).unwrap();
        let now = file.metadata().unwrap().modified().unwrap();
        file.set_modified(now + Duration::from_hours(24)).unwrap();
        let found = writer_of(folder.path()).unwrap();
        assert_eq!(found.0, holder);
        assert!(matches!(found.1, Life::Heard(Duration::ZERO, _)));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn a_process_that_was_killed_holds_nothing() {
        let folder = tempfile::tempdir().unwrap();
        let mut child = process::Command::new("true").spawn().unwrap();
        let mut gone = Holder::this();
        gone.process = child.id();
        child.wait().unwrap();
        put(folder.path(), &gone);
        assert_eq!(writer_of(folder.path()).unwrap().1, Life::Gone);
        drop(take(folder.path()).unwrap());
    }

    #[test]
    fn half_a_holders_file_counts_by_its_age() {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(HOLDER_FILE), "{\"host\":\"no").unwrap();
        assert!(matches!(
            take(folder.path()),
            Err(BenchError::Locked { heard: Some(_), .. })
        ));
    }

    #[test]
    fn who_was_taken_for_dead_is_told_and_takes_nothing_away() {
        let folder = tempfile::tempdir().unwrap();
        let lock = take(folder.path()).unwrap();
        let other = elsewhere(folder.path(), Duration::ZERO);
        let error = lock.check().unwrap_err().to_string();
        assert!(error.contains("process 7 on node7"), "{error}");
        drop(lock);
        assert_eq!(holder_of(folder.path()), Some(other));
    }

    #[test]
    fn what_another_one_took_meanwhile_is_given_back() {
        let folder = tempfile::tempdir().unwrap();
        let other = elsewhere(folder.path(), Duration::ZERO);
        put_away(folder.path(), "the one that was judged");
        assert_eq!(holder_of(folder.path()), Some(other));
    }
}
