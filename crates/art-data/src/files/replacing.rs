//! The order in which a file is replaced, whatever the disk is.

use std::{
    io::{BufWriter, Result, Write},
    path::Path,
};

/// What replacing a file needs of a disk.
pub(super) trait Disk {
    type File: Write;

    /// A new file in `folder` that is to become `path`; it goes when it is dropped before.
    fn unfinished(&mut self, folder: &Path, path: &Path) -> Result<Self::File>;

    /// Flushes what is in a file.
    fn sync(&mut self, file: &Self::File) -> Result<()>;

    /// Gives a file its name, in the place of another one.
    fn rename(&mut self, file: Self::File, path: &Path) -> Result<()>;

    /// Flushes a folder's list of files.
    fn sync_folder(&mut self, folder: &Path) -> Result<()>;
}

/// Replaces the file at `path` in `folder` by what `write` writes, once that is complete and flushed.
pub(super) fn replace<D: Disk>(
    disk: &mut D,
    folder: &Path,
    path: &Path,
    write: impl FnOnce(&mut dyn Write) -> Result<()>,
) -> Result<()> {
    let mut file = BufWriter::new(disk.unfinished(folder, path)?);
    write(&mut file)?;
    let file = file.into_inner()?;
    disk.sync(&file)?;
    disk.rename(file, path)?;
    disk.sync_folder(folder)
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::{Seed, Stream};
    use std::{
        cell::RefCell,
        collections::BTreeMap,
        io::{Error, ErrorKind},
        path::PathBuf,
        rc::Rc,
    };

    /// Bytes that reach the disk together.
    const BLOCK: usize = 16;

    /// A disk that is full at times, takes parts of what it is given, loses power, and forgets what was not flushed: any blocks of a
    /// file, any change of a name.
    struct Simulated {
        /// What is in each file, and how much of that is on disk for sure.
        files: Vec<(Vec<u8>, usize)>,
        /// Names as a reader sees them before the power goes, and those on disk for sure.
        names: BTreeMap<PathBuf, usize>,
        durable: BTreeMap<PathBuf, usize>,
        random: Stream,
        is_dead: bool,
    }

    impl Simulated {
        fn fails(&mut self) -> bool {
            self.is_dead |= self.random.below(40) == 0;
            self.is_dead || self.random.below(12) == 0
        }

        /// What is at `path` once the power is back.
        fn after_power_loss(&mut self, path: &Path) -> Option<Vec<u8>> {
            let is_renamed = self.random.below(2) == 0;
            let names = if is_renamed {
                &self.names
            } else {
                &self.durable
            };
            let (bytes, flushed) = &self.files[*names.get(path)?];
            let mut found = bytes[..*flushed].to_vec();
            let beyond = self.random.below(bytes.len() - flushed + 1);
            for block in bytes[*flushed..flushed + beyond].chunks(BLOCK) {
                let is_written = self.random.below(3) > 0;
                found.extend(block.iter().map(|&byte| if is_written { byte } else { 0 }));
            }
            Some(found)
        }
    }

    /// A file of a simulated disk, by its number.
    struct SimulatedFile(Rc<RefCell<Simulated>>, usize);

    impl Write for SimulatedFile {
        fn write(&mut self, bytes: &[u8]) -> Result<usize> {
            let mut disk = self.0.borrow_mut();
            if disk.fails() {
                return Err(ErrorKind::StorageFull.into());
            }
            let taken = 1 + disk.random.below(bytes.len());
            disk.files[self.1].0.extend_from_slice(&bytes[..taken]);
            Ok(taken)
        }

        fn flush(&mut self) -> Result<()> {
            Ok(())
        }
    }

    impl Disk for Rc<RefCell<Simulated>> {
        type File = SimulatedFile;

        fn unfinished(&mut self, folder: &Path, _: &Path) -> Result<SimulatedFile> {
            let mut disk = self.borrow_mut();
            if disk.fails() {
                return Err(Error::from(ErrorKind::StorageFull));
            }
            let number = disk.files.len();
            disk.files.push((vec![], 0));
            disk.names.insert(folder.join(number.to_string()), number);
            Ok(SimulatedFile(Rc::clone(self), number))
        }

        fn sync(&mut self, file: &SimulatedFile) -> Result<()> {
            let mut disk = self.borrow_mut();
            if disk.fails() {
                return Err(ErrorKind::Other.into());
            }
            let (bytes, flushed) = &mut disk.files[file.1];
            *flushed = bytes.len();
            Ok(())
        }

        fn rename(&mut self, file: SimulatedFile, path: &Path) -> Result<()> {
            let mut disk = self.borrow_mut();
            if disk.fails() {
                return Err(ErrorKind::Other.into());
            }
            disk.names.insert(path.to_owned(), file.1);
            Ok(())
        }

        fn sync_folder(&mut self, _: &Path) -> Result<()> {
            let mut disk = self.borrow_mut();
            if disk.fails() {
                return Err(ErrorKind::Other.into());
            }
            disk.durable = disk.names.clone();
            Ok(())
        }
    }

    #[test]
    fn no_schedule_of_faults_leaves_a_part_of_a_file_or_takes_back_what_was_written() {
        let (folder, path) = (Path::new("folder"), Path::new("folder/file"));
        let text = |number: usize| format!("{number} ").repeat(20 + number).into_bytes();
        let (mut n_older, mut n_newer) = (0, 0);
        for seed in 0..20_000 {
            let disk = Simulated {
                files: vec![],
                names: BTreeMap::new(),
                durable: BTreeMap::new(),
                random: Seed::new(seed).stream("faults", 0),
                is_dead: false,
            };
            let mut disk = Rc::new(RefCell::new(disk));
            // The last one that was written for sure, and the first and the last that may be there instead.
            let (mut written, mut tried) = (None, vec![]);
            for number in 0..8 {
                let write = |file: &mut dyn Write| {
                    let text = text(number);
                    text.chunks(7).try_for_each(|part| file.write_all(part))
                };
                if replace(&mut disk, folder, path, write).is_ok() {
                    written = Some(number);
                    tried.clear();
                } else {
                    tried.push(number);
                }
            }
            let found = disk.borrow_mut().after_power_loss(path);
            let is = |number: &usize| found.as_ref() == Some(&text(*number));
            let is_newer = tried.iter().any(is);
            let is_last = written.as_ref().map_or(found.is_none(), is);
            assert!(
                is_last || is_newer,
                "seed {seed}: {written:?} {tried:?} {found:?}"
            );
            n_older += usize::from(is_last && !tried.is_empty());
            n_newer += usize::from(is_newer);
        }
        assert!(n_older > 1_000 && n_newer > 100, "{n_older} {n_newer}");
    }
}
