//! SHA-256 of bytes, at once or piece by piece.

use sha2::{Digest, Sha256};
use std::fmt::Write as _;

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
