use super::{
    Fallback, Resampled, Resampler,
    over::{Kin, SmallClass, check_k, common_settings, enlarge, fallback_setting},
};
use crate::{
    cluster::KMeans, dataset::Dataset, error::DataError, roles::TrainSet,
    strategy::SamplingStrategy,
};
use art_core::{
    ClassCounts, ParamError, Seed,
    apportion::largest_remainder,
    elementary::{exp, ln},
};
use rayon::prelude::*;

/// k-means-SMOTE: SMOTE inside clusters that a class dominates, most where the class is sparse.
///
/// All training rows are put into clusters ([`KMeans`], stream `kmeans`, c). A cluster with a rows of the class and b
/// others counts when (b + 1)/(a + 1) is below the imbalance threshold and a is at least 2. Its sparsity is D^e / a
/// with the mean distance D of its rows of the class and the exponent e; new rows are dealt to clusters in proportion
/// to it, by largest remainders. In each cluster, in order, SMOTE makes its rows with at most a − 1 neighbors; the
/// stream is (`kmsmote`, c).
///
/// | parameter | default | tuned over |
/// |---|---|---|
/// | `clusters` | 8 | whole numbers 2 to 64, by logarithm |
/// | `threshold` | 1 | 0.5 to 10, by logarithm |
/// | `exponent` | number of features | 0, 2, number of features |
/// | `k` | 5 | whole numbers 1 to 10 |
/// | `strategy` | equal classes | ratio 0.25 to 1 |
///
/// Where no cluster counts, the class follows the [`Fallback`]: SMOTE unless another one is asked for.
///
/// *Choice.* The formulas are the article's. imbalanced-learn has another filter, an exponent by the number of rows and
/// overshoots the total; it raises where no cluster counts.
///
/// # References
/// Douzas, Bacao and Last (2018), "Improving imbalanced learning through a heuristic oversampling method based on
/// k-means and SMOTE", Information Sciences 465, 1-20, doi 10.1016/j.ins.2018.06.056.
#[derive(Clone, Debug)]
#[must_use]
pub struct KMeansSmote {
    clusters: usize,
    threshold: f64,
    exponent: Option<f64>,
    k: usize,
    strategy: SamplingStrategy,
    fallback: Fallback,
}

impl Default for KMeansSmote {
    fn default() -> Self {
        Self::new()
    }
}

impl KMeansSmote {
    /// 8 clusters, threshold 1, the number of features as exponent, k = 5, equal classes, SMOTE as fallback.
    pub fn new() -> Self {
        Self {
            clusters: 8,
            threshold: 1.0,
            exponent: None,
            k: 5,
            strategy: SamplingStrategy::default(),
            fallback: Fallback::Smote,
        }
    }

    /// Number of clusters, at least 1.
    pub fn clusters(mut self, clusters: usize) -> Self {
        self.clusters = clusters;
        self
    }

    /// Most other rows for a row of the class that a cluster may have; infinity lets every cluster count.
    pub fn threshold(mut self, threshold: f64) -> Self {
        self.threshold = threshold;
        self
    }

    /// Exponent of the mean distance, not below 0; the number of features where it is not given.
    pub fn exponent(mut self, exponent: f64) -> Self {
        self.exponent = Some(exponent);
        self
    }

    common_settings!();

    fallback_setting!();

    fn check(&self) -> Result<(), DataError> {
        check_k("k", self.k)?;
        if self.threshold.is_nan() || self.threshold <= 0.0 {
            let expected = "a number above 0, or infinity";
            return Err(ParamError::new("threshold", self.threshold, expected).into());
        }
        if let Some(exponent) = self.exponent
            && !(exponent.is_finite() && exponent >= 0.0)
        {
            let expected = "a finite number not below 0";
            return Err(ParamError::new("exponent", exponent, expected).into());
        }
        Ok(())
    }

    /// The rows of the class in each cluster that counts.
    fn dominated(&self, small: &SmallClass<'_>, seed: Seed) -> Result<Vec<Vec<u32>>, DataError> {
        let mut stream = seed.stream("kmeans", small.class as u64);
        let clusters = KMeans::new(self.clusters).fit(small.data.features(), &mut stream)?;
        let mut rows = vec![0_usize; clusters.n_clusters()];
        for &cluster in clusters.of_rows() {
            rows[cluster as usize] += 1;
        }
        let own = clusters.split(small.members).into_iter().zip(rows);
        let counts = own.filter(|(own, all)| {
            let (own, others) = (own.len(), all - own.len());
            own >= 2 && ((others + 1) as f64) < self.threshold * (own + 1) as f64
        });
        Ok(counts.map(|(own, _)| own).collect())
    }
}

/// The share of new rows that each cluster gets: `D^exponent / a`, by logarithms, since powers of as many features
/// overflow.
fn shares(data: &Dataset, clusters: &[Vec<u32>], exponent: f64) -> Vec<f64> {
    let logarithm = |rows: &Vec<u32>| {
        exponent * ln(mean_distance(data, rows).max(1e-12)) - ln(rows.len() as f64)
    };
    let logarithms: Vec<f64> = clusters.iter().map(logarithm).collect();
    let most = logarithms.iter().copied().fold(f64::NEG_INFINITY, f64::max);
    let shares: Vec<f64> = logarithms.iter().map(|x| exp(x - most)).collect();
    let sum: f64 = shares.iter().sum();
    shares.iter().map(|share| share / sum).collect()
}

/// Mean Euclidean distance of all pairs of these rows.
fn mean_distance(data: &Dataset, rows: &[u32]) -> f64 {
    let from = |first: usize| -> f64 {
        let one = data.row_as_slice(rows[first]);
        let others = rows[first + 1..].iter().map(|&row| {
            let squares = one.iter().zip(data.row_as_slice(row)).map(|(&a, &b)| {
                let difference = f64::from(a) - f64::from(b);
                difference * difference
            });
            squares.sum::<f64>().sqrt()
        });
        others.sum()
    };
    let sums: Vec<f64> = (0..rows.len()).into_par_iter().map(from).collect();
    let pairs = rows.len() * (rows.len() - 1) / 2;
    sums.iter().sum::<f64>() / pairs as f64
}

impl Resampler for KMeansSmote {
    fn name(&self) -> &'static str {
        "kmeans-smote"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        self.check()?;
        let data = train.data();
        let exponent = self.exponent.unwrap_or(data.n_features() as f64);
        enlarge(train, &self.strategy, seed, "kmsmote", |made, small| {
            let clusters = self.dominated(&small, seed)?;
            if clusters.is_empty() {
                let reason = format!("it dominates none of {} clusters", self.clusters);
                return small.fall_back(made, self.fallback, self.k, &reason);
            }
            let wanted = shares(data, &clusters, exponent);
            let wanted: Vec<f64> = wanted.iter().map(|s| s * small.n_made as f64).collect();
            let mut stream = small.stream;
            for (rows, n) in clusters.iter().zip(largest_remainder(&wanted)?) {
                if n > 0 {
                    let kin = Kin::new(data, rows, self.k.min(rows.len() - 1));
                    kin.make_any(made, n, &mut stream);
                }
            }
            Ok(())
        })
    }
}
