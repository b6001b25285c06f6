//! The data sets that cells can name: what they are called, what they are read or drawn from, how they are split.

mod folder;
mod mnist;
mod name;
mod reviews;
mod sets;
mod synth;
mod tables;
mod variant;

pub use folder::{DataFolder, FileEntry, MANIFEST};
pub use mnist::{MnistPool, make_mnist_pool};
pub use name::{DATASETS, DatasetKind, DatasetName, dataset_title, own_table_id};
pub use sets::DataSets;
pub use synth::SyntheticFamily;
pub use tables::BundledTable;
pub use variant::{Thinning, Variant};
