//! What an over-sampler does with a class that has too few rows for its neighbors.

use super::made::MadeRows;
use crate::{dataset::Dataset, error::DataError};
use art_core::Stream;

/// What to do with a class that has at most k rows, and so fewer than k neighbors for each.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TooFewNeighbors {
    /// Use the neighbors there are; a single row, which has none, is duplicated with a warning.
    #[default]
    ShrinkK,
    /// Duplicate rows in place of making new ones, with a warning.
    Duplicate,
    /// Refuse.
    Fail,
}

impl TooFewNeighbors {
    /// The number of neighbors to use for a class of `n` rows; `None` to duplicate.
    pub(super) fn neighbors(
        self,
        k: usize,
        n: usize,
        class: usize,
        data: &Dataset,
    ) -> Result<Option<usize>, DataError> {
        match self {
            _ if n > k => Ok(Some(k)),
            Self::ShrinkK if n > 1 => Ok(Some(n - 1)),
            Self::ShrinkK | Self::Duplicate => Ok(None),
            Self::Fail => Err(DataError::SmallClass {
                class,
                name: data.class_names()[class].clone(),
                rows: n,
                needed: k + 1,
                purpose: "each row's k neighbors of its class",
            }),
        }
    }
}

/// Makes `n_made` copies of rows drawn with replacement, and says why.
pub(super) fn duplicate(
    made: &mut MadeRows<'_>,
    class: usize,
    members: &[u32],
    n_made: usize,
    stream: &mut Stream,
) {
    for _ in 0..n_made {
        made.duplicate(members[stream.below(members.len())]);
    }
    let rows = members.len();
    made.warn(
        class,
        // Records hold this text, and are compared byte for byte.
        format!("{rows} rows are too few for neighbours; they were duplicated"),
    );
}
