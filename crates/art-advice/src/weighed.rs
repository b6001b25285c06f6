//! What is to be expected, and what to do.

use super::decision::{Choice, LEVEL, choose};
use art_methods::Asks;
use art_stats::{Differences, GainPrior, Interval};

/// What a table has shown, weighed with what others have.
#[derive(Clone, Debug, PartialEq)]
pub struct Weighed {
    /// What to do.
    pub choice: Choice,
    /// What is to be expected of each method.
    pub expected: Vec<Expected>,
}

/// What is to be expected of a method over plain training on other rows of a table, in points.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Expected {
    /// The gain.
    pub gain: f64,
    /// Where it lies with the chance [`LEVEL`].
    pub interval: Interval,
    /// The chance that it is a loss.
    pub chance_of_harm: f64,
}

/// Weighs differences to plain training, in points, by `prior`. `asks` is what each method asks for; none can gain more than
/// `at_most` points.
///
/// # Panics
/// If there is no method, or not as many in all of them.
pub fn weigh(prior: &GainPrior, shown: &Differences, asks: &[Asks], at_most: f64) -> Weighed {
    let gains = prior.posterior(Some(shown));
    let choice = choose(&gains, asks, at_most);
    let expected = gains.mean().iter().enumerate();
    let expected = expected.map(|(place, &gain)| Expected {
        gain,
        interval: gains.interval(place, LEVEL),
        chance_of_harm: gains.chance_of_harm(place),
    });
    Weighed {
        choice,
        expected: expected.collect(),
    }
}
