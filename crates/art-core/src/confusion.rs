//! Counts of (truth, prediction) pairs.

use crate::CoreError;

/// A K × K matrix of counts: rows are truth, columns are predictions.
///
/// Matrices of disjoint parts of a set add up ([`merge`](Self::merge)), so shards and workers need
/// no padding and no order.
///
/// ```
/// use art_core::ConfusionMatrix;
/// let m = ConfusionMatrix::from_labels(2, &[0, 0, 1, 1], &[0, 1, 1, 1])?;
/// assert_eq!(m.per_class_f1(), [2.0 / 3.0, 0.8]);
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize))]
#[cfg_attr(feature = "serde", serde(into = "Vec<Vec<u64>>"))]
pub struct ConfusionMatrix {
    n_classes: usize,
    counts: Vec<u64>,
}

impl ConfusionMatrix {
    /// An empty matrix over `n_classes` declared classes.
    ///
    /// # Errors
    /// [`CoreError::NoClasses`] when `n_classes` is 0.
    pub fn new(n_classes: usize) -> Result<Self, CoreError> {
        if n_classes == 0 {
            return Err(CoreError::NoClasses);
        }
        Ok(Self {
            n_classes,
            counts: vec![0; n_classes * n_classes],
        })
    }

    /// The matrix with these rows (one a true class).
    ///
    /// # Errors
    /// [`CoreError::NoClasses`], or [`CoreError::Length`] when it is not square.
    pub fn from_rows(rows: &[Vec<u64>]) -> Result<Self, CoreError> {
        let mut matrix = Self::new(rows.len())?;
        for (row, slots) in rows.iter().zip(matrix.counts.chunks_mut(rows.len())) {
            if row.len() != slots.len() {
                return Err(CoreError::Length {
                    what: "confusion row",
                    expected: slots.len(),
                    found: row.len(),
                });
            }
            slots.copy_from_slice(row);
        }
        Ok(matrix)
    }

    /// The matrix of paired labels.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the lists differ in length, or [`CoreError::LabelOutOfRange`].
    pub fn from_labels(
        n_classes: usize,
        truth: &[u32],
        predicted: &[u32],
    ) -> Result<Self, CoreError> {
        if truth.len() != predicted.len() {
            return Err(CoreError::Length {
                what: "predicted labels",
                expected: truth.len(),
                found: predicted.len(),
            });
        }
        let mut matrix = Self::new(n_classes)?;
        for (row, (&t, &p)) in truth.iter().zip(predicted).enumerate() {
            for label in [t, p] {
                if label as usize >= n_classes {
                    return Err(CoreError::LabelOutOfRange {
                        row,
                        label,
                        n_classes,
                    });
                }
            }
            matrix.counts[t as usize * n_classes + p as usize] += 1;
        }
        Ok(matrix)
    }

    /// Counts one row.
    ///
    /// # Errors
    /// [`CoreError::LabelOutOfRange`]; its `row` is the number of rows counted so far.
    pub fn record(&mut self, truth: u32, predicted: u32) -> Result<(), CoreError> {
        let n_classes = self.n_classes;
        for label in [truth, predicted] {
            if label as usize >= n_classes {
                return Err(CoreError::LabelOutOfRange {
                    row: self.total() as usize,
                    label,
                    n_classes,
                });
            }
        }
        self.counts[truth as usize * n_classes + predicted as usize] += 1;
        Ok(())
    }

    /// Adds the counts of another part of the same set.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the other declares another number of classes.
    pub fn merge(&mut self, other: &Self) -> Result<(), CoreError> {
        if other.n_classes != self.n_classes {
            return Err(CoreError::Length {
                what: "classes of the merged matrix",
                expected: self.n_classes,
                found: other.n_classes,
            });
        }
        for (count, more) in self.counts.iter_mut().zip(&other.counts) {
            *count += more;
        }
        Ok(())
    }

    /// Declared number of classes K.
    pub fn n_classes(&self) -> usize {
        self.n_classes
    }

    /// Rows of class `truth` that were predicted as `predicted`.
    ///
    /// # Panics
    /// If a class is not declared.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        assert!(
            predicted < self.n_classes,
            "class {predicted} is not declared"
        );
        self.counts[truth * self.n_classes + predicted]
    }

    /// The rows, one a true class.
    pub fn rows(&self) -> impl Iterator<Item = &[u64]> {
        self.counts.chunks(self.n_classes)
    }

    /// All rows counted.
    pub fn total(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Rows whose truth is `class`.
    pub fn support(&self, class: usize) -> u64 {
        (0..self.n_classes).map(|p| self.count(class, p)).sum()
    }

    /// Rows that were predicted as `class`.
    pub fn predicted(&self, class: usize) -> u64 {
        (0..self.n_classes).map(|t| self.count(t, class)).sum()
    }
}

impl From<ConfusionMatrix> for Vec<Vec<u64>> {
    fn from(matrix: ConfusionMatrix) -> Self {
        matrix.rows().map(<[u64]>::to_vec).collect()
    }
}

#[cfg(feature = "serde")]
impl<'de> serde::Deserialize<'de> for ConfusionMatrix {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let rows = Vec::<Vec<u64>>::deserialize(deserializer)?;
        Self::from_rows(&rows).map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_merge_to_the_whole() {
        let (truth, predicted) = ([0, 1, 2, 2, 1, 0], [0, 2, 2, 1, 1, 1]);
        let whole = ConfusionMatrix::from_labels(3, &truth, &predicted).unwrap();
        let mut merged = ConfusionMatrix::new(3).unwrap();
        for part in [0..1, 1..4, 4..6] {
            let part =
                ConfusionMatrix::from_labels(3, &truth[part.clone()], &predicted[part]).unwrap();
            merged.merge(&part).unwrap();
        }
        assert_eq!(merged, whole);

        let mut recorded = ConfusionMatrix::new(3).unwrap();
        for (t, p) in truth.into_iter().zip(predicted) {
            recorded.record(t, p).unwrap();
        }
        assert_eq!(recorded, whole);
    }

    #[test]
    fn wrong_shapes_and_labels_are_refused() {
        assert!(ConfusionMatrix::new(0).is_err());
        assert!(ConfusionMatrix::from_rows(&[vec![1, 2], vec![3]]).is_err());
        assert!(ConfusionMatrix::from_labels(2, &[0], &[0, 1]).is_err());
        let mut m = ConfusionMatrix::new(2).unwrap();
        assert_eq!(
            m.record(0, 2).unwrap_err(),
            CoreError::LabelOutOfRange {
                row: 0,
                label: 2,
                n_classes: 2
            }
        );
        assert!(m.merge(&ConfusionMatrix::new(3).unwrap()).is_err());
    }
}
