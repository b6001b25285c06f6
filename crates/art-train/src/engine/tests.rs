//! The fused form of a network is its tensor form: same loss, same gradients, same training.

use super::FusedEngine;
use crate::{
    engine::{Engine, Extras, TensorEngine},
    fused::Part,
    model::{Cnn, CnnParams, Mlp, MlpParams, Mode, Model},
};
use art_core::{ClassCounts, Seed, elementary::powi};
use art_data::{Dataset, GaussianClasses};
use art_losses::{
    BalancedSoftmax, CostMatrix, CostSensitive, CrossEntropy, ExpectedCost, Focal,
    HardNegativesParams, Head, Ldam, Loss, Ohem,
};
use candle_core::{Device, Tensor};

const SEED: Seed = Seed::new(11);
const BATCH: usize = 80;

/// 240 rows of `n_features` in three classes, with empty patches as images have them.
fn data(n_features: usize) -> Dataset {
    let classes = GaussianClasses::new(vec![150, 60, 30], n_features);
    let data = classes.generate(SEED).unwrap();
    let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
    let mut features = data.features().to_owned();
    features.mapv_inplace(|x| if x < -0.4 { 0.0 } else { x });
    Dataset::new(
        features,
        data.labels().to_vec(),
        names(n_features),
        names(3),
    )
    .unwrap()
}

fn losses(counts: &ClassCounts, head: Head) -> Vec<Box<dyn Loss>> {
    let ldam = Ldam::new(counts, 0.5, 10.0)
        .unwrap()
        .weights(vec![0.5, 1.0, 2.0])
        .unwrap();
    if head == Head::Normalized {
        return vec![Box::new(ldam)];
    }
    let costs = vec![
        vec![0.0, 1.0, 2.0],
        vec![3.0, 0.0, 1.0],
        vec![8.0, 4.0, 0.0],
    ];
    let costs = CostMatrix::new(costs).unwrap();
    vec![
        Box::new(CrossEntropy),
        Box::new(CostSensitive::inverse_frequency(counts, 1.0).unwrap()),
        Box::new(ExpectedCost::new(costs)),
        Box::new(Focal::new(2.0).unwrap()),
        Box::new(Focal::new(0.5).unwrap().alpha(vec![0.5, 1.0, 2.0]).unwrap()),
        Box::new(Ohem::share(0.4).unwrap()),
        Box::new(ldam.on_linear_head()),
        Box::new(BalancedSoftmax::new(counts, 1.0).unwrap()),
    ]
}

fn batch(step: u32) -> Vec<u32> {
    // A last batch that is smaller than the others and no multiple of a part.
    let n = if step == 3 { 41 } else { BATCH as u32 };
    (0..n).map(|i| (i * 7 + step * 31) % 240).collect()
}

fn fused<'a, M: Model>(model: &'a M, data: &'a Dataset) -> FusedEngine<'a, M> {
    let network = model.network().unwrap();
    FusedEngine::new(model, network, (data, data), SEED, BATCH, 0.01).unwrap()
}

/// The gradients with respect to every parameter, by automatic differentiation of the tensor form.
fn tensor_gradient(
    model: &impl Model,
    data: &Dataset,
    rows: &[u32],
    loss: &dyn Loss,
) -> (f64, Vec<f32>) {
    let rows_of = data.select(rows).unwrap();
    let shape = (rows.len(), data.n_features());
    let features = Tensor::from_slice(rows_of.features_as_slice(), shape, &Device::Cpu).unwrap();
    let labels = Tensor::from_slice(rows_of.labels(), rows.len(), &Device::Cpu).unwrap();
    let mode = Mode::Train {
        seed: SEED,
        step: 1,
    };
    let logits = model.forward(&features, mode).unwrap();
    let value = loss.forward(&logits, &labels).unwrap();
    let gradients = value.backward().unwrap();
    let of = |p: &crate::model::Parameter| {
        let gradient = gradients
            .get(&p.var)
            .expect("every parameter has a gradient");
        gradient.flatten_all().unwrap().to_vec1::<f32>().unwrap()
    };
    let value = f64::from(value.to_scalar::<f32>().unwrap());
    (value, model.parameters().iter().flat_map(of).collect())
}

/// The largest difference over the largest value.
fn relative(found: &[f32], expected: &[f32]) -> f32 {
    assert_eq!(found.len(), expected.len());
    let largest =
        |values: &mut dyn Iterator<Item = f32>| values.fold(0.0_f32, |m, v| m.max(v.abs()));
    let difference = largest(&mut found.iter().zip(expected).map(|(a, b)| a - b));
    difference / largest(&mut expected.iter().copied())
}

fn both_forms_agree(model: &impl Model, data: &Dataset) {
    for loss in losses(&data.class_counts(), model.head()) {
        let name = format!("{} with {}", model.describe(), loss.describe());
        let mut engine = fused(model, data);
        let value = engine
            .differentiate(&batch(1), Extras::default(), &*loss, 1)
            .unwrap();
        let (expected, gradient) = tensor_gradient(model, data, &batch(1), &*loss);
        assert!(
            (value - expected).abs() <= 1e-5 * expected.abs(),
            "{name}: {value} {expected}"
        );
        let mut start = 0;
        for parameter in model.parameters() {
            let place = start..start + parameter.var.elem_count();
            start = place.end;
            let error = relative(&engine.gradient()[place.clone()], &gradient[place]);
            assert!(
                error <= 1e-5,
                "{name}: {} differs by {error}",
                parameter.name
            );
        }
    }
}

fn ten_steps_agree(make: impl Fn() -> Box<dyn Model>, data: &Dataset) {
    let head = make().head();
    for loss in losses(&data.class_counts(), head) {
        let of_step = |_| Extras::default();
        ten_steps_with_agree(&make, data, &*loss, &of_step, 1e-5);
    }
}

fn ten_steps_with_agree<'a>(
    make: &impl Fn() -> Box<dyn Model>,
    data: &Dataset,
    loss: &dyn Loss,
    extras: &dyn Fn(usize) -> Extras<'a>,
    tolerance: f32,
) {
    let (one, other) = (make(), make());
    let mut fused = fused(&one, data);
    let mut tensors = TensorEngine::new(&other, (data, data), SEED, 0.01).unwrap();
    for step in 1..=10 {
        let rows = batch(step);
        let of_step = || extras(rows.len());
        let found = fused.step(&rows, of_step(), loss, 1e-3).unwrap();
        let expected = tensors.step(&rows, of_step(), loss, 1e-3).unwrap();
        assert!(
            (found - expected).abs() <= f64::from(tolerance) * expected.abs(),
            "{} {step}: {found} {expected}",
            loss.describe()
        );
    }
    let (found, expected) = (fused.snapshot().unwrap(), tensors.snapshot().unwrap());
    assert_eq!(found.steps, 10);
    let values = |t: &Tensor| t.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    for (found, expected) in found.weights.iter().zip(&expected.weights) {
        let error = relative(&values(found), &values(expected));
        assert!(error <= tolerance, "{}: {error}", loss.describe());
    }
    let found = fused.validation_logits().unwrap();
    assert!(relative(&found, &tensors.validation_logits().unwrap()) <= tolerance);
}

fn mlp(hidden: &[usize], head: Head) -> Mlp {
    let config = MlpParams::new(12, 3)
        .hidden(hidden.to_vec())
        .dropout(0.2)
        .head(head);
    Mlp::new(config.check().unwrap(), SEED, &Device::Cpu).unwrap()
}

/// With knots for most columns, some of them beyond the data, and numbers far from 0 in between.
fn with_knots(hidden: &[usize], head: Head) -> Mlp {
    let knots = (0..12).map(|column| match column {
        0 | 7 => vec![],
        1 => vec![0.0, 0.5],
        2 => vec![-2000.0, -1.0, 1e-3, 3e4],
        _ => (0..column).map(|i| i as f32 / 4.0 - 0.6).collect(),
    });
    let config = MlpParams::new(12, 3)
        .hidden(hidden.to_vec())
        .dropout(0.2)
        .head(head)
        .knots(knots.collect::<Vec<_>>());
    Mlp::new(config.check().unwrap(), SEED, &Device::Cpu).unwrap()
}

fn cnn(head: Head) -> Cnn {
    cnn_of([5, 7], head)
}

fn cnn_of(channels: [usize; 2], head: Head) -> Cnn {
    let config = CnnParams::new(12, 8, 3)
        .channels(channels)
        .hidden(9)
        .head(head)
        .check()
        .unwrap();
    Cnn::new(config, SEED, &Device::Cpu).unwrap()
}

#[test]
fn losses_and_gradients_are_those_of_the_tensor_form() {
    let table = data(12);
    for hidden in [&[][..], &[16], &[64, 33], &[5, 4, 3]] {
        both_forms_agree(&mlp(hidden, Head::Linear), &table);
        both_forms_agree(&mlp(hidden, Head::Normalized), &table);
    }
    for head in [Head::Linear, Head::Normalized] {
        for hidden in [&[][..], &[16], &[64, 33]] {
            both_forms_agree(&with_knots(hidden, head), &table);
        }
        both_forms_agree(&cnn(head), &data(96));
        // Channels that are pooled together, and some that are left over.
        both_forms_agree(&cnn_of([16, 21], head), &data(96));
    }
    // Large enough that a batch is cut into parts.
    for wide in [
        mlp(&[1024, 256], Head::Linear),
        with_knots(&[1024, 256], Head::Linear),
    ] {
        assert!(wide.network().unwrap().part_rows(BATCH) < BATCH);
        both_forms_agree(&wide, &table);
    }
}

#[test]
fn pieces_are_the_same_bits_in_both_forms() {
    // Without a hidden layer the features of a batch are its rows with their pieces.
    let (model, table) = (with_knots(&[], Head::Linear), data(12));
    let network = model.network().unwrap();
    let mut part = Part::for_evaluation(&network, table.n_rows());
    part.load(table.features_as_slice(), 0..table.n_rows(), 12);
    let weights = vec![0.0; network.n_parameters()];
    part.forward(&network, &weights, |_| &[]);
    let shape = (table.n_rows(), 12);
    let rows = Tensor::from_slice(table.features_as_slice(), shape, &Device::Cpu).unwrap();
    let expanded = model.features(&rows, Mode::Eval).unwrap();
    let expected = expanded.flatten_all().unwrap().to_vec1::<f32>().unwrap();
    assert_eq!(part.features(&network), expected);
    let (_, n_inputs) = expanded.dims2().unwrap();
    let shares = expected.chunks_exact(n_inputs).flat_map(|row| &row[12..]);
    assert!(shares.clone().all(|share| (0.0..=1.0).contains(share)));
    let inside = shares.filter(|share| (1e-3..0.999).contains(*share));
    assert!(inside.count() > 1000);
}

#[test]
fn ten_steps_of_training_are_those_of_the_tensor_form() {
    let table = data(12);
    ten_steps_agree(|| Box::new(mlp(&[64, 33], Head::Linear)), &table);
    ten_steps_agree(|| Box::new(mlp(&[64, 33], Head::Normalized)), &table);
    ten_steps_agree(|| Box::new(with_knots(&[64, 33], Head::Linear)), &table);
    for head in [Head::Linear, Head::Normalized] {
        ten_steps_agree(|| Box::new(cnn(head)), &data(96));
    }
}

#[test]
fn steps_with_weighted_rows_and_a_loss_on_features_are_those_of_the_tensor_form() {
    let hard = HardNegativesParams::new().check().unwrap();
    let weights: Vec<f64> = (0..BATCH).map(|row| 0.5 + row as f64 / 80.0).collect();
    let both = |rows: usize| Extras {
        mix: None,
        weights: &weights[..rows],
        on_features: Some((&hard, 0.7)),
    };
    let narrow = || -> Box<dyn Model> { Box::new(mlp(&[64, 33], Head::Linear)) };
    let in_parts = || -> Box<dyn Model> { Box::new(mlp(&[1024, 256], Head::Linear)) };
    let cosines = || -> Box<dyn Model> { Box::new(mlp(&[64, 33], Head::Normalized)) };
    let table = data(12);
    // Directions of features are less exact than their sums where rows are nearly all dropped.
    ten_steps_with_agree(&narrow, &table, &CrossEntropy, &both, 1e-4);
    ten_steps_with_agree(&in_parts, &table, &CrossEntropy, &both, 1e-4);
    ten_steps_with_agree(&cosines, &table, &CrossEntropy, &both, 1e-4);
    let images = || -> Box<dyn Model> { Box::new(cnn(Head::Linear)) };
    ten_steps_with_agree(&images, &data(96), &CrossEntropy, &both, 1e-4);
    let pieces = || -> Box<dyn Model> { Box::new(with_knots(&[64, 33], Head::Linear)) };
    ten_steps_with_agree(&pieces, &table, &CrossEntropy, &both, 1e-4);
    // Without a hidden layer the features are the rows: the loss has a value, and nothing to change.
    let linear = || -> Box<dyn Model> { Box::new(mlp(&[], Head::Linear)) };
    ten_steps_with_agree(&linear, &table, &CrossEntropy, &both, 1e-5);
    let linear = || -> Box<dyn Model> { Box::new(with_knots(&[], Head::Linear)) };
    ten_steps_with_agree(&linear, &table, &CrossEntropy, &both, 1e-5);
}

#[test]
fn the_number_of_threads_changes_no_bit() {
    let table = data(12);
    let train = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new()
            .num_threads(threads)
            .build()
            .unwrap();
        pool.install(|| {
            let model = mlp(&[1024, 256], Head::Linear);
            let mut engine = fused(&model, &table);
            let step = |step| {
                engine
                    .step(&batch(step), Extras::default(), &CrossEntropy, 1e-3)
                    .unwrap()
                    .to_bits()
            };
            let losses: Vec<u64> = (1..=10).map(step).collect();
            (losses, engine.validation_logits().unwrap())
        })
    };
    let one = train(1);
    assert_eq!(one, train(2));
    assert_eq!(one, train(3));
}

/// Central differences of the loss by weights of both convolutions, in both forms. The network is small and
/// its weights are moved far enough that differences in f32 mean something; kinks of the rectifiers and the
/// pooling are few at that distance.
#[test]
fn gradients_of_both_convolutions_are_those_of_central_differences() {
    const STEP: f32 = 5e-4;
    let images = data(96);
    let config = CnnParams::new(12, 8, 3)
        .channels([5, 7])
        .hidden(9)
        .dropout(0.0);
    let model = Cnn::new(config.check().unwrap(), SEED, &Device::Cpu).unwrap();
    let rows = batch(1);
    let (_, by_tensors) = tensor_gradient(&model, &images, &rows, &CrossEntropy);
    let mut engine = fused(&model, &images);
    engine
        .differentiate(&rows, Extras::default(), &CrossEntropy, 1)
        .unwrap();
    let by_hand = engine.gradient().to_vec();

    let mut start = 0;
    for parameter in &model.parameters()[..4] {
        let shape = parameter.var.shape().clone();
        let values = parameter
            .var
            .flatten_all()
            .unwrap()
            .to_vec1::<f32>()
            .unwrap();
        let (mut total, mut wrong) = (0.0_f64, 0.0_f64);
        for place in (0..values.len()).step_by(3) {
            let value_at = |by: f32| {
                let mut values = values.clone();
                values[place] += by;
                let moved = Tensor::from_vec(values, shape.clone(), &Device::Cpu).unwrap();
                parameter.var.set(&moved).unwrap();
                tensor_gradient(&model, &images, &rows, &CrossEntropy).0
            };
            let difference = (value_at(STEP) - value_at(-STEP)) / f64::from(2.0 * STEP);
            for gradients in [&by_tensors, &by_hand] {
                total += powi(difference, 2);
                wrong += powi(f64::from(gradients[start + place]) - difference, 2);
            }
        }
        let original = Tensor::from_vec(values.clone(), shape, &Device::Cpu).unwrap();
        parameter.var.set(&original).unwrap();
        start += values.len();
        let error = (wrong / total).sqrt();
        assert!(error < 0.01, "{}: {error}", parameter.name);
    }
}

/// A network that has diverged says so in both forms: nothing hides what is not a number.
#[test]
fn what_is_not_a_number_reaches_the_logits() {
    fn check(model: &impl Model, data: &Dataset) {
        for parameter in &model.parameters()[..2] {
            let values = parameter.var.as_detached_tensor().copy().unwrap();
            parameter.var.set(&(&values * f64::NAN).unwrap()).unwrap();
            let mut engine = fused(model, data);
            let tensors = TensorEngine::new(model, (data, data), SEED, 0.01);
            for logits in [
                engine.validation_logits(),
                tensors.unwrap().validation_logits(),
            ] {
                let logits = logits.unwrap();
                assert!(logits.iter().all(|z| z.is_nan()), "{}", parameter.name);
            }
            assert!(
                !engine
                    .step(&batch(1), Extras::default(), &CrossEntropy, 1e-3)
                    .unwrap()
                    .is_finite()
            );
            parameter.var.set(&values).unwrap();
        }
    }
    check(&mlp(&[16], Head::Linear), &data(12));
    check(&with_knots(&[16], Head::Linear), &data(12));
    check(&cnn(Head::Linear), &data(96));
    check(&cnn_of([16, 21], Head::Linear), &data(96));
}
