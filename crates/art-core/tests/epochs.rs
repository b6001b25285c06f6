//! Epochs count from 1, and each is observed once.

use art_core::{
    ArtParams, ArtSampler, Basics, BoostSchedule, BreakEven, BreakEvenParams, ClassDistribution,
    ClassIndex, ConfusionMatrix, CoreError, EpochDraw, EpochSampler, Feedback, FeedbackControl,
    ForgettingArt, LossRule, LossSampler, PowerSampler, PowerSchedule, Refresh, Replay,
    RotatingArt, RowSignals, Saved, Seed, Shuffle, conformance::check_sampler,
};

const COUNTS: [usize; 3] = [20, 7, 3];
const SEED: Seed = Seed::new(41);

fn index(counts: &[usize]) -> ClassIndex {
    let classes = counts.iter().zip(0..);
    let labels: Vec<u32> = classes.flat_map(|(&n, class)| vec![class; n]).collect();
    ClassIndex::new(&labels, counts.len()).unwrap()
}

/// ART with a refresh after every so many epochs.
fn art(n_epochs: u32) -> ArtSampler {
    let config = ArtParams::new().boost_frequency(n_epochs).check().unwrap();
    ArtSampler::new(config, index(&COUNTS), SEED).unwrap()
}

fn matrix() -> ConfusionMatrix {
    ConfusionMatrix::from_rows(&[vec![9, 1, 0], vec![0, 5, 5], vec![9, 0, 1]]).unwrap()
}

#[test]
fn no_refresh_follows_epoch_0() {
    let schedule = BoostSchedule::every(5).unwrap();
    let due: Vec<u32> = (0..=12).filter(|&epoch| schedule.is_due(epoch)).collect();
    assert_eq!(due, [5, 10]);
}

#[test]
fn whoever_validates_seldom_misses_no_refresh() {
    let refreshed = |mut sampler: ArtSampler, epochs: &[u32]| -> Vec<u32> {
        let due = |&&epoch: &&u32| sampler.observe(epoch, &matrix()).unwrap().is_some();
        epochs.iter().filter(due).copied().collect()
    };
    // Every fifth epoch of a loop that counts from 0, then every fourth, then every one, with a gap.
    assert_eq!(refreshed(art(5), &[1, 6, 11, 16]), [6, 11, 16]);
    assert_eq!(refreshed(art(5), &[4, 8, 12, 16, 20]), [8, 12, 16, 20]);
    assert_eq!(refreshed(art(5), &[1, 2, 3, 12, 13, 14, 15]), [12, 15]);
    let every: Vec<u32> = (1..=12).collect();
    assert_eq!(refreshed(art(5), &every), [5, 10]);
}

#[test]
fn an_epoch_that_comes_twice_or_late_is_refused_with_its_number_and_the_last_one() {
    let break_even = BreakEven::new(
        BreakEvenParams::new().check().unwrap(),
        index(&COUNTS),
        SEED,
    );
    let power = PowerSampler::new(PowerSchedule::Linear, 9, index(&COUNTS), SEED).unwrap();
    let stopped = FeedbackControl::stopped(2, art(2)).unwrap();
    let samplers: [Box<dyn EpochSampler>; 4] = [
        Box::new(art(2)),
        Box::new(break_even),
        Box::new(power),
        Box::new(stopped),
    ];
    for mut sampler in samplers {
        let fresh = CoreError::EpochOrder { epoch: 0, last: 0 };
        assert_eq!(sampler.observe(0, &matrix()).unwrap_err(), fresh);
        for last in [1, 2, 4] {
            sampler.observe(last, &matrix()).unwrap();
            let state = sampler.state();
            for epoch in 0..=last {
                let refused = sampler.observe(epoch, &matrix()).unwrap_err();
                assert_eq!(refused, CoreError::EpochOrder { epoch, last });
            }
            assert_eq!(sampler.state(), state);
        }
    }
    let text = CoreError::EpochOrder { epoch: 3, last: 4 }.to_string();
    assert_eq!(
        text,
        "epoch 3 cannot be observed after epoch 4; epochs are counted from 1 and observed once each, in order"
    );
}

#[test]
fn training_rows_of_an_epoch_are_looked_at_once() {
    let config = || ArtParams::new().boost_frequency(2).check().unwrap();
    let rule = LossRule::SelfPaced {
        start: 0.5,
        growth: 1.2,
        by_class: true,
    };
    let samplers: [Box<dyn EpochSampler>; 3] = [
        Box::new(ForgettingArt::new(config(), index(&COUNTS), SEED).unwrap()),
        Box::new(RotatingArt::new(config(), 3, index(&COUNTS), SEED).unwrap()),
        Box::new(LossSampler::new(rule, index(&COUNTS), SEED).unwrap()),
    ];
    let losses: Vec<f64> = (0..30).map(f64::from).collect();
    let predicted: Vec<u32> = (0..30).map(|row| row % 3).collect();
    let rows = RowSignals::new(&losses, &predicted).unwrap();
    for mut sampler in samplers {
        for last in 1..=4 {
            // The validation result of the epoch comes first, and is not the same thing.
            sampler.observe(last, &matrix()).unwrap();
            sampler.learn(last, Feedback::Rows(rows)).unwrap();
            let state = sampler.state();
            for epoch in 0..=last {
                let refused = sampler.learn(epoch, Feedback::Rows(rows)).unwrap_err();
                assert_eq!(refused, CoreError::EpochOrder { epoch, last });
            }
            assert_eq!(sampler.state(), state);
        }
    }
}

#[test]
fn a_result_that_was_refused_may_come_again_mended() {
    let mut sampler = art(2);
    sampler.observe(1, &matrix()).unwrap();
    let empty = ConfusionMatrix::new(3).unwrap();
    let error = sampler.observe(2, &empty).unwrap_err();
    assert_eq!(error, CoreError::NoObservations);
    assert!(sampler.observe(2, &matrix()).unwrap().is_some());
}

#[test]
fn a_resumed_sampler_refuses_epochs_that_its_refreshes_came_from() {
    let mut sampler = art(2);
    for epoch in 1..=4 {
        sampler.observe(epoch, &matrix()).unwrap();
    }
    let mut resumed = art(2);
    resumed.restore(&sampler.state()).unwrap();
    let refused = resumed.observe(4, &matrix()).unwrap_err();
    assert_eq!(refused, CoreError::EpochOrder { epoch: 4, last: 4 });
    resumed.observe(5, &matrix()).unwrap();
    // An earlier state takes a sampler back.
    let begin = art(2).state();
    resumed.restore(&begin).unwrap();
    assert!(resumed.observe(2, &matrix()).unwrap().is_some());
}

#[test]
fn there_is_one_refresh_after_an_epoch_of_a_replayed_run() {
    let shares = |p: f64| ClassDistribution::new(vec![1.0 - p, p]).unwrap();
    let replay = |epochs: [u32; 2]| {
        let refreshes = epochs.map(|epoch| (epoch, shares(0.3)));
        Replay::new(shares(0.2), refreshes, index(&[6, 4]), SEED)
    };
    assert!(replay([5, 2]).is_ok());
    let error = |epochs| replay(epochs).unwrap_err();
    assert_eq!(error([0, 2]), CoreError::EpochOrder { epoch: 0, last: 0 });
    assert_eq!(error([4, 4]), CoreError::EpochOrder { epoch: 4, last: 4 });
}

/// ART that asks itself nothing about epochs.
struct Careless {
    inner: ArtSampler,
    restored: u64,
}

impl EpochSampler for Careless {
    fn name(&self) -> &'static str {
        "careless"
    }

    fn basics(&self) -> Basics<'_> {
        self.inner.basics()
    }

    fn draw(&self, epoch: u32) -> EpochDraw {
        self.inner.draw(epoch)
    }

    fn observe(
        &mut self,
        _: u32,
        validation: &ConfusionMatrix,
    ) -> Result<Option<Refresh>, CoreError> {
        self.restored += 1;
        self.inner.observe(self.restored as u32, validation)
    }

    fn refreshes(&self) -> u64 {
        self.restored
    }

    fn save(&self) -> Saved {
        self.inner.save()
    }

    fn load(&mut self, refreshes: u64, saved: &Saved) -> Result<(), CoreError> {
        self.inner.load(refreshes, saved)?;
        self.restored = refreshes;
        Ok(())
    }
}

#[test]
fn the_rules_of_the_trait_find_a_sampler_that_takes_an_epoch_twice() {
    let careless = || Careless {
        inner: art(1),
        restored: 0,
    };
    let violation = check_sampler(|| Box::new(careless())).unwrap_err();
    assert_eq!(
        violation.rule, "epochs are observed once, in order, from 1",
        "{violation}"
    );
}

#[test]
fn the_draw_of_epoch_0_is_that_of_epoch_1() {
    let shuffle = Shuffle::new(index(&COUNTS).counts().clone(), SEED);
    assert_eq!(shuffle.draw(0).to_vec(), shuffle.draw(1).to_vec());
    assert_ne!(shuffle.draw(1).to_vec(), shuffle.draw(2).to_vec());
}
