use super::{
    Fallback, Resampled, Resampler, TooFewNeighbors,
    over::{SmallClass, check_k, common_settings, enlarge, fallback_setting, same_of_class},
};
use crate::{
    error::DataError, neighbors::NeighborSearch, roles::TrainSet, strategy::SamplingStrategy,
};
use art_core::{ClassCounts, Seed};

/// Safe-level-SMOTE: SMOTE whose new rows keep near the safer one of the two rows they lie between.
///
/// The safe level of a row is the number of its class among its k nearest in **all** training rows. Let p be the level of
/// the base and n that of its partner, one of its k nearest of the class. The new row is
///
/// - none where p = n = 0, and a copy of the base where only n = 0;
/// - with any gap where p = n;
/// - with a gap up to n/p where p > n, and from 1 − p/n where p < n.
///
/// The stream is (`slsmote`, c); each row draws the base,
/// the partner and the gap, of whatever use it is.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `k` | 5 | whole numbers 3 to 15 |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// Bases all of whose partners give no row are left out; where none is left, the class follows the [`Fallback`].
///
/// *Choice.* smote-variants draws partners of any class, which can put a row of the class on the way to another one;
/// the R packages and this crate take the class's own. One gap a row, where the article's pseudo-code draws one a
/// feature.
///
/// # References
/// Bunkhumpornpat, Sinapiromsaran and Lursinsap (2009), "Safe-level-SMOTE", PAKDD, 475-482, doi
/// `10.1007/978-3-642-01307-2_43`.
#[derive(Clone, Debug)]
#[must_use]
pub struct SafeLevelSmote {
    k: usize,
    strategy: SamplingStrategy,
    fallback: Fallback,
}

impl Default for SafeLevelSmote {
    fn default() -> Self {
        Self::new()
    }
}

impl SafeLevelSmote {
    /// k = 5, equal classes.
    pub fn new() -> Self {
        Self {
            k: 5,
            strategy: SamplingStrategy::default(),
            fallback: Fallback::Unchanged,
        }
    }

    common_settings!();

    fallback_setting!();

    /// The safe level of each row of `class`, in row order.
    ///
    /// # Errors
    /// [`DataError::Param`] when k is 0.
    pub fn levels(&self, train: &TrainSet, class: usize) -> Result<Vec<usize>, DataError> {
        check_k("k", self.k)?;
        same_of_class(train, class, self.k).map(|(same, _)| same)
    }
}

/// The gap of a new row between a base and a partner with these safe levels, `u` in [0, 1) of the way that is safe;
/// none where there is no such way.
fn gap(base: usize, partner: usize, u: f64) -> Option<f64> {
    match (base, partner) {
        (0, 0) => None,
        (_, 0) => Some(0.0),
        (p, n) if p == n => Some(u),
        (p, n) if p > n => Some(u * n as f64 / p as f64),
        (0, _) => Some(1.0),
        (p, n) => {
            let safe = p as f64 / n as f64;
            Some(1.0 - safe + u * safe)
        }
    }
}

impl Resampler for SafeLevelSmote {
    fn name(&self) -> &'static str {
        "slsmote"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        check_k("k", self.k)?;
        let data = train.data();
        let search = NeighborSearch::new(data.features());
        enlarge(train, &self.strategy, seed, "slsmote", |made, mut small| {
            let levels = small.same_among(&search.of_rows(small.members, self.k));
            let Some(kin) = small.kin(made, self.k, TooFewNeighbors::ShrinkK)? else {
                return Ok(());
            };
            let is_of_use = |&base: &usize| {
                let mut partners = kin.places(base).iter();
                partners.any(|&partner| gap(levels[base], levels[partner as usize], 0.0).is_some())
            };
            let bases: Vec<usize> = (0..levels.len()).filter(is_of_use).collect();
            if bases.is_empty() {
                let reason = format!("the safe level of all {} rows is 0", levels.len());
                return small.fall_back(made, self.fallback, self.k, &reason);
            }
            let SmallClass {
                members,
                n_made,
                mut stream,
                ..
            } = small;
            let mut n = 0;
            while n < n_made {
                let base = bases[stream.below(bases.len())];
                let nth = stream.below(kin.k());
                let partner = kin.places(base)[nth] as usize;
                let u = stream.unit();
                let Some(gap) = gap(levels[base], levels[partner], u) else {
                    continue;
                };
                if levels[base] == 0 || levels[partner] == 0 {
                    // A copy of the one that is safe, its categories too.
                    made.between(members[base], members[partner], gap);
                } else {
                    kin.make(made, base, nth, gap);
                }
                n += 1;
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::gap;

    #[test]
    fn gaps_keep_near_the_safer_end() {
        let u = 0.5;
        assert_eq!(gap(0, 0, u), None);
        assert_eq!(gap(3, 0, u), Some(0.0));
        assert_eq!(gap(2, 2, u), Some(0.5));
        assert_eq!(gap(4, 1, u), Some(0.125));
        assert_eq!(gap(1, 4, u), Some(0.875));
        assert_eq!(gap(0, 4, u), Some(1.0));
    }
}
