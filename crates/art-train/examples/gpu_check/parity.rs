//! Training on a device beside training on the processor.

use art_core::{ClassCounts, EpochSampler, Seed, Shuffle};
use art_data::{Dataset, GaussianClasses, TrainSet, ValidSet};
use art_losses::{
    BalancedSoftmax, CostMatrix, CostSensitive, CrossEntropy, ExpectedCost, Focal,
    HardNegativesParams, Head, Ldam, Loss, LossSchedule, Ohem, VectorScaling,
};
use art_train::{
    Cnn, CnnParams, Device, Mlp, MlpParams, Mode, Model, Parameter, Remix, TrainParams, Trainer,
};
use candle_core::{Tensor, backprop::GradStore};
use serde::Serialize;
use std::error::Error;

const SEED: Seed = Seed::new(11);
const BATCH: usize = 80;
const STEPS: usize = 10;

/// What is held against each other, and how far apart it may be: the length of the difference over the length of the
/// processor's.
const LOSS: (&str, f64) = ("loss", 1e-5);
const GRADIENT: (&str, f64) = ("gradient", 1e-4);
/// Adam divides by the size of a gradient, so the smallest of them, rounding alone, move weights as the largest do.
const TEN_STEPS: (&str, f64) = ("change of the weights in ten steps", 1e-2);

#[derive(Serialize)]
struct Check<'a> {
    network: &'a str,
    loss: &'a str,
    what: &'static str,
    difference: f64,
    at_most: f64,
    agrees: bool,
}

/// Prints a line for each check; whether all agree.
pub(crate) fn check(device: &Device) -> Result<bool, Box<dyn Error>> {
    let mut all_agree = true;
    let mut report = |network: &Network, loss: &str, (what, at_most), difference: f64| {
        let agrees = difference <= at_most;
        all_agree &= agrees;
        let check = Check {
            network: &network.name,
            loss,
            what,
            difference,
            at_most,
            agrees,
        };
        println!("{}", serde_json::to_string(&check)?);
        Ok::<(), Box<dyn Error>>(())
    };
    let networks = networks()?;
    for network in &networks {
        let rows = Rows::new(network.n_features, network.n_classes, BATCH * STEPS)?;
        for loss in losses(&rows.train.data().class_counts(), network.head)? {
            let name = loss.describe();
            let there = one_batch(&*network.on(device)?, &rows, loss.loss_at(1))?;
            let here = one_batch(&*network.on(&Device::Cpu)?, &rows, loss.loss_at(1))?;
            report(
                network,
                &name,
                LOSS,
                (there.0 - here.0).abs() / here.0.abs(),
            )?;
            report(network, &name, GRADIENT, apart(&there.1, &here.1))?;
            let steps = |device| ten_steps(network.on(device)?, &rows, &*loss, |trainer| trainer);
            report(
                network,
                &name,
                TEN_STEPS,
                apart(&steps(device)?, &steps(&Device::Cpu)?),
            )?;
        }
    }
    // What else a step can do.
    let network = &networks[0];
    let rows = Rows::new(network.n_features, network.n_classes, BATCH * STEPS)?;
    let remix = Remix::new(1.0, 3.0, 0.5)?;
    let mixed = |device| {
        let model = network.on(device)?;
        ten_steps(model, &rows, &CrossEntropy, |trainer| trainer.mixing(remix))
    };
    let name = "cross-entropy of mixed rows";
    report(
        network,
        name,
        TEN_STEPS,
        apart(&mixed(device)?, &mixed(&Device::Cpu)?),
    )?;
    let negatives = HardNegativesParams::new().check()?;
    let with_features = |device| {
        let model = network.on(device)?;
        ten_steps(model, &rows, &CrossEntropy, |trainer| {
            trainer.feature_loss(&negatives)
        })
    };
    let name = "cross-entropy with hard negatives";
    report(
        network,
        name,
        TEN_STEPS,
        apart(&with_features(device)?, &with_features(&Device::Cpu)?),
    )?;
    Ok(all_agree)
}

/// Makes a network on a device.
type Make = Box<dyn Fn(&Device) -> Result<Box<dyn Model>, Box<dyn Error>>>;

/// A network that can be made anywhere.
struct Network {
    name: String,
    n_features: usize,
    n_classes: usize,
    head: Head,
    make: Make,
}

impl Network {
    fn new(
        make: impl Fn(&Device) -> Result<Box<dyn Model>, Box<dyn Error>> + 'static,
    ) -> Result<Self, Box<dyn Error>> {
        let model = make(&Device::Cpu)?;
        Ok(Self {
            name: model.describe(),
            n_features: model.n_features(),
            n_classes: model.n_classes(),
            head: model.head(),
            make: Box::new(make),
        })
    }

    fn on(&self, device: &Device) -> Result<Box<dyn Model>, Box<dyn Error>> {
        (self.make)(device)
    }
}

fn networks() -> Result<Vec<Network>, Box<dyn Error>> {
    let perceptron = |params: MlpParams| {
        let config = params.check()?;
        Network::new(move |device| Ok(Box::new(Mlp::new(config.clone(), SEED, device)?)))
    };
    let images = |params: CnnParams| {
        let config = params.check()?;
        Network::new(move |device| Ok(Box::new(Cnn::new(config.clone(), SEED, device)?)))
    };
    let knots = |column: usize| match column % 3 {
        0 => vec![],
        1 => vec![-1.0, 0.0, 0.25, 2.0],
        _ => vec![-0.5, 0.5],
    };
    Ok(vec![
        perceptron(MlpParams::new(9, 3).hidden([33, 16]))?,
        perceptron(MlpParams::new(9, 3).hidden([]))?,
        perceptron(
            MlpParams::new(9, 3)
                .hidden([16])
                .knots((0..9).map(knots).collect::<Vec<_>>()),
        )?,
        perceptron(MlpParams::new(9, 3).hidden([33, 16]).head(Head::Normalized))?,
        perceptron(MlpParams::new(384, 3).hidden([1024, 1024]))?,
        images(CnnParams::new(28, 28, 3))?,
        images(
            CnnParams::new(8, 12, 3)
                .channels([3, 5])
                .hidden(7)
                .head(Head::Normalized),
        )?,
    ])
}

/// Training and validation rows of three classes, with empty patches as images have them.
struct Rows {
    train: TrainSet,
    valid: ValidSet,
}

impl Rows {
    fn new(n_features: usize, n_classes: usize, n: usize) -> Result<Self, Box<dyn Error>> {
        let set = |n: usize, seed| -> Result<Dataset, Box<dyn Error>> {
            let mut counts = vec![n / 8; n_classes];
            counts[0] = n - n / 8 * (n_classes - 1);
            let data = GaussianClasses::new(counts, n_features).generate(Seed::new(seed))?;
            let mut features = data.features().to_owned();
            features.mapv_inplace(|x| if x < -0.4 { 0.0 } else { x });
            let names = |n: usize| (0..n).map(|i| i.to_string()).collect();
            Ok(Dataset::new(
                features,
                data.labels().to_vec(),
                names(n_features),
                names(n_classes),
            )?)
        };
        Ok(Self {
            train: TrainSet::new(set(n, 1)?),
            valid: ValidSet::new(set(n / 4, 2)?)?,
        })
    }
}

/// Every loss with a kernel, of networks with this head.
fn losses(counts: &ClassCounts, head: Head) -> Result<Vec<Box<dyn LossSchedule>>, Box<dyn Error>> {
    let ldam = Ldam::new(counts, 0.5, 10.0)?;
    if head == Head::Normalized {
        return Ok(vec![Box::new(ldam)]);
    }
    let n = counts.as_slice().len();
    let weights: Vec<f64> = (0..n).map(|class| 0.5 + class as f64).collect();
    let cost = |truth: usize, said: usize| {
        if truth == said {
            0.0
        } else {
            1.0 + truth as f64
        }
    };
    let costs = (0..n).map(|truth| (0..n).map(|said| cost(truth, said)).collect());
    Ok(vec![
        Box::new(CrossEntropy),
        Box::new(CostSensitive::inverse_frequency(counts, 1.0)?),
        Box::new(ExpectedCost::new(CostMatrix::new(costs.collect())?)),
        Box::new(Focal::new(2.0)?),
        Box::new(Focal::new(0.5)?.alpha(weights.clone())?),
        Box::new(Ohem::share(0.4)?),
        Box::new(ldam.weights(weights)?.on_linear_head()),
        Box::new(BalancedSoftmax::new(counts, 1.0)?),
        Box::new(VectorScaling::new(counts, 0.2, 1.0)?),
    ])
}

/// Loss and gradient of the first batch, with dropout.
fn one_batch(
    model: &dyn Model,
    rows: &Rows,
    loss: &dyn Loss,
) -> Result<(f64, Vec<f32>), Box<dyn Error>> {
    let data = rows.train.data();
    // Rows of every class: they stand class after class.
    let chosen: Vec<u32> = (0..BATCH)
        .map(|i| (i * data.n_rows() / BATCH) as u32)
        .collect();
    let batch = data.select(&chosen)?;
    let features = Tensor::from_slice(
        batch.features_as_slice(),
        (BATCH, data.n_features()),
        model.device(),
    )?;
    let labels = Tensor::from_slice(batch.labels(), BATCH, model.device())?;
    let mode = Mode::Train {
        seed: SEED,
        step: 1,
    };
    let value = loss.forward(&model.forward(&features, mode)?, &labels)?;
    let gradients = value.backward()?;
    Ok((
        f64::from(value.to_scalar::<f32>()?),
        flat_gradient(model.parameters(), &gradients)?,
    ))
}

fn flat_gradient(
    parameters: &[Parameter],
    gradients: &GradStore,
) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut flat = vec![];
    for parameter in parameters {
        let gradient = gradients
            .get(&parameter.var)
            .ok_or("a parameter without gradient")?;
        flat.extend(gradient.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(flat)
}

fn weights(model: &dyn Model) -> Result<Vec<f32>, Box<dyn Error>> {
    let mut flat = vec![];
    for parameter in model.parameters() {
        flat.extend(parameter.var.flatten_all()?.to_vec1::<f32>()?);
    }
    Ok(flat)
}

/// By how much ten steps change each weight.
fn ten_steps<'a>(
    model: Box<dyn Model>,
    rows: &Rows,
    loss: &'a dyn LossSchedule,
    with: impl FnOnce(Trainer<'a>) -> Trainer<'a>,
) -> Result<Vec<f32>, Box<dyn Error>> {
    let before = weights(&*model)?;
    let config = TrainParams::new().max_epochs(1).batch_size(BATCH).check()?;
    let sampler: Box<dyn EpochSampler> =
        Box::new(Shuffle::new(rows.train.data().class_counts(), SEED));
    let trainer = with(Trainer::new(config, SEED));
    let fitted = trainer.fit(model, loss, sampler, &rows.train, &rows.valid)?;
    let after = weights(&*fitted.model)?;
    Ok(after
        .iter()
        .zip(before)
        .map(|(after, before)| after - before)
        .collect())
}

/// The length of the difference over the length of what is expected.
fn apart(found: &[f32], expected: &[f32]) -> f64 {
    let length = |values: &mut dyn Iterator<Item = f64>| values.map(|x| x * x).sum::<f64>().sqrt();
    let pairs = found.iter().zip(expected);
    let difference = length(&mut pairs.map(|(&a, &b)| f64::from(a) - f64::from(b)));
    difference / length(&mut expected.iter().map(|&b| f64::from(b)))
}
