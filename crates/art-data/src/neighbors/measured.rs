//! Rows with their squared lengths, ready for products in f32.

use art_linalg::Mat;

/// Largest squared length whose products stay clear of f32's overflow.
const LARGEST: f32 = 1e37;

/// Rows of equally many features, row after row, and the squared length of each.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured<'a> {
    values: &'a [f32],
    squared_norms: &'a [f32],
    n_features: usize,
}

impl<'a> Measured<'a> {
    pub(super) fn new(values: &'a [f32], squared_norms: &'a [f32], n_features: usize) -> Self {
        Self {
            values,
            squared_norms,
            n_features,
        }
    }

    /// The rows `first..first + n`.
    pub(super) fn part(&self, first: usize, n: usize) -> Self {
        let values = &self.values[first * self.n_features..][..n * self.n_features];
        Self::new(
            values,
            &self.squared_norms[first..first + n],
            self.n_features,
        )
    }

    pub(super) fn row(&self, row: usize) -> &'a [f32] {
        &self.values[row * self.n_features..][..self.n_features]
    }

    pub(super) fn len(&self) -> usize {
        self.squared_norms.len()
    }

    /// The rows, one after the other.
    pub(super) fn values(&self) -> &'a [f32] {
        self.values
    }

    /// The squared length of each row.
    pub(super) fn squared_norms(&self) -> &'a [f32] {
        self.squared_norms
    }

    pub(super) fn n_features(&self) -> usize {
        self.n_features
    }

    pub(super) fn as_matrix(&self) -> Mat<'a> {
        Mat::new(self.values, self.len(), self.n_features)
    }
}

/// The share `s` of squared lengths that is allowed for the rounding of products in f32.
///
/// A distance is ‖q‖² and what the point adds to it, ‖p‖² − 2 q·p. In f32 `b = (1 − s) ‖p‖² − 2 q·p` is that less s ‖p‖², but for
/// an error of at most s/2 (‖q‖² + ‖p‖²): the product is off by at most d · 2⁻²⁴ of ‖q‖ ‖p‖, norms and sums by a few units
/// more. So a point adds at least `b − s/2 ‖q‖²` and at most `b + 2 s ‖p‖² + s/2 ‖q‖²`, and where k points have
/// `b + 2 s ‖p‖² ≤ u`, one with `b > u + s ‖q‖²` is not among the k nearest. Twice that is allowed, for the rounding of these sums.
pub(super) fn slack(n_features: usize) -> f32 {
    (n_features + 8) as f32 * f32::EPSILON
}

/// Whether rows of these squared lengths can go through a product in f32.
pub(super) fn can_be_multiplied(squared_norms: &[f32]) -> bool {
    let longest = squared_norms.iter().copied().fold(0.0, f32::max);
    longest < LARGEST
}

/// Squared length of each of the rows of `n_features` values.
pub(super) fn squared_norms(values: &[f32], n_features: usize) -> Vec<f32> {
    // Sums side by side: their order is covered by the error that is allowed for.
    const LANES: usize = 8;
    let norm = |row: &[f32]| {
        let (groups, rest) = row.as_chunks::<LANES>();
        let mut sums = [0.0_f64; LANES];
        for group in groups {
            for (sum, &x) in sums.iter_mut().zip(group) {
                *sum += f64::from(x) * f64::from(x);
            }
        }
        let rest = rest.iter().map(|&x| f64::from(x) * f64::from(x));
        (sums.iter().sum::<f64>() + rest.sum::<f64>()) as f32
    };
    values.chunks_exact(n_features).map(norm).collect()
}
