//! One method decides how many rows of a class are drawn, another which.

use crate::{
    error::DataError,
    resample::{Origin, Resampled},
};
use art_core::{
    Basics, ClassCounts, ClassIndex, CoreError, EpochDraw, EpochSampler, Feedback, ParamError,
    Permutation, Refresh, RowList, Saved, apportion::largest_remainder,
};
use std::sync::Arc;

/// A sampler over synthetic samples: it decides how many rows of each class an epoch has, and an over-sampler makes those that a
/// class lacks.
///
/// With quotas q of N rows from the sampler's distribution, a class of n rows gives
///
/// - q of its own rows, at random, where q ≤ n;
/// - else all n, `rint(share · (q − n))` synthetic samples, and copies of its own for the rest. Each synthetic sample is
///   taken once before one is taken twice.
///
/// At each refresh of the sampler other rows are taken, from the stream (`hybrid`, refresh). A class without synthetic samples
/// is copied.
///
/// The network trains on the resampled set, whose first rows are the originals; the sampler inside is over the originals alone.
/// Only its class distribution is used, not its own draws.
///
/// *Choice.* The rows are made once, and a part of them is taken at a time, so that neighbors are searched for once. Give the
/// over-sampler a target well above what is drawn, and rows seldom come back.
///
/// ```
/// use art_core::{EpochSampler, PowerSampler, PowerSchedule, Seed};
/// use art_data::{GaussianClasses, HybridSampler, Resampler, Smote, TrainSet};
/// let train = TrainSet::new(GaussianClasses::new(vec![90, 10], 3).generate(Seed::new(1))?);
/// let made = Smote::new().resample(&train, Seed::new(2))?;
/// let index = train.data().class_index()?;
/// let inner = PowerSampler::new(PowerSchedule::Constant(0.0), 9, index, Seed::new(2))?;
/// let sampler = HybridSampler::new(inner, &made, 0.5)?;
/// let rows = sampler.draw(1).to_vec();
/// // 50 of each class: of the rare one all 10, 20 made ones and 20 copies.
/// assert_eq!(rows.iter().filter(|&&row| row >= 100).count(), 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct HybridSampler<S> {
    inner: S,
    share: f64,
    /// The original rows of each class.
    originals: ClassIndex,
    /// The made rows of each class, as places in the resampled set.
    made: Vec<Vec<u32>>,
    /// Rows of each class of the resampled set.
    counts: ClassCounts,
}

impl<S: EpochSampler> HybridSampler<S> {
    /// `inner`, a sampler over the originals of `resampled`, with `share` of what a class lacks from the made rows.
    ///
    /// # Errors
    /// [`DataError::Param`] for a share outside 0 to 1, for a set in which originals are missing (what was drawn from is then
    /// no over-sampler's), and for a sampler that looks at training rows; [`DataError::Length`] when `inner` is over another
    /// number of rows.
    pub fn new(inner: S, resampled: &Resampled, share: f64) -> Result<Self, DataError> {
        if !(0.0..=1.0).contains(&share) {
            return Err(ParamError::new("share", share, "a number from 0 to 1").into());
        }
        if inner.wants_rows() {
            let expected = "one that learns from validation alone";
            return Err(ParamError::new("sampler", inner.name(), expected).into());
        }
        let data = resampled.train.data();
        let labels = data.labels();
        let is_original =
            |place: usize| resampled.origins[place] == Origin::Original { row: place as u32 };
        let n_originals = (0..labels.len())
            .take_while(|&place| is_original(place))
            .count();
        let expected = inner.class_counts().n_rows();
        if n_originals != expected {
            return Err(DataError::Length {
                what: "list of originals of the resampled set",
                expected,
                found: n_originals,
            });
        }
        let mut made = vec![vec![]; data.n_classes()];
        for (place, &label) in labels.iter().enumerate().skip(n_originals) {
            made[label as usize].push(place as u32);
        }
        Ok(Self {
            originals: ClassIndex::new(&labels[..n_originals], data.n_classes())?,
            inner,
            share,
            made,
            counts: data.class_counts(),
        })
    }

    /// Rows of the epochs of a refresh, class by class.
    fn rows(&self) -> Vec<u32> {
        let n = self.originals.n_rows();
        let quotas = largest_remainder(&self.inner.distribution().expected_rows(n));
        let quotas = quotas.expect("shares of whole rows apportion exactly");
        let seed = self.seed().derive("hybrid", self.inner.refreshes());
        let mut rows = Vec::with_capacity(n);
        for (class, &quota) in quotas.iter().enumerate() {
            let own = self.originals.rows(class);
            let lacking = quota.saturating_sub(own.len());
            let made = &self.made[class];
            let n_made = if made.is_empty() {
                0
            } else {
                (self.share * lacking as f64).round_ties_even() as usize
            };
            let mut stream = seed.stream("class", class as u64);
            for (from, n) in [(own, quota - n_made), (&made[..], n_made)] {
                take(from, n, &mut stream, &mut rows);
            }
        }
        rows
    }
}

/// Appends `n` rows: all of `from` as often as they fit, then a part of them at random.
fn take(from: &[u32], n: usize, stream: &mut art_core::Stream, rows: &mut Vec<u32>) {
    let order = Permutation::new(from.len() as u32, stream);
    if n == 0 {
        return;
    }
    for _ in 0..n / from.len() {
        rows.extend_from_slice(from);
    }
    order.for_each_of_first((n % from.len()) as u32, |place| {
        rows.push(from[place as usize]);
    });
}

impl<S: EpochSampler> EpochSampler for HybridSampler<S> {
    fn name(&self) -> &str {
        self.inner.name()
    }

    fn describe(&self) -> String {
        format!("hybrid(share={}, {})", self.share, self.inner.describe())
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            class_counts: &self.counts,
            ..self.inner.basics()
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        EpochDraw::new(Arc::new(RowList::listed(self.rows())), self.seed(), epoch)
    }

    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        self.inner.learn(epoch, feedback)
    }

    fn refreshes(&self) -> u64 {
        self.inner.refreshes()
    }

    fn save(&self) -> Saved {
        self.inner.save()
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        self.inner.load(refreshes, saved)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Dataset, RandomUnderSampler, Resampler, Smote, TrainSet};
    use art_core::{ArtParams, ArtSampler, BreakEven, BreakEvenParams, ConfusionMatrix, Seed};
    use ndarray::Array2;

    fn train() -> TrainSet {
        let labels: Vec<u32> = (0..120)
            .map(|row| u32::from(row >= 90) + u32::from(row >= 117))
            .collect();
        let features = Array2::from_shape_fn((120, 2), |(r, c)| (r * (c + 3) % 17) as f32);
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
        TrainSet::new(Dataset::new(features, labels, names(2), names(3)).unwrap())
    }

    fn break_even(train: &TrainSet, params: BreakEvenParams) -> BreakEven {
        let index = train.data().class_index().unwrap();
        BreakEven::new(params.check().unwrap(), index, Seed::new(9))
    }

    #[test]
    fn quotas_are_the_samplers_and_made_rows_stand_before_copies() {
        let train = train();
        let made = Smote::new().resample(&train, Seed::new(4)).unwrap();
        let labels = made.train.data().labels().to_vec();
        for share in [0.0, 0.5, 1.0] {
            let inner = break_even(&train, BreakEvenParams::new().power(0.0));
            let sampler = HybridSampler::new(inner, &made, share).unwrap();
            let rows = sampler.draw(1).to_vec();
            assert_eq!(rows.len(), 120, "N rows an epoch");
            for (class, n) in [(0, 90), (1, 27), (2, 3)] {
                let of_class = rows.iter().filter(|&&row| labels[row as usize] == class);
                let of_class: Vec<u32> = of_class.copied().collect();
                assert_eq!(of_class.len(), 40);
                let n_made = of_class.iter().filter(|&&row| row >= 120).count();
                let lacking = 40_usize.saturating_sub(n);
                assert_eq!(n_made, (share * lacking as f64).round_ties_even() as usize);
                let mut distinct: Vec<u32> = of_class.into_iter().filter(|&r| r >= 120).collect();
                distinct.sort_unstable();
                distinct.dedup();
                assert_eq!(distinct.len(), n_made, "there are more than enough");
            }
        }
    }

    #[test]
    fn other_rows_are_taken_at_each_refresh_and_a_resumed_run_takes_the_same() {
        let train = train();
        let made = Smote::new().resample(&train, Seed::new(4)).unwrap();
        let fresh = || {
            let inner = break_even(&train, BreakEvenParams::new().refresh_every(2));
            HybridSampler::new(inner, &made, 0.7).unwrap()
        };
        let mut sampler = fresh();
        let sorted = |sampler: &HybridSampler<BreakEven>, epoch| {
            let mut rows = sampler.draw(epoch).to_vec();
            rows.sort_unstable();
            rows
        };
        let validation = ConfusionMatrix::from_rows(&[vec![9, 1, 0], vec![3, 2, 0], vec![1, 0, 0]]);
        let validation = validation.unwrap();
        let mut before = sorted(&sampler, 1);
        for epoch in 1..=6 {
            let mut resumed = fresh();
            resumed.restore(&sampler.state()).unwrap();
            assert_eq!(resumed.draw(epoch).to_vec(), sampler.draw(epoch).to_vec());
            let refreshed = sampler.observe(epoch, &validation).unwrap().is_some();
            assert_eq!(refreshed, epoch % 2 == 0);
            let after = sorted(&sampler, epoch + 1);
            assert_eq!(after != before, refreshed);
            before = after;
        }
    }

    /// Its lists had no names.
    #[test]
    fn a_state_of_version_1_gives_the_draws_that_it_gave() {
        let train = train();
        let made = Smote::new().resample(&train, Seed::new(4)).unwrap();
        let inner = break_even(&train, BreakEvenParams::new().refresh_every(2));
        let mut sampler = HybridSampler::new(inner, &made, 0.7).unwrap();
        let saved = r#"{"version":1,"sampler":"hybrid(share=0.7, break-even(power=0.5, step=0.05, memory=0.8, smoothing=4, every=2))","seed":9,"class_counts":[90,90,90],"refreshes":2,"numbers":[["-0.02761307363102356","0.012128997206937692","0.015484076424085873"],["16.2","3.6","0"],["1.8","5.4","1.8"],["7.2","1.8","0"]]}"#;
        sampler
            .restore(&serde_json::from_str(saved).unwrap())
            .unwrap();
        let rows = sampler.draw(6).to_vec();
        assert_eq!(rows[..8], [76, 100, 112, 203, 247, 97, 98, 31]);
        assert_eq!(rows[112..], [56, 117, 96, 86, 62, 45, 117, 37]);
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let train = train();
        let made = Smote::new().resample(&train, Seed::new(4)).unwrap();
        let inner = || {
            let config = ArtParams::new().check().unwrap();
            ArtSampler::new(config, train.data().class_index().unwrap(), Seed::new(1)).unwrap()
        };
        for share in [-0.1, 1.1, f64::NAN] {
            let error = HybridSampler::new(inner(), &made, share).unwrap_err();
            assert!(error.to_string().contains("share"), "{error}");
        }
        let fewer = RandomUnderSampler::new()
            .resample(&train, Seed::new(4))
            .unwrap();
        let error = HybridSampler::new(inner(), &fewer, 0.5)
            .unwrap_err()
            .to_string();
        assert!(error.contains("originals"), "{error}");
    }

    #[cfg(feature = "conformance")]
    #[test]
    fn it_keeps_the_rules_of_samplers() {
        let train = train();
        let made = Smote::new().resample(&train, Seed::new(4)).unwrap();
        let fresh = || {
            let inner = break_even(&train, BreakEvenParams::new());
            HybridSampler::new(inner, &made, 0.5).unwrap()
        };
        art_core::conformance::check_sampler(|| Box::new(fresh())).unwrap();
    }
}
