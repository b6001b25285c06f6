use super::{Trial, Tuner, fill};
use art_core::{
    Seed, Stream,
    elementary::{exp, ln},
};
use art_methods::{Domain, Setting, Settings, Value};

/// Settings drawn evenly, on the logarithm where a setting says so. The streams are (`random search`,
/// trial).
#[derive(Clone, Copy, Debug, Default)]
pub struct RandomSearch;

impl Tuner for RandomSearch {
    fn name(&self) -> &'static str {
        "random"
    }

    fn propose(&self, space: &[Setting], finished: &[Trial], seed: Seed) -> Settings {
        let mut stream = seed.stream("random search", finished.len() as u64);
        fill(space, |setting| any(setting.domain(), &mut stream))
    }
}

/// A value drawn evenly from a domain.
pub(super) fn any(domain: &Domain, stream: &mut Stream) -> Value {
    match domain {
        Domain::Real {
            low,
            high,
            logarithmic,
        } => {
            let u = stream.unit();
            let number = if *logarithmic {
                exp(ln(*low) + u * (ln(*high) - ln(*low)))
            } else {
                low + u * (high - low)
            };
            Value::Number(number.clamp(*low, *high))
        }
        Domain::Whole {
            low,
            high,
            logarithmic: true,
        } => {
            let (low, high) = (*low as f64, *high as f64);
            let (from, to) = (ln(low - 0.5), ln(high + 0.5));
            let number = exp(from + stream.unit() * (to - from));
            Value::Number(number.round().clamp(low, high))
        }
        Domain::Whole { low, high, .. } => {
            let n = (high - low + 1) as usize;
            Value::Number((low + stream.below(n) as i64) as f64)
        }
        Domain::Choice(values) => values[stream.below(values.len())].clone(),
    }
}
