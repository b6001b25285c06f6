//! What does an epoch cost, by the fused form and by tensor operations?

use art_core::{Seed, Shuffle};
use art_data::{GaussianClasses, TrainSet, ValidSet};
use art_losses::CrossEntropy;
use art_train::{Cnn, CnnParams, Mlp, MlpParams, Model, TrainParams, Trainer};
use candle_core::Device;
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const SEED: Seed = Seed::new(1);

fn model(net: &str) -> Box<dyn Model> {
    let mlp = |inputs: usize, hidden: &[usize]| {
        let config = MlpParams::new(inputs, 2)
            .hidden(hidden)
            .check()
            .expect("valid");
        Box::new(Mlp::new(config, SEED, &Device::Cpu).expect("room"))
    };
    match net {
        "mlp-8-64-64-2" => mlp(8, &[64, 64]),
        "mlp-384-128-2" => mlp(384, &[128]),
        _ => {
            let config = CnnParams::new(28, 28, 10).check().expect("valid");
            Box::new(Cnn::new(config, SEED, &Device::Cpu).expect("room"))
        }
    }
}

fn epoch(c: &mut Criterion) {
    let mut group = c.benchmark_group("epoch");
    group.sample_size(10);
    for (net, rows, batch) in [
        ("mlp-8-64-64-2", 537, 32),
        ("mlp-384-128-2", 5_000, 64),
        ("cnn-16-32-fc64", 640, 64),
    ] {
        let shape = model(net);
        let set = |rows: usize| {
            let counts = vec![rows / shape.n_classes(); shape.n_classes()];
            GaussianClasses::new(counts, shape.n_features())
                .generate(SEED)
                .expect("valid")
        };
        let (train, valid) = (
            TrainSet::new(set(rows)),
            ValidSet::new(set(100)).expect("not resampled"),
        );
        let config = TrainParams::new()
            .max_epochs(1)
            .batch_size(batch)
            .check()
            .expect("valid");
        group.throughput(Throughput::Elements(train.data().n_rows() as u64));
        for form in ["fused", "tensors"] {
            group.bench_function(BenchmarkId::new(form, net), |b| {
                b.iter_with_setup(
                    || (model(net), Shuffle::new(train.data().class_counts(), SEED)),
                    |(model, sampler)| {
                        let mut trainer = Trainer::new(config.clone(), SEED);
                        if form == "tensors" {
                            trainer = trainer.with_tensor_operations();
                        }
                        let fitted =
                            trainer.fit(model, &CrossEntropy, Box::new(sampler), &train, &valid);
                        fitted.expect("training goes through")
                    },
                );
            });
        }
    }
    group.finish();
}

criterion_group!(benches, epoch);
criterion_main!(benches);
