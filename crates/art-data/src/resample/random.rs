//! Random over- and under-sampling: rows repeated or left out, none invented.

use super::{
    MakesRows, Origin, Repeats, ResampleWarning, Resampled, Resampler, SeeMade, SmallRows,
    Streamed, over::enlarge_shown, repeats::evenly,
};
use crate::gather::gather;
use crate::{error::DataError, roles::TrainSet, strategy::SamplingStrategy};
use art_core::{ClassCounts, ParamError, Seed, Stream, elementary::powf};
use ndarray::{Array2, Axis};

/// Random over-sampling (ROS): repeats rows of small classes until each has its target.
///
/// With [`smoothing`](Self::smoothing) above 0 each copy gets normal noise of deviation
/// `smoothing · h · sd`, where sd is that of the column inside the class and
/// `h = (4 / ((d + 2) N))^(1 / (d + 4))`: the smoothed bootstrap.
///
/// Choice: `h` uses all N rows, as imbalanced-learn does, not the rows of the class.
///
/// ```
/// use art_data::{Dataset, RandomOverSampler, Resampler, TrainSet};
/// let features = ndarray::array![[0.0], [1.0], [2.0], [3.0]];
/// let names = |list: &[&str]| list.iter().map(|s| s.to_string()).collect::<Vec<_>>();
/// let data = Dataset::new(features, vec![0, 0, 0, 1], names(&["x"]), names(&["a", "b"]))?;
/// let resampled = RandomOverSampler::new().resample(&TrainSet::new(data), art_core::Seed::new(7))?;
/// assert_eq!(resampled.train.data().class_counts().as_slice(), [3, 3]);
/// # Ok::<(), art_data::DataError>(())
/// ```
///
/// # References
/// Menardi and Torelli (2014), "Training and assessing classification rules with imbalanced data",
/// Data Mining and Knowledge Discovery 28, doi 10.1007/s10618-012-0295-5 (smoothed bootstrap).
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RandomOverSampler {
    strategy: SamplingStrategy,
    copies: Repeats,
    smoothing: f64,
}

impl RandomOverSampler {
    /// Equal classes, copies drawn with replacement, no smoothing.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wished class sizes.
    pub fn strategy(mut self, strategy: SamplingStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Which rows are copied.
    pub fn copies(mut self, copies: Repeats) -> Self {
        self.copies = copies;
        self
    }

    /// Scale of the noise on each copy; 0 for none.
    pub fn smoothing(mut self, smoothing: f64) -> Self {
        self.smoothing = smoothing;
        self
    }

    /// The rows to copy for one class.
    fn choose<'a>(
        &self,
        members: &'a [u32],
        n_copies: usize,
        stream: &'a mut Stream,
    ) -> Box<dyn Iterator<Item = u32> + 'a> {
        match self.copies {
            Repeats::Random => {
                Box::new((0..n_copies).map(|_| members[stream.below(members.len())]))
            }
            Repeats::Even => Box::new(evenly(members, n_copies, stream)),
        }
    }
}

impl Resampler for RandomOverSampler {
    fn name(&self) -> &'static str {
        "ros"
    }

    fn reads_features(&self) -> bool {
        self.smoothing > 0.0
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.over(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        if !(self.smoothing >= 0.0 && self.smoothing.is_finite()) {
            let expected = "a finite number that is not negative";
            return Err(ParamError::new("smoothing", self.smoothing, expected).into());
        }
        let data = train.data();
        let index = data.class_index()?;
        let targets = self.strategy.over(index.counts())?;
        let mut rows: Vec<u32> = (0..data.n_rows() as u32).collect();
        let mut noise: Vec<f32> = vec![];
        for (class, target) in targets.into_iter().enumerate() {
            let members = index.rows(class);
            let n_copies = target - members.len();
            if n_copies == 0 {
                continue;
            }
            let mut stream = seed.stream("ros", class as u64);
            rows.extend(self.choose(members, n_copies, &mut stream));
            if self.smoothing > 0.0 {
                let deviation = class_deviation(&data.features(), members);
                let (n, d) = (data.n_rows() as f64, data.n_features() as f64);
                let h = powf(4.0 / ((d + 2.0) * n), 1.0 / (d + 4.0));
                for _ in 0..n_copies {
                    let start = noise.len();
                    noise.extend(
                        deviation
                            .iter()
                            .map(|sd| (stream.normal() * self.smoothing * h * sd) as f32),
                    );
                    // What is one category stays one.
                    for category in data.categories() {
                        noise[start..][category.clone()].fill(0.0);
                    }
                }
            }
        }
        let n_originals = data.n_rows();
        let mut resampled = data.select(&rows)?;
        if !noise.is_empty() {
            let mut features = resampled.features().to_owned();
            let shape = (rows.len() - n_originals, data.n_features());
            let noise = Array2::from_shape_vec(shape, noise).expect("one number a made feature");
            let (_, mut made) = features.view_mut().split_at(Axis(0), n_originals);
            made += &noise;
            resampled = resampled.with_rows(features, resampled.labels().to_vec());
        }
        let smoothed = self.smoothing > 0.0;
        let origins = rows
            .iter()
            .enumerate()
            .map(|(position, &row)| match position {
                _ if position < n_originals => Origin::Original { row },
                _ if smoothed => Origin::Jittered { row },
                _ => Origin::Duplicate { row },
            });
        Ok(Resampled {
            origins: origins.collect(),
            train: train.remade(resampled),
            warnings: vec![],
        })
    }

    /// Noise depends on the deviations of whole classes and follows the choice of all copies: with it, none.
    fn streamed(&self) -> Option<Streamed<'_>> {
        (self.smoothing == 0.0).then_some(Streamed::Makes(self))
    }
}

impl MakesRows for RandomOverSampler {
    fn check(&self) -> Result<(), DataError> {
        Ok(())
    }

    fn make(
        &self,
        rows: &SmallRows<'_>,
        seed: Seed,
        see: SeeMade<'_>,
    ) -> Result<Vec<ResampleWarning>, DataError> {
        enlarge_shown(rows, seed, "ros", see, |made, mut small| {
            for row in self.choose(small.members, small.n_made, &mut small.stream) {
                made.duplicate(row);
            }
            Ok(())
        })
    }
}

/// Standard deviation (ddof 0) of each column over `members`.
fn class_deviation(features: &ndarray::ArrayView2<'_, f32>, members: &[u32]) -> Vec<f64> {
    let of_class = gather(*features, members).mapv(f64::from);
    of_class.std_axis(Axis(0), 0.0).to_vec()
}

/// Whether a row may be kept more than once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Replacement {
    /// Every kept row is another one.
    #[default]
    Without,
    /// Rows are drawn independently.
    With,
}

/// Random under-sampling (RUS): leaves out rows of large classes until each has its target.
#[derive(Clone, Debug, Default)]
#[must_use]
pub struct RandomUnderSampler {
    strategy: SamplingStrategy,
    replacement: Replacement,
}

impl RandomUnderSampler {
    /// Equal classes, without replacement.
    pub fn new() -> Self {
        Self::default()
    }

    /// Wished class sizes.
    pub fn strategy(mut self, strategy: SamplingStrategy) -> Self {
        self.strategy = strategy;
        self
    }

    /// Whether a row may be kept more than once.
    pub fn replacement(mut self, replacement: Replacement) -> Self {
        self.replacement = replacement;
        self
    }
}

impl Resampler for RandomUnderSampler {
    fn name(&self) -> &'static str {
        "rus"
    }

    fn reads_features(&self) -> bool {
        false
    }

    fn streamed(&self) -> Option<Streamed<'_>> {
        Some(Streamed::Selects)
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        self.strategy.under(counts).map(Some)
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        let index = train.data().class_index()?;
        let targets = self.strategy.under(index.counts())?;
        let mut rows = vec![];
        for (class, target) in targets.into_iter().enumerate() {
            let mut members = index.rows(class).to_vec();
            let mut stream = seed.stream("rus", class as u64);
            if target == members.len() {
                rows.extend(members);
            } else if self.replacement == Replacement::Without {
                rows.extend_from_slice(stream.choose_distinct(&mut members, target));
            } else {
                rows.extend((0..target).map(|_| members[stream.below(members.len())]));
            }
        }
        rows.sort_unstable();
        // A row that was drawn twice is its own original once; the other copies follow the rest.
        let mut copies = vec![];
        rows.dedup_by(|later, earlier| {
            let same = later == earlier;
            if same {
                copies.push(*later);
            }
            same
        });
        let labels = train.data().labels();
        copies.sort_by_key(|&row| labels[row as usize]);
        let origins = rows.iter().map(|&row| Origin::Original { row });
        let origins = origins
            .chain(copies.iter().map(|&row| Origin::Duplicate { row }))
            .collect();
        rows.extend(copies);
        Ok(Resampled {
            origins,
            train: train.remade(train.data().select(&rows)?),
            warnings: vec![],
        })
    }
}
