//! Cross-fitting: what folds say together steers all networks, to the same bits on any number of threads and after any interrupt.

mod common;

use art_core::{BreakEven, BreakEvenParams, ClassDistribution, ConfusionMatrix, Seed};
use art_data::{DataError, Folds, Frame, GaussianClasses, LabelledFrame, SplitConfig, Unseen};
use art_train::{
    Checkpoint, Classifier, ClassifierParams, FoldInputs, Member, OUT_OF_FOLD, PlugIn, PostHoc,
    Predictions, Recipe, RecipeRun, RunInputs, StopCriterion, TauE, TrainError, Trainer, Training,
};
use std::fmt::Write as _;

use common::{SEED, split, stop_after, weights};

const FOLDS: usize = 4;

fn training() -> Training {
    Training {
        hidden: vec![12, 8],
        dropout: 0.3,
        learning_rate: 5e-3,
        batch_size: 16,
        max_epochs: 9,
        patience: 4,
        ..Training::default()
    }
}

fn break_even(inputs: &RunInputs<'_>) -> Result<Recipe, TrainError> {
    let config = BreakEvenParams::new().check()?;
    let sampler = BreakEven::new(config, inputs.class_index()?, inputs.seed);
    Ok(Recipe::drawn_by(inputs, sampler).decision(PlugIn))
}

fn fit(training: &Training, watch: impl FnOnce(Trainer<'_>) -> Trainer<'_>) -> RecipeRun {
    let split = split();
    let index = split.train.data().class_index().unwrap();
    let folds = Folds::stratified(&index, FOLDS, SEED).unwrap();
    let inputs = FoldInputs::new(&split.train, &folds, training, SEED);
    let trainer = watch(Trainer::new(training.train_config().unwrap(), SEED));
    inputs.fit_by(&break_even, trainer).unwrap()
}

fn assert_same(a: &RecipeRun, b: &RecipeRun) {
    assert_eq!(a.fitted.history.epochs, b.fitted.history.epochs);
    assert_eq!(weights(&a.fitted.model), weights(&b.fitted.model));
    assert_eq!(a.fitted.adjustment, b.fitted.adjustment);
    assert_eq!(a.out_of_fold, b.out_of_fold);
}

#[test]
fn each_row_is_answered_by_the_network_that_was_not_trained_on_it() {
    let run = fit(&training(), |trainer| trainer);
    let split = split();
    let index = split.train.data().class_index().unwrap();
    let folds = Folds::stratified(&index, FOLDS, SEED).unwrap();
    let members = run.fitted.model.members();
    assert_eq!(members.len(), FOLDS);
    let (mut logits, mut labels) = (vec![], vec![]);
    for (fold, Member { model, shift }) in members.iter().enumerate() {
        let (_, valid) = split.train.fold(&folds, fold).unwrap();
        let own = Predictions::of(model, valid.data()).unwrap();
        let places = own.logits().iter().enumerate();
        logits.extend(places.map(|(place, &z)| f64::from(z) + shift.offsets[place % 3]));
        labels.extend_from_slice(own.labels());
    }
    let out_of_fold = run.out_of_fold.unwrap();
    assert_eq!(out_of_fold.labels(), labels);
    for (found, expected) in out_of_fold.logits().iter().zip(logits) {
        assert!((f64::from(*found) - expected).abs() < 1e-6);
    }
    // The decision is that of these rows, with the prior that the networks have in common.
    let natural = split.train.natural_counts().prior();
    let again = PlugIn.adjust(&out_of_fold, &run.fitted.logit_prior, &natural);
    assert_eq!(run.fitted.adjustment, Some(again));
}

#[test]
fn the_folds_steer_together() {
    for criterion in [StopCriterion::Native, StopCriterion::MacroF1] {
        let training = Training {
            criterion,
            ..training()
        };
        let run = fit(&training, |trainer| trainer);
        let n_rows = split().train.data().n_rows() as u64;
        for epoch in &run.fitted.history.epochs {
            assert_eq!(epoch.confusion.total(), n_rows, "all rows are judged");
        }
        // The factors of break-even feedback are those that all rows call for, in every fold.
        let mut last = run.fitted.history.epochs.iter().rev();
        let refresh = last.find_map(|epoch| epoch.refresh.as_ref());
        let drawn = ClassDistribution::new(refresh.unwrap().distribution.clone()).unwrap();
        let shares = drawn.as_slice().iter();
        let found = run.fitted.sampler.distribution().as_slice();
        for (share, found) in shares.zip(found) {
            assert!((share - found).abs() < 1e-12);
        }
    }
}

#[test]
fn the_bits_depend_on_no_number_of_threads() {
    let on = |threads| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads);
        let pool = pool.build().unwrap();
        pool.install(|| fit(&training(), |trainer| trainer))
    };
    let one = on(1);
    for threads in [2, 8] {
        assert_same(&on(threads), &one);
    }
}

#[test]
fn stopping_and_resuming_at_every_epoch_gives_the_uninterrupted_bits() {
    let whole = fit(&training(), |trainer| trainer);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    for epoch in 1..whole.fitted.history.epochs.len() as u32 {
        let interrupted = fit(&training(), |trainer| {
            trainer.checkpoint(&path).callback(stop_after(epoch))
        });
        assert!(interrupted.out_of_fold.is_none());
        let checkpoint = Checkpoint::load(&path).unwrap();
        assert_eq!(checkpoint.epochs_done(), epoch);
        let resumed = fit(&training(), |trainer| trainer.resume(checkpoint));
        assert_same(&resumed, &whole);
    }
    // One network is no run of four.
    let checkpoint = Checkpoint::load(&path).unwrap();
    let alone = common::fit(common::trainer(common::params()).resume(checkpoint));
    let error = alone.unwrap_err().to_string();
    assert!(error.contains("one with 4"), "{error}");
}

/// A table with three classes, the last of which has `rare` rows, and a column of groups of five rows.
fn table(rare: usize, grouped: bool) -> LabelledFrame {
    let data = GaussianClasses::new(vec![60, 30, rare], 2);
    let data = data.generate(Seed::new(3)).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let mut text = "x,y,group,class\n".to_owned();
    for (row, label) in data.labels().iter().enumerate() {
        let (x, y, group) = (data.row(row)[0], data.row(row)[1], row / 5);
        writeln!(text, "{x},{y},g{group},c{label}").unwrap();
    }
    std::fs::write(&path, text).unwrap();
    let options = art_data::ReadOptions {
        words: vec!["class".into(), "group".into()],
        ..art_data::ReadOptions::default()
    };
    let frame = art_data::read_frame(&path, &options).unwrap();
    let table = LabelledFrame::new(frame, "class").unwrap();
    if grouped {
        table.grouped_by("group").unwrap()
    } else {
        table.without_features(&["group".into()]).unwrap()
    }
}

fn classifier(table: &LabelledFrame, folds: usize) -> Result<Classifier, TrainError> {
    let config = ClassifierParams::new()
        .training(training())
        .recipe("break-even", break_even)
        .folds(folds)
        .seed(SEED)
        .check()?;
    let rows = table.rows(&SplitConfig::default(), SEED)?;
    config.fit_table(table, &rows)
}

#[test]
fn one_file_has_all_networks_and_the_rule() {
    let table = table(20, false);
    let made = classifier(&table, FOLDS).unwrap();
    let part = &made.record().parts[0];
    assert_eq!(part.name, OUT_OF_FOLD);
    let rows = table.rows(&SplitConfig::default(), SEED).unwrap();
    let trained = rows.trained_in_folds().len() as u64;
    assert_eq!(part.confusion.total(), trained);
    let folder = tempfile::tempdir().unwrap();
    let [first, second] = ["a.art", "b.art"].map(|name| folder.path().join(name));
    made.save(&first).unwrap();
    let again = Classifier::load(&first).unwrap();
    assert_eq!(again.model().members().len(), FOLDS);
    let of = |classifier: &Classifier| {
        let answers = classifier.answer_frame(table.frame(), Unseen::Refused);
        answers.unwrap()
    };
    assert_eq!(of(&again), of(&made));
    let as_batch = of(&again).classes_as_batch().unwrap();
    assert_eq!(as_batch.len(), table.labels().len());
    again.save(&second).unwrap();
    let [first, second] = [first, second].map(|path| std::fs::read(path).unwrap());
    assert_eq!(first, second);
}

#[test]
fn groups_stay_whole() {
    let table = table(20, true);
    let rows = table.rows(&SplitConfig::default(), SEED).unwrap();
    let prepared = table.prepare_folds(&rows, FOLDS, SEED).unwrap();
    let art_data::Steering::InFolds(folds) = prepared.steering else {
        panic!("they are in folds");
    };
    let trained = rows.trained_in_folds();
    for fold in 0..folds.n_folds() {
        let group = |place: &u32| trained[*place as usize] / 5;
        let held_out: Vec<u32> = folds.held_out(fold).iter().map(group).collect();
        let kept: Vec<u32> = folds.trained_on(fold).iter().map(group).collect();
        assert!(held_out.iter().all(|group| !kept.contains(group)));
    }
    assert!(classifier(&table, FOLDS).is_ok());
}

#[test]
fn rare_classes_and_few_groups_take_what_can_be_done() {
    // Four rows: one is a test row, three are in five folds.
    let rare = classifier(&table(4, false), 5).unwrap();
    assert_eq!(rare.model().members().len(), 5);
    let confusion: &ConfusionMatrix = &rare.record().parts[0].confusion;
    assert_eq!(confusion.support(2), 3);
    // More folds than groups: as many as there are.
    let frame = Frame::of_numbers(ndarray::Array2::zeros((40, 1)).view(), &["x".into()]);
    let labels = (0..40).map(|row| row % 2).collect();
    let few = LabelledFrame::of_classes(frame, labels, vec!["a".into(), "b".into()]).unwrap();
    let rows: Vec<u32> = (0..3).chain(20..23).collect();
    assert_eq!(few.folds(&rows, 100, SEED).unwrap().n_folds(), 6);
    // A class in one row is trained on in every fold; with nothing to hold out there are no folds.
    let error = few.folds(&[0, 1], 2, SEED).unwrap_err();
    assert!(
        matches!(error, DataError::Length { found: 0, .. }),
        "{error}"
    );
    let error = classifier(&table(20, false), 0).unwrap_err().to_string();
    assert!(error.contains("folds"), "{error}");
}

#[test]
fn a_rule_is_chosen_on_all_rows() {
    let split = split();
    let index = split.train.data().class_index().unwrap();
    let folds = Folds::stratified(&index, FOLDS, SEED).unwrap();
    let training = training();
    let inputs = FoldInputs::new(&split.train, &folds, &training, SEED);
    let trainer = Trainer::new(training.train_config().unwrap(), SEED);
    let plain = |inputs: &RunInputs<'_>| Ok(Recipe::plain(inputs).decision(TauE));
    let run = inputs.fit_by(&plain, trainer).unwrap();
    assert!(run.fitted.adjustment.unwrap().temperature.is_some());
}
