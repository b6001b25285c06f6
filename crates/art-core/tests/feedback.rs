//! Break-even feedback, what ART can be composed with, and the controls around any sampler.

#![allow(
    clippy::disallowed_methods,
    reason = "expected values by the platform's functions"
)]

use art_core::{
    AbsentClass, ArtParams, ArtSampler, BlendRule, BoundsParams, BreakEven, BreakEvenParams,
    ClassDistribution, ClassIndex, ConfusionMatrix, CoreError, EpochSampler, Feedback,
    FeedbackControl, Replay, RotatingArt, RowSignals, Seed, ShrunkF1, ShuffledFactors,
    conformance::check_sampler,
};
use proptest::prelude::*;

fn index(counts: &[usize]) -> ClassIndex {
    let classes = counts.iter().zip(0..);
    let labels: Vec<u32> = classes.flat_map(|(&n, class)| vec![class; n]).collect();
    ClassIndex::new(&labels, counts.len()).unwrap()
}

const SEED: Seed = Seed::new(41);

fn break_even(params: BreakEvenParams, counts: &[usize]) -> BreakEven {
    BreakEven::new(params.check().unwrap(), index(counts), SEED)
}

fn art(params: ArtParams, counts: &[usize]) -> ArtSampler {
    ArtSampler::new(params.check().unwrap(), index(counts), SEED).unwrap()
}

/// ART with every addition, and each alone.
fn composed() -> Vec<ArtParams> {
    let new = || ArtParams::new().boost_frequency(2);
    let shrunk = |params: ArtParams| {
        params
            .difficulty(ShrunkF1::default())
            .absent_class(AbsentClass::Reference)
    };
    let reliability = BlendRule::Reliability { kappa: 0.8 };
    vec![
        new().memory(0.5),
        shrunk(new()),
        new().bounds(BoundsParams::new()),
        new().blend_rule(reliability),
        new().blend_rule(BlendRule::Copies { most: 3.0 }),
        shrunk(new().memory(0.5).blend_rule(reliability)).bounds(BoundsParams::new().step(1.3)),
    ]
}

#[test]
fn every_new_sampler_keeps_the_rules_of_the_trait() {
    for counts in [vec![20, 7, 3], vec![500, 60], vec![9, 0, 4, 1], vec![5]] {
        let slow = BreakEvenParams::new()
            .refresh_every(3)
            .step(0.2)
            .memory(0.5);
        for params in [BreakEvenParams::new(), slow] {
            let bef = || break_even(params.clone(), &counts);
            check_sampler(|| Box::new(bef())).unwrap();
            check_sampler(|| Box::new(FeedbackControl::stopped(4, bef()).unwrap())).unwrap();
            check_sampler(|| Box::new(FeedbackControl::frozen(bef()).unwrap())).unwrap();
            check_sampler(|| Box::new(FeedbackControl::shuffled_classes(bef()).unwrap())).unwrap();
            check_sampler(|| Box::new(ShuffledFactors::new(bef()))).unwrap();
        }
        for params in composed() {
            check_sampler(|| Box::new(art(params.clone(), &counts))).unwrap();
            check_sampler(|| {
                Box::new(FeedbackControl::stopped(5, art(params.clone(), &counts)).unwrap())
            })
            .unwrap();
        }
        for folds in [2, 5] {
            let config = ArtParams::new().boost_frequency(2).memory(0.5);
            let config = config.check().unwrap();
            let rotating =
                || RotatingArt::new(config.clone(), folds, index(&counts), SEED).unwrap();
            check_sampler(|| Box::new(rotating())).unwrap();
        }
        let k = counts.len();
        let shares = |power: i32| {
            let scores: Vec<f64> = (1..=k).map(|c| (c as f64).powi(power)).collect();
            ClassDistribution::from_scores(&scores).unwrap()
        };
        let replay = || {
            let refreshes = [(2, shares(1)), (5, shares(2))];
            Replay::new(shares(0), refreshes, index(&counts), SEED).unwrap()
        };
        check_sampler(|| Box::new(replay())).unwrap();
        check_sampler(|| Box::new(replay().average(8).unwrap())).unwrap();
    }
}

/// A validation result of `k` classes that depends on `salt` alone.
fn validation(k: usize, salt: u64) -> ConfusionMatrix {
    let mut stream = Seed::new(salt).stream("validation", 0);
    let rows: Vec<Vec<u64>> = (0..k)
        .map(|_| (0..k).map(|_| stream.below(20) as u64).collect())
        .collect();
    let mut matrix = ConfusionMatrix::from_rows(&rows).unwrap();
    matrix.record(0, 0).unwrap();
    matrix
}

/// What the rows and columns of a matrix are called is exchanged.
fn renamed(matrix: &ConfusionMatrix, order: &[usize]) -> ConfusionMatrix {
    let row = |&t: &usize| order.iter().map(|&p| matrix.count(t, p)).collect();
    ConfusionMatrix::from_rows(&order.iter().map(row).collect::<Vec<_>>()).unwrap()
}

proptest! {
    #[test]
    fn renaming_classes_renames_log_factors(
        counts in proptest::collection::vec(1_usize..80, 2..7), salt in 0_u64..1_000_000,
    ) {
        let k = counts.len();
        let mut order: Vec<usize> = (0..k).collect();
        Seed::new(salt).stream("order", 0).shuffle(&mut order);
        let renamed_counts: Vec<usize> = order.iter().map(|&c| counts[c]).collect();
        let mut one = break_even(BreakEvenParams::new(), &counts);
        let mut other = break_even(BreakEvenParams::new(), &renamed_counts);
        for epoch in 1..=12 {
            let matrix = validation(k, salt + u64::from(epoch));
            one.observe(epoch, &matrix).unwrap();
            other.observe(epoch, &renamed(&matrix, &order)).unwrap();
        }
        for (place, &class) in order.iter().enumerate() {
            let (a, b) = (one.log_factors()[class], other.log_factors()[place]);
            prop_assert!((a - b).abs() < 1e-12, "{a} {b}");
            let p = [one.distribution().as_slice()[class], other.distribution().as_slice()[place]];
            prop_assert!((p[0] - p[1]).abs() < 1e-12);
        }
    }

    #[test]
    fn shares_stay_within_the_factors_of_their_base(
        counts in proptest::collection::vec(1_usize..500, 2..9), salt in 0_u64..1_000_000,
        power in 0.0_f64..2.0, step in 0.01_f64..1.0,
    ) {
        let mut sampler = break_even(BreakEvenParams::new().power(power).step(step), &counts);
        let base = sampler.distribution().as_slice().to_vec();
        for epoch in 1..=60 {
            // The same errors again and again, so that u reaches its ends.
            sampler.observe(epoch, &validation(counts.len(), salt)).unwrap();
        }
        let p = sampler.distribution().as_slice();
        prop_assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-12);
        let ratios: Vec<f64> = p.iter().zip(&base).map(|(p, base)| p / base).collect();
        let most = ratios.iter().copied().fold(0.0, f64::max);
        let least = ratios.iter().copied().fold(f64::INFINITY, f64::min);
        // u lies within 1.5 on either side of a common number.
        prop_assert!(most / least <= 3.0_f64.exp() * (1.0 + 1e-9), "{ratios:?}");
        let u = sampler.log_factors();
        prop_assert!(u.iter().sum::<f64>().abs() < 1e-9 && u.iter().all(|u| u.abs() <= 3.0));
    }
}

#[test]
fn a_resumed_run_draws_the_same_rows() {
    let counts = [60, 20, 9, 4];
    let makes: [&dyn Fn() -> Box<dyn EpochSampler>; 3] = [
        &|| Box::new(break_even(BreakEvenParams::new(), &counts)),
        &|| {
            let inner = break_even(BreakEvenParams::new(), &counts);
            Box::new(FeedbackControl::stopped(9, inner).unwrap())
        },
        &|| Box::new(art(composed().pop().unwrap(), &counts)),
    ];
    for make in makes {
        let mut whole = make();
        for epoch in 1..=14 {
            let text = serde_json::to_string(&whole.state()).unwrap();
            let mut resumed = make();
            resumed
                .restore(&serde_json::from_str(&text).unwrap())
                .unwrap();
            assert_eq!(whole.draw(epoch).to_vec(), resumed.draw(epoch).to_vec());
            let matrix = validation(4, u64::from(epoch));
            whole.observe(epoch, &matrix).unwrap();
            resumed.observe(epoch, &matrix).unwrap();
            assert_eq!(whole.distribution(), resumed.distribution(), "to the bit");
        }
    }
}

#[test]
fn pooled_counts_make_a_refresh_less_restless() {
    let counts = [60, 20, 9];
    let restlessness = |params: ArtParams| {
        let mut sampler = art(params.boost_frequency(1).blend_constant(0.0), &counts);
        let mut moved = 0.0;
        for epoch in 1..=30 {
            let before = sampler.distribution().clone();
            sampler
                .observe(epoch, &validation(3, u64::from(epoch)))
                .unwrap();
            let after = sampler.distribution().as_slice();
            let pairs = after.iter().zip(before.as_slice());
            moved += pairs.map(|(a, b)| (a - b).abs()).sum::<f64>();
        }
        moved
    };
    let plain = restlessness(ArtParams::new());
    let pooled = restlessness(ArtParams::new().memory(0.8));
    assert!(pooled < 0.5 * plain, "{pooled} {plain}");
    let stepwise = restlessness(ArtParams::new().bounds(BoundsParams::new().step(1.1)));
    assert!(stepwise < 0.7 * plain, "{stepwise} {plain}");
}

#[test]
fn the_smallest_blend_that_spares_copies_is_found() {
    // The rare class has 5 of 100 rows and all of the difficulty: 20 copies without a blend.
    let counts = [95, 5];
    let rule = BlendRule::Copies { most: 8.0 };
    let params = ArtParams::new()
        .boost_frequency(1)
        .blend_rule(rule)
        .blend_constant(0.9);
    let mut sampler = art(params, &counts);
    let hard = ConfusionMatrix::from_rows(&[vec![50, 0], vec![5, 0]]).unwrap();
    let copies = |sampler: &ArtSampler| sampler.distribution().as_slice()[1] * 100.0 / 5.0;
    sampler.observe(1, &hard).unwrap();
    assert!(copies(&sampler) <= 8.0 + 1e-9, "{}", copies(&sampler));
    // The difficulty of the first class is 5 of 105, so its weight is not 0 and the blend is exact.
    let w = 1.0 / (1.0 + 5.0 / 105.0);
    let c = (20.0 * w - 8.0) / (20.0 * w - 1.0);
    let expected = c * 0.05 + (1.0 - c) * w;
    assert!((sampler.distribution().as_slice()[1] - expected).abs() < 1e-12);
    // Equal classes would have 10 copies of each rare row, and the first draw is spared them too, also after a restart.
    let few = BlendRule::Copies { most: 4.0 };
    let params = ArtParams::new().blend_rule(few).blend_constant(0.0);
    let mut first = art(params.clone(), &counts);
    assert!((copies(&first) - 4.0).abs() < 1e-9, "{}", copies(&first));
    first.restore(&art(params, &counts).state()).unwrap();
    assert!((copies(&first) - 4.0).abs() < 1e-9, "{}", copies(&first));
    // Where the difficulty alone draws no row that often, the given constant holds.
    let mut alike = art(
        ArtParams::new()
            .boost_frequency(1)
            .blend_rule(BlendRule::Copies { most: 12.0 })
            .blend_constant(0.9),
        &counts,
    );
    let perfect = ConfusionMatrix::from_rows(&[vec![50, 0], vec![0, 5]]).unwrap();
    alike.observe(1, &perfect).unwrap();
    let given = 0.9 * 0.05 + 0.1 * 0.5;
    assert!((alike.distribution().as_slice()[1] - given).abs() < 1e-12);
}

#[test]
fn a_blend_by_reliability_stays_near_the_prior_while_little_is_known() {
    let counts = [90, 10];
    let rule = BlendRule::Reliability { kappa: 0.8 };
    let share = |scale: u64| {
        let params = ArtParams::new().boost_frequency(1).blend_rule(rule);
        let mut sampler = art(params, &counts);
        let rows = [vec![9 * scale, scale], vec![scale, scale]];
        sampler
            .observe(1, &ConfusionMatrix::from_rows(&rows).unwrap())
            .unwrap();
        sampler.distribution().as_slice()[1]
    };
    assert!(
        share(1) < share(4) && share(4) < share(400),
        "{} {} {}",
        share(1),
        share(4),
        share(400)
    );
}

#[test]
fn a_stopped_sampler_draws_on_from_where_it_stood() {
    let counts = [60, 20, 9];
    let mut stopped =
        FeedbackControl::stopped(3, break_even(BreakEvenParams::new(), &counts)).unwrap();
    let mut inner = break_even(BreakEvenParams::new(), &counts);
    for epoch in 1..=8 {
        let matrix = validation(3, u64::from(epoch));
        let refresh = stopped.observe(epoch, &matrix).unwrap();
        assert_eq!(refresh.is_some(), epoch <= 3);
        if epoch <= 3 {
            inner.observe(epoch, &matrix).unwrap();
        }
        assert_eq!(
            stopped.draw(epoch + 1).to_vec(),
            inner.draw(epoch + 1).to_vec()
        );
    }
}

#[test]
fn shuffled_factors_move_the_shares_as_far_to_other_classes() {
    let counts = [60, 30, 20, 9];
    let mut inner = break_even(BreakEvenParams::new(), &counts);
    let base = inner.distribution().as_slice().to_vec();
    let mut shuffled = ShuffledFactors::new(inner.clone());
    assert_eq!(shuffled.distribution(), inner.distribution());
    let log_factors = |sampler: &dyn EpochSampler| -> Vec<f64> {
        let p = sampler.distribution().as_slice().iter();
        let logs: Vec<f64> = p.zip(&base).map(|(p, base)| (p / base).ln()).collect();
        let mean = logs.iter().sum::<f64>() / 4.0;
        logs.iter().map(|log| log - mean).collect()
    };
    let mut orders = vec![];
    for epoch in 1..=20 {
        // The same errors again and again, so that factors part.
        let matrix = validation(4, 3);
        inner.observe(epoch, &matrix).unwrap();
        shuffled.observe(epoch, &matrix).unwrap();
        let (own, others) = (log_factors(&inner), log_factors(&shuffled));
        let place = |log: &f64| own.iter().position(|own| (own - log).abs() < 1e-9);
        let order: Vec<_> = others.iter().map(|log| place(log).unwrap()).collect();
        let mut places = order.clone();
        places.sort_unstable();
        assert_eq!(places, [0, 1, 2, 3], "{own:?} {others:?}");
        orders.push(order);
    }
    orders.dedup();
    assert!(orders.len() > 10, "anew at each refresh: {orders:?}");
}

#[test]
fn a_replay_draws_from_what_another_run_drew_from() {
    let counts = [60, 20, 9];
    let mut run = break_even(BreakEvenParams::new().refresh_every(2), &counts);
    let first = run.distribution().clone();
    let mut refreshes = vec![];
    let mut seen = vec![];
    for epoch in 1..=10 {
        seen.push(run.distribution().clone());
        let refresh = run
            .observe(epoch, &validation(3, u64::from(epoch)))
            .unwrap();
        refreshes.extend(refresh.map(|r| (r.epoch, r.distribution)));
    }
    let mut replay = Replay::new(first, refreshes, index(&counts), Seed::new(7)).unwrap();
    for epoch in 1..=10 {
        assert_eq!(replay.distribution(), &seen[epoch as usize - 1]);
        // What happens here does not matter.
        replay.observe(epoch, &validation(3, 999)).unwrap();
    }
    let average = replay.average(10).unwrap();
    for class in 0..3 {
        let mean = seen.iter().map(|p| p.as_slice()[class]).sum::<f64>() / 10.0;
        assert!((average.shares(1).as_slice()[class] - mean).abs() < 1e-12);
        assert_eq!(average.shares(1), average.shares(9));
    }
}

#[test]
fn feedback_that_a_sampler_has_no_use_for_is_refused() {
    let labels: Vec<u32> = (0..60).map(|row| u32::from(row % 6 == 0)).collect();
    let index = ClassIndex::new(&labels, 2).unwrap();
    let seed = Seed::new(3);
    let art = || {
        let config = ArtParams::new().boost_frequency(1).check().unwrap();
        ArtSampler::new(config, index.clone(), seed).unwrap()
    };
    let matrix = ConfusionMatrix::from_rows(&[vec![40, 10], vec![6, 4]]).unwrap();
    let rows = RowSignals::new(&[0.5; 60], &[0; 60]).unwrap();
    // One F1 however it is shown leads to one refresh.
    let difficulty: Vec<f64> = matrix.per_class_f1().iter().map(|f1| 1.0 - f1).collect();
    let tallies = matrix.tallies();
    let kinds = [
        Feedback::Counts(&matrix),
        Feedback::Tallies(&tallies),
        Feedback::Difficulty(&difficulty),
    ];
    let refreshes = kinds.map(|feedback| art().learn(1, feedback).unwrap().unwrap());
    assert_eq!(refreshes[0], refreshes[1]);
    assert_eq!(refreshes[0], refreshes[2]);
    let refused = art().learn(1, Feedback::Rows(rows)).unwrap_err();
    assert_eq!(refused.to_string(), "art cannot learn from training rows");
    let break_even = BreakEvenParams::new().check().unwrap();
    let mut break_even = BreakEven::new(break_even, index.clone(), seed);
    let refused = break_even.learn(1, Feedback::Difficulty(&difficulty));
    assert!(matches!(refused, Err(CoreError::Feedback { .. })));
    // What was refused was not observed.
    assert!(break_even.learn(1, Feedback::Tallies(&tallies)).is_ok());
    let three = Feedback::Difficulty(&[0.1, 0.2, 0.3]);
    assert!(matches!(
        art().learn(1, three),
        Err(CoreError::Length { .. })
    ));
}
