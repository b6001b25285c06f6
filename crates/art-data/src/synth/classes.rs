use super::population::{Cloud, Population, numbered, on_sphere};
use crate::{dataset::Dataset, error::DataError};
use art_core::Seed;

/// One normal cloud a class, with centers on a sphere of radius `separation`.
///
/// The center of class c comes from the stream (`synth.center`, c), its rows from
/// (`synth.rows`, c), so changing one class's count leaves the other classes' rows alone.
#[derive(Clone, Debug)]
#[must_use]
pub struct GaussianClasses {
    counts: Vec<usize>,
    n_features: usize,
    separation: f64,
}

impl GaussianClasses {
    /// Classes of `counts` rows in `n_features` dimensions, two deviations from the origin.
    pub fn new(counts: Vec<usize>, n_features: usize) -> Self {
        Self {
            counts,
            n_features,
            separation: 2.0,
        }
    }

    /// Distance of the centers from the origin, in deviations of the clouds.
    pub fn separation(mut self, separation: f64) -> Self {
        self.separation = separation;
        self
    }

    /// The table, ordered by class.
    ///
    /// # Errors
    /// As [`Dataset::new`].
    pub fn generate(&self, seed: Seed) -> Result<Dataset, DataError> {
        self.population(seed).generate(seed)
    }

    /// What the table is drawn from, with the centers of `seed`.
    pub fn population(&self, seed: Seed) -> Population {
        let clouds = self.counts.iter().enumerate().map(|(class, &rows)| Cloud {
            class,
            rows,
            center: on_sphere(seed, class, self.n_features, self.separation),
            deviation: 1.0,
        });
        let class_names = numbered("class ", self.counts.len());
        Population::new(self.n_features, class_names, clouds.collect())
            .expect("a cloud a class, each with a center of n_features coordinates")
    }
}
