//! A resampler of one's own on a real table: each class is cut to at most so many rows for one of the smallest.
//!
//! `cargo run --release -p art-train --example resampler`

use art_core::{ClassCounts, ConfusionMatrix, Seed};
use art_data::{
    DataError, LabelledFrame, ReadOptions, Resampled, Resampler, SplitConfig, TrainSet,
    conformance::check_resampler, read_frame,
};
use art_train::{ClassifierParams, Training};
use std::{error::Error, path::Path};

/// Leaves out rows of each class beyond `times` those of the smallest class, drawn at random.
struct AtMost {
    times: usize,
}

impl Resampler for AtMost {
    fn name(&self) -> &'static str {
        "at-most"
    }

    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        let most = self.times * counts.smallest();
        let cut = counts.as_slice().iter().map(|&n| n.min(most));
        Ok(Some(cut.collect()))
    }

    fn resample(&self, train: &TrainSet, seed: Seed) -> Result<Resampled, DataError> {
        let index = train.data().class_index()?;
        let mut kept = vec![];
        let most = self.times * index.counts().smallest();
        for class in 0..index.n_classes() {
            // A stream of its own keeps each class's draw apart from the others'.
            let mut stream = seed.stream("at-most", class as u64);
            let mut rows = index.rows(class).to_vec();
            let n = rows.len().min(most);
            kept.extend_from_slice(stream.choose_distinct(&mut rows, n));
        }
        Resampled::kept(train, kept)
    }
}

fn main() -> Result<(), Box<dyn Error>> {
    check_resampler(&AtMost { times: 3 })?;
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/pima.csv");
    let options = ReadOptions {
        words: vec!["Outcome".to_owned()],
        ..ReadOptions::default()
    };
    let table = LabelledFrame::new(read_frame(&path, &options)?, "Outcome")?.to_dataset()?;
    let rows = SplitConfig::default().rows(&table, Seed::new(1834))?;
    let known = table.select(&[rows.train, rows.valid].concat())?;
    let test = table.select(&rows.test)?;
    let training = Training {
        learning_rate: 3e-3,
        ..Training::default()
    };
    for times in [1, 2] {
        // It is given to the classifier, which applies it to the rows that are left once it has its validation rows.
        let params = ClassifierParams::new().training(training.clone());
        let params = params.resampler(AtMost { times }).check()?;
        let classifier = params.fit_dataset(&known)?;
        let predicted = classifier.answer(test.features())?.classes();
        let confusion = ConfusionMatrix::from_labels(test.n_classes(), test.labels(), &predicted)?;
        println!(
            "at most {times} to one: macro F1 {:.4}",
            confusion.macro_f1()
        );
    }
    Ok(())
}
