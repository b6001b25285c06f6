//! What to do with a table, from the results on it.

use super::{Comparison, MethodResults, Metric, Run, comparison, divisions::FEWEST_DIVISIONS};
use crate::{BenchError, MethodName, matrix::PLAIN};

/// How much a method asks of whoever uses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Effort {
    /// Plain training, and a decision moved afterwards.
    Decision,
    /// Other class shares or weights, known before training.
    Shares,
    /// Class shares that follow validation.
    Feedback,
    /// Rows made or left out, losses of other kinds, second stages.
    More,
}

impl Effort {
    const ALL: [Self; 4] = [Self::Decision, Self::Shares, Self::Feedback, Self::More];

    /// That of a method by its name.
    fn of(name: &str) -> Self {
        const SHARES: [&str; 7] = [
            "static-blend",
            "power-sampling",
            "progressive",
            "ros",
            "cost",
            "class-balanced",
            "balanced-softmax",
        ];
        const FEEDBACK: [&str; 4] = ["art", "art-shrunk", "break-even", "class-priority"];
        let name = name
            .parse::<MethodName>()
            .map_or_else(|_| name.to_owned(), |name| name.base);
        if [PLAIN, "baseline-la", "baseline-thresholds"].contains(&&*name) {
            Self::Decision
        } else if SHARES.contains(&&*name) {
            Self::Shares
        } else if FEEDBACK.contains(&&*name) {
            Self::Feedback
        } else {
            Self::More
        }
    }
}

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
            // The least effort that none of the others is ahead of beyond chance.
            for effort in Effort::ALL {
                let of_effort = ahead.iter().copied();
                let of_effort = of_effort.filter(|c| Effort::of(&c.other) == effort);
                let Some(candidate) = largest(of_effort) else {
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
                    advice = match effort {
                        Effort::Decision => Advice::MoveDecision(id),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_method_asks_for_is_known_by_its_name() {
        for (name, effort) in [
            ("baseline+tau-e", Effort::Decision),
            ("baseline-thresholds", Effort::Decision),
            ("power-sampling:flat+tau-e", Effort::Shares),
            ("cost", Effort::Shares),
            ("art:eager", Effort::Feedback),
            ("break-even+prior", Effort::Feedback),
            ("smote", Effort::More),
            ("a-method-of-ones-own", Effort::More),
        ] {
            assert_eq!(Effort::of(name), effort, "{name}");
        }
        assert!(Effort::ALL.is_sorted());
    }
}
