//! Losses that change with the epoch.

use crate::loss::Loss;
use art_core::ConfusionMatrix;

/// The loss of each epoch, counted from 1.
pub trait LossSchedule: Send + Sync {
    /// The loss to train epoch `epoch` with.
    fn loss_at(&self, epoch: u32) -> &dyn Loss;

    /// The loss of the epoch behind `epoch`, after which validation gave `validation`; none where validation does not
    /// decide it.
    fn loss_after(&self, epoch: u32, validation: &ConfusionMatrix) -> Option<Box<dyn Loss>> {
        let _ = (epoch, validation);
        None
    }

    /// The last epoch of the first loss, where the loss changes once: early stopping starts afresh after
    /// it.
    fn switch_after(&self) -> Option<u32> {
        None
    }

    /// The losses with every setting that decides a value; a checkpoint fits only a schedule whose
    /// description is equal.
    fn describe(&self) -> String;
}

impl<L: Loss> LossSchedule for L {
    fn loss_at(&self, _: u32) -> &dyn Loss {
        self
    }

    fn describe(&self) -> String {
        Loss::describe(self)
    }
}

/// One loss up to and including an epoch, another one after it.
///
/// ```
/// use art_losses::{CrossEntropy, Deferred, LossSchedule};
/// let schedule = Deferred { before: CrossEntropy, after: CrossEntropy, last_before: 80 };
/// assert_eq!(schedule.loss_at(81).name(), "cross-entropy");
/// ```
#[derive(Clone, Debug)]
pub struct Deferred<A, B> {
    /// The loss of the first epochs.
    pub before: A,
    /// The loss of the rest.
    pub after: B,
    /// Last epoch of `before`.
    pub last_before: u32,
}

impl<A: Loss, B: Loss> LossSchedule for Deferred<A, B> {
    fn loss_at(&self, epoch: u32) -> &dyn Loss {
        if epoch <= self.last_before {
            &self.before
        } else {
            &self.after
        }
    }

    fn switch_after(&self) -> Option<u32> {
        Some(self.last_before)
    }

    fn describe(&self) -> String {
        let (before, after) = (Loss::describe(&self.before), Loss::describe(&self.after));
        format!("{before} up to epoch {}, then {after}", self.last_before)
    }
}
