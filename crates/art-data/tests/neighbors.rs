//! The fast searches equal the plain scan, ties and twins included, for any number of threads.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_core::Seed;
use art_data::{NeighborAlgorithm, NeighborSearch};
use ndarray::{Array2, array};
use proptest::prelude::*;

/// Points on a coarse grid, so that twins and equal distances abound; `levels` values a feature, whose products are not exact.
fn grid(n: usize, d: usize, levels: usize, seed: u64) -> Array2<f32> {
    let mut stream = Seed::new(seed).generator();
    Array2::from_shape_simple_fn((n, d), || stream.below(levels) as f32 * 0.1 - 1.0)
}

fn assert_all_agree(points: &Array2<f32>, rows: &[u32], queries: &Array2<f32>, k: usize) {
    let scan = NeighborSearch::with_algorithm(points.view(), NeighborAlgorithm::Scan);
    for algorithm in [NeighborAlgorithm::Tree, NeighborAlgorithm::Tiles] {
        let fast = NeighborSearch::with_algorithm(points.view(), algorithm);
        assert_eq!(
            fast.of_rows(rows, k),
            scan.of_rows(rows, k),
            "{algorithm:?}"
        );
        assert_eq!(
            fast.of_queries(queries.view(), k),
            scan.of_queries(queries.view(), k),
            "{algorithm:?}"
        );
    }
}

/// 300 rows in any order, some of them more than once.
fn some_rows(n: usize, seed: u64) -> Vec<u32> {
    let mut stream = Seed::new(seed).stream("rows", 0);
    (0..300).map(|_| stream.below(n) as u32).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn fast_searches_equal_the_scan(
        n in 1_usize..1500,
        d in prop_oneof![1_usize..9, 9_usize..40],
        levels in prop_oneof![1_usize..5, 5_usize..2000],
        k in prop_oneof![1_usize..12, Just(20), Just(40), Just(300)],
        seed: u64,
    ) {
        let points = grid(n, d, levels, seed);
        assert_all_agree(&points, &some_rows(n, seed), &grid(37, d, levels, seed ^ 1), k);
    }

    #[test]
    fn offsets_that_strain_single_precision_change_nothing(
        offset in prop::sample::select(vec![1e-22_f32, 1e-12, 1e3, 1e6, 1e9, 1e15, 1e18, 1e25]),
        spread in prop::sample::select(vec![1e-4_f32, 1e-5, 1e-6, 3e-8]),
        d in prop_oneof![1_usize..5, Just(16)],
        seed: u64,
    ) {
        let points = grid(1000, d, 5000, seed) * (offset * spread) + offset;
        let queries = grid(20, d, 5000, seed ^ 1) * (offset * spread) + offset;
        assert_all_agree(&points, &some_rows(1000, seed), &queries, 5);
    }

    #[test]
    fn outliers_and_rows_of_zeros_change_nothing(d in 1_usize..9, far in 10_i32..18, seed: u64) {
        let mut points = grid(1000, d, 2000, seed);
        for (row, mut values) in points.rows_mut().into_iter().enumerate() {
            match row {
                7 => values.fill(10.0_f32.powi(far)),
                300..700 => values.fill(0.0),
                700..710 => values.fill(1e-23),
                _ => {}
            }
        }
        assert_all_agree(&points, &some_rows(1000, seed), &Array2::zeros((260, d)), 5);
    }
}

#[test]
fn the_scan_and_the_farthest_are_those_of_sorting_all() {
    let (points, queries) = (grid(200, 3, 9, 1), grid(30, 3, 9, 2));
    let search = NeighborSearch::with_algorithm(points.view(), NeighborAlgorithm::Scan);
    let (nearest, farthest) = (
        search.of_queries(queries.view(), 7),
        search.farthest_of_queries(queries.view(), 7),
    );
    for (number, query) in queries.rows().into_iter().enumerate() {
        let squared = |row: u32| -> f64 {
            let pairs = query.iter().zip(points.row(row as usize));
            pairs
                .map(|(&a, &b)| (f64::from(a) - f64::from(b)).powi(2))
                .sum()
        };
        let mut all: Vec<(f64, u32)> = (0..200).map(|row| (squared(row), row)).collect();
        all.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        let rows: Vec<u32> = all.iter().take(7).map(|(_, row)| *row).collect();
        assert_eq!(nearest.rows(number), rows);
        all.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        let rows: Vec<u32> = all.iter().take(7).map(|(_, row)| *row).collect();
        assert_eq!(farthest.rows(number), rows);
    }
}

#[test]
fn a_twin_is_a_neighbor_and_oneself_is_not() {
    let points = array![[1.0], [5.0], [1.0], [1.0]];
    for algorithm in [
        NeighborAlgorithm::Scan,
        NeighborAlgorithm::Tree,
        NeighborAlgorithm::Tiles,
    ] {
        let search = NeighborSearch::with_algorithm(points.view(), algorithm);
        let neighbors = search.of_rows(&[0, 2, 3], 2);
        assert_eq!(
            [0, 1, 2].map(|q| neighbors.rows(q).to_vec()),
            [[2, 3], [0, 3], [0, 2]]
        );
        assert_eq!(neighbors.squared_distances(0), [0.0, 0.0]);
    }
}

#[test]
fn k_shrinks_to_the_points_there_are() {
    let points = array![[1.0], [5.0], [2.0]];
    let search = NeighborSearch::new(points.view());
    assert_eq!(search.of_rows(&[1], 9).rows(0), [2, 0]);
    assert_eq!(
        search.of_queries(array![[9.0]].view(), 9).rows(0),
        [1, 2, 0]
    );
    let single = array![[1.0]];
    let search = NeighborSearch::new(single.view());
    assert_eq!(
        (
            search.of_rows(&[0], 3).k(),
            search.of_queries(array![[2.0]].view(), 3).k()
        ),
        (0, 1)
    );
}

#[test]
fn the_specifications_fixture_comes_out() {
    let x = [0.0, 1.0, 2.1, 3.3, 4.6, 9.0, 2.5, 5.0, 5.7, 6.2];
    let points = Array2::from_shape_fn((10, 1), |(row, _)| x[row]);
    let neighbors = NeighborSearch::new(points.view()).of_rows(&[6, 7, 8, 9], 3);
    let expected = [[2, 3, 1], [4, 8, 9], [9, 7, 4], [8, 7, 4]];
    assert_eq!([0, 1, 2, 3].map(|q| neighbors.rows(q).to_vec()), expected);
}

#[test]
fn threads_change_nothing() {
    // Enough rows for the tree to be built by several threads.
    let points = grid(9000, 6, 50, 4);
    let rows: Vec<u32> = (0..9000).step_by(3).collect();
    let with_threads = |n: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(n)
            .build()
            .unwrap();
        pool.install(|| NeighborSearch::new(points.view()).of_rows(&rows, 7))
    };
    assert_eq!(with_threads(1), with_threads(3));
}

#[test]
fn tiny_values_and_rows_without_features_are_searched_like_any_others() {
    for scale in [1e-22_f32, 1e-18, 1e-15, 1e-10] {
        let (points, queries) = (
            grid(300, 16, 5000, 1) * scale,
            grid(20, 16, 5000, 2) * scale,
        );
        assert_all_agree(&points, &some_rows(300, 3), &queries, 5);
    }
    let (points, queries) = (Array2::zeros((9, 0)), Array2::zeros((4, 0)));
    assert_all_agree(&points, &[3, 0], &queries, 3);
    let search = NeighborSearch::new(points.view());
    assert_eq!(
        search.farthest_of_queries(queries.view(), 2).rows(3),
        [0, 1]
    );
}
