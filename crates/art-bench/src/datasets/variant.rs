//! What a matrix may vary of a data set.

use crate::error::BenchError;
use art_core::ParamError;
use art_methods::{UnknownName, Value};
use std::{fmt, str::FromStr};

/// What is done to a data set before or when it is divided.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Variant {
    /// Rows are left out.
    Thinned(Thinning),
    /// Rows with the same features come into the same part.
    EqualRowsTogether,
    /// What is drawn anew for each seed is that of this seed for all of them; the divisions stay each seed's own.
    OneDraw(u64),
}

/// Brings a data set of two classes to an imbalance ratio by leaving out rows.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Thinning {
    /// Majority over minority.
    pub ratio: f64,
    /// Whether validation and test keep all of their rows. Their scores can then be compared from ratio to
    /// ratio; otherwise rows are left out before the split.
    pub train_only: bool,
}

const RATIO: &str = "ratio";
const TRAIN_RATIO: &str = "train-ratio";
const EQUAL_ROWS: &str = "equal-rows";
const DRAW: &str = "draw";
const TOGETHER: &str = "together";
const APART: &str = "apart";
const EACH: &str = "each-seed";

impl Variant {
    /// What can be varied.
    pub(crate) const NAMES: [&str; 4] = [RATIO, TRAIN_RATIO, EQUAL_ROWS, DRAW];

    /// The variant that this value of what is varied stands for; none for the data set as it is.
    ///
    /// # Errors
    /// What the value of such a thing can be; [`BenchError::Unknown`] where nothing is called so.
    pub(crate) fn of(name: &str, value: &Value) -> Result<Option<Self>, BenchError> {
        let thinned = |train_only: bool| match value {
            Value::Number(ratio) => Ok(Some(Self::Thinned(Thinning {
                ratio: *ratio,
                train_only,
            }))),
            Value::Word(_) => {
                let name = if train_only { TRAIN_RATIO } else { RATIO };
                Err(refused(name, value, "a number, as in pima@ratio=10"))
            }
        };
        match (name, value) {
            (RATIO, _) => thinned(false),
            (TRAIN_RATIO, _) => thinned(true),
            (EQUAL_ROWS, Value::Word(word)) if word == TOGETHER => {
                Ok(Some(Self::EqualRowsTogether))
            }
            (EQUAL_ROWS, Value::Word(word)) if word == APART => Ok(None),
            (EQUAL_ROWS, _) => Err(refused(EQUAL_ROWS, value, "together or apart")),
            (DRAW, Value::Word(word)) if word == EACH => Ok(None),
            (DRAW, Value::Number(seed)) if *seed >= 0.0 && seed.fract() == 0.0 => {
                Ok(Some(Self::OneDraw(*seed as u64)))
            }
            (DRAW, _) => Err(refused(DRAW, value, "a seed or each-seed")),
            _ => Err(UnknownName::new("part of a data set's name", name, Self::NAMES).into()),
        }
    }
}

fn refused(name: &'static str, value: &Value, expected: &'static str) -> BenchError {
    ParamError::new(name, value, expected).into()
}

/// `ratio=10`, `train-ratio=10`, `equal-rows=together`, `draw=1`.
impl FromStr for Variant {
    type Err = BenchError;

    fn from_str(text: &str) -> Result<Self, BenchError> {
        let (name, value) = text.split_once('=').unwrap_or((text, ""));
        let number = value.parse().map(Value::Number);
        let value = number.unwrap_or_else(|_| Value::Word(value.to_owned()));
        let is_plain = || {
            let expected = "left out where the data set is taken as it is";
            refused("variant", &value, expected)
        };
        Self::of(name, &value)?.ok_or_else(is_plain)
    }
}

impl fmt::Display for Variant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Thinned(Thinning { ratio, train_only }) => {
                write!(
                    f,
                    "{}={ratio}",
                    if *train_only { TRAIN_RATIO } else { RATIO }
                )
            }
            Self::EqualRowsTogether => write!(f, "{EQUAL_ROWS}={TOGETHER}"),
            Self::OneDraw(seed) => write!(f, "{DRAW}={seed}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variant_is_written_as_it_was_read() {
        for text in [
            "ratio=10",
            "train-ratio=2.5",
            "equal-rows=together",
            "draw=7",
        ] {
            let variant: Variant = text.parse().unwrap();
            assert_eq!(variant.to_string(), text);
        }
    }

    #[test]
    fn what_means_nothing_is_refused_with_what_would() {
        let error = |text: &str| text.parse::<Variant>().unwrap_err().to_string();
        for (text, expected) in [
            ("ratio", "pima@ratio=10"),
            ("ratio=many", "pima@ratio=10"),
            ("equal-rows=apart", "taken as it is"),
            ("equal-rows=2", "together or apart"),
            ("draw=1.5", "a seed"),
            ("draw=-1", "a seed"),
            ("ration=3", "did you mean \"ratio\"?"),
        ] {
            assert!(error(text).contains(expected), "{text}: {}", error(text));
        }
    }
}
