use crate::{error::CoreError, saved::Saved, seed::Seed};

/// Newest version of the saved form that this crate writes and reads.
pub(super) const VERSION: u32 = 2;

/// Everything about a sampler that changes during training, in a form that can be stored.
///
/// With the `serde` feature it serializes to any format that says what is what, such as JSON. Numbers are written as decimal
/// text that reads back to the same bits, so a format that rounds floating-point numbers does no harm. States of version 1,
/// whose lists have no names, are read and written as such.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(
    feature = "serde",
    derive(serde::Serialize, serde::Deserialize),
    serde(into = "super::stored::State", try_from = "super::stored::State")
)]
pub struct SamplerState {
    pub(super) version: u32,
    pub(super) sampler: String,
    pub(super) seed: Seed,
    pub(super) class_counts: Vec<usize>,
    pub(super) refreshes: u64,
    pub(super) saved: Saved,
}

impl SamplerState {
    /// A state of the sampler that describes itself as `description`, whose draws are keyed by
    /// `refreshes` ([`Refresh::number`](super::Refresh::number)).
    pub fn new(
        description: &str,
        seed: Seed,
        class_counts: &[usize],
        refreshes: u64,
        saved: Saved,
    ) -> Self {
        Self {
            version: VERSION,
            sampler: description.to_owned(),
            seed,
            class_counts: class_counts.to_vec(),
            refreshes,
            saved,
        }
    }

    /// What draws are keyed by: for most samplers the number of refreshes so far.
    pub fn refreshes(&self) -> u64 {
        self.refreshes
    }

    /// What else the sampler saved.
    pub fn saved(&self) -> &Saved {
        &self.saved
    }

    /// Makes sure that the state belongs to a sampler of this description, seed and class
    /// counts.
    ///
    /// # Errors
    /// [`CoreError::StateVersion`] or [`CoreError::StateMismatch`].
    pub fn check(
        &self,
        description: &str,
        seed: Seed,
        class_counts: &[usize],
    ) -> Result<(), CoreError> {
        if self.version > VERSION {
            return Err(CoreError::StateVersion {
                found: self.version,
                supported: VERSION,
            });
        }
        let mismatch = |field, expected: String, found: String| {
            Err(CoreError::StateMismatch {
                field,
                expected,
                found,
            })
        };
        if self.sampler != description {
            return mismatch("sampler", description.to_owned(), self.sampler.clone());
        }
        if self.seed != seed {
            return mismatch(
                "seed",
                seed.value().to_string(),
                self.seed.value().to_string(),
            );
        }
        if self.class_counts != class_counts {
            return mismatch(
                "class counts",
                format!("{class_counts:?}"),
                format!("{:?}", self.class_counts),
            );
        }
        Ok(())
    }
}
