//! What to do, from what is to be expected.

use art_methods::Asks;
use art_stats::{Differences, GainPrior, Gains};

/// Points within which it does not matter which of two is taken: what asks for less then is.
pub const INDIFFERENCE: f64 = 0.3;
/// Points that are worth the trouble: a gain that is likely below [`INDIFFERENCE`] and nearly surely below this is not.
pub const WORTH_IT: f64 = 1.0;
/// A chance of harm above which a gain is not known well enough.
pub const LIKELY_HARM: f64 = 0.2;
/// The chance that a gain lies in its interval.
pub const LEVEL: f64 = 0.95;

/// What to do; methods by their places.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Choice {
    /// This one: its gain is worth it, and harm unlikely.
    Do(usize),
    /// Nothing: not even of this one, the best, more than [`INDIFFERENCE`] is to be expected, and hardly more than [`WORTH_IT`] possible.
    NotWorthIt(usize),
    /// This one is the best bet, and too little is known of it.
    Unclear(usize),
}

/// Chooses among methods with these expected gains over plain training, in points, by what each asks for: the most expected
/// gain, and among those within [`INDIFFERENCE`] of it what asks for least, then the most. No method gains more than `at_most`
/// points, since plain training is so near to faultless.
///
/// # Panics
/// If there is no method, or not as many of `asks`.
pub fn choose(gains: &Gains, asks: &[Asks], at_most: f64) -> Choice {
    let means = gains.mean();
    assert!(
        !means.is_empty() && asks.len() == means.len(),
        "what each method asks for"
    );
    let by_mean = |a: &usize, b: &usize| means[*a].total_cmp(&means[*b]);
    let best = (0..means.len()).max_by(by_mean).expect("a method");
    if at_most <= INDIFFERENCE {
        return Choice::NotWorthIt(best);
    }
    if means[best] <= INDIFFERENCE {
        return if gains.interval(best, LEVEL).high.min(at_most) <= WORTH_IT {
            Choice::NotWorthIt(best)
        } else {
            Choice::Unclear(best)
        };
    }
    let alike = (0..means.len()).filter(|&m| means[best] - means[m] <= INDIFFERENCE);
    let least = |m: &usize| Asks::ALL.iter().position(|of_all| *of_all == asks[*m]);
    let chosen = alike.min_by(|a, b| least(a).cmp(&least(b)).then(by_mean(b, a)));
    let chosen = chosen.unwrap_or(best);
    if gains.chance_of_harm(chosen) > LIKELY_HARM {
        Choice::Unclear(chosen)
    } else {
        Choice::Do(chosen)
    }
}

/// What would tell, if the means stayed as they are.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct WouldTell {
    /// Splits in all; none where no number of them would: they are all of the same rows.
    pub splits: Option<usize>,
    /// Times as many rows, with as many splits as there are; none beyond a hundred times.
    pub rows: Option<f64>,
}

impl WouldTell {
    /// Of a method on a table that has shown these differences.
    pub fn of(prior: &GainPrior, shown: &Differences, asks: &[Asks], at_most: f64) -> Self {
        const MOST_SPLITS: usize = 1000;
        const MOST_ROWS: f64 = 100.0;
        let tells = |gains: &Gains| !matches!(choose(gains, asks, at_most), Choice::Unclear(_));
        let now = shown.n_splits();
        let mut splits = now;
        let splits = loop {
            splits = (splits + splits.div_ceil(4)).max(splits + 1);
            if splits > MOST_SPLITS {
                break None;
            }
            if tells(&prior.posterior_if(shown, splits as f64, 1.0)) {
                break Some(splits);
            }
        };
        let mut rows = 1.0;
        let rows = loop {
            rows *= 1.25;
            if rows > MOST_ROWS {
                break None;
            }
            if tells(&prior.posterior_if(shown, now as f64, rows)) {
                break Some(rows);
            }
        };
        Self { splits, rows }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gains(of: &[(f64, f64)]) -> Gains {
        let n = of.len();
        let covariance: Vec<Vec<f64>> = (0..n)
            .map(|i| {
                (0..n)
                    .map(|j| if i == j { of[i].1 * of[i].1 } else { 0.0 })
                    .collect()
            })
            .collect();
        let means = of.iter().map(|(mean, _)| *mean).collect();
        // So many tables that their mean is certain.
        let prior = GainPrior::from_parts(means, &covariance, &covariance, 1.0, usize::MAX);
        prior.unwrap().posterior(None)
    }

    #[test]
    fn the_most_is_done_and_within_indifference_what_asks_for_least() {
        let asks = [Asks::More, Asks::Decision, Asks::Feedback];
        let chosen = |of: &[(f64, f64)]| choose(&gains(of), &asks, 50.0);
        assert_eq!(chosen(&[(2.0, 1.0), (0.5, 0.1), (1.0, 1.0)]), Choice::Do(0));
        assert_eq!(chosen(&[(2.0, 1.0), (1.8, 1.0), (1.9, 1.0)]), Choice::Do(1));
        assert_eq!(chosen(&[(2.0, 1.0), (1.5, 1.0), (1.9, 1.0)]), Choice::Do(2));
    }

    #[test]
    fn small_gains_are_not_worth_it_where_they_are_known_and_unclear_where_not() {
        let asks = [Asks::More, Asks::Decision];
        let chosen = |of: &[(f64, f64)]| choose(&gains(of), &asks, 50.0);
        assert_eq!(chosen(&[(0.1, 0.3), (0.0, 0.3)]), Choice::NotWorthIt(0));
        assert_eq!(chosen(&[(0.1, 2.0), (0.0, 2.0)]), Choice::Unclear(0));
        assert_eq!(chosen(&[(1.0, 2.0), (0.5, 2.0)]), Choice::Unclear(0));
        // Where plain training is all but faultless there is nothing to gain.
        let faultless = choose(&gains(&[(3.0, 0.1), (0.5, 2.0)]), &asks, 0.1);
        assert_eq!(faultless, Choice::NotWorthIt(0));
    }

    #[test]
    fn more_splits_tell_what_few_do_not_and_none_what_the_rows_do_not_hold() {
        let asks = [Asks::Shares];
        let prior = GainPrior::from_parts(vec![0.0], &[vec![9.0]], &[vec![1.0]], 9.0, 30).unwrap();
        let shown = |by: f64, overlap: f64| {
            let splits = vec![vec![1.5 - by], vec![1.5 + by], vec![1.5]];
            Differences::new(splits, overlap).unwrap()
        };
        let few = WouldTell::of(&prior, &shown(3.0, 0.1), &asks, 50.0);
        assert!(
            few.splits.is_some_and(|n| n > 3) && few.rows.is_some_and(|r| r > 1.0),
            "{few:?}"
        );
        let hopeless = WouldTell::of(&prior, &shown(9.0, 0.5), &asks, 50.0);
        assert_eq!(hopeless.splits, None);
        assert!(hopeless.rows.is_some());
    }
}
