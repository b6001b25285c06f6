//! What can be wrong with the name of a method or of its settings.

use art_core::ParamError;
use art_data::nearest_name;
use std::fmt;

/// An error of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum MethodError {
    /// A name that is not known.
    #[error(transparent)]
    Unknown(#[from] UnknownName),
    /// Something behind a method's name that is no setting of its own.
    #[error(
        "{method}: {setting:?} is no setting; write NAME=VALUE, as in art:blend=0.3:boost_frequency=2"
    )]
    NoSetting {
        /// The method as it was typed.
        method: String,
        /// What stands behind its name.
        setting: String,
    },
    /// A setting that has two values.
    #[error("{method}: {setting} is given twice")]
    GivenTwice {
        /// The method as it was typed.
        method: String,
        /// The setting.
        setting: String,
    },
    /// Settings behind a decision rule.
    #[error("{method}: settings stand before the decision rule, as in {instead}")]
    SettingBehindRule {
        /// The method as it was typed.
        method: String,
        /// The same in the right order.
        instead: String,
    },
    /// A name that is taken.
    #[error("there is a method {name:?} already")]
    Duplicate {
        /// The name.
        name: String,
    },
    /// A setting of the wrong kind.
    #[error(transparent)]
    Param(#[from] ParamError),
}

/// A name that is not one of those that are known.
///
/// ```
/// let error = art_methods::UnknownName::new("method", "smoet", ["smote", "ros"]);
/// assert_eq!(error.to_string(), r#"unknown method "smoet", did you mean "smote"?"#);
/// ```
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub struct UnknownName {
    /// Method, setting, data set or key.
    pub what: &'static str,
    /// The name.
    pub name: String,
    /// The known name that it most resembles.
    pub nearest: Option<String>,
    /// All that are known.
    pub known: Vec<String>,
}

impl UnknownName {
    /// That `name` is not one of `known`, with the one that it may have been meant to be.
    pub fn new<'a>(
        what: &'static str,
        name: &str,
        known: impl IntoIterator<Item = &'a str>,
    ) -> Self {
        let known: Vec<&str> = known.into_iter().collect();
        Self {
            what,
            name: name.to_owned(),
            nearest: nearest_name(name, known.iter().copied()).map(str::to_owned),
            known: known.into_iter().map(str::to_owned).collect(),
        }
    }
}

/// With the name that may be meant; where none resembles it, with all of them.
impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "unknown {} {:?}", self.what, self.name)?;
        match &self.nearest {
            Some(name) => write!(f, ", did you mean {name:?}?"),
            None if self.known.is_empty() => f.write_str("; there is none"),
            None => write!(f, "; known are {}", self.known.join(", ")),
        }
    }
}
