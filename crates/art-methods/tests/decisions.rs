//! The decision of every method, as it is told to people, gives the classes that the classifier gives.

use art_core::{Seed, elementary::ln};
use art_data::{Dataset, GaussianClasses};
use art_methods::Registry;
use art_train::{Classifier, ClassifierParams, Decision, Prior, Training};

/// The class of a row with these natural probabilities; none at the border, where rounding decides.
fn decided(decision: &Decision, of: &[f64]) -> Option<usize> {
    let largest = |score: &dyn Fn(usize) -> f64| {
        let scores = (0..of.len()).map(|class| (score(class), class));
        let mut scores: Vec<(f64, usize)> = scores.collect();
        scores.sort_by(|a, b| b.0.total_cmp(&a.0));
        (scores[0].0 - scores[1].0 > 1e-6).then_some(scores[0].1)
    };
    match decision {
        Decision::Likeliest => largest(&|class| of[class]),
        Decision::Threshold { class, probability } => {
            let far = of[*class] - probability;
            let other = 1 - class;
            (far.abs() > 1e-6).then_some(if far > 0.0 { *class } else { other })
        }
        Decision::Offsets(offsets) => largest(&|class| ln(of[class]) + offsets[class]),
        Decision::Affine { f1, sizes } => {
            largest(&|class| (2.0 * of[class] - f1[class]) / sizes[class].max(1e-12))
        }
    }
}

#[test]
fn what_is_told_of_a_decision_gives_the_classes() {
    let registry = Registry::standard();
    let mut kinds = [0; 4];
    for counts in [vec![240, 40], vec![180, 60, 30]] {
        let data = GaussianClasses::new(counts, 3).separation(1.5);
        let data = data.generate(Seed::new(5)).unwrap();
        for method in registry.methods() {
            for suffix in ["", "+tau-e", "+plug-in"] {
                let name = format!("{}{suffix}", method.id());
                let Ok(chosen) = registry.choose(&name) else {
                    continue;
                };
                let training = Training {
                    hidden: vec![8],
                    max_epochs: 3,
                    ..Training::default()
                };
                let params = ClassifierParams::new().training(training).method(chosen);
                // Some methods are not for vectors, or need what this data set has not.
                let Ok(classifier) = params.check().unwrap().fit_dataset(&data) else {
                    continue;
                };
                kinds[check(&classifier, &data, &name)] += 1;
            }
        }
    }
    assert!(kinds.iter().all(|&n| n > 5), "{kinds:?}");
}

/// Its place among the kinds of decisions.
fn check(classifier: &Classifier, data: &Dataset, name: &str) -> usize {
    let answers = classifier.answer(data.features()).unwrap();
    let decision = classifier.decision();
    let probabilities = answers.probabilities(Prior::Natural);
    for (row, class) in probabilities.rows().into_iter().zip(answers.classes()) {
        let of = row.as_slice().unwrap();
        if let Some(found) = decided(&decision, of) {
            assert_eq!(found, class as usize, "{name}: {decision:?}, {of:?}");
        }
    }
    match decision {
        Decision::Likeliest => 0,
        Decision::Threshold { .. } => 1,
        Decision::Offsets(_) => 2,
        Decision::Affine { .. } => 3,
    }
}
