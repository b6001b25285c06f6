//! A loss from outside: it passes the conformance suite and runs in the experiment.

mod common;

use art_losses::{CrossEntropy, Loss, LossError, conformance::check_loss};
use art_methods::{Kind, Method};
use art_train::Recipe;
use candle_core::Tensor;

/// One minus the probability of the truth.
struct MissedProbability;

impl Loss for MissedProbability {
    fn name(&self) -> &'static str {
        "missed-probability"
    }
    fn per_sample(&self, logits: &Tensor, targets: &Tensor) -> Result<Tensor, LossError> {
        let p = CrossEntropy.per_sample(logits, targets)?.neg()?.exp()?;
        Ok((1.0 - p)?)
    }
}

#[test]
fn it_passes_the_suite_and_runs_in_the_experiment() {
    check_loss(&MissedProbability, 3).unwrap();
    let method = Method::new("missed", "Missed probability", Kind::Loss, |_, inputs| {
        Ok(Recipe::plain(inputs).loss(MissedProbability))
    });
    common::runs_in_the_experiment(method);
}
