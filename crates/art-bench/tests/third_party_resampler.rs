//! A resampler from outside: it passes the conformance suite and runs in the experiment.

mod common;

use art_core::{ClassCounts, Seed};
use art_data::{DataError, Resampled, Resampler, TrainSet, conformance::check_resampler};
use art_methods::Method;

/// Keeps the first rows of each class, as many as the smallest class has.
struct FirstRows;

impl Resampler for FirstRows {
    fn name(&self) -> &'static str {
        "first-rows"
    }
    fn targets(&self, counts: &ClassCounts) -> Result<Option<Vec<usize>>, DataError> {
        let smallest = |&n: &usize| n.min(counts.smallest());
        Ok(Some(counts.as_slice().iter().map(smallest).collect()))
    }
    fn resample(&self, train: &TrainSet, _: Seed) -> Result<Resampled, DataError> {
        let index = train.data().class_index()?;
        let n = index.counts().smallest();
        let first = (0..index.n_classes()).flat_map(|class| index.rows(class).iter().take(n));
        Resampled::kept(train, first.copied().collect())
    }
}

#[test]
fn it_passes_the_suite_and_runs_in_the_experiment() {
    check_resampler(&FirstRows).unwrap();
    let method = Method::resampler("first-rows", "First rows", |_| Ok(Box::new(FirstRows)));
    common::runs_in_the_experiment(method);
}
