//! What to do with a table, from the results on it.

use super::{Comparison, MethodResults, Metric, Run, comparison};
use crate::{BenchError, matrix::PLAIN};

/// Whether a method trains plainly and moves the decision afterwards.
fn moves_decision(id: &str) -> bool {
    let behind = id.strip_prefix(PLAIN).unwrap_or_default();
    behind.starts_with('+') || ["-la", "-thresholds"].contains(&behind)
}

/// Level of the tests, after Holm's adjustment.
const LEVEL: f64 = 0.05;

/// What the results on a data set say to somebody who wants a model.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The score that it goes by.
    pub metric: Metric,
    /// What to do.
    pub advice: Advice,
    /// Each method against plain training, in matrix order; the difference is the method's mean less plain
    /// training's.
    pub against_plain: Vec<Comparison>,
}

/// What to do. Methods are named by their ids.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Nothing beats plain training beyond chance.
    KeepPlain,
    /// Moving the decision of a plainly trained model beats it, and no other method is better than that beyond
    /// chance.
    MoveDecision(String),
    /// This method beats plain training, and none that does has a larger mean.
    Train(String),
}

impl Verdict {
    /// None where plain training or everything else has no result on two seeds.
    pub(super) fn of<'r>(
        metric: Metric,
        methods: &[MethodResults],
        runs_of: impl Fn(&str) -> &'r [Run<'r>],
    ) -> Result<Option<Self>, BenchError> {
        let mut against_plain = vec![];
        for method in methods.iter().filter(|m| m.id != PLAIN) {
            let (own, plain) = (runs_of(&method.id), runs_of(PLAIN));
            let comparison = Comparison::of(&method.id, method.title.clone(), own, plain, metric)?;
            against_plain.extend(comparison);
        }
        if against_plain.is_empty() {
            return Ok(None);
        }
        comparison::adjust(&mut against_plain.iter_mut().collect::<Vec<_>>())?;
        let is_ahead = |c: &&Comparison| c.difference > 0.0 && c.corrected_t.holm < LEVEL;
        let largest = |list: &mut dyn Iterator<Item = &Comparison>| -> Option<String> {
            let best = list.max_by(|a, b| a.difference.total_cmp(&b.difference))?;
            Some(best.other.clone())
        };
        let moved = |c: &&Comparison| moves_decision(&c.other);
        let best = largest(&mut against_plain.iter().filter(is_ahead));
        let best_moved = largest(&mut against_plain.iter().filter(is_ahead).filter(moved));
        let advice = match (best, best_moved) {
            (None, _) => Advice::KeepPlain,
            (Some(best), None) => Advice::Train(best),
            (Some(best), Some(moved)) if best == moved => Advice::MoveDecision(moved),
            (Some(best), Some(moved)) => {
                let title = String::new();
                let pair = Comparison::of(&moved, title, runs_of(&best), runs_of(&moved), metric)?;
                if pair.is_some_and(|pair| pair.corrected_t.p < LEVEL) {
                    Advice::Train(best)
                } else {
                    Advice::MoveDecision(moved)
                }
            }
        };
        Ok(Some(Self {
            metric,
            advice,
            against_plain,
        }))
    }
}
