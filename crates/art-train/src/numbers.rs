//! How the numbers of a table enter a network.

use art_core::ParamError;
use art_data::Dataset;
use serde::{Deserialize, Serialize};

/// How the numbers of a table enter a perceptron.
///
/// ```
/// use art_train::NumberEncoding;
/// use ndarray::array;
/// let features = array![[1.0, 0.0, 0.1], [2.0, 1.0, 0.7], [4.0, 0.0, 0.2], [2.0, 1.0, 0.4]];
/// let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
/// let data = art_data::Dataset::new(features, vec![0, 1, 0, 1], names(3), names(2))?;
/// let encoding = NumberEncoding::PiecewiseLinear { most_knots: 3 };
/// // Every value of three, none of two, three quantiles of four.
/// assert_eq!(encoding.knots(&data)?, [vec![1.0, 2.0, 4.0], vec![], vec![0.1, 0.2, 0.7]]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub enum NumberEncoding {
    /// As they are.
    #[default]
    Plain,
    /// As they are and piece by piece ([`MlpParams::knots`](crate::MlpParams::knots)): a network sees steps and small integers.
    PiecewiseLinear {
        /// Knots of a column at most, at least 2.
        most_knots: usize,
    },
}

impl NumberEncoding {
    /// Piece by piece, with as many knots as the rule for tables gives any column.
    pub fn pieces() -> Self {
        Self::PiecewiseLinear { most_knots: 32 }
    }

    /// Whether numbers enter as they are.
    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde wants it so")]
    pub(crate) fn is_plain(&self) -> bool {
        *self == Self::Plain
    }

    /// Makes sure that there can be knots.
    pub(crate) fn check(self) -> Result<(), ParamError> {
        match self {
            Self::PiecewiseLinear {
                most_knots: n @ ..2,
            } => Err(ParamError::new("most_knots", n, "at least 2")),
            _ => Ok(()),
        }
    }

    /// The knots of each column of `data`, which are training rows; no list at all for numbers that enter as they are.
    ///
    /// A column with two different values or fewer has none: that is what a column of words becomes. One with no more
    /// values than there may be knots has each of them, so that its pieces are 0 or 1. Any other has quantiles, the lowest and
    /// the highest value included, and fewer knots where quantiles coincide.
    ///
    /// # Errors
    /// [`ParamError`] when there may be fewer than 2 knots.
    pub fn knots(self, data: &Dataset) -> Result<Vec<Vec<f32>>, ParamError> {
        self.check()?;
        let Self::PiecewiseLinear { most_knots } = self else {
            return Ok(vec![]);
        };
        let columns = data.features();
        let columns = columns.columns().into_iter();
        Ok(columns
            .map(|column| knots(column.to_vec(), most_knots))
            .collect())
    }
}

/// The knots of a column with these values.
fn knots(mut values: Vec<f32>, most: usize) -> Vec<f32> {
    values.sort_unstable_by(f32::total_cmp);
    let (last, mut different) = (values.len() - 1, values.clone());
    different.dedup();
    if different.len() <= 2 || !(values[last] - values[0]).is_finite() {
        return vec![];
    }
    if different.len() <= most {
        return different;
    }
    let mut quantiles: Vec<f32> = (0..most).map(|i| values[i * last / (most - 1)]).collect();
    quantiles.dedup();
    if quantiles.len() < 2 {
        quantiles.clear();
    }
    quantiles
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantiles_that_coincide_are_one_knot() {
        let mut values = vec![0.0; 90];
        values.extend((1..=10).map(|i| i as f32));
        assert_eq!(knots(values.clone(), 5), [0.0, 10.0]);
        values.extend([3.0; 80]);
        assert_eq!(knots(values, 5), [0.0, 3.0, 10.0]);
    }

    #[test]
    fn the_order_of_rows_is_of_no_account() {
        let rising: Vec<f32> = (0..100).map(|i| (i * i) as f32).collect();
        let mixed: Vec<f32> = (0..100)
            .map(|i| (i * 37) % 100)
            .map(|i| (i * i) as f32)
            .collect();
        assert_eq!(knots(rising.clone(), 9), knots(mixed, 9));
        assert_eq!(knots(rising, 9).len(), 9);
    }

    #[test]
    fn a_column_that_is_constant_or_too_far_apart_has_no_knots() {
        assert!(knots(vec![1.0; 5], 4).is_empty());
        assert!(knots(vec![-f32::MAX, 0.0, f32::MAX], 4).is_empty());
    }

    #[test]
    fn a_single_knot_is_refused() {
        let error = NumberEncoding::PiecewiseLinear { most_knots: 1 }.check();
        assert_eq!(error.unwrap_err().field, "most_knots");
    }
}
