//! Agreement with art-resampling and scikit-learn, and with the specification's vectors.

use approx::assert_abs_diff_eq;
use art_core::{
    AbsentClass, ArtParams, ArtSampler, BlendConstant, BoostSchedule, ClassCounts,
    ClassDistribution, ClassIndex, ConfusionMatrix, DrawMode, EpochSampler, Seed, Tallies,
    apportion::largest_remainder, package_sizes,
};
use serde_json::Value;

fn load(text: &str) -> Value {
    serde_json::from_str(text).unwrap()
}

fn art() -> Value {
    load(include_str!("golden/art.json"))
}

fn cases(golden: &Value) -> &[Value] {
    golden["cases"].as_array().unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    let list = value.as_array().unwrap().iter();
    list.map(|v| v.as_f64().unwrap()).collect()
}

fn counts(value: &Value) -> Vec<usize> {
    let list = value.as_array().unwrap().iter();
    list.map(|v| v.as_u64().unwrap() as usize).collect()
}

fn labels(value: &Value) -> Vec<u32> {
    counts(value)
        .into_iter()
        .map(|label| label as u32)
        .collect()
}

fn confusion(case: &Value) -> ConfusionMatrix {
    let n_classes = case["n_classes"].as_u64().unwrap() as usize;
    let (truth, predicted) = (labels(&case["y_true"]), labels(&case["y_pred"]));
    let matrix = ConfusionMatrix::from_labels(n_classes, &truth, &predicted).unwrap();
    let rows: Vec<Vec<u64>> = serde_json::from_value(case["confusion_rows_true"].clone()).unwrap();
    assert_eq!(matrix, ConfusionMatrix::from_rows(&rows).unwrap());
    matrix
}

#[track_caller]
fn assert_close(found: &[f64], expected: &[f64], name: &Value) {
    assert_eq!(found.len(), expected.len(), "{name}");
    for (f, e) in found.iter().zip(expected) {
        assert!(
            (f - e).abs() <= 1e-12,
            "{name}: {found:?}, expected {expected:?}"
        );
    }
}

#[test]
fn weights_and_blends_match_the_reference_package() {
    for case in cases(&art()) {
        let name = &case["name"];
        let validation = confusion(case);
        let n_classes = validation.n_classes();
        assert_close(
            &validation.per_class_f1(),
            &numbers(&case["per_class_f1"]),
            name,
        );
        assert_close(
            &[validation.macro_f1()],
            &[case["macro_f1_all_classes"].as_f64().unwrap()],
            name,
        );

        // The weights do not depend on the training set, so any will do to drive the sampler.
        let index = ClassIndex::new(&(0..n_classes as u32).collect::<Vec<_>>(), n_classes).unwrap();
        let config = ArtParams::new()
            .boost_frequency(1)
            .absent_class(AbsentClass::Reference);
        let mut sampler = ArtSampler::new(config.check().unwrap(), index, Seed::new(1)).unwrap();
        let refresh = sampler.observe(1, &validation).unwrap().unwrap();
        assert_close(refresh.weights.as_slice(), &numbers(&case["weights"]), name);

        let train = ClassCounts::new(counts(&case["train_class_counts"])).unwrap();
        for refreshed in case["refresh"].as_array().unwrap() {
            let c = BlendConstant::new(refreshed["c"].as_f64().unwrap()).unwrap();
            let blend = ClassDistribution::blend(&train.prior(), &refresh.weights, c).unwrap();
            assert_close(
                blend.as_slice(),
                &numbers(&refreshed["blended_probability_paper"]),
                name,
            );

            let (uniform, own) = package_sizes(train.n_rows(), c, &refresh.weights);
            let field = |key: &str| refreshed[key].as_u64().unwrap() as usize;
            assert_eq!(uniform, field("n_uniform_without_replacement"), "{name}");
            assert_eq!(train.n_rows() - uniform, field("n_remaining"), "{name}");
            assert_eq!(
                own,
                counts(&refreshed["per_class_with_replacement"]),
                "{name}"
            );
            assert_eq!(
                uniform + own.iter().sum::<usize>(),
                field("total"),
                "{name}"
            );
        }
    }
}

#[test]
fn refreshes_fall_due_when_the_reference_package_says() {
    for case in art()["should_refresh"].as_array().unwrap() {
        let bf = case["bf"].as_u64().unwrap_or(0) as u32;
        // Where the package reads 0 and None as "never", we ask for it by name.
        let schedule = BoostSchedule::every(bf).unwrap_or(BoostSchedule::never());
        let epoch = case["epoch"].as_u64().unwrap() as u32;
        // The package refreshes before its first epoch, 0; here epochs are counted from 1.
        let expected = epoch > 0 && case["refresh"].as_bool().unwrap();
        assert_eq!(schedule.is_due(epoch), expected, "{case}");
    }
}

#[test]
fn metrics_match_scikit_learn() {
    for case in cases(&load(include_str!("golden/metrics.json"))) {
        let name = &case["name"];
        let m = confusion(case);
        assert_close(&m.per_class_precision(), &numbers(&case["precision"]), name);
        assert_close(&m.per_class_recall(), &numbers(&case["recall"]), name);
        assert_close(&m.per_class_f1(), &numbers(&case["f1"]), name);
        let support: Vec<usize> = (0..m.n_classes()).map(|c| m.support(c) as usize).collect();
        assert_eq!(support, counts(&case["support"]), "{name}");
        for (found, key) in [
            (m.accuracy(), "accuracy"),
            (m.macro_precision(), "macro_precision_all_classes"),
            (m.macro_recall(), "macro_recall_all_classes"),
            (m.macro_f1(), "macro_f1_all_classes"),
            (m.balanced_accuracy(), "balanced_accuracy_classes_in_y_true"),
            (m.mcc(), "matthews_corrcoef"),
            (m.g_mean(), "geometric_mean_of_recalls_of_classes_in_y_true"),
        ] {
            assert_close(&[found], &[case[key].as_f64().unwrap()], name);
        }
    }
}

#[test]
fn metrics_match_the_specification() {
    let truth = [0, 0, 0, 0, 0, 0, 1, 1, 1, 2];
    let predicted = [0, 0, 0, 0, 1, 2, 1, 1, 0, 0];
    let m = ConfusionMatrix::from_labels(3, &truth, &predicted).unwrap();
    assert_eq!(
        m.rows().collect::<Vec<_>>(),
        [[4, 1, 1], [1, 2, 0], [1, 0, 0]]
    );
    assert_abs_diff_eq!(m.macro_f1(), 4.0 / 9.0, epsilon = 1e-12);
    assert_abs_diff_eq!(m.accuracy(), 0.6, epsilon = 1e-12);
    assert_abs_diff_eq!(m.balanced_accuracy(), 4.0 / 9.0, epsilon = 1e-12);
    assert_abs_diff_eq!(m.mcc(), 0.259_259_3, epsilon = 1e-7);
    assert_abs_diff_eq!(m.g_mean(), 0.0);
    assert_abs_diff_eq!(m.g_mean_corrected(0.001), 0.076_314_3, epsilon = 1e-7);
}

/// Labels with 70, 25 and 5 rows, and a validation matrix with F1 (0.9, 0.5, 0.2).
struct Given(ClassDistribution);

impl art_core::Difficulty for Given {
    fn name(&self) -> &'static str {
        "given"
    }

    fn scores(&self, _: &Tallies) -> Vec<f64> {
        self.0.as_slice().to_vec()
    }
}

#[test]
fn the_worked_example_of_the_specification_comes_out() {
    let f1 = [0.9, 0.5, 0.2];
    let difficulty = f1.map(|f1| 1.0 - f1);
    let w = ClassDistribution::from_scores(&difficulty).unwrap();
    assert_abs_diff_eq!(
        w.as_slice(),
        [1.0 / 14.0, 5.0 / 14.0, 8.0 / 14.0].as_slice(),
        epsilon = 1e-12
    );

    let counts = [7, 2, 1];
    let labels: Vec<u32> = (0..3).flat_map(|c| vec![c; counts[c as usize]]).collect();
    let mut validation = ConfusionMatrix::new(3).unwrap();
    (0..3).for_each(|c| validation.record(c, c).unwrap());
    let quotas = |c: f64, mode, labels: &[u32]| {
        let config = ArtParams::new()
            .blend_constant(c)
            .boost_frequency(1)
            .mode(mode);
        let config = config.difficulty(Given(w.clone())).check().unwrap();
        let index = ClassIndex::new(labels, 3).unwrap();
        let mut sampler = ArtSampler::new(config, index, Seed::new(1834)).unwrap();
        let refresh = sampler.observe(1, &validation).unwrap().unwrap();
        let drawn = sampler.draw(2).class_counts(labels, 3).unwrap();
        (refresh.distribution, drawn.as_slice().to_vec())
    };
    let (p, q) = quotas(0.3, DrawMode::Exact, &labels);
    assert_abs_diff_eq!(p.as_slice(), [0.26, 0.31, 0.43].as_slice(), epsilon = 1e-12);
    assert_eq!(q, [3, 3, 4]);

    let large: Vec<u32> = [(0, 70), (1, 25), (2, 5)]
        .into_iter()
        .flat_map(|(class, n)| vec![class; n])
        .collect();
    let (p, q) = quotas(0.3, DrawMode::Exact, &large);
    assert_abs_diff_eq!(
        p.as_slice(),
        [0.26, 0.325, 0.415].as_slice(),
        epsilon = 1e-12
    );
    assert_eq!(q, [26, 33, 41]);
    let (_, own) = package_sizes(100, BlendConstant::new(0.3).unwrap(), &w);
    assert_eq!(own, [5, 25, 40]);
}

#[test]
fn the_fisher_yates_list_of_the_specification_comes_out_of_its_stream() {
    // Quotas (3, 3, 4) over classes with members 0-6, 7-8 and 9: whole copies, then a remainder
    // without replacement, sorted, with one generator through the classes.
    let members: [&[u32]; 3] = [&[0, 1, 2, 3, 4, 5, 6], &[7, 8], &[9]];
    let mut stream = Seed::new(1834).stream("art.refresh", 0);
    let mut list = vec![];
    for (rows, quota) in members.into_iter().zip([3, 3, 4]) {
        for _ in 0..quota / rows.len() {
            list.extend_from_slice(rows);
        }
        let mut pool = rows.to_vec();
        let remainder = stream.choose_distinct(&mut pool, quota % rows.len());
        remainder.sort_unstable();
        list.extend_from_slice(remainder);
    }
    assert_eq!(list, [0, 4, 5, 7, 8, 7, 9, 9, 9, 9]);
}

#[test]
fn package_totals_drift_as_measured() {
    let drift = |k: usize, n: usize, c: f64| {
        let w = ClassDistribution::uniform(k).unwrap();
        let (uniform, own) = package_sizes(n, BlendConstant::new(c).unwrap(), &w);
        (uniform + own.iter().sum::<usize>()) as i64 - n as i64
    };
    assert_eq!(drift(3, 100, 0.5), 1);
    let found = [0.1, 0.2, 0.3, 0.5, 0.7].map(|c| drift(6, 1119, c));
    assert_eq!(found, [1, -1, -3, -1, 0]);
}

#[test]
fn apportioned_split_sizes_match_the_specification() {
    // The quotas of 115 test rows over Pima's classes.
    let targets = [115.0 * 500.0 / 768.0, 115.0 * 268.0 / 768.0];
    assert_eq!(largest_remainder(&targets).unwrap(), [75, 40]);
}
