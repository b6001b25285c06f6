//! A training step allocates nothing.

use art_core::{ClassCounts, Seed, Shuffle};
use art_data::{GaussianClasses, TrainSet, ValidSet};
use art_losses::{BalancedSoftmax, CrossEntropy, Focal, Head, Ldam, LossSchedule};
use art_train::{Cnn, CnnParams, Mlp, MlpParams, Model, TrainParams, Trainer};
use candle_core::Device;

const SEED: Seed = Seed::new(3);
const BATCH: usize = 64;

type Make<'a> = &'a (dyn Fn() -> Box<dyn Model> + Sync);

/// Allocations of a run of two epochs of `steps` steps each.
fn allocations(make: Make<'_>, loss: &dyn LossSchedule, steps: usize) -> u64 {
    let pool = rayon::ThreadPoolBuilder::new()
        .num_threads(1)
        .build()
        .unwrap();
    pool.install(|| {
        let model = make();
        let classes =
            |n: usize| GaussianClasses::new(vec![n / 2, n / 4, n / 4], model.n_features());
        let train = TrainSet::new(classes(steps * BATCH).generate(SEED).unwrap());
        let valid = ValidSet::new(classes(40).generate(SEED).unwrap()).unwrap();
        let sampler = Box::new(Shuffle::new(train.data().class_counts(), SEED));
        let config = TrainParams::new()
            .max_epochs(2)
            .batch_size(BATCH)
            .check()
            .unwrap();
        let measured = allocation_counter::measure(|| {
            let fitted = Trainer::new(config, SEED)
                .fit(model, loss, sampler, &train, &valid)
                .unwrap();
            assert_eq!(fitted.history.steps(), 2 * steps as u64);
        });
        measured.count_total
    })
}

#[test]
fn a_step_allocates_nothing() {
    let counts = ClassCounts::new(vec![2, 1, 1]).unwrap();
    let mlp = |head: Head| -> Box<dyn Model> {
        let config = MlpParams::new(8, 3)
            .hidden([64, 64])
            .head(head)
            .check()
            .unwrap();
        Box::new(Mlp::new(config, SEED, &Device::Cpu).unwrap())
    };
    let pieces = || -> Box<dyn Model> {
        let knots = vec![vec![-1.0, 0.0, 0.5, 1.0]; 8];
        let config = MlpParams::new(8, 3).knots(knots).check().unwrap();
        Box::new(Mlp::new(config, SEED, &Device::Cpu).unwrap())
    };
    let cnn = || -> Box<dyn Model> {
        let config = CnnParams::new(12, 12, 3)
            .channels([8, 8])
            .hidden(32)
            .check()
            .unwrap();
        Box::new(Cnn::new(config, SEED, &Device::Cpu).unwrap())
    };
    let ldam = Ldam::new(&counts, 0.5, 30.0).unwrap();
    let cases: [(Make<'_>, &dyn LossSchedule); 6] = [
        (&|| mlp(Head::Linear), &CrossEntropy),
        (&|| mlp(Head::Linear), &Focal::new(2.0).unwrap()),
        (
            &|| mlp(Head::Linear),
            &BalancedSoftmax::new(&counts, 1.0).unwrap(),
        ),
        (&|| mlp(Head::Normalized), &ldam),
        (&pieces, &CrossEntropy),
        (&cnn, &CrossEntropy),
    ];
    for (make, loss) in cases {
        // The first run fills what is kept from run to run.
        allocations(make, loss, 4);
        let (few, many) = (allocations(make, loss, 4), allocations(make, loss, 40));
        assert_eq!(many, few, "{} with {}", make().describe(), loss.describe());
    }
}
