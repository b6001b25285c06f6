//! What to do with a table, from the results on it.

use super::{Comparison, MethodResults, Run, comparison, divisions::FEWEST_DIVISIONS};
use crate::error::BenchError;
use crate::metric::Metric;
use art_methods::{Asks, PLAIN, Registry};

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
    /// Moving the decision of a plainly trained model beats it, and no other method that does is better than that
    /// beyond chance.
    MoveDecision(String),
    /// This method beats plain training, and no other one that does is better than it beyond chance; what asks for
    /// less was tried before it: shares known before training, then feedback, then the rest.
    Train(String),
    /// The results do not allow for any.
    Nothing(NoAdvice),
}

/// Why nothing is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAdvice {
    /// All seeds share one division: their differences say nothing about other rows.
    OneDivision,
    /// So few different divisions; it takes five.
    FewDivisions(usize),
}

fn largest<'c>(list: impl Iterator<Item = &'c Comparison>) -> Option<&'c Comparison> {
    list.max_by(|a, b| a.difference.total_cmp(&b.difference))
}

impl Verdict {
    /// None where plain training or everything else has no result on two seeds.
    pub(super) fn of<'r>(
        metric: Metric,
        methods: &[MethodResults],
        runs_of: impl Fn(&str) -> &'r [Run<'r>],
        registry: &Registry,
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
        let is_ahead =
            |c: &&Comparison| c.n >= FEWEST_DIVISIONS && c.difference > 0.0 && c.is_beyond_chance();
        let ahead: Vec<&Comparison> = against_plain.iter().filter(is_ahead).collect();
        let most = against_plain.iter().map(|c| c.n).max();
        let mut advice = match most.unwrap_or(0) {
            1 => Advice::Nothing(NoAdvice::OneDivision),
            n if n < FEWEST_DIVISIONS => Advice::Nothing(NoAdvice::FewDivisions(n)),
            _ => Advice::KeepPlain,
        };
        if let Some(best) = largest(ahead.iter().copied()) {
            // What asks for least and none of the others is ahead of beyond chance.
            for asks in Asks::ALL {
                let alike = ahead.iter().copied();
                let alike = alike.filter(|c| registry.asks_of(&c.other) == asks);
                let Some(candidate) = largest(alike) else {
                    continue;
                };
                let mut others = vec![];
                for other in ahead.iter().filter(|c| c.other != candidate.other) {
                    let runs = [other, candidate].map(|c| runs_of(&c.other));
                    let pair = Comparison::of("", String::new(), runs[0], runs[1], metric)?;
                    others.extend(pair);
                }
                if !others.is_empty() {
                    comparison::adjust(&mut others.iter_mut().collect::<Vec<_>>())?;
                }
                if candidate.other == best.other || !others.iter().any(|c| is_ahead(&c)) {
                    let id = candidate.other.clone();
                    advice = match asks {
                        Asks::Nothing | Asks::Decision => Advice::MoveDecision(id),
                        _ => Advice::Train(id),
                    };
                    break;
                }
            }
        }
        Ok(Some(Self {
            metric,
            advice,
            against_plain,
        }))
    }
}
