//! Generated data for tests, benches and stand-ins.

use crate::{DataError, Dataset};
use art_core::Seed;
use ndarray::Array2;

/// One normal cloud a class, with centres on a sphere of radius `separation`.
///
/// The centre of class c comes from the stream (`synth.centre`, c), its rows from
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

    /// Distance of the centres from the origin, in deviations of the clouds.
    pub fn separation(mut self, separation: f64) -> Self {
        self.separation = separation;
        self
    }

    /// The table, ordered by class.
    ///
    /// # Errors
    /// As [`Dataset::new`].
    pub fn generate(&self, seed: Seed) -> Result<Dataset, DataError> {
        let d = self.n_features;
        let n_rows: usize = self.counts.iter().sum();
        let mut features = Vec::with_capacity(n_rows * d);
        let mut labels = Vec::with_capacity(n_rows);
        for (class, &n) in self.counts.iter().enumerate() {
            let mut stream = seed.stream("synth.centre", class as u64);
            let direction: Vec<f64> = (0..d).map(|_| stream.normal()).collect();
            let length = direction
                .iter()
                .map(|x| x * x)
                .sum::<f64>()
                .sqrt()
                .max(1e-12);
            let mut stream = seed.stream("synth.rows", class as u64);
            for _ in 0..n {
                labels.push(class as u32);
                let centre = direction.iter().map(|x| x / length * self.separation);
                features.extend(centre.map(|x| (x + stream.normal()) as f32));
            }
        }
        let features = Array2::from_shape_vec((n_rows, d), features).expect("d numbers a row");
        let names = |prefix: &str, n: usize| (0..n).map(|i| format!("{prefix}{i}")).collect();
        Dataset::new(
            features,
            labels,
            names("x", d),
            names("class ", self.counts.len()),
        )
    }
}
