//! What each sampler promises: the rules of the trait, its distribution, its saved state.

mod common;

use art_core::{
    AbsentClass, ArtParams, ArtSampler, BlendBase, ClassBalanced, ClassWiseDifficulty,
    ConfusionMatrix, CoreError, Curriculum, EpochSampler, FeedbackControl, ForgettingArt, LossRule,
    LossSampler, OneMinusPrecision, OneMinusRecall, PowerSampler, PowerSchedule, Seed, Shuffle,
    Tallies, conformance::check_sampler,
};
use common::{MODES, art, index, labels, validation};

#[test]
fn every_sampler_keeps_the_rules_of_the_trait() {
    for counts in [vec![20, 7, 3], vec![500, 60], vec![9, 0, 4, 1], vec![5]] {
        let index = index(&counts);
        let seed = Seed::new(41);
        let shuffle = || Box::new(Shuffle::new(index.counts().clone(), seed)) as Box<_>;
        check_sampler(shuffle).unwrap();
        check_sampler(|| Box::new(ClassBalanced::new(index.clone(), seed))).unwrap();
        check_sampler(|| Box::new(ArtSampler::static_blend(0.4, index.clone(), seed).unwrap()))
            .unwrap();
        for schedule in [
            PowerSchedule::Constant(0.5),
            PowerSchedule::Convex,
            PowerSchedule::Linear,
            PowerSchedule::Concave(0.9),
            PowerSchedule::Composite,
            PowerSchedule::Progressive,
        ] {
            let power = || PowerSampler::new(schedule, 12, index.clone(), seed).unwrap();
            check_sampler(|| Box::new(power())).unwrap();
        }
        for rule in [
            LossRule::SelfPaced {
                start: 0.3,
                growth: 1.2,
                by_class: true,
            },
            LossRule::SelfPaced {
                start: 0.3,
                growth: 1.2,
                by_class: false,
            },
            LossRule::Adaptive {
                power: 0.7,
                correction: 0.5,
            },
        ] {
            let by_loss = || LossSampler::new(rule, index.clone(), seed).unwrap();
            check_sampler(|| Box::new(by_loss())).unwrap();
        }
        let difficulty: Vec<f64> = (0..index.n_rows())
            .map(|row| (row * 7 % 11) as f64)
            .collect();
        let curriculum = || Curriculum::new(difficulty.clone(), 0.3, 12, index.clone(), seed);
        check_sampler(|| Box::new(curriculum().unwrap())).unwrap();
        assert!(Curriculum::new(vec![], 0.3, 12, index.clone(), seed).is_err());
        assert!(Curriculum::new(difficulty.clone(), 0.0, 12, index.clone(), seed).is_err());
        assert!(Curriculum::new(difficulty.clone(), 0.3, 0, index.clone(), seed).is_err());
        let config = ArtParams::new().boost_frequency(2).check().unwrap();
        let forgetting = || ForgettingArt::new(config.clone(), index.clone(), seed).unwrap();
        check_sampler(|| Box::new(forgetting())).unwrap();
        let params = ArtParams::new().boost_frequency(2);
        let inner = || art(params.clone(), &counts, 41);
        check_sampler(|| Box::new(FeedbackControl::frozen(inner()).unwrap())).unwrap();
        check_sampler(|| Box::new(FeedbackControl::shuffled_classes(inner()).unwrap())).unwrap();
        let priority = params
            .clone()
            .base(BlendBase::Uniform)
            .difficulty(OneMinusRecall);
        check_sampler(|| Box::new(art(priority.clone(), &counts, 41))).unwrap();
        for mode in MODES {
            for policy in [
                AbsentClass::Mean,
                AbsentClass::Reference,
                AbsentClass::Carry,
            ] {
                let params = ArtParams::new().boost_frequency(2).mode(mode);
                let params = params.absent_class(policy).epsilon(0.01);
                check_sampler(|| Box::new(art(params.clone(), &counts, 41))).unwrap();
            }
        }
    }
}

#[test]
fn class_wise_difficulty_without_a_blend_is_cdb_s() {
    let counts = [40, 9, 5];
    let of = |params: ArtParams| art(params.blend_constant(0.0).boost_frequency(1), &counts, 3);
    let mut by_recall = of(ArtParams::new().difficulty(OneMinusRecall));
    let linear = ClassWiseDifficulty::fixed(1.0).unwrap();
    let mut cdb = of(ArtParams::new().difficulty(linear));
    for (epoch, right) in [[9, 5, 1], [10, 3, 4]].into_iter().enumerate() {
        for sampler in [&mut by_recall, &mut cdb] {
            sampler
                .observe(epoch as u32 + 1, &validation(&right))
                .unwrap();
        }
        assert_eq!(by_recall.draw(7).to_vec(), cdb.draw(7).to_vec());
    }
    // Recalls 0.9, 0.5, 0.1: tau 1.9984806 by the formula, shares as the weights of the specification over 3.
    let mut dynamic = of(ArtParams::new().difficulty(ClassWiseDifficulty::dynamic()));
    dynamic.observe(1, &validation(&[9, 5, 1])).unwrap();
    let shares = dynamic.distribution().as_slice().to_vec();
    for (share, weight) in shares.iter().zip([0.028_124_4, 0.701_392_5, 2.270_483_1]) {
        assert!((share - weight / 3.0).abs() < 1e-6, "{shares:?}");
    }
    assert!(ClassWiseDifficulty::fixed(-1.0).is_err());
    let mut precise = of(ArtParams::new().difficulty(OneMinusPrecision));
    // Class 1 gets one row of class 0, class 2 five of class 1, class 0 nine of class 2.
    let refresh = precise
        .observe(1, &validation(&[9, 5, 1]))
        .unwrap()
        .unwrap();
    let expected = [9.0 / 18.0, 1.0 / 6.0, 5.0 / 6.0];
    for (found, expected) in refresh.difficulty.iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12);
    }
}

#[test]
fn controls_refuse_samplers_that_look_at_training_rows() {
    let rule = LossRule::Adaptive {
        power: 1.0,
        correction: 0.0,
    };
    let inner = LossSampler::new(rule, index(&[5, 3]), Seed::new(1)).unwrap();
    assert!(
        FeedbackControl::frozen(inner.clone()).is_err()
            && FeedbackControl::stopped(3, inner.clone()).is_err()
    );
    let error = FeedbackControl::shuffled_classes(inner)
        .unwrap_err()
        .to_string();
    assert!(error.contains("validation alone"), "{error}");
}

#[test]
fn the_suite_notices_a_sampler_that_forgets_its_state() {
    struct Forgetful(ArtSampler);
    impl EpochSampler for Forgetful {
        fn name(&self) -> &'static str {
            "forgetful"
        }
        fn basics(&self) -> art_core::Basics<'_> {
            self.0.basics()
        }
        fn draw(&self, epoch: u32) -> art_core::EpochDraw {
            self.0.draw(epoch)
        }
        fn observe(
            &mut self,
            epoch: u32,
            validation: &ConfusionMatrix,
        ) -> Result<Option<art_core::Refresh>, CoreError> {
            self.0.observe(epoch, validation)
        }
    }
    let make = || {
        Box::new(Forgetful(art(
            ArtParams::new().boost_frequency(1),
            &[9, 4],
            1,
        ))) as Box<_>
    };
    let violation = check_sampler(make).unwrap_err();
    assert_eq!(violation.rule, "draws depend on (state, epoch) alone");
}

#[test]
fn a_frozen_sampler_keeps_its_first_weights_and_still_draws_anew() {
    let params = ArtParams::new().boost_frequency(2);
    let mut frozen = FeedbackControl::frozen(art(params.clone(), &[40, 20, 10], 5)).unwrap();
    let mut plain = art(params, &[40, 20, 10], 5);
    let seen = [[9, 5, 0], [1, 1, 9], [0, 5, 9], [9, 9, 0]].map(|correct| validation(&correct));
    let (mut first, mut lists) = (None, vec![]);
    for (epoch, matrix) in (1..).zip(&seen) {
        let refresh = frozen.observe(epoch, matrix).unwrap();
        plain.observe(epoch, &seen[1]).unwrap();
        if let Some(refresh) = refresh {
            let weights = first.get_or_insert(refresh.weights.clone());
            assert_eq!(refresh.weights, *weights);
            let mut rows = frozen.draw(epoch + 1).to_vec();
            assert_eq!(rows, plain.draw(epoch + 1).to_vec());
            rows.sort_unstable();
            lists.push(rows);
        }
    }
    assert_eq!(lists.len(), 2);
    assert_ne!(lists[0], lists[1], "the same weights, other rows");
}

#[test]
fn shuffled_feedback_has_the_same_weights_about_other_classes() {
    let params = ArtParams::new().boost_frequency(1);
    let counts = [40, 20, 10, 8, 6];
    let mut shuffled = FeedbackControl::shuffled_classes(art(params.clone(), &counts, 5)).unwrap();
    let mut moved = 0;
    for epoch in 1..=20 {
        let matrix = validation(&[9, 7, 5, 3, 0]);
        let mut plain = art(params.clone(), &counts, 5);
        let expected = plain.observe(epoch, &matrix).unwrap().unwrap().weights;
        let found = shuffled.observe(epoch, &matrix).unwrap().unwrap().weights;
        moved += usize::from(found != expected);
        let sorted = |weights: &art_core::ClassDistribution| {
            let mut weights = weights.as_slice().to_vec();
            weights.sort_by(f64::total_cmp);
            weights
        };
        for (found, expected) in sorted(&found).iter().zip(sorted(&expected)) {
            assert!((found - expected).abs() < 1e-12);
        }
    }
    assert!(moved > 15, "{moved} of 20 permutations moved a class");
}

#[test]
fn class_priority_blends_with_the_uniform_distribution() {
    let params = ArtParams::new()
        .boost_frequency(1)
        .base(BlendBase::Uniform)
        .difficulty(OneMinusRecall);
    let mut sampler = art(params.blend_constant(0.5), &[70, 20, 10], 5);
    assert_eq!(sampler.distribution().as_slice(), [1.0 / 3.0; 3]);
    sampler.observe(1, &validation(&[10, 5, 5])).unwrap();
    let expected = [1.0 / 6.0, 5.0 / 12.0, 5.0 / 12.0];
    for (found, expected) in sampler.distribution().as_slice().iter().zip(expected) {
        assert!((found - expected).abs() < 1e-12, "{found} {expected}");
    }
}

#[test]
fn one_class_is_the_identity() {
    let mut sampler = art(
        ArtParams::new().blend_constant(0.0).boost_frequency(1),
        &[6],
        5,
    );
    sampler
        .observe(1, &ConfusionMatrix::from_rows(&[vec![6]]).unwrap())
        .unwrap();
    let mut rows = sampler.draw(2).to_vec();
    rows.sort_unstable();
    assert_eq!(rows, [0, 1, 2, 3, 4, 5]);
}

#[test]
fn never_boosting_equals_the_static_blend() {
    let counts = [30, 8, 2];
    let mut never = art(
        ArtParams::new().blend_constant(0.3).never_boost(),
        &counts,
        9,
    );
    let fixed = ArtSampler::static_blend(0.3, index(&counts), Seed::new(9)).unwrap();
    for epoch in 1..10 {
        assert_eq!(never.draw(epoch).to_vec(), fixed.draw(epoch).to_vec());
        assert_eq!(never.observe(epoch, &validation(&[1, 2, 3])).unwrap(), None);
    }
}

#[test]
fn recall_difficulty_without_prior_is_class_wise_difficulty_balanced_sampling() {
    // CDB-S with tau = 1: p is in proportion to 1 - recall.
    struct OneMinusRecall;
    impl art_core::Difficulty for OneMinusRecall {
        fn name(&self) -> &'static str {
            "1-recall"
        }
        fn scores(&self, validation: &Tallies) -> Vec<f64> {
            validation.recall().iter().map(|r| 1.0 - r).collect()
        }
    }
    let params = ArtParams::new()
        .blend_constant(0.0)
        .boost_frequency(1)
        .difficulty(OneMinusRecall);
    let mut sampler = art(params, &[30, 8, 2], 9);
    sampler.observe(1, &validation(&[9, 6, 5])).unwrap();
    for (p, expected) in sampler
        .distribution()
        .as_slice()
        .iter()
        .zip([0.1, 0.4, 0.5])
    {
        assert!((p - expected).abs() < 1e-12);
    }
    let drawn = sampler
        .draw(2)
        .class_counts(&labels(&[30, 8, 2]), 3)
        .unwrap();
    assert_eq!(drawn.as_slice(), [4, 16, 20]);
}

#[test]
fn absent_classes_follow_their_policy() {
    // Class 2 has no validation row.
    let observed = ConfusionMatrix::from_rows(&[vec![8, 2, 0], vec![4, 6, 0], vec![0; 3]]).unwrap();
    let f1 = observed.per_class_f1();
    let difficulty = |policy, earlier: Option<&ConfusionMatrix>| {
        let params = ArtParams::new().boost_frequency(1).absent_class(policy);
        let mut sampler = art(params, &[5, 5, 5], 1);
        if let Some(earlier) = earlier {
            sampler.observe(1, earlier).unwrap();
        }
        sampler.observe(2, &observed).unwrap().unwrap().difficulty[2]
    };
    let mean = (2.0 - f1[0] - f1[1]) / 2.0;
    assert!((difficulty(AbsentClass::Mean, None) - mean).abs() < 1e-15);
    assert_eq!(difficulty(AbsentClass::Reference, None), 1.0);
    assert!((difficulty(AbsentClass::Carry, None) - mean).abs() < 1e-15);
    let earlier = validation(&[5, 5, 9]);
    let carried = 1.0 - earlier.per_class_f1()[2];
    assert_eq!(difficulty(AbsentClass::Carry, Some(&earlier)), carried);
}

#[test]
fn a_class_without_training_rows_leaves_its_share_to_the_others() {
    // Class 2 is hard but has no row to draw; p is blended first and renormalized then.
    let params = ArtParams::new().blend_constant(0.5).boost_frequency(1);
    let mut sampler = art(params, &[10, 10, 0], 5);
    let refresh = sampler
        .observe(1, &validation(&[6, 8, 6]))
        .unwrap()
        .unwrap();
    let w = refresh.weights.as_slice();
    let blended = [0.25 + 0.5 * w[0], 0.25 + 0.5 * w[1]];
    let p = refresh.distribution.as_slice();
    assert!((p[0] - blended[0] / (blended[0] + blended[1])).abs() < 1e-12);
    assert_eq!(p[2], 0.0);
}

#[test]
fn a_perfect_validation_gives_uniform_weights() {
    let mut sampler = art(ArtParams::new().boost_frequency(1), &[30, 8, 2], 5);
    let refresh = sampler
        .observe(1, &validation(&[10, 10, 10]))
        .unwrap()
        .unwrap();
    assert_eq!(refresh.weights.as_slice(), [1.0 / 3.0; 3]);
}

#[test]
fn an_empty_validation_matrix_is_refused_and_changes_nothing() {
    let mut sampler = art(ArtParams::new().boost_frequency(1), &[30, 8], 5);
    let before = sampler.state();
    let empty = ConfusionMatrix::new(2).unwrap();
    assert_eq!(
        sampler.observe(1, &empty).unwrap_err(),
        CoreError::NoObservations
    );
    assert_eq!(sampler.state(), before);
}
