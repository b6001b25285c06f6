//! What a fuzzer begins with.

/// Bytes that a fuzzer begins with.
#[derive(Clone, Debug)]
pub struct Seed {
    /// What they are called.
    pub name: String,
    /// The input.
    pub bytes: Vec<u8>,
}

impl Seed {
    pub(crate) fn new(name: impl Into<String>, bytes: impl Into<Vec<u8>>) -> Self {
        Self {
            name: name.into(),
            bytes: bytes.into(),
        }
    }
}
