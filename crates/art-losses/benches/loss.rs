//! What does a loss with its gradients cost, as a kernel and by automatic differentiation?

use art_core::{ClassCounts, Seed};
use art_losses::{BalancedSoftmax, CrossEntropy, Focal, Ldam, Loss, Ohem};
use candle_core::{Device, Tensor, Var};
use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};

const BATCH: usize = 64;

fn loss(c: &mut Criterion) {
    let mut group = c.benchmark_group("loss");
    for n_classes in [2, 10] {
        let counts = ClassCounts::new((1..=n_classes).map(|n| 10 * n).collect()).expect("rows");
        let losses: [Box<dyn Loss>; 5] = [
            Box::new(CrossEntropy),
            Box::new(Focal::new(2.0).expect("valid")),
            Box::new(Ohem::share(0.7).expect("valid")),
            Box::new(Ldam::new(&counts, 0.5, 30.0).expect("valid")),
            Box::new(BalancedSoftmax::new(&counts, 1.0).expect("valid")),
        ];
        let mut stream = Seed::new(1).generator();
        let logits: Vec<f64> = (0..BATCH * n_classes).map(|_| stream.normal()).collect();
        let targets: Vec<u32> = (0..BATCH).map(|_| stream.below(n_classes) as u32).collect();
        group.throughput(Throughput::Elements(BATCH as u64));
        for loss in losses {
            let id = |form| {
                BenchmarkId::new(
                    format!("{}/{form}", loss.name()),
                    format!("classes={n_classes}"),
                )
            };
            let mut gradients = vec![0.0; logits.len()];
            group.bench_function(id("kernel"), |b| {
                b.iter(|| {
                    loss.value_and_gradient(&logits, &targets, &mut gradients)
                        .expect("valid")
                });
            });
            let tensor =
                Tensor::from_slice(&logits, (BATCH, n_classes), &Device::Cpu).expect("shape");
            let tensor = Var::from_tensor(&tensor).expect("a tensor");
            let labels = Tensor::new(&*targets, &Device::Cpu).expect("labels");
            group.bench_function(id("tensors"), |b| {
                b.iter(|| {
                    loss.forward(&tensor, &labels)
                        .expect("valid")
                        .backward()
                        .expect("a graph")
                });
            });
        }
    }
    group.finish();
}

criterion_group!(benches, loss);
criterion_main!(benches);
