use super::{Basics, EpochSampler, Feedback, Refresh, check_order};
use crate::{
    classes::ClassIndex,
    distribution::ClassDistribution,
    draw::{EpochDraw, RowList},
    error::CoreError,
    saved::Saved,
    seed::Seed,
};
use std::sync::Arc;

/// The class distributions of another run, played again: what is drawn from changes as it did there, whatever happens here.
///
/// If a method does as well replayed, its feedback found a good schedule for the data set and did not have to watch this
/// run. [`average`](Self::average) keeps the mean of the distributions throughout: if that does as well, no schedule was
/// needed either.
///
/// Rows are drawn anew at each recorded change, from the streams that ART uses for the refresh of that number.
///
/// ```
/// use art_core::{ClassDistribution, ClassIndex, EpochSampler, Replay, Seed};
/// let labels: Vec<u32> = (0..100).map(|row| u32::from(row % 10 == 0)).collect();
/// let index = ClassIndex::new(&labels, 2)?;
/// let shares = |p: f64| ClassDistribution::new(vec![1.0 - p, p]);
/// let replay = Replay::new(shares(0.2)?, vec![(5, shares(0.4)?)], index, Seed::new(1))?;
/// assert_eq!(replay.shares(5).as_slice(), [0.8, 0.2]);
/// assert_eq!(replay.shares(6).as_slice(), [0.6, 0.4]);
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Replay {
    /// The shares behind each epoch, ascending; the first are of epoch 0.
    steps: Vec<(u32, ClassDistribution)>,
    seed: Seed,
    index: Arc<ClassIndex>,
    /// Epochs that were trained.
    done: u32,
    /// Of the next one.
    distribution: ClassDistribution,
}

impl Replay {
    /// Epochs up to and including that of the first of `refreshes` draw from `first`; later ones from the latest refresh
    /// before them. Each refresh is an epoch and the distribution that was drawn from after it.
    ///
    /// # Errors
    /// [`CoreError::Length`] when a distribution has another number of classes than `index`, [`CoreError::EpochOrder`] for a
    /// refresh after epoch 0 and for two after one epoch.
    pub fn new(
        first: ClassDistribution,
        refreshes: impl IntoIterator<Item = (u32, ClassDistribution)>,
        index: impl Into<Arc<ClassIndex>>,
        seed: Seed,
    ) -> Result<Self, CoreError> {
        let index = index.into();
        let mut steps = vec![(0, first)];
        steps.extend(refreshes);
        steps.sort_by_key(|(epoch, _)| *epoch);
        for pair in steps.windows(2) {
            check_order(pair[1].0, pair[0].0)?;
        }
        for (_, shares) in &mut steps {
            *shares = shares.restricted_to(index.counts())?;
        }
        Ok(Self {
            distribution: steps[0].1.clone(),
            steps,
            seed,
            index,
            done: 0,
        })
    }

    /// The mean of the distributions over the epochs 1 to `n_epochs`, throughout.
    ///
    /// # Errors
    /// None; the signature is that of what it is made by.
    pub fn average(&self, n_epochs: u32) -> Result<Self, CoreError> {
        let mut sums = vec![0.0; self.index.n_classes()];
        for epoch in 1..=n_epochs.max(1) {
            for (sum, share) in sums.iter_mut().zip(self.shares(epoch).as_slice()) {
                *sum += share;
            }
        }
        let mean = ClassDistribution::from_scores(&sums)?;
        Self::new(mean, [], Arc::clone(&self.index), self.seed)
    }

    /// The class shares of epoch `epoch`, counted from 1.
    pub fn shares(&self, epoch: u32) -> ClassDistribution {
        self.steps[self.step(epoch)].1.clone()
    }

    /// Which of the steps epoch `epoch` draws from.
    fn step(&self, epoch: u32) -> usize {
        let begun = self.steps.partition_point(|&(after, _)| after < epoch);
        begun.saturating_sub(1)
    }
}

impl EpochSampler for Replay {
    fn name(&self) -> &'static str {
        "replay"
    }

    fn describe(&self) -> String {
        let numbers = self.steps.iter().flat_map(|(epoch, shares)| {
            let shares = shares.as_slice().iter().map(|share| share.to_bits());
            std::iter::once(u64::from(*epoch)).chain(shares)
        });
        let digest = numbers.fold(Seed::new(0), |digest, number| {
            digest.derive("replay", number)
        });
        format!(
            "replay({} steps, {:016x})",
            self.steps.len(),
            digest.value()
        )
    }

    fn basics(&self) -> Basics<'_> {
        Basics {
            seed: self.seed,
            class_counts: self.index.counts(),
            distribution: &self.distribution,
        }
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        let step = self.step(epoch.max(1));
        let shares = &self.steps[step].1;
        let list = RowList::of_shares(&self.index, shares, self.seed, step as u64);
        EpochDraw::new(Arc::new(list), self.seed, epoch)
    }

    moves_with_the_epoch!();
}
