//! Settings of methods: their values, and what tuning may try.

use crate::{BenchError, error::unknown};
use art_core::ParamError;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// The value of a setting.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A number, whole or not.
    Number(f64),
    /// One of a few words.
    Word(String),
}

impl From<f64> for Value {
    fn from(number: f64) -> Self {
        Self::Number(number)
    }
}

impl From<&str> for Value {
    fn from(word: &str) -> Self {
        Self::Word(word.to_owned())
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(number) => number.fmt(f),
            Self::Word(word) => word.fmt(f),
        }
    }
}

/// Values of a method's own settings, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Settings(BTreeMap<String, Value>);

impl Settings {
    /// The value of `name`.
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    /// Sets `name`.
    pub fn insert(&mut self, name: &str, value: impl Into<Value>) {
        self.0.insert(name.to_owned(), value.into());
    }

    /// Names and values, in the order of the names.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        self.0.iter().map(|(name, value)| (&**name, value))
    }

    /// The number `name`.
    ///
    /// # Errors
    /// [`ParamError`] when there is none.
    pub fn number(&self, name: &'static str) -> Result<f64, ParamError> {
        match self.get(name) {
            Some(Value::Number(number)) => Ok(*number),
            other => Err(ParamError::new(name, Shown(other), "a number")),
        }
    }

    /// The whole number `name`, at least 1.
    ///
    /// # Errors
    /// [`ParamError`] when there is none.
    pub fn whole(&self, name: &'static str) -> Result<usize, ParamError> {
        let number = self.number(name)?;
        if number.fract() == 0.0 && (1.0..1e9).contains(&number) {
            Ok(number as usize)
        } else {
            Err(ParamError::new(name, number, "a whole number, at least 1"))
        }
    }

    /// The word `name`.
    ///
    /// # Errors
    /// [`ParamError`] when there is none.
    pub fn word(&self, name: &'static str) -> Result<&str, ParamError> {
        match self.get(name) {
            Some(Value::Word(word)) => Ok(word),
            other => Err(ParamError::new(name, Shown(other), "a word")),
        }
    }
}

struct Shown<'a>(Option<&'a Value>);

impl fmt::Display for Shown<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            Some(value) => value.fmt(f),
            None => f.write_str("missing"),
        }
    }
}

/// What tuning may try for a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Domain {
    /// Numbers between two bounds.
    Real {
        /// The smallest.
        low: f64,
        /// The largest.
        high: f64,
        /// Whether ratios matter rather than differences.
        logarithmic: bool,
    },
    /// Whole numbers between two bounds.
    Whole {
        /// The smallest.
        low: i64,
        /// The largest.
        high: i64,
        /// Whether ratios matter rather than differences.
        logarithmic: bool,
    },
    /// One of these.
    Choice(Vec<Value>),
}

impl Domain {
    /// Whether `value` may be tried.
    pub fn contains(&self, value: &Value) -> bool {
        match (self, value) {
            (Self::Real { low, high, .. }, Value::Number(number)) => {
                (*low..=*high).contains(number)
            }
            (Self::Whole { low, high, .. }, Value::Number(number)) => {
                number.fract() == 0.0 && (*low as f64..=*high as f64).contains(number)
            }
            (Self::Choice(values), value) => values.contains(value),
            _ => false,
        }
    }
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Real {
                low,
                high,
                logarithmic,
            } => {
                let scale = if *logarithmic { ", logarithmic" } else { "" };
                write!(f, "{low} to {high}{scale}")
            }
            Self::Whole {
                low,
                high,
                logarithmic,
            } => {
                let scale = if *logarithmic { ", logarithmic" } else { "" };
                write!(f, "whole numbers {low} to {high}{scale}")
            }
            Self::Choice(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                f.write_str(&values.join(", "))
            }
        }
    }
}

/// A setting that a method declares: its name, its value when nothing is tuned, and what tuning may try.
///
/// ```
/// use art_bench::Setting;
/// let settings = [
///     Setting::choice("version", 3.0, [1.0, 2.0, 3.0]),
///     Setting::whole("m", 3, 1..=10).only_if("version", 3.0),
///     Setting::real("scale", 30.0, 5.0..=60.0).logarithmic(),
/// ];
/// assert_eq!(settings[2].domain().to_string(), "5 to 60, logarithmic");
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    name: String,
    default: Value,
    domain: Domain,
    condition: Option<(String, Value)>,
    is_tuned: bool,
}

impl Setting {
    /// A number.
    pub fn real(name: &str, default: f64, range: std::ops::RangeInclusive<f64>) -> Self {
        let (low, high) = range.into_inner();
        Self::new(
            name,
            default.into(),
            Domain::Real {
                low,
                high,
                logarithmic: false,
            },
        )
    }

    /// A whole number.
    pub fn whole(name: &str, default: i64, range: std::ops::RangeInclusive<i64>) -> Self {
        let (low, high) = range.into_inner();
        let domain = Domain::Whole {
            low,
            high,
            logarithmic: false,
        };
        Self::new(name, (default as f64).into(), domain)
    }

    /// One of a few values.
    pub fn choice<V: Into<Value>>(
        name: &str,
        default: V,
        values: impl IntoIterator<Item = V>,
    ) -> Self {
        let values = values.into_iter().map(Into::into).collect();
        Self::new(name, default.into(), Domain::Choice(values))
    }

    fn new(name: &str, default: Value, domain: Domain) -> Self {
        Self {
            name: name.to_owned(),
            default,
            domain,
            condition: None,
            is_tuned: true,
        }
    }

    /// Tried evenly on the logarithm; for numbers only.
    #[must_use]
    pub fn logarithmic(mut self) -> Self {
        if let Domain::Real { logarithmic, .. } | Domain::Whole { logarithmic, .. } =
            &mut self.domain
        {
            *logarithmic = true;
        }
        self
    }

    /// Tried only where the setting `name` has this value; elsewhere it does nothing.
    #[must_use]
    pub fn only_if(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.condition = Some((name.to_owned(), value.into()));
        self
    }

    /// Left as it is by tuning.
    #[must_use]
    pub fn untuned(mut self) -> Self {
        self.is_tuned = false;
        self
    }

    /// Whether tuning tries other values.
    pub fn is_tuned(&self) -> bool {
        self.is_tuned
    }

    /// Its name.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Its value when nothing is tuned.
    pub fn default(&self) -> &Value {
        &self.default
    }

    /// What tuning may try.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The setting and its value that this one waits for.
    pub fn condition(&self) -> Option<(&str, &Value)> {
        let (name, value) = self.condition.as_ref()?;
        Some((name, value))
    }
}

/// What tuning may try for the optimizer, whatever the method.
pub fn training_space() -> [Setting; 2] {
    [
        Setting::real("learning_rate", 1e-3, 1e-4..=1e-2).logarithmic(),
        Setting::real("weight_decay", 1e-2, 1e-6..=1e-2).logarithmic(),
    ]
}

/// The settings with their defaults.
pub(crate) fn defaults(settings: &[Setting]) -> Settings {
    let pairs = settings.iter().map(|s| (s.name.clone(), s.default.clone()));
    Settings(pairs.collect())
}

/// `chosen`, completed by the defaults of the settings that it leaves out.
///
/// # Errors
/// [`BenchError::Unknown`] for a setting that is not declared.
pub(crate) fn resolve(declared: &[Setting], chosen: &Settings) -> Result<Settings, BenchError> {
    let mut settings = defaults(declared);
    for (name, value) in chosen.iter() {
        if settings.get(name).is_none() {
            let known = settings.iter().map(|(name, _)| name);
            return Err(unknown("setting", name, known));
        }
        settings.insert(name, value.clone());
    }
    Ok(settings)
}
