//! Small symmetric matrices.

/// A symmetric matrix, row after row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Symmetric {
    n: usize,
    values: Vec<f64>,
}

impl Symmetric {
    pub(crate) fn from_fn(n: usize, of: impl Fn(usize, usize) -> f64) -> Self {
        let values = (0..n * n).map(|i| of((i / n).max(i % n), (i / n).min(i % n)));
        Self {
            n,
            values: values.collect(),
        }
    }

    pub(crate) fn n(&self) -> usize {
        self.n
    }

    pub(crate) fn at(&self, row: usize, column: usize) -> f64 {
        self.values[row * self.n + column]
    }

    pub(crate) fn rows(&self) -> Vec<Vec<f64>> {
        self.values.chunks(self.n).map(<[f64]>::to_vec).collect()
    }

    /// The mean of the diagonal.
    pub(crate) fn mean_variance(&self) -> f64 {
        (0..self.n).map(|i| self.at(i, i)).sum::<f64>() / self.n as f64
    }

    /// The mean beside the diagonal, 0 for a single number.
    pub(crate) fn mean_covariance(&self) -> f64 {
        let all: f64 = self.values.iter().sum();
        let pairs = self.n * self.n - self.n;
        if pairs == 0 {
            0.0
        } else {
            (all - self.mean_variance() * self.n as f64) / pairs as f64
        }
    }

    /// Each value times `factor`.
    pub(crate) fn times(&self, factor: f64) -> Self {
        Self::from_fn(self.n, |i, j| factor * self.at(i, j))
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        Self::from_fn(self.n, |i, j| self.at(i, j) + other.at(i, j))
    }

    /// The lower triangle whose product with its transpose this is; none where it is not positive definite.
    pub(crate) fn root(&self) -> Option<Root> {
        let n = self.n;
        let mut lower = vec![0.0; n * n];
        for i in 0..n {
            for j in 0..=i {
                let known: f64 = (0..j).map(|k| lower[i * n + k] * lower[j * n + k]).sum();
                let rest = self.at(i, j) - known;
                lower[i * n + j] = if i == j {
                    if rest.is_nan() || rest <= 0.0 {
                        return None;
                    }
                    rest.sqrt()
                } else {
                    rest / lower[j * n + j]
                };
            }
        }
        Some(Root { n, lower })
    }
}

/// The Cholesky root of a positive definite matrix.
#[derive(Clone, Debug)]
pub(crate) struct Root {
    n: usize,
    lower: Vec<f64>,
}

impl Root {
    /// The logarithm of the determinant of the matrix.
    pub(crate) fn log_determinant(&self) -> f64 {
        let diagonal = (0..self.n).map(|i| self.lower[i * self.n + i]);
        2.0 * diagonal.map(f64::ln).sum::<f64>()
    }

    /// The vector that the matrix makes `right` of.
    pub(crate) fn solve(&self, right: &[f64]) -> Vec<f64> {
        let (n, at) = (self.n, |i: usize, j: usize| self.lower[i * self.n + j]);
        let mut x = right.to_vec();
        for i in 0..n {
            let known: f64 = (0..i).map(|k| at(i, k) * x[k]).sum();
            x[i] = (x[i] - known) / at(i, i);
        }
        for i in (0..n).rev() {
            let known: f64 = (i + 1..n).map(|k| at(k, i) * x[k]).sum();
            x[i] = (x[i] - known) / at(i, i);
        }
        x
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_abs_diff_eq;

    #[test]
    fn a_solution_gives_back_the_right_hand_side() {
        let values = [[4.0, 1.0, 0.5], [1.0, 3.0, -0.2], [0.5, -0.2, 2.0]];
        let matrix = Symmetric::from_fn(3, |i, j| values[i][j]);
        let x = matrix.root().unwrap().solve(&[1.0, -2.0, 0.3]);
        for (i, expected) in [1.0, -2.0, 0.3].into_iter().enumerate() {
            let found: f64 = (0..3).map(|j| matrix.at(i, j) * x[j]).sum();
            assert_abs_diff_eq!(found, expected, epsilon = 1e-12);
        }
        let determinant = 4.0 * (6.0 - 0.04) - (2.0 + 0.1) + 0.5 * (-0.2 - 1.5);
        let found = matrix.root().unwrap().log_determinant();
        assert_abs_diff_eq!(found, f64::ln(determinant), epsilon = 1e-12);
        assert_abs_diff_eq!(matrix.mean_variance(), 3.0, epsilon = 1e-12);
        assert_abs_diff_eq!(matrix.mean_covariance(), 1.3 / 3.0, epsilon = 1e-12);
    }

    #[test]
    fn what_is_not_positive_definite_has_no_root() {
        assert!(Symmetric::from_fn(2, |_, _| 1.0).root().is_none());
        assert!(Symmetric::from_fn(1, |_, _| f64::NAN).root().is_none());
    }
}
