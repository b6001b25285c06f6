use super::{Trial, Tuner, fill, is_active, random::any};
use art_core::{
    Seed,
    elementary::{exp, ln},
};
use art_methods::{Domain, Setting, Settings, Value};
use rand_for_tpe::{SeedableRng, rngs::StdRng};
use tpe::{TpeOptimizer, categorical_range, histogram_estimator, parzen_estimator, range};

/// Trials that are drawn evenly before the estimators are asked.
const STARTUP: usize = 10;

/// Tree-structured Parzen estimators, one for each setting on its own.
///
/// The first ten trials are drawn evenly. Then each setting is proposed where the density of its good
/// values is highest in relation to that of the others. Logarithmic settings are searched on the logarithm,
/// whole ones on the line between the half below the smallest and the half above the largest, and rounded.
/// A setting is told of the trials alone in which its condition held. Failed trials are left out.
///
/// # References
/// Bergstra, Bardenet, Bengio and Kégl (2011), "Algorithms for hyper-parameter optimization", NeurIPS 24.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tpe;

impl Tuner for Tpe {
    fn name(&self) -> &'static str {
        "tpe"
    }

    fn propose(&self, space: &[Setting], finished: &[Trial], seed: Seed) -> Settings {
        let number = finished.len() as u64;
        if finished.len() < STARTUP {
            let mut stream = seed.stream("tpe start", number);
            return fill(space, |setting| any(setting.domain(), &mut stream));
        }
        let mut place = 0;
        let mut generator = || {
            place += 1;
            let seed = seed.derive("tpe", number).derive("setting", place);
            StdRng::seed_from_u64(seed.value())
        };
        fill(space, |setting| {
            let axis = Axis::new(setting.domain());
            let Some(mut optimizer) = axis.optimizer() else {
                return setting.default().clone();
            };
            for trial in finished {
                let active = is_active(setting, &trial.settings);
                let value = trial.settings.get(setting.key());
                let value = value.filter(|value| active && setting.domain().contains(value));
                // The library looks for the smallest value.
                if let (Some(value), Some(score)) = (value, trial.score)
                    && let Some(place) = axis.place(value)
                    && score.is_finite()
                {
                    optimizer
                        .tell(place, -score)
                        .expect("a place inside its range");
                }
            }
            let place = optimizer
                .ask(&mut generator())
                .expect("a range that is not empty");
            axis.value(place)
        })
    }
}

/// A number to nine significant digits. The library takes logarithms of the platform's, whose last digit may be another one
/// elsewhere; nine digits are the same.
fn to_nine_digits(number: f64) -> f64 {
    let text = format!("{number:.8e}");
    text.parse().expect("a number that was written")
}

/// A domain as the line that it is searched on.
enum Axis<'a> {
    Line {
        low: f64,
        high: f64,
        logarithmic: bool,
        whole: bool,
    },
    Choice(&'a [Value]),
}

impl<'a> Axis<'a> {
    fn new(domain: &'a Domain) -> Self {
        match domain {
            Domain::Real {
                low,
                high,
                logarithmic,
            } => Self::Line {
                low: *low,
                high: *high,
                logarithmic: *logarithmic,
                whole: false,
            },
            Domain::Whole {
                low,
                high,
                logarithmic,
            } => Self::Line {
                low: *low as f64,
                high: *high as f64,
                logarithmic: *logarithmic,
                whole: true,
            },
            Domain::Choice(values) => Self::Choice(values),
        }
    }

    /// The ends of the line; the library leaves the upper one out.
    fn ends(&self) -> (f64, f64) {
        match *self {
            Self::Line {
                low,
                high,
                logarithmic,
                whole,
            } => {
                let beyond = if whole { 0.5 } else { 0.0 };
                let (low, high) = (low - beyond, high + beyond);
                if logarithmic {
                    (ln(low), ln(high))
                } else {
                    (low, high)
                }
            }
            Self::Choice(values) => (0.0, values.len() as f64),
        }
    }

    /// `None` where there is nothing to choose from.
    fn optimizer(&self) -> Option<TpeOptimizer> {
        let (low, high) = self.ends();
        Some(match self {
            Self::Choice(values) => {
                TpeOptimizer::new(histogram_estimator(), categorical_range(values.len()).ok()?)
            }
            Self::Line { .. } => TpeOptimizer::new(parzen_estimator(), range(low, high).ok()?),
        })
    }

    /// Where a value of the domain lies on the line.
    fn place(&self, value: &Value) -> Option<f64> {
        let (low, high) = self.ends();
        let place = match (self, value) {
            (Self::Line { logarithmic, .. }, Value::Number(number)) => {
                if *logarithmic {
                    ln(*number)
                } else {
                    *number
                }
            }
            (Self::Choice(values), value) => values.iter().position(|known| known == value)? as f64,
            _ => return None,
        };
        Some(place.clamp(low, high.next_down()))
    }

    /// The value at a place of the line.
    fn value(&self, place: f64) -> Value {
        match *self {
            Self::Line {
                low,
                high,
                logarithmic,
                whole,
            } => {
                let number = if logarithmic { exp(place) } else { place };
                let number = if whole {
                    number.round()
                } else {
                    to_nine_digits(number)
                };
                Value::Number(number.clamp(low, high))
            }
            Self::Choice(values) => values[(place as usize).min(values.len() - 1)].clone(),
        }
    }
}
