//! ART and break-even feedback around a trainer of one's own: logistic regression in plain Rust, with this crate as the only dependency.
//!
//! `cargo run --release -p art-core --example logistic_regression`

use art_core::{
    ArtParams, ArtSampler, BreakEven, BreakEvenParams, ClassCounts, ClassIndex, ConfusionMatrix,
    CoreError, EpochSampler, Seed, Shuffle, elementary::exp,
};

/// Rows of three classes around three points of the plane, 900, 90 and 30 of them.
struct Rows {
    x: Vec<[f64; 2]>,
    y: Vec<u32>,
}

impl Rows {
    fn new(seed: Seed) -> Self {
        const CENTRES: [([f64; 2], usize); 3] =
            [([0.0, 0.0], 900), ([1.5, 0.5], 90), ([0.5, 1.8], 30)];
        let mut rows = Self {
            x: vec![],
            y: vec![],
        };
        for (class, (center, n)) in CENTRES.into_iter().enumerate() {
            let mut stream = seed.stream("example", class as u64);
            for _ in 0..n {
                rows.x.push(center.map(|c| c + 0.7 * stream.normal()));
                rows.y.push(class as u32);
            }
        }
        rows
    }
}

/// Two weights and a bias for each class.
#[derive(Default)]
struct Model([[f64; 3]; 3]);

impl Model {
    fn probabilities(&self, [a, b]: [f64; 2]) -> [f64; 3] {
        let scores = self.0.map(|w| w[0] * a + w[1] * b + w[2]);
        let most = scores.into_iter().fold(f64::MIN, f64::max);
        let shares = scores.map(|score| exp(score - most));
        let sum: f64 = shares.iter().sum();
        shares.map(|share| share / sum)
    }

    /// A step down the cross-entropy of one row.
    fn learn(&mut self, [a, b]: [f64; 2], label: u32, rate: f64) {
        let shares = self.probabilities([a, b]);
        for (class, (weights, share)) in self.0.iter_mut().zip(shares).enumerate() {
            let error = share - f64::from(u8::from(class == label as usize));
            for (weight, x) in weights.iter_mut().zip([a, b, 1.0]) {
                *weight -= rate * error * x;
            }
        }
    }

    fn judged(&self, rows: &Rows) -> Result<ConfusionMatrix, CoreError> {
        let predict = |x: &[f64; 2]| {
            let shares = self.probabilities(*x);
            (0..3).max_by(|&i, &j| shares[i as usize].total_cmp(&shares[j as usize]))
        };
        let predicted: Vec<u32> = rows.x.iter().filter_map(predict).collect();
        ConfusionMatrix::from_labels(3, &rows.y, &predicted)
    }
}

fn main() -> Result<(), CoreError> {
    let [train, valid, test] = [1, 2, 3].map(|seed| Rows::new(Seed::new(seed)));
    let counts = ClassCounts::from_labels(&train.y, 3)?;
    let index = ClassIndex::new(&train.y, 3)?;
    let config = ArtParams::new()
        .blend_constant(0.5)
        .boost_frequency(5)
        .check()?;
    let break_even = BreakEvenParams::new().check()?;
    let samplers: [(&str, Box<dyn EpochSampler>); 3] = [
        (
            "every row once",
            Box::new(Shuffle::new(counts, Seed::new(7))),
        ),
        (
            "ART",
            Box::new(ArtSampler::new(config, index.clone(), Seed::new(7))?),
        ),
        (
            "break-even",
            Box::new(BreakEven::new(break_even, index, Seed::new(7))),
        ),
    ];
    for (name, mut sampler) in samplers {
        let mut model = Model::default();
        for epoch in 1..=40 {
            for row in sampler.draw(epoch).to_vec() {
                model.learn(train.x[row as usize], train.y[row as usize], 0.02);
            }
            sampler.observe(epoch, &model.judged(&valid)?)?;
        }
        let judged = model.judged(&test)?;
        println!(
            "{name:<15} macro F1 {:.3}  F1 {:.3?}  drawn at last {:.3?}",
            judged.macro_f1(),
            judged.per_class_f1(),
            sampler.distribution().as_slice()
        );
    }
    Ok(())
}
