//! A table of finite features with one class label a row.

use crate::digest::Digest256;
use crate::error::DataError;
use crate::gather::gather;
use art_core::{ClassCounts, ClassIndex};
use ndarray::{Array2, ArrayView1, ArrayView2};
use std::{collections::HashMap, ops::Range, sync::Arc};

/// How the features of a row are to be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RowShape {
    /// Unordered columns.
    Vector,
    /// A one-channel image, stored row by row.
    Image {
        /// Pixel rows.
        height: usize,
        /// Pixel columns.
        width: usize,
    },
}

/// Features `(n_rows, n_features)` in f32 and labels in `0..n_classes`.
///
/// Always valid: at least one row and column, at least two declared classes, every feature finite.
/// It has no role yet; see [`Split`](crate::Split) for the types that decide what may be done with
/// its rows.
#[derive(Clone, Debug, PartialEq)]
pub struct Dataset {
    features: Array2<f32>,
    labels: Vec<u32>,
    feature_names: Arc<[String]>,
    class_names: Arc<[String]>,
    shape: RowShape,
    /// Features that are one category together.
    categories: Arc<[Range<usize>]>,
    /// Class counts of the training rows that a resampler made these of; none for rows as they were collected.
    natural: Option<ClassCounts>,
}

/// The target's name in a linfa data set of resampled rows ([`Dataset::to_linfa`]), which tells them from others there.
pub const RESAMPLED_TARGET: &str = "class of resampled rows";

impl Dataset {
    /// The table with these features and labels; class `c` is called `class_names[c]`.
    ///
    /// # Errors
    /// [`DataError`] for an empty table, fewer than two classes, a label out of range, a feature
    /// that is not finite, or lists of unequal length.
    ///
    /// ```
    /// use art_data::Dataset;
    /// let features = ndarray::array![[0.5, 1.0], [0.1, 3.0], [0.7, 2.0]];
    /// let names = |list: [&str; 2]| list.map(String::from).to_vec();
    /// let data = Dataset::new(features, vec![0, 1, 0], names(["x", "y"]), names(["no", "yes"]))?;
    /// assert_eq!(data.class_counts().as_slice(), [2, 1]);
    /// # Ok::<(), art_data::DataError>(())
    /// ```
    pub fn new(
        features: Array2<f32>,
        labels: Vec<u32>,
        feature_names: Vec<String>,
        class_names: Vec<String>,
    ) -> Result<Self, DataError> {
        let (rows, columns) = features.dim();
        if rows == 0 || columns == 0 {
            return Err(DataError::Empty { rows, columns });
        }
        if class_names.len() < 2 {
            return Err(DataError::TooFewClasses {
                found: class_names.len(),
            });
        }
        for (what, expected, found) in [
            ("labels", rows, labels.len()),
            ("feature names", columns, feature_names.len()),
        ] {
            if expected != found {
                return Err(DataError::Length {
                    what,
                    expected,
                    found,
                });
            }
        }
        if let Some(((row, column), &value)) = features
            .indexed_iter()
            .find(|(_, value)| !value.is_finite())
        {
            return Err(DataError::NonFinite {
                row,
                column,
                name: feature_names[column].clone(),
                value,
            });
        }
        ClassCounts::from_labels(&labels, class_names.len())?;
        Ok(Self {
            features: if features.is_standard_layout() {
                features
            } else {
                features.as_standard_layout().into_owned()
            },
            labels,
            feature_names: feature_names.into(),
            class_names: class_names.into(),
            shape: RowShape::Vector,
            categories: [].into(),
            natural: None,
        })
    }

    /// The same table with its rows read as images.
    ///
    /// # Errors
    /// [`DataError::Length`] when a row does not have `height × width` features.
    pub fn with_image_shape(mut self, height: usize, width: usize) -> Result<Self, DataError> {
        if height * width != self.n_features() {
            return Err(DataError::Length {
                what: "pixels of a row",
                expected: height * width,
                found: self.n_features(),
            });
        }
        self.shape = RowShape::Image { height, width };
        Ok(self)
    }

    /// Marks each range of features as one category: a column for each value, 1 where the row has it, or one column
    /// of 0 and 1. Resamplers copy a category whole.
    ///
    /// # Errors
    /// [`DataError::BadCategory`] when a range runs past the last feature, or the ranges are not ascending and apart.
    pub fn with_categories(mut self, categories: Vec<Range<usize>>) -> Result<Self, DataError> {
        let mut free = 0;
        for range in &categories {
            if range.start < free || range.end <= range.start || range.end > self.n_features() {
                return Err(DataError::BadCategory {
                    range: range.clone(),
                    n_features: self.n_features(),
                });
            }
            free = range.end;
        }
        self.categories = categories.into();
        Ok(self)
    }

    /// Features that are one category together, ascending.
    pub fn categories(&self) -> &[Range<usize>] {
        &self.categories
    }

    /// Number of rows.
    pub fn n_rows(&self) -> usize {
        self.labels.len()
    }

    /// Number of features.
    pub fn n_features(&self) -> usize {
        self.features.ncols()
    }

    /// Declared number of classes.
    pub fn n_classes(&self) -> usize {
        self.class_names.len()
    }

    /// How the features of a row are to be read.
    pub fn shape(&self) -> RowShape {
        self.shape
    }

    /// All features, `(n_rows, n_features)`.
    pub fn features(&self) -> ArrayView2<'_, f32> {
        self.features.view()
    }

    /// All features, row after row.
    pub fn features_as_slice(&self) -> &[f32] {
        self.features
            .as_slice()
            .expect("features are kept in standard layout")
    }

    /// The features of `row`.
    ///
    /// # Panics
    /// If there is no such row.
    pub fn row(&self, row: usize) -> ArrayView1<'_, f32> {
        self.features.row(row)
    }

    /// The label of each row.
    pub fn labels(&self) -> &[u32] {
        &self.labels
    }

    /// The columns' names.
    pub fn feature_names(&self) -> &[String] {
        &self.feature_names
    }

    /// The classes' names.
    pub fn class_names(&self) -> &[String] {
        &self.class_names
    }

    /// Rows of each class.
    pub fn class_counts(&self) -> ClassCounts {
        ClassCounts::from_labels(&self.labels, self.n_classes())
            .expect("labels were checked when the table was made")
    }

    /// The rows grouped by class.
    ///
    /// # Errors
    /// [`CoreError::TooManyRows`](art_core::CoreError::TooManyRows) beyond 2³² − 1 rows.
    pub fn class_index(&self) -> Result<ClassIndex, DataError> {
        Ok(ClassIndex::new(&self.labels, self.n_classes())?)
    }

    /// The group of each row, counted from 0 in the order of first rows: rows with the same features are of one group, whatever
    /// their classes. 0 and −0 are the same.
    ///
    /// ```
    /// # use art_data::Dataset;
    /// # use ndarray::array;
    /// let names = vec!["a".into(), "b".into()];
    /// let data = Dataset::new(array![[1.0], [2.0], [1.0]], vec![0, 1, 1], vec!["x".into()], names)?;
    /// assert_eq!(data.groups_of_equal_rows(), [0, 1, 0]);
    /// # Ok::<(), art_data::DataError>(())
    /// ```
    pub fn groups_of_equal_rows(&self) -> Vec<u32> {
        let mut known: HashMap<Vec<u32>, u32> = HashMap::new();
        let group = |row: ArrayView1<'_, f32>| {
            let bits = row.iter().map(|&x| (x + 0.0).to_bits()).collect();
            let next = known.len() as u32;
            *known.entry(bits).or_insert(next)
        };
        self.features().rows().into_iter().map(group).collect()
    }

    /// The table of these rows, in the order given; a row may appear more than once.
    ///
    /// # Errors
    /// [`DataError::Empty`] for no rows, [`DataError::RowOutOfRange`] when a row does not exist.
    pub fn select(&self, rows: &[u32]) -> Result<Self, DataError> {
        if rows.is_empty() {
            return Err(DataError::Empty {
                rows: 0,
                columns: self.n_features(),
            });
        }
        if let Some(&row) = rows.iter().find(|&&row| row as usize >= self.n_rows()) {
            return Err(DataError::RowOutOfRange {
                row: row as usize,
                n_rows: self.n_rows(),
            });
        }
        let labels = rows.iter().map(|&row| self.labels[row as usize]).collect();
        Ok(self.with_rows(gather(self.features(), rows), labels))
    }

    /// The same columns and classes with other rows, which must be valid.
    pub(crate) fn with_rows(&self, features: Array2<f32>, labels: Vec<u32>) -> Self {
        Self {
            features,
            labels,
            feature_names: Arc::clone(&self.feature_names),
            class_names: Arc::clone(&self.class_names),
            shape: self.shape,
            categories: Arc::clone(&self.categories),
            natural: self.natural.clone(),
        }
    }

    /// Whether a resampler made these rows of training rows. They are for training alone: what would cut validation or
    /// test rows out of them refuses them. What is made of this table by the methods of this crate stays marked.
    pub fn is_resampled(&self) -> bool {
        self.natural.is_some()
    }

    /// Class counts before any resampling.
    pub(crate) fn natural_counts(&self) -> ClassCounts {
        self.natural.clone().unwrap_or_else(|| self.class_counts())
    }

    /// The same rows, made of training rows of these counts.
    pub(crate) fn resampled_from(mut self, natural: ClassCounts) -> Self {
        self.natural = Some(natural);
        self
    }

    /// Makes sure that these rows are as they were collected, so that some of them may be `purpose`.
    pub(crate) fn check_collected(&self, purpose: &'static str) -> Result<(), DataError> {
        if self.is_resampled() {
            let rows = self.n_rows();
            return Err(DataError::Resampled { purpose, rows });
        }
        Ok(())
    }

    /// The features of row `row`.
    pub(crate) fn row_as_slice(&self, row: u32) -> &[f32] {
        let width = self.n_features();
        &self.features_as_slice()[row as usize * width..][..width]
    }

    /// SHA-256 over the shape, the features' bits and the labels, to tell equal tables from others.
    pub fn digest(&self) -> String {
        let mut digest = Digest256::default();
        let shape = [self.n_features(), self.n_classes()];
        digest.add_words(shape.into_iter().map(|n| n as u32));
        digest.add_words(self.features.iter().map(|x| x.to_bits()));
        digest.add_words(self.labels.iter().copied());
        digest.finish()
    }

    /// This table as linfa's, with labels as `usize`. The target of [resampled](Self::is_resampled) rows is called
    /// [`RESAMPLED_TARGET`].
    pub fn to_linfa(&self) -> linfa::Dataset<f32, usize, ndarray::Ix1> {
        let targets = self.labels.iter().map(|&label| label as usize).collect();
        let dataset = linfa::Dataset::new(self.features.clone(), targets)
            .with_feature_names(self.feature_names.to_vec());
        if self.is_resampled() {
            dataset.with_target_names(vec![RESAMPLED_TARGET])
        } else {
            dataset
        }
    }

    /// The table of a linfa data set whose targets are labels. Where the target is called [`RESAMPLED_TARGET`] the rows are
    /// resampled ones, of which only the proportions they have now are known.
    ///
    /// # Errors
    /// As [`Dataset::new`].
    pub fn from_linfa(
        dataset: &linfa::Dataset<f32, usize, ndarray::Ix1>,
        class_names: Vec<String>,
    ) -> Result<Self, DataError> {
        let labels = dataset.targets.iter().map(|&label| {
            // A label that does not fit is out of range, whatever the number of classes.
            u32::try_from(label).unwrap_or(u32::MAX)
        });
        let feature_names = match dataset.feature_names() {
            [] => (0..dataset.records.ncols())
                .map(|column| format!("x{column}"))
                .collect(),
            names => names.to_vec(),
        };
        let data = Self::new(
            dataset.records.clone(),
            labels.collect(),
            feature_names,
            class_names,
        )?;
        let counts = data.class_counts();
        Ok(match dataset.target_names() {
            [name] if name == RESAMPLED_TARGET => data.resampled_from(counts),
            _ => data,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::array;

    fn names(prefix: &str, n: usize) -> Vec<String> {
        (0..n).map(|i| format!("{prefix}{i}")).collect()
    }

    fn table() -> Dataset {
        let features = array![[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]];
        Dataset::new(features, vec![1, 0, 1], names("x", 2), names("c", 2)).unwrap()
    }

    #[test]
    fn a_feature_that_is_not_finite_is_named() {
        let features = array![[1.0, 2.0], [3.0, f32::NAN]];
        let error = Dataset::new(features, vec![0, 1], names("x", 2), names("c", 2)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "row 1, column 1 (x1) is NaN; features must be finite"
        );
    }

    #[test]
    fn bad_tables_are_refused() {
        let make = |features: Array2<f32>, labels: &[u32], k| {
            let d = features.ncols();
            Dataset::new(features, labels.to_vec(), names("x", d), names("c", k)).unwrap_err()
        };
        let one = array![[1.0]];
        assert!(matches!(
            make(one.clone(), &[0], 1),
            DataError::TooFewClasses { found: 1 }
        ));
        assert!(matches!(
            make(one.clone(), &[0, 1], 2),
            DataError::Length { .. }
        ));
        assert!(
            make(one, &[2], 2)
                .to_string()
                .contains("label 2, but 2 classes")
        );
        assert!(matches!(
            make(Array2::zeros((0, 3)), &[], 2),
            DataError::Empty { .. }
        ));
        assert!(table().select(&[3]).is_err() && table().select(&[]).is_err());
    }

    #[test]
    fn linfa_round_trip_changes_nothing() {
        let data = table();
        let back = Dataset::from_linfa(&data.to_linfa(), names("c", 2)).unwrap();
        assert_eq!(back, data);
    }
}
