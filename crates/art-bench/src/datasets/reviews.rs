//! The pool of film reviews as sentence embeddings, and the sets that are drawn from it.

use crate::error::BenchError;
use art_core::Seed;
use art_data::{Dataset, Imbalance};
use art_embed::read_review_pool;
use std::path::Path;

/// Majority over minority of the drawn sets.
const RATIO: f64 = 10.0;

/// Embeddings of film reviews with their labels, 0 negative and 1 positive.
#[derive(Debug)]
pub(super) struct ReviewPool(Dataset);

impl ReviewPool {
    /// The pool in `folder`; `None` where it has no such file.
    pub(super) fn load(folder: &Path) -> Result<Option<Self>, BenchError> {
        Ok(read_review_pool(folder)?.map(Self))
    }

    /// IMDb-Custom for `seed`: every positive row and a tenth as many negative ones, drawn from the stream
    /// (`imbalance`, 0).
    pub(super) fn draw(&self, seed: Seed) -> Result<Dataset, BenchError> {
        let imbalance = Imbalance::BinaryRatio { ratio: RATIO };
        let rows = imbalance.rows(&self.0.class_index()?, seed)?;
        Ok(self.0.select(&rows)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_drawn_set_has_all_positive_rows_and_a_tenth_as_many_negative_ones() {
        let folder = tempfile::tempdir().unwrap();
        assert!(ReviewPool::load(folder.path()).unwrap().is_none());
        let labels: Vec<u8> = (0..15_000).map(|row| u8::from(row % 3 != 0)).collect();
        let values: Vec<f32> = (0..30_000).map(|i| i as f32 / 30_000.0).collect();
        art_embed::write_review_pool(folder.path(), &values, &labels).unwrap();
        let pool = ReviewPool::load(folder.path()).unwrap().unwrap();
        let [one, other] = [1, 2].map(|seed| pool.draw(Seed::new(seed)).unwrap());
        assert_eq!(one.class_counts().as_slice(), [1_000, 10_000]);
        assert_ne!(one, other);
        assert_eq!(one, pool.draw(Seed::new(1)).unwrap());
    }
}
