//! Model files: any bytes, and any state whose digest is right. What is taken for a model must answer.

use crate::{
    scratch::with_file,
    sealed::{sealed, state},
    seed::Seed,
};
use art_data::{LabelledFrame, ReadOptions, SplitConfig, Unseen, read_frame};
use art_train::{Classifier, ClassifierParams, Prior, Training};
use std::sync::LazyLock;

/// Numbers, words, dates and missing values, with two classes.
fn table() -> LabelledFrame {
    let rows = (0..60).map(|row| {
        let town = ["Bonn", "Ulm", ""][row % 3];
        let age = if row % 7 == 0 {
            String::new()
        } else {
            (20 + row).to_string()
        };
        let class = if row % 5 == 0 { "rare" } else { "common" };
        format!("{age},{town},2024-01-{:02},{class}\n", 1 + row % 28)
    });
    let text: String = ["age,town,day,class\n".to_owned()]
        .into_iter()
        .chain(rows)
        .collect();
    let options = ReadOptions {
        words: vec!["class".into()],
        ..ReadOptions::default()
    };
    let frame = with_file("rows.csv", text.as_bytes(), |path| {
        read_frame(path, &options)
    });
    LabelledFrame::new(frame.expect("it is a table"), "class").expect("it has classes")
}

static TABLE: LazyLock<LabelledFrame> = LazyLock::new(table);

fn model(folds: usize) -> Vec<u8> {
    let seed = art_core::Seed::new(1);
    let training = Training {
        hidden: vec![4],
        max_epochs: 2,
        ..Training::default()
    };
    let rows = TABLE
        .rows(&SplitConfig::default(), seed)
        .expect("there are enough rows");
    let params = ClassifierParams::new().training(training).folds(folds);
    let config = params.check().expect("they are usual");
    let classifier = config.fit_table(&TABLE, &rows).expect("it trains");
    classifier.to_bytes().expect("it can be written")
}

/// One network, and three of folds.
static MODELS: LazyLock<[Vec<u8>; 2]> = LazyLock::new(|| [model(1), model(3)]);

pub(crate) fn run(bytes: &[u8]) {
    if bytes.first() != Some(&b'{') {
        look(bytes);
        return;
    }
    for base in &*MODELS {
        look(&sealed(base, bytes));
    }
}

fn look(bytes: &[u8]) {
    let Ok(classifier) = Classifier::from_bytes(bytes) else {
        return;
    };
    let written = classifier.to_bytes().expect("what was read can be written");
    let again = Classifier::from_bytes(&written).expect("what was written can be read");
    assert_eq!(again.to_bytes().expect("as before"), written);
    let n_classes = classifier.class_names().len();
    let rarest = classifier.rarest_class();
    assert!(rarest < n_classes);
    let _ = classifier.decision();
    let Ok(answers) = classifier.answer_frame(TABLE.frame(), Unseen::Counted) else {
        return;
    };
    let mut decided = vec![answers.classes()];
    decided.extend(answers.classes_as_batch());
    decided.push(
        answers
            .classes_at_most(rarest, 3)
            .expect("there is the class"),
    );
    for classes in decided {
        assert_eq!(classes.len(), TABLE.labels().len());
        assert!(classes.iter().all(|&class| (class as usize) < n_classes));
    }
    for prior in [Prior::Natural, Prior::Trained] {
        let probabilities = answers.probabilities(prior);
        for row in probabilities.rows() {
            let sum: f64 = row.sum();
            assert!((sum - 1.0).abs() < 1e-6, "{row}");
        }
    }
}

pub(crate) fn seeds() -> Vec<Seed> {
    let names = ["one network", "three networks"];
    let both = MODELS.iter().zip(names).flat_map(|(bytes, name)| {
        let state = state(bytes);
        // In step with the format: what is sealed as it is is the file.
        assert_eq!(sealed(bytes, &state), *bytes);
        [
            Seed::new(name, bytes.clone()),
            Seed::new(format!("state of {name}"), state),
        ]
    });
    let old = include_bytes!("../../crates/art-cli/tests/golden/model-v1.art");
    both.chain([Seed::new("version 1", &old[..])]).collect()
}
