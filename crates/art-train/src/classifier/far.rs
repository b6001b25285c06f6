//! Numbers and dates that are far outside what training saw.

use art_data::{ColumnKind, Encoder};
use ndarray::ArrayView2;

/// Deviations from the mean of the training rows beyond which a number is far: amounts have long tails.
const FAR_NUMBERS: f32 = 1_000.0;
/// The same of dates, which have none.
const FAR_DATES: f32 = 100.0;

/// Fields of a column that are so far from the training rows that answers for them are guesses: numbers more than 1,000 standard
/// deviations from the mean, and dates more than 100.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FarFields {
    /// Name of the column.
    pub column: String,
    /// How many there are.
    pub n: usize,
    /// The place of the first one in the frame.
    pub row: usize,
}

/// Counts far fields of each column, a part of the rows at a time.
pub(super) struct FarCounter {
    columns: Vec<Counted>,
}

struct Counted {
    /// Place of the column's feature.
    place: usize,
    limit: f32,
    found: FarFields,
}

impl FarCounter {
    pub(super) fn new(encoder: &Encoder, feature_names: &[String]) -> Self {
        let column = |(name, kind): (&str, ColumnKind)| {
            let limit = match kind {
                ColumnKind::Numbers(_) => FAR_NUMBERS,
                ColumnKind::Dates(_) => FAR_DATES,
                ColumnKind::Words | ColumnKind::Keys | ColumnKind::Verbatim => return None,
            };
            // The first feature of numbers and dates is called as the column is.
            let place = feature_names.iter().position(|feature| feature == name)?;
            let found = FarFields {
                column: name.to_owned(),
                n: 0,
                row: 0,
            };
            Some(Counted {
                place,
                limit,
                found,
            })
        };
        Self {
            columns: encoder.columns().filter_map(column).collect(),
        }
    }

    /// Counts those of `features`, which are of these rows.
    pub(super) fn count(&mut self, features: ArrayView2<'_, f32>, rows: &[u32]) {
        for Counted {
            place,
            limit,
            found,
        } in &mut self.columns
        {
            for (feature, &row) in features.column(*place).iter().zip(rows) {
                if feature.abs() > *limit {
                    if found.n == 0 {
                        found.row = row as usize;
                    }
                    found.n += 1;
                }
            }
        }
    }

    /// The columns that have any, in their order.
    pub(super) fn found(self) -> Vec<FarFields> {
        let found = self.columns.into_iter().map(|column| column.found);
        found.filter(|found| found.n > 0).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use art_data::{Frame, Unseen};
    use ndarray::array;

    #[test]
    fn numbers_beyond_a_thousand_deviations_are_counted() {
        let names = ["a".to_owned(), "b".to_owned()];
        let frame = Frame::of_numbers(array![[-1.0, 5.0], [1.0, 7.0]].view(), &names);
        let encoder = Encoder::fit(&frame, &names, &[0, 1]).unwrap();
        let rows = array![[1_000.0, 6.0], [0.0, 2e3], [f32::NAN, 1e30], [-999.0, -2e3]];
        let frame = Frame::of_numbers(rows.view(), &names);
        let mut counter = FarCounter::new(&encoder, &encoder.feature_names());
        for rows in [[0, 1], [2, 3]] {
            let made = encoder.encode(&frame, &rows, Unseen::Refused).unwrap();
            counter.count(made.features.view(), &rows);
        }
        let found = counter.found();
        let expected = FarFields {
            column: "b".into(),
            n: 3,
            row: 1,
        };
        assert_eq!(found, [expected]);
    }
}
