use super::{
    Fallback, Resampled, Resampler, TooFewNeighbors,
    over::{check_k, common_settings, enlarge, fallback_setting, same_of_class},
};
use crate::{
    error::DataError, neighbors::NeighborSearch, roles::TrainSet, strategy::SamplingStrategy,
};
use art_core::{ClassCounts, Seed, apportion::largest_remainder};

/// ADASYN: SMOTE that makes most rows where most neighbors are of other classes.
///
/// The share `r_i` of other classes among the k nearest of **all** training rows says how many rows start from row i:
/// `G · r_i / Σ r`, made whole by largest remainders, so that the total is exact. Each moves towards one of the k
/// nearest rows of its class. The stream is (`adasyn`, c); rows are bases in order, and each new row draws the partner,
/// then the gap.
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `k` | 5 | whole numbers 2 to 15 |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// A class none of whose rows has a neighbor of another class follows the [`Fallback`].
///
/// *Choice.* imbalanced-learn rounds each row's number by itself, so that its total drifts, and raises where every
/// share is 0. The article may mean neighbors of the class among those of all classes as partners; the nearest of
/// the class are taken here, as in libraries.
///
/// # References
/// He, Bai, Garcia and Li (2008), "ADASYN: adaptive synthetic sampling approach for imbalanced learning", IJCNN,
/// 1322-1328, doi 10.1109/IJCNN.2008.4633969.
#[derive(Clone, Debug)]
#[must_use]
pub struct Adasyn {
    k: usize,
    strategy: SamplingStrategy,
    fallback: Fallback,
}

impl Default for Adasyn {
    fn default() -> Self {
        Self::new()
    }
}

impl Adasyn {
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

    /// The share of other classes among the k nearest of each row of `class`, in row order.
    ///
    /// # Errors
    /// [`DataError::Param`] when k is 0.
    pub fn shares(&self, train: &TrainSet, class: usize) -> Result<Vec<f64>, DataError> {
        check_k("k", self.k)?;
        let (same, k) = same_of_class(train, class, self.k)?;
        Ok(shares(&same, k))
    }
}

/// The share of other classes among `k` neighbors of which so many are of the row's class.
fn shares(same: &[usize], k: usize) -> Vec<f64> {
    let share = |same: &usize| (k - same) as f64 / k.max(1) as f64;
    same.iter().map(share).collect()
}

/// Rows to make from each row: in proportion to the shares, `n` in all; none where every share is 0.
fn quotas(shares: &[f64], n: usize) -> Result<Option<Vec<usize>>, DataError> {
    let sum: f64 = shares.iter().sum();
    if sum == 0.0 {
        return Ok(None);
    }
    let wanted: Vec<f64> = shares.iter().map(|r| r / sum * n as f64).collect();
    Ok(Some(largest_remainder(&wanted)?))
}

impl Resampler for Adasyn {
    fn name(&self) -> &'static str {
        "adasyn"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        check_k("k", self.k)?;
        let data = train.data();
        let search = NeighborSearch::new(data.features());
        enlarge(train, &self.strategy, seed, "adasyn", |made, mut small| {
            let neighbors = search.of_rows(small.members, self.k);
            let shares = shares(&small.same_among(&neighbors), neighbors.k());
            let Some(quotas) = quotas(&shares, small.n_made)? else {
                let n = small.members.len();
                let reason = format!("no neighbour of its {n} rows is of another class");
                return small.fall_back(made, self.fallback, self.k, &reason);
            };
            let Some(kin) = small.kin(made, self.k, TooFewNeighbors::ShrinkK)? else {
                return Ok(());
            };
            for (base, n) in quotas.into_iter().enumerate() {
                for _ in 0..n {
                    let nth = small.stream.below(kin.k());
                    kin.make(made, base, nth, small.stream.unit());
                }
            }
            Ok(())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quotas_are_exact_in_total() {
        let third = 1.0 / 3.0;
        let of = |shares: &[f64], n| quotas(shares, n).unwrap();
        assert_eq!(of(&[1.0, third, third, third], 2), Some(vec![1, 1, 0, 0]));
        assert_eq!(of(&[0.0; 3], 2), None);
        assert_eq!(
            of(&[0.2, 0.4, 0.4], 1_001).unwrap().iter().sum::<usize>(),
            1_001
        );
    }
}
