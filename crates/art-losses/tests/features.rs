//! Losses on features: the formulas taken literally, gradients by differences, and what they must do at their limits.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use approx::assert_abs_diff_eq;
use art_core::Seed;
use art_losses::{
    FeatureBatch, FeatureLoss, HardNegatives, HardNegativesParams, LossError, Triplets,
};

const WIDTH: usize = 5;

struct Rows {
    features: Vec<f64>,
    logits: Vec<f64>,
    targets: Vec<u32>,
}

impl Rows {
    /// Rows of four classes, one of them with a single row; a row of zeros among them; logits that are mostly sure.
    fn new() -> Self {
        let targets: Vec<u32> = vec![0, 1, 0, 2, 0, 1, 0, 0, 2, 0, 3, 0, 1, 0, 0, 0];
        let mut stream = Seed::new(4).stream("features", 0);
        let mut features: Vec<f64> = (0..targets.len() * WIDTH)
            .map(|_| stream.normal())
            .collect();
        features[6 * WIDTH..7 * WIDTH].fill(0.0);
        let logits = targets.iter().enumerate().flat_map(|(row, &target)| {
            let sure = if row == 1 { 1.0 } else { 6.0 };
            (0..4).map(move |class| if class == target { sure } else { 0.0 })
        });
        Self {
            features,
            logits: logits.collect(),
            targets,
        }
    }

    fn batch(&self) -> FeatureBatch<'_> {
        FeatureBatch::new(&self.features, &self.logits, &self.targets).unwrap()
    }

    fn of(&self, loss: &dyn FeatureLoss) -> (f64, Vec<f64>) {
        let mut gradient = vec![f64::NAN; self.features.len()];
        let value = loss.value_and_gradient(&self.batch(), &mut gradient);
        (value.unwrap(), gradient)
    }

    fn units(&self) -> Vec<Vec<f64>> {
        let unit = |row: &[f64]| {
            let length = row.iter().map(|x| x * x).sum::<f64>().sqrt();
            let length = if length > 0.0 { length } else { 1.0 };
            row.iter().map(|x| x / length).collect()
        };
        self.features.chunks(WIDTH).map(unit).collect()
    }
}

fn hard(params: HardNegativesParams) -> HardNegatives {
    params.check().unwrap()
}

/// The loss as it is defined, for all anchors alike.
fn by_definition(rows: &Rows, t: f64, beta: f64) -> f64 {
    let units = rows.units();
    let similar = |i: usize, j: usize| {
        units[i]
            .iter()
            .zip(&units[j])
            .map(|(a, b)| a * b)
            .sum::<f64>()
            / t
    };
    let n = rows.targets.len();
    let mut losses = vec![];
    for i in 0..n {
        let side = |same: bool| {
            let of_side =
                (0..n).filter(move |&j| j != i && (rows.targets[i] == rows.targets[j]) == same);
            of_side.map(|j| similar(i, j)).collect::<Vec<f64>>()
        };
        let (positives, negatives) = (side(true), side(false));
        if positives.is_empty() {
            continue;
        }
        let mean = negatives.iter().map(|s| (beta * s).exp()).sum::<f64>() / negatives.len() as f64;
        let rest: f64 = negatives
            .iter()
            .map(|s| (beta * s).exp() / mean * s.exp())
            .sum();
        let of_pairs = positives.iter().map(|s| -(s.exp() / (s.exp() + rest)).ln());
        losses.push(of_pairs.sum::<f64>() / positives.len() as f64);
    }
    losses.iter().sum::<f64>() / losses.len() as f64
}

#[test]
fn hard_negatives_are_as_they_are_defined() {
    let rows = Rows::new();
    for (t, beta) in [(0.5, 1.0), (0.05, 2.0), (1.0, 0.0)] {
        let loss = hard(HardNegativesParams::new().temperature(t).hardness(beta));
        assert_abs_diff_eq!(
            rows.of(&loss).0,
            by_definition(&rows, t, beta),
            epsilon = 1e-10
        );
        // Weights that count as constants change the gradients alone.
        let stopped = HardNegativesParams::new()
            .temperature(t)
            .hardness(beta)
            .stop_gradient(true);
        let (value, gradients) = rows.of(&hard(stopped));
        assert_eq!(value, rows.of(&loss).0);
        assert_eq!(gradients == rows.of(&loss).1, beta == 0.0);
    }
    // Small temperatures do not overflow.
    let (value, gradients) = rows.of(&hard(HardNegativesParams::new().temperature(3e-3)));
    assert!(value.is_finite() && gradients.iter().all(|gradient| gradient.is_finite()));
}

fn gradients_are_differences(loss: &dyn FeatureLoss) {
    const STEP: f64 = 1e-6;
    let mut rows = Rows::new();
    let (_, gradients) = rows.of(loss);
    assert!(
        gradients.iter().any(|gradient| gradient.abs() > 1e-3),
        "{}",
        loss.describe()
    );
    for (place, &gradient) in gradients.iter().enumerate() {
        if place / WIDTH == 6 {
            // A row of zeros has no direction, and no gradient.
            assert_eq!(gradient, 0.0);
            continue;
        }
        let at = rows.features[place];
        let mut value_at = |x| {
            rows.features[place] = x;
            rows.of(loss).0
        };
        let difference = (value_at(at + STEP) - value_at(at - STEP)) / (2.0 * STEP);
        rows.features[place] = at;
        assert_abs_diff_eq!(gradient, difference, epsilon = 1e-6);
    }
}

#[test]
fn gradients_by_features_are_those_of_differences() {
    for (t, beta) in [(0.5, 1.0), (0.2, 2.0), (1.0, 0.0)] {
        let params = HardNegativesParams::new().temperature(t).hardness(beta);
        gradients_are_differences(&hard(params));
        gradients_are_differences(&hard(params.by_class(true)));
    }
    gradients_are_differences(&Triplets::new(1.25, 50).unwrap());
    gradients_are_differences(&Triplets::new(0.3, 50).unwrap());
}

#[test]
fn averaging_by_class_gives_each_class_the_same_say() {
    let rows = Rows::new();
    let by_class = rows.of(&hard(HardNegativesParams::new().by_class(true))).0;
    let all_alike = rows.of(&hard(HardNegativesParams::new())).0;
    assert!((by_class - all_alike).abs() > 1e-3);
    // Classes with as many rows are averaged alike both ways.
    let mut even = Rows::new();
    even.targets = (0..16).map(|row| u32::from(row % 2 == 1)).collect();
    let by_class = even.of(&hard(HardNegativesParams::new().by_class(true))).0;
    assert_abs_diff_eq!(
        by_class,
        even.of(&hard(HardNegativesParams::new())).0,
        epsilon = 1e-12
    );
}

#[test]
fn triplets_are_of_easy_rows_of_rare_classes() {
    let rows = Rows::new();
    // Classes 3, 2 and 1 have 1, 2 and 3 of 16 rows. Row 1 is unsure, and class 3 has no pair.
    let units = rows.units();
    let distance = |a: usize, b: usize| {
        let squares = units[a]
            .iter()
            .zip(&units[b])
            .map(|(a, b)| (a - b) * (a - b));
        squares.sum::<f64>().sqrt()
    };
    let mut values = vec![];
    for (anchor, same) in [
        (3, vec![8]),
        (5, vec![1, 12]),
        (8, vec![3]),
        (12, vec![1, 5]),
    ] {
        let others = (0..16).filter(|&row| rows.targets[row] != rows.targets[anchor]);
        let mut nearest: Vec<f64> = others.map(|row| distance(anchor, row)).collect();
        nearest.sort_by(f64::total_cmp);
        for positive in same {
            for negative in &nearest[..2] {
                values.push((1.25 + distance(anchor, positive) - negative).max(0.0));
            }
        }
    }
    let expected = values.iter().sum::<f64>() / values.len() as f64;
    assert_abs_diff_eq!(
        rows.of(&Triplets::new(1.25, 9).unwrap()).0,
        expected,
        epsilon = 1e-12
    );
}

#[test]
fn the_factor_of_triplets_falls() {
    let loss = Triplets::new(1.0, 100).unwrap();
    assert_abs_diff_eq!(loss.factor_at(1), 1.1, epsilon = 1e-12);
    let expected = 0.5 * (std::f64::consts::PI * 0.29).cos() + 0.6;
    assert_abs_diff_eq!(loss.factor_at(30), expected, epsilon = 1e-12);
    assert_eq!(loss.factor_at(31), 0.1);
    assert_eq!(loss.factor_at(900), 0.1);
}

#[test]
fn batches_without_pairs_cost_nothing() {
    let losses: [&dyn FeatureLoss; 2] = [
        &hard(HardNegativesParams::new()),
        &Triplets::new(1.0, 9).unwrap(),
    ];
    for loss in losses {
        for targets in [&[][..], &[2], &[0, 1, 2]] {
            let n = targets.len();
            let (features, logits) = (vec![0.5; n * WIDTH], vec![0.1; n * 3]);
            let batch = FeatureBatch::new(&features, &logits, targets).unwrap();
            let mut gradient = vec![f64::NAN; features.len()];
            assert_eq!(loss.value_and_gradient(&batch, &mut gradient).unwrap(), 0.0);
            assert!(gradient.iter().all(|partial| *partial == 0.0));
        }
    }
    // One class alone has no negatives to be told from.
    let batch = FeatureBatch::new(&[1.0, 2.0, 3.0, 1.0], &[0.0; 2], &[0, 0]).unwrap();
    let loss = hard(HardNegativesParams::new());
    assert_abs_diff_eq!(
        loss.value_and_gradient(&batch, &mut [0.0; 4]).unwrap(),
        0.0,
        epsilon = 1e-15
    );
}

#[test]
fn wrong_numbers_are_refused() {
    let new = HardNegativesParams::new;
    for (params, field) in [
        (new().temperature(0.0), "temperature"),
        (new().temperature(f64::NAN), "temperature"),
        (new().hardness(-1.0), "hardness"),
        (new().factor(f64::INFINITY), "factor"),
    ] {
        assert_eq!(params.check().unwrap_err().field, field);
    }
    assert!(Triplets::new(-1.0, 9).is_err());
    assert!(Triplets::new(1.0, 0).is_err());
    let of = |features: &[f64], logits: &[f64], targets: &[u32]| {
        FeatureBatch::new(features, logits, targets)
            .map(|_| ())
            .unwrap_err()
    };
    assert!(matches!(
        of(&[1.0; 5], &[0.0; 4], &[0, 1]),
        LossError::Length { found: 5, .. }
    ));
    assert!(matches!(
        of(&[1.0; 4], &[0.0; 4], &[0, 2]),
        LossError::Target { row: 1, .. }
    ));
    assert!(matches!(of(&[1.0], &[], &[]), LossError::Length { .. }));
    let bad = of(&[1.0, 2.0, 3.0, f64::NAN], &[0.0; 4], &[0, 1]);
    assert!(matches!(
        bad,
        LossError::NonFiniteFeature {
            row: 1,
            feature: 1,
            ..
        }
    ));
    let batch = FeatureBatch::new(&[1.0; 4], &[0.0; 4], &[0, 1]).unwrap();
    assert!(
        hard(new())
            .value_and_gradient(&batch, &mut [0.0; 3])
            .is_err()
    );
}
