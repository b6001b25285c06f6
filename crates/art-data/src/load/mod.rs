//! Typed loaders for the data sets that come with the project.

mod mnist;
mod reviews;
mod tables;

pub use mnist::{MnistPool, make_mnist_pool};
pub use reviews::{ReviewPool, write_review_pool};
pub use tables::{TableFormat, read_table};

use crate::{dataset::Dataset, error::DataError, manifest::DataFolder};

/// A table that comes with the project.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum BundledTable {
    /// Pima Indians Diabetes: 768 × 8, two classes, imbalance ratio 1.87.
    Pima,
    /// UCI Yeast without its five ERL rows: 1479 × 8, nine classes, ratios up to 23.15.
    Yeast,
    /// UCI red wine quality: 1599 × 11, grades 3 to 8, ratios up to 68.1.
    WineRed,
    /// UCI Ecoli: 336 × 7, eight classes, ratios up to 71.5. Two classes, imL and imS, have two rows: a split
    /// refuses them, or under [`UnsplittableClass::Allow`](crate::UnsplittableClass::Allow) puts one in training, one in
    /// test and none in validation. Three of the five rows of omL then train.
    Ecoli,
    /// UCI Glass Identification: 214 × 9, six classes, ratios up to 8.44.
    Glass,
    /// KEEL's copy of UCI Page Blocks, which lacks one row: 5472 × 10, five classes, ratios up to 175.5.
    PageBlocks,
    /// UCI Statlog Landsat Satellite, its training rows before its test rows: 6435 × 36, six classes, ratios up
    /// to 2.45.
    Satimage,
}

impl BundledTable {
    /// All of them: the three of the paper, then the further ones.
    pub const ALL: [Self; 7] = [
        Self::Pima,
        Self::Yeast,
        Self::WineRed,
        Self::Ecoli,
        Self::Glass,
        Self::PageBlocks,
        Self::Satimage,
    ];

    /// The table, read from `folder`.
    ///
    /// # Errors
    /// [`DataError`] when the file is missing, is not listed or not the one of the manifest, or has the
    /// wrong form.
    pub fn load(self, folder: &DataFolder) -> Result<Dataset, DataError> {
        let (file, format) = match self {
            Self::Pima => ("pima.csv", tables::pima()),
            Self::Yeast => ("yeast.csv", tables::yeast()),
            Self::WineRed => ("winequality-red.csv", tables::wine_red()),
            Self::Ecoli => ("ecoli.csv", tables::ecoli()),
            Self::Glass => ("glass.csv", tables::glass()),
            Self::PageBlocks => ("page-blocks.csv", tables::page_blocks()),
            Self::Satimage => ("satimage.csv", tables::satimage()),
        };
        read_table(&folder.path().join(file), &folder.read(file)?, &format)
    }
}
