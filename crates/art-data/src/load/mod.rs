//! Typed loaders for the data sets that come with the project.

mod mnist;
mod reviews;
mod tables;

pub use mnist::{MnistPool, make_mnist_pool};
pub use reviews::{ReviewPool, write_review_pool};
pub use tables::{TableFormat, read_table};

use crate::{DataError, DataFolder, Dataset};

/// A table that comes with the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BundledTable {
    /// Pima Indians Diabetes: 768 × 8, two classes, imbalance ratio 1.87.
    Pima,
    /// UCI Yeast without its five ERL rows: 1479 × 8, nine classes, ratios up to 23.15.
    Yeast,
    /// UCI red wine quality: 1599 × 11, grades 3 to 8, ratios up to 68.1.
    WineRed,
}

impl BundledTable {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Pima, Self::Yeast, Self::WineRed];

    /// The table, read from `folder`.
    ///
    /// # Errors
    /// [`DataError`] when the file is missing, is not the one of the manifest, or has the wrong
    /// form.
    pub fn load(self, folder: &DataFolder) -> Result<Dataset, DataError> {
        let (file, format) = match self {
            Self::Pima => ("pima.csv", tables::pima()),
            Self::Yeast => ("yeast.csv", tables::yeast()),
            Self::WineRed => ("winequality-red.csv", tables::wine_red()),
        };
        read_table(&folder.path().join(file), &folder.read(file)?, &format)
    }
}
