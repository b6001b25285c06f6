//! What the cleaning methods share: which rows are in scope, and that no class is lost.

use super::{Origin, ResampleWarning, Resampled};
use crate::{error::DataError, roles::TrainSet};
use art_core::ClassCounts;

/// Which classes a cleaning method may take rows from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum CleaningScope {
    /// All.
    All,
    /// All but the smallest one; the first of equal ones.
    #[default]
    NotMinority,
}

impl CleaningScope {
    /// Whether rows of each class may be taken.
    pub(super) fn classes(self, counts: &ClassCounts) -> Vec<bool> {
        let smallest = smallest_class(counts);
        let may = |class: usize| self == Self::All || Some(class) != smallest;
        (0..counts.as_slice().len()).map(may).collect()
    }
}

/// The class with fewest rows, the first of equal ones; classes without rows do not count.
pub(super) fn smallest_class(counts: &ClassCounts) -> Option<usize> {
    let counts = counts.as_slice();
    let present = (0..counts.len()).filter(|&class| counts[class] > 0);
    present.min_by_key(|&class| counts[class])
}

impl Resampled {
    /// What a set without resampling looks like.
    pub(super) fn unchanged(train: &TrainSet) -> Self {
        let rows = 0..train.data().n_rows() as u32;
        Self {
            train: train.clone(),
            origins: rows.map(|row| Origin::Original { row }).collect(),
            warnings: vec![],
        }
    }

    /// The rows in these places, ascending; a class of which none is left keeps its originals, or what there is where those
    /// are gone, with a warning.
    pub(super) fn retain(mut self, keep: &[bool]) -> Result<Self, DataError> {
        let labels = self.train.data().labels();
        let n_classes = self.train.data().n_classes();
        let mut is_lost = vec![true; n_classes];
        for (&keep, &label) in keep.iter().zip(labels) {
            is_lost[label as usize] &= !keep;
        }
        let is_own = |place: usize| matches!(self.origins[place], Origin::Original { .. });
        let mut has_own = vec![false; n_classes];
        for (place, &label) in labels.iter().enumerate() {
            has_own[label as usize] |= is_own(place);
        }
        for (class, count) in self
            .train
            .data()
            .class_counts()
            .as_slice()
            .iter()
            .enumerate()
        {
            if is_lost[class] && *count > 0 {
                let kept = if has_own[class] {
                    "its own"
                } else {
                    "its made"
                };
                let message = format!("cleaning would have left no row; {kept} rows were kept");
                let warning = ResampleWarning { class, message };
                if !self.warnings.contains(&warning) {
                    self.warnings.push(warning);
                }
            }
        }
        let stays = |&place: &usize| {
            let class = labels[place] as usize;
            keep[place] || (is_lost[class] && (is_own(place) || !has_own[class]))
        };
        let places: Vec<usize> = (0..self.origins.len()).filter(stays).collect();
        let rows: Vec<u32> = places.iter().map(|&place| place as u32).collect();
        Ok(Self {
            train: self.train.remade(self.train.data().select(&rows)?),
            origins: places.iter().map(|&place| self.origins[place]).collect(),
            warnings: self.warnings,
        })
    }
}
