//! What does one refresh cost, by ART and by break-even feedback, with and without a materialised row list?

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_core::{
    ArtParams, ArtSampler, BreakEven, BreakEvenParams, ClassIndex, ConfusionMatrix, EpochSampler,
    Seed,
};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use std::{hint::black_box, sync::Arc};

/// Rows whose class sizes fall geometrically, and a validation result.
fn setup(n_rows: usize, n_classes: usize) -> (Arc<ClassIndex>, ConfusionMatrix) {
    let shares: Vec<f64> = (0..n_classes)
        .map(|c| 0.01_f64.powf(c as f64 / n_classes as f64))
        .collect();
    let mut stream = Seed::new(1).generator();
    let labels: Vec<u32> = (0..n_rows)
        .map(|_| stream.categorical(&shares).expect("shares are positive") as u32)
        .collect();
    let index = ClassIndex::new(&labels, n_classes).expect("labels are in range");
    let mut validation = ConfusionMatrix::new(n_classes).expect("valid");
    for row in 0..100 * n_classes as u32 {
        let truth = row % n_classes as u32;
        let predicted = if row % 3 == 0 {
            (truth + 1) % n_classes as u32
        } else {
            truth
        };
        validation.record(truth, predicted).expect("declared");
    }
    (Arc::new(index), validation)
}

/// Both samplers over the same rows, each refreshed by every validation result.
fn samplers(index: &Arc<ClassIndex>) -> [Box<dyn EpochSampler>; 2] {
    let art = ArtParams::new().boost_frequency(1).check().expect("valid");
    let art = ArtSampler::new(art, Arc::clone(index), Seed::new(2)).expect("valid");
    let even = BreakEvenParams::new().check().expect("valid");
    let even = BreakEven::new(even, Arc::clone(index), Seed::new(2));
    [Box::new(art), Box::new(even)]
}

fn refresh(c: &mut Criterion) {
    let mut group = c.benchmark_group("refresh");
    group.sample_size(10);
    for (n_rows, n_classes) in [(10_000, 10), (1_000_000, 10), (10_000_000, 100)] {
        let (index, validation) = setup(n_rows, n_classes);
        group.throughput(Throughput::Elements(n_rows as u64));
        for mut sampler in samplers(&index) {
            let name = sampler.name().to_owned();
            let id = |what| {
                let size = format!("rows={n_rows}/classes={n_classes}");
                BenchmarkId::new(format!("{name}/{what}"), size)
            };
            let mut epochs = 1..;
            let mut next = || epochs.next().expect("epochs go on");
            group.bench_function(id("addressable"), |b| {
                b.iter(|| black_box(sampler.observe(next(), &validation).expect("valid")));
            });
            group.bench_function(id("materialised"), |b| {
                b.iter(|| {
                    sampler.observe(next(), &validation).expect("valid");
                    black_box(sampler.draw(2).list().to_vec())
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, refresh);
criterion_main!(benches);
