use crate::{error::CoreError, seed::Seed};

/// Newest version of the saved form that this crate writes and reads.
const VERSION: u32 = 1;

/// Everything about a sampler that changes during training, in a form that can be stored.
///
/// With the `serde` feature it serialises to any format. Numbers are written as decimal text that
/// reads back to the same bits, so a format that rounds floating-point numbers does no harm.
#[derive(Clone, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct SamplerState {
    version: u32,
    sampler: String,
    seed: Seed,
    class_counts: Vec<usize>,
    refreshes: u64,
    #[cfg_attr(feature = "serde", serde(with = "exact"))]
    numbers: Vec<Vec<f64>>,
}

impl SamplerState {
    /// A state of the sampler that describes itself as `description`, whose draws are keyed by
    /// `refreshes` ([`Refresh::number`](super::Refresh::number)).
    ///
    /// `numbers` is whatever else the sampler must remember, in an order of its own.
    pub fn new(
        description: &str,
        seed: Seed,
        class_counts: &[usize],
        refreshes: u64,
        numbers: Vec<Vec<f64>>,
    ) -> Self {
        Self {
            version: VERSION,
            sampler: description.to_owned(),
            seed,
            class_counts: class_counts.to_vec(),
            refreshes,
            numbers,
        }
    }

    /// What draws are keyed by: for most samplers the number of refreshes so far.
    pub fn refreshes(&self) -> u64 {
        self.refreshes
    }

    /// What else the sampler remembered.
    pub fn numbers(&self) -> &[Vec<f64>] {
        &self.numbers
    }

    /// The state of a sampler around or inside this one.
    #[must_use]
    pub(crate) fn renamed(&self, description: &str, numbers: Vec<Vec<f64>>) -> Self {
        Self {
            sampler: description.to_owned(),
            numbers,
            ..self.clone()
        }
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

/// Floating-point numbers as the shortest decimal text that reads back to the same bits.
#[cfg(feature = "serde")]
mod exact {
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error};

    pub(super) fn serialize<S: Serializer>(
        numbers: &[Vec<f64>],
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let text: Vec<Vec<String>> = numbers
            .iter()
            .map(|list| list.iter().map(f64::to_string).collect())
            .collect();
        text.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<Vec<f64>>, D::Error> {
        let text = Vec::<Vec<String>>::deserialize(deserializer)?;
        text.iter()
            .map(|list| {
                list.iter()
                    .map(|number| number.parse().map_err(D::Error::custom))
                    .collect()
            })
            .collect()
    }
}
