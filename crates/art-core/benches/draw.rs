//! What does the order of an epoch cost, whole or one position at a time?

use art_core::{ArtParams, ArtSampler, ClassIndex, EpochSampler, Seed, Shard, Shuffle};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

fn draw(c: &mut Criterion) {
    let mut group = c.benchmark_group("draw");
    group.sample_size(10);
    for n_rows in [10_000_u32, 1_000_000, 10_000_000] {
        let labels: Vec<u32> = (0..n_rows).map(|row| row % 100 / 10).collect();
        let index = ClassIndex::new(&labels, 10).expect("labels are in range");
        let seed = Seed::new(2);
        let shuffle = Shuffle::new(index.counts().clone(), seed);
        let config = ArtParams::new().check().expect("valid");
        let art = ArtSampler::new(config, index, seed).expect("valid");
        let quarter = Shard::new(1, 4).expect("valid");
        let samplers: [(&str, &dyn EpochSampler); 2] = [("shuffle", &shuffle), ("art", &art)];
        for (name, sampler) in samplers {
            let id = |what| BenchmarkId::new(format!("{name}/{what}"), format!("rows={n_rows}"));
            group.throughput(Throughput::Elements(u64::from(n_rows)));
            group.bench_function(id("whole"), |b| {
                b.iter(|| sampler.draw(3).to_vec());
            });
            group.throughput(Throughput::Elements(u64::from(n_rows) / 4));
            group.bench_function(id("quarter"), |b| {
                b.iter(|| sampler.draw(3).shard(quarter).fold(0, u32::wrapping_add));
            });
        }
    }
    group.finish();
}

criterion_group!(benches, draw);
criterion_main!(benches);
