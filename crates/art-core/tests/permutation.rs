//! The keyed permutation is a bijection and behaves like a uniform shuffle.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_core::{Permutation, Seed};
use proptest::prelude::*;

fn permutation(n: u32, key: u64) -> Permutation {
    Permutation::new(n, &mut Seed::new(1834).stream("test", key))
}

fn is_bijective(n: u32, key: u64) -> bool {
    let permutation = permutation(n, key);
    let mut seen = vec![false; n as usize];
    (0..n).all(|i| !std::mem::replace(&mut seen[permutation.get(i) as usize], true))
}

#[test]
fn every_small_size_is_bijective() {
    for n in 0..=5000 {
        assert!(is_bijective(n, u64::from(n)), "n = {n}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]
    #[test]
    fn large_sizes_are_bijective(n in 5_001_u32..400_000, key: u64) {
        prop_assert!(is_bijective(n, key));
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Asked for many at a time, by tables of the rounds where that is worth it.
    #[test]
    fn many_positions_at_once_are_those_of_one_at_a_time(n in 1_u32..70_000, part in 1_u32..5, key: u64) {
        let (permutation, count) = (permutation(n, key), n / part);
        let mut found = vec![];
        permutation.for_each_of_first(count, |item| found.push(item));
        let expected: Vec<u32> = (0..count).map(|position| permutation.get(position)).collect();
        prop_assert_eq!(found, expected);
    }
}

/// Largest deviation, in standard errors, of cell counts that should be equal.
fn worst_z(counts: &[u32], draws: u32) -> f64 {
    let (draws, share) = (f64::from(draws), 1.0 / counts.len() as f64);
    let standard_error = (draws * share * (1.0 - share)).sqrt();
    let z = |&count: &u32| ((f64::from(count) - draws * share) / standard_error).abs();
    counts.iter().map(z).fold(0.0, f64::max)
}

const SIZES: [u32; 12] = [2, 3, 4, 5, 6, 7, 8, 9, 13, 16, 17, 33];

#[test]
fn first_position_is_uniform() {
    for n in SIZES {
        let draws = 40_000;
        let mut counts = vec![0; n as usize];
        for key in 0..draws {
            counts[permutation(n, u64::from(key)).get(0) as usize] += 1;
        }
        assert!(worst_z(&counts, draws) < 4.0, "n = {n}: {counts:?}");
    }
}

#[test]
fn pairs_of_positions_are_uniform() {
    for n in SIZES {
        let draws = 60_000;
        let mut counts = vec![0; (n * n) as usize];
        for key in 0..draws {
            let permutation = permutation(n, u64::from(key));
            counts[(permutation.get(0) * n + permutation.get(n - 1)) as usize] += 1;
        }
        let possible: Vec<u32> = (0..n * n)
            .filter(|cell| cell / n != cell % n)
            .map(|cell| counts[cell as usize])
            .collect();
        // Up to 1056 cells are looked at, so the bound is that of the largest of many.
        let bound = if possible.len() > 100 { 4.6 } else { 4.0 };
        let worst = worst_z(&possible, draws);
        assert!(worst < bound, "n = {n}: {worst}");
    }
}

#[test]
fn every_order_of_four_items_is_equally_likely() {
    let draws = 100_000;
    let mut counts = std::collections::BTreeMap::new();
    for key in 0..draws {
        let permutation = permutation(4, u64::from(key));
        *counts
            .entry([0, 1, 2, 3].map(|i| permutation.get(i)))
            .or_insert(0) += 1;
    }
    let counts: Vec<u32> = counts.into_values().collect();
    assert_eq!(counts.len(), 24);
    assert!(worst_z(&counts, draws) < 4.0, "{counts:?}");
}

#[test]
fn cycle_counts_have_the_mean_of_a_uniform_shuffle() {
    for (n, draws) in [
        (5, 20_000),
        (12, 20_000),
        (100, 20_000),
        (513, 10_000),
        (5000, 2_000_u32),
    ] {
        let cycles = |key| {
            let permutation = permutation(n, key);
            let mut seen = vec![false; n as usize];
            let mut cycles = 0.0;
            for start in 0..n {
                let mut item = start;
                if !seen[item as usize] {
                    cycles += 1.0;
                }
                while !std::mem::replace(&mut seen[item as usize], true) {
                    item = permutation.get(item);
                }
            }
            cycles
        };
        let mean = (0..u64::from(draws)).map(cycles).sum::<f64>() / f64::from(draws);
        let inverse = |power: i32| (1..=n).map(|i| f64::from(i).powi(-power)).sum::<f64>();
        let standard_error = ((inverse(1) - inverse(2)) / f64::from(draws)).sqrt();
        let z = (mean - inverse(1)) / standard_error;
        assert!(z.abs() < 4.0, "n = {n}: mean {mean}, z {z}");
    }
}

#[test]
fn different_keys_are_uncorrelated() {
    let n = 6000_u32;
    let center = f64::from(n - 1) / 2.0;
    let variance = f64::from(n * n - 1) / 12.0;
    for key in 0..50 {
        let (a, b) = (permutation(n, key), permutation(n, key + 1));
        let product = |i| (f64::from(a.get(i)) - center) * (f64::from(b.get(i)) - center);
        let correlation = (0..n).map(product).sum::<f64>() / (f64::from(n) * variance);
        assert!(
            correlation.abs() < 4.0 / f64::from(n - 1).sqrt(),
            "key {key}: {correlation}"
        );
    }
}
