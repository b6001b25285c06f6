use crate::mat::Mat;
use pulp::{Arch, Simd, WithSimd, bytemuck::cast};
use std::{array, cell::RefCell, ops::Range};

/// Terms of a sum after which a new chain starts. Part of what a product is: another length gives other bits.
pub const BLOCK: usize = 512;

/// Rows of a tile. With two vectors a row these are twelve chains, which hides the latency of fused multiply-adds, and
/// sixteen registers hold them.
const ROWS: usize = 6;

/// Rows of which a strip is computed at once where it does not fill its vectors.
const AT_ONCE: usize = 8 * ROWS;

/// What a product is written onto.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Onto {
    /// It replaces what was there.
    Fresh,
    /// It is added to what was there.
    Sum,
}

thread_local! {
    /// Columns of the second matrix, laid out for the tiles, and sums of a strip that does not fill its vectors: at most
    /// [`BLOCK`] + [`AT_ONCE`] times two vectors.
    static BUFFER: RefCell<Vec<f32>> = const { RefCell::new(vec![]) };
}

/// Writes `a b` to `into`, row after row.
///
/// # Panics
/// If the columns of `a` are not the rows of `b`, or `into` has another length than the product.
pub fn multiply(into: &mut [f32], a: Mat<'_>, b: Mat<'_>, onto: Onto) {
    assert_eq!(
        a.columns, b.rows,
        "columns of the first, rows of the second matrix"
    );
    let (m, n) = (a.rows, b.columns);
    assert_eq!(Some(into.len()), m.checked_mul(n), "{m} × {n} values");
    if into.is_empty() {
        return;
    }
    if a.columns == 0 {
        if onto == Onto::Fresh {
            into.fill(0.0);
        }
        return;
    }
    BUFFER.with_borrow_mut(|buffer| {
        dispatch(Product {
            into,
            a,
            b,
            onto,
            buffer,
        });
    });
}

/// Computes with the widest vectors that the processor has; eight columns fill those of AVX2, which are issued more often.
fn dispatch(product: Product<'_>) {
    let arch = Arch::new();
    #[cfg(target_arch = "x86_64")]
    if let Arch::V4(simd) = arch
        && product.b.columns <= 8
    {
        return Simd::vectorize(*simd, product);
    }
    arch.dispatch(product);
}

struct Product<'a> {
    into: &'a mut [f32],
    a: Mat<'a>,
    b: Mat<'a>,
    onto: Onto,
    buffer: &'a mut Vec<f32>,
}

impl WithSimd for Product<'_> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(mut self, simd: S) {
        let n_terms = self.a.columns;
        for first in (0..n_terms).step_by(BLOCK) {
            self.block(simd, first..n_terms.min(first + BLOCK));
            self.onto = Onto::Sum;
        }
    }
}

impl Product<'_> {
    /// Adds one block of terms, strip of columns by strip of columns.
    #[inline(always)]
    fn block<S: Simd>(&mut self, simd: S, terms: Range<usize>) {
        let n = self.b.columns;
        for first in (0..n).step_by(2 * S::F32_LANES) {
            let columns = first..n.min(first + 2 * S::F32_LANES);
            if columns.len() <= S::F32_LANES {
                self.strip::<S, 1>(simd, terms.clone(), columns);
            } else {
                self.strip::<S, 2>(simd, terms.clone(), columns);
            }
        }
    }

    /// Adds one block of terms to columns that fit into `V` vectors.
    #[inline(always)]
    fn strip<S: Simd, const V: usize>(
        &mut self,
        simd: S,
        terms: Range<usize>,
        columns: Range<usize>,
    ) {
        let (a, b, width) = (self.a, self.b, V * S::F32_LANES);
        let is_full = columns.len() == width;
        let size = terms.len() * width;
        let room = size + AT_ONCE * width;
        if self.buffer.len() < room {
            self.buffer.resize(room, 0.0);
        }
        let (panel, sums) = self.buffer.split_at_mut(size);
        let (panel, stride) = if is_full && b.column_stride == 1 && b.row_stride >= width {
            let start = terms.start * b.row_stride + columns.start;
            (&b.values[start..], b.row_stride)
        } else {
            lay_out(panel, width, b, terms.clone(), columns.clone());
            (&*panel, width)
        };
        let strip = Strip::<'_, V> {
            a,
            panel,
            stride,
            first_term: terms.start,
            n_terms: terms.len(),
        };
        if is_full {
            return simd.vectorize(Band {
                strip,
                rows: 0..a.rows,
                into: &mut self.into[columns.start..],
                stride: b.columns,
                onto: self.onto,
            });
        }
        for first in (0..a.rows).step_by(AT_ONCE) {
            let rows = first..a.rows.min(first + AT_ONCE);
            simd.vectorize(Band {
                strip,
                rows: rows.clone(),
                into: sums,
                stride: width,
                onto: Onto::Fresh,
            });
            for (row, sums) in rows.zip(sums.chunks_exact(width)) {
                let into = &mut self.into[row * b.columns + columns.start..][..columns.len()];
                for (into, sum) in into.iter_mut().zip(sums) {
                    *into = match self.onto {
                        Onto::Fresh => *sum,
                        Onto::Sum => *into + sum,
                    };
                }
            }
        }
    }
}

/// Writes the terms of some columns of `b` to `panel`, `width` columns a term; what is not there counts as 0.
#[inline(always)]
fn lay_out(
    panel: &mut [f32],
    width: usize,
    b: Mat<'_>,
    terms: Range<usize>,
    columns: Range<usize>,
) {
    /// Columns and terms that are exchanged at once.
    const SIDE: usize = 4;
    let n = columns.len();
    if n < width {
        for row in panel.chunks_exact_mut(width) {
            row[n..].fill(0.0);
        }
    }
    if b.column_stride == 1 {
        for (term, row) in terms.zip(panel.chunks_exact_mut(width)) {
            let from = &b.values[term * b.row_stride + columns.start..];
            row[..n].copy_from_slice(&from[..n]);
        }
        return;
    }
    let column = |j: usize| &b.values[(columns.start + j) * b.column_stride..][terms.clone()];
    let whole = n / SIDE * SIDE;
    for j in (0..whole).step_by(SIDE) {
        let from: [&[f32]; SIDE] = array::from_fn(|t| column(j + t));
        let square = terms.len() / SIDE * SIDE;
        for term in (0..square).step_by(SIDE) {
            let block: [[f32; SIDE]; SIDE] =
                array::from_fn(|t| array::from_fn(|q| from[t][term..term + SIDE][q]));
            for q in 0..SIDE {
                let row = &mut panel[(term + q) * width + j..][..SIDE];
                for t in 0..SIDE {
                    row[t] = block[t][q];
                }
            }
        }
        for term in square..terms.len() {
            for (t, from) in from.iter().enumerate() {
                panel[term * width + j + t] = from[term];
            }
        }
    }
    for j in whole..n {
        for (row, &value) in panel.chunks_exact_mut(width).zip(column(j)) {
            row[j] = value;
        }
    }
}

/// A strip of columns of the product that fill `V` vectors, for one block of terms.
#[derive(Clone, Copy)]
struct Strip<'a, const V: usize> {
    a: Mat<'a>,
    /// The second matrix from the first term and column of this strip on.
    panel: &'a [f32],
    stride: usize,
    first_term: usize,
    n_terms: usize,
}

/// Some rows of a strip, as a function of its own: what is compiled together shares its registers.
struct Band<'a, const V: usize> {
    strip: Strip<'a, V>,
    rows: Range<usize>,
    into: &'a mut [f32],
    stride: usize,
    onto: Onto,
}

impl<const V: usize> WithSimd for Band<'_, V> {
    type Output = ();

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) {
        let Self {
            strip,
            rows,
            into,
            stride,
            onto,
        } = self;
        let mut done = 0;
        while done + ROWS <= rows.len() {
            strip.tile::<S, ROWS>(
                simd,
                rows.start + done,
                &mut into[done * stride..],
                stride,
                onto,
            );
            done += ROWS;
        }
        let start = into.len().min(done * stride);
        let (row, into) = (rows.start + done, &mut into[start..]);
        match rows.len() - done {
            1 => strip.tile::<S, 1>(simd, row, into, stride, onto),
            2 => strip.tile::<S, 2>(simd, row, into, stride, onto),
            3 => strip.tile::<S, 3>(simd, row, into, stride, onto),
            4 => strip.tile::<S, 4>(simd, row, into, stride, onto),
            5 => strip.tile::<S, 5>(simd, row, into, stride, onto),
            _ => {}
        }
    }
}

/// `a b + c`, rounded once.
#[inline(always)]
fn fused<S: Simd>(simd: S, a: S::f32s, b: S::f32s, c: S::f32s) -> S::f32s {
    if S::IS_SCALAR {
        // Not the platform's, which on some rounds twice.
        return cast(libm::fmaf(cast(a), cast(b), cast(c)));
    }
    simd.mul_add_f32s(a, b, c)
}

impl<const V: usize> Strip<'_, V> {
    /// Writes the chains of `R` rows from `row` on to `into`.
    // Loops over indices: they unroll into registers, where iterators of arrays went through memory.
    #[allow(clippy::needless_range_loop)]
    #[inline(always)]
    fn tile<S: Simd, const R: usize>(
        self,
        simd: S,
        row: usize,
        into: &mut [f32],
        stride: usize,
        onto: Onto,
    ) {
        let mut sums = [[simd.splat_f32s(0.0); V]; R];
        let (a, width) = (self.a, V * S::F32_LANES);
        if a.column_stride == 1 {
            let rows: [&[f32]; R] = array::from_fn(|i| {
                &a.values[(row + i) * a.row_stride + self.first_term..][..self.n_terms]
            });
            for (term, b) in (0..self.n_terms).zip(self.panel.chunks(self.stride)) {
                let (b, _) = S::as_simd_f32s(&b[..width]);
                let b: [S::f32s; V] = array::from_fn(|v| b[v]);
                for i in 0..R {
                    let factor = simd.splat_f32s(rows[i][term]);
                    for v in 0..V {
                        sums[i][v] = fused(simd, factor, b[v], sums[i][v]);
                    }
                }
            }
        } else {
            let columns = a.values[self.first_term * a.column_stride..].chunks(a.column_stride);
            for (a, b) in columns
                .take(self.n_terms)
                .zip(self.panel.chunks(self.stride))
            {
                let (b, _) = S::as_simd_f32s(&b[..width]);
                let b: [S::f32s; V] = array::from_fn(|v| b[v]);
                let a = &a[row..row + R];
                for i in 0..R {
                    let factor = simd.splat_f32s(a[i]);
                    for v in 0..V {
                        sums[i][v] = fused(simd, factor, b[v], sums[i][v]);
                    }
                }
            }
        }
        for i in 0..R {
            let (into, _) = S::as_mut_simd_f32s(&mut into[i * stride..][..width]);
            for v in 0..V {
                into[v] = match onto {
                    Onto::Fresh => sums[i][v],
                    Onto::Sum => simd.add_f32s(into[v], sums[i][v]),
                };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The definition, element by element.
    fn defined(into: &mut [f32], a: Mat<'_>, b: Mat<'_>, onto: Onto) {
        let at = |m: Mat<'_>, i, j| m.values[i * m.row_stride + j * m.column_stride];
        for (place, element) in into.iter_mut().enumerate() {
            let (i, j) = (place / b.columns, place % b.columns);
            let mut sum = (onto == Onto::Sum).then_some(*element);
            for first in (0..a.columns).step_by(BLOCK) {
                let terms = first..a.columns.min(first + BLOCK);
                let chain = terms.fold(0.0, |chain, t| libm::fmaf(at(a, i, t), at(b, t, j), chain));
                sum = Some(sum.map_or(chain, |sum| sum + chain));
            }
            *element = sum.unwrap_or(0.0);
        }
    }

    fn matrix(values: &[f32], rows: usize, columns: usize, transposed: bool) -> Mat<'_> {
        if transposed {
            Mat::new(values, columns, rows).transposed()
        } else {
            Mat::new(values, rows, columns)
        }
    }

    /// Numbers of many sizes and both signs.
    fn numbers(n: usize, salt: u32) -> Vec<f32> {
        let hashed = |i: u32| i.wrapping_add(salt).wrapping_mul(2_654_435_769);
        let number = |i| (hashed(i) as f32 / 4e9 - 0.5) * (1_u32 << (hashed(i) % 13)) as f32;
        (0..n as u32).map(number).collect()
    }

    /// The product by every set of instructions that this processor has, with a name.
    fn by_each(start: &[f32], a: Mat<'_>, b: Mat<'_>, onto: Onto) -> Vec<(&'static str, Vec<f32>)> {
        fn by<S: Simd>(simd: S, start: &[f32], a: Mat<'_>, b: Mat<'_>, onto: Onto) -> Vec<f32> {
            let mut into = start.to_vec();
            simd.vectorize(Product {
                into: &mut into,
                a,
                b,
                onto,
                buffer: &mut vec![],
            });
            into
        }
        let mut found = vec![("scalar", by(pulp::Scalar, start, a, b, onto))];
        #[cfg(target_arch = "x86_64")]
        {
            let narrow = pulp::x86::V3::try_new();
            found.extend(narrow.map(|simd| ("AVX2", by(simd, start, a, b, onto))));
            let wide = pulp::x86::V4::try_new();
            found.extend(wide.map(|simd| ("AVX-512", by(simd, start, a, b, onto))));
        }
        let mut chosen = start.to_vec();
        multiply(&mut chosen, a, b, onto);
        found.push(("the chosen one", chosen));
        found
    }

    fn assert_defined([m, n, k]: [usize; 3], [a_turned, b_turned]: [bool; 2], onto: Onto) {
        let (a, b) = (numbers(m * k, 1), numbers(k * n, 2));
        let (a, b) = (matrix(&a, m, k, a_turned), matrix(&b, k, n, b_turned));
        let start = numbers(m * n, 3);
        let mut expected = start.clone();
        defined(&mut expected, a, b, onto);
        let bits = |values: &[f32]| values.iter().map(|x| x.to_bits()).collect::<Vec<_>>();
        for (name, found) in by_each(&start, a, b, onto) {
            assert!(
                bits(&found) == bits(&expected),
                "{name}: {m} × {k} by {k} × {n}, turned {a_turned} {b_turned}, {onto:?}"
            );
        }
    }

    proptest! {
        #[test]
        fn every_shape_layout_and_width_of_vectors_gives_the_bits_of_the_definition(
            m in 1_usize..40, n in 1_usize..80, k in 1_usize..40,
            turned: [bool; 2], sum: bool,
        ) {
            assert_defined([m, n, k], turned, if sum { Onto::Sum } else { Onto::Fresh });
        }
    }

    #[test]
    fn sums_of_more_than_a_block_and_large_or_narrow_products_do_too() {
        let shapes = [
            [2, 3, BLOCK],
            [7, 33, BLOCK + 1],
            [13, 65, 3 * BLOCK - 1],
            [AT_ONCE + 7, 5, 64],
            [1, 200, 2],
            [300, 1, 70],
        ];
        // Under Miri all of them take an hour.
        let n_shapes = if cfg!(miri) { 1 } else { shapes.len() };
        for shape in shapes.into_iter().take(n_shapes) {
            for turned in [[false, false], [false, true], [true, false], [true, true]] {
                assert_defined(shape, turned, Onto::Fresh);
                assert_defined(shape, turned, Onto::Sum);
            }
        }
    }

    #[test]
    fn terms_are_added_with_one_rounding() {
        // (1 + 2⁻¹²)² is a tie between two numbers. What a wider sum would lose of 2⁻⁸⁰ is above it.
        let above = 1.0 + libm::exp2f(-12.0);
        let (a, b) = ([1.0, above], [libm::exp2f(-80.0), above]);
        let (a, b) = (Mat::new(&a, 1, 2), Mat::new(&b, 2, 1));
        for (name, found) in by_each(&[0.0], a, b, Onto::Fresh) {
            assert_eq!(found, [1.0 + libm::exp2f(-11.0) + f32::EPSILON], "{name}");
        }
    }

    #[test]
    fn a_product_without_terms_is_zero_and_one_without_elements_nothing() {
        let mut into = [1.0; 6];
        let (high, wide) = (Mat::new(&[], 2, 0), Mat::new(&[], 0, 3));
        multiply(&mut into, high, wide, Onto::Sum);
        assert_eq!(into, [1.0; 6]);
        multiply(&mut into, high, wide, Onto::Fresh);
        assert_eq!(into, [0.0; 6]);
        multiply(&mut [], wide, Mat::new(&[0.0; 6], 3, 2), Onto::Fresh);
    }

    #[test]
    fn sizes_that_do_not_fit_are_refused() {
        let wrong = |work: &(dyn Fn() + std::panic::RefUnwindSafe)| {
            assert!(std::panic::catch_unwind(work).is_err());
        };
        wrong(&|| _ = Mat::new(&[0.0; 6], 2, 4));
        wrong(&|| _ = Mat::new(&[0.0; 6], usize::MAX, 2));
        let values = [0.0; 6];
        let (wide, high) = (Mat::new(&values, 2, 3), Mat::new(&values, 3, 2));
        wrong(&|| multiply(&mut [0.0; 4], wide, wide, Onto::Fresh));
        wrong(&|| multiply(&mut [0.0; 5], wide, high, Onto::Fresh));
        multiply(&mut [0.0; 4], wide, high, Onto::Fresh);
    }
}
