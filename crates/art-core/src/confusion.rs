//! Counts of (truth, prediction) pairs.

use crate::{
    error::CoreError,
    label::{LABEL, Label, PREDICTION, class_of},
};
use std::collections::BTreeMap;

/// A K × K matrix of counts: rows are truth, columns are predictions.
///
/// Only pairs that occurred take memory: of a thousand classes that is far less than the million that there could be.
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
pub struct ConfusionMatrix {
    /// Pairs of truth and prediction that occurred, and how often.
    counts: BTreeMap<(u32, u32), u64>,
    /// Rows of each true class.
    supports: Vec<u64>,
    /// Rows of each predicted class.
    predicted: Vec<u64>,
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
            counts: BTreeMap::new(),
            supports: vec![0; n_classes],
            predicted: vec![0; n_classes],
        })
    }

    /// The matrix with these rows (one a true class).
    ///
    /// # Errors
    /// [`CoreError::NoClasses`], or [`CoreError::Length`] when it is not square.
    pub fn from_rows(rows: &[Vec<u64>]) -> Result<Self, CoreError> {
        let mut matrix = Self::new(rows.len())?;
        for (truth, row) in (0..).zip(rows) {
            if row.len() != rows.len() {
                return Err(CoreError::Length {
                    what: "confusion row",
                    expected: rows.len(),
                    found: row.len(),
                });
            }
            for (predicted, &n) in (0..).zip(row) {
                matrix.add(truth, predicted, n);
            }
        }
        Ok(matrix)
    }

    /// The matrix with these pairs of truth and prediction, and how often each occurred: what [`pairs`](Self::pairs) gives. A
    /// pair that comes several times adds up.
    ///
    /// ```
    /// use art_core::ConfusionMatrix;
    /// let here = ConfusionMatrix::from_labels(1000, &[7, 7, 999], &[7, 3, 999])?;
    /// let sent: Vec<_> = here.pairs().collect();
    /// assert_eq!(ConfusionMatrix::from_pairs(1000, sent)?, here);
    /// # Ok::<(), art_core::CoreError>(())
    /// ```
    ///
    /// # Errors
    /// [`CoreError::NoClasses`], or [`CoreError::LabelOutOfRange`], whose `row` is the place of the pair.
    pub fn from_pairs(
        n_classes: usize,
        pairs: impl IntoIterator<Item = (usize, usize, u64)>,
    ) -> Result<Self, CoreError> {
        let mut matrix = Self::new(n_classes)?;
        for (place, (truth, predicted, n)) in pairs.into_iter().enumerate() {
            let truth = class_of(truth, LABEL, || place, n_classes)?;
            let predicted = class_of(predicted, PREDICTION, || place, n_classes)?;
            matrix.add(truth as u32, predicted as u32, n);
        }
        Ok(matrix)
    }

    /// The matrix of paired labels.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the lists differ in length, or [`CoreError::LabelOutOfRange`].
    pub fn from_labels<T: Label, P: Label>(
        n_classes: usize,
        truth: &[T],
        predicted: &[P],
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
            let truth = class_of(t, LABEL, || row, n_classes)?;
            let predicted = class_of(p, PREDICTION, || row, n_classes)?;
            matrix.add(truth as u32, predicted as u32, 1);
        }
        Ok(matrix)
    }

    /// Counts one row.
    ///
    /// # Errors
    /// [`CoreError::LabelOutOfRange`]; its `row` is the number of rows counted so far.
    pub fn record(&mut self, truth: u32, predicted: u32) -> Result<(), CoreError> {
        for (label, what) in [(truth, LABEL), (predicted, PREDICTION)] {
            class_of(label, what, || self.total() as usize, self.n_classes())?;
        }
        self.add(truth, predicted, 1);
        Ok(())
    }

    /// Counts `n` rows of declared classes. What a file may say, beyond what can be counted, stays at the largest number.
    fn add(&mut self, truth: u32, predicted: u32, n: u64) {
        if n == 0 {
            return;
        }
        let count = self.counts.entry((truth, predicted)).or_default();
        let support = &mut self.supports[truth as usize];
        let predicted = &mut self.predicted[predicted as usize];
        for sum in [count, support, predicted] {
            *sum = sum.saturating_add(n);
        }
    }

    /// Adds the counts of another part of the same set.
    ///
    /// # Errors
    /// [`CoreError::Length`] when the other declares another number of classes.
    pub fn merge(&mut self, other: &Self) -> Result<(), CoreError> {
        if other.n_classes() != self.n_classes() {
            return Err(CoreError::Length {
                what: "classes of the merged matrix",
                expected: self.n_classes(),
                found: other.n_classes(),
            });
        }
        for (&(truth, predicted), &n) in &other.counts {
            self.add(truth, predicted, n);
        }
        Ok(())
    }

    /// Declared number of classes K.
    pub fn n_classes(&self) -> usize {
        self.supports.len()
    }

    /// Rows of class `truth` that were predicted as `predicted`.
    ///
    /// # Panics
    /// If a class is not declared.
    pub fn count(&self, truth: usize, predicted: usize) -> u64 {
        for class in [truth, predicted] {
            assert!(class < self.n_classes(), "class {class} is not declared");
        }
        let pair = (truth as u32, predicted as u32);
        self.counts.get(&pair).copied().unwrap_or(0)
    }

    /// The rows, one a true class.
    pub fn rows(&self) -> impl ExactSizeIterator<Item = Vec<u64>> {
        (0..self.n_classes()).map(|truth| {
            let mut row = vec![0; self.n_classes()];
            let truth = truth as u32;
            for (&(_, predicted), &n) in self.counts.range((truth, 0)..=(truth, u32::MAX)) {
                row[predicted as usize] = n;
            }
            row
        })
    }

    /// The pairs of truth and prediction that occurred, row by row, and how often each did.
    pub fn pairs(&self) -> impl Iterator<Item = (usize, usize, u64)> {
        let pairs = self.counts.iter();
        pairs.map(|(&(truth, predicted), &n)| (truth as usize, predicted as usize, n))
    }

    /// All rows counted.
    pub fn total(&self) -> u64 {
        self.supports
            .iter()
            .fold(0, |sum, n| sum.saturating_add(*n))
    }

    /// Rows whose truth is `class`.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn support(&self, class: usize) -> u64 {
        self.supports[class]
    }

    /// Rows that were predicted as `class`.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn predicted(&self, class: usize) -> u64 {
        self.predicted[class]
    }
}

impl From<ConfusionMatrix> for Vec<Vec<u64>> {
    fn from(matrix: ConfusionMatrix) -> Self {
        matrix.rows().collect()
    }
}

#[cfg(feature = "serde")]
impl serde::Serialize for ConfusionMatrix {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.rows())
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
        let rows = [vec![1, 1, 0], vec![0, 1, 1], vec![0, 1, 1]];
        assert_eq!(whole.rows().collect::<Vec<_>>(), rows);
        assert_eq!(ConfusionMatrix::from_rows(&rows).unwrap(), whole);
        let pairs = [
            (0, 0, 1),
            (0, 1, 1),
            (1, 1, 1),
            (1, 2, 1),
            (2, 1, 1),
            (2, 2, 1),
        ];
        assert_eq!(whole.pairs().collect::<Vec<_>>(), pairs);
        for class in 0..3 {
            let column = whole.rows().map(|row| row[class]).sum::<u64>();
            assert_eq!(whole.predicted(class), column);
            assert_eq!(whole.support(class), 2);
        }
    }

    #[test]
    fn counts_beyond_the_largest_number_stay_at_it() {
        let m = ConfusionMatrix::from_rows(&[vec![u64::MAX, 1], vec![1, u64::MAX]]).unwrap();
        assert_eq!((m.total(), m.support(0)), (u64::MAX, u64::MAX));
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
                what: PREDICTION,
                row: 0,
                label: 2,
                n_classes: 2
            }
        );
        assert!(m.merge(&ConfusionMatrix::new(3).unwrap()).is_err());
    }
}
