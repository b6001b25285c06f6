use super::{
    MakesRows, ResampleWarning, Resampled, Resampler, SeeMade, SmallRows, Streamed,
    made::MadeRows,
    over::{SmallClass, check_k, common_settings, enlarge, enlarge_shown},
    rare::TooFewNeighbors,
    repeats::{Repeats, evenly},
};
use crate::{error::DataError, roles::TrainSet, strategy::SamplingStrategy};
use art_core::{ClassCounts, Seed};

/// Where along the way from a row to its neighbor a new row lies.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum SmoteGap {
    /// On the line between the two: one gap a row.
    #[default]
    PerRow,
    /// In the box that the two span: one gap a feature.
    PerFeature,
}

/// SMOTE: new rows between a row of a small class and one of its k nearest rows of that class.
///
/// For class c with `G_c` rows to make and `k' = min(k, n_c − 1)`: draw `r` below `n_c · k'`, take row
/// `r div k'` as base and its neighbor `r mod k'` as partner, draw the gap `u` in [0, 1), and make
/// `base + u · (partner − base)`. The stream is (`smote`, c).
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `k` | 5 | whole numbers 1 to 15 |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// Constant features stay constant. Classes without rows stay empty. A class of at most k rows follows
/// its [`TooFewNeighbors`] policy.
///
/// Of a table with categories ([`Dataset::with_categories`](crate::Dataset::with_categories)) this is SMOTE-NC.
/// Two different values of a category are as far apart as the median of the standard deviations of the class's
/// numbers. A new row has the value that most of the base's k neighbors have; of equally frequent ones, the nearest's.
/// The library imbalanced-learn halves that distance's square and breaks ties at random.
///
/// *Choice.* The paper's pseudo-code draws a gap for every feature, its text speaks of the line segment;
/// libraries use one gap a row, and so do we ([`SmoteGap`]). The paper makes equally many rows from every
/// base; libraries draw bases at random, and so do we ([`Repeats`]). Unlike imbalanced-learn, every class
/// draws from a stream of its own instead of replaying the same numbers.
///
/// ```
/// use art_data::{GaussianClasses, Resampler, Smote, TrainSet};
/// use art_core::Seed;
/// let train = TrainSet::new(GaussianClasses::new(vec![50, 8], 3).generate(Seed::new(1))?);
/// let resampled = Smote::new().resample(&train, Seed::new(7))?;
/// assert_eq!(resampled.train.data().class_counts().as_slice(), [50, 50]);
/// # Ok::<(), art_data::DataError>(())
/// ```
///
/// # References
/// Chawla, Bowyer, Hall and Kegelmeyer (2002), "SMOTE: synthetic minority over-sampling technique", JAIR
/// 16, 321-357, doi 10.1613/jair.953.
#[derive(Clone, Debug)]
#[must_use]
pub struct Smote {
    k: usize,
    strategy: SamplingStrategy,
    gap: SmoteGap,
    bases: Repeats,
    rare_class: TooFewNeighbors,
}

impl Default for Smote {
    fn default() -> Self {
        Self::new()
    }
}

impl Smote {
    /// k = 5, equal classes, one gap a row, random bases, k shrinks for rare classes.
    pub fn new() -> Self {
        Self {
            k: 5,
            strategy: SamplingStrategy::default(),
            gap: SmoteGap::PerRow,
            bases: Repeats::Random,
            rare_class: TooFewNeighbors::ShrinkK,
        }
    }

    common_settings!();

    /// Where between two rows a new one lies.
    pub fn gap(mut self, gap: SmoteGap) -> Self {
        self.gap = gap;
        self
    }

    /// Which rows new ones start from.
    pub fn bases(mut self, bases: Repeats) -> Self {
        self.bases = bases;
        self
    }

    /// What to do with a class of at most k rows.
    pub fn rare_class(mut self, policy: TooFewNeighbors) -> Self {
        self.rare_class = policy;
        self
    }

    /// Makes the rows of one class.
    fn enlarge_one(
        &self,
        made: &mut MadeRows<'_>,
        mut small: SmallClass<'_>,
    ) -> Result<(), DataError> {
        let Some(kin) = small.kin(made, self.k, self.rare_class)? else {
            return Ok(());
        };
        let SmallClass {
            members,
            n_made,
            mut stream,
            ..
        } = small;
        if (self.gap, self.bases) == (SmoteGap::PerRow, Repeats::Random) {
            kin.make_any(made, n_made, &mut stream);
            return Ok(());
        }
        let (n, k) = (members.len(), kin.k());
        let places: Vec<usize> = (0..n).collect();
        // The base of each row to make, where all rows are to be bases equally often.
        let mut even = (self.bases == Repeats::Even).then(|| evenly(&places, n_made, &mut stream));
        for _ in 0..n_made {
            let pair = match even.as_mut().and_then(Iterator::next) {
                Some(base) => base * k + stream.below(k),
                None => stream.below(n * k),
            };
            let (base, nth) = (pair / k, pair % k);
            match self.gap {
                SmoteGap::PerRow => kin.make(made, base, nth, stream.unit()),
                SmoteGap::PerFeature => {
                    let partner = members[kin.places(base)[nth] as usize];
                    made.inside_box(members[base], partner, || stream.unit());
                }
            }
        }
        Ok(())
    }
}

impl Resampler for Smote {
    fn name(&self) -> &'static str {
        "smote"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        check_k("k", self.k)?;
        enlarge(train, &self.strategy, seed, "smote", |made, small| {
            self.enlarge_one(made, small)
        })
    }

    fn streamed(&self) -> Option<Streamed<'_>> {
        Some(Streamed::Makes(self))
    }
}

impl MakesRows for Smote {
    fn check(&self) -> Result<(), DataError> {
        check_k("k", self.k)
    }

    fn make(
        &self,
        rows: &SmallRows<'_>,
        seed: Seed,
        see: SeeMade<'_>,
    ) -> Result<Vec<ResampleWarning>, DataError> {
        enlarge_shown(rows, seed, "smote", see, |made, small| {
            self.enlarge_one(made, small)
        })
    }
}
