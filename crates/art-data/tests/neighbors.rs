//! The fast searches equal the plain scan, ties and twins included, for any number of threads.

use art_core::Seed;
use art_data::{Algorithm, NeighborSearch};
use ndarray::{Array2, array};
use proptest::prelude::*;

/// Points on a coarse grid, so that twins and equal distances abound; `levels` values a feature.
fn grid(n: usize, d: usize, levels: usize, seed: u64) -> Array2<f32> {
    let mut stream = Seed::new(seed).generator();
    Array2::from_shape_simple_fn((n, d), || stream.below(levels) as f32 * 0.5 - 1.0)
}

fn assert_all_agree(points: &Array2<f32>, queries: &Array2<f32>, k: usize) {
    let rows: Vec<u32> = (0..points.nrows() as u32).rev().collect();
    let scan = NeighborSearch::with_algorithm(points.view(), Algorithm::Scan);
    for algorithm in [Algorithm::Tree, Algorithm::Tiles] {
        let fast = NeighborSearch::with_algorithm(points.view(), algorithm);
        assert_eq!(
            fast.of_rows(&rows, k),
            scan.of_rows(&rows, k),
            "{algorithm:?}"
        );
        assert_eq!(
            fast.of_queries(queries.view(), k),
            scan.of_queries(queries.view(), k),
            "{algorithm:?}"
        );
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(60))]
    #[test]
    fn fast_searches_equal_the_scan(
        n in 1_usize..1200, d in prop_oneof![1_usize..24, 30_usize..40], levels in 1_usize..2000, k in 1_usize..12, seed: u64,
    ) {
        assert_all_agree(&grid(n, d, levels, seed), &grid(37, d, levels, seed ^ 1), k);
    }

    #[test]
    fn offsets_that_strain_single_precision_change_nothing(
        offset in prop::sample::select(vec![1e-22_f32, 1e-12, 1e3, 1e6, 1e9, 1e15, 1e19, 1e25]), seed: u64,
    ) {
        let points = grid(300, 16, 5000, seed) * (offset * 1e-4) + offset;
        let queries = grid(20, 16, 5000, seed ^ 1) * (offset * 1e-4) + offset;
        assert_all_agree(&points, &queries, 5);
    }
}

#[test]
fn a_twin_is_a_neighbour_and_oneself_is_not() {
    let points = array![[1.0], [5.0], [1.0], [1.0]];
    for algorithm in [Algorithm::Scan, Algorithm::Tree, Algorithm::Tiles] {
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
    let points = grid(3000, 20, 50, 4);
    let rows: Vec<u32> = (0..3000).collect();
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
        assert_all_agree(
            &(grid(300, 16, 5000, 1) * scale),
            &(grid(20, 16, 5000, 2) * scale),
            5,
        );
    }
    assert_all_agree(&Array2::zeros((9, 0)), &Array2::zeros((4, 0)), 3);
}
