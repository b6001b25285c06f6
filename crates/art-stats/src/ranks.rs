//! Scores of several methods on the same blocks, and their ranks.

use crate::error::{StatsError, check_finite};

/// The rank of each value, 1 for the smallest; equal values share the mean of their ranks.
///
/// ```
/// assert_eq!(art_stats::ranks(&[10.0, 20.0, 20.0, 30.0]), [1.0, 2.5, 2.5, 4.0]);
/// ```
pub fn ranks(values: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|&a, &b| values[a].total_cmp(&values[b]));
    let mut ranks = vec![0.0; values.len()];
    let mut first = 0;
    for tied in order.chunk_by(|&a, &b| values[a] == values[b]) {
        let last = first + tied.len();
        for &index in tied {
            // The mean of first + 1 … last.
            ranks[index] = (first + 1 + last) as f64 / 2.0;
        }
        first = last;
    }
    ranks
}

/// Sum of t³ − t over the groups of t equal values.
pub(crate) fn tie_term(values: &[f64]) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let groups = sorted.chunk_by(|a, b| a == b);
    groups
        .map(|group| {
            let t = group.len() as f64;
            t * t * t - t
        })
        .sum()
}

/// Scores of several methods, one column a method, one row a block: a seed, or a data set. Higher is better.
#[derive(Clone, Debug, PartialEq)]
pub struct ScoreTable {
    methods: Vec<String>,
    rows: Vec<Vec<f64>>,
}

impl ScoreTable {
    /// A table of complete rows.
    ///
    /// # Errors
    /// [`StatsError::TooFew`] for fewer than two methods or no row, [`StatsError::Row`] for a row of another
    /// length, [`StatsError::NonFinite`] with the place in its row.
    ///
    /// ```
    /// use art_stats::ScoreTable;
    /// let table = ScoreTable::new(["plain", "ART"], vec![vec![0.7, 0.8], vec![0.6, 0.6]])?;
    /// assert_eq!(table.mean_ranks(), [1.75, 1.25]);
    /// # Ok::<(), art_stats::StatsError>(())
    /// ```
    pub fn new<S: Into<String>>(
        methods: impl IntoIterator<Item = S>,
        rows: Vec<Vec<f64>>,
    ) -> Result<Self, StatsError> {
        let methods: Vec<String> = methods.into_iter().map(Into::into).collect();
        for (what, needed, found) in [
            ("a table's number of methods", 2, methods.len()),
            ("a table's number of rows", 1, rows.len()),
        ] {
            if found < needed {
                return Err(StatsError::TooFew {
                    what,
                    needed,
                    found,
                });
            }
        }
        for (row, scores) in rows.iter().enumerate() {
            if scores.len() != methods.len() {
                return Err(StatsError::Row {
                    row,
                    expected: methods.len(),
                    found: scores.len(),
                });
            }
            check_finite(format_args!("row {row}"), scores)?;
        }
        Ok(Self { methods, rows })
    }

    /// Names of the methods, in the order of the columns.
    pub fn methods(&self) -> &[String] {
        &self.methods
    }

    /// The rows.
    pub fn rows(&self) -> &[Vec<f64>] {
        &self.rows
    }

    /// The scores of the method called `name`, a row each.
    pub fn column(&self, name: &str) -> Option<Vec<f64>> {
        let column = self.methods.iter().position(|method| method == name)?;
        Some(self.rows.iter().map(|row| row[column]).collect())
    }

    /// The rank of each method in each row, 1 for the highest score; equal scores share the mean of theirs.
    pub fn ranks(&self) -> Vec<Vec<f64>> {
        let of_row = |row: &Vec<f64>| ranks(&row.iter().map(|score| -score).collect::<Vec<_>>());
        self.rows.iter().map(of_row).collect()
    }

    /// The mean rank of each method over the rows.
    pub fn mean_ranks(&self) -> Vec<f64> {
        let ranks = self.ranks();
        let n = ranks.len() as f64;
        (0..self.methods.len())
            .map(|method| ranks.iter().map(|row| row[method]).sum::<f64>() / n)
            .collect()
    }
}
