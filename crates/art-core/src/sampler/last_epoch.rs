use super::BoostSchedule;
use crate::error::CoreError;

/// The last epoch that a sampler has observed, 0 before the first; of a sampler that took up a state the last one that the
/// state is sure of.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct LastEpoch(u32);

impl LastEpoch {
    /// The last one that is sure after so many refreshes.
    pub(super) fn after(refreshes: u64, schedule: BoostSchedule) -> Self {
        let epoch = refreshes.saturating_mul(u64::from(schedule.period().unwrap_or(0)));
        Self(u32::try_from(epoch).unwrap_or(u32::MAX))
    }

    /// Makes sure that `epoch` comes after it.
    pub(super) fn check(self, epoch: u32) -> Result<(), CoreError> {
        check_order(epoch, self.0)
    }

    /// Whether a refresh follows `epoch`, which comes after it.
    pub(super) fn is_due(self, schedule: BoostSchedule, epoch: u32) -> bool {
        schedule.is_due_since(self.0, epoch)
    }

    /// Takes note that `epoch` was observed.
    pub(super) fn set(&mut self, epoch: u32) {
        self.0 = epoch;
    }
}

/// The epoch that stands for the number of refreshes in the states of samplers which change their shares by the epoch.
pub(super) fn epoch_of(refreshes: u64) -> Result<u32, CoreError> {
    u32::try_from(refreshes).map_err(|_| CoreError::StateMismatch {
        field: "last epoch",
        expected: format!("at most {}", u32::MAX),
        found: refreshes.to_string(),
    })
}

/// Makes sure that `epoch` can be observed after the epoch `last`, or as the first one where that is 0.
pub(super) fn check_order(epoch: u32, last: u32) -> Result<(), CoreError> {
    if epoch > last {
        Ok(())
    } else {
        Err(CoreError::EpochOrder { epoch, last })
    }
}
