//! `art train`, `art compare` and the library train the same network for the same method, table, split and seed.

mod common;

use art_bench::{Outcome, read_records};
use art_core::Seed;
use art_data::{LabelledFrame, ReadOptions, SplitConfig, read_frame};
use art_methods::Registry;
use art_train::{Classifier, ClassifierParams, Model as _};
use common::{people, stdout, train};
use std::path::Path;

const METHODS: [&str; 8] = [
    "art:blend=0.3:boost_frequency=2",
    "smote",
    "power-sampling+tau-e",
    "ldam-drw",
    "curriculum",
    "crt",
    "logistic-break-even",
    "break-even:folds=3+plug-in",
];

fn weights(classifier: &Classifier) -> Vec<Vec<f32>> {
    let parameters = classifier.model().parameters().iter();
    let values = parameters.map(|p| p.var.flatten_all().unwrap().to_vec1::<f32>());
    values.collect::<Result<_, _>>().unwrap()
}

#[test]
fn a_method_gives_the_same_weights_on_every_road() {
    let folder = tempfile::tempdir().unwrap();
    let table = people(folder.path());
    let out = folder.path().join("results").display().to_string();
    let methods = METHODS.join(",");
    stdout(&[
        "compare",
        &table,
        "--target",
        "left",
        "--ignore",
        "id",
        "--methods",
        &methods,
        "--seeds",
        "2",
        "--out",
        &out,
    ]);
    let records = read_records(Path::new(&out)).unwrap();
    let options = ReadOptions {
        words: vec!["left".into()],
        ignored: vec!["id".into()],
        ..ReadOptions::default()
    };
    let frame = read_frame(Path::new(&table), &options).unwrap();
    let frame = LabelledFrame::new(frame.without(&["id".to_owned()]), "left").unwrap();
    let seed = Seed::new(1);
    let rows = frame.rows(&SplitConfig::default(), seed).unwrap();
    for (place, method) in METHODS.into_iter().enumerate() {
        let model = train(
            folder.path(),
            &format!("{place}.art"),
            &["--method", method, "--seed", "1"],
        );
        let trained = Classifier::load(Path::new(&model)).unwrap();
        let chosen = Registry::standard().choose(method).unwrap();
        let params = ClassifierParams::new().method(chosen).seed(seed);
        let fitted = params.check().unwrap().fit_table(&frame, &rows).unwrap();
        assert_eq!(weights(&fitted), weights(&trained), "{method}");
        assert_eq!(fitted.offsets(), trained.offsets(), "{method}");
        assert_eq!(fitted.record().settings, trained.record().settings);
        let of_cell = records.values().find(|record| {
            let spec = &record.result.spec;
            (&*spec.method, spec.seed, spec.initialisation) == (method, 1, 0)
        });
        let Outcome::Evaluated(cell) = &of_cell.unwrap().result.outcome else {
            panic!("{method}: the cell failed");
        };
        let record = trained.record();
        assert_eq!(cell.best_epoch, record.best_epoch, "{method}");
        let test = record.parts.iter().find(|part| part.name == "test");
        assert_eq!(cell.confusion, test.unwrap().confusion, "{method}");
        let of_epochs = record.epochs.iter().map(|epoch| {
            let f1 = epoch.confusion.per_class_f1();
            f1.iter().map(|&f1| f1 as f32).collect::<Vec<_>>()
        });
        let of_cell = &cell.course.whole().unwrap().validation_f1;
        assert_eq!(of_cell, &of_epochs.collect::<Vec<_>>(), "{method}");
    }
}
