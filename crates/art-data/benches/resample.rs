//! What does resampling cost at an imbalance ratio of 10?

use art_core::Seed;
use art_data::{GaussianClasses, NearMiss, NearMissRule, Resampler, Smote, TrainSet};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn resample(c: &mut Criterion) {
    let mut group = c.benchmark_group("resample");
    group.sample_size(10);
    for (n_rows, n_features) in [
        (10_000, 8),
        (10_000, 32),
        (10_000, 128),
        (100_000, 8),
        (100_000, 32),
    ] {
        let minority = n_rows / 11;
        let data = GaussianClasses::new(vec![n_rows - minority, minority], n_features)
            .generate(Seed::new(1))
            .expect("valid");
        let train = TrainSet::new(data);
        group.throughput(Throughput::Elements(n_rows as u64));
        let resamplers: [&dyn Resampler; 3] = [
            &Smote::new(),
            &NearMiss::new(NearMissRule::Nearest),
            &NearMiss::new(NearMissRule::TwoStage),
        ];
        for resampler in resamplers {
            let id = BenchmarkId::new(
                resampler.name(),
                format!("rows={n_rows}/features={n_features}"),
            );
            group.bench_function(id, |b| {
                b.iter(|| resampler.resample(&train, Seed::new(7)).expect("valid"));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, resample);
criterion_main!(benches);
