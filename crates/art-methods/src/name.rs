//! What a method is called in a matrix: one of the registry, perhaps in a variant, perhaps with its decision moved.

use crate::{
    decision::{DECISION_RULES, DecisionRule},
    error::{MethodError, UnknownName},
};
use std::{fmt, str::FromStr};

/// `METHOD[:VARIANT][+RULE]`: a method of the registry, a variant of it, and a rule that moves its decision.
///
/// A variant is one or more parts with a `:` between them. `NAME=VALUE` is a setting, in a matrix as on the command line
/// ([`Registry::with_settings`](crate::Registry::with_settings)); a word is a label, which tells entries of a matrix apart
/// whose settings stand beside it.
///
/// ```
/// use art_methods::MethodName;
/// let name: MethodName = "art:eager+tau-e".parse()?;
/// assert_eq!((name.base.as_str(), name.variant.as_deref(), name.rule), ("art", Some("eager"), Some("tau-e")));
/// assert_eq!(name.to_string(), "art:eager+tau-e");
/// assert!("art+tau".parse::<MethodName>().is_err());
/// # Ok::<(), art_methods::MethodError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MethodName {
    /// Id in the registry.
    pub base: String,
    /// The variant: settings and labels.
    pub variant: Option<String>,
    /// Id of the rule.
    pub rule: Option<&'static str>,
}

impl MethodName {
    fn parts(&self) -> impl Iterator<Item = &str> {
        self.variant.iter().flat_map(|variant| variant.split(':'))
    }

    /// The parts of the variant that are settings, `NAME=VALUE`.
    pub fn settings(&self) -> impl Iterator<Item = &str> {
        self.parts().filter(|part| part.contains('='))
    }

    /// The parts of the variant that are labels.
    pub fn words(&self) -> impl Iterator<Item = &str> {
        self.parts().filter(|part| !part.contains('='))
    }

    /// The rule.
    pub(crate) fn decision_rule(&self) -> Option<DecisionRule> {
        let id = self.rule?;
        DECISION_RULES.into_iter().find(|rule| rule.id == id)
    }
}

impl FromStr for MethodName {
    type Err = MethodError;

    fn from_str(text: &str) -> Result<Self, MethodError> {
        let (method, rule) = match text.split_once('+') {
            None => (text, None),
            Some((method, behind)) => {
                let (id, settings) = behind.split_once(':').unwrap_or((behind, ""));
                let known = || DECISION_RULES.iter().map(|rule| rule.id);
                let rule = known().find(|known| *known == id);
                let rule = rule.ok_or_else(|| UnknownName::new("decision rule", id, known()))?;
                if !settings.is_empty() {
                    return Err(MethodError::SettingBehindRule {
                        method: text.to_owned(),
                        instead: format!("{method}:{settings}+{id}"),
                    });
                }
                (method, Some(rule))
            }
        };
        let (base, variant) = match method.split_once(':') {
            None => (method, None),
            Some((base, variant)) => (base, Some(variant.to_owned())),
        };
        Ok(Self {
            base: base.to_owned(),
            variant,
            rule,
        })
    }
}

impl fmt::Display for MethodName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.base)?;
        if let Some(variant) = &self.variant {
            write!(f, ":{variant}")?;
        }
        if let Some(rule) = self.rule {
            write!(f, "+{rule}")?;
        }
        Ok(())
    }
}
