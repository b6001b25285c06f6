//! Products of f32 matrices that lie in slices.
//!
//! A safe face of the crate `gemm`, which picks its kernels by the processor at run time: every size is
//! checked against its slice here, and nowhere else in the workspace is there unsafe code. A product uses
//! one thread; callers split their work themselves, so that results do not depend on the number of threads.
//! On one machine the same product gives the same bits; machines with other instructions may round
//! differently.
//!
//! ```
//! use art_linalg::{Mat, Onto, multiply};
//! let weights = Mat::new(&[1.0, 2.0, 3.0, 4.0, 5.0, 6.0], 2, 3);
//! let rows = Mat::new(&[1.0, 0.0, -1.0], 1, 3);
//! let mut logits = [0.5, 0.5];
//! multiply(&mut logits, rows, weights.transposed(), Onto::Sum);
//! assert_eq!(logits, [-1.5, -1.5]);
//! ```

/// A matrix in a slice: row after row, or seen transposed.
#[derive(Clone, Copy, Debug)]
pub struct Mat<'a> {
    values: &'a [f32],
    rows: usize,
    columns: usize,
    row_stride: usize,
    column_stride: usize,
}

impl<'a> Mat<'a> {
    /// The matrix of `rows` rows that lies in `values`, row after row.
    ///
    /// # Panics
    /// If `values` has another length than `rows * columns`.
    pub fn new(values: &'a [f32], rows: usize, columns: usize) -> Self {
        assert_eq!(
            Some(values.len()),
            rows.checked_mul(columns),
            "{rows} × {columns} values"
        );
        Self {
            values,
            rows,
            columns,
            row_stride: columns,
            column_stride: 1,
        }
    }

    /// The same values with rows and columns exchanged.
    #[must_use]
    pub fn transposed(self) -> Self {
        Self {
            values: self.values,
            rows: self.columns,
            columns: self.rows,
            row_stride: self.column_stride,
            column_stride: self.row_stride,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn columns(&self) -> usize {
        self.columns
    }
}

/// What a product is written onto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    /// It replaces what was there.
    Fresh,
    /// It is added to what was there.
    Sum,
}

/// Writes `a b` to `into`, row after row.
///
/// # Panics
/// If the columns of `a` are not the rows of `b`, or `into` has another length than the product.
#[allow(
    unsafe_code,
    reason = "the product is computed by a crate with an unsafe interface"
)]
pub fn multiply(into: &mut [f32], a: Mat<'_>, b: Mat<'_>, onto: Onto) {
    assert_eq!(
        a.columns, b.rows,
        "columns of the first, rows of the second matrix"
    );
    let (m, n, k) = (a.rows, b.columns, a.columns);
    assert_eq!(Some(into.len()), m.checked_mul(n), "{m} × {n} values");
    if m == 0 || n == 0 {
        return;
    }
    if k == 0 {
        if onto == Onto::Fresh {
            into.fill(0.0);
        }
        return;
    }
    // SAFETY: no size is 0. `gemm` reads the elements (i, j) of each matrix at i · row stride + j · column stride for i
    // below its rows and j below its columns, and writes those of `into` likewise. `Mat` can only be made
    // over a slice of exactly rows × columns values with the strides (columns, 1), or with rows, columns
    // and strides exchanged alike, so every element lies inside its slice; `into` has been checked to be
    // m × n above and has the strides (n, 1). `into` is borrowed mutably, so it overlaps neither operand.
    // No slice is longer than `isize::MAX` bytes, so every offset fits.
    unsafe {
        gemm::gemm(
            m,
            n,
            k,
            into.as_mut_ptr(),
            1,
            n as isize,
            onto == Onto::Sum,
            a.values.as_ptr(),
            a.column_stride as isize,
            a.row_stride as isize,
            b.values.as_ptr(),
            b.column_stride as isize,
            b.row_stride as isize,
            1.0,
            1.0,
            false,
            false,
            false,
            gemm::Parallelism::None,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, in f64.
    fn product(a: Mat<'_>, b: Mat<'_>) -> Vec<f64> {
        let at = |m: Mat<'_>, i, j| f64::from(m.values[i * m.row_stride + j * m.column_stride]);
        let cells = (0..a.rows).flat_map(|i| (0..b.columns).map(move |j| (i, j)));
        cells
            .map(|(i, j)| (0..a.columns).map(|t| at(a, i, t) * at(b, t, j)).sum())
            .collect()
    }

    fn matrix(values: &[f32], rows: usize, columns: usize, transposed: bool) -> Mat<'_> {
        if transposed {
            Mat::new(values, columns, rows).transposed()
        } else {
            Mat::new(values, rows, columns)
        }
    }

    proptest! {
        #[test]
        fn products_of_every_shape_and_layout_equal_the_definition(
            m in 0_usize..40, n in 0_usize..40, k in 0_usize..40,
            a_transposed: bool, b_transposed: bool, sum: bool,
        ) {
            let a_values: Vec<f32> = (0..m * k).map(|i| (i as f32 * 0.37).sin()).collect();
            let b_values: Vec<f32> = (0..k * n).map(|i| (i as f32 * 0.91).cos()).collect();
            let a = matrix(&a_values, m, k, a_transposed);
            let b = matrix(&b_values, k, n, b_transposed);
            let mut found = vec![2.0; m * n];
            multiply(&mut found, a, b, if sum { Onto::Sum } else { Onto::Fresh });
            let start = if sum { 2.0 } else { 0.0 };
            for (found, expected) in found.iter().zip(product(a, b)) {
                prop_assert!((f64::from(*found) - start - expected).abs() < 1e-4);
            }
        }
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let values = [0.0; 6];
        let wrong = |work: &(dyn Fn() + std::panic::RefUnwindSafe)| {
            assert!(std::panic::catch_unwind(work).is_err());
        };
        wrong(&|| _ = Mat::new(&[0.0; 6], 2, 4));
        wrong(&|| _ = Mat::new(&[0.0; 6], usize::MAX, 2));
        wrong(&|| {
            multiply(
                &mut [0.0; 4],
                Mat::new(&[0.0; 6], 2, 3),
                Mat::new(&[0.0; 6], 2, 3),
                Onto::Fresh,
            );
        });
        wrong(&|| {
            multiply(
                &mut [0.0; 5],
                Mat::new(&[0.0; 6], 2, 3),
                Mat::new(&[0.0; 6], 3, 2),
                Onto::Fresh,
            );
        });
        multiply(
            &mut [0.0; 4],
            Mat::new(&values, 2, 3),
            Mat::new(&values, 3, 2),
            Onto::Fresh,
        );
    }
}
