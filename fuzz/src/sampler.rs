//! Saved states of samplers.

use crate::{
    rows::{SEED, SPLIT},
    seed::Seed,
};
use art_core::{ConfusionMatrix, EpochSampler, Feedback, RowSignals, SamplerState};
use art_methods::{Kind, Method, Registry, Settings};
use art_train::{RunInputs, Training};
use std::sync::LazyLock;

const N_EPOCHS: u32 = 4;

static REGISTRY: LazyLock<Registry> = LazyLock::new(Registry::standard);

static METHODS: LazyLock<Vec<&str>> = LazyLock::new(|| {
    let samplers = REGISTRY
        .methods()
        .iter()
        .filter(|method| method.kind() == Kind::Sampler);
    samplers.map(Method::id).collect()
});

fn make(method: &str) -> Box<dyn EpochSampler> {
    let training = Training {
        hidden: vec![4],
        max_epochs: N_EPOCHS,
        ..Training::default()
    };
    let inputs = RunInputs::new(&SPLIT.train, &SPLIT.valid, &training, SEED);
    let method = REGISTRY.get(method).expect("it is registered");
    let settings = method
        .resolve(&Settings::default())
        .expect("there are defaults");
    method
        .recipe(&settings, &inputs)
        .expect("it is made of its defaults")
        .sampler
}

fn show(sampler: &mut dyn EpochSampler, epoch: u32) {
    let counts = sampler.class_counts().clone();
    let mut matrix = ConfusionMatrix::new(counts.n_classes()).expect("there are classes");
    for class in 0..counts.n_classes() as u32 {
        for (predicted, times) in [(class, 3 + epoch), (0, 2)] {
            for _ in 0..times {
                matrix
                    .record(class, predicted)
                    .expect("both classes are there");
            }
        }
    }
    let shown = sampler.observe(epoch, &matrix);
    if shown.is_ok() && sampler.wants_rows() {
        let losses: Vec<f64> = (0..counts.n_rows()).map(|row| (row % 5) as f64).collect();
        let predicted = vec![0; losses.len()];
        let rows = RowSignals::new(&losses, &predicted).expect("they are losses");
        let _ = sampler.learn(epoch, Feedback::Rows(rows));
    }
}

/// The first byte says which sampler, the rest is a state of it.
pub(crate) fn run(bytes: &[u8]) {
    let Some((&first, state)) = bytes.split_first() else {
        return;
    };
    let Ok(state) = serde_json::from_slice::<SamplerState>(state) else {
        return;
    };
    let mut sampler = make(METHODS[usize::from(first) % METHODS.len()]);
    let before = sampler.state();
    if sampler.restore(&state).is_err() {
        assert_eq!(sampler.state(), before, "a refused state changes nothing");
        return;
    }
    for epoch in 1..=N_EPOCHS + 2 {
        let p = sampler.distribution().as_slice();
        assert!((p.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{p:?}");
        let n_rows = sampler.class_counts().n_rows();
        let rows = sampler.draw(epoch).to_vec();
        assert!(rows.iter().all(|&row| (row as usize) < n_rows));
        if let Some(weights) = sampler.row_weights() {
            assert!(
                weights.iter().all(|w| w.is_finite() && *w >= 0.0),
                "{weights:?}"
            );
        }
        show(&mut *sampler, epoch);
    }
    let text = serde_json::to_vec(&sampler.state()).expect("a state can be written");
    let again: SamplerState = serde_json::from_slice(&text).expect("what was written can be read");
    assert_eq!(again, sampler.state());
}

pub(crate) fn seeds() -> Vec<Seed> {
    let methods = METHODS.iter().enumerate().flat_map(|(place, method)| {
        let mut sampler = make(method);
        let state = |sampler: &dyn EpochSampler| {
            let state = serde_json::to_vec(&sampler.state()).expect("a state can be written");
            [vec![place as u8], state].concat()
        };
        let first = Seed::new(format!("{method} new"), state(&*sampler));
        for epoch in 1..=3 {
            show(&mut *sampler, epoch);
        }
        [
            first,
            Seed::new(format!("{method} after 3"), state(&*sampler)),
        ]
    });
    methods.collect()
}
