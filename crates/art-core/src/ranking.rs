//! How well scores put the rows of a class before the others.

use crate::error::CoreError;

/// A place in a ranking: what is found when all rows down to a score are taken.
#[derive(Clone, Copy, Debug, PartialEq)]
#[cfg_attr(feature = "serde", derive(serde::Serialize, serde::Deserialize))]
pub struct Cut {
    /// The lowest score that is taken.
    pub score: f64,
    /// Rows of the class that are taken.
    pub found: u64,
    /// Rows of other classes that are taken.
    pub false_alarms: u64,
}

/// Rows in the order of their scores for one class, the highest first; rows with equal scores are taken together.
///
/// ```
/// use art_core::RowRanking;
/// let ranking = RowRanking::of([(0.9, true), (0.8, false), (0.8, true), (0.1, false)])?;
/// assert_eq!(ranking.cuts().len(), 3);
/// // Recall rises by a half at precision 1, and by the other half at 2/3.
/// assert_eq!(ranking.average_precision(), Some(0.5 * 1.0 + 0.5 * 2.0 / 3.0));
/// # Ok::<(), art_core::CoreError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RowRanking(Vec<Cut>);

impl RowRanking {
    /// From the score of each row and whether it is of the class.
    ///
    /// # Errors
    /// [`CoreError::BadRow`] for a score that is not a number.
    pub fn of(rows: impl IntoIterator<Item = (f64, bool)>) -> Result<Self, CoreError> {
        let mut rows: Vec<(f64, bool)> = rows.into_iter().collect();
        if let Some(row) = rows.iter().position(|(score, _)| score.is_nan()) {
            return Err(CoreError::BadRow {
                what: "score",
                row,
                value: f64::NAN,
                expected: "a number",
            });
        }
        rows.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut cuts: Vec<Cut> = vec![];
        for (score, is_of_class) in rows {
            let (found, false_alarms) = cuts.last().map_or((0, 0), |c| (c.found, c.false_alarms));
            let cut = Cut {
                score,
                found: found + u64::from(is_of_class),
                false_alarms: false_alarms + u64::from(!is_of_class),
            };
            match cuts.last_mut() {
                Some(last) if last.score.total_cmp(&score).is_eq() => *last = cut,
                _ => cuts.push(cut),
            }
        }
        Ok(Self(cuts))
    }

    /// A cut for each score, the highest first.
    pub fn cuts(&self) -> &[Cut] {
        &self.0
    }

    /// Rows of the class.
    pub fn n_of_class(&self) -> u64 {
        self.0.last().map_or(0, |cut| cut.found)
    }

    /// The area under precision over recall, 0 to 1, as a sum of steps: the gain in recall at each cut times the precision there.
    /// None without a row of the class. Scores that say nothing have the share of the class.
    ///
    /// # References
    /// Davis and Goadrich (2006), "The relationship between precision-recall and ROC curves", ICML, doi 10.1145/1143844.1143874.
    pub fn average_precision(&self) -> Option<f64> {
        let n = self.n_of_class();
        let mut found = 0;
        let step = |cut: &Cut| {
            let gained = cut.found - found;
            found = cut.found;
            let precision = cut.found as f64 / (cut.found + cut.false_alarms) as f64;
            gained as f64 * precision
        };
        (n > 0).then(|| self.0.iter().map(step).sum::<f64>() / n as f64)
    }

    /// At most `n` of the cuts, spread evenly over the rows of the class that they find.
    #[must_use]
    pub fn thinned(self, n: usize) -> Vec<Cut> {
        let Self(cuts) = self;
        let (all, n) = (cuts.last().map_or(0, |cut| cut.found), n as u64);
        let mut due = 1;
        let is_due = |cut: &Cut| {
            // The first cut that finds `due / n` of the class.
            let is_due = n > 0 && cut.found * n >= due * all && cut.found > 0;
            if is_due {
                due = cut.found * n / all + 1;
            }
            is_due
        };
        cuts.into_iter().filter(is_due).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn average_precision_is_scikit_learns() {
        // sklearn.metrics.average_precision_score of scikit-learn 1.9.1.
        let scores = [0.1, 0.4, 0.35, 0.8, 0.4, 0.7, 0.2, 0.55];
        let labels = [0, 1, 0, 1, 0, 0, 1, 1].map(|label| label == 1);
        let ranking = RowRanking::of(scores.into_iter().zip(labels)).unwrap();
        let found = ranking.average_precision();
        assert!((found.unwrap() - GOLDEN).abs() < 1e-15, "{found:?}");
    }

    const GOLDEN: f64 = 0.709_523_809_523_809_4;

    #[test]
    fn scores_that_say_nothing_have_the_share_of_the_class() {
        let ranking = RowRanking::of((0..10).map(|row| (0.5, row < 3))).unwrap();
        assert_eq!(ranking.average_precision(), Some(0.3));
        assert_eq!(ranking.cuts().len(), 1);
        let none = RowRanking::of((0..10).map(|row| (f64::from(row), false))).unwrap();
        assert_eq!(none.average_precision(), None);
        assert_eq!(RowRanking::default().average_precision(), None);
    }

    #[test]
    fn thinned_cuts_are_cuts_and_end_with_the_last_row_of_the_class() {
        let rows = (0..1000_u32).map(|row| (f64::from(row * 7919 % 1000), row % 3 == 0));
        let ranking = RowRanking::of(rows).unwrap();
        let thinned = ranking.clone().thinned(50);
        assert_eq!(thinned.len(), 50);
        assert!(thinned.iter().all(|cut| ranking.cuts().contains(cut)));
        assert_eq!(thinned.last().unwrap().found, ranking.n_of_class());
        let few = RowRanking::of([(0.9, true), (0.2, true), (0.1, false)]).unwrap();
        assert!(RowRanking::of([(0.9, true), (f64::NAN, true)]).is_err());
        assert_eq!(few.thinned(50).len(), 2);
        assert!(ranking.thinned(0).is_empty());
        assert!(RowRanking::default().thinned(5).is_empty());
    }
}
