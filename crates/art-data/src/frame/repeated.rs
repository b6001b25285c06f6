//! Rows that stand in a table more than once.

use super::{LabelledFrame, Values};
use crate::split::SplitRows;
use std::{
    collections::HashSet,
    hash::{DefaultHasher, Hash, Hasher},
};

/// Rows of a table that repeat or contradict others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct RepeatedRows {
    /// Rows with the features and the class of an earlier one.
    pub duplicates: usize,
    /// Rows with the features of a row of another class.
    pub contradictions: usize,
}

impl LabelledFrame {
    /// How many rows repeat or contradict others, by their features alone.
    pub fn repeated_rows(&self) -> RepeatedRows {
        let mut rows = self.row_hashes();
        rows.sort_unstable();
        let mut repeated = RepeatedRows::default();
        for equal in rows.chunk_by(|a, b| a.0 == b.0) {
            let labels = equal.chunk_by(|a, b| a.1 == b.1);
            let sizes: Vec<usize> = labels.map(<[_]>::len).collect();
            repeated.duplicates += sizes.iter().map(|n| n - 1).sum::<usize>();
            if sizes.len() > 1 {
                repeated.contradictions += equal.len();
            }
        }
        repeated
    }

    /// For each division, how many of its test rows have the features and the class of one of its training rows.
    pub fn test_rows_in_training(&self, divisions: &[SplitRows]) -> Vec<usize> {
        let rows = self.row_hashes();
        let of = |division: &SplitRows| {
            let trained = division.train.iter().map(|&row| rows[row as usize]);
            let trained: HashSet<(u64, u32)> = trained.collect();
            let tested = division.test.iter();
            tested
                .filter(|&&row| trained.contains(&rows[row as usize]))
                .count()
        };
        divisions.iter().map(of).collect()
    }

    /// A hash of the features of each row, with its class.
    fn row_hashes(&self) -> Vec<(u64, u32)> {
        let mut hashers = vec![DefaultHasher::new(); self.frame().n_rows()];
        for column in self.feature_columns() {
            match &column.values {
                Values::Numbers(numbers) => {
                    let bits = numbers
                        .iter()
                        .map(|x| if *x == 0.0 { 0 } else { x.to_bits() });
                    bits.zip(&mut hashers)
                        .for_each(|(bits, hasher)| bits.hash(hasher));
                }
                Values::Words { codes, .. } => {
                    let codes = codes.iter().zip(&mut hashers);
                    codes.for_each(|(code, hasher)| code.hash(hasher));
                }
            }
        }
        let finished = hashers.iter().map(Hasher::finish);
        finished.zip(self.labels().iter().copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::Frame;
    use ndarray::array;

    #[test]
    fn repeated_and_contradicting_rows_are_counted_and_found_in_training() {
        let numbers = array![
            [1.0],
            [1.0],
            [1.0],
            [2.0],
            [f32::NAN],
            [f32::NAN],
            [-0.0],
            [0.0]
        ];
        let frame = Frame::of_numbers(numbers.view(), &["x".into()]);
        let names = vec!["a".into(), "b".into()];
        let labels = vec![0, 1, 1, 0, 1, 1, 0, 0];
        let table = LabelledFrame::of_classes(frame, labels, names).unwrap();
        let expected = RepeatedRows {
            duplicates: 3,
            contradictions: 3,
        };
        assert_eq!(table.repeated_rows(), expected);
        let division = |train: &[u32], test: &[u32]| SplitRows {
            train: train.to_vec(),
            valid: vec![],
            test: test.to_vec(),
        };
        let divisions = [division(&[0, 1, 4], &[2, 3, 5]), division(&[0, 7], &[1, 6])];
        assert_eq!(table.test_rows_in_training(&divisions), [2, 1]);
    }
}
