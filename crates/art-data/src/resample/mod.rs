//! Static resampling: another training set, made once before training, with the origin of every
//! row.

mod adasampling;
mod adasyn;
mod borderline;
mod categories;
mod clean;
mod combined;
mod condensed;
mod enn;
mod kmeans_smote;
mod made;
mod msmote;
mod msyn;
mod nearmiss;
mod over;
mod random;
mod rare;
mod repeats;
mod safe_level;
mod sbc;
mod smote;
mod streamed;
mod tomek;

pub use adasampling::AdaSampling;
pub use adasyn::Adasyn;
pub use borderline::{BorderlineSmote, BorderlineVariant, BorderlineZone};
pub use clean::CleaningScope;
pub use combined::{SmoteEnn, SmoteTomek};
pub use condensed::{CondensedNearestNeighbors, OneSidedSelection};
pub use enn::{EditedNearestNeighbors, EnnRule};
pub use kmeans_smote::KMeansSmote;
pub use msmote::{BorderPartner, Msmote, RowKind};
pub use msyn::Msyn;
pub use nearmiss::{NearMiss, NearMissReference, NearMissRule};
pub use over::Fallback;
pub use random::{RandomOverSampler, RandomUnderSampler, Replacement};
pub use rare::TooFewNeighbors;
pub use repeats::Repeats;
pub use safe_level::SafeLevelSmote;
pub use sbc::ClusterUnderSampler;
pub use smote::{Smote, SmoteGap};
pub use streamed::{MakesRows, NearestOfAll, SeeMade, SmallRows, Streamed};
pub use tomek::TomekLinks;

use crate::{error::DataError, roles::TrainSet};
use art_core::{ClassCounts, Seed};

/// Where a resampled row comes from. Rows are those of the training set that was resampled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Origin {
    /// The row itself.
    Original {
        /// The training row.
        row: u32,
    },
    /// One more copy of a row that is there already.
    Duplicate {
        /// The training row.
        row: u32,
    },
    /// A row with random noise added.
    Jittered {
        /// The training row.
        row: u32,
    },
    /// A point between two rows, `base + gap · (partner − base)`, of the class of its base; its categories are those of the
    /// nearer one, the base's where `gap` is below a half.
    Synthetic {
        /// The training row that it starts from.
        base: u32,
        /// The training row that it moves towards.
        partner: u32,
        /// How far, from 0 (base) to 1 (partner).
        gap: f64,
    },
    /// A row whose numbers lie between two rows of one class, `base + gap · (partner − base)`, and whose categories
    /// are those that most of the base's neighbors have (SMOTE-NC).
    Voted {
        /// The training row that it starts from.
        base: u32,
        /// The training row that it moves towards.
        partner: u32,
        /// How far, from 0 (base) to 1 (partner).
        gap: f64,
    },
    /// A point in the box that two rows span, with a gap of its own for each feature; its
    /// categories are the base's.
    Boxed {
        /// The training row that it starts from.
        base: u32,
        /// The training row that it moves towards.
        partner: u32,
    },
}

impl Origin {
    /// The training row that this row was made from.
    pub fn base(self) -> u32 {
        match self {
            Self::Original { row } | Self::Duplicate { row } | Self::Jittered { row } => row,
            Self::Synthetic { base, .. } | Self::Voted { base, .. } | Self::Boxed { base, .. } => {
                base
            }
        }
    }
}

/// A resampled training set.
///
/// Kept originals come first, ascending; then made rows by ascending class, in the order they were
/// made.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    /// The rows to train on.
    pub train: TrainSet,
    /// The origin of each of them.
    pub origins: Vec<Origin>,
    /// Classes that did not reach their target, with the reason.
    pub warnings: Vec<ResampleWarning>,
}

impl Resampled {
    /// The rows of `train` with these numbers, ascending, and nothing else.
    ///
    /// # Errors
    /// [`DataError`] when no row is left, or one does not exist.
    pub fn kept(train: &TrainSet, mut rows: Vec<u32>) -> Result<Self, DataError> {
        rows.sort_unstable();
        Ok(Self {
            train: train.remade(train.data().select(&rows)?),
            origins: rows
                .into_iter()
                .map(|row| Origin::Original { row })
                .collect(),
            warnings: vec![],
        })
    }
}

/// A class that a resampler could not bring to its target.
#[derive(Clone, Debug, PartialEq)]
pub struct ResampleWarning {
    /// The class.
    pub class: usize,
    /// What happened to it, and why.
    pub message: String,
}

impl ResampleWarning {
    /// The class by its name, and what happened to it.
    pub fn named(&self, class_names: &[String]) -> String {
        let name = class_names.get(self.class).map_or("?", String::as_str);
        format!("{name}: {}", self.message)
    }
}

/// Makes another training set out of a training set.
///
/// It takes a [`TrainSet`], so resampling validation or test rows does not compile:
///
/// ```compile_fail
/// fn leak(resampler: &dyn art_data::Resampler, test: &art_data::TestSet, seed: art_core::Seed) {
///     resampler.resample(test, seed);
/// }
/// ```
///
/// The result is a pure function of (rows, configuration, seed). Each class draws from its own
/// stream, so classes may be processed in any order. Run
/// [`conformance::check_resampler`](crate::conformance::check_resampler) on one of your own.
pub trait Resampler: Send + Sync {
    /// A short name for records and reports.
    fn name(&self) -> &str;

    /// Rows that each class should have afterwards; none for a method that aims at no number, as those that clean.
    ///
    /// # Errors
    /// [`DataError`] when the wish cannot be resolved for these counts.
    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError>;

    /// Whether it looks at the features of rows; one that copies rows or leaves some out at random does not.
    fn reads_features(&self) -> bool {
        true
    }

    /// How it goes about a table that is not in memory; none for a method that needs all pairs of rows.
    fn streamed(&self) -> Option<Streamed<'_>> {
        None
    }

    /// The resampled training set.
    ///
    /// # Errors
    /// As [`targets`](Self::targets), and whatever the method needs from its rows.
    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError>;
}
