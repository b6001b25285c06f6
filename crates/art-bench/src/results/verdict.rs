//! What to do with a table, from the results on it and what other tables have shown.

use super::{Comparison, MethodResults, Run, comparison};
use crate::{error::BenchError, metric::Metric};
use art_advice::{Choice, Experience, WouldTell, weigh};
use art_core::ConfusionMatrix;
use art_methods::{Asks, PLAIN, Registry};
use art_stats::{Differences, Interval};

/// What the results on a data set say to somebody who wants a model.
#[derive(Clone, Debug)]
pub struct Verdict {
    /// The score that it goes by.
    pub metric: Metric,
    /// What to do.
    pub advice: Advice,
    /// What is to be expected of methods over plain training, in matrix order; none where all seeds share one division.
    pub expected: Vec<ExpectedGain>,
    /// How many other tables that rests on besides; none where there are none of this score.
    pub other_tables: Option<usize>,
    /// Each method against plain training, in matrix order; the difference is the method's mean less plain
    /// training's.
    pub against_plain: Vec<Comparison>,
}

/// What is to be expected of a method over plain training on other rows of a table.
#[derive(Clone, Debug, PartialEq)]
pub struct ExpectedGain {
    /// Id of the method.
    pub method: String,
    /// The gain, as scores are: 0.01 is a point.
    pub gain: f64,
    /// Where it lies with a chance of 95 %.
    pub interval: Interval,
    /// The chance that it is a loss.
    pub chance_of_harm: f64,
    /// Whether other tables have shown what the method does.
    pub is_known: bool,
}

/// What to do. Methods are named by their ids.
#[derive(Clone, Debug, PartialEq)]
pub enum Advice {
    /// Nothing here is worth the trouble: what is to be gained at most matters to nobody.
    KeepPlain,
    /// Moving the decision of a plainly trained model.
    MoveDecision(String),
    /// Training by this method.
    Train(String),
    /// Too little is known to say; of this most is to be expected.
    Unclear(String, WouldTell),
    /// The results do not allow for any.
    Nothing(NoAdvice),
}

/// Why nothing is advised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAdvice {
    /// All seeds share one division: their differences say nothing about other rows.
    OneDivision,
}

/// Points of a score.
const POINTS: f64 = 100.0;

/// By how much a macro score changes where one row of the smallest class is answered otherwise.
fn step(confusion: &ConfusionMatrix) -> f64 {
    let sizes = (0..confusion.n_classes()).map(|class| confusion.support(class));
    let sizes: Vec<u64> = sizes.filter(|&n| n > 0).collect();
    let smallest = sizes.iter().copied().min().unwrap_or(1);
    1.0 / (sizes.len().max(1) as f64 * smallest as f64)
}

impl Verdict {
    /// None where plain training or everything else has no result on two seeds.
    pub(super) fn of<'r>(
        metric: Metric,
        methods: &[MethodResults],
        runs_of: impl Fn(&str) -> &'r [Run<'r>],
        registry: &Registry,
    ) -> Result<Option<Self>, BenchError> {
        let plain = runs_of(PLAIN);
        let mut against_plain = vec![];
        for method in methods.iter().filter(|m| m.id != PLAIN) {
            let own = runs_of(&method.id);
            let comparison = Comparison::of(&method.id, method.title.clone(), own, plain, metric)?;
            against_plain.extend(comparison);
        }
        let Some(most) = against_plain.iter().map(|c| c.n).max() else {
            return Ok(None);
        };
        comparison::adjust(&mut against_plain.iter_mut().collect::<Vec<_>>())?;
        let mut verdict = Self {
            metric,
            advice: Advice::Nothing(NoAdvice::OneDivision),
            expected: vec![],
            other_tables: None,
            against_plain,
        };
        if most > 1 {
            verdict.expect(most, runs_of, registry)?;
        }
        Ok(Some(verdict))
    }

    /// Weighs what the methods with `n` different divisions have shown.
    fn expect<'r>(
        &mut self,
        n: usize,
        runs_of: impl Fn(&str) -> &'r [Run<'r>],
        registry: &Registry,
    ) -> Result<(), BenchError> {
        let complete = self.against_plain.iter().filter(|c| c.n == n);
        let methods: Vec<&str> = complete.map(|c| &*c.other).collect();
        let plain = runs_of(PLAIN);
        let mut splits = vec![vec![]; n];
        for method in &methods {
            let pairs = Comparison::pairs(runs_of(method), plain, self.metric);
            for (split, (own, plain)) in splits.iter_mut().zip(pairs) {
                split.push(POINTS * (own - plain));
            }
        }
        let evaluation = &plain[0].evaluation;
        let shown = Differences::new(splits, evaluation.test_over_train)?;
        let shown = shown.with_resolution(POINTS * step(&evaluation.confusion));
        let is_known_score = self.metric == Metric::MacroF1;
        let experience = is_known_score.then(Experience::of_program);
        let prior = match &experience {
            Some(experience) => experience.prior(&methods)?,
            None => Experience::none(methods.len())?,
        };
        let asks: Vec<Asks> = methods.iter().map(|m| registry.asks_of(m)).collect();
        let id = |place: usize| methods[place].to_owned();
        let score = |run: &Run<'_>| run.score(self.metric);
        let of_plain = plain.iter().map(score).sum::<f64>() / plain.len() as f64;
        let at_most = POINTS * (1.0 - of_plain);
        let weighed = weigh(&prior, &shown, &asks, at_most);
        self.advice = match weighed.choice {
            Choice::NotWorthIt(_) => Advice::KeepPlain,
            Choice::Unclear(m) => {
                Advice::Unclear(id(m), WouldTell::of(&prior, &shown, &asks, at_most))
            }
            Choice::Do(m) if matches!(asks[m], Asks::Nothing | Asks::Decision) => {
                Advice::MoveDecision(id(m))
            }
            Choice::Do(m) => Advice::Train(id(m)),
        };
        let expected = methods.iter().zip(&weighed.expected);
        let expected = expected.map(|(method, of)| ExpectedGain {
            method: (*method).to_owned(),
            gain: of.gain / POINTS,
            interval: Interval {
                low: of.interval.low / POINTS,
                high: of.interval.high / POINTS,
            },
            chance_of_harm: of.chance_of_harm,
            is_known: experience.as_ref().is_some_and(|e| e.knows(method)),
        });
        self.expected = expected.collect();
        self.other_tables = experience.map(|experience| experience.tables.len());
        Ok(())
    }

    /// What is to be expected of a method.
    pub fn expected_of(&self, method: &str) -> Option<&ExpectedGain> {
        self.expected.iter().find(|gain| gain.method == method)
    }

    /// The method to take: the one that is advised, or the best bet; none for plain training, which is the best bet where no gain is to
    /// be expected of any method.
    pub fn recommended(&self) -> Option<&str> {
        match &self.advice {
            Advice::MoveDecision(id) | Advice::Train(id) => Some(id),
            Advice::Unclear(id, _) => {
                let gains = self
                    .expected_of(id)
                    .is_some_and(|expected| expected.gain > 0.0);
                gains.then_some(id)
            }
            Advice::KeepPlain | Advice::Nothing(_) => None,
        }
    }
}
