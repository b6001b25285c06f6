use super::{large, many_classes, opposites};
use crate::error::BenchError;
use art_core::Seed;
use art_data::{Dataset, Population};

/// A population of the project's own, whose truth is known.
///
/// Its clouds never change: centers come from constants, and a seed decides which rows are drawn, never how many
/// of a class. All features are numbers of about the same size around 0. The scores below are those of
/// decisions by the true posteriors, which training can only approach;
/// `cargo test -p art-bench --test synthetic -- --nocapture` prints them. A static q decides for the largest
/// posterior × prior^(q − 1), which is what drawing classes in proportion to prior^q leads to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum SyntheticFamily {
    /// A long tail: 9917 × 20, 50 classes of 900 down to 9 rows, one normal cloud each, with centers 3.6
    /// deviations from the origin. Macro F1 0.791, the same for q = 1 as for the best q: what a classifier lacks
    /// is rows, and not another prior.
    ManyClasses,
    /// Rows in plenty, so that the noise of a test set vanishes: 100,000 × 10, five classes of 70,000, 20,000,
    /// 7,500, 2,000 and 500 rows, one normal cloud each, with centers 2.2 deviations from the origin. Macro F1
    /// 0.735 for q = 1 and 0.749 for the best q, 0.75.
    Large,
    /// Two classes of 2 % that want opposite things of a resampler: 100,000 × 10, three classes of 96,000, 2,000
    /// and 2,000 rows.
    ///
    /// The narrow class has a core that nothing else enters and a rim that the majority crowds, four rows to one.
    /// At its natural prior the core is found and the rim given up (F1 0.77); drawn four times as often or more,
    /// the whole crowd is taken for it (0.62). The broad class lies in the middle of the majority, nowhere the
    /// likelier class: at its natural prior it is never predicted (F1 0), and it is at its best (0.19) when drawn
    /// about eight times as often. The best static q, 0.65, has macro F1 0.602; a multiplier for each class has
    /// 0.646, and drawing each class until it is predicted as often as it occurs 0.638.
    Opposites,
}

impl SyntheticFamily {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::ManyClasses, Self::Large, Self::Opposites];

    /// What the rows are drawn from.
    pub fn population(self) -> Population {
        match self {
            Self::ManyClasses => many_classes::population(),
            Self::Large => large::population(),
            Self::Opposites => opposites::population(),
        }
    }

    /// A table of this family, ordered by class, as [`Population::generate`].
    ///
    /// # Errors
    /// None in practice: the families are valid tables.
    pub fn generate(self, seed: Seed) -> Result<Dataset, BenchError> {
        Ok(self.population().generate(seed)?)
    }
}
