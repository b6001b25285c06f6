//! Which search is faster at which number of features, and how far is it from a plain scan?

use art_core::Seed;
use art_data::{Algorithm, GaussianClasses, NeighborSearch};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const K: usize = 5;

fn knn(c: &mut Criterion) {
    let mut group = c.benchmark_group("knn");
    group.sample_size(10);
    for n_features in [4, 8, 12, 16, 32, 128] {
        let n_rows = 10_000;
        let data = GaussianClasses::new(vec![n_rows / 2, n_rows / 2], n_features)
            .generate(Seed::new(1))
            .expect("valid");
        let rows: Vec<u32> = (0..n_rows as u32).collect();
        group.throughput(Throughput::Elements(n_rows as u64));
        for algorithm in [Algorithm::KdTree, Algorithm::Tiles] {
            let id = BenchmarkId::new(
                format!("{algorithm:?}"),
                format!("rows={n_rows}/features={n_features}"),
            );
            group.bench_function(id, |b| {
                b.iter(|| {
                    NeighborSearch::with_algorithm(data.features(), algorithm).of_rows(&rows, K)
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, knn);
criterion_main!(benches);
