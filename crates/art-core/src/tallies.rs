//! What is known of each class against all others.

use crate::{confusion::ConfusionMatrix, error::CoreError, saved::SavedList};

/// True positives, false negatives and false positives of each class; fractions where several results are pooled.
///
/// ```
/// use art_core::ConfusionMatrix;
/// let m = ConfusionMatrix::from_labels(2, &[0, 0, 1, 1], &[0, 1, 1, 1])?;
/// let tallies = m.tallies();
/// assert_eq!((tallies.true_positives(1), tallies.false_positives(1)), (2.0, 1.0));
/// assert_eq!(tallies.f1(), m.per_class_f1());
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Tallies {
    true_positives: Vec<f64>,
    false_negatives: Vec<f64>,
    false_positives: Vec<f64>,
}

impl ConfusionMatrix {
    /// Each class against all others.
    pub fn tallies(&self) -> Tallies {
        self.tallies_standing_for(&vec![1.0; self.n_classes()])
    }

    /// Each class against all others, where every counted row of class c stands for `rows[c]` rows.
    ///
    /// # Panics
    /// If there is not one number for each class.
    pub fn tallies_standing_for(&self, rows: &[f64]) -> Tallies {
        let mut tallies = Tallies::none(self.n_classes());
        for (truth, predicted, count) in self.pairs() {
            let count = count as f64 * rows[truth];
            if truth == predicted {
                tallies.true_positives[truth] += count;
            } else {
                tallies.false_negatives[truth] += count;
                tallies.false_positives[predicted] += count;
            }
        }
        tallies
    }
}

impl Tallies {
    /// Nothing counted yet of `n_classes` classes.
    pub fn none(n_classes: usize) -> Self {
        let zeros = || vec![0.0; n_classes];
        Self {
            true_positives: zeros(),
            false_negatives: zeros(),
            false_positives: zeros(),
        }
    }

    /// Adds `newer` to `memory` times what was counted so far; a memory of 0 forgets it.
    ///
    /// # Errors
    /// [`CoreError::Length`] when `newer` has another number of classes.
    pub fn pool(&mut self, memory: f64, newer: &Self) -> Result<(), CoreError> {
        if newer.n_classes() != self.n_classes() {
            return Err(CoreError::Length {
                what: "list of pooled classes",
                expected: self.n_classes(),
                found: newer.n_classes(),
            });
        }
        for (own, newer) in [
            (&mut self.true_positives, &newer.true_positives),
            (&mut self.false_negatives, &newer.false_negatives),
            (&mut self.false_positives, &newer.false_positives),
        ] {
            for (sum, &count) in own.iter_mut().zip(newer) {
                *sum = memory * *sum + count;
            }
        }
        Ok(())
    }

    /// Number of classes K.
    pub fn n_classes(&self) -> usize {
        self.true_positives.len()
    }

    /// Rows of the class that were recognised.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn true_positives(&self, class: usize) -> f64 {
        self.true_positives[class]
    }

    /// Rows of the class that were missed.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn false_negatives(&self, class: usize) -> f64 {
        self.false_negatives[class]
    }

    /// Rows of other classes that were taken for it.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn false_positives(&self, class: usize) -> f64 {
        self.false_positives[class]
    }

    /// Rows of the class.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn support(&self, class: usize) -> f64 {
        self.true_positives[class] + self.false_negatives[class]
    }

    /// Rows that belong to the class or were taken for it: TP + FN + FP.
    ///
    /// # Panics
    /// If the class is not declared.
    pub fn union(&self, class: usize) -> f64 {
        self.support(class) + self.false_positives[class]
    }

    /// 2 TP / (2 TP + FP + FN) of each class; 0 for 0/0.
    pub fn f1(&self) -> Vec<f64> {
        self.ratios(|c| {
            (
                2.0 * self.true_positives[c],
                self.true_positives[c] + self.union(c),
            )
        })
    }

    /// TP / (TP + FN) of each class; 0 for 0/0.
    pub fn recall(&self) -> Vec<f64> {
        self.ratios(|c| (self.true_positives[c], self.support(c)))
    }

    /// TP / (TP + FP) of each class; 0 for 0/0.
    pub fn precision(&self) -> Vec<f64> {
        self.ratios(|c| {
            let right = self.true_positives[c];
            (right, right + self.false_positives[c])
        })
    }

    fn ratios(&self, parts: impl Fn(usize) -> (f64, f64)) -> Vec<f64> {
        let ratio = |class| match parts(class) {
            (_, 0.0) => 0.0,
            (numerator, denominator) => numerator / denominator,
        };
        (0..self.n_classes()).map(ratio).collect()
    }

    /// The names of the three lists in what is saved.
    pub(crate) const NAMES: [&str; 3] = ["true_positives", "false_negatives", "false_positives"];

    /// The three lists under these names.
    pub(crate) fn save(&self, names: [&'static str; 3]) -> [(&'static str, Vec<f64>); 3] {
        let [right, missed, mistaken] = names;
        [
            (right, self.true_positives.clone()),
            (missed, self.false_negatives.clone()),
            (mistaken, self.false_positives.clone()),
        ]
    }

    /// From the three lists that were saved.
    pub(crate) fn load(lists: [SavedList<'_>; 3], n_classes: usize) -> Result<Self, CoreError> {
        let [right, missed, mistaken] = lists;
        let counts = |list: SavedList<'_>| {
            let counts = list.numbers_within(n_classes, 0.0..=f64::MAX)?;
            Ok::<_, CoreError>(counts.to_vec())
        };
        Ok(Self {
            true_positives: counts(right)?,
            false_negatives: counts(missed)?,
            false_positives: counts(mistaken)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ratios_are_those_of_the_matrix_to_the_bit() {
        let rows = [
            vec![4, 1, 1, 0],
            vec![1, 2, 0, 0],
            vec![1, 0, 0, 0],
            vec![0; 4],
        ];
        let matrix = ConfusionMatrix::from_rows(&rows).unwrap();
        let tallies = matrix.tallies();
        assert_eq!(tallies.f1(), matrix.per_class_f1());
        assert_eq!(tallies.recall(), matrix.per_class_recall());
        assert_eq!(tallies.precision(), matrix.per_class_precision());
        for class in 0..4 {
            assert_eq!(tallies.support(class), matrix.support(class) as f64);
        }
    }

    #[test]
    fn pooled_counts_fade_by_the_memory() {
        let of = |rows: [[u64; 2]; 2]| {
            let rows = rows.map(|row| row.to_vec());
            ConfusionMatrix::from_rows(&rows).unwrap().tallies()
        };
        let (first, second) = (of([[8, 2], [4, 4]]), of([[2, 0], [1, 1]]));
        let mut pooled = Tallies::none(2);
        pooled.pool(0.5, &first).unwrap();
        assert_eq!(pooled, first);
        pooled.pool(0.5, &second).unwrap();
        assert_eq!(pooled.true_positives(0), 6.0);
        assert_eq!(pooled.false_negatives(1), 3.0);
        assert_eq!(pooled.false_positives(1), 1.0);
        pooled.pool(0.0, &second).unwrap();
        assert_eq!(pooled, second);
        assert!(pooled.pool(0.5, &Tallies::none(3)).is_err());
    }
}
