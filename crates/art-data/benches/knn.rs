//! Which search is faster for how many rows and features? [`NeighborSearch::new`] chooses by the number of features.

use art_core::Seed;
use art_data::{GaussianClasses, NeighborAlgorithm, NeighborSearch};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const K: usize = 5;
/// Rows for each query, as where a class of a tenth of the rows is over-sampled.
const ROWS_A_QUERY: usize = 10;

fn knn(c: &mut Criterion) {
    let mut group = c.benchmark_group("knn");
    group.sample_size(10);
    for n_features in [2, 8, 16, 32, 48, 64] {
        for n_rows in [1_000, 10_000, 100_000] {
            let data = GaussianClasses::new(vec![n_rows / 2, n_rows / 2], n_features)
                .generate(Seed::new(1))
                .expect("valid");
            let rows: Vec<u32> = (0..n_rows as u32).step_by(ROWS_A_QUERY).collect();
            group.throughput(Throughput::Elements(rows.len() as u64));
            for algorithm in [NeighborAlgorithm::Tree, NeighborAlgorithm::Tiles] {
                let id = BenchmarkId::new(
                    format!("{algorithm:?}"),
                    format!("rows={n_rows}/features={n_features}"),
                );
                // The tree is built each time, as it is in a resampler.
                group.bench_function(id, |b| {
                    b.iter(|| {
                        NeighborSearch::with_algorithm(data.features(), algorithm).of_rows(&rows, K)
                    });
                });
            }
        }
    }
    group.finish();
}

criterion_group!(benches, knn);
criterion_main!(benches);
