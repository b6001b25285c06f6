//! Z-scores with the mean and deviation of the training rows.

use crate::{
    dataset::Dataset,
    error::DataError,
    roles::{Split, TestSet, TrainSet, ValidSet},
};
use linfa::traits::Fit;
use linfa_preprocessing::linear_scaling::LinearScaler;
use ndarray::{Array1, Zip};

/// Deviations below this are taken as a constant column, which is only centered.
const CONSTANT: f64 = 1e-12;

/// Mean and standard deviation (ddof 0) of each column of a training set.
///
/// It can be fitted on a [`TrainSet`] alone; a [`ValidSet`](crate::ValidSet) or
/// [`TestSet`](crate::TestSet) does not compile:
///
/// ```compile_fail
/// fn leak(test: &art_data::TestSet) {
///     art_data::Standardizer::fit(test);
/// }
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Standardizer {
    mean: Array1<f64>,
    deviation: Array1<f64>,
}

impl Standardizer {
    /// The means and deviations of `train`, computed in f64.
    ///
    /// # Errors
    /// None for a valid training set; linfa's scaler refuses an empty one.
    pub fn fit(train: &TrainSet) -> Result<Self, DataError> {
        let records = train.data().features().mapv(f64::from);
        let rows = records.nrows();
        let scaler = LinearScaler::standard()
            .fit(&linfa::DatasetBase::from(records))
            .map_err(|_| DataError::Empty { rows, columns: 0 })?;
        let deviation = scaler.scales().mapv(|scale| {
            let deviation = 1.0 / scale;
            if deviation < CONSTANT { 1.0 } else { deviation }
        });
        Ok(Self {
            mean: scaler.offsets().clone(),
            deviation,
        })
    }

    /// Mean of each column.
    pub fn mean(&self) -> &Array1<f64> {
        &self.mean
    }

    /// Standard deviation of each column; 1 for a constant one.
    pub fn deviation(&self) -> &Array1<f64> {
        &self.deviation
    }

    /// `(x − mean) / deviation` of every row, rounded to f32 once.
    ///
    /// # Errors
    /// [`DataError::Length`] when the table has other columns.
    pub fn transform(&self, data: &Dataset) -> Result<Dataset, DataError> {
        if data.n_features() != self.mean.len() {
            return Err(DataError::Length {
                what: "feature columns",
                expected: self.mean.len(),
                found: data.n_features(),
            });
        }
        let mut features = data.features().to_owned();
        for mut row in features.rows_mut() {
            Zip::from(&mut row)
                .and(&self.mean)
                .and(&self.deviation)
                .for_each(|x, mean, deviation| *x = ((f64::from(*x) - mean) / deviation) as f32);
        }
        Ok(data.with_rows(features, data.labels().to_vec()))
    }

    /// Fits on the training part and transforms all three.
    ///
    /// # Errors
    /// None for parts of one table.
    pub fn split(split: &Split) -> Result<Split, DataError> {
        let scaler = Self::fit(&split.train)?;
        let train = scaler.transform(split.train.data())?;
        Ok(Split {
            train: split.train.scaled(train),
            valid: ValidSet::new(scaler.transform(split.valid.data())?)?,
            test: TestSet::new(scaler.transform(split.test.data())?)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;
    use ndarray::array;

    fn table(features: ndarray::Array2<f32>) -> Dataset {
        let names = |n: usize| (0..n).map(|i| i.to_string()).collect::<Vec<_>>();
        let (n, d) = features.dim();
        Dataset::new(
            features,
            (0..n as u32).map(|r| r % 2).collect(),
            names(d),
            names(2),
        )
        .unwrap()
    }

    #[test]
    fn columns_are_centered_and_scaled_by_the_population_deviation() {
        let train = TrainSet::new(table(array![
            [1.0, 0.1, 7.0],
            [2.0, 0.1, 9.0],
            [6.0, 0.1, 8.0]
        ]));
        let scaler = Standardizer::fit(&train).unwrap();
        assert_abs_diff_eq!(scaler.mean()[0], 3.0, epsilon = 1e-12);
        assert_abs_diff_eq!(
            scaler.deviation()[0],
            (14.0_f64 / 3.0).sqrt(),
            epsilon = 1e-12
        );
        assert_eq!(scaler.deviation()[1], 1.0);
        let transformed = scaler
            .transform(&table(array![[3.0, 0.1, 8.0], [3.0, 1.1, 8.0]]))
            .unwrap();
        assert_abs_diff_eq!(
            transformed.features(),
            array![[0.0, 0.0, 0.0], [0.0, 1.0, 0.0]].view(),
            epsilon = 1e-7
        );
    }

    #[test]
    fn another_number_of_columns_is_refused() {
        let scaler = Standardizer::fit(&TrainSet::new(table(array![[1.0], [2.0]]))).unwrap();
        assert!(
            scaler
                .transform(&table(array![[1.0, 2.0], [1.0, 2.0]]))
                .is_err()
        );
    }
}
