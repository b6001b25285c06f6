//! Which rows train, which steer, which judge: a stratified split with exact counts.

use crate::{dataset::Dataset, error::DataError};
use art_core::{ClassIndex, ParamError, Seed, apportion::largest_remainder};

/// What to do with a class of fewer than three rows, which cannot be in all three parts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum UnsplittableClass {
    /// Refuse the split.
    #[default]
    Refuse,
    /// Two rows go to training and test, a single row to training.
    Allow,
}

/// Shares of a split, not yet checked.
#[derive(Clone, Debug)]
#[must_use]
pub struct SplitParams {
    valid_share: f64,
    test_share: f64,
    rare_classes: UnsplittableClass,
}

impl Default for SplitParams {
    fn default() -> Self {
        Self::new()
    }
}

impl SplitParams {
    /// 70 % training, 15 % validation, 15 % test; classes of fewer than three rows are refused.
    pub fn new() -> Self {
        Self {
            valid_share: 0.15,
            test_share: 0.15,
            rare_classes: UnsplittableClass::Refuse,
        }
    }

    /// Share of validation rows, above 0.
    pub fn valid_share(mut self, share: f64) -> Self {
        self.valid_share = share;
        self
    }

    /// Share of test rows, above 0; or 0 for training and validation rows alone, which is for a final model
    /// and no comparison.
    pub fn test_share(mut self, share: f64) -> Self {
        self.test_share = share;
        self
    }

    /// What to do with classes of fewer than three rows.
    pub fn rare_classes(mut self, policy: UnsplittableClass) -> Self {
        self.rare_classes = policy;
        self
    }

    /// The checked shares.
    ///
    /// # Errors
    /// [`ParamError`] when a share is not above 0 or nothing is left to train on.
    pub fn check(self) -> Result<SplitConfig, ParamError> {
        for (field, share) in [
            ("valid_share", self.valid_share),
            ("test_share", self.test_share),
        ] {
            let may_be_none = field == "test_share" && share == 0.0;
            if !(may_be_none || share > 0.0 && share < 1.0) {
                return Err(ParamError::new(field, share, "a share between 0 and 1"));
            }
        }
        let held_out = self.valid_share + self.test_share;
        if held_out >= 1.0 {
            let expected = "less than 1, so that rows are left to train on";
            return Err(ParamError::new(
                "valid_share + test_share",
                held_out,
                expected,
            ));
        }
        Ok(SplitConfig { params: self })
    }
}

/// Shares of a split that are known to be valid; made by [`SplitParams::check`].
#[derive(Clone, Debug)]
pub struct SplitConfig {
    params: SplitParams,
}

impl Default for SplitConfig {
    fn default() -> Self {
        SplitParams::new().check().expect("the defaults are valid")
    }
}

/// The rows of each part, ascending.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SplitRows {
    /// Training rows.
    pub train: Vec<u32>,
    /// Validation rows.
    pub valid: Vec<u32>,
    /// Test rows.
    pub test: Vec<u32>,
}

impl SplitRows {
    /// Training and validation rows, ascending: what cross-fitting trains on.
    pub fn trained_in_folds(&self) -> Vec<u32> {
        let mut rows = [&self.train[..], &self.valid].concat();
        rows.sort_unstable();
        rows
    }

    /// Makes sure that every row is one of `n_rows` and in one part alone, once.
    pub(crate) fn check_apart(&self, n_rows: usize) -> Result<(), DataError> {
        let mut part_of: Vec<Option<&'static str>> = vec![None; n_rows];
        let parts = [
            ("training", &self.train),
            ("validation", &self.valid),
            ("test", &self.test),
        ];
        for (part, rows) in parts {
            for row in rows.iter().map(|&row| row as usize) {
                let place = part_of.get_mut(row);
                let place = place.ok_or(DataError::RowOutOfRange { row, n_rows })?;
                if let Some(first) = place.replace(part) {
                    let second = part;
                    return Err(DataError::RowInTwoParts { row, first, second });
                }
            }
        }
        Ok(())
    }
}

/// What rows that were resampled must not be.
pub(crate) const SPLIT: &str = "a table to split";

const TRAIN: usize = 0;
const VALID: usize = 1;
const TEST: usize = 2;

impl SplitConfig {
    /// The rows of each part, a pure function of (labels, shares, seed).
    ///
    /// Part sizes are the proportions of N, rounded half to even; class counts inside a part follow
    /// by largest remainder; a class of at least three rows is then given a row in every part, for
    /// which another class gives one back, so that part sizes stay. Where no class of the part has a
    /// row to spare (a part smaller than the number of classes) the part grows.
    /// Which rows of class c go where comes from the stream (`split`, c).
    ///
    /// # Errors
    /// [`DataError::SmallClasses`] under [`UnsplittableClass::Refuse`], for classes that have rows but
    /// fewer than parts; [`DataError::Length`] when a part would have no row; [`DataError::Resampled`] for rows that a
    /// resampler made.
    pub fn rows(&self, data: &Dataset, seed: Seed) -> Result<SplitRows, DataError> {
        data.check_collected(SPLIT)?;
        self.rows_of(&data.class_index()?, data.class_names(), seed)
    }

    /// As [`rows`](Self::rows), from the classes of the rows alone.
    ///
    /// # Errors
    /// As [`rows`](Self::rows).
    pub fn rows_of(
        &self,
        index: &ClassIndex,
        class_names: &[String],
        seed: Seed,
    ) -> Result<SplitRows, DataError> {
        let counts = index.counts().as_slice();
        let needed = self.rows_needed();
        let purpose = if self.wants_test() {
            "a split into training, validation and test"
        } else {
            "a split into training and validation"
        };
        if self.params.rare_classes == UnsplittableClass::Refuse {
            let small = class_names.iter().zip(counts);
            let small = small.filter(|(_, n)| (1..needed).contains(*n));
            let classes: Vec<_> = small.map(|(name, n)| (name.clone(), *n)).collect();
            if !classes.is_empty() {
                let n_others = counts.iter().filter(|&&n| n >= needed).count();
                return Err(DataError::SmallClasses {
                    classes,
                    needed,
                    n_others,
                    purpose,
                });
            }
        }
        let parts = self.class_counts(counts)?;
        let mut rows = SplitRows {
            train: vec![],
            valid: vec![],
            test: vec![],
        };
        for (class, (&n_test, &n_valid)) in parts[TEST].iter().zip(&parts[VALID]).enumerate() {
            let mut members = index.rows(class).to_vec();
            seed.stream("split", class as u64).shuffle(&mut members);
            let (test, rest) = members.split_at(n_test);
            let (valid, train) = rest.split_at(n_valid);
            rows.test.extend_from_slice(test);
            rows.valid.extend_from_slice(valid);
            rows.train.extend_from_slice(train);
        }
        for part in [&mut rows.train, &mut rows.valid, &mut rows.test] {
            part.sort_unstable();
        }
        Ok(rows)
    }

    /// Rows that a class needs to have one in every part.
    pub fn rows_needed(&self) -> usize {
        if self.wants_test() { 3 } else { 2 }
    }

    /// Shares of training, validation and test rows.
    pub(crate) fn shares(&self) -> [f64; 3] {
        let SplitParams {
            valid_share: valid,
            test_share: test,
            ..
        } = self.params;
        [1.0 - valid - test, valid, test]
    }

    /// Whether there is a test part.
    pub(crate) fn wants_test(&self) -> bool {
        self.params.test_share > 0.0
    }

    /// Rows of each class in each part.
    fn class_counts(&self, counts: &[usize]) -> Result<[Vec<usize>; 3], DataError> {
        let n: usize = counts.iter().sum();
        let size = |share: f64| (share * n as f64).round_ties_even() as usize;
        let (n_valid, n_test) = (size(self.params.valid_share), size(self.params.test_share));
        let wants_test = self.wants_test();
        if n_valid == 0 || (wants_test && n_test == 0) || n_valid + n_test >= n {
            let enough = |n: &usize| {
                let size = |share: f64| (share * *n as f64).round_ties_even() as usize;
                let (valid, test) = (size(self.params.valid_share), size(self.params.test_share));
                valid > 0 && (test > 0 || !wants_test) && valid + test < *n
            };
            return Err(DataError::Length {
                what: "rows to split into parts that each have one",
                expected: (3..1_000_000).find(enough).unwrap_or(usize::MAX),
                found: n,
            });
        }
        let share_of = |total: usize, of: usize, n_c: usize| total as f64 * n_c as f64 / of as f64;
        let test_targets: Vec<f64> = counts.iter().map(|&c| share_of(n_test, n, c)).collect();
        let test = largest_remainder(&test_targets)?;
        let left: Vec<usize> = counts.iter().zip(&test).map(|(c, t)| c - t).collect();
        let valid_targets: Vec<f64> = left
            .iter()
            .map(|&c| share_of(n_valid, n - n_test, c))
            .collect();
        let valid = largest_remainder(&valid_targets)?;
        let train = left.iter().zip(&valid).map(|(l, v)| l - v).collect();
        let mut parts = Parts {
            targets: [n - n_valid - n_test, n_valid, n_test]
                .map(|size| counts.iter().map(|&c| share_of(size, n, c)).collect()),
            counts: [train, valid, test],
        };
        for (class, &n_c) in counts.iter().enumerate() {
            parts.repair(class, n_c, wants_test);
        }
        Ok(parts.counts)
    }
}

/// Class counts of the three parts, and what they would be in proportion.
struct Parts {
    counts: [Vec<usize>; 3],
    targets: [Vec<f64>; 3],
}

impl Parts {
    /// Gives `class` the rows that the smallest classes are promised.
    fn repair(&mut self, class: usize, n_c: usize, wants_test: bool) {
        let least = match (n_c, wants_test) {
            (0, _) => return,
            (1, _) => [1, 0, 0],
            (2, true) => [1, 0, 1],
            (_, true) => [1, 1, 1],
            (_, false) => [1, 1, 0],
        };
        for part in [TEST, VALID, TRAIN] {
            while self.counts[part][class] < least[part] {
                let from = (0..3)
                    .filter(|&other| self.counts[other][class] > least[other])
                    .min_by_key(|&other| std::cmp::Reverse(self.counts[other][class]))
                    .expect("a class has as many rows as its parts are promised");
                self.move_row(class, from, part);
            }
        }
    }

    /// Moves one row of `class`, and one of the class that `to` has most too many of back.
    fn move_row(&mut self, class: usize, from: usize, to: usize) {
        self.counts[from][class] -= 1;
        self.counts[to][class] += 1;
        let surplus = |other: &usize| self.counts[to][*other] as f64 - self.targets[to][*other];
        let others = (0..self.counts[to].len()).filter(|&other| other != class);
        let givers = others.filter(|&other| self.counts[to][other] > 1);
        let giver = givers.max_by(|a, b| surplus(a).total_cmp(&surplus(b)).then(b.cmp(a)));
        if let Some(giver) = giver {
            self.counts[to][giver] -= 1;
            self.counts[from][giver] += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Split;
    use ndarray::Array2;
    use proptest::prelude::*;

    fn table(counts: &[usize]) -> Dataset {
        let labels: Vec<u32> = counts
            .iter()
            .zip(0..)
            .flat_map(|(&n, class)| vec![class; n])
            .collect();
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        Dataset::new(
            Array2::zeros((labels.len(), 1)),
            labels,
            names(1),
            names(counts.len()),
        )
        .unwrap()
    }

    fn class_counts(data: &Dataset, rows: &[u32]) -> Vec<usize> {
        data.select(rows)
            .unwrap()
            .class_counts()
            .as_slice()
            .to_vec()
    }

    #[test]
    fn counts_match_the_specification() {
        let mnist = [1500, 899, 539, 323, 193, 116, 69, 41, 25, 15];
        let yeast = [463, 429, 244, 163, 51, 44, 35, 30, 20];
        let wine = [10, 53, 681, 638, 199, 18];
        let expected: [(&[usize], [&[usize]; 3]); 4] = [
            (&[500, 268], [&[350, 188], &[75, 40], &[75, 40]]),
            (
                &yeast,
                [
                    &[324, 301, 170, 114, 35, 31, 25, 21, 14],
                    &[70, 64, 37, 25, 8, 6, 5, 4, 3],
                    &[69, 64, 37, 24, 8, 7, 5, 5, 3],
                ],
            ),
            (
                &wine,
                [
                    &[8, 37, 477, 446, 139, 12],
                    &[1, 8, 102, 96, 30, 3],
                    &[1, 8, 102, 96, 30, 3],
                ],
            ),
            (
                &mnist,
                [
                    &[1050, 629, 377, 226, 135, 81, 49, 29, 17, 11],
                    &[225, 135, 81, 48, 29, 18, 10, 6, 4, 2],
                    &[225, 135, 81, 49, 29, 17, 10, 6, 4, 2],
                ],
            ),
        ];
        for (counts, [train, valid, test]) in expected {
            let data = table(counts);
            let rows = SplitConfig::default().rows(&data, Seed::new(1834)).unwrap();
            assert_eq!(class_counts(&data, &rows.train), train);
            assert_eq!(class_counts(&data, &rows.valid), valid);
            assert_eq!(class_counts(&data, &rows.test), test);
        }
    }

    #[test]
    fn a_class_of_two_rows_is_refused_or_goes_to_training_and_test() {
        let data = table(&[40, 2, 1]);
        let error = SplitConfig::default()
            .rows(&data, Seed::new(1))
            .unwrap_err();
        assert!(
            error
                .to_string()
                .starts_with("the classes \"1\" (2 rows), \"2\" (1 row) have"),
            "{error}"
        );
        let config = SplitParams::new()
            .rare_classes(UnsplittableClass::Allow)
            .check()
            .unwrap();
        let rows = config.rows(&data, Seed::new(1)).unwrap();
        assert_eq!(class_counts(&data, &rows.train)[1..], [1, 1]);
        assert_eq!(class_counts(&data, &rows.valid)[1..], [0, 0]);
        assert_eq!(class_counts(&data, &rows.test)[1..], [1, 0]);
    }

    #[test]
    fn two_parts_need_two_rows_of_a_class() {
        let config = SplitParams::new().test_share(0.0).check().unwrap();
        let data = table(&[40, 2]);
        let rows = config.rows(&data, Seed::new(1)).unwrap();
        assert_eq!(class_counts(&data, &rows.train)[1], 1);
        assert_eq!(class_counts(&data, &rows.valid)[1], 1);
        let error = config.rows(&table(&[40, 1]), Seed::new(1)).unwrap_err();
        let expected = "the class \"1\" (1 row) has too few rows for a split into training and validation, which needs at least 2 of each";
        assert_eq!(error.to_string(), expected);
    }

    #[test]
    fn a_row_in_two_parts_is_refused() {
        let data = table(&[5, 5]);
        let rows = |test: Vec<u32>| SplitRows {
            train: vec![0, 5, 6],
            valid: vec![1, 7],
            test,
        };
        assert!(Split::from_rows(&data, &rows(vec![2, 8])).is_ok());
        let error = Split::from_rows(&data, &rows(vec![2, 7])).unwrap_err();
        let found = error.to_string();
        assert!(
            found.starts_with("row 7 is in the validation part and again in the test part"),
            "{found}"
        );
        assert!(matches!(
            Split::from_rows(&data, &rows(vec![10])),
            Err(DataError::RowOutOfRange {
                row: 10,
                n_rows: 10
            })
        ));
    }

    #[test]
    fn too_few_rows_and_bad_shares_are_refused() {
        assert!(
            SplitConfig::default()
                .rows(&table(&[3, 0]), Seed::new(1))
                .is_err()
        );
        for (valid, test) in [(0.0, 0.1), (0.1, 1.0), (0.5, 0.5), (f64::NAN, 0.1)] {
            assert!(
                SplitParams::new()
                    .valid_share(valid)
                    .test_share(test)
                    .check()
                    .is_err()
            );
        }
    }

    proptest! {
        #[test]
        fn parts_are_disjoint_exhaustive_and_hold_every_class(
            counts in proptest::collection::vec(3_usize..80, 2..8), seed: u64,
        ) {
            let data = table(&counts);
            prop_assume!(data.n_rows() >= 8 * counts.len());
            let rows = SplitConfig::default().rows(&data, Seed::new(seed)).unwrap();
            let mut all = [rows.train.clone(), rows.valid.clone(), rows.test.clone()].concat();
            all.sort_unstable();
            prop_assert_eq!(all, (0..data.n_rows() as u32).collect::<Vec<_>>());
            let size = (0.15 * data.n_rows() as f64).round_ties_even() as usize;
            prop_assert_eq!((rows.valid.len(), rows.test.len()), (size, size));
            for part in [&rows.train, &rows.valid, &rows.test] {
                prop_assert!(class_counts(&data, part).iter().all(|&n| n > 0));
            }
        }
    }
}
