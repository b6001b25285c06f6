//! A training step allocates nothing of its own: the only allocations are those inside matrix products.

use art_core::{ClassCounts, Seed, Shuffle};
use art_data::{GaussianClasses, TrainSet, ValidSet};
use art_linalg::{Mat, Onto, multiply};
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

/// A product `(m, k) · (k, n)`, with either factor transposed in memory, and how often a step takes it.
type Product = ([usize; 3], [bool; 2], usize);

/// Allocations of a product: the crate `gemm` makes room for packed factors in every call.
fn of_product((&[m, k, n], &[a_transposed, b_transposed]): (&[usize; 3], &[bool; 2])) -> u64 {
    let (a, b, mut into) = (vec![1.0; m * k], vec![1.0; k * n], vec![1.0; m * n]);
    let matrix = |values, rows, columns, transposed| {
        if transposed {
            Mat::new(values, columns, rows).transposed()
        } else {
            Mat::new(values, rows, columns)
        }
    };
    let (a, b) = (
        matrix(&a, m, k, a_transposed),
        matrix(&b, k, n, b_transposed),
    );
    multiply(&mut into, a, b, Onto::Fresh);
    allocation_counter::measure(|| multiply(&mut into, a, b, Onto::Fresh)).count_total
}

/// The products of a dense layer in a step: forward, slopes by the weights, slopes by the input.
fn dense(inputs: usize, outputs: usize, is_first: bool) -> Vec<Product> {
    vec![
        ([BATCH, inputs, outputs], [false, true], 1),
        ([outputs, BATCH, inputs], [true, false], 1),
        (
            [BATCH, outputs, inputs],
            [false, false],
            usize::from(!is_first),
        ),
    ]
}

/// The same of a convolution, picture by picture.
fn conv(outputs: usize, taps: usize, pixels: usize, is_first: bool) -> Vec<Product> {
    vec![
        // The patches of a first convolution lie tap by tap.
        ([pixels, taps, outputs], [is_first, false], BATCH),
        ([outputs, pixels, taps], [true, is_first], BATCH),
        (
            [pixels, outputs, taps],
            [false, false],
            if is_first { 0 } else { BATCH },
        ),
    ]
}

#[test]
fn a_step_allocates_nothing_but_what_its_products_do() {
    let counts = ClassCounts::new(vec![2, 1, 1]).unwrap();
    let mlp = |head: Head| -> Box<dyn Model> {
        let config = MlpParams::new(8, 3)
            .hidden([64, 64])
            .head(head)
            .check()
            .unwrap();
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
    let of_mlp = [
        dense(8, 64, true),
        dense(64, 64, false),
        dense(64, 3, false),
    ];
    let of_cnn = [
        conv(8, 9, 144, true),
        conv(8, 72, 36, false),
        dense(72, 32, false),
        dense(32, 3, false),
    ];
    let ldam = Ldam::new(&counts, 0.5, 30.0).unwrap();
    let cases: [(Make<'_>, &dyn LossSchedule, Vec<Product>); 5] = [
        (&|| mlp(Head::Linear), &CrossEntropy, of_mlp.concat()),
        (
            &|| mlp(Head::Linear),
            &Focal::new(2.0).unwrap(),
            of_mlp.concat(),
        ),
        (
            &|| mlp(Head::Linear),
            &BalancedSoftmax::new(&counts, 1.0).unwrap(),
            of_mlp.concat(),
        ),
        (&|| mlp(Head::Normalized), &ldam, of_mlp.concat()),
        (&cnn, &CrossEntropy, of_cnn.concat()),
    ];
    for (make, loss, products) in cases {
        let per_step: u64 = products
            .iter()
            .map(|(sizes, transposed, times)| *times as u64 * of_product((sizes, transposed)))
            .sum();
        // The first run fills what is kept from run to run.
        allocations(make, loss, 4);
        let (few, many) = (allocations(make, loss, 4), allocations(make, loss, 40));
        let more_steps = 2 * 36;
        assert_eq!(
            many - few,
            more_steps * per_step,
            "{} with {}",
            make().describe(),
            loss.describe()
        );
    }
}
