//! Runs learn, repeat to the bit, resume to the bit however they are steered, and refuse what does not fit.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

mod common;

use art_core::{
    ArtParams, ArtSampler, BreakEven, BreakEvenParams, DrawMode, EpochSampler, ForgettingArt,
    LossRule, LossSampler, PowerSampler, PowerSchedule, RotatingArt, Shuffle,
};
use art_data::{GaussianClasses, RandomUnderSampler, Resampler};
use art_losses::{
    ClassDifficulty, CostSensitive, CrossEntropy, FeatureLoss, HardNegativesParams, Head, Ldam,
    Loss, LossError, LossSchedule, Ohem, Triplets,
};
use art_train::{
    Checkpoint, Classifier, ClassifierParams, Control, EpochReport, Fitted, MetaSamplerParams, Mlp,
    MlpParams, Predictions, PriorCorrection, Recipe, Remix, RunInputs, StopCriterion, StopReason,
    TauE, TrainError, Trainer, Training,
};
use candle_core::{Device, Tensor};
use common::{SEED, art, assert_same, fit, model, params, split, stop_after, trainer, weights};
use ndarray::Array2;

#[test]
fn training_learns_what_can_be_learnt() {
    let fitted = fit(trainer(params().max_epochs(60).never_stop_early())).unwrap();
    let test = Predictions::of(&fitted.model, split().test.data())
        .unwrap()
        .confusion();
    assert!(test.macro_f1() > 0.6, "{}", test.macro_f1());
    let losses: Vec<f64> = fitted.history.epochs.iter().map(|e| e.train_loss).collect();
    assert!(losses[59] < 0.7 * losses[0], "{losses:?}");
}

type Make<'a> = &'a dyn Fn() -> Box<dyn EpochSampler>;

#[test]
fn runs_steered_by_training_rows_or_by_a_loss_that_validation_decides_resume_to_the_bit() {
    let split = split();
    let index = || split.train.data().class_index().unwrap();
    let by_loss = |rule| -> Box<dyn EpochSampler> {
        Box::new(LossSampler::new(rule, index(), SEED).unwrap())
    };
    let easy = LossRule::SelfPaced {
        start: 0.4,
        growth: 1.3,
        by_class: true,
    };
    let forgetting = || -> Box<dyn EpochSampler> {
        let config = ArtParams::new().boost_frequency(2).check().unwrap();
        Box::new(ForgettingArt::new(config, index(), SEED).unwrap())
    };
    let rotating = || -> Box<dyn EpochSampler> {
        let config = ArtParams::new().boost_frequency(2).memory(0.5);
        Box::new(RotatingArt::new(config.check().unwrap(), 3, index(), SEED).unwrap())
    };
    let plain = || -> Box<dyn EpochSampler> {
        Box::new(Shuffle::new(split.train.data().class_counts(), SEED))
    };
    let difficulty = ClassDifficulty::default();
    let cases: [(Make<'_>, &dyn LossSchedule); 5] = [
        (&|| by_loss(easy), &CrossEntropy),
        (
            &|| {
                by_loss(LossRule::Adaptive {
                    power: 1.0,
                    correction: 0.5,
                })
            },
            &CrossEntropy,
        ),
        (&forgetting, &CrossEntropy),
        (&rotating, &CrossEntropy),
        (&plain, &difficulty),
    ];
    for (sampler, loss) in cases {
        let fit = |trainer: Trainer<'_>| {
            let fitted = trainer.fit(model(), loss, sampler(), &split.train, &split.valid);
            fitted.unwrap()
        };
        let whole = fit(trainer(params()));
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.safetensors");
        for epoch in [1, 3, 4] {
            fit(trainer(params())
                .checkpoint(&path)
                .callback(stop_after(epoch)));
            let checkpoint = Checkpoint::load(&path).unwrap();
            assert_same(&fit(trainer(params()).resume(checkpoint)), &whole);
        }
        // What the engines see of the training rows is the same to rounding.
        let tensors = fit(trainer(params().max_epochs(3)).with_tensor_operations());
        let fused = fit(trainer(params().max_epochs(3)));
        assert_eq!(tensors.history.epochs.len(), fused.history.epochs.len());
        for (a, b) in tensors.history.epochs.iter().zip(&fused.history.epochs) {
            assert!((a.valid_loss - b.valid_loss).abs() < 1e-3);
        }
    }
}

#[test]
fn losses_on_features_are_alike_in_both_engines_and_resume_to_the_bit() {
    let plain = fit(trainer(params())).unwrap();
    let hard = HardNegativesParams::new().factor(0.3).check().unwrap();
    let easy = Triplets::new(1.0, 5).unwrap();
    let losses: [&dyn FeatureLoss; 2] = [&hard, &easy];
    for loss in losses {
        let with_loss = || trainer(params()).feature_loss(loss);
        let whole = fit(with_loss()).unwrap();
        assert_ne!(weights(&whole.model), weights(&plain.model));
        let tensors = fit(with_loss().with_tensor_operations()).unwrap();
        for (a, b) in whole.history.epochs.iter().zip(&tensors.history.epochs) {
            let difference = (a.train_loss - b.train_loss).abs();
            assert!(difference < 1e-3, "{} {difference}", loss.describe());
        }
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("run.safetensors");
        fit(with_loss().checkpoint(&path).callback(stop_after(2))).unwrap();
        let checkpoint = || Checkpoint::load(&path).unwrap();
        assert_same(&fit(with_loss().resume(checkpoint())).unwrap(), &whole);
        assert!(fit(trainer(params()).resume(checkpoint())).is_err());
    }
}

#[test]
fn mixed_batches_are_alike_in_both_engines_and_resume_to_the_bit() {
    let remix = Remix::new(1.0, 3.0, 0.5).unwrap();
    let mixed = || trainer(params()).mixing(remix);
    let whole = fit(mixed()).unwrap();
    let plain = fit(trainer(params())).unwrap();
    assert_ne!(weights(&whole.model), weights(&plain.model));
    let tensors = fit(mixed().with_tensor_operations()).unwrap();
    for (a, b) in whole.history.epochs.iter().zip(&tensors.history.epochs) {
        assert!(
            (a.train_loss - b.train_loss).abs() < 1e-3,
            "{} {}",
            a.train_loss,
            b.train_loss
        );
        assert!((a.valid_loss - b.valid_loss).abs() < 1e-3);
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    fit(mixed().checkpoint(&path).callback(stop_after(2))).unwrap();
    let checkpoint = || Checkpoint::load(&path).unwrap();
    assert_same(&fit(mixed().resume(checkpoint())).unwrap(), &whole);
    assert!(
        fit(trainer(params()).resume(checkpoint())).is_err(),
        "another run"
    );
}

#[test]
fn the_best_epochs_weights_come_back() {
    let fitted = fit(trainer(params())).unwrap();
    let improved = fitted
        .history
        .epochs
        .iter()
        .rev()
        .find(|report| report.improved);
    let best = improved.unwrap().epoch;
    assert_eq!(fitted.best_epoch, best);
    let valid = Predictions::of(&fitted.model, split().valid.data()).unwrap();
    let of_best = &fitted.history.epochs[best as usize - 1];
    assert_eq!(valid.cross_entropy(), of_best.valid_loss);
    assert_eq!(valid.confusion(), of_best.confusion);
}

#[test]
fn patience_ends_a_run_that_stops_improving() {
    let fitted = fit(trainer(params().max_epochs(400).learning_rate(0.05))).unwrap();
    assert_eq!(fitted.stopped, StopReason::Patience);
    assert_eq!(fitted.history.epochs.len() as u32, fitted.best_epoch + 4);
}

#[test]
fn refreshes_follow_the_boost_frequency_but_not_the_last_epoch() {
    let fitted = fit(trainer(params().max_epochs(6).never_stop_early())).unwrap();
    let refreshed: Vec<u32> = fitted
        .history
        .epochs
        .iter()
        .filter(|report| report.refresh.is_some())
        .map(|report| report.epoch)
        .collect();
    assert_eq!(refreshed, [2, 4]);
}

#[test]
fn a_loss_that_is_not_finite_names_epoch_and_step_and_keeps_the_checkpoint() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.safetensors");
    let result = fit(trainer(params().learning_rate(1e30)).checkpoint(&path));
    let Err(TrainError::NonFiniteLoss { epoch, step, .. }) = result else {
        panic!("expected a non-finite loss, got {result:?}")
    };
    assert!(epoch >= 1 && step >= 2);
    assert_eq!(path.exists(), epoch > 1);
}

#[test]
fn parts_that_do_not_belong_together_are_refused() {
    let split = split();
    let counts = split.train.data().class_counts();
    let other = MlpParams::new(5, 3).check().unwrap();
    let other = Mlp::new(other, SEED, &Device::Cpu).unwrap();
    let shuffle = || Box::new(Shuffle::new(counts.clone(), SEED));
    let result = trainer(params()).fit(other, &CrossEntropy, shuffle(), &split.train, &split.valid);
    let error = result.unwrap_err().to_string();
    assert_eq!(error, "number of features is 4, expected 5 (the model's)");

    let fewer = RandomUnderSampler::new()
        .resample(&split.train, SEED)
        .unwrap()
        .train;
    let result = trainer(params()).fit(model(), &CrossEntropy, shuffle(), &fewer, &split.valid);
    let error = result.unwrap_err().to_string();
    assert!(
        error.contains("the list of the sampler's rows of each class is [84, 28, 11]"),
        "{error}"
    );
}

#[test]
fn a_loss_for_another_head_is_refused() {
    struct Normalized;
    impl Loss for Normalized {
        fn name(&self) -> &'static str {
            "normalized"
        }
        fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
            CrossEntropy.per_sample(logits, targets)
        }
        fn head(&self) -> Head {
            Head::Normalized
        }
    }
    let split = split();
    let sampler = art(&split);
    let result = trainer(params()).fit(model(), &Normalized, sampler, &split.train, &split.valid);
    let error = result.unwrap_err().to_string();
    assert_eq!(
        error,
        "the model's head is Linear, expected Normalized (the loss's)"
    );
}

#[test]
fn a_deferred_loss_reaches_its_second_phase_and_is_judged_on_it_alone() {
    let split = split();
    let counts = split.train.data().class_counts();
    let ldam = Ldam::new(&counts, 0.5, 30.0).unwrap();
    let loss = ldam.with_deferred_weights(&counts, 0.999, 30).unwrap();
    let config = MlpParams::new(4, 3)
        .hidden([12])
        .head(Head::Normalized)
        .check()
        .unwrap();
    let model = Mlp::new(config, SEED, &Device::Cpu).unwrap();
    // Without the second phase this learning rate runs out of patience long before epoch 30.
    let trainer = trainer(params().max_epochs(60).learning_rate(0.05));
    let sampler = Shuffle::new(counts, SEED);
    let fitted = trainer
        .fit(model, &loss, Box::new(sampler), &split.train, &split.valid)
        .unwrap();
    assert!(fitted.history.epochs.len() > 30);
    assert!(fitted.best_epoch > 30);
}

#[test]
fn cosines_are_scaled_before_they_are_compared_with_priors() {
    let split = split();
    let counts = split.train.data().class_counts();
    let loss = Ldam::new(&counts, 0.5, 30.0).unwrap();
    let config = MlpParams::new(4, 3).hidden([12]).head(Head::Normalized);
    let model = Mlp::new(config.check().unwrap(), SEED, &Device::Cpu).unwrap();
    let sampler = PowerSampler::new(
        PowerSchedule::Constant(0.0),
        9,
        split.train.data().class_index().unwrap(),
        SEED,
    );
    let fitted = trainer(params())
        .post_hoc(&PriorCorrection)
        .fit(
            model,
            &loss,
            Box::new(sampler.unwrap()),
            &split.train,
            &split.valid,
        )
        .unwrap();
    assert_eq!(fitted.logit_scale, 30.0);
    let (natural, trained) = (counts.prior(), &fitted.logit_prior);
    let pairs = natural.as_slice().iter().zip(trained.shares());
    let offsets = fitted.adjustment.unwrap().offsets;
    for (offset, (to, from)) in offsets.iter().zip(pairs) {
        assert!(
            (offset - (to / from).ln() / 30.0).abs() < 1e-9,
            "{offsets:?}"
        );
    }
    let cosines = Predictions::of(&fitted.model, split.valid.data()).unwrap();
    let scaled = cosines.clone().scaled(30.0);
    assert_eq!(scaled.predicted(), cosines.predicted());
    assert!((scaled.logits()[0] - 30.0 * cosines.logits()[0]).abs() < 1e-4);
}

#[test]
fn what_of_a_loss_would_be_ignored_is_refused() {
    let split = split();
    let weighted = CostSensitive::explicit(vec![1.0, 3.0, 9.0]).unwrap();
    let plain = || Box::new(Shuffle::new(split.train.data().class_counts(), SEED));
    let remix = Remix::new(1.0, 3.0, 0.5).unwrap();
    let mixed = || trainer(params()).mixing(remix);
    let refused = mixed().fit(model(), &weighted, plain(), &split.train, &split.valid);
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("without class weights"), "{error}");
    let refused = mixed().fit(
        model(),
        &Ohem::share(0.5).unwrap(),
        plain(),
        &split.train,
        &split.valid,
    );
    let error = refused.unwrap_err().to_string();
    assert!(error.contains("without a choice of rows"), "{error}");
    // Class weights that come with the second epoch.
    let difficulty = ClassDifficulty::default();
    let refused = mixed().fit(model(), &difficulty, plain(), &split.train, &split.valid);
    assert!(matches!(refused, Err(TrainError::Mismatch { .. })));
    let rule = LossRule::Adaptive {
        power: 1.0,
        correction: 0.5,
    };
    let index = split.train.data().class_index().unwrap();
    let weighing = Box::new(LossSampler::new(rule, index, SEED).unwrap());
    let refused = trainer(params()).fit(model(), &weighted, weighing, &split.train, &split.valid);
    assert!(matches!(refused, Err(TrainError::Mismatch { .. })));
}

#[test]
fn a_row_without_an_answer_is_named() {
    let data = GaussianClasses::new(vec![90, 30], 4)
        .generate(SEED)
        .unwrap();
    let params = ClassifierParams::new().training(Training::default());
    let classifier = params.check().unwrap().fit_dataset(&data).unwrap();
    let mut rows = Array2::from_shape_fn((5, 4), |place| data.features()[place]);
    assert!(classifier.answer(rows.view()).is_ok());
    for (column, value) in [-1e38, 1e38, -1e38, 1e38].into_iter().enumerate() {
        rows[[2, column]] = value;
    }
    let error = classifier.answer(rows.view()).unwrap_err();
    assert!(
        matches!(error, TrainError::NonFiniteAnswer { row: 3, .. }),
        "{error}"
    );
}

#[test]
fn without_a_criterion_the_last_epoch_stands() {
    let long = params().max_epochs(30).learning_rate(0.05);
    let stopped = fit(trainer(long.clone())).unwrap();
    assert!(stopped.best_epoch < 30 && stopped.stopped == StopReason::Patience);
    let fitted = fit(trainer(long.criterion(StopCriterion::LastEpoch))).unwrap();
    assert_eq!(fitted.best_epoch, 30);
    assert_eq!(fitted.stopped, StopReason::MaxEpochs);
}

#[test]
fn plain_training_is_judged_alike_natively_and_prior_corrected() {
    let run = |criterion| {
        let split = split();
        let sampler = Shuffle::new(split.train.data().class_counts(), SEED);
        let trainer = trainer(params().criterion(criterion));
        trainer
            .fit(
                model(),
                &CrossEntropy,
                Box::new(sampler),
                &split.train,
                &split.valid,
            )
            .unwrap()
    };
    assert_same(
        &run(StopCriterion::Native),
        &run(StopCriterion::PriorCorrected),
    );
}

/// What a model says about the validation rows, bit by bit.
fn logits(fitted: &Fitted<Mlp>) -> Vec<u32> {
    let predictions = Predictions::of(&fitted.model, split().valid.data()).unwrap();
    predictions.logits().iter().map(|z| z.to_bits()).collect()
}

#[test]
fn a_second_stage_changes_the_last_layer_alone_and_follows_a_resumed_run() {
    let stage = MetaSamplerParams::new().check().unwrap();
    let plain = fit(trainer(params())).unwrap();
    let fitted = fit(trainer(params()).second_stage(&stage)).unwrap();
    let (before, after) = (weights(&plain.model), weights(&fitted.model));
    let last = before.len() - 2;
    assert_eq!(before[..last], after[..last]);
    assert!(
        before[last..]
            .iter()
            .zip(&after[last..])
            .all(|(a, b)| a != b)
    );
    let report = fitted.second_stage.as_ref().unwrap();
    assert_eq!(report.epochs, 5);
    assert!((1..=5).contains(&report.best_epoch));
    assert!((report.distribution.iter().sum::<f64>() - 1.0).abs() < 1e-12);
    // Balanced softmax takes the counts out of what was drawn.
    let rare = (fitted.logit_prior.shares()[2], report.distribution[2]);
    assert!(rare.0 > 2.0 * rare.1, "{rare:?}");

    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run");
    let stop_early = |report: &EpochReport| match report.epoch {
        3 => Control::Stop,
        _ => Control::Continue,
    };
    let stopped = trainer(params())
        .checkpoint(&path)
        .callback(stop_early)
        .second_stage(&stage);
    assert_eq!(fit(stopped).unwrap().second_stage, None);
    let resumed = trainer(params())
        .resume(Checkpoint::load(&path).unwrap())
        .second_stage(&stage);
    let resumed = fit(resumed).unwrap();
    assert_eq!(logits(&resumed), logits(&fitted));
    assert_eq!(resumed.second_stage, fitted.second_stage);
}

#[test]
fn a_second_stage_needs_a_linear_last_layer() {
    let stage = MetaSamplerParams::new().check().unwrap();
    let split = split();
    let config = MlpParams::new(4, 3).head(Head::Normalized).check().unwrap();
    let model = Mlp::new(config, SEED, &Device::Cpu).unwrap();
    let loss = Ldam::new(&split.train.data().class_counts(), 0.5, 30.0).unwrap();
    let trainer = trainer(params()).second_stage(&stage);
    let error = trainer
        .fit(model, &loss, art(&split), &split.train, &split.valid)
        .unwrap_err();
    assert!(error.to_string().contains("for a second stage"), "{error}");
}

#[test]
fn a_batch_larger_than_the_set_is_the_set() {
    let fitted = fit(trainer(params().batch_size(10_000))).unwrap();
    assert!(fitted.history.epochs.iter().all(|epoch| epoch.steps == 1));
}

/// The draw mode of the reference package rounds each class on its own, so an epoch may have more rows than
/// the set, and a batch too.
#[test]
fn an_epoch_may_have_more_rows_than_the_set() {
    let split = split();
    let n = split.train.data().n_rows();
    let mut longer = 0;
    for percent in 30..40 {
        let config = ArtParams::new()
            .blend_constant(f64::from(percent) / 100.0)
            .boost_frequency(1)
            .mode(DrawMode::Package)
            .check()
            .unwrap();
        let index = split.train.data().class_index().unwrap();
        let sampler = ArtSampler::new(config, index, SEED).unwrap();
        longer += usize::from(sampler.draw(1).len() > n);
        let params = params().batch_size(10_000).max_epochs(2);
        let fitted = trainer(params)
            .fit(
                model(),
                &CrossEntropy,
                Box::new(sampler),
                &split.train,
                &split.valid,
            )
            .unwrap();
        assert!(fitted.history.epochs.iter().all(|epoch| epoch.steps == 1));
    }
    assert!(longer > 0);
}

#[test]
fn a_classifier_is_made_by_what_its_user_chooses() {
    let data = GaussianClasses::new(vec![180, 30], 4)
        .generate(SEED)
        .unwrap();
    let fit = |params: ClassifierParams| params.check().unwrap().fit_dataset(&data).unwrap();
    let new = || {
        let hidden = vec![8];
        ClassifierParams::new().training(Training {
            hidden,
            ..Training::default()
        })
    };
    let break_even = |inputs: &RunInputs<'_>| {
        let config = BreakEvenParams::new().check()?;
        let sampler = BreakEven::new(config, inputs.class_index()?, inputs.seed);
        Ok(Recipe::drawn_by(inputs, sampler))
    };
    let roots = |inputs: &RunInputs<'_>| {
        let (schedule, index) = (PowerSchedule::Constant(0.5), inputs.class_index()?);
        let sampler = PowerSampler::new(schedule, 1, index, inputs.seed)?;
        Ok(Recipe::drawn_by(inputs, sampler))
    };
    let fed = fit(new().recipe("fed", break_even));
    let plain = fit(new().recipe("roots", roots));
    assert_eq!(fed.record().method, "fed");
    // Its base is square-root sampling.
    let shares = |classifier: &Classifier| classifier.record().initial_distribution.clone();
    assert_eq!(shares(&fed), shares(&plain));
    let moved = fit(new().recipe("moved", move |inputs| Ok(roots(inputs)?.decision(TauE))));
    assert_ne!(moved.offsets()[0], moved.offsets()[1]);
    assert_eq!(plain.offsets(), [0.0, 0.0]);
    let bad = Training {
        dropout: 1.0,
        ..Training::default()
    };
    assert!(new().training(bad).check().is_err());
}
