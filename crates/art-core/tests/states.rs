//! Saved states: each names what it holds, and those of version 1, which were lists in an order, are still read.

mod common;

use art_core::{
    ArtParams, BlendRule, BoundsParams, BreakEven, BreakEvenParams, ClassBalanced,
    ClassDistribution, CoreError, Curriculum, EpochSampler, Feedback, FeedbackControl,
    ForgettingArt, LossRule, LossSampler, PowerSampler, PowerSchedule, Replay, RotatingArt,
    RowSignals, SamplerState, Seed, Shuffle, ShuffledFactors,
};
use common::{MODES, art, index, validation};
use std::collections::BTreeMap;

const COUNTS: [usize; 3] = [14, 5, 3];
const SEED: Seed = Seed::new(41);
/// Epochs before a state was saved.
const EPOCHS: u32 = 5;

/// One sampler of each kind, by a name of its own; those that wrap others as well around one another.
fn samplers() -> BTreeMap<&'static str, Box<dyn EpochSampler>> {
    let plain = || ArtParams::new().boost_frequency(2);
    let pooling = || {
        plain()
            .memory(0.5)
            .blend_rule(BlendRule::Copies { most: 3.0 })
            .bounds(BoundsParams::new())
    };
    let plain_art = || art(plain(), &COUNTS, 41);
    let pooling_art = || art(pooling(), &COUNTS, 41);
    let config = || plain().check().unwrap();
    let break_even = || {
        let config = BreakEvenParams::new().refresh_every(2).check().unwrap();
        BreakEven::new(config, index(&COUNTS), SEED)
    };
    let losses = |rule| LossSampler::new(rule, index(&COUNTS), SEED).unwrap();
    let adaptive = LossRule::Adaptive {
        power: 0.7,
        correction: 0.5,
    };
    let self_paced = LossRule::SelfPaced {
        start: 0.3,
        growth: 1.2,
        by_class: true,
    };
    let shares = |p: f64| ClassDistribution::new(vec![1.0 - 2.0 * p, p, p]).unwrap();
    let replay = Replay::new(shares(0.2), [(3, shares(0.3))], index(&COUNTS), SEED);
    let difficulty = (0..22).map(|row| f64::from(row * 7 % 11)).collect();
    let curriculum = Curriculum::new(difficulty, 0.3, 12, index(&COUNTS), SEED);
    let power = PowerSampler::new(PowerSchedule::Linear, 12, index(&COUNTS), SEED);
    let around =
        FeedbackControl::frozen(FeedbackControl::shuffled_classes(pooling_art()).unwrap()).unwrap();
    let samplers: [(_, Box<dyn EpochSampler>); 17] = [
        ("adaptive", Box::new(losses(adaptive))),
        ("art", Box::new(plain_art())),
        (
            "art at its initial draw",
            Box::new(art(ArtParams::new().boost_frequency(9), &COUNTS, 41)),
        ),
        ("art that pools", Box::new(pooling_art())),
        (
            "balanced",
            Box::new(ClassBalanced::new(index(&COUNTS), SEED)),
        ),
        ("break-even", Box::new(break_even())),
        ("curriculum", Box::new(curriculum.unwrap())),
        (
            "forgetting",
            Box::new(ForgettingArt::new(config(), index(&COUNTS), SEED).unwrap()),
        ),
        (
            "frozen",
            Box::new(FeedbackControl::frozen(FeedbackControl::frozen(around).unwrap()).unwrap()),
        ),
        (
            "frozen before a refresh",
            Box::new(
                FeedbackControl::frozen(art(ArtParams::new().boost_frequency(9), &COUNTS, 41))
                    .unwrap(),
            ),
        ),
        ("power", Box::new(power.unwrap())),
        ("replay", Box::new(replay.unwrap())),
        (
            "rotating",
            Box::new(RotatingArt::new(config(), 3, index(&COUNTS), SEED).unwrap()),
        ),
        ("self-paced", Box::new(losses(self_paced))),
        (
            "shuffle",
            Box::new(Shuffle::new(index(&COUNTS).counts().clone(), SEED)),
        ),
        (
            "shuffled factors",
            Box::new(ShuffledFactors::new(break_even())),
        ),
        (
            "stopped",
            Box::new(FeedbackControl::stopped(3, pooling_art()).unwrap()),
        ),
    ];
    samplers.into()
}

/// Shows the sampler what a model might make of all rows after this epoch.
fn observe(sampler: &mut dyn EpochSampler, epoch: u32) {
    let right = [(2 * epoch + 3) % 10, (3 * epoch) % 10, (7 * epoch + 1) % 10];
    sampler
        .observe(epoch, &validation(&right.map(u64::from)))
        .unwrap();
    if sampler.wants_rows() {
        let losses: Vec<f64> = (0..22)
            .map(|row| f64::from(row * epoch % 13) / 7.0)
            .collect();
        let predicted: Vec<u32> = (0..22).map(|row| (row + epoch) % 3).collect();
        let rows = RowSignals::new(&losses, &predicted).unwrap();
        sampler.learn(epoch, Feedback::Rows(rows)).unwrap();
    }
}

/// What a sampler saved by a version of the form, and the rows of the next epoch that it drew then.
#[derive(serde::Deserialize)]
struct Golden {
    state: SamplerState,
    rows: Vec<u32>,
}

#[test]
fn states_of_version_1_of_every_sampler_give_the_draws_that_they_gave() {
    let saved = include_str!("golden/sampler-states-v1.json");
    let mut saved: BTreeMap<String, Golden> = serde_json::from_str(saved).unwrap();
    for (name, mut whole) in samplers() {
        for epoch in 1..=EPOCHS {
            observe(&mut *whole, epoch);
        }
        let golden = saved.remove(name).unwrap();
        let mut resumed = samplers().remove(name).unwrap();
        resumed.restore(&golden.state).unwrap();
        assert_eq!(resumed.state(), whole.state(), "{name}");
        assert_eq!(resumed.draw(EPOCHS + 1).to_vec(), golden.rows, "{name}");
        observe(&mut *resumed, EPOCHS + 1);
        observe(&mut *whole, EPOCHS + 1);
        let next = [&resumed, &whole].map(|sampler| sampler.draw(EPOCHS + 2).to_vec());
        assert_eq!(next[0], next[1], "{name}");
        // Written again before anyone took it up, it is what it was.
        let again = serde_json::to_string(&golden.state).unwrap();
        assert_eq!(
            serde_json::from_str::<SamplerState>(&again).unwrap(),
            golden.state
        );
    }
    assert!(saved.is_empty());
}

#[test]
fn states_survive_json() {
    let survives = |mut sampler: Box<dyn EpochSampler>, mut resumed: Box<dyn EpochSampler>| {
        for epoch in 1..=EPOCHS {
            let json = serde_json::to_string(&sampler.state()).unwrap();
            let state: SamplerState = serde_json::from_str(&json).unwrap();
            assert_eq!(state, sampler.state());
            resumed.restore(&state).unwrap();
            assert_eq!(resumed.state(), state);
            let draws = [&sampler, &resumed].map(|sampler| sampler.draw(epoch).to_vec());
            assert_eq!(draws[0], draws[1], "{sampler:?}");
            observe(&mut *sampler, epoch);
        }
    };
    for (sampler, resumed) in samplers().into_values().zip(samplers().into_values()) {
        survives(sampler, resumed);
    }
    for mode in MODES {
        let art = || art(ArtParams::new().boost_frequency(2).mode(mode), &COUNTS, 41);
        survives(Box::new(art()), Box::new(art()));
    }
}

#[test]
fn a_state_says_what_it_holds() {
    let mut sampler =
        FeedbackControl::frozen(art(ArtParams::new().boost_frequency(1), &[31, 8], 5)).unwrap();
    sampler.observe(1, &validation(&[10, 0])).unwrap();
    let found = serde_json::to_value(sampler.state()).unwrap();
    let expected = serde_json::json!({
        "version": 2,
        "sampler": sampler.describe(),
        "seed": 5,
        "class_counts": [31, 8],
        "refreshes": 1,
        "saved": {
            "lists": { "first_matrix": ["10", "0", "10", "0"] },
            "inner": {
                "lists": {
                    "difficulty": ["0.33333333333333337", "1"],
                    "weights": ["0.25", "0.7499999999999999"],
                },
            },
        },
    });
    assert_eq!(found, expected);
}

#[test]
fn lists_that_lack_or_are_too_many_are_named() {
    let fresh = || art(ArtParams::new().boost_frequency(1), &COUNTS, 5);
    let mut sampler = fresh();
    sampler.observe(1, &validation(&[7, 3, 1])).unwrap();
    let state = serde_json::to_value(sampler.state()).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Value)| {
        let mut state = state.clone();
        change(&mut state["saved"]["lists"]);
        let state: SamplerState = serde_json::from_value(state).unwrap();
        let mut sampler = fresh();
        let error = sampler.restore(&state).unwrap_err().to_string();
        assert_eq!(sampler.state(), fresh().state(), "{error}");
        error
    };
    let lacking = refused(&|lists| *lists = serde_json::json!({ "weights": ["1", "0", "0"] }));
    let both = r#"here it is ["difficulty", "weights"]"#;
    assert!(
        lacking.contains(r#"set of lists is ["weights"]"#),
        "{lacking}"
    );
    assert!(lacking.contains(both), "{lacking}");
    let more = refused(&|lists| lists["step"] = serde_json::json!([]));
    assert!(
        more.contains(r#"is ["difficulty", "step", "weights"]"#),
        "{more}"
    );
    let short = refused(&|lists| lists["difficulty"] = serde_json::json!(["1"]));
    assert!(
        short.contains("difficulty is 1 numbers, here it is 3 numbers"),
        "{short}"
    );
    let none = refused(&|lists| lists["weights"] = serde_json::json!(["1", "1", "0"]));
    assert!(
        none.contains("weights is none (probabilities sum to 2"),
        "{none}"
    );
}

#[test]
fn states_refuse_what_they_do_not_fit() {
    let mut sampler = art(ArtParams::new().boost_frequency(1), &[31, 8, 2], 5);
    sampler.observe(1, &validation(&[7, 3, 1])).unwrap();
    let json = serde_json::to_string(&sampler.state()).unwrap();
    let state: SamplerState = serde_json::from_str(&json).unwrap();
    assert_eq!(state, sampler.state());

    let newer = json.replace("\"version\":2", "\"version\":3");
    let newer: SamplerState = serde_json::from_str(&newer).unwrap();
    let mut other = art(ArtParams::new().boost_frequency(1), &[31, 8, 2], 5);
    assert_eq!(
        other.restore(&newer).unwrap_err(),
        CoreError::StateVersion {
            found: 3,
            supported: 2
        }
    );
    let mut other_rows = art(ArtParams::new().boost_frequency(1), &[30, 9, 2], 5);
    let error = other_rows.restore(&state).unwrap_err();
    assert!(
        error
            .to_string()
            .contains("class counts is [31, 8, 2], here it is [30, 9, 2]"),
        "{error}"
    );
    let error = art(ArtParams::new(), &[31, 8, 2], 5)
        .restore(&state)
        .unwrap_err();
    assert!(
        error.to_string().contains("bf=1, difficulty=1-f1"),
        "{error}"
    );
    let shuffle = Shuffle::new(index(&[31, 8, 2]).counts().clone(), Seed::new(5));
    let error = art(ArtParams::new(), &[31, 8, 2], 5)
        .restore(&shuffle.state())
        .unwrap_err();
    assert!(
        error
            .to_string()
            .contains("sampler is shuffle, here it is art(c=0.5, bf=5"),
        "{error}"
    );
}

/// Version 1 of the saved form, kept so that files written by it stay readable.
#[test]
fn version_one_of_the_saved_form_is_read() {
    let saved = include_str!("golden/sampler-state-v1.json");
    let state: SamplerState = serde_json::from_str(saved).unwrap();
    let mut sampler = art(ArtParams::new().boost_frequency(1), &[31, 8, 2], 5);
    sampler.restore(&state).unwrap();
    let mut expected = art(ArtParams::new().boost_frequency(1), &[31, 8, 2], 5);
    expected.observe(1, &validation(&[7, 3, 1])).unwrap();
    assert_eq!(sampler.state(), expected.state());
    assert_eq!(sampler.draw(2).to_vec(), expected.draw(2).to_vec());
}

/// Saved runs are found by these texts: another one makes every old state useless.
#[test]
fn descriptions_are_what_saved_states_are_found_by() {
    let index = index(&[6, 3]);
    let seed = Seed::new(1);
    let describe = |sampler: &dyn EpochSampler| sampler.describe();
    let params = ArtParams::new()
        .memory(0.5)
        .blend_rule(BlendRule::Copies { most: 3.0 })
        .bounds(BoundsParams::new());
    let rule = LossRule::Adaptive {
        power: 1.0,
        correction: 0.5,
    };
    let losses = LossSampler::new(rule, index.clone(), seed).unwrap();
    let power = PowerSampler::new(PowerSchedule::Concave(0.5), 9, index.clone(), seed).unwrap();
    let break_even = BreakEvenParams::new().check().unwrap();
    let break_even = BreakEven::new(break_even, index, seed);
    let found = [
        describe(&art(ArtParams::new(), &[6, 3], 1)),
        describe(&art(params, &[6, 3], 1)),
        describe(&losses),
        describe(&power),
        describe(&break_even),
    ];
    let art = "art(c=0.5, bf=5, difficulty=1-f1, mode=Exact, absent=Mean, epsilon=0";
    let expected = [
        format!("{art})"),
        format!(
            "{art}, memory=0.5, blend=Copies {{ most: 3.0 }}, bounds=Bounds {{ floor: 0.25, copies: 10.0, step: 2.0 }})"
        ),
        "Adaptive { power: 1.0, correction: 0.5 }".to_owned(),
        "power(Concave(0.5), epochs=9)".to_owned(),
        "break-even(power=0.5, step=0.05, memory=0.8, smoothing=4, every=1)".to_owned(),
    ];
    assert_eq!(found, expected);
}
