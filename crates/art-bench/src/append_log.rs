//! A file to which lines are added: none that was acknowledged is lost, and what was torn stands in nobody's way.

use std::{fs::File, io, io::Write};

/// What adding lines needs of a file that is open for appending.
pub(crate) trait LogFile {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()>;
    /// Flushes what was written to disk.
    fn sync(&mut self) -> io::Result<()>;
    /// Cuts the file to so many bytes.
    fn cut(&mut self, bytes: u64) -> io::Result<()>;
}

impl LogFile for File {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        Write::write_all(self, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn cut(&mut self, bytes: u64) -> io::Result<()> {
        self.set_len(bytes)
    }
}

/// A file of whole lines.
#[derive(Debug)]
pub(crate) struct AppendLog<F> {
    file: F,
    /// Length up to the last line that was acknowledged.
    bytes: u64,
    /// Whether a part of a line may stand behind that.
    is_torn: bool,
}

impl<F: LogFile> AppendLog<F> {
    /// The log of a file that has so many bytes, all of whole lines.
    pub(crate) fn new(file: F, bytes: u64) -> Self {
        Self {
            file,
            bytes,
            is_torn: false,
        }
    }

    pub(crate) fn file(&self) -> &F {
        &self.file
    }

    /// Adds whole lines; when this returns they are on disk.
    ///
    /// # Errors
    /// Why they could not be written; the lines before are as they were.
    pub(crate) fn append(&mut self, lines: &[u8]) -> io::Result<()> {
        // The next line must not begin behind a part of another one.
        if self.is_torn {
            self.file.cut(self.bytes)?;
            self.is_torn = false;
        }
        let written = self.file.write_all(lines).and_then(|()| self.file.sync());
        if written.is_ok() {
            self.bytes += lines.len() as u64;
        } else {
            self.is_torn = self.file.cut(self.bytes).is_err();
        }
        written
    }
}

/// Bytes up to the end of the last whole line. A line is written with its end, so that a last one without it was torn; so was one
/// with a zero byte, which no line has: the system had made room for it, and not yet written what stands there.
pub(crate) fn whole_lines(bytes: &[u8]) -> usize {
    let end_of = |bytes: &[u8]| {
        let end = bytes.iter().rposition(|&byte| byte == b'\n');
        end.map_or(0, |end| end + 1)
    };
    let end = end_of(bytes);
    let start = end_of(&bytes[..end.saturating_sub(1)]);
    if bytes[start..end].contains(&0) {
        start
    } else {
        end
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_core::{Seed, Stream};

    /// A file on a disk that loses power, is full at times, and writes what it was given in pieces of its own.
    struct Simulated {
        /// What is on disk for sure.
        durable: Vec<u8>,
        /// What a reader sees before the power goes.
        now: Vec<u8>,
        random: Stream,
        is_dead: bool,
    }

    /// Bytes that reach the disk together.
    const BLOCK: usize = 4;

    impl Simulated {
        fn new(seed: u64) -> Self {
            Self {
                durable: vec![],
                now: vec![],
                random: Seed::new(seed).stream("faults", 0),
                is_dead: false,
            }
        }

        /// Whether the next operation fails; now and then it is the last one.
        fn fails(&mut self) -> bool {
            self.is_dead |= self.random.below(25) == 0;
            self.is_dead || self.random.below(6) == 0
        }

        /// What is there once the power is back: of what was not flushed, any length and any of its blocks.
        fn after_power_loss(&mut self) -> Vec<u8> {
            let shared = self.durable.iter().zip(&self.now);
            let shared = shared.take_while(|(one, other)| one == other).count();
            if self.random.below(4) == 0 {
                return self.durable.clone();
            }
            let mut found = self.now[..shared].to_vec();
            let beyond = self.random.below(self.now.len() - shared + 1);
            for block in self.now[shared..shared + beyond].chunks(BLOCK) {
                let is_written = self.random.below(3) > 0;
                found.extend(block.iter().map(|&byte| if is_written { byte } else { 0 }));
            }
            found
        }
    }

    impl LogFile for Simulated {
        fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
            if self.fails() {
                let part = self.random.below(bytes.len());
                self.now.extend_from_slice(&bytes[..part]);
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.now.extend_from_slice(bytes);
            Ok(())
        }

        fn sync(&mut self) -> io::Result<()> {
            if self.fails() {
                return Err(io::ErrorKind::Other.into());
            }
            self.durable.clone_from(&self.now);
            Ok(())
        }

        fn cut(&mut self, bytes: u64) -> io::Result<()> {
            if self.fails() {
                return Err(io::ErrorKind::Other.into());
            }
            self.now.truncate(bytes as usize);
            Ok(())
        }
    }

    /// A schedule of faults; returns the lines that were acknowledged and what is left of the file.
    fn schedule(seed: u64) -> (Vec<String>, Vec<u8>) {
        let mut log = AppendLog::new(Simulated::new(seed), 0);
        let mut acknowledged = vec![];
        for number in 0..20 {
            let line = format!(
                "{{\"cell\":{number},\"text\":\"{}\"}}\n",
                "x".repeat(number % 7)
            );
            if log.append(line.as_bytes()).is_ok() {
                acknowledged.push(line);
            }
        }
        let left = log.file.after_power_loss();
        (acknowledged, left)
    }

    #[test]
    fn no_schedule_of_faults_loses_an_acknowledged_line_or_leaves_half_a_one_in_the_way() {
        let mut n_torn = 0;
        for seed in 0..20_000 {
            let (acknowledged, left) = schedule(seed);
            let whole = whole_lines(&left);
            n_torn += usize::from(whole < left.len());
            let text = std::str::from_utf8(&left[..whole]).unwrap();
            let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
            // One more may have reached the disk without being acknowledged, and is whole.
            if lines.len() > acknowledged.len() {
                let last = lines.pop().unwrap();
                let parsed: serde_json::Value = serde_json::from_str(last)
                    .unwrap_or_else(|error| panic!("seed {seed}: {last:?}: {error}"));
                assert!(parsed["cell"].is_number(), "seed {seed}");
            }
            assert_eq!(lines, acknowledged, "seed {seed}");
        }
        assert!(n_torn > 1_000, "{n_torn}");
    }

    #[test]
    fn a_part_that_could_not_be_cut_off_is_cut_off_before_the_next_line() {
        struct Full {
            text: Vec<u8>,
            faults: u32,
        }
        impl LogFile for Full {
            fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
                if self.faults == 2 {
                    self.faults -= 1;
                    self.text.extend_from_slice(&bytes[..2]);
                    return Err(io::ErrorKind::StorageFull.into());
                }
                self.text.extend_from_slice(bytes);
                Ok(())
            }
            fn sync(&mut self) -> io::Result<()> {
                Ok(())
            }
            fn cut(&mut self, bytes: u64) -> io::Result<()> {
                if self.faults == 1 {
                    self.faults -= 1;
                    return Err(io::ErrorKind::Other.into());
                }
                self.text.truncate(bytes as usize);
                Ok(())
            }
        }
        let text = b"first\n".to_vec();
        let mut log = AppendLog::new(Full { text, faults: 2 }, 6);
        log.append(b"second\n").unwrap_err();
        assert_eq!(log.file.text, b"first\nse");
        log.append(b"third\n").unwrap();
        assert_eq!(log.file.text, b"first\nthird\n");
    }

    #[test]
    fn a_last_line_without_an_end_or_with_a_hole_was_torn() {
        for (bytes, whole) in [
            (&b""[..], 0),
            (b"a", 0),
            (b"a\n", 2),
            (b"a\nb", 2),
            (b"a\n\0\0\n", 2),
            (b"\0\n", 0),
            // What is amiss in the middle is for its reader to say.
            (b"\0\nb\n", 4),
        ] {
            assert_eq!(whole_lines(bytes), whole, "{bytes:?}");
        }
    }
}
