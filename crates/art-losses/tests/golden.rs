//! Agreement with PyTorch in both forms, with the specification's vectors, and the limits of each loss.

use approx::assert_abs_diff_eq;
use art_core::ClassCounts;
use art_losses::{
    BalancedSoftmax, CostMatrix, CostSensitive, CrossEntropy, Deferred, ExpectedCost, Focal, Head,
    Ldam, Loss, LossError, LossSchedule, Ohem, Reduction, RowKernel, RowTerms, VectorScaling,
    class_weight::{effective_number, inverse_frequency},
    conformance::check_loss,
};
use candle_core::{DType, Device, Tensor, Var};
use serde_json::Value;

fn golden() -> Value {
    serde_json::from_str(include_str!("golden/losses.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    serde_json::from_value(value.clone()).unwrap()
}

fn flat(value: &Value) -> Vec<f64> {
    let rows: Vec<Vec<f64>> = serde_json::from_value(value.clone()).unwrap();
    rows.concat()
}

fn counts() -> ClassCounts {
    ClassCounts::new(vec![500, 120, 30, 6]).unwrap()
}

fn ldam(scale: f64) -> Ldam {
    Ldam::new(&counts(), 0.5, scale).unwrap()
}

/// The loss of a golden entry, by its name.
fn loss_named(name: &str) -> Option<Box<dyn Loss>> {
    let number = |prefix: &str| {
        name.strip_prefix(prefix)?
            .trim_end_matches("_alpha")
            .parse()
            .ok()
    };
    let weighted = |weights: Vec<f64>, reduction| {
        Box::new(
            CostSensitive::explicit(weights)
                .unwrap()
                .reduction(reduction),
        )
    };
    let effective = || effective_number(&counts(), 0.9999).unwrap();
    // The golden weights N / (K n) are inverse frequency with exponent 1.
    let inverse = || inverse_frequency(&counts(), 1.0).unwrap();
    let drw = || ldam(30.0).weights(effective()).unwrap();
    Some(match name {
        "cross_entropy_mean" | "cross_entropy_extreme" => Box::new(CrossEntropy),
        "focal_extreme_gamma_2" => Box::new(Focal::new(2.0).unwrap()),
        "weighted_ce_inverse_frequency_weighted_mean" => {
            weighted(inverse(), Reduction::WeightedMean)
        }
        "weighted_ce_inverse_frequency_mean" => weighted(inverse(), Reduction::BatchMean),
        "weighted_ce_effective_number_beta_0.9999_weighted_mean" => {
            weighted(effective(), Reduction::WeightedMean)
        }
        "weighted_ce_effective_number_beta_0.9999_mean" => {
            weighted(effective(), Reduction::BatchMean)
        }
        "ldam_logits" | "ldam_cosines" => Box::new(ldam(30.0)),
        "ldam_cosines_s1" => Box::new(ldam(1.0)),
        "ldam_drw_cosines" | "ldam_drw_logits" => Box::new(drw()),
        "balanced_softmax" => Box::new(BalancedSoftmax::new(&counts(), 1.0).unwrap()),
        _ => {
            if let Some(gamma) = number("focal_gamma_") {
                let focal = Focal::new(gamma).unwrap();
                if name.ends_with("_alpha") {
                    Box::new(focal.alpha(vec![0.1, 0.2, 0.3, 0.4]).unwrap())
                } else {
                    Box::new(focal)
                }
            } else if let Some(share) = number("ohem_keep_") {
                Box::new(Ohem::share(share).unwrap())
            } else {
                Box::new(BalancedSoftmax::new(&counts(), number("logit_adjusted_tau_")?).unwrap())
            }
        }
    })
}

fn tensor_form(loss: &dyn Loss, logits: &[f64], targets: &[u32], dtype: DType) -> (f64, Vec<f64>) {
    let shape = (targets.len(), logits.len() / targets.len());
    let logits = Tensor::from_slice(logits, shape, &Device::Cpu)
        .unwrap()
        .to_dtype(dtype)
        .unwrap();
    let logits = Var::from_tensor(&logits).unwrap();
    let targets = Tensor::new(targets, &Device::Cpu).unwrap();
    let value = loss.forward(&logits, &targets).unwrap();
    let gradients = value.backward().unwrap();
    let wide = |tensor: &Tensor| tensor.to_dtype(DType::F64).unwrap().flatten_all().unwrap();
    let gradient = wide(gradients.get(&logits).unwrap())
        .to_vec1::<f64>()
        .unwrap();
    (wide(&value).to_vec1::<f64>().unwrap()[0], gradient)
}

#[test]
fn both_forms_match_pytorch() {
    let golden = golden();
    let targets: Vec<u32> = serde_json::from_value(golden["inputs"]["labels"].clone()).unwrap();
    let mut compared = 0;
    for entry in golden["losses"].as_array().unwrap() {
        let name = entry["name"].as_str().unwrap();
        let Some(loss) = loss_named(name) else {
            assert!(
                matches!(name, "cross_entropy_sum" | "cross_entropy_per_sample"),
                "{name}"
            );
            continue;
        };
        let input = match entry["params"]["input"].as_str() {
            Some(input) => input,
            None if name.contains("cosines") => "cosines",
            None => "logits",
        };
        let logits = flat(&golden["inputs"][input]);
        let (value, expected) = (
            entry["value"].as_f64().unwrap(),
            flat(&entry["grad_logits"]),
        );

        let mut gradient = vec![0.0; logits.len()];
        let found = loss
            .value_and_gradient(&logits, &targets, &mut gradient)
            .unwrap();
        assert!(
            (found - value).abs() <= 1e-9 * (1.0 + value.abs()),
            "{name}: {found}, {value}"
        );
        for (found, expected) in gradient.iter().zip(&expected) {
            assert!(
                (found - expected).abs() <= 1e-9 * (1.0 + expected.abs()),
                "{name}"
            );
        }
        for (dtype, tolerance) in [(DType::F64, 1e-9), (DType::F32, 1e-5)] {
            let (found, gradient) = tensor_form(&*loss, &logits, &targets, dtype);
            let close = |a: f64, b: f64| (a - b).abs() <= tolerance * (1.0 + b.abs());
            assert!(close(found, value), "{name} in {dtype:?}: {found}, {value}");
            for (found, expected) in gradient.iter().zip(&expected) {
                // LDAM's scale multiplies rounding errors of the logits by 30.
                let wide = if name.starts_with("ldam") && dtype == DType::F32 {
                    30.0
                } else {
                    1.0
                };
                assert!(
                    (found - expected).abs() <= wide * tolerance * (1.0 + expected.abs()),
                    "{name} in {dtype:?}: {found}, {expected}"
                );
            }
        }
        compared += 1;
    }
    assert_eq!(compared, 28);
}

#[test]
fn per_row_values_and_constants_match() {
    let golden = golden();
    let targets: Vec<u32> = serde_json::from_value(golden["inputs"]["labels"].clone()).unwrap();
    let logits = flat(&golden["inputs"]["logits"]);
    let entries = golden["losses"].as_array().unwrap();
    let per_sample = entries
        .iter()
        .find(|e| e["name"] == "cross_entropy_per_sample")
        .unwrap();
    let shaped = Tensor::from_slice(&logits, (8, 4), &Device::Cpu).unwrap();
    let values = CrossEntropy
        .per_sample(&shaped, &Tensor::new(targets, &Device::Cpu).unwrap())
        .unwrap();
    for (found, expected) in values
        .to_vec1::<f64>()
        .unwrap()
        .iter()
        .zip(numbers(&per_sample["values"]))
    {
        assert_abs_diff_eq!(*found, expected, epsilon = 1e-9);
    }
    for (found, key) in [
        (
            inverse_frequency(&counts(), 1.0).unwrap(),
            "inverse_frequency_weights",
        ),
        (
            effective_number(&counts(), 0.9999).unwrap(),
            "effective_number_weights",
        ),
        (ldam(30.0).margins().to_vec(), "ldam_margins"),
    ] {
        for (found, expected) in found.iter().zip(numbers(&golden["inputs"][key])) {
            assert_abs_diff_eq!(*found, expected, epsilon = 1e-12);
        }
    }
}

#[test]
fn the_specifications_vectors_come_out() {
    let row = |kernel: &dyn RowKernel, logits: &[f64], target| {
        let mut gradient = vec![0.0; logits.len()];
        (kernel.row(logits, target, &mut gradient), gradient)
    };
    let z = [2.0, 1.0, -1.0];
    let counts = ClassCounts::new(vec![70, 25, 5]).unwrap();
    assert_abs_diff_eq!(row(&CrossEntropy, &z, 1).0, 1.349_012_216_8, epsilon = 1e-9);
    let (value, gradient) = row(&Focal::new(2.0).unwrap(), &z, 1);
    assert_abs_diff_eq!(value, 0.739_724_768_0, epsilon = 1e-9);
    let expected = [0.752_498_98, -0.789_963_70, 0.037_464_72];
    assert_abs_diff_eq!(gradient.as_slice(), expected.as_slice(), epsilon = 1e-8);
    let balanced = BalancedSoftmax::new(&counts, 1.0).unwrap();
    assert_abs_diff_eq!(row(&balanced, &z, 1).0, 2.156_200_731_0, epsilon = 1e-9);
    let ldam = Ldam::new(&counts, 0.5, 30.0).unwrap();
    let expected = [0.258_486_58, 0.334_370_15, 0.5];
    assert_abs_diff_eq!(ldam.margins(), expected.as_slice(), epsilon = 1e-8);
    assert_abs_diff_eq!(
        row(&ldam, &[0.6, 0.3, -0.2], 1).0,
        19.031_104_580_1,
        epsilon = 1e-9
    );

    let mnist = ClassCounts::new(vec![1500, 899, 539, 323, 193, 116, 69, 41, 25, 15]).unwrap();
    let expected = [
        0.043_096, 0.069_820, 0.114_400, 0.188_867, 0.314_044, 0.520_502, 0.872_996, 1.467_135,
        2.404_178, 4.004_961,
    ];
    let weights = effective_number(&mnist, 0.9999).unwrap();
    assert_abs_diff_eq!(weights.as_slice(), expected.as_slice(), epsilon = 1e-6);
    assert_abs_diff_eq!(
        effective_number(&mnist, 0.9).unwrap()[9],
        1.216_595,
        epsilon = 1e-6
    );
    let inverse = inverse_frequency(&mnist, 1.0).unwrap();
    assert_abs_diff_eq!(inverse[0], 0.248, epsilon = 1e-12);
    assert_abs_diff_eq!(inverse[9], 24.8, epsilon = 1e-12);
}

#[test]
fn every_loss_keeps_the_rules_of_the_trait() {
    let k = 4;
    let costs = || {
        let cost = |i: usize, j: usize| {
            if i == j {
                0.0
            } else {
                1.0 + (2 * i + j) as f64
            }
        };
        CostMatrix::new(
            (0..k)
                .map(|i| (0..k).map(|j| cost(i, j)).collect())
                .collect(),
        )
        .unwrap()
    };
    let weighted = || CostSensitive::inverse_frequency(&counts(), 0.5).unwrap();
    let mut losses: Vec<Box<dyn Loss>> = vec![
        Box::new(CrossEntropy),
        Box::new(weighted()),
        Box::new(weighted().reduction(Reduction::BatchMean).cap(2.0).unwrap()),
        Box::new(ExpectedCost::new(costs())),
        Box::new(ExpectedCost::with_cross_entropy(costs(), 0.3).unwrap()),
        Box::new(Ohem::share(0.4).unwrap()),
        Box::new(Ohem::below_probability(0.3).unwrap().min_kept(2)),
        Box::new(ldam(4.0)),
        Box::new(ldam(4.0).weights(vec![1.0, 2.0, 3.0, 4.0]).unwrap()),
        Box::new(BalancedSoftmax::new(&counts(), 1.5).unwrap()),
        Box::new(BalancedSoftmax::new(&ClassCounts::new(vec![5, 1, 0, 2]).unwrap(), 1.0).unwrap()),
    ];
    for gamma in [0.0, 0.5, 1.0, 2.0, 5.0] {
        losses.push(Box::new(Focal::new(gamma).unwrap()));
        losses.push(Box::new(
            Focal::new(gamma)
                .unwrap()
                .alpha(vec![1.0, 2.0, 3.0, 4.0])
                .unwrap(),
        ));
    }
    for loss in &losses {
        if let Err(violation) = check_loss(&**loss, k) {
            panic!("{}: {violation}", loss.describe());
        }
    }
}

/// A loss of somebody else's, without a kernel: squared hinge of the margin to the best other class.
struct Squared;

impl Loss for Squared {
    fn name(&self) -> &'static str {
        "squared"
    }
    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        let p = candle_nn::ops::softmax(logits, 1)?;
        let of_target = p.gather(&targets.unsqueeze(1)?, 1)?.squeeze(1)?;
        Ok((of_target.neg()? + 1.0)?.sqr()?)
    }
}

#[test]
fn a_foreign_loss_without_a_kernel_passes_by_differentiation() {
    check_loss(&Squared, 3).unwrap();
}

#[test]
fn the_suite_notices_a_wrong_gradient() {
    struct Wrong;
    impl Loss for Wrong {
        fn name(&self) -> &'static str {
            "wrong"
        }
        fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
            CrossEntropy.per_sample(logits, targets)
        }
        fn kernel(&self) -> Option<&dyn RowKernel> {
            Some(self)
        }
    }
    impl RowKernel for Wrong {
        fn row(&self, logits: &[f64], target: usize, gradient: &mut [f64]) -> f64 {
            let value = CrossEntropy.row(logits, target, gradient);
            gradient[target] += 1e-3;
            value
        }
    }
    assert_eq!(
        check_loss(&Wrong, 3).unwrap_err().rule,
        "both forms give one gradient"
    );
}

#[test]
fn each_loss_reaches_cross_entropy_in_its_limit() {
    let logits: Vec<f64> = (0..24).map(|i| f64::from(i * 7 % 11) / 3.0 - 1.5).collect();
    let targets = [0, 1, 2, 3, 1, 0];
    let evaluate = |loss: &dyn Loss| {
        let mut gradient = vec![0.0; 24];
        let value = loss
            .value_and_gradient(&logits, &targets, &mut gradient)
            .unwrap();
        gradient.push(value);
        gradient
    };
    let plain = evaluate(&CrossEntropy);
    let limits: [&dyn Loss; 7] = [
        &VectorScaling::new(&counts(), 0.0, 0.0).unwrap(),
        &Focal::new(0.0).unwrap(),
        &Ohem::share(1.0).unwrap(),
        &BalancedSoftmax::new(&counts(), 0.0).unwrap(),
        &Ldam::new(&counts(), 0.0, 1.0).unwrap(),
        &CostSensitive::inverse_frequency(&counts(), 0.0).unwrap(),
        &CostSensitive::explicit(effective_number(&counts(), 0.0).unwrap()).unwrap(),
    ];
    for loss in limits {
        let found = evaluate(loss);
        assert_abs_diff_eq!(found.as_slice(), plain.as_slice(), epsilon = 1e-12);
    }
}

#[test]
fn vector_scaling_is_the_formula_and_logit_adjustment_without_factors() {
    let counts = ClassCounts::new(vec![70, 25, 5]).unwrap();
    let value = |loss: &dyn Loss| {
        let mut gradient = [0.0; 3];
        let value = loss.value_and_gradient(&[2.0, 1.0, -1.0], &[1], &mut gradient);
        (value.unwrap(), gradient)
    };
    let (scaled, gradient) = value(&VectorScaling::new(&counts, 0.3, 1.0).unwrap());
    assert_abs_diff_eq!(scaled, 2.396_891_576_5, epsilon = 1e-9);
    // By central differences.
    for class in 0..3 {
        let at = |by: f64| {
            let mut logits = [2.0, 1.0, -1.0];
            logits[class] += by;
            let loss = VectorScaling::new(&counts, 0.3, 1.0).unwrap();
            loss.value_and_gradient(&logits, &[1], &mut [0.0; 3])
                .unwrap()
        };
        assert_abs_diff_eq!(
            gradient[class],
            (at(1e-6) - at(-1e-6)) / 2e-6,
            epsilon = 1e-8
        );
    }
    for tau in [0.5, 1.0, 2.0] {
        let shifted = value(&BalancedSoftmax::new(&counts, tau).unwrap());
        assert_eq!(
            value(&VectorScaling::new(&counts, 0.0, tau).unwrap()),
            shifted
        );
    }
    assert!(VectorScaling::new(&counts, -0.1, 1.0).is_err());
    assert!(VectorScaling::new(&counts, 0.1, f64::NAN).is_err());
    check_loss(&VectorScaling::new(&counts, 0.4, 1.5).unwrap(), 3).unwrap();
    let with_an_empty_class = ClassCounts::new(vec![70, 0, 5]).unwrap();
    check_loss(
        &VectorScaling::new(&with_an_empty_class, 0.4, 1.5).unwrap(),
        3,
    )
    .unwrap();
}

#[test]
fn rows_with_two_labels_cost_their_shares() {
    let logits: Vec<f64> = (0..12).map(|i| f64::from(i * 5 % 7) / 3.0 - 1.0).collect();
    let (first, second): ([u32; 3], [u32; 3]) = ([0, 2, 1], [1, 2, 0]);
    let (of_first, of_second) = ([0.3, 0.8, 1.0], [0.7, 0.2, 0.0]);
    let terms = [(&first[..], &of_first[..]), (&second[..], &of_second[..])];
    let rows = RowTerms::new(&terms).unwrap();
    let losses: [&dyn Loss; 3] = [&CrossEntropy, &Focal::new(2.0).unwrap(), &Squared];
    for loss in losses {
        let mut gradient = vec![0.0; 12];
        let value = rows
            .value_and_gradient(loss, &logits, &mut gradient)
            .unwrap();
        let tensor = Var::from_slice(&logits, (3, 4), &Device::Cpu).unwrap();
        let forward = rows.forward(loss, &tensor).unwrap();
        let expected = forward.to_scalar::<f64>().unwrap();
        assert_abs_diff_eq!(value, expected, epsilon = 1e-12);
        let gradients = forward.backward().unwrap();
        let gradients = gradients.get(&tensor).unwrap().flatten_all().unwrap();
        let gradients = gradients.to_vec1::<f64>().unwrap();
        assert_abs_diff_eq!(gradient.as_slice(), gradients.as_slice(), epsilon = 1e-12);
        // With the weight 1 for one label each it is the loss itself, with 2 twice that.
        let mut alone = vec![0.0; 12];
        let expected = loss
            .value_and_gradient(&logits, &first, &mut alone)
            .unwrap();
        for weight in [1.0, 2.0] {
            let weights = [weight; 3];
            let terms = [(&first[..], &weights[..])];
            let weighted = RowTerms::new(&terms).unwrap();
            let value = weighted
                .value_and_gradient(loss, &logits, &mut gradient)
                .unwrap();
            assert_abs_diff_eq!(value, weight * expected, epsilon = 1e-12);
            for (found, alone) in gradient.iter().zip(&alone) {
                assert_abs_diff_eq!(*found, weight * alone, epsilon = 1e-12);
            }
        }
    }
    let foreign = [(&[1, 4, 0][..], &[1.0; 3][..])];
    let foreign = RowTerms::new(&foreign).unwrap();
    let mut gradient = [0.0; 12];
    let result = foreign.value_and_gradient(&CrossEntropy, &logits, &mut gradient);
    assert!(matches!(result, Err(LossError::Target { row: 1, .. })));
    assert!(RowTerms::new(&[(&[0, 1], &[1.0])]).is_err());
    for weight in [-1.0, f64::NAN, f64::INFINITY] {
        let error = RowTerms::new(&[(&[0, 1], &[1.0, weight])]).unwrap_err();
        assert!(matches!(error, LossError::RowWeight { row: 1, .. }));
    }
}

#[test]
fn deferred_weights_are_ldam_before_the_switch_and_weighted_after() {
    let drw = ldam(30.0)
        .with_deferred_weights(&counts(), 0.9999, 80)
        .unwrap();
    assert!(drw.loss_at(80).class_weights().is_none());
    let weights = effective_number(&counts(), 0.9999).unwrap();
    assert_eq!(drw.loss_at(81).class_weights(), Some(&*weights));
    assert_eq!(drw.loss_at(1).head(), Head::Normalized);
    assert_eq!(drw.switch_after(), Some(80));
    let Deferred { before, .. } = drw;
    assert_eq!(before.on_linear_head().head(), Head::Linear);
}

#[test]
fn costs_decide_by_expectation() {
    let costs = CostMatrix::new(vec![vec![0.0, 5.0], vec![1.0, 0.0]]).unwrap();
    let threshold = costs.binary_threshold().unwrap();
    assert_abs_diff_eq!(threshold, 1.0 / 6.0, epsilon = 1e-12);
    for p in [0.0, 0.1, 0.166, 0.167, 0.5, 1.0] {
        assert_eq!(costs.decide(&[1.0 - p, p]) == 1, p > threshold, "p = {p}");
    }
    let counts = ClassCounts::new(vec![90, 10]).unwrap();
    let weights = costs.class_weights(&counts).unwrap();
    assert_abs_diff_eq!(weights[1] / weights[0], 5.0, epsilon = 1e-12);
    assert_abs_diff_eq!(90.0 * weights[0] + 10.0 * weights[1], 100.0, epsilon = 1e-9);
    assert!(CostMatrix::new(vec![vec![0.0, 0.0], vec![1.0, 0.0]]).is_err());
    assert!(CostMatrix::new(vec![vec![0.0, 1.0]]).is_err());
}

#[test]
fn bad_settings_and_batches_are_named() {
    assert!(Focal::new(-1.0).is_err() && Focal::new(f64::NAN).is_err());
    assert!(Focal::new(1.0).unwrap().alpha(vec![1.0, 0.0]).is_err());
    assert!(Ohem::share(0.0).is_err() && Ohem::share(1.1).is_err());
    assert!(Ldam::new(&counts(), f64::INFINITY, 30.0).is_err());
    assert!(Ldam::new(&counts(), 0.5, 0.0).is_err());
    assert!(BalancedSoftmax::new(&counts(), -0.1).is_err());
    assert!(effective_number(&counts(), 1.0).is_err());
    assert!(CostSensitive::explicit(vec![]).is_err());

    let weighted = CostSensitive::explicit(vec![1.0, 2.0]).unwrap();
    let fail = |loss: &dyn Loss, logits: &[f64], targets: &[u32]| {
        let mut gradient = vec![0.0; logits.len()];
        loss.value_and_gradient(logits, targets, &mut gradient)
            .unwrap_err()
            .to_string()
    };
    let three = [0.0, 1.0, 2.0];
    assert_eq!(
        fail(&weighted, &three, &[1]),
        "the loss was made for 2 classes, the logits have 3"
    );
    assert_eq!(
        fail(&CrossEntropy, &three, &[3]),
        "row 0 has target 3, but there are 3 classes"
    );
    let nan = [0.0, 1.0, 2.0, 0.0, f64::NAN, 1.0];
    assert!(fail(&CrossEntropy, &nan, &[0, 1]).starts_with("the logit of row 1, class 1 is NaN"));
    assert!(fail(&CrossEntropy, &three, &[0, 1]).starts_with("3 logits, 2 targets"));
    // Losses without class weights are made for as many classes as well, in whatever form they are asked.
    let two = ClassCounts::new(vec![90, 10]).unwrap();
    let costs = CostMatrix::new(vec![vec![0.0, 1.0], vec![5.0, 0.0]]).unwrap();
    let made_for_two: [Box<dyn Loss>; 4] = [
        Box::new(BalancedSoftmax::new(&two, 1.0).unwrap()),
        Box::new(VectorScaling::new(&two, 0.3, 1.0).unwrap()),
        Box::new(Ldam::new(&two, 0.5, 30.0).unwrap()),
        Box::new(ExpectedCost::new(costs)),
    ];
    for loss in &made_for_two {
        let expected = "the loss was made for 2 classes, the logits have 3";
        assert_eq!(fail(&**loss, &three, &[2]), expected);
        let terms: [(&[u32], &[f64]); 1] = [(&[2], &[1.0])];
        let terms = RowTerms::new(&terms).unwrap();
        let refused = terms.value_and_gradient(&**loss, &three, &mut [0.0; 3]);
        assert_eq!(refused.unwrap_err().to_string(), expected);
    }
    let tensor = Tensor::new(&[three], &Device::Cpu).unwrap();
    let target = Tensor::new(&[1_u32], &Device::Cpu).unwrap();
    assert!(matches!(
        weighted.forward(&tensor, &target),
        Err(LossError::Classes { .. })
    ));
}
