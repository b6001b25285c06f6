//! Which search is faster for how many rows and features? [`NeighborSearch::new`] chooses by this bench.

use art_core::Seed;
use art_data::{Algorithm, GaussianClasses, NeighborSearch};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const K: usize = 5;
/// Queries of each search, however many rows there are.
const QUERIES: u32 = 1_000;

fn knn(c: &mut Criterion) {
    let mut group = c.benchmark_group("knn");
    group.sample_size(10);
    for n_features in [2, 4, 6, 8, 12, 16] {
        for n_rows in [1_000, 4_000, 16_000, 64_000, 256_000] {
            let data = GaussianClasses::new(vec![n_rows / 2, n_rows / 2], n_features)
                .generate(Seed::new(1))
                .expect("valid");
            let rows: Vec<u32> = (0..QUERIES).collect();
            group.throughput(Throughput::Elements(u64::from(QUERIES)));
            for algorithm in [Algorithm::Tree, Algorithm::Tiles] {
                let search = NeighborSearch::with_algorithm(data.features(), algorithm);
                let id = BenchmarkId::new(
                    format!("{algorithm:?}"),
                    format!("rows={n_rows}/features={n_features}"),
                );
                group.bench_function(id, |b| b.iter(|| search.of_rows(&rows, K)));
            }
        }
    }
    group.finish();
}

criterion_group!(benches, knn);
criterion_main!(benches);
