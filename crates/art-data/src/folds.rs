//! Training rows in folds: each is held out once by a network that is trained on the others.

use crate::{
    dataset::Dataset,
    error::DataError,
    roles::{TestSet, TrainSet, ValidSet},
    split::{SPLIT, SplitRows},
    standardize::Standardizer,
};
use art_core::{ClassIndex, ParamError, Seed};

/// Which fold each training row is held out in.
///
/// No fold leaves a class without training rows: where a class has a single row, or all its rows are in a single group, they
/// are trained on in every fold and held out in none.
///
/// ```
/// use art_core::{ClassIndex, Seed};
/// use art_data::Folds;
/// let labels = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
/// let folds = Folds::stratified(&ClassIndex::new(&labels, 3)?, 3, Seed::new(1))?;
/// assert_eq!(folds.n_folds(), 3);
/// for fold in 0..3 {
///     let held_out = folds.held_out(fold);
///     assert_eq!(held_out.len(), 3);
///     assert_eq!(held_out.iter().filter(|&&row| labels[row as usize] == 1).count(), 1);
///     assert!(folds.trained_on(fold).contains(&9), "the only row of its class");
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Folds {
    n_folds: usize,
    /// The fold of each row; none for one that every fold trains on.
    of_row: Vec<Option<u32>>,
}

impl Folds {
    /// `n_folds` folds, each with its share of every class: the rows of a class, shuffled (stream `folds`, class), are dealt
    /// out in turn, and each class goes on where the one before ended. There are fewer folds where there are fewer rows.
    ///
    /// # Errors
    /// [`DataError::Param`] for fewer than two folds; [`DataError::Length`] where there are no two rows to hold out.
    pub fn stratified(index: &ClassIndex, n_folds: usize, seed: Seed) -> Result<Self, DataError> {
        let n_rows = index.counts().n_rows();
        let rows: Vec<u32> = (0..n_rows as u32).collect();
        Self::of_groups(&rows, index, n_folds, seed)
    }

    /// The same with rows of one group in one fold; `groups` has the group of each row. Groups, shuffled (stream `folds`, their
    /// rarest class), are dealt out from the rarest class to the most frequent one and inside a class from large to small.
    /// Each goes to the fold that has least of its classes.
    ///
    /// # Errors
    /// As [`stratified`](Self::stratified), of groups.
    ///
    /// # Panics
    /// If there is not one group for each row.
    pub fn of_groups(
        groups: &[u32],
        index: &ClassIndex,
        n_folds: usize,
        seed: Seed,
    ) -> Result<Self, DataError> {
        if n_folds < 2 {
            return Err(ParamError::new("folds", n_folds, "at least 2").into());
        }
        let dealer = Dealer::new(groups, index);
        let n_folds = n_folds.min(dealer.n_held_out());
        if n_folds < 2 {
            return Err(too_few(n_folds));
        }
        let mut of_group = dealer.deal(n_folds, seed);
        let n_folds = without_empty(&mut of_group, n_folds);
        if n_folds < 2 {
            return Err(too_few(n_folds));
        }
        let fold = |&group: &u32| of_group[group as usize];
        Ok(Self {
            n_folds,
            of_row: groups.iter().map(fold).collect(),
        })
    }

    /// Number of folds.
    pub fn n_folds(&self) -> usize {
        self.n_folds
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.of_row.len()
    }

    /// The rows that a fold holds out, ascending.
    pub fn held_out(&self, fold: usize) -> Vec<u32> {
        self.rows(|of_row| of_row == Some(fold as u32))
    }

    /// The rows that a fold trains on, ascending.
    pub fn trained_on(&self, fold: usize) -> Vec<u32> {
        self.rows(|of_row| of_row != Some(fold as u32))
    }

    /// Number of rows that no fold holds out.
    pub fn never_held_out(&self) -> usize {
        self.of_row.iter().filter(|fold| fold.is_none()).count()
    }

    fn rows(&self, wanted: impl Fn(Option<u32>) -> bool) -> Vec<u32> {
        let rows = (0..).zip(&self.of_row);
        let rows = rows.filter(|&(_, &fold)| wanted(fold));
        rows.map(|(row, _)| row).collect()
    }
}

/// A table divided into training rows, which are held out in turn, and test rows.
#[derive(Clone, Debug, PartialEq)]
pub struct FoldedSplit {
    /// Rows to learn from.
    pub train: TrainSet,
    /// The fold of each.
    pub folds: Folds,
    /// Rows to judge by.
    pub test: TestSet,
}

impl FoldedSplit {
    /// The rows of `data`: those of `rows` that train or steer, in folds, and those that test.
    ///
    /// # Errors
    /// As [`Split::from_rows`](crate::Split::from_rows) and [`Folds::stratified`].
    pub fn from_rows(
        data: &Dataset,
        rows: &SplitRows,
        n_folds: usize,
        seed: Seed,
    ) -> Result<Self, DataError> {
        data.check_collected(SPLIT)?;
        rows.check_apart(data.n_rows())?;
        let train = TrainSet::new(data.select(&rows.trained_in_folds())?);
        Ok(Self {
            folds: Folds::stratified(&train.data().class_index()?, n_folds, seed)?,
            test: TestSet::new(data.select(&rows.test)?)?,
            train,
        })
    }

    /// The same in z-scores of the training rows.
    ///
    /// # Errors
    /// As [`Standardizer::fit`].
    pub fn standardized(self) -> Result<Self, DataError> {
        let scaler = Standardizer::fit(&self.train)?;
        Ok(Self {
            train: self.train.scaled(scaler.transform(self.train.data())?),
            test: TestSet::new(scaler.transform(self.test.data())?)?,
            folds: self.folds,
        })
    }
}

impl TrainSet {
    /// What fold number `fold` trains on and what it holds out, which steers it.
    ///
    /// # Errors
    /// [`DataError::Length`] for folds of another number of rows; [`DataError::Resampled`] for rows that a resampler made.
    pub fn fold(&self, folds: &Folds, fold: usize) -> Result<(Self, ValidSet), DataError> {
        let data = self.data();
        if folds.n_rows() != data.n_rows() {
            return Err(DataError::Length {
                what: "rows of folds",
                expected: data.n_rows(),
                found: folds.n_rows(),
            });
        }
        let valid = ValidSet::new(data.select(&folds.held_out(fold))?)?;
        Ok((Self::new(data.select(&folds.trained_on(fold))?), valid))
    }
}

fn too_few(found: usize) -> DataError {
    DataError::Length {
        what: "rows, or groups of rows, to hold out in turn without leaving a class untrained",
        expected: 2,
        found,
    }
}

/// Numbers the folds anew that have groups; says how many there are.
fn without_empty(fold_of: &mut [Option<u32>], n_folds: usize) -> usize {
    let mut number = vec![None; n_folds];
    for fold in fold_of.iter().flatten() {
        number[*fold as usize] = Some(0);
    }
    let mut n_left = 0;
    for number in number.iter_mut().flatten() {
        *number = n_left;
        n_left += 1;
    }
    for fold in fold_of.iter_mut().flatten() {
        *fold = number[*fold as usize].expect("it has a group");
    }
    n_left as usize
}

/// Groups of rows, about to be dealt out.
struct Dealer {
    /// Of each group: its classes and their rows.
    counts: Vec<Vec<(usize, usize)>>,
    /// Rows of each class.
    totals: Vec<usize>,
    /// Groups with rows of each class.
    holders: Vec<Vec<usize>>,
    /// Groups that are held out in a fold.
    is_dealt: Vec<bool>,
}

impl Dealer {
    fn new(groups: &[u32], index: &ClassIndex) -> Self {
        let n_groups = groups.iter().max().map_or(0, |&last| last as usize + 1);
        let mut counts: Vec<Vec<(usize, usize)>> = vec![vec![]; n_groups];
        let mut holders: Vec<Vec<usize>> = vec![vec![]; index.n_classes()];
        for (class, holders) in holders.iter_mut().enumerate() {
            for &row in index.rows(class) {
                let group = groups[row as usize] as usize;
                match counts[group].last_mut() {
                    Some((last, n)) if *last == class => *n += 1,
                    _ => {
                        counts[group].push((class, 1));
                        holders.push(group);
                    }
                }
            }
        }
        let is_dealt = |counts: &Vec<(usize, usize)>| {
            !counts.is_empty() && counts.iter().all(|&(class, _)| holders[class].len() > 1)
        };
        Self {
            is_dealt: counts.iter().map(is_dealt).collect(),
            holders,
            totals: index.counts().as_slice().to_vec(),
            counts,
        }
    }

    fn n_held_out(&self) -> usize {
        self.is_dealt.iter().filter(|dealt| **dealt).count()
    }

    /// The fold of each group.
    fn deal(&self, n_folds: usize, seed: Seed) -> Vec<Option<u32>> {
        let rarest = |group: usize| {
            let classes = self.counts[group].iter().map(|&(class, _)| class);
            classes.min_by_key(|&class| (self.totals[class], class))
        };
        let mut of_class: Vec<Vec<usize>> = vec![vec![]; self.totals.len()];
        for group in (0..self.counts.len()).filter(|&group| self.is_dealt[group]) {
            of_class[rarest(group).expect("it has rows")].push(group);
        }
        let mut classes: Vec<usize> = (0..self.totals.len()).collect();
        classes.sort_by_key(|&class| (self.totals[class], class));
        let mut table = FoldTable::new(n_folds, &self.totals);
        let mut fold_of = vec![None; self.counts.len()];
        for class in classes {
            let groups = &mut of_class[class];
            seed.stream("folds", class as u64).shuffle(groups);
            let size = |group: usize| -> usize { self.counts[group].iter().map(|(_, n)| n).sum() };
            groups.sort_by_key(|&group| std::cmp::Reverse(size(group)));
            for &group in &*groups {
                fold_of[group] = Some(table.take(&self.counts[group]));
            }
        }
        self.free_classes(&mut fold_of);
        fold_of
    }

    /// Takes groups out of their fold where it would leave a class without training rows.
    fn free_classes(&self, fold_of: &mut [Option<u32>]) {
        for holders in &self.holders {
            let Some(&first) = holders.first() else {
                continue;
            };
            // Where it is None already, the class is trained on everywhere.
            if holders
                .iter()
                .all(|&group| fold_of[group] == fold_of[first])
            {
                fold_of[first] = None;
            }
        }
    }
}

/// What each fold has so far.
struct FoldTable {
    /// Of each fold, the share of each class's rows.
    shares: Vec<Vec<f64>>,
    rows: Vec<usize>,
    totals: Vec<f64>,
}

impl FoldTable {
    fn new(n_folds: usize, totals: &[usize]) -> Self {
        Self {
            shares: vec![vec![0.0; totals.len()]; n_folds],
            rows: vec![0; n_folds],
            totals: totals.iter().map(|&n| n as f64).collect(),
        }
    }

    /// The fold that takes a group with these classes: the one that has least of them, of equals the one with fewest rows, then
    /// the first.
    fn take(&mut self, counts: &[(usize, usize)]) -> u32 {
        let fullness = |fold: usize| -> f64 {
            let of = |&(class, n): &(usize, usize)| {
                n as f64 / self.totals[class] * self.shares[fold][class]
            };
            counts.iter().map(of).sum()
        };
        let key = |&fold: &usize| (fullness(fold), self.rows[fold]);
        let folds = 0..self.rows.len();
        let less = |a: &usize, b: &usize| {
            let ((of_a, rows_a), (of_b, rows_b)) = (key(a), key(b));
            of_a.total_cmp(&of_b).then(rows_a.cmp(&rows_b))
        };
        let fold = folds.min_by(less).expect("there are folds");
        for &(class, n) in counts {
            self.shares[fold][class] += n as f64 / self.totals[class];
            self.rows[fold] += n;
        }
        fold as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn index(labels: &[u32], n_classes: usize) -> ClassIndex {
        ClassIndex::new(labels, n_classes).unwrap()
    }

    #[test]
    fn fewer_than_two_folds_or_rows_are_refused() {
        let rows = index(&[0, 0, 1, 1], 2);
        let error = Folds::stratified(&rows, 1, Seed::new(1)).unwrap_err();
        assert!(error.to_string().contains("folds"), "{error}");
        let single = index(&[0, 1, 2], 3);
        assert!(Folds::stratified(&single, 5, Seed::new(1)).is_err());
        let one_group = index(&[0, 1, 0, 1], 2);
        assert!(Folds::of_groups(&[0; 4], &one_group, 5, Seed::new(1)).is_err());
    }

    #[test]
    fn there_are_no_more_folds_than_groups() {
        let labels = [0, 1, 0, 1, 0, 1];
        let groups = [0, 0, 1, 1, 2, 2];
        let folds = Folds::of_groups(&groups, &index(&labels, 2), 5, Seed::new(1)).unwrap();
        assert_eq!(folds.n_folds(), 3);
    }

    #[test]
    fn the_seed_decides() {
        let rows = index(&[0, 1].repeat(50), 2);
        let of = |seed| Folds::stratified(&rows, 5, Seed::new(seed)).unwrap();
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
    }

    proptest! {
        #[test]
        fn rows_are_held_out_once_and_classes_stay_trained(
            counts in prop::collection::vec(0_usize..40, 2..6),
            n_folds in 2_usize..8,
            n_groups in 2_u32..60,
            grouped in any::<bool>(),
            seed in any::<u64>(),
        ) {
            let labels: Vec<u32> = counts.iter().zip(0..).flat_map(|(&n, c)| vec![c; n]).collect();
            prop_assume!(!labels.is_empty());
            let index = index(&labels, counts.len());
            let groups: Vec<u32> = (0..labels.len() as u32)
                .map(|row| if grouped { (row * 7 + row / 3) % n_groups } else { row })
                .collect();
            let Ok(folds) = Folds::of_groups(&groups, &index, n_folds, Seed::new(seed)) else {
                return Ok(());
            };
            let mut times = vec![0; labels.len()];
            for fold in 0..folds.n_folds() {
                let (held_out, trained) = (folds.held_out(fold), folds.trained_on(fold));
                prop_assert_eq!(held_out.len() + trained.len(), labels.len());
                for &row in &held_out {
                    times[row as usize] += 1;
                    let group = groups[row as usize];
                    prop_assert!(trained.iter().all(|&other| groups[other as usize] != group));
                }
                for (class, &n) in counts.iter().enumerate() {
                    let is_of = |row: &&u32| labels[**row as usize] == class as u32;
                    prop_assert!(n == 0 || trained.iter().any(|row| is_of(&row)));
                    if !grouped && n > 1 {
                        let share = held_out.iter().filter(is_of).count();
                        prop_assert!(share >= n / folds.n_folds() && share <= n.div_ceil(folds.n_folds()));
                    }
                }
                if !grouped {
                    let n = labels.len() - folds.never_held_out();
                    prop_assert!(held_out.len().abs_diff(n / folds.n_folds()) <= 1);
                }
            }
            prop_assert_eq!(times.iter().filter(|&&n| n == 0).count(), folds.never_held_out());
            prop_assert!(times.iter().all(|&n| n <= 1));
        }
    }
}
