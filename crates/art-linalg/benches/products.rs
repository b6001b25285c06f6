//! Products by shape, as a share of what the processor can multiply and add at most.
//!
//! `cargo bench -p art-linalg` prints the fastest of many repeats of each, on one thread. The peak is measured in the same
//! run: twelve independent chains of fused multiply-adds in registers.

use art_linalg::{Mat, Onto, multiply};
use pulp::{Arch, Simd, WithSimd};
use std::{
    hint::black_box,
    time::{Duration, Instant},
};

/// Rows of the first, columns of the second matrix, terms; whether each lies transposed; where it occurs.
const SHAPES: [([usize; 3], [bool; 2], &str); 13] = [
    ([64, 64, 8], [false, true], "first layer, forward"),
    ([64, 64, 64], [false, true], "hidden layer, forward"),
    ([64, 64, 64], [true, false], "hidden layer, by the weights"),
    ([64, 64, 64], [false, false], "hidden layer, by the input"),
    ([64, 2, 64], [false, true], "two logits"),
    ([64, 10, 64], [false, true], "ten logits"),
    ([64, 128, 384], [false, true], "embeddings, forward"),
    ([128, 384, 64], [true, false], "embeddings, by the weights"),
    ([196, 64, 288], [false, true], "convolution, one image"),
    ([64, 128, 3136], [false, true], "dense layer on images"),
    ([1, 64, 64], [false, true], "one row"),
    ([256, 1024, 30], [false, true], "distances"),
    ([512, 512, 512], [false, false], "square"),
];

/// How long each is repeated.
const LONG: Duration = Duration::from_millis(300);

fn main() {
    let peak = peak();
    println!("peak {:.1} billion operations a second", peak / 1e9);
    for ([m, n, k], [a_turned, b_turned], place) in SHAPES {
        let (a, b) = (vec![0.5; m * k], vec![0.25; k * n]);
        let matrix = |values, rows, columns, turned| {
            if turned {
                Mat::new(values, columns, rows).transposed()
            } else {
                Mat::new(values, rows, columns)
            }
        };
        let (a, b) = (matrix(&a, m, k, a_turned), matrix(&b, k, n, b_turned));
        let mut into = vec![0.0; m * n];
        let operations = (2 * m * n * k) as f64;
        let seconds = fastest(operations, || {
            multiply(black_box(&mut into), a, b, Onto::Fresh);
        });
        println!(
            "{m:>4} × {n:>4} × {k:>4}  {:>9.2} µs  {:>5.1} %  {place}",
            seconds * 1e6,
            100.0 * operations / seconds / peak
        );
    }
}

/// Seconds of the fastest of many calls of `work`; short ones are timed several at a time.
fn fastest(operations: f64, mut work: impl FnMut()) -> f64 {
    let at_once = (2e6 / operations).ceil().max(1.0);
    let mut best = f64::INFINITY;
    let start = Instant::now();
    while start.elapsed() < LONG {
        let one = Instant::now();
        for _ in 0..at_once as usize {
            work();
        }
        best = best.min(one.elapsed().as_secs_f64() / at_once);
    }
    best
}

/// Operations a second, a fused multiply-add counted as two.
fn peak() -> f64 {
    let operations = Arch::new().dispatch(Chains);
    operations / fastest(operations, || _ = black_box(Arch::new().dispatch(Chains)))
}

struct Chains;

impl WithSimd for Chains {
    /// Operations.
    type Output = f64;

    #[inline(always)]
    fn with_simd<S: Simd>(self, simd: S) -> f64 {
        const CHAINS: usize = 12;
        const LINKS: usize = 4096;
        let factor = simd.splat_f32s(black_box(0.999));
        let mut sums = [simd.splat_f32s(black_box(1.0)); CHAINS];
        for _ in 0..LINKS {
            for sum in &mut sums {
                *sum = simd.mul_add_f32s(*sum, factor, factor);
            }
        }
        black_box(sums);
        (2 * CHAINS * LINKS * S::F32_LANES) as f64
    }
}
