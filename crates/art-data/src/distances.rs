//! Squared distances from one point to many at once.

use pulp::{Simd, WithSimd};

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
        pulp::Arch::new().dispatch(Measure {
            points: self,
            point,
            sums,
        });
    }
}

/// Points whose sums are in registers together.
const ABREAST: usize = 8;

/// [`SideBySide::squared_distances`], compiled for the processor.
struct Measure<'a> {
    points: &'a SideBySide,
    point: &'a [f32],
    sums: &'a mut [f64],
}

impl WithSimd for Measure<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, _: S) {
        let n = self.points.n;
        let features = || {
            let values = self.points.by_feature.chunks_exact(n);
            self.point.iter().map(|&x| f64::from(x)).zip(values)
        };
        let (groups, rest) = self.sums.as_chunks_mut::<ABREAST>();
        for (group, slots) in groups.iter_mut().enumerate() {
            let mut sums = [0.0; ABREAST];
            for (x, values) in features() {
                let values = &values.as_chunks::<ABREAST>().0[group];
                for (sum, value) in sums.iter_mut().zip(values) {
                    let difference = x - value;
                    *sum += difference * difference;
                }
            }
            *slots = sums;
        }
        rest.fill(0.0);
        let first = n - rest.len();
        for (x, values) in features() {
            for (sum, value) in rest.iter_mut().zip(&values[first..]) {
                let difference = x - value;
                *sum += difference * difference;
            }
        }
    }
}
