//! Settings as a method declares them: constants that also read their value, with its type.

use crate::{
    setting::{Domain, Setting},
    value::{Settings, Value},
};
use art_core::ParamError;
use std::borrow::Cow;

/// A declared setting: its names, its default, what tuning may try, and what it is. `D` has the kind of its values.
///
/// ```
/// use art_methods::{OneOf, Real, Typed, Whole};
/// const VERSION: Whole = Whole::whole("version", 3, 1, 3);
/// const SCALE: Real = Real::real("scale", 30.0, 5.0, 60.0).logarithmic().help("What cosines are multiplied by");
/// const TRIPLETS: OneOf<bool> = OneOf::one_of("triplets", &[("on", true), ("off", false)]);
/// const MARGIN: Real = Real::real("margin", 1.25, 0.2, 2.0).only_if("triplets", "on");
/// assert_eq!(SCALE.setting().domain().to_string(), "5 to 60, logarithmic");
/// assert_eq!(TRIPLETS.setting().default().to_string(), "on");
/// # let _ = (VERSION, MARGIN);
/// ```
#[derive(Clone, Copy, Debug)]
#[must_use]
#[expect(clippy::struct_field_names, reason = "records call it a key")]
pub struct Key<D> {
    name: &'static str,
    key: &'static str,
    field: &'static str,
    help: &'static str,
    condition: Option<(&'static str, &'static str)>,
    is_tuned: bool,
    is_implied: bool,
    domain: D,
}

/// A number.
pub type Real = Key<Range<f64>>;

/// A whole number, at least 1.
pub type Whole = Key<Range<u32>>;

/// One of a few whole numbers or words, each of which stands for a value.
pub type OneOf<T> = Key<Choices<T>>;

/// A default, and what tuning may try around it.
#[derive(Clone, Copy, Debug)]
pub struct Range<N> {
    default: N,
    low: N,
    high: N,
    logarithmic: bool,
}

/// Words and what they stand for; the first is the default.
#[derive(Debug)]
pub struct Choices<T: 'static> {
    default: usize,
    values: &'static [(&'static str, T)],
}

impl<T> Clone for Choices<T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<T> Copy for Choices<T> {}

impl<D: Copy> Key<D> {
    const fn new(name: &'static str, domain: D) -> Self {
        Self {
            name,
            key: name,
            field: name,
            help: "",
            condition: None,
            is_tuned: true,
            is_implied: false,
            domain,
        }
    }

    /// What records, and the symbols of its source, call it.
    pub const fn recorded_as(self, key: &'static str) -> Self {
        Self { key, ..self }
    }

    /// What the algorithm's parameters call it, whose errors then have the name of the setting.
    pub const fn checked_as(self, field: &'static str) -> Self {
        Self { field, ..self }
    }

    /// What people call it.
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// What it is, in a few words.
    pub const fn help(self, help: &'static str) -> Self {
        Self { help, ..self }
    }

    /// Tried only where the setting that records call `key` has this value; elsewhere it does nothing.
    pub const fn only_if(self, key: &'static str, value: &'static str) -> Self {
        Self {
            condition: Some((key, value)),
            ..self
        }
    }

    /// Left as it is by tuning.
    pub const fn untuned(self) -> Self {
        Self {
            is_tuned: false,
            ..self
        }
    }

    /// Written into records only where it is not the default, so that records from before there was such a setting are still
    /// those of the method.
    pub const fn implied(self) -> Self {
        Self {
            is_implied: true,
            is_tuned: false,
            ..self
        }
    }

    fn declared(&self, default: Value, domain: Domain) -> Setting {
        Setting {
            name: self.name,
            key: self.key,
            field: self.field,
            help: self.help,
            default,
            domain,
            condition: self.condition.map(|(key, value)| (key, value_of(value))),
            is_tuned: self.is_tuned,
            is_implied: self.is_implied,
        }
    }
}

/// A number where the text is one, otherwise a word.
fn value_of(text: &str) -> Value {
    text.parse()
        .map_or_else(|_| Value::from(text), Value::Number)
}

impl<N: Copy> Key<Range<N>> {
    const fn between(name: &'static str, default: N, low: N, high: N) -> Self {
        let logarithmic = false;
        let range = Range {
            default,
            low,
            high,
            logarithmic,
        };
        Self::new(name, range)
    }

    /// Tried evenly on the logarithm.
    pub const fn logarithmic(self) -> Self {
        let domain = Range {
            logarithmic: true,
            ..self.domain
        };
        Self { domain, ..self }
    }
}

impl Real {
    /// A number that tuning may try from `low` to `high`.
    pub const fn real(name: &'static str, default: f64, low: f64, high: f64) -> Self {
        Self::between(name, default, low, high)
    }
}

impl Whole {
    /// A whole number, at least 1, that tuning may try from `low` to `high`.
    pub const fn whole(name: &'static str, default: u32, low: u32, high: u32) -> Self {
        Self::between(name, default, low, high)
    }
}

impl<T> OneOf<T> {
    /// One of these words, the first of which is the default. Where all of them are numbers, they are meant as numbers.
    pub const fn one_of(name: &'static str, values: &'static [(&'static str, T)]) -> Self {
        Self::new(name, Choices { default: 0, values })
    }

    /// The same with the value at this place as its default.
    pub const fn default_at(self, default: usize) -> Self {
        let domain = Choices {
            default,
            values: self.domain.values,
        };
        Self { domain, ..self }
    }
}

/// A declared setting, whatever the type of its values.
pub trait Typed: Copy {
    /// The type of its values.
    type Value;

    /// The setting without the type of its values.
    fn setting(&self) -> Setting;

    /// Its value in `settings`; its default where it is not set.
    ///
    /// # Errors
    /// [`ParamError`] for a value of another kind.
    fn read(&self, settings: &Settings) -> Result<Self::Value, ParamError>;
}

impl Settings {
    /// The value of a declared setting, with its own type; its default where it is not set.
    ///
    /// ```
    /// use art_methods::{Settings, Whole};
    /// const EPOCHS: Whole = Whole::whole("epochs", 5, 1, 10);
    /// let mut settings = Settings::default();
    /// assert_eq!(settings.of(EPOCHS)?, 5);
    /// settings.insert("epochs", 2.0);
    /// assert_eq!(settings.of(EPOCHS)?, 2);
    /// settings.insert("epochs", 2.5);
    /// assert!(settings.of(EPOCHS).is_err());
    /// # Ok::<(), art_core::ParamError>(())
    /// ```
    ///
    /// # Errors
    /// [`ParamError`] for a value of another kind.
    pub fn of<T: Typed>(&self, setting: T) -> Result<T::Value, ParamError> {
        setting.read(self)
    }
}

fn no_kind<T>(
    name: &'static str,
    found: &Value,
    expected: impl Into<Cow<'static, str>>,
) -> Result<T, ParamError> {
    Err(ParamError::new(name, found, expected))
}

impl Typed for Real {
    type Value = f64;

    fn setting(&self) -> Setting {
        let Range {
            default,
            low,
            high,
            logarithmic,
        } = self.domain;
        self.declared(
            default.into(),
            Domain::Real {
                low,
                high,
                logarithmic,
            },
        )
    }

    fn read(&self, settings: &Settings) -> Result<f64, ParamError> {
        match settings.get(self.key) {
            None => Ok(self.domain.default),
            Some(Value::Number(number)) => Ok(*number),
            Some(other) => no_kind(self.name, other, "a number"),
        }
    }
}

impl Typed for Whole {
    type Value = u32;

    fn setting(&self) -> Setting {
        let Range {
            default,
            low,
            high,
            logarithmic,
        } = self.domain;
        self.declared(
            f64::from(default).into(),
            Domain::Whole {
                low: low.into(),
                high: high.into(),
                logarithmic,
            },
        )
    }

    fn read(&self, settings: &Settings) -> Result<u32, ParamError> {
        match settings.get(self.key) {
            None => Ok(self.domain.default),
            Some(Value::Number(number)) if number.fract() == 0.0 && (1.0..1e9).contains(number) => {
                Ok(*number as u32)
            }
            Some(other) => no_kind(self.name, other, "a whole number, at least 1"),
        }
    }
}

impl<T> Choices<T> {
    /// What records have for each of them.
    fn recorded(&self) -> Vec<Value> {
        let words = || self.values.iter().map(|(word, _)| *word);
        let values: Vec<Value> = words().map(value_of).collect();
        if values.iter().all(|value| matches!(value, Value::Number(_))) {
            return values;
        }
        words().map(Value::from).collect()
    }
}

impl<T: Copy> Typed for OneOf<T> {
    type Value = T;

    fn setting(&self) -> Setting {
        let values = self.domain.recorded();
        let default = values[self.domain.default].clone();
        self.declared(default, Domain::Choice(values))
    }

    fn read(&self, settings: &Settings) -> Result<T, ParamError> {
        let values = self.domain.values;
        let Some(chosen) = settings.get(self.key) else {
            return Ok(values[self.domain.default].1);
        };
        let place = self.domain.recorded().iter().position(|v| v == chosen);
        if let Some(place) = place {
            return Ok(values[place].1);
        }
        let words: Vec<&str> = values.iter().map(|(word, _)| *word).collect();
        no_kind(self.name, chosen, one_of(&words))
    }
}

/// `a, b or c`.
fn one_of(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [one] => (*one).to_owned(),
        [first @ .., last] => format!("{} or {last}", first.join(", ")),
    }
}
