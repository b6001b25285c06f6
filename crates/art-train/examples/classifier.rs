//! A real table with linfa's traits: fit, predict, save, load.
//!
//! `cargo run --release -p art-train --example classifier`

use art_core::{ArtParams, ArtSampler, ClassBalanced, ConfusionMatrix, OneMinusRecall, Seed};
use art_data::{LabelledFrame, ReadOptions, SplitConfig, read_frame};
use art_train::{Classifier, ClassifierParams, Prior, Recipe, RunInputs, TrainError, Training};
use linfa::traits::{Fit, Predict};
use std::{error::Error, path::Path};

fn art(inputs: &RunInputs<'_>, params: ArtParams) -> Result<Recipe, TrainError> {
    let config = params.boost_frequency(3).check()?;
    let sampler = ArtSampler::new(config, inputs.class_index()?, inputs.seed)?;
    Ok(Recipe::drawn_by(inputs, sampler))
}

type Make = fn(&RunInputs<'_>) -> Result<Recipe, TrainError>;

fn main() -> Result<(), Box<dyn Error>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/yeast.csv");
    let table = LabelledFrame::new(read_frame(&path, &ReadOptions::default())?, "class")?;
    // Five rows are too few to be learned and judged by.
    let table = table.without_classes(&["ERL".to_owned()])?.to_dataset()?;
    let rows = SplitConfig::default().rows(&table, Seed::new(1834))?;
    let (known, test) = (
        table.select(&[rows.train, rows.valid].concat())?,
        table.select(&rows.test)?,
    );

    let training = Training {
        learning_rate: 5e-3,
        ..Training::default()
    };
    let methods: [(&str, Make); 4] = [
        ("plain", |inputs| Ok(Recipe::plain(inputs))),
        ("class-balanced", |inputs| {
            let sampler = ClassBalanced::new(inputs.class_index()?, inputs.seed);
            Ok(Recipe::drawn_by(inputs, sampler))
        }),
        ("ART", |inputs| art(inputs, ArtParams::new())),
        ("ART, difficulty 1 - recall", |inputs| {
            art(inputs, ArtParams::new().difficulty(OneMinusRecall))
        }),
    ];
    for (name, method) in methods {
        let params = ClassifierParams::new()
            .training(training.clone())
            .recipe(name, method);
        let classifier = params.fit(&known.to_linfa())?;
        let predicted = classifier.predict(&test.features().to_owned());
        let predicted: Vec<u32> = predicted.iter().map(|&class| class as u32).collect();
        let confusion = ConfusionMatrix::from_labels(test.n_classes(), test.labels(), &predicted)?;
        println!(
            "{name:<28} macro F1 {:.4}  accuracy {:.4}",
            confusion.macro_f1(),
            confusion.accuracy()
        );

        let path = std::env::temp_dir().join("yeast.art");
        classifier.save(&path)?;
        let again = Classifier::load(&path)?;
        let shares = again.answer(test.features())?.probabilities(Prior::Natural);
        assert_eq!(shares, classifier.predict_proba(test.features())?);
    }
    Ok(())
}
