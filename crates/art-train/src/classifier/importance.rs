//! Which columns a classifier goes by.

use super::{Classifier, PartRecord};
use crate::error::TrainError;
use art_core::Seed;
use art_data::{Frame, Unseen};
use serde::{Deserialize, Serialize};

/// Rows that are answered at most for each shuffled column.
const MOST_ROWS: usize = 2_000;
/// Rows that are answered at most for a table of few columns as for one of many, and the fewest that say something.
const MOST_ANSWERS: usize = 200_000;
const FEWEST_ROWS: usize = 100;
/// How often a column is shuffled.
const TIMES: u64 = 3;

/// How much a classifier loses when a column says nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ColumnImportance {
    /// Its name.
    pub column: String,
    /// Macro F1 less that with the column's values shuffled over rows, 0 to 1, the mean of three times; about 0 for a column that
    /// it does not go by, or that others stand in for.
    pub loss: f64,
}

impl Classifier {
    /// What is lost of macro F1 on these rows when the values of a column are shuffled over them, for each column; the largest
    /// loss first; nothing without a row. Of many rows the first 2,000 are taken, of many columns fewer.
    ///
    /// # Errors
    /// As [`answer_frame`](Self::answer_frame).
    ///
    /// # Panics
    /// If there is not a label for each row of the frame, or a row that it has not.
    ///
    /// # References
    /// Breiman (2001), "Random forests", Machine Learning 45, doi 10.1023/A:1010933404324.
    pub fn importance(
        &self,
        frame: &Frame,
        rows: &[u32],
        labels: &[u32],
        seed: Seed,
    ) -> Result<Vec<ColumnImportance>, TrainError> {
        let n_columns = self.encoder().columns().count();
        let most = (MOST_ANSWERS / n_columns.max(1)).clamp(FEWEST_ROWS, MOST_ROWS);
        let rows = &rows[..rows.len().min(most)];
        if rows.is_empty() {
            return Ok(vec![]);
        }
        let frame = frame.select(rows);
        let labels: Vec<u32> = rows.iter().map(|&row| labels[row as usize]).collect();
        let n_classes = self.class_names().len();
        let score = |frame: &Frame| {
            let decided = self.answer_frame(frame, Unseen::Counted)?.classes();
            let part = PartRecord::of_decisions("", n_classes, &decided, &labels)?;
            Ok::<f64, TrainError>(part.confusion.present_macro_f1())
        };
        let whole = score(&frame)?;
        let mut all = vec![];
        for (place, (column, _)) in (0..).zip(self.encoder().columns()) {
            let mut sum = 0.0;
            for time in 0..TIMES {
                let mut order: Vec<u32> = (0..rows.len() as u32).collect();
                let mut stream = seed.stream("importance", TIMES * place + time);
                stream.shuffle(&mut order);
                sum += score(&frame.with_column_in_order(column, &order)?)?;
            }
            all.push(ColumnImportance {
                column: column.to_owned(),
                loss: whole - sum / TIMES as f64,
            });
        }
        all.sort_by(|a, b| b.loss.total_cmp(&a.loss));
        Ok(all)
    }
}
