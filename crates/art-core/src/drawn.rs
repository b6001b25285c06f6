//! What was drawn from in each epoch of a run.

/// What was drawn from in each epoch of a run: `S` is the shares of classes, or whatever stands for them.
///
/// A refresh follows an epoch, so that what it led to is drawn from the next epoch on.
///
/// ```
/// use art_core::DrawnShares;
/// let shares = DrawnShares::new([0.9, 0.1], [(5, [0.7, 0.3]), (10, [0.6, 0.4])]);
/// assert_eq!(shares.in_epoch(1), &[0.9, 0.1]);
/// assert_eq!(shares.in_epoch(5), &[0.9, 0.1]);
/// assert_eq!(shares.in_epoch(6), &[0.7, 0.3]);
/// assert_eq!(shares.in_epoch(99), &[0.6, 0.4]);
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct DrawnShares<S> {
    first: S,
    /// Epochs and what was drawn from after them, ascending.
    refreshes: Vec<(u32, S)>,
}

impl<S> DrawnShares<S> {
    /// `first` until a refresh; each refresh with the epoch that it followed, in any order.
    pub fn new(first: S, refreshes: impl IntoIterator<Item = (u32, S)>) -> Self {
        let mut refreshes: Vec<(u32, S)> = refreshes.into_iter().collect();
        refreshes.sort_by_key(|(epoch, _)| *epoch);
        Self { first, refreshes }
    }

    /// What was drawn from in `epoch`.
    pub fn in_epoch(&self, epoch: u32) -> &S {
        let n = self.refreshes.partition_point(|(after, _)| *after < epoch);
        let last = n.checked_sub(1).map(|place| &self.refreshes[place].1);
        last.unwrap_or(&self.first)
    }

    /// The epochs that a refresh followed, ascending, and what it led to.
    pub fn refreshes(&self) -> &[(u32, S)] {
        &self.refreshes
    }
}
