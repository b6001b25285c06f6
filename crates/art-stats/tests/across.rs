//! What must hold over any data sets, and what becomes of those that hardly say anything.

use approx::assert_abs_diff_eq;
use art_stats::{
    AcrossSets, Interval, MeanOutcome, PairedSet, StatsError, corrected_t_test,
    detectable_difference, difference_across, equivalence_test, non_inferiority_test,
    paired_t_test,
};

/// One data set's scores of both methods, and its ratio.
type Scores = (Vec<f64>, Vec<f64>, f64);

/// Data sets of different sizes, spreads and ratios, other ones for every `seed`.
fn some_sets(seed: usize) -> Vec<Scores> {
    let number = |i: usize| ((i * 7919 + seed * 104_729 + 13) * 48_271 % 65_537) as f64 / 65_537.0;
    (0..2 + seed % 5)
        .map(|set| {
            let n = 2 + (seed + 3 * set) % 9;
            let spread = 0.01 * (1 + set) as f64;
            let second: Vec<f64> = (0..n).map(|i| number(100 * set + i)).collect();
            let moved =
                |(i, score): (usize, &f64)| score + spread * (number(100 * set + 50 + i) - 0.4);
            let first = second.iter().enumerate().map(moved).collect();
            (first, second, [0.0, 0.15 / 0.70][set % 2])
        })
        .collect()
}

fn compare(sets: &[Scores]) -> AcrossSets {
    let sets: Vec<PairedSet> = sets
        .iter()
        .map(|(first, second, ratio)| PairedSet::new(first, second, *ratio).unwrap())
        .collect();
    difference_across(&sets, 0.95).unwrap()
}

fn near(found: f64, expected: f64) {
    assert_abs_diff_eq!(found, expected, epsilon = 1e-9 * expected.abs().max(1e-3));
}

#[test]
fn swapping_the_methods_turns_every_sign() {
    for seed in 0..50 {
        let sets = some_sets(seed);
        let swapped: Vec<Scores> = sets
            .iter()
            .map(|(a, b, ratio)| (b.clone(), a.clone(), *ratio))
            .collect();
        let (one, other) = (compare(&sets), compare(&swapped));
        assert_eq!(one.plain_seed_error, other.plain_seed_error);
        assert_eq!(one.n_ahead + other.n_ahead, one.n_sets);
        let turned = |outcome: MeanOutcome| MeanOutcome {
            mean_difference: -outcome.mean_difference,
            statistic: -outcome.statistic,
            interval: outcome.interval.map(|Interval { low, high }| Interval {
                low: -high,
                high: -low,
            }),
            ..outcome
        };
        assert_eq!(one.these_sets, turned(other.these_sets));
        assert_eq!(one.like_these, other.like_these.map(turned));
    }
}

#[test]
fn a_constant_on_all_scores_of_the_first_moves_the_mean_alone() {
    for seed in 0..50 {
        let sets = some_sets(seed);
        let raised: Vec<Scores> = sets
            .iter()
            .map(|(a, b, ratio)| {
                (
                    a.iter().map(|score| score + 0.03).collect(),
                    b.clone(),
                    *ratio,
                )
            })
            .collect();
        let (before, after) = (compare(&sets), compare(&raised));
        near(after.mean_difference(), before.mean_difference() + 0.03);
        near(after.seed_error(), before.seed_error());
        near(after.plain_seed_error, before.plain_seed_error);
        near(
            after.between_error().unwrap(),
            before.between_error().unwrap(),
        );
    }
}

#[test]
fn one_set_again_and_again_has_no_error_between() {
    for m in 2..9 {
        let set = some_sets(m).swap_remove(1);
        let (single, repeated) = (compare(std::slice::from_ref(&set)), compare(&vec![set; m]));
        assert_eq!(repeated.between_error(), Some(0.0));
        assert_eq!(repeated.mean_difference(), single.mean_difference());
        assert_eq!(repeated.like_these.unwrap().p_value, None);
        // Taken for m sets, the error of the seeds falls by √m and has m times the degrees of freedom.
        near(
            repeated.seed_error(),
            single.seed_error() / (m as f64).sqrt(),
        );
        near(
            repeated.these_sets.degrees_of_freedom,
            m as f64 * single.these_sets.degrees_of_freedom,
        );
    }
}

#[test]
fn the_order_of_the_sets_does_not_matter() {
    let mut sets = some_sets(8);
    let before = compare(&sets);
    sets.reverse();
    let after = compare(&sets);
    let p = |outcome: MeanOutcome| outcome.p_value.unwrap();
    near(p(after.these_sets), p(before.these_sets));
    near(p(after.like_these.unwrap()), p(before.like_these.unwrap()));
}

#[test]
fn a_single_set_is_its_own_t_test() {
    let (first, second, _) = some_sets(7).swap_remove(2);
    let single = |ratio| compare(&[(first.clone(), second.clone(), ratio)]);
    let (plain, corrected) = (single(0.0), single(0.2));
    for (outcome, expected) in [
        (plain, paired_t_test(&first, &second).unwrap()),
        (corrected, corrected_t_test(&first, &second, 0.2).unwrap()),
    ] {
        near(outcome.these_sets.statistic, expected.statistic);
        near(
            outcome.these_sets.p_value.unwrap(),
            expected.p_value.unwrap(),
        );
        near(
            outcome.these_sets.degrees_of_freedom,
            (first.len() - 1) as f64,
        );
        assert!(outcome.like_these.is_none() && outcome.between_error().is_none());
    }
    // Without overlap nothing is widened.
    assert_eq!(plain.plain_seed_error, plain.seed_error());
    assert_eq!(corrected.plain_seed_error, plain.plain_seed_error);
    assert!(corrected.seed_error() > plain.seed_error());
}

#[test]
fn an_interval_holds_zero_as_its_p_value_says() {
    for seed in 0..50 {
        let outcome = compare(&some_sets(seed));
        for outcome in [Some(outcome.these_sets), outcome.like_these]
            .into_iter()
            .flatten()
        {
            let Interval { low, high } = outcome.interval.unwrap();
            assert_eq!(
                low < 0.0 && 0.0 < high,
                outcome.p_value > Some(0.05),
                "{outcome:?}"
            );
        }
    }
}

#[test]
fn non_inferiority_is_easier_with_a_wider_margin() {
    for seed in 0..20 {
        let sets = some_sets(seed);
        let outcome = compare(&sets);
        let (first, second, _) = &sets[0];
        let of_margin = |margin| {
            [
                outcome.these_sets.non_inferiority(margin).unwrap(),
                outcome.like_these.unwrap().non_inferiority(margin).unwrap(),
                non_inferiority_test(first, second, margin, 0.2).unwrap(),
            ]
        };
        for (narrow, wide) in [(0.001, 0.002), (0.002, 0.01), (0.01, 0.1)] {
            for (narrow, wide) in of_margin(narrow).into_iter().zip(of_margin(wide)) {
                let (wide, narrow) = (wide.unwrap(), narrow.unwrap());
                assert!(wide < narrow, "{seed}: {wide} is not below {narrow}");
            }
        }
        // Equivalence asks for both sides, so it is at least as hard.
        let equivalence = equivalence_test(first, second, 0.01, 0.2).unwrap();
        assert!(equivalence >= non_inferiority_test(first, second, 0.01, 0.2).unwrap());
    }
}

#[test]
fn scores_without_spread_are_no_evidence() {
    let set = |difference: f64| (vec![0.5 + difference; 3], vec![0.5; 3], 0.2);
    let apart = compare(&[set(0.25), set(0.125)]);
    assert_eq!((apart.seed_error(), apart.plain_seed_error), (0.0, 0.0));
    assert_eq!(
        (apart.these_sets.statistic, apart.these_sets.p_value),
        (f64::INFINITY, None)
    );
    assert_eq!(apart.these_sets.degrees_of_freedom, 4.0);
    assert_eq!(apart.these_sets.interval, None);
    assert_eq!(apart.between_error(), Some(0.0625));

    let equal = compare(&[set(0.0), set(0.0)]);
    assert_eq!((equal.these_sets.p_value, equal.n_ahead), (Some(1.0), 0));
    assert_eq!(equal.like_these.unwrap().p_value, Some(1.0));
    assert_eq!(equal.these_sets.non_inferiority(0.01).unwrap(), None);

    let worse = compare(&[set(-0.25)]).these_sets;
    assert_eq!(worse.non_inferiority(0.25).unwrap(), None);

    // A set without spread adds nothing to the error, nor to its degrees of freedom.
    let varied = some_sets(3).swap_remove(0);
    let freedom = |sets: &[Scores]| compare(sets).these_sets.degrees_of_freedom;
    near(freedom(&[varied.clone(), set(0.25)]), freedom(&[varied]));
}

#[test]
fn a_difference_of_rounding_is_not_ahead() {
    let (first, second) = ([0.55, 0.71, 0.31, 0.21], [0.71, 0.21, 0.55, 0.31]);
    let set = PairedSet::new(&first, &second, 0.0).unwrap();
    assert!(set.differences().mean > 0.0);
    assert_eq!(difference_across(&[set], 0.95).unwrap().n_ahead, 0);
}

#[test]
fn sets_that_cannot_be_compared_are_refused() {
    let too_few = |found| StatsError::TooFew {
        what: "a paired test",
        needed: 2,
        found,
    };
    assert_eq!(PairedSet::new(&[0.5], &[0.4], 0.0), Err(too_few(1)));
    assert_eq!(PairedSet::new(&[], &[], 0.0), Err(too_few(0)));
    assert!(matches!(
        PairedSet::new(&[0.5, 0.6], &[0.4], 0.0),
        Err(StatsError::Unpaired { left: 2, right: 1 })
    ));
    for ratio in [-0.1, f64::NAN, f64::INFINITY] {
        let error = PairedSet::new(&[0.5, 0.6], &[0.4, 0.5], ratio).unwrap_err();
        assert!(
            error.to_string().starts_with("test_over_train is"),
            "{error}"
        );
    }
    assert!(matches!(
        difference_across(&[], 0.95),
        Err(StatsError::TooFew { found: 0, .. })
    ));
    let set = PairedSet::new(&[0.5, 0.6], &[0.4, 0.7], 0.0).unwrap();
    for level in [0.0, 1.0, f64::NAN] {
        assert!(difference_across(&[set], level).is_err());
    }
    let outcome = difference_across(&[set], 0.95).unwrap().these_sets;
    for margin in [0.0, -0.01, f64::NAN, f64::INFINITY] {
        assert!(outcome.non_inferiority(margin).is_err());
        assert!(non_inferiority_test(&[0.5, 0.6], &[0.4, 0.7], margin, 0.0).is_err());
    }
}

#[test]
fn scores_at_the_ends_of_the_range_of_numbers_do_not_panic() {
    for size in [1e-300, 1e-170, 1e160, 1e300] {
        let set = PairedSet::new(&[size, 3.0 * size], &[0.0, 0.0], 0.2).unwrap();
        let outcome = difference_across(&[set, set], 0.95).unwrap();
        assert!(
            outcome
                .these_sets
                .p_value
                .is_none_or(|p| (0.0..=1.0).contains(&p)),
            "{outcome:?}"
        );
        assert!(outcome.these_sets.degrees_of_freedom >= 1.0, "{outcome:?}");
    }
}

#[test]
fn more_runs_a_higher_level_or_less_power_find_smaller_differences() {
    let find =
        |n, ratio, alpha, power| detectable_difference(0.02, n, ratio, alpha, power).unwrap();
    for ratio in [0.0, 0.2] {
        let base = find(10, ratio, 0.05, 0.8);
        assert!(find(20, ratio, 0.05, 0.8) < base);
        assert!(find(10, ratio, 0.1, 0.8) < base);
        assert!(find(10, ratio, 0.05, 0.7) < base);
        near(
            2.0 * base,
            detectable_difference(0.04, 10, ratio, 0.05, 0.8).unwrap(),
        );
    }
    assert_eq!(detectable_difference(0.0, 10, 0.2, 0.05, 0.8).unwrap(), 0.0);
    // A difference that is found half the time is just significant where it is observed.
    let (a, b) = ([0.71, 0.75, 0.73, 0.78], [0.70, 0.71, 0.72, 0.72]);
    let p = paired_t_test(&a, &b).unwrap().p_value.unwrap();
    let differences = PairedSet::new(&a, &b, 0.0).unwrap().differences();
    near(
        detectable_difference(differences.sd, 4, 0.0, p, 0.5).unwrap(),
        differences.mean,
    );
    for (sd, n, ratio, alpha, power) in [
        (-0.1, 10, 0.2, 0.05, 0.8),
        (f64::NAN, 10, 0.2, 0.05, 0.8),
        (0.1, 1, 0.2, 0.05, 0.8),
        (0.1, 10, -0.2, 0.05, 0.8),
        (0.1, 10, 0.2, 0.0, 0.8),
        (0.1, 10, 0.2, 0.05, 0.05),
        (0.1, 10, 0.2, 0.05, 1.0),
    ] {
        assert!(detectable_difference(sd, n, ratio, alpha, power).is_err());
    }
}
