use super::{Resampled, Resampler, clean::smallest_class};
use crate::{cluster::KMeans, error::DataError, roles::TrainSet, strategy::SamplingStrategy};
use art_core::{ClassCounts, Seed, apportion::capped_remainder};

/// Cluster-based under-sampling (SBC): keeps most rows of a class where it outnumbers the smallest class most.
///
/// For each class to be cut, all rows are put into clusters ([`KMeans`], stream `kmeans`, number of classes + c). A
/// cluster with M rows of the class has the ratio R = M / max(1, its rows of the smallest class). The target is dealt to
/// clusters in proportion to R, by largest remainders and at most M each, and as many rows are drawn from each without
/// replacement, stream (`sbc`, c).
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `clusters` | 3 | whole numbers 2 to 20 |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// *Choice.* What a cluster without rows of the smallest class counts as is not in the article; R packages divide by 1
/// or add 1 everywhere. Rows are drawn without replacement.
///
/// # References
/// Yen and Lee (2006), "Under-sampling approaches for improving prediction of the minority class in an imbalanced
/// dataset", ICIC, 731-740; Yen and Lee (2009), "Cluster-based under-sampling approaches for imbalanced data
/// distributions", Expert Systems with Applications 36, 5718-5727, doi 10.1016/j.eswa.2008.06.108.
#[derive(Clone, Debug)]
#[must_use]
pub struct ClusterUnderSampler {
    clusters: usize,
    strategy: SamplingStrategy,
}

impl Default for ClusterUnderSampler {
    fn default() -> Self {
        Self::new()
    }
}

impl ClusterUnderSampler {
    /// 3 clusters, equal classes.
    pub fn new() -> Self {
        Self {
            clusters: 3,
            strategy: SamplingStrategy::default(),
        }
    }

    /// Number of clusters, at least 1.
    pub fn clusters(mut self, clusters: usize) -> Self {
        self.clusters = clusters;
        self
    }

    /// Wished class sizes.
    pub fn strategy(mut self, strategy: SamplingStrategy) -> Self {
        self.strategy = strategy;
        self
    }
}

impl Resampler for ClusterUnderSampler {
    fn name(&self) -> &'static str {
        "sbc"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.under(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        let data = train.data();
        let index = data.class_index()?;
        let targets = self.strategy.under(index.counts())?;
        let smallest = smallest_class(index.counts()).map_or(&[][..], |class| index.rows(class));
        let mut kept = vec![];
        for (class, target) in targets.into_iter().enumerate() {
            let members = index.rows(class);
            if target == members.len() {
                kept.extend_from_slice(members);
                continue;
            }
            let number = (index.n_classes() + class) as u64;
            let mut stream = seed.stream("kmeans", number);
            let clusters = KMeans::new(self.clusters).fit(data.features(), &mut stream)?;
            let mut own = clusters.split(members);
            let ratio = |(own, smallest): (&Vec<u32>, Vec<u32>)| {
                own.len() as f64 / smallest.len().max(1) as f64
            };
            let ratios: Vec<f64> = own
                .iter()
                .zip(clusters.split(smallest))
                .map(ratio)
                .collect();
            let most: Vec<usize> = own.iter().map(Vec::len).collect();
            let quotas = capped_remainder(&ratios, target, &most)?;
            let mut stream = seed.stream("sbc", class as u64);
            for (rows, n) in own.iter_mut().zip(quotas) {
                kept.extend_from_slice(stream.choose_distinct(rows, n));
            }
        }
        Resampled::kept(train, kept)
    }
}
