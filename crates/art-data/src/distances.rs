//! Squared distances from one point to many at once.

/// Points, feature by feature, the same feature of all of them side by side: sums run over features in order for each
/// point, and over many points in one register.
pub(crate) struct SideBySide {
    by_feature: Vec<f64>,
    n: usize,
}

impl SideBySide {
    /// These points, which have `width` features each.
    pub(crate) fn new<'p>(points: impl ExactSizeIterator<Item = &'p [f32]>, width: usize) -> Self {
        let n = points.len();
        let mut by_feature = vec![0.0; n * width];
        for (place, point) in points.enumerate() {
            for (feature, &value) in point.iter().enumerate() {
                by_feature[feature * n + place] = f64::from(value);
            }
        }
        Self { by_feature, n }
    }

    /// Number of points.
    pub(crate) fn n(&self) -> usize {
        self.n
    }

    /// Writes the squared distance of each from `point`, in f64, summed in feature order.
    pub(crate) fn squared_distances(&self, point: &[f32], sums: &mut [f64]) {
        sums.fill(0.0);
        for (&x, values) in point.iter().zip(self.by_feature.chunks_exact(self.n)) {
            let x = f64::from(x);
            for (sum, &value) in sums.iter_mut().zip(values) {
                let difference = x - value;
                *sum += difference * difference;
            }
        }
    }
}
