//! How many rows each class has, and which.

use crate::{
    error::CoreError,
    label::{LABEL, Label, class_of},
};

/// Rows of each declared class; classes may be empty, but there is at least one class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassCounts(Vec<usize>);

impl ClassCounts {
    /// The counts `n_c`, one a class.
    ///
    /// # Errors
    /// [`CoreError::NoClasses`] for an empty list, [`CoreError::NoRows`] when all are zero,
    /// [`CoreError::TooManyRows`] when a row index of 32 bits could not name them all.
    pub fn new(counts: Vec<usize>) -> Result<Self, CoreError> {
        if counts.is_empty() {
            return Err(CoreError::NoClasses);
        }
        if counts.iter().all(|&n| n == 0) {
            return Err(CoreError::NoRows {
                n_classes: counts.len(),
            });
        }
        let rows = counts.iter().fold(0_usize, |sum, &n| sum.saturating_add(n));
        let max = u32::MAX as usize;
        if rows > max {
            return Err(CoreError::TooManyRows { rows, max });
        }
        Ok(Self(counts))
    }

    /// The counts of `labels`, which lie in `0..n_classes`.
    ///
    /// # Errors
    /// As [`ClassCounts::new`], and [`CoreError::LabelOutOfRange`] naming the row.
    ///
    /// ```
    /// use art_core::ClassCounts;
    /// let counts = ClassCounts::from_labels(&[0, 0, 2], 3)?;
    /// assert_eq!(counts.as_slice(), [2, 0, 1]);
    /// # Ok::<(), art_core::CoreError>(())
    /// ```
    pub fn from_labels<L: Label>(labels: &[L], n_classes: usize) -> Result<Self, CoreError> {
        let mut counts = vec![0; n_classes];
        for (row, &label) in labels.iter().enumerate() {
            counts[class_of(label, LABEL, || row, n_classes)?] += 1;
        }
        Self::new(counts)
    }

    /// The counts, class 0 first.
    pub fn as_slice(&self) -> &[usize] {
        &self.0
    }

    /// Declared number of classes K.
    pub fn n_classes(&self) -> usize {
        self.0.len()
    }

    /// Number of rows N.
    pub fn n_rows(&self) -> usize {
        self.0.iter().sum()
    }

    /// Rows of the largest class.
    pub fn largest(&self) -> usize {
        self.0.iter().copied().max().unwrap_or(0)
    }

    /// Rows of the smallest class that has any.
    pub fn smallest(&self) -> usize {
        self.0.iter().copied().filter(|&n| n > 0).min().unwrap_or(0)
    }

    /// Largest class over smallest class that has rows: 1 when balanced.
    pub fn imbalance_ratio(&self) -> f64 {
        self.largest() as f64 / self.smallest() as f64
    }
}

/// The rows of each class: one `u32` a row, grouped by class, ascending inside a class.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ClassIndex {
    counts: ClassCounts,
    rows: Vec<u32>,
    starts: Vec<usize>,
}

impl ClassIndex {
    /// The index of `labels`, which lie in `0..n_classes`.
    ///
    /// # Errors
    /// As [`ClassCounts::from_labels`].
    pub fn new<L: Label>(labels: &[L], n_classes: usize) -> Result<Self, CoreError> {
        let counts = ClassCounts::from_labels(labels, n_classes)?;
        let mut starts = vec![0; n_classes + 1];
        for (class, n) in counts.as_slice().iter().enumerate() {
            starts[class + 1] = starts[class] + n;
        }
        let mut next = starts.clone();
        let mut rows = vec![0; labels.len()];
        for (row, &label) in labels.iter().enumerate() {
            let slot = &mut next[class_of(label, LABEL, || row, n_classes)?];
            rows[*slot] = row as u32;
            *slot += 1;
        }
        Ok(Self {
            counts,
            rows,
            starts,
        })
    }

    /// The rows of the index for which `keep` holds.
    ///
    /// # Errors
    /// [`CoreError::NoRows`] when it holds for none.
    pub(crate) fn filtered(&self, keep: impl Fn(u32) -> bool) -> Result<Self, CoreError> {
        let (mut rows, mut starts) = (vec![], vec![0]);
        for class in 0..self.n_classes() {
            rows.extend(self.rows(class).iter().filter(|row| keep(**row)));
            starts.push(rows.len());
        }
        let counts = starts.windows(2).map(|pair| pair[1] - pair[0]);
        Ok(Self {
            counts: ClassCounts::new(counts.collect())?,
            rows,
            starts,
        })
    }

    /// The counts.
    pub fn counts(&self) -> &ClassCounts {
        &self.counts
    }

    /// Number of rows N.
    pub fn n_rows(&self) -> usize {
        self.rows.len()
    }

    /// Declared number of classes K.
    pub fn n_classes(&self) -> usize {
        self.counts.n_classes()
    }

    /// The rows of `class`, ascending; empty for a class that has none.
    ///
    /// # Panics
    /// If `class` is not declared.
    pub fn rows(&self, class: usize) -> &[u32] {
        &self.rows[self.starts[class]..self.starts[class + 1]]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn index_groups_rows_by_class_in_ascending_order() {
        let index = ClassIndex::new(&[2, 0, 2, 0, 0], 4).unwrap();
        assert_eq!(index.rows(0), [1, 3, 4]);
        assert_eq!(index.rows(1), [0_u32; 0]);
        assert_eq!(index.rows(2), [0, 2]);
        assert_eq!(index.counts().as_slice(), [3, 0, 2, 0]);
        assert!((index.counts().imbalance_ratio() - 1.5).abs() < 1e-15);
    }

    #[test]
    fn a_label_out_of_range_is_named() {
        assert_eq!(
            ClassIndex::new(&[0, 1, 3], 3).unwrap_err(),
            CoreError::LabelOutOfRange {
                what: LABEL,
                row: 2,
                label: 3,
                n_classes: 3
            }
        );
        assert_eq!(
            ClassIndex::new(&[0; 0], 2).unwrap_err(),
            CoreError::NoRows { n_classes: 2 }
        );
        assert_eq!(
            ClassIndex::new(&[0; 0], 0).unwrap_err(),
            CoreError::NoClasses
        );
        for counts in [vec![u32::MAX as usize, 1], vec![usize::MAX, 2]] {
            assert!(matches!(
                ClassCounts::new(counts),
                Err(CoreError::TooManyRows { .. })
            ));
        }
    }
}
