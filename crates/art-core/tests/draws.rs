//! How a class distribution becomes rows: totals, bounds, expectations, single positions.

mod common;

use art_core::{
    ArtParams, DrawMode, EpochSampler,
    apportion::{largest_remainder, systematic},
};
use common::{MODES, art, index, labels, validation};
use proptest::prelude::*;

#[test]
fn c_of_one_draws_every_row_exactly_once() {
    let mut sampler = art(
        ArtParams::new().blend_constant(1.0).boost_frequency(1),
        &[30, 8, 2],
        5,
    );
    sampler.observe(1, &validation(&[9, 2, 0])).unwrap();
    let mut rows = sampler.draw(2).to_vec();
    rows.sort_unstable();
    assert_eq!(rows, (0..40).collect::<Vec<_>>());
}

#[test]
fn mean_counts_of_the_random_modes_agree_with_the_distribution() {
    let counts = [70, 25, 5];
    let labels = labels(&counts);
    for mode in [
        DrawMode::Systematic,
        DrawMode::Iid,
        DrawMode::TwoPart,
        DrawMode::Package,
    ] {
        let runs = 400_u32;
        let mut sums = [0.0_f64; 3];
        let mut squares = [0.0_f64; 3];
        let mut p = vec![];
        for seed in 0..runs {
            let sampler = art(
                ArtParams::new().blend_constant(0.3).mode(mode),
                &counts,
                u64::from(seed),
            );
            let drawn = sampler.draw(1).class_counts(&labels, 3).unwrap();
            for (class, &n) in drawn.as_slice().iter().enumerate() {
                sums[class] += n as f64;
                squares[class] += (n * n) as f64;
            }
            p = sampler.distribution().as_slice().to_vec();
        }
        let runs = f64::from(runs);
        for class in 0..3 {
            let mean = sums[class] / runs;
            let variance = squares[class] / runs - mean * mean;
            let rounding = if mode == DrawMode::Package { 0.5 } else { 0.0 };
            let tolerance = 4.0 * (variance / runs).sqrt() + rounding + 1e-9;
            // The last quota of two_part is a rounded whole number as well.
            let tolerance = if mode == DrawMode::TwoPart {
                tolerance + 1.0
            } else {
                tolerance
            };
            assert!(
                (mean - 100.0 * p[class]).abs() < tolerance,
                "{mode:?} class {class}: {mean}"
            );
        }
    }
}

fn counts_and_right() -> impl Strategy<Value = (Vec<usize>, Vec<u64>)> {
    proptest::collection::vec((0_usize..60, 0_u64..=10), 1..8)
        .prop_filter("some class has rows", |v| v.iter().any(|&(n, _)| n > 0))
        .prop_map(|v| v.into_iter().unzip())
}

proptest! {
    #[test]
    fn exact_and_systematic_draws_have_n_rows_close_to_the_distribution(
        (counts, right) in counts_and_right(), c in 0.0..=1.0_f64, seed: u64,
    ) {
        for mode in [DrawMode::Exact, DrawMode::Systematic] {
            let params = ArtParams::new().blend_constant(c).boost_frequency(1).mode(mode);
            let mut sampler = art(params, &counts, seed);
            sampler.observe(1, &validation(&right)).unwrap();
            let p = sampler.distribution().as_slice().to_vec();
            prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);

            let n = counts.iter().sum::<usize>();
            let draw = sampler.draw(2);
            prop_assert_eq!(draw.len(), n);
            let mut copies = vec![0_usize; n];
            for row in draw.to_vec() {
                copies[row as usize] += 1;
            }
            let index = index(&counts);
            for (class, p) in p.iter().enumerate() {
                let of_class: Vec<usize> = index.rows(class).iter().map(|&r| copies[r as usize]).collect();
                let quota = of_class.iter().sum::<usize>();
                prop_assert!((quota as f64 - n as f64 * p).abs() < 1.0 + 1e-6);
                if let (Some(most), Some(least)) = (of_class.iter().max(), of_class.iter().min()) {
                    prop_assert!(most - least <= 1);
                }
            }
        }
    }

    #[test]
    fn single_positions_equal_the_materialised_epoch(
        (counts, right) in counts_and_right(), seed: u64, epoch in 1_u32..500,
    ) {
        for mode in MODES {
            let mut sampler = art(ArtParams::new().boost_frequency(1).mode(mode), &counts, seed);
            sampler.observe(1, &validation(&right)).unwrap();
            let draw = sampler.draw(epoch);
            let rows = draw.to_vec();
            let singly: Vec<u32> = (0..draw.len()).map(|t| draw.get(t).unwrap()).collect();
            prop_assert_eq!(&singly, &rows);
            let list = draw.list();
            let listed: Vec<u32> = (0..list.len()).map(|t| list.get(t).unwrap()).collect();
            prop_assert_eq!(listed, list.to_vec());
        }
    }

    #[test]
    fn apportioned_counts_sum_to_the_total_and_stay_within_one(
        scores in proptest::collection::vec(0.0..1.0_f64, 1..20), n in 0_usize..5000, u in 0.0..1.0_f64,
    ) {
        let sum: f64 = scores.iter().sum();
        prop_assume!(sum > 0.0);
        let targets: Vec<f64> = scores.iter().map(|s| s / sum * n as f64).collect();
        for quotas in [largest_remainder(&targets).unwrap(), systematic(&targets, u).unwrap()] {
            prop_assert_eq!(quotas.iter().sum::<usize>(), n);
            for (q, t) in quotas.iter().zip(&targets) {
                prop_assert!((*q as f64 - t).abs() < 1.0 + 1e-6);
            }
        }
    }
}
