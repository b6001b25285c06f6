//! Samplers: what an epoch's rows are, and how validation changes them.

/// What samplers do whose class shares are known for every epoch beforehand: `shares` gives them, `done` and
/// `distribution` say where they are.
macro_rules! moves_with_the_epoch {
    () => {
        fn learn(
            &mut self,
            epoch: u32,
            feedback: Feedback<'_>,
        ) -> Result<Option<Refresh>, CoreError> {
            feedback.check(self.index.counts())?;
            check_order(epoch, self.done)?;
            let next = self.shares(epoch.saturating_add(1));
            let moved = next != self.distribution;
            (self.done, self.distribution) = (epoch, next);
            Ok(moved.then(|| Refresh::of_shares(epoch, &self.distribution)))
        }

        fn refreshes(&self) -> u64 {
            u64::from(self.done)
        }

        fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
            let [] = saved.lists([])?;
            self.done = super::epoch_of(refreshes)?;
            self.distribution = self.shares(self.done.saturating_add(1));
            Ok(())
        }
    };
}

mod art;
mod bounds;
mod break_even;
mod control;
mod curriculum;
mod feedback;
mod forgetting;
mod last_epoch;
mod loss;
mod params;
mod plain;
mod power;
mod replay;
mod rotating;
mod shuffled_factors;
mod state;
#[cfg(feature = "serde")]
mod stored;

pub use art::ArtSampler;
pub use bounds::{Bounds, BoundsParams};
pub use break_even::{BreakEven, BreakEvenConfig, BreakEvenParams};
pub use control::FeedbackControl;
pub use curriculum::Curriculum;
pub use feedback::{Feedback, RowSignals};
pub use forgetting::ForgettingArt;
pub use loss::{LossRule, LossSampler};
pub use params::{ArtConfig, ArtParams, BlendBase, BlendRule, BoostSchedule};
pub use plain::{ClassBalanced, Shuffle};
pub use power::{PowerSampler, PowerSchedule};
pub use replay::Replay;
pub use rotating::RotatingArt;
pub use shuffled_factors::ShuffledFactors;
pub use state::SamplerState;

use last_epoch::{LastEpoch, check_order, epoch_of};
use std::fmt;

use crate::{
    classes::ClassCounts, confusion::ConfusionMatrix, distribution::ClassDistribution,
    draw::EpochDraw, error::CoreError, saved::Saved, seed::Seed, tallies::Tallies,
};

/// Decides the rows of each epoch.
///
/// The training loop is the caller's. Each epoch `e = 1, 2, ...` it trains on [`draw`](Self::draw)
/// and then shows the sampler the validation result by [`observe`](Self::observe). After the last
/// epoch there is nothing left to draw for, so the last `observe` is best left out.
///
/// `draw` is a pure function of (state, epoch): asking twice, out of order or from several workers
/// gives the same rows. There is no epoch 0: its draw is that of epoch 1, and to observe it is an error, which ends a loop
/// that counts from 0 at its first epoch.
///
/// An epoch is observed once, and none before another that was: what comes twice or late would count as feedback of an
/// epoch that was never trained. A sampler that learns refuses it; one that has nothing to learn may take it as it takes
/// everything, and nothing changes. States do not store the last epoch itself: a sampler that took one up refuses the
/// epochs up to that of the state's last refresh. Run [`conformance::check_sampler`](crate::conformance::check_sampler) on a
/// sampler of your own.
pub trait EpochSampler: Send + Sync {
    /// A short name for records and reports.
    fn name(&self) -> &str;

    /// The name with every setting that decides a draw: a saved state fits only the sampler whose
    /// description is equal. The default is the name alone.
    fn describe(&self) -> String {
        self.name().to_owned()
    }

    /// Its seed, the rows of each class and the class distribution of now. A sampler around another one may pass on what that
    /// one has.
    fn basics(&self) -> Basics<'_>;

    /// The seed that every draw is keyed by.
    fn seed(&self) -> Seed {
        self.basics().seed
    }

    /// Rows of each class in the training set.
    fn class_counts(&self) -> &ClassCounts {
        self.basics().class_counts
    }

    /// The class distribution that the rows of an epoch follow: the effective training prior.
    fn distribution(&self) -> &ClassDistribution {
        self.basics().distribution
    }

    /// The rows of epoch `epoch`, counted from 1; for 0 those of epoch 1.
    fn draw(&self, epoch: u32) -> EpochDraw;

    /// How much the loss of each training row counts in the epoch to come, where not all count alike; the loss of a batch
    /// is then the mean of weight times loss.
    fn row_weights(&self) -> Option<&[f64]> {
        None
    }

    /// Whether it wants to see what the model makes of every training row after each epoch; that costs a forward
    /// pass over them.
    fn wants_rows(&self) -> bool {
        false
    }

    /// Learns from what epoch `epoch` led to. Returns the refresh when the distribution was computed anew. The default learns
    /// nothing, whatever it is shown.
    ///
    /// A training loop shows validation counts after every epoch, and behind them training rows where the sampler
    /// [wants them](Self::wants_rows).
    ///
    /// # Errors
    /// [`CoreError::Length`] for feedback on another number of classes or rows, [`CoreError::NoObservations`] when it is
    /// empty and a refresh was due, [`CoreError::Feedback`] for what the sampler has no use for, [`CoreError::EpochOrder`] for
    /// epoch 0 and for one that does not come after the last one observed. Refused feedback changes nothing.
    fn learn(&mut self, epoch: u32, feedback: Feedback<'_>) -> Result<Option<Refresh>, CoreError> {
        check_order(epoch, 0)?;
        feedback.check(self.class_counts()).map(|()| None)
    }

    /// Learns from the validation result after epoch `epoch`: [`learn`](Self::learn) from [`Feedback::Counts`].
    ///
    /// # Errors
    /// As [`learn`](Self::learn).
    fn observe(
        &mut self,
        epoch: u32,
        validation: &ConfusionMatrix,
    ) -> Result<Option<Refresh>, CoreError> {
        self.learn(epoch, Feedback::Counts(validation))
    }

    /// What its draws are keyed by: for most samplers the number of refreshes so far, for those that change their shares by
    /// the epoch the last epoch. The default: 0 throughout.
    fn refreshes(&self) -> u64 {
        0
    }

    /// What has changed since the sampler was made and is not known from the number of refreshes. The default: nothing.
    fn save(&self) -> Saved {
        Saved::default()
    }

    /// Takes up what [`save`](Self::save) returned after so many refreshes of a sampler made in the same way. The default
    /// expects nothing. A sampler around another one hands the number on, with what that one saved.
    ///
    /// # Errors
    /// [`CoreError::StateMismatch`]; the sampler is then unchanged.
    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        let _: u64 = refreshes;
        saved.lists([]).map(|[]| ())
    }

    /// Everything that has changed since the sampler was made, with what tells whose it is. Not for samplers to write anew:
    /// it is what they [`save`](Self::save).
    fn state(&self) -> SamplerState {
        SamplerState::new(
            &self.describe(),
            self.seed(),
            self.class_counts().as_slice(),
            self.refreshes(),
            self.save(),
        )
    }

    /// Takes up a state that [`state`](Self::state) returned on a sampler made in the same way; by [`load`](Self::load).
    ///
    /// # Errors
    /// [`CoreError::StateVersion`] or [`CoreError::StateMismatch`]; the sampler is then unchanged.
    fn restore(&mut self, state: &SamplerState) -> Result<(), CoreError> {
        let counts = self.class_counts().as_slice();
        state.check(&self.describe(), self.seed(), counts)?;
        self.load(state.refreshes(), state.saved())
    }
}

/// What every sampler has.
#[derive(Clone, Copy, Debug)]
pub struct Basics<'a> {
    /// The seed that every draw is keyed by.
    pub seed: Seed,
    /// Rows of each class in the training set.
    pub class_counts: &'a ClassCounts,
    /// The class distribution that the rows of an epoch follow.
    pub distribution: &'a ClassDistribution,
}

impl fmt::Debug for dyn EpochSampler {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.describe())
    }
}

/// Whether a refresh follows epoch `epoch`, the first observed after `last`; then there must be something to learn from.
fn is_due(
    schedule: BoostSchedule,
    (last, epoch): (LastEpoch, u32),
    counts: &ClassCounts,
    validation: &Tallies,
) -> Result<bool, CoreError> {
    Feedback::Tallies(validation).check(counts)?;
    let is_due = last.is_due(schedule, epoch);
    let is_empty = || (0..counts.n_classes()).all(|class| validation.support(class) == 0.0);
    if is_due && is_empty() {
        return Err(CoreError::NoObservations);
    }
    Ok(is_due)
}

/// One change of the class distribution, with everything it was computed from.
#[derive(Clone, Debug, PartialEq)]
pub struct Refresh {
    /// What keys the draws that follow: the number of refreshes so far, or the epoch for samplers that change their shares by
    /// the epoch. The draw before the first epoch is number 0.
    pub number: u64,
    /// Epoch after which it happened; 0 for the initial draw.
    pub epoch: u32,
    /// Difficulty d of each class, or what else the sampler goes by ([`BreakEven`]: the signed error); empty for the
    /// initial draw.
    pub difficulty: Vec<f64>,
    /// Normalized difficulty w.
    pub weights: ClassDistribution,
    /// Blend p that the rows are drawn from.
    pub distribution: ClassDistribution,
}

impl Refresh {
    /// A change of the class distribution that no difficulty of classes led to.
    fn of_shares(epoch: u32, distribution: &ClassDistribution) -> Self {
        Self {
            number: u64::from(epoch),
            epoch,
            difficulty: vec![],
            weights: distribution.clone(),
            distribution: distribution.clone(),
        }
    }
}
