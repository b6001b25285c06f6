//! A setting of a method, whatever the type of its values.

use crate::value::Value;
use std::fmt;

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
        let scale = |logarithmic: bool| if logarithmic { ", logarithmic" } else { "" };
        match self {
            Self::Real {
                low,
                high,
                logarithmic,
            } => write!(f, "{low} to {high}{}", scale(*logarithmic)),
            Self::Whole {
                low,
                high,
                logarithmic,
            } => write!(f, "whole numbers {low} to {high}{}", scale(*logarithmic)),
            Self::Choice(values) => {
                let values: Vec<String> = values.iter().map(Value::to_string).collect();
                f.write_str(&values.join(", "))
            }
        }
    }
}

/// A setting of a method, whatever the type of its values; declared as a [`Key`](crate::Key).
#[derive(Clone, Debug, PartialEq)]
pub struct Setting {
    pub(crate) name: &'static str,
    pub(crate) key: &'static str,
    /// What the algorithm's parameters call it.
    pub(crate) field: &'static str,
    pub(crate) help: &'static str,
    pub(crate) default: Value,
    pub(crate) domain: Domain,
    pub(crate) condition: Option<(&'static str, Value)>,
    pub(crate) is_tuned: bool,
    pub(crate) is_implied: bool,
}

impl Setting {
    /// What people call it.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// What records call it; where that is another word, it is the symbol that its source has.
    pub fn key(&self) -> &'static str {
        self.key
    }

    /// Whether people may mean it by `name`.
    pub fn is_called(&self, name: &str) -> bool {
        self.name == name || self.key == name
    }

    /// What it is, in a few words.
    pub fn help(&self) -> &'static str {
        self.help
    }

    /// Its value when nothing is tuned.
    pub fn default(&self) -> &Value {
        &self.default
    }

    /// What tuning may try.
    pub fn domain(&self) -> &Domain {
        &self.domain
    }

    /// The key of a setting and its value that this one waits for.
    pub fn condition(&self) -> Option<(&'static str, &Value)> {
        let (key, value) = self.condition.as_ref()?;
        Some((key, value))
    }

    /// Whether tuning tries other values.
    pub fn is_tuned(&self) -> bool {
        self.is_tuned
    }

    /// Whether records have it only where it is not the default.
    pub fn is_implied(&self) -> bool {
        self.is_implied
    }
}
